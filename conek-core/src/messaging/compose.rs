//! From a draft to what the gate looks at: who is meant, what it says, whether the template fits.

use std::sync::{Arc, PoisonError};

use super::{
    content::{Content, Header, Parameter},
    model::{Template, TemplateCategory},
    row::Clear,
};
use crate::{
    consent::ConsentStatus,
    engine::Inner,
    messaging::Purpose,
    people::Person,
    policy::{
        AgreementFacts, ConsentFacts, Facts, MessageFacts, PersonFacts, RelationshipFacts, TemplateFacts,
    },
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

/// Words by which a message tells people how to stop, in the languages of conek's first users.
const OPT_OUT_WORDS: &[&str] = &[
    "stop",
    "opt out",
    "opt-out",
    "unsubscribe",
    "afmelden",
    "afmeld",
    "uitteken",
    "abmelden",
    "arret",
    "arrêt",
    "désabonner",
    "baja",
    "cancelar",
    "sair",
    "parar",
    "disiscriviti",
    "misa",
    "yeka",
    "emisa",
];

/// What a message says, as far as the law asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Says {
    pub(crate) has_opt_out: bool,
    pub(crate) names_sender: bool,
    /// Whether it reads as an offer. Asked only where that may not be.
    pub(crate) promotes: bool,
}

/// Words of offers, in the languages of conek's first users. They are looked for in requests for consent
/// and confirmations of opt-outs alone, which must not promote.
const OFFER_WORDS: &[&str] = &[
    "% off",
    "discount",
    "special offer",
    "sale ends",
    "on sale",
    "promo code",
    "voucher",
    "coupon",
    "free gift",
    "buy now",
    "shop now",
    "order now",
    "limited time",
    "don't miss",
    "save up to",
    "afslag",
    "spesiale aanbod",
    "korting",
    "aanbieding",
    "rabatt",
    "angebot",
    "sonderangebot",
    "remise",
    "promotion",
    "soldes",
    "descuento",
    "oferta",
    "desconto",
    "promoção",
    "sconto",
    "offerta",
    "isaphulelo",
];

impl Inner {
    /// The template that a content names, as WhatsApp holds it.
    pub(crate) fn template_of(&self, content: &Content) -> Result<Option<Arc<Template>>> {
        let Content::Template { name, language, .. } = content else { return Ok(None) };
        match self.template(name, language) {
            Some(template) => Ok(Some(template)),
            None => Err(Error::invalid(
                "content.name",
                format!(
                    "no template {name:?} in language {language:?} is known; store it with templates.put"
                ),
            )),
        }
    }

    /// What a content says, with its template's fixed words.
    pub(crate) fn says(&self, content: &Content, template: Option<&Arc<Template>>) -> Says {
        let mut says = template.map_or_else(Says::default, |t| self.template_says(t));
        each_text(content, &mut |text| self.listen(text, &mut says));
        says
    }

    /// What a template's own words say. A campaign asks again and again about the same one.
    fn template_says(&self, template: &Arc<Template>) -> Says {
        let last = self.last_says.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, says)) = last.filter(|(t, _)| Arc::ptr_eq(t, template)) {
            return says;
        }
        let mut says = Says::default();
        for text in template
            .header
            .iter()
            .chain(Some(&template.body))
            .chain(&template.footer)
            .chain(&template.buttons)
        {
            self.listen(text, &mut says);
        }
        *self.last_says.write().unwrap_or_else(PoisonError::into_inner) = Some((template.clone(), says));
        says
    }

    fn listen(&self, text: &str, says: &mut Says) {
        let text = text.to_lowercase();
        let has = |word: &str| text.contains(word);
        says.has_opt_out = says.has_opt_out
            || OPT_OUT_WORDS.iter().any(|w| has(w))
            || self.link_start.as_deref().is_some_and(has);
        says.names_sender = says.names_sender || has(&self.business_lower);
        says.promotes = says.promotes || OFFER_WORDS.iter().any(|w| has(w));
    }

    /// Everything that the decision about one message to one person rests on.
    pub(crate) fn facts(
        &self,
        person: &Person,
        message: Option<&str>,
        clear: &Clear,
        template: Option<&Template>,
        now: Timestamp,
    ) -> Facts {
        // A request for consent asks for marketing: that is where it stands.
        let asked_for = match clear.purpose {
            Purpose::ConsentRequest => Purpose::Marketing,
            other => other,
        };
        // The one request does not stand in its own way when it is looked at again.
        let own_request = clear.purpose == Purpose::ConsentRequest
            && message.is_some()
            && person.requested_by.as_deref() == message;
        let consent = match person.standing(asked_for) {
            Some(s) if !(own_request && s.status == ConsentStatus::Requested) => ConsentFacts {
                status: s.status,
                since: Some(s.since),
                demonstrable: s.demonstrable,
                valid_until: s.valid_until,
                goods: s.goods.clone(),
                channels: s.channels.clone(),
                confirmed_at: s.confirmed_at,
                notice_given: s.notice.is_some().then_some(true),
                purpose_in_notice: self.notices.names(s.notice.as_ref(), processing(asked_for)),
                notice_superseded: self.notices.superseded(s.notice.as_ref(), now),
                ..ConsentFacts::default()
            },
            _ => ConsentFacts::default(),
        };
        let provenance = person.provenance.as_ref();
        let may_not_promote = matches!(clear.purpose, Purpose::ConsentRequest | Purpose::OptOutConfirmation);
        Facts {
            person: PersonFacts {
                id: Some(person.id.clone()),
                country: person.country.clone(),
                zone: person.zone.clone(),
                us_number: person.us_number,
                juristic: person.juristic,
                over_cpa_threshold: person.over_cpa_threshold,
                age: person.age(now.date_naive()),
                reported_child: person.reported_child,
                guardian_consented: person.guardian_consented,
                restricted: person.restricted,
                erased: false,
                suppressed: person.suppressed,
                suppressed_for_all: person.suppressed_for_all,
                objections: person.objections.clone(),
                desist_demanded: person.desist_demanded,
                platform_stop: person.platform_stop,
                awaiting_clarification: person.unclear,
                number_reassigned_at: person.reassigned_at,
                last_inbound_at: person.inbound.get(&clear.sender).copied(),
                consent_requests: Some(person.consent_requests - i32::from(own_request)).filter(|n| *n > 0),
            },
            account: self.settings.facts(),
            message: MessageFacts {
                purpose: clear.purpose,
                template: template.map(|t| TemplateFacts {
                    category: t.category.code().to_owned(),
                    approved: t.status.eq_ignore_ascii_case("APPROVED"),
                }),
                channel: None,
                has_opt_out: clear.has_opt_out,
                names_sender: clear.names_sender,
                // Nothing is kept of what others sent before: each message is taken for the first.
                first_communication: true,
                presents_right_to_object: clear.has_opt_out,
                promotional: may_not_promote.then_some(clear.promotes),
                goods: clear.goods.clone(),
                own_similar_goods: None,
                tied_to_transaction: false,
                age_gated: false,
                expires_at: clear.void_at,
            },
            consent,
            relationship: RelationshipFacts {
                obtained_in_sale: person.is_from_sale(),
                objection_offered: provenance.is_some_and(|p| p.objection_offered),
                goods_sold: provenance.map(|p| p.goods.clone()).unwrap_or_default(),
            },
            registry: self.settings.registry(person.registry_blocked),
            agreements: AgreementFacts { hours: person.hours },
            declared_holidays: self.holidays(),
        }
    }
}

fn each_text(content: &Content, see: &mut dyn FnMut(&str)) {
    let mut header = |h: &Option<Header>| {
        if let Some(Header::Text { text }) = h {
            see(text);
        }
    };
    match content {
        Content::Text { body, .. } => see(body),
        Content::Template { header: h, body, .. } => {
            header(h);
            for p in body {
                see(&p.text);
            }
        }
        Content::Image { caption, .. } | Content::Document { caption, .. } => {
            if let Some(caption) = caption {
                see(caption);
            }
        }
        Content::Buttons { body, header: h, footer, buttons } => {
            header(h);
            see(body);
            if let Some(footer) = footer {
                see(footer);
            }
            for b in buttons {
                see(&b.title);
            }
        }
        Content::List { body, header, footer, .. } => {
            for text in header.iter().chain(Some(body)).chain(footer) {
                see(text);
            }
        }
        Content::Reaction { .. } => {}
    }
}

/// The placeholders of a template's text, in order of first appearance: `1`, `2` or names.
pub(crate) fn placeholders(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        rest = &rest[start + 2..];
        let Some(end) = rest.find("}}") else { break };
        let name = rest[..end].trim();
        if !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
        rest = &rest[end + 2..];
    }
    found
}

/// Checks that the values fill the template: every placeholder one value, and none left over.
pub(crate) fn check_parameters(template: &Template, given: &[Parameter]) -> Result<()> {
    let wanted = placeholders(&template.body);
    let named = wanted.iter().any(|w| w.parse::<u32>().is_err());
    if named {
        for name in &wanted {
            if !given.iter().any(|p| p.name == *name) {
                return Err(missing(template, name));
            }
        }
        if let Some(extra) = given.iter().find(|p| !wanted.contains(&p.name.as_str())) {
            return Err(Error::invalid(
                "content.body",
                format!("the template {} has no placeholder {{{{{}}}}}", template.name, extra.name),
            ));
        }
    } else {
        if let Some(name) = wanted.get(given.len()) {
            return Err(missing(template, name));
        }
        if given.len() > wanted.len() {
            return Err(Error::invalid(
                "content.body",
                format!(
                    "the template {} takes {} values, and {} were given",
                    template.name,
                    wanted.len(),
                    given.len()
                ),
            ));
        }
    }
    for (i, p) in given.iter().enumerate() {
        let field = || format!("content.body[{i}]");
        if p.text.trim().is_empty() {
            return Err(Error::invalid(field(), "must not be empty"));
        }
        if p.text.contains(['\n', '\t']) || p.text.contains("     ") {
            return Err(Error::invalid(
                field(),
                "must not hold line breaks, tabs or more than four spaces in a row (Meta: error 132018)",
            ));
        }
    }
    Ok(())
}

fn missing(template: &Template, name: &str) -> Error {
    Error::invalid("content.body", format!("the template {} needs a value for {{{{{name}}}}}", template.name))
}

/// The purposes a template's category may serve is the gate's question; which price class a
/// message falls into is this one.
pub(crate) fn price_category(purpose: Purpose, template: Option<&Template>) -> &'static str {
    match template.map(|t| t.category) {
        Some(TemplateCategory::Marketing) => "marketing",
        Some(TemplateCategory::Utility) => "utility",
        Some(TemplateCategory::Authentication) => "authentication",
        None if purpose == Purpose::Authentication => "authentication",
        None => "service",
    }
}

/// A message's purpose as notices name it.
fn processing(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Marketing => "comms.marketing",
        Purpose::ConsentRequest => "comms.consent_request",
        Purpose::OptOutConfirmation => "comms.opt_out_confirmation",
        Purpose::Transactional => "service.deliver_message",
        Purpose::Authentication => "security.verify",
        Purpose::Support => "comms.support",
        Purpose::LegalNotice => "comms.policy_change",
        Purpose::Feedback => "comms.feedback",
    }
}
