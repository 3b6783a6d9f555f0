//! Retention, open to the host.

use super::{
    Statistics,
    holds::LegalHold,
    sweep::{SweepPreview, SweepReport},
};
use crate::{
    audit::Scope,
    engine::Session,
    values::{
        error::{Error, Result},
        ids::PersonId,
        time::{Timestamp, to_millis},
    },
};

/// What is kept for how long.
#[derive(Debug, Clone)]
pub struct Retention {
    pub(crate) engine: Session,
}

impl Retention {
    /// Ends what is over (POPIA s14, GDPR 5(1)(e)), in small commits, and says what went and why. The engine does
    /// it by itself once a day; this does it now. `most` bounds the records looked at; all, if missing.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let report = engine.retention().sweep(None).await?;
    /// assert!(report.complete);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a bound below 1; `forbidden` without `privacy_erase`.
    pub async fn sweep(&self, most: Option<i64>) -> Result<SweepReport> {
        self.engine.admit("retention.sweep", Scope::PrivacyErase, None)?;
        if most.is_some_and(|n| n < 1) {
            return Err(Error::invalid("most", "must be at least 1"));
        }
        let engine = self.engine.inner();
        self.engine.run(async move { engine.sweep(most.unwrap_or(i64::MAX)).await }).await
    }

    /// What a sweep would do at this moment. Nothing is changed.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.retention().preview().await?.items.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn preview(&self) -> Result<SweepPreview> {
        self.engine.admit("retention.preview", Scope::PrivacyErase, None)?;
        self.engine.preview_sweep().await
    }

    /// Keeps data from erasure while a dispute or an order lasts (GDPR 17(3)(e)): a person's, or everybody's. A
    /// hold keeps and allows nothing: whoever asked to be erased is restricted meanwhile, and erased when it ends.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// use conek_core::{retention::LegalHold, rights::ErasureOptions};
    /// let reference = "case 12/2026".to_owned();
    /// let hold =
    ///     LegalHold { reference: reference.clone(), person: Some(person.clone()), until: None, since: None };
    /// engine.retention().hold(hold).await?;
    /// let proof = engine.rights().erase(person, ErasureOptions::default()).await?;
    /// assert_eq!((proof.done, proof.held_by), (false, vec![reference]));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without a reference, or with an end in the past; `not_found` for an unknown person.
    pub async fn hold(&self, hold: LegalHold) -> Result<()> {
        self.engine.admit("retention.hold", Scope::PrivacyErase, hold.person.as_ref())?;
        self.engine.inner().hold(hold).await
    }

    /// Ends a hold. What it kept and was over goes with the next sweep.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let missing = engine.retention().lift_hold("case 12/2026".into()).await;
    /// assert_eq!(missing.unwrap_err().code(), "not_found");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`.
    pub async fn lift_hold(&self, reference: String) -> Result<()> {
        self.engine.admit("retention.lift_hold", Scope::PrivacyErase, None)?;
        self.engine.inner().lift_hold(&reference).await
    }

    /// Every hold.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.retention().holds().await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn holds(&self) -> Result<Vec<LegalHold>> {
        self.engine.allow("retention.holds", Scope::AuditRead)?;
        self.engine.inner().holds().await
    }

    /// Notes that a person was active in a way that conek does not see: a purchase, a click. The time of marketing
    /// data counts from there; the account's own messages never do.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// engine.retention().record_activity(person, None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` for a moment in the future.
    pub async fn record_activity(&self, person: PersonId, at: Option<Timestamp>) -> Result<()> {
        self.engine.admit("retention.record_activity", Scope::ContactsWrite, Some(&person))?;
        let now = self.engine.clock.now();
        let at = at.map_or(now, to_millis);
        if at > now {
            return Err(Error::invalid("at", "lies in the future"));
        }
        self.engine
            .change_person(&person, |p| {
                p.active_at = p.active_at.max(Some(at));
                Ok(((), Vec::new()))
            })
            .await
    }

    /// Counts of messages by week, purpose and country, from which nobody can be made out: each is over at least
    /// `least_people` people (10 if missing), and what is left out cannot be found by subtraction. They stay when
    /// the messages are gone. Whole weeks only, from the week of `from_day` on.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let counts = engine.retention().statistics("2026-11-01".into(), "2026-11-30".into(), None).await?;
    /// assert_eq!(counts.least_people, 10);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for days that are none, more than ten years, or fewer than 2 people.
    pub async fn statistics(
        &self,
        from_day: String,
        to_day: String,
        least_people: Option<i32>,
    ) -> Result<Statistics> {
        self.engine.admit("retention.statistics", Scope::MessagesRead, None)?;
        self.engine.inner().statistics(&from_day, &to_day, least_people.unwrap_or(super::LEAST_PEOPLE)).await
    }
}
