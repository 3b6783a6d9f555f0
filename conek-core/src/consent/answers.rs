//! What the engine itself says to people, by language: data that a native speaker can review.

/// The engine's own sentences in one language. `{}` is the business.
pub(crate) struct Answers {
    /// ISO 639.
    pub(crate) language: &'static str,
    /// The one confirmation of an opt-out: no promotion, and how to come back.
    confirmation: &'static str,
    /// Asked when it is not clear whether somebody opts out. It must not read like a confirmation.
    pub(crate) question: &'static str,
    /// At most 20 characters, as every button.
    pub(crate) yes_stop: &'static str,
    /// At most 20 characters.
    pub(crate) no: &'static str,
    /// The native speaker who confirmed them.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the state of the review, for whoever reads the table")
    )]
    reviewed_by: Option<&'static str>,
}

const fn answers(
    language: &'static str,
    confirmation: &'static str,
    question: &'static str,
    yes_stop: &'static str,
    no: &'static str,
) -> Answers {
    Answers { language, confirmation, question, yes_stop, no, reviewed_by: None }
}

/// English first: it answers everybody whose language is not here.
pub(crate) const ANSWERS: &[Answers] = &[
    answers(
        "en",
        "You will receive no more marketing messages from {}. Reply START if you want them again.",
        "Should we stop sending you offers?",
        "Yes, stop",
        "No",
    ),
    answers(
        "af",
        "Jy sal nie meer bemarkingsboodskappe van {} ontvang nie. Antwoord START as jy dit weer wil hê.",
        "Moet ons ophou om vir jou aanbiedinge te stuur?",
        "Ja, hou op",
        "Nee",
    ),
    answers(
        "zu",
        "Ngeke usathola imilayezo yokukhangisa evela ku-{}. Phendula ngo-START uma usuyifuna futhi.",
        "Ingabe ufuna siyeke ukukuthumelela imilayezo yokukhangisa?",
        "Yebo, yekani",
        "Cha",
    ),
    answers(
        "xh",
        "Awusayi kufumana miyalezo yentengiso evela ku-{}. Phendula ngo-START ukuba uyayifuna kwakhona.",
        "Ingaba ufuna siyeke ukukuthumelela imiyalezo yentengiso?",
        "Ewe, yekani",
        "Hayi",
    ),
    answers(
        "nl",
        "Je ontvangt geen marketingberichten meer van {}. Antwoord START als je ze weer wilt.",
        "Zullen we je geen aanbiedingen meer sturen?",
        "Ja, stop",
        "Nee",
    ),
    answers(
        "de",
        "Sie erhalten keine Werbenachrichten mehr von {}. Antworten Sie START, wenn Sie sie wieder möchten.",
        "Sollen wir Ihnen keine Angebote mehr senden?",
        "Ja, bitte stoppen",
        "Nein",
    ),
    answers(
        "fr",
        "Vous ne recevrez plus de messages publicitaires de {}. Répondez START pour en recevoir à nouveau.",
        "Devons-nous cesser de vous envoyer des offres ?",
        "Oui, arrêtez",
        "Non",
    ),
    answers(
        "es",
        "Ya no recibirá mensajes publicitarios de {}. Responda START si desea recibirlos de nuevo.",
        "¿Desea que dejemos de enviarle ofertas?",
        "Sí, no más",
        "No",
    ),
    answers(
        "pt",
        "Não receberá mais mensagens de marketing de {}. Responda START se as quiser receber novamente.",
        "Quer que deixemos de lhe enviar ofertas?",
        "Sim, parem",
        "Não",
    ),
    answers(
        "it",
        "Non riceverà più messaggi promozionali da {}. Risponda START se li desidera di nuovo.",
        "Dobbiamo smettere di inviarle offerte?",
        "Sì, basta",
        "No",
    ),
    answers(
        "pl",
        "Nie będziesz już otrzymywać wiadomości marketingowych od {}. Odpowiedz START, jeśli znów ich chcesz.",
        "Czy mamy przestać wysyłać Ci oferty?",
        "Tak, przestańcie",
        "Nie",
    ),
];

impl Answers {
    /// The sentences for somebody who speaks this language; English where it is none of ours.
    pub(crate) fn of(language: Option<&str>) -> &'static Self {
        let primary = super::words::primary_language(language.unwrap_or_default());
        ANSWERS.iter().find(|a| a.language == primary).unwrap_or(&ANSWERS[0])
    }

    pub(crate) fn confirmation(&self, business: &str) -> String {
        self.confirmation.replacen("{}", business, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::words::{Intent, read_intent};

    #[test]
    fn every_language_has_whole_answers_that_fit_a_button_and_promote_nothing() {
        for a in ANSWERS {
            assert_eq!(a.confirmation.matches("{}").count(), 1, "{}", a.language);
            assert!(a.confirmation("Karoo Coffee").contains("Karoo Coffee"));
            assert!(a.confirmation.contains("START"), "{}", a.language);
            assert!(a.yes_stop.chars().count() <= 20 && a.no.chars().count() <= 20, "{}", a.language);
            assert!(a.question.contains('?') && !a.question.contains("START"), "{}", a.language);
            assert!(a.reviewed_by.is_none_or(|by| !by.is_empty()));
        }
        assert_eq!(Answers::of(Some("zul-ZA")).language, "zu");
        assert_eq!(Answers::of(Some("tlh")).language, "en");
        assert_eq!(read_intent("START"), Intent::OptIn);
    }
}
