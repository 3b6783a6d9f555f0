//! The words as data: what a whole message means, and the vocabulary of the English rules.

use super::Intent;

/// The version of the tables and rules; it is stored with every decision that rests on them.
pub const WORDS_VERSION: &str = "2026-11.2";

/// What one whole message means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Lower case, without accents, spaces and punctuation.
    pub text: &'static str,
    /// The language (ISO 639) that the contact or the account must have, or `None`: it counts in any.
    pub language: Option<&'static str>,
    /// What it means.
    pub intent: Intent,
    /// Whether a host may use it as a command of its own; then conek asks instead of acting.
    pub may_be_command: bool,
    /// Who says so.
    pub source: &'static str,
    /// The native speaker who confirmed it. Words of one language need one.
    pub reviewed_by: Option<&'static str>,
}

const CARRIERS: &str = "opt-out keywords that carriers and messaging providers publish";
const FCC: &str = "47 CFR 64.1200(a)(10)";

const fn any(text: &'static str, intent: Intent, source: &'static str) -> Word {
    Word { text, language: None, intent, may_be_command: false, source, reviewed_by: None }
}
const fn or_command(text: &'static str, source: &'static str) -> Word {
    Word { may_be_command: true, ..any(text, Intent::OptOut, source) }
}

/// Whole messages that count in any language.
pub const WORDS: &[Word] = &[
    any("stop", Intent::OptOut, FCC),
    any("stopall", Intent::OptOut, CARRIERS),
    any("unsubscribe", Intent::OptOut, FCC),
    or_command("cancel", FCC),
    or_command("end", FCC),
    or_command("quit", FCC),
    any("revoke", Intent::OptOut, FCC),
    any("optout", Intent::OptOut, FCC),
    any("remove", Intent::OptOut, CARRIERS),
    any("arret", Intent::OptOut, CARRIERS),
    any("start", Intent::OptIn, CARRIERS),
    any("unstop", Intent::OptIn, CARRIERS),
    any("help", Intent::Help, CARRIERS),
    any("info", Intent::Help, CARRIERS),
];

/// Words around a request that change nothing about it.
pub(super) const POLITE: &[&str] = &[
    "please",
    "pls",
    "plz",
    "plse",
    "kindly",
    "thanks",
    "thank",
    "thx",
    "you",
    "now",
    "just",
    "immediately",
    "hi",
    "hello",
    "hey",
    "dear",
    "sir",
    "madam",
    "guys",
    "ok",
    "okay",
    "yes",
];
/// What may stand before an imperative, besides [`POLITE`].
pub(super) const LEAD: &[&str] =
    &["can", "could", "would", "will", "u", "must", "should", "oh", "and", "then"];
/// Verbs that end something.
pub(super) const CEASE: &[&str] = &["stop", "cease", "quit", "halt", "desist", "end"];
/// Verbs that end something by its name only: an order is not a subscription.
pub(super) const CANCEL: &[&str] = &["cancel", "remove", "delete", "discontinue", "terminate"];
/// What we send, as people call it.
pub(super) const OBJECTS: &[&str] = &[
    "message",
    "messages",
    "messaging",
    "msg",
    "msgs",
    "text",
    "texts",
    "texting",
    "sms",
    "smses",
    "smss",
    "whatsapp",
    "whatsapps",
    "whatsapping",
    "promo",
    "promos",
    "promotion",
    "promotions",
    "promotional",
    "marketing",
    "ad",
    "ads",
    "advert",
    "adverts",
    "advertising",
    "advertisement",
    "advertisements",
    "spam",
    "spamming",
    "newsletter",
    "newsletters",
    "notification",
    "notifications",
    "subscription",
    "subscriptions",
    "list",
    "communication",
    "communications",
    "broadcast",
    "broadcasts",
    "contacting",
    "bothering",
    "harassing",
    "disturbing",
    "campaign",
    "campaigns",
];
/// Doing words that need a person behind them, or nothing at all.
pub(super) const DOINGS: &[&str] = &["sending", "calling", "phoning", "writing", "inboxing"];
pub(super) const PERSON: &[&str] = &["me", "us"];
/// What may be removed of a person.
pub(super) const MINE: &[&str] =
    &["number", "no", "nr", "num", "name", "details", "contact", "contacts", "info", "data", "phone", "cell"];
/// Verbs of writing to somebody.
pub(super) const CONTACT: &[&str] =
    &["text", "message", "msg", "contact", "whatsapp", "sms", "spam", "bother", "disturb", "inbox", "dm"];
/// What follows "don't send me" in a refusal of everything.
pub(super) const ANYTHING: &[&str] =
    &["anything", "any", "more", "again", "anymore", "these", "this", "stuff", "things", "such", "nonsense"];
/// Negations.
pub(super) const NOT: &[&str] = &[
    "dont", "not", "never", "cant", "cannot", "wont", "couldnt", "wouldnt", "shouldnt", "didnt", "doesnt",
    "isnt", "wasnt", "arent", "without", "neednt",
];
/// What may stand between a negation and its verb.
pub(super) const AFTER_NOT: &[&str] = &[
    "ever", "you", "u", "i", "we", "they", "it", "want", "wanna", "wish", "to", "please", "just", "really",
    "even", "seem", "going", "gonna", "let", "them", "able", "be", "need", "like", "would", "will",
];
/// What may stand between "I don't want" and the thing.
pub(super) const AFTER_WANT: &[&str] = &[
    "any",
    "more",
    "further",
    "get",
    "getting",
    "receive",
    "receiving",
    "your",
    "ur",
    "these",
    "this",
    "those",
    "such",
    "the",
    "anymore",
    "from",
    "marketing",
    "stupid",
    "annoying",
    "be",
    "on",
    "part",
    "of",
];
pub(super) const WANT: &[&str] = &["want", "wanna", "wish", "like", "need"];
/// After these begins another thought.
pub(super) const TURNS: &[&str] =
    &["and", "then", "but", "so", "when", "if", "because", "before", "after", "until", "till", "while", "or"];
/// "stop by", "stop over": a visit.
pub(super) const VISIT: &[&str] = &["by", "over", "in", "at", "off"];
/// "stop sign", "end of": no verb.
pub(super) const NOUN_AFTER: &[&str] =
    &["of", "loss", "sign", "street", "light", "lights", "watch", "motion", "result", "user", "date", "time"];
/// "bus stop", "non-stop", "full stop": no verb.
pub(super) const NOUN_BEFORE: &[&str] = &[
    "bus", "taxi", "train", "truck", "pit", "full", "non", "short", "door", "next", "last", "first", "one",
    "tab", "key", "f", "dead", "week", "month", "year", "day", "high", "low", "tail", "back", "front", "at",
];
/// "the stop", "my stop": no verb either.
pub(super) const ARTICLE: &[&str] = &["the", "a", "my", "your", "our", "each", "every"];
/// Objects that name nothing.
pub(super) const PRONOUN: &[&str] = &["it", "this", "that", "all", "everything", "these", "those"];
