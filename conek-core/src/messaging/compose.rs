//! From a draft to what the gate looks at: who is meant, what it says, whether the template fits.

use std::sync::Arc;

use super::{
    content::Content,
    definition::{Template, TemplateCategory},
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
    transport::Route,
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

impl Inner {
    /// The template that a content names, as WhatsApp holds it.
    pub(crate) fn template_of(&self, content: &Content) -> Result<Option<Arc<Template>>> {
        let Some((name, language)) = content.template_named() else { return Ok(None) };
        match self.template(&name, &language) {
            Some(template) => Ok(Some(template)),
            None => Err(Error::invalid(
                "content.name",
                format!(
                    "no template {name:?} in language {language:?} is known; store it with templates.put"
                ),
            )),
        }
    }

    /// By which of WhatsApp's ways a message leaves: marketing templates by their own, where the number can.
    pub(crate) fn route(&self, clear: &Clear, template: Option<&Template>) -> Route {
        let marketing = template.is_some_and(|t| t.category == TemplateCategory::Marketing);
        let number = self.numbers.iter().find(|n| n.id == clear.sender);
        match number.and_then(|n| n.marketing) {
            Some(way) if marketing && !clear.by_messages => {
                Route::Marketing { fallback: !way.strict, share_activity: way.share_activity }
            }
            _ => Route::Messages {},
        }
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
