//! Words by which people ask about their data. They open a request and do nothing else, so that a wrong reading costs
//! a human's look at it.

/// What somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// To see their data.
    Access,
    /// To be erased.
    Erasure,
}

/// Whole messages, in whatever language the person has: none means anything else in another.
pub(super) const ACCESS: &[&str] = &[
    "my data",
    "send me my data",
    "show me my data",
    "give me my data",
    "i want my data",
    "export my data",
    "download my data",
    "access my data",
    "request my data",
    "what data do you have about me",
    "what data do you have on me",
    "what do you know about me",
    "what information do you have about me",
    "stuur my data",
    "stuur my my data",
    "watter data het julle van my",
    "wat weet julle van my",
    "meine daten",
    "datenauskunft",
    "senden sie mir meine daten",
    "schick mir meine daten",
    "welche daten haben sie von mir",
    "welche daten habt ihr von mir",
    "mijn gegevens",
    "stuur mijn gegevens",
    "stuur mij mijn gegevens",
    "welke gegevens hebben jullie van mij",
    "mes données",
    "envoyez-moi mes données",
    "quelles données avez-vous sur moi",
    "mis datos",
    "envíame mis datos",
    "qué datos tienen de mí",
    "meus dados",
    "envie meus dados",
    "os meus dados",
    "i miei dati",
    "inviatemi i miei dati",
];

/// The same, to be erased.
pub(super) const ERASURE: &[&str] = &[
    "delete my data",
    "erase my data",
    "remove my data",
    "delete my information",
    "delete all my data",
    "erase me",
    "forget me",
    "delete me",
    "please delete my data",
    "please erase my data",
    "verwyder my data",
    "vee my data uit",
    "vergeet my",
    "skrap my data",
    "lösche meine daten",
    "löscht meine daten",
    "löschen sie meine daten",
    "meine daten löschen",
    "bitte löschen sie meine daten",
    "daten löschen",
    "verwijder mijn gegevens",
    "wis mijn gegevens",
    "vergeet mij",
    "supprimez mes données",
    "supprime mes données",
    "effacez mes données",
    "supprimer mes données",
    "borra mis datos",
    "borren mis datos",
    "eliminen mis datos",
    "elimina mis datos",
    "apaguem meus dados",
    "apagar meus dados",
    "excluam meus dados",
    "apague os meus dados",
    "cancellate i miei dati",
    "cancella i miei dati",
];

/// The answer that a request came in; `{}` is the day by which it is answered.
const RECEIPTS: &[(&str, &str)] = &[
    ("en", "We have your request about your data. You get an answer by {}."),
    ("af", "Ons het jou versoek oor jou data. Jy kry teen {} 'n antwoord."),
    ("nl", "We hebben je verzoek over je gegevens. Je krijgt uiterlijk {} antwoord."),
    ("de", "Ihre Anfrage zu Ihren Daten ist da. Sie bekommen bis {} eine Antwort."),
    ("fr", "Nous avons votre demande au sujet de vos données. Vous aurez une réponse d'ici le {}."),
    ("es", "Tenemos su solicitud sobre sus datos. Recibirá una respuesta antes del {}."),
    ("pt", "Recebemos o seu pedido sobre os seus dados. Terá uma resposta até {}."),
    ("it", "Abbiamo la sua richiesta sui suoi dati. Avrà una risposta entro il {}."),
];

/// Says in the person's language that their request is there.
pub(crate) fn receipt(language: Option<&str>, day: &str) -> String {
    let primary = super::primary_language(language.unwrap_or_default());
    let (_, text) = RECEIPTS.iter().find(|(l, _)| *l == primary).unwrap_or(&RECEIPTS[0]);
    text.replacen("{}", day, 1)
}
