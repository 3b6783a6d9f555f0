//! What a visitor's device may be asked and told: cookies and the like, as preference records. Nothing but the
//! essential is allowed before somebody says so (ePrivacy 5(3)); a browser's settings say nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Consent;
use crate::{
    audit::Scope,
    storage::{Index, Record, Write},
    values::{
        error::{Error, Result},
        ids::{NoticeId, PersonId},
        time::Timestamp,
    },
};

/// What a visitor chose. Everything left out is denied; what is essential needs no choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TrackingChoices {
    /// Remembering how the visitor likes things.
    pub functional: bool,
    /// Counting and measuring.
    pub analytics: bool,
    /// Advertising, here and elsewhere.
    pub marketing: bool,
}

/// A visitor's choice as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingPreference {
    /// What they chose.
    pub choices: TrackingChoices,
    /// When; `None` for a visitor who has not chosen.
    pub at: Option<Timestamp>,
    /// The notice that they had before them.
    pub notice: Option<NoticeId>,
}

/// The signals of Google's Consent Mode for a choice: `granted` or `denied` by name.
pub(crate) fn consent_mode(choices: TrackingChoices) -> BTreeMap<String, String> {
    let word = |granted: bool| if granted { "granted" } else { "denied" };
    [
        ("security_storage", true),
        ("functionality_storage", choices.functional),
        ("personalization_storage", choices.functional),
        ("analytics_storage", choices.analytics),
        ("ad_storage", choices.marketing),
        ("ad_user_data", choices.marketing),
        ("ad_personalization", choices.marketing),
    ]
    .map(|(name, granted)| (name.to_owned(), word(granted).to_owned()))
    .into()
}

const KIND: &str = "tracking";

impl Consent {
    /// Records what a visitor chose. `visitor` is the host's own key of the device or session; it is stored as
    /// a keyed fingerprint alone. Of a known contact it belongs to their data.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::consent::TrackingChoices;
    /// let choices = TrackingChoices { analytics: true, ..TrackingChoices::default() };
    /// engine.consent().set_tracking("visitor 4711".into(), choices, None, None).await?;
    /// assert!(engine.consent().tracking("visitor 4711".into()).await?.choices.analytics);
    /// // Whoever has not chosen has allowed nothing.
    /// assert_eq!(engine.consent().tracking("visitor 4712".into()).await?.choices, TrackingChoices::default());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for an empty key; `not_found` for an unknown contact or notice.
    pub async fn set_tracking(
        &self,
        visitor: String,
        choices: TrackingChoices,
        person: Option<PersonId>,
        notice: Option<NoticeId>,
    ) -> Result<TrackingPreference> {
        self.engine.admit("consent.set_tracking", Scope::ConsentWrite, None)?;
        if visitor.trim().is_empty() {
            return Err(Error::invalid("visitor", "must be the host's key of the device or session"));
        }
        if let Some(person) = &person {
            self.engine.person(person).await?;
        }
        if let Some(notice) = &notice
            && self.engine.get("notice", notice.as_str()).await?.is_none()
        {
            return Err(Error::not_found("notice", notice.as_str()));
        }
        let chosen = TrackingPreference { choices, at: Some(self.engine.clock.now()), notice };
        // Numbered behind the last one: two choices of one millisecond keep their order.
        for _ in 0..50 {
            let group = self.group(&visitor);
            let mut last = self.engine.query(KIND, Index::Group { group: group.clone() }, 1);
            last.descending = true;
            let last = self.engine.find(last).await?.records.pop();
            let n = last.and_then(|r| r.id.rsplit('/').next()?.parse::<u64>().ok()).map_or(1, |n| n + 1);
            let mut record = Record::new(&self.engine.account, KIND, format!("{group}/{n:09}"));
            record.group = Some(group);
            record.subjects = person.iter().map(|p| p.as_str().to_owned()).collect();
            record.retention = "consent".to_owned();
            record.clear =
                serde_json::to_string(&chosen).map_err(|_| Error::internal("encoding a preference"))?;
            let done = self.engine.commit(vec![Write::Insert { record }]).await?;
            if let crate::storage::Committed::Done { .. } = done {
                return Ok(chosen);
            }
        }
        Err(Error::conflict("tracking", "the choice is being changed all the time; try again later"))
    }

    /// What a visitor chose last.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let nobody = engine.consent().tracking("visitor 1".into()).await?;
    /// assert!(nobody.at.is_none() && !nobody.choices.marketing);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn tracking(&self, visitor: String) -> Result<TrackingPreference> {
        self.engine.admit("consent.tracking", Scope::ContactsRead, None)?;
        let last = self.tracking_history(visitor).await?.pop();
        Ok(last.unwrap_or(TrackingPreference { choices: TrackingChoices::default(), at: None, notice: None }))
    }

    /// Every choice of a visitor, the oldest first: the proof of what was allowed when (GDPR 7(1)).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.consent().tracking_history("visitor 1".into()).await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn tracking_history(&self, visitor: String) -> Result<Vec<TrackingPreference>> {
        self.engine.admit("consent.tracking_history", Scope::ContactsRead, None)?;
        let index = Index::Group { group: self.group(&visitor) };
        let records = self.engine.find_all(self.engine.query(KIND, index, 1000)).await?;
        records
            .iter()
            .map(|r| {
                serde_json::from_str(&r.clear).map_err(|_| Error::internal("a preference cannot be read"))
            })
            .collect()
    }

    fn group(&self, visitor: &str) -> String {
        format!("tracking/{}", self.engine.vault.fingerprint("visitor", visitor.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_category_grants_its_own_signals_and_no_other() {
        let granted = |choices| {
            let mode = consent_mode(choices);
            assert_eq!(mode.len(), 7);
            mode.into_iter().filter(|(_, v)| v == "granted").map(|(k, _)| k).collect::<Vec<_>>()
        };
        let none = TrackingChoices::default();
        assert_eq!(granted(none), ["security_storage"]);
        let functional = TrackingChoices { functional: true, ..none };
        assert_eq!(
            granted(functional),
            ["functionality_storage", "personalization_storage", "security_storage"]
        );
        let analytics = TrackingChoices { analytics: true, ..none };
        assert_eq!(granted(analytics), ["analytics_storage", "security_storage"]);
        let marketing = TrackingChoices { marketing: true, ..none };
        assert_eq!(
            granted(marketing),
            ["ad_personalization", "ad_storage", "ad_user_data", "security_storage"]
        );
    }
}
