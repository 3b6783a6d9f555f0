//! A person as stored: everything that one decision needs in one sealed record, so that one
//! version guards it all.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::model::{Contact, Provenance, ProvenanceContext};
use crate::{
    consent::{ConsentStatus, ConsentView},
    engine::Inner,
    messaging::Purpose,
    policy::{HoursAgreement, ObjectionFacts},
    storage::{Record, Token},
    transport::Address,
    values::{
        error::{Error, Result},
        ids::PersonId,
        phone::Phone,
        time::Timestamp,
    },
    vault::Sealed,
};

/// A data subject of the account.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) id: PersonId,
    pub(crate) phone: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) bsuids: Vec<String>,
    pub(crate) name: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) zone: Option<String>,
    pub(crate) country: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) us_number: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) provenance: Option<Provenance>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) consents: Vec<ConsentView>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) suppressed: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) suppressed_for_all: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) restricted: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) objections: Vec<ObjectionFacts>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) desist_demanded: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) juristic: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) over_cpa_threshold: bool,
    /// The latest day of birth that fits what is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) born: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) reported_child: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) guardian_consented: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reassigned_at: Option<Timestamp>,
    /// Whether the opt-out registry blocks the number, as it was compared last.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) registry_blocked: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) platform_stop: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unclear: bool,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) consent_requests: i32,
    /// The message that was the one request for consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) requested_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hours: Option<HoursAgreement>,
    /// When the person last wrote, by the number they wrote to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) inbound: BTreeMap<String, Timestamp>,
    /// The commands of a dialogue that the host has open with them, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dialogue: Option<(Timestamp, Vec<String>)>,
    pub(crate) created_at: Timestamp,
    /// When the person was last active in a way that only the host sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) active_at: Option<Timestamp>,
    /// When the person asked to be erased, or their time was over, while a legal hold stood against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) erase_at: Option<Timestamp>,
    /// What the person says of data that the account holds to be right (POPIA s24(2)(d)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) statements: Vec<String>,
    /// The import that named the person last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) import: Option<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Person {
    pub(crate) fn new(id: PersonId, created_at: Timestamp) -> Self {
        Self {
            id,
            phone: None,
            bsuids: Vec::new(),
            name: None,
            language: None,
            zone: None,
            country: None,
            us_number: false,
            attributes: BTreeMap::new(),
            provenance: None,
            consents: Vec::new(),
            suppressed: false,
            suppressed_for_all: false,
            restricted: false,
            objections: Vec::new(),
            desist_demanded: false,
            juristic: false,
            over_cpa_threshold: false,
            born: None,
            reported_child: false,
            guardian_consented: false,
            reassigned_at: None,
            registry_blocked: false,
            platform_stop: false,
            unclear: false,
            consent_requests: 0,
            requested_by: None,
            hours: None,
            inbound: BTreeMap::new(),
            dialogue: None,
            created_at,
            active_at: None,
            erase_at: None,
            statements: Vec::new(),
            import: None,
        }
    }

    /// Keeps of the person what proves their consent, and nothing else.
    pub(crate) fn minimise(&mut self) {
        (self.name, self.dialogue) = (None, None);
        self.attributes.clear();
    }
    /// Whether nothing else is left.
    pub(crate) fn is_minimised(&self) -> bool {
        self.name.is_none() && self.attributes.is_empty()
    }

    /// The commands of the dialogue that is open at this moment.
    pub(crate) fn dialogue_at(&self, now: Timestamp) -> &[String] {
        match &self.dialogue {
            Some((until, commands)) if now < *until => commands,
            _ => &[],
        }
    }

    /// The person sealed, with the tokens by which they are found.
    pub(crate) fn record(&self, engine: &Inner) -> Result<Record> {
        let id = self.id.as_str();
        let mut record = Record::new(&engine.account, "contact", id);
        record.state = if self.suppressed { "suppressed" } else { "active" }.to_owned();
        record.subjects = vec![id.to_owned()];
        record.retention = "marketing".to_owned();
        record.expires_at = engine.retention_rules().contact_until(self, engine.clock.now());
        record.tokens.reserve(1 + self.bsuids.len());
        if let Some(phone) = &self.phone {
            record.tokens.push(token(engine, "phone", phone));
        }
        record.tokens.extend(self.bsuids.iter().map(|b| token(engine, "bsuid", b)));
        record.sealed = engine.vault.seal(Sealed { person: id, kind: "contact", id }, self)?;
        Ok(record)
    }

    /// The record that holds the person's data key.
    pub(crate) fn key_record(&self, engine: &Inner) -> Result<Record> {
        let id = self.id.as_str();
        let mut record = Record::new(&engine.account, "key", id);
        record.subjects = vec![id.to_owned()];
        record.retention = "key".to_owned();
        record.sealed = engine.vault.new_key(id)?;
        Ok(record)
    }

    /// Where consent for a purpose stands.
    pub(crate) fn standing(&self, purpose: Purpose) -> Option<&ConsentView> {
        self.consents.iter().find(|c| c.purpose == purpose)
    }

    pub(crate) fn consent(&self, purpose: Purpose) -> ConsentStatus {
        self.standing(purpose).map_or(ConsentStatus::Unknown, |c| c.status)
    }

    /// Puts the standing of a purpose in place of what was there.
    pub(crate) fn stand(&mut self, view: ConsentView) {
        match self.consents.iter_mut().find(|c| c.purpose == view.purpose) {
            Some(there) => *there = view,
            None => self.consents.push(view),
        }
    }

    /// Age in years on a day.
    pub(crate) fn age(&self, on: NaiveDate) -> Option<i32> {
        self.born.map(|born| on.years_since(born).and_then(|y| i32::try_from(y).ok()).unwrap_or(0))
    }

    /// Whether the contact was obtained in a sale (POPIA s69(3)(a)).
    pub(crate) fn is_from_sale(&self) -> bool {
        self.provenance.as_ref().is_some_and(|p| p.context == ProvenanceContext::Sale)
    }

    /// Gives the person a number in place of the one they had. Where they live does not follow from it.
    pub(crate) fn take_phone(&mut self, phone: &Phone) {
        self.phone = Some(phone.as_e164().to_owned());
        self.us_number = phone.is_nanp_us();
        if self.country.is_none() {
            self.country = phone.country();
        }
    }

    /// How a message reaches the person.
    pub(crate) fn address(&self) -> Result<Address> {
        match (&self.phone, self.bsuids.first()) {
            (Some(number), _) => Ok(Address::Phone { number: number.clone() }),
            (None, Some(id)) => Ok(Address::Bsuid { id: id.clone() }),
            (None, None) => Err(Error::invalid("to", "the contact has neither a phone number nor a BSUID")),
        }
    }

    /// The person as the host sees them.
    pub(crate) fn view(self) -> Contact {
        Contact {
            last_inbound_at: self.inbound.values().max().copied(),
            id: self.id,
            phone: self.phone,
            bsuids: self.bsuids,
            name: self.name,
            language: self.language,
            zone: self.zone,
            country: self.country,
            attributes: self.attributes,
            provenance: self.provenance,
            consents: self.consents,
            suppressed: self.suppressed || self.suppressed_for_all,
            restricted: self.restricted,
            objections: self.objections.into_iter().map(|o| o.scope).collect(),
            created_at: self.created_at,
        }
    }
}

fn is_zero(n: &i32) -> bool {
    *n == 0
}

fn token(engine: &Inner, name: &str, value: &str) -> Token {
    Token { name: name.to_owned(), value: engine.vault.fingerprint(name, value), unique: true }
}
