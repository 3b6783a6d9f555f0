//! The record of processing activities (GDPR 30(1), POPIA s17): made from what the account says in its notices,
//! from the registers, and from the retention rules, so that it cannot fall behind them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    consent::Notice,
    engine::Inner,
    policy::{LegalBasis, ProcessingPurpose},
    storage::Index,
    values::{code::code_of, error::Result, time::Timestamp},
    vault::Sealed,
};

/// What is processed for one purpose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProcessingActivity {
    /// The purpose's code.
    pub purpose: String,
    /// The bases that the notices in force name for it.
    pub bases: Vec<LegalBasis>,
    /// Which kinds of data subjects.
    pub data_subjects: Vec<String>,
    /// Which kinds of data.
    pub categories: Vec<String>,
    /// Who gets them.
    pub recipients: Vec<String>,
    /// Other countries they go to, with what that rests on.
    pub transfers: Vec<String>,
    /// When they are erased.
    pub retention: String,
}

/// The record of processing activities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProcessingRecord {
    /// The controller, or responsible party.
    pub controller: String,
    /// How to reach it.
    pub contact: String,
    /// The data protection officer or information officer, as the notices name them.
    pub officer: Option<String>,
    /// What is processed, by purpose.
    pub activities: Vec<ProcessingActivity>,
    /// The measures of security (GDPR 32(1), POPIA s19).
    pub security: Vec<String>,
    /// When it was made.
    pub made_at: Timestamp,
}

const SECURITY: [&str; 5] = [
    "personal data are sealed at rest with AES-256-GCM under a key per person",
    "keys are wrapped by a key that is kept apart from the database, and can be rotated",
    "every reading and change is admitted by scope and logged in a signed chain",
    "erasure destroys the person's key; a restored copy is brought up to date before it sends",
    "messages leave over TLS only",
];

impl Inner {
    pub(super) async fn processing(&self) -> Result<ProcessingRecord> {
        let now = self.clock.now();
        let mut newest: BTreeMap<String, Notice> = BTreeMap::new();
        for record in self.find_all(self.query("notice", Index::Id {}, 1000)).await? {
            let place = Sealed { person: "", kind: "notice", id: &record.id };
            let notice: Notice = self.vault.open_sealed(place, &record.sealed)?;
            let there = newest.get(&notice.language).map_or(0, |n| n.version);
            if notice.effective_from <= now && notice.version > there {
                newest.insert(notice.language.clone(), notice);
            }
        }
        let transfers: Vec<String> = self
            .transfers()
            .await?
            .into_iter()
            .map(|t| {
                let mechanism = t.facts.mechanism.map_or_else(|| "none".to_owned(), code_of);
                format!("{} ({}, {mechanism})", t.facts.importer.unwrap_or_default(), t.recipient)
            })
            .collect();
        let disclosures = self.general_disclosures().await?;
        let mut activities: BTreeMap<String, ProcessingActivity> = BTreeMap::new();
        for notice in newest.values() {
            for purpose in &notice.contents.purposes {
                let activity = activities.entry(purpose.code.clone()).or_insert_with(|| ProcessingActivity {
                    purpose: purpose.code.clone(),
                    bases: Vec::new(),
                    data_subjects: vec!["contacts".to_owned()],
                    categories: Vec::new(),
                    recipients: Vec::new(),
                    transfers: transfers.clone(),
                    retention: self.retention_rules().in_words(ProcessingPurpose::of(&purpose.code)),
                });
                if !activity.bases.contains(&purpose.basis) {
                    activity.bases.push(purpose.basis);
                }
                let named = notice.contents.recipients.iter().cloned();
                let entered = disclosures
                    .iter()
                    .filter(|d| d.purpose.as_ref() == Some(&purpose.code))
                    .map(|d| d.recipient.clone());
                for recipient in named.chain(entered) {
                    if !activity.recipients.contains(&recipient) {
                        activity.recipients.push(recipient);
                    }
                }
                for category in &notice.contents.categories {
                    if !activity.categories.contains(category) {
                        activity.categories.push(category.clone());
                    }
                }
            }
        }
        let first = newest.into_values().next().map(|n| n.contents);
        Ok(ProcessingRecord {
            controller: first
                .as_ref()
                .and_then(|c| c.controller.clone())
                .unwrap_or_else(|| self.business.clone()),
            contact: self.privacy_contact.clone(),
            officer: first.and_then(|c| c.officer),
            activities: activities.into_values().collect(),
            security: SECURITY.iter().map(|s| (*s).to_owned()).collect(),
            made_at: now,
        })
    }
}
