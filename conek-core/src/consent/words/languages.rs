//! Words and turns of phrase that mean something in one language only. Until a native speaker has
//! confirmed a row it still stops: what is read wrongly in that direction costs an offer, not a right.

use super::{Intent, Word};

const UI: &str = "the verb that LibreOffice's translators chose for Stop";
const USAGE: &str = "common usage";
const PROVIDERS: &str = "opt-out keywords that messaging providers publish for the language";

const fn stop(language: &'static str, text: &'static str, source: &'static str) -> Word {
    Word {
        text,
        language: Some(language),
        intent: Intent::OptOut,
        may_be_command: true,
        source,
        reviewed_by: None,
    }
}

/// Whole messages that end marketing in their language; from anybody else they are a question.
pub const TIER_B: &[Word] = &[
    stop("af", "uitteken", USAGE),
    stop("af", "kanselleer", USAGE),
    stop("af", "houop", USAGE),
    stop("zu", "misa", UI),
    stop("zu", "yeka", USAGE),
    stop("xh", "nqumama", UI),
    stop("xh", "yima", USAGE),
    stop("xh", "yeka", USAGE),
    stop("st", "emisa", UI),
    stop("tn", "ema", UI),
    stop("nso", "ema", UI),
    stop("ts", "yima", UI),
    stop("ve", "imani", UI),
    stop("ss", "mani", UI),
    stop("nr", "jama", UI),
    stop("fr", "desabonner", USAGE),
    stop("fr", "desinscrire", USAGE),
    stop("de", "halt", PROVIDERS),
    stop("de", "stopp", PROVIDERS),
    stop("de", "abmelden", USAGE),
    stop("de", "abbestellen", USAGE),
    stop("es", "detener", PROVIDERS),
    stop("es", "baja", USAGE),
    stop("pt", "parar", PROVIDERS),
    stop("pt", "sair", USAGE),
    stop("it", "ferma", PROVIDERS),
    stop("it", "cancellami", USAGE),
    stop("nl", "afmelden", USAGE),
    stop("nl", "uitschrijven", USAGE),
    stop("pl", "zatrzymaj", PROVIDERS),
    stop("pl", "wypisz", USAGE),
    stop("ru", "остановить", PROVIDERS),
    stop("ru", "отписаться", USAGE),
];

/// A turn of phrase that refuses messages, wherever it stands.
pub(super) struct Phrase {
    pub(super) language: &'static str,
    /// Its words, folded as a message is.
    pub(super) words: &'static [&'static str],
}

macro_rules! phrases {
    ($($language:literal: $([$($word:literal)+])+;)+) => {
        &[$($(Phrase { language: $language, words: &[$($word),+] }),+),+]
    };
}

pub(super) const PHRASES: &[Phrase] = phrases! {
    "af": ["geen" "boodskappe" "meer"] ["nie" "meer" "boodskappe"] ["haal" "my" "af"] ["skryf" "my" "uit"]
        ["teken" "my" "uit"] ["verwyder" "my"] ["hou" "op" "om"] ["stop" "die" "boodskappe"]
        ["moenie" "vir" "my" "boodskappe"] ["moenie" "my" "meer"] ["stop" "met" "die" "boodskappe"];
    "nl": ["geen" "berichten" "meer"] ["geen" "reclame" "meer"] ["schrijf" "me" "uit"] ["meld" "me" "af"]
        ["stop" "met" "berichten"] ["haal" "me" "van"] ["niet" "meer" "appen"] ["me" "uitschrijven"]
        ["me" "afmelden"];
    "de": ["keine" "nachrichten" "mehr"] ["keine" "weiteren" "nachrichten"] ["keine" "werbung"]
        ["nicht" "mehr" "anschreiben"] ["melden" "sie" "mich" "ab"] ["mich" "abmelden"]
        ["horen" "sie" "auf"] ["nehmen" "sie" "mich" "aus"];
    "fr": ["plus" "de" "messages"] ["plus" "de" "publicite"] ["nenvoyez" "plus"] ["menvoyez" "plus"]
        ["me" "desabonner"] ["me" "desinscrire"] ["desabonnez" "moi"] ["desinscrivez" "moi"]
        ["arretez" "de"] ["ne" "mecrivez" "plus"];
    "es": ["no" "quiero" "mas" "mensajes"] ["no" "me" "envien" "mas"] ["no" "me" "manden" "mas"]
        ["darme" "de" "baja"] ["denme" "de" "baja"] ["dar" "de" "baja"] ["dejen" "de" "enviar"]
        ["dejen" "de" "mandar"];
    "pt": ["nao" "quero" "mais" "mensagens"] ["nao" "quero" "receber"] ["parem" "de" "enviar"]
        ["parem" "de" "mandar"] ["sair" "da" "lista"] ["cancelar" "inscricao"];
    "it": ["non" "voglio" "piu" "messaggi"] ["non" "mandatemi" "piu"] ["basta" "messaggi"]
        ["smettete" "di"] ["annullare" "liscrizione"];
    "pl": ["nie" "chce" "wiecej"] ["prosze" "mnie" "wypisac"] ["nie" "wysylajcie"];
    "zu": ["ningangithumeleli"] ["ungangithumeleli"] ["yeka" "ukungithumelela"] ["yekani" "ukungithumelela"];
    "xh": ["musa" "ukundithumelela"] ["sukundithumelela"] ["yeka" "ukundithumelela"];
};

/// What turns one of the words above into its opposite.
pub(super) const NOT: &[&str] = &["nie", "niet", "nicht", "pas", "nao", "non", "ne"];

/// A phrase with one of these refuses by itself: a negation before it belongs to it.
pub(super) const REFUSING: &[&str] =
    &["geen", "nie", "moenie", "niet", "keine", "nicht", "plus", "no", "nao", "non", "basta", "ne", "musa"];

/// What makes a yes or a no to the request for consent polite.
pub(super) const POLITE: &[&str] = &[
    "asseblief",
    "dankie",
    "bitte",
    "danke",
    "svp",
    "merci",
    "porfavor",
    "por",
    "favor",
    "gracias",
    "obrigado",
    "obrigada",
    "grazie",
    "alstublieft",
    "aub",
    "graag",
    "bedankt",
    "prosze",
    "dziekuje",
    "ngicela",
    "ngiyabonga",
    "nceda",
    "enkosi",
    "siyabonga",
    "i",
];

/// Yes, as the whole answer to the request for consent.
pub(super) const YES: &[&str] = &[
    "yes", "yep", "yeah", "yebo", "ewe", "ee", "eya", "ja", "jawohl", "oui", "si", "sim", "tak", "да",
    "agree", "accept",
];

/// No, as the whole answer to the request for consent.
pub(super) const NO: &[&str] = &[
    "no", "nope", "nah", "nee", "nein", "non", "nao", "nie", "нет", "cha", "hayi", "tjhe", "nnyaa", "never",
];

/// The language of a tag, in its shortest code: `zu-ZA` and `zul` are `zu`.
pub(crate) fn primary(tag: &str) -> String {
    let code = tag.split(['-', '_']).next().unwrap_or_default().trim().to_ascii_lowercase();
    match code.as_str() {
        "afr" => "af",
        "eng" => "en",
        "zul" => "zu",
        "xho" => "xh",
        "sot" => "st",
        "tsn" => "tn",
        "tso" => "ts",
        "ven" => "ve",
        "ssw" => "ss",
        "nbl" => "nr",
        "fra" | "fre" => "fr",
        "deu" | "ger" => "de",
        "spa" => "es",
        "por" => "pt",
        "ita" => "it",
        "nld" | "dut" => "nl",
        "pol" => "pl",
        "rus" => "ru",
        other => other,
    }
    .to_owned()
}
