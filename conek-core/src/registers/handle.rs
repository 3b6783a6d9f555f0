//! The registers, open to the host.

use super::{
    Disclosure, DisclosurePage, NewDisclosure, NewTransfer, ProcessingRecord, Transfer, disclosures,
};
use crate::{
    audit::Scope,
    engine::Session,
    people::contacts::limit_within,
    storage::Index,
    values::{error::Result, ids::PersonId},
};

/// The account's registers.
#[derive(Debug, Clone)]
pub struct Registers {
    pub(crate) engine: Session,
}

impl Registers {
    /// Enters that personal data went to somebody. What may not be disclosed cannot be entered: a sale and a
    /// competitor never, a partner only with consent, an authority only with its legal reference.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::{policy::{RecipientClass, SharingFacts}, registers::NewDisclosure};
    /// let hosting = NewDisclosure {
    ///     recipient: "Karoo Hosting".into(),
    ///     facts: SharingFacts {
    ///         recipient: RecipientClass::ServiceProvider,
    ///         purpose: Some("service.operate".into()),
    ///         contract: Some("contract 12 of 2026".into()),
    ///         ..SharingFacts::default()
    ///     },
    ///     categories: vec!["contact".into()],
    ///     person: None,
    ///     at: None,
    ///     count: None,
    /// };
    /// let entry = engine.registers().disclose(hosting).await?;
    /// assert_eq!(entry.count, 1);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `denied` with the reasons; `invalid_input` without a name or categories; `not_found` for an unknown person.
    pub async fn disclose(&self, disclosure: NewDisclosure) -> Result<Disclosure> {
        let person = disclosure.person.as_ref();
        self.engine.admit("registers.disclose", Scope::RegistersWrite, person)?;
        self.engine.disclose(&disclosure).await
    }

    /// The register of disclosures, at most 1,000 entries a page; with a person, those of their data alone and
    /// those of everybody's.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.registers().disclosures(None, None, 100).await?.disclosures.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000.
    pub async fn disclosures(
        &self,
        person: Option<PersonId>,
        after: Option<String>,
        limit: i32,
    ) -> Result<DisclosurePage> {
        self.engine.admit("registers.disclosures", Scope::AuditRead, person.as_ref())?;
        limit_within(limit, 1000)?;
        let e = &self.engine;
        if let Some(person) = person {
            let index = Index::Subject { person: person.as_str().to_owned() };
            let records = e.find_all(e.query(disclosures::KIND, index, 1000)).await?;
            e.load_keys(std::iter::once(person.as_str())).await?;
            let mut all: Vec<Disclosure> =
                records.iter().map(|r| disclosures::open(e, r)).collect::<Result<_>>()?;
            all.extend(e.general_disclosures().await?);
            return Ok(DisclosurePage { disclosures: all, next: None });
        }
        let mut query = e.query(disclosures::KIND, Index::Id {}, limit);
        query.after = after;
        let page = e.find(query).await?;
        e.load_keys(page.records.iter().flat_map(|r| r.subjects.iter().map(String::as_str))).await?;
        let disclosures = page.records.iter().map(|r| disclosures::open(e, r)).collect::<Result<_>>()?;
        Ok(DisclosurePage { disclosures, next: page.next })
    }

    /// Enters a transfer to another country (POPIA s72, GDPR 44 to 49). One that rests on nothing that holds today
    /// is refused: the Privacy Shield since 16 July 2020.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::{policy::{TransferFacts, TransferMechanism}, registers::NewTransfer};
    /// let old = NewTransfer {
    ///     recipient: "Meta Platforms".into(),
    ///     facts: TransferFacts {
    ///         exporter: Some("DE".into()),
    ///         importer: Some("US".into()),
    ///         mechanism: Some(TransferMechanism::PrivacyShield),
    ///         ..TransferFacts::default()
    ///     },
    ///     categories: vec!["contact".into()],
    ///     assessment: None,
    ///     review_by: None,
    /// };
    /// assert_eq!(engine.registers().enter_transfer(old).await.unwrap_err().code(), "denied");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `denied` with the reasons; `invalid_input` without a recipient.
    pub async fn enter_transfer(&self, transfer: NewTransfer) -> Result<Transfer> {
        self.engine.admit("registers.enter_transfer", Scope::RegistersWrite, None)?;
        self.engine.inner().enter_transfer(transfer).await
    }

    /// The register of transfers, each judged by what holds today.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.registers().transfers().await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn transfers(&self) -> Result<Vec<Transfer>> {
        self.engine.allow("registers.transfers", Scope::AuditRead)?;
        self.engine.inner().transfers().await
    }

    /// The record of processing activities (GDPR 30(1), POPIA s17), made from the notices in force, the registers
    /// and the retention rules.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// conek_core::doctest::notice(&engine).await?;
    /// let record = engine.registers().processing().await?;
    /// assert!(record.activities.iter().any(|a| a.purpose == "comms.marketing"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn processing(&self) -> Result<ProcessingRecord> {
        self.engine.allow("registers.processing", Scope::AuditRead)?;
        self.engine.inner().processing().await
    }
}
