//! The shop: what it is called, what it tells people, what it offers and what that costs.

use conek_core::{
    Purpose,
    campaigns::{Audience, CampaignSpec, Rate, Variable},
    consent::{NewNotice, NoticeContents, NoticePurpose, NoticeRight, NoticeTransfer},
    messaging::{Template, TemplateCategory},
    policy::LegalBasis,
};

use super::args::Args;

/// The made-up business of the simulation.
pub(super) const BUSINESS: &str = "Karoo Coffee";

/// Whom its made-up customers ask about their data.
pub(super) const PRIVACY_CONTACT: &str = "privacy@karoo.example";

/// What one marketing message costs, in millionths of a US dollar. Examples of the right size:
/// the prices that hold are in WhatsApp's rate card.
const EXAMPLE_RATES: &[(&str, i64)] = &[
    ("ZA", 37_900),
    ("GB", 52_900),
    ("DE", 136_500),
    ("FR", 85_900),
    ("NL", 159_700),
    ("IT", 69_100),
    ("ES", 61_500),
    ("*", 60_400),
];

const OFFERS: &[&str] = &[
    "this week we roast Cederberg, a new bean with honey and orange peel: 10 % off until Sunday with the code KAROO10.",
    "the Swartberg espresso is back, and the second bag costs half until Sunday.",
    "bring an empty jar on Saturday and we fill it for the price of a bag.",
];

pub(super) fn rates() -> Vec<Rate> {
    let rate = |(country, micros): &(&str, i64)| Rate {
        country: (*country).to_owned(),
        category: "marketing".to_owned(),
        currency: "USD".to_owned(),
        micros: *micros,
    };
    EXAMPLE_RATES.iter().map(rate).collect()
}

pub(super) fn notice(business: &str, privacy_contact: &str) -> NewNotice {
    NewNotice {
        language: "en".to_owned(),
        title: format!("How {business} uses your data"),
        text: format!(
            "{business} keeps your name and number to tell you about our products on WhatsApp, if you agreed to it or \
             bought from us. Reply STOP to any message and it ends at once. Ask us for your data or for its deletion: \
             {privacy_contact}."
        ),
        summary: "First version.".to_owned(),
        effective_from: None,
        contents: contents(business, privacy_contact),
        material: false,
    }
}

/// What the notice says, as POPIA s18 and GDPR 13 list it; with something missing it is not published.
fn contents(business: &str, privacy_contact: &str) -> NoticeContents {
    let some = |text: &str| Some(text.to_owned());
    let on = |code: &str, basis| NoticePurpose { code: code.to_owned(), basis, interest: None };
    NoticeContents {
        categories: vec!["name and number".to_owned(), "what you bought from us".to_owned()],
        controller: some(business),
        address: some("1 Example Street, Cape Town"),
        contact: some(privacy_contact),
        officer: some(privacy_contact),
        purposes: vec![on("comms.marketing", LegalBasis::Consent), on("comms.support", LegalBasis::Contract)],
        mandatory: Some(false),
        consequences: some("we cannot tell you about our products"),
        recipients: vec!["WhatsApp (Meta)".to_owned()],
        transferred: Some(true),
        transfers: vec![NoticeTransfer {
            country: "US".to_owned(),
            safeguards: "Meta's Data Privacy Framework certificate and standard contractual clauses"
                .to_owned(),
        }],
        retention: some("until you say stop, or two years after your last message"),
        rights: vec![
            NoticeRight::Access,
            NoticeRight::Rectification,
            NoticeRight::Erasure,
            NoticeRight::Restriction,
            NoticeRight::Objection,
            NoticeRight::Portability,
            NoticeRight::Withdrawal,
            NoticeRight::Complaint,
        ],
        authority: some("Information Regulator (South Africa), https://inforegulator.org.za"),
        automated_decisions: Some(false),
        ..NoticeContents::default()
    }
}

/// The template as WhatsApp holds it.
pub(super) fn template(args: &Args, business: &str) -> Template {
    let body = args.template_text.clone().unwrap_or_else(|| {
        format!("Hi {{{{1}}}}, {business} here: {{{{2}}}} Reply STOP and we never write again.")
    });
    Template::new(&args.template, &args.language, TemplateCategory::Marketing, body)
}

/// One campaign; the offers take turns.
pub(super) fn campaign(template: &Template, number: usize, audience: Audience) -> CampaignSpec {
    let mut variables = vec![Variable::Attribute {
        name: String::new(),
        attribute: "name".to_owned(),
        fallback: Some("there".to_owned()),
    }];
    if template.body.contains("{{2}}") {
        let text = OFFERS[number % OFFERS.len()].to_owned();
        variables.push(Variable::Literal { name: String::new(), text });
    }
    CampaignSpec {
        name: format!("Offer {}", number + 1),
        audience,
        template: template.name.clone(),
        language: template.language.clone(),
        variables,
        purpose: Purpose::Marketing,
        sender: None,
        not_before: None,
        expires_at: None,
        goods: Some("coffee".to_owned()),
    }
}
