//! The consent receipt: what somebody agreed to, for them to keep, after ISO/IEC TS 27560 in the terms of the
//! W3C Data Privacy Vocabulary.

use ring::digest;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Consent, ConsentActor, ConsentEvent, ConsentStatus, Notice};
use crate::{
    audit::Scope,
    engine::Inner,
    messaging::Purpose,
    values::{
        error::{Error, Result},
        hex,
        ids::PersonId,
    },
    vault::Sealed,
};

/// The form of the receipt; it is told with each.
const SCHEMA: &str = "conek-receipt/1; ISO/IEC TS 27560:2023; DPV 2";

fn status(status: ConsentStatus) -> &'static str {
    match status {
        ConsentStatus::Unknown => "dpv:ConsentUnknown",
        ConsentStatus::Requested => "dpv:ConsentRequested",
        ConsentStatus::Refused => "dpv:ConsentRefused",
        ConsentStatus::Given => "dpv:ConsentGiven",
        ConsentStatus::Renewed => "dpv:RenewedConsentGiven",
        ConsentStatus::Expired => "dpv:ConsentExpired",
        ConsentStatus::Withdrawn => "dpv:ConsentWithdrawn",
        ConsentStatus::Revoked => "dpv:ConsentRevoked",
        ConsentStatus::Invalidated => "dpv:ConsentInvalidated",
    }
}

fn actor(by: ConsentActor) -> &'static str {
    match by {
        ConsentActor::Subject => "dpv:DataSubject",
        ConsentActor::CompetentPerson => "dpv:ParentOfDataSubject",
        ConsentActor::Representative => "dpv:LegalRepresentative",
        ConsentActor::Controller => "dpv:DataController",
        ConsentActor::Platform => "dpv:ThirdParty",
    }
}

fn code(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// The fingerprint of a text: it proves what was shown and answered without repeating it.
fn sha256(text: Option<&String>) -> Value {
    text.map_or(Value::Null, |t| Value::from(hex(digest::digest(&digest::SHA256, t.as_bytes()).as_ref())))
}

fn event(e: &ConsentEvent) -> Value {
    json!({
        "@type": status(e.status),
        "dct:identifier": e.id,
        "dct:date": e.acted_at.to_rfc3339(),
        "conek:interactedAt": e.interacted_at.map(|at| at.to_rfc3339()),
        "conek:recordedAt": e.recorded_at.to_rfc3339(),
        "conek:confirmedAt": e.confirmed_at.map(|at| at.to_rfc3339()),
        "dct:valid": e.valid_until.map(|at| at.to_rfc3339()),
        "dpv:isIndicatedBy": actor(e.by),
        "dpv:hasIndicationMethod": code(e.source),
        "dpv:hasNotice": e.notice.as_ref().map(|n| n.as_str()),
        "conek:evidence": {
            "kind": code(e.evidence.kind),
            "reference": e.evidence.reference,
            "textShownSha256": sha256(e.evidence.text_shown.as_ref()),
            "replySha256": sha256(e.evidence.reply.as_ref()),
        },
        "conek:goods": e.goods,
        "conek:channels": if e.channels.is_empty() { vec!["whatsapp".to_owned()] } else { e.channels.clone() },
    })
}

impl Consent {
    /// A receipt of what a person agreed to, refused and withdrew for a purpose: JSON-LD in the terms of the W3C
    /// Data Privacy Vocabulary, with the fields of ISO/IEC TS 27560. The person is named by a pseudonym, and
    /// texts by their fingerprint, so that it can be shown without telling more.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// use conek_core::Purpose;
    /// let receipt = engine.consent().receipt(person, Purpose::Marketing).await?;
    /// assert!(receipt.contains("dpv:ConsentGiven") && !receipt.contains("832885137"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for an unknown person, or one who has said nothing about this purpose.
    pub async fn receipt(&self, person: PersonId, purpose: Purpose) -> Result<String> {
        self.engine.admit("consent.receipt", Scope::ContactsRead, Some(&person))?;
        let events = self.engine.consent_events(&person).await?;
        self.engine.receipt(&person, purpose, &events).await
    }
}

impl Inner {
    /// Every receipt of a person, by the code of its purpose.
    pub(crate) async fn receipts(&self, person: &PersonId) -> Result<Vec<(String, String)>> {
        let events = self.consent_events(person).await?;
        let mut all = Vec::new();
        for purpose in [Purpose::Marketing, Purpose::Feedback] {
            if events.iter().any(|e| e.purpose == purpose) {
                all.push((purpose.code().to_owned(), self.receipt(person, purpose, &events).await?));
            }
        }
        Ok(all)
    }

    async fn receipt(&self, person: &PersonId, purpose: Purpose, events: &[ConsentEvent]) -> Result<String> {
        let engine = self;
        let events: Vec<&ConsentEvent> = events.iter().filter(|e| e.purpose == purpose).collect();
        let Some(last) = events.last() else {
            return Err(Error::not_found("consent", purpose.code()));
        };
        let (contact, _) = engine.person(person).await?;
        let stands = contact.standing(purpose).cloned();
        let notice = stands.as_ref().and_then(|v| v.notice.clone());
        let notice: Option<Notice> = match notice {
            Some(id) => match engine.get("notice", id.as_str()).await? {
                Some(r) => {
                    let place = Sealed { person: "", kind: "notice", id: &r.id };
                    Some(engine.vault.open_sealed(place, &r.sealed)?)
                }
                None => None,
            },
            None => None,
        };
        let contents = notice.as_ref().map(|n| &n.contents);
        let subject = engine.vault.fingerprint("receipt", person.as_str());
        let mut withdrawal = vec![
            json!({ "@type": "dpv:WithdrawConsent", "dct:description": "reply STOP on WhatsApp" }),
            json!({ "@type": "dpv:WithdrawConsent", "dct:description": engine.privacy_contact }),
        ];
        if let Ok(link) = engine.preference_link(person) {
            withdrawal.push(json!({ "@type": "dpv:WithdrawConsent", "foaf:page": link }));
        }
        let receipt = json!({
            "@context": {
                "dpv": "https://w3id.org/dpv#",
                "dct": "http://purl.org/dc/terms/",
                "foaf": "http://xmlns.com/foaf/0.1/",
                "conek": "urn:conek:ns:",
            },
            "@type": "dpv:ConsentRecord",
            "dct:identifier": engine.vault.fingerprint("receipt", &format!("{person}/{}/{}", purpose.code(), last.id)),
            "dct:conformsTo": SCHEMA,
            "dct:created": engine.clock.now().to_rfc3339(),
            "dpv:hasDataSubject": { "@type": "dpv:DataSubject", "@id": format!("urn:conek:subject:{subject}") },
            "dpv:hasDataController": {
                "@type": "dpv:DataController",
                "dpv:hasName": contents.and_then(|c| c.controller.as_ref()).unwrap_or(&engine.business),
                "dpv:hasAddress": contents.and_then(|c| c.address.as_ref()),
                "dpv:hasContact": engine.privacy_contact,
            },
            "dpv:hasJurisdiction": contact.country,
            "dpv:hasPurpose": {
                "@type": if purpose == Purpose::Marketing { "dpv:DirectMarketing" } else { "dpv:Purpose" },
                "dct:identifier": if purpose == Purpose::Marketing { "comms.marketing" } else { "comms.feedback" },
            },
            "dpv:hasLegalBasis": "dpv:Consent",
            "dpv:hasPersonalData": contents.map(|c| &c.categories),
            "dpv:hasRecipient": contents.map(|c| &c.recipients),
            "dpv:hasStorageCondition": contents.and_then(|c| c.retention.as_ref()),
            "dpv:hasNotice": notice.as_ref().map(|n| json!({
                "@type": "dpv:ConsentNotice",
                "dct:identifier": n.id.as_str(),
                "dct:hasVersion": n.version,
                "dct:language": n.language,
                "conek:sha256": n.sha256,
            })),
            "dpv:hasConsentStatus": status(stands.map_or(last.status, |v| v.status)),
            "dpv:hasWithdrawalMethod": withdrawal,
            "conek:events": events.iter().map(|e| event(e)).collect::<Vec<_>>(),
        });
        serde_json::to_string_pretty(&receipt).map_err(|_| Error::internal("encoding a receipt"))
    }
}
