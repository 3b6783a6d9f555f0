//! The ledger of what people said, open to the host.

use super::{
    ConsentEntry, ConsentEvent, ConsentSource, ConsentStatus, ConsentView, Declaration, Declared, Evidence,
    Statement,
    declaration::{self, Halt},
    standing,
};
use crate::{
    audit::{FieldMask, Scope},
    engine::Inner,
    messaging::{Purpose, Recipient},
    rights::{ErasureGround, ErasureOptions},
    storage::Index,
    values::{error::Result, ids::PersonId},
};

/// The account's consent ledger.
#[derive(Debug, Clone)]
pub struct Consent {
    pub(crate) engine: crate::engine::Session,
}

impl Consent {
    /// Records what a person said, with what proves it.
    ///
    /// Given consent lifts an earlier opt-out only if the person acted after it.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// use conek_core::{Purpose, consent::{ConsentEntry, ConsentSource, ConsentStatus, Evidence}};
    /// let view = engine.consent().record(ConsentEntry {
    ///     evidence: Evidence { reference: Some("form 4711".into()), ..Evidence::default() },
    ///     ..ConsentEntry::new(person, Purpose::Marketing, ConsentStatus::Given, ConsentSource::Form)
    /// }).await?;
    /// assert!(view.status.is_valid());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for consent without evidence (POPIA s11(2)(a)) or a purpose that does not
    /// rest on consent; `not_found` for an unknown person.
    pub async fn record(&self, entry: ConsentEntry) -> Result<ConsentView> {
        self.engine.admit("consent.record", Scope::ConsentWrite, Some(&entry.person))?;
        standing::check(&entry)?;
        let view =
            self.engine.change_person(&entry.person, |p| standing::apply(&self.engine, p, &entry)).await?;
        if !view.status.is_valid() {
            self.engine.halt_sends_to(&entry.person);
        }
        Ok(view)
    }

    /// Takes a person's consent back. Once this returns, no send of that purpose to them begins,
    /// whatever was queued; for marketing, their number goes on the suppression list.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// use conek_core::{Purpose, consent::ConsentSource};
    /// engine.consent().withdraw(person.clone(), Purpose::Marketing, ConsentSource::Agent).await?;
    /// assert!(engine.contacts().get(person).await?.suppressed);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for an unknown person.
    pub async fn withdraw(
        &self,
        person: PersonId,
        purpose: Purpose,
        source: ConsentSource,
    ) -> Result<ConsentView> {
        self.engine.admit("consent.withdraw", Scope::ConsentWrite, Some(&person))?;
        self.record(ConsentEntry::new(person, purpose, ConsentStatus::Withdrawn, source)).await
    }

    /// The person confirms a consent (double opt-in). Where the account demands it (`policy.tighten`),
    /// consent counts from then on.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// use conek_core::{Purpose, consent::{ConsentSource, Evidence}};
    /// let proof = Evidence { reference: Some("mail 17, link followed".into()), ..Evidence::default() };
    /// let view = engine.consent().confirm(person, Purpose::Marketing, ConsentSource::Form, proof).await?;
    /// assert!(view.confirmed_at.is_some());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without a consent to confirm, or without proof; `not_found` for an unknown person.
    pub async fn confirm(
        &self,
        person: PersonId,
        purpose: Purpose,
        source: ConsentSource,
        evidence: Evidence,
    ) -> Result<ConsentView> {
        self.engine.admit("consent.confirm", Scope::ConsentWrite, Some(&person))?;
        self.engine
            .change_person(&person, |p| standing::confirm(&self.engine, p, purpose, source, &evidence))
            .await
    }

    /// Declares what is known of a person beside consent: an objection, a restriction, a demand to
    /// desist, an age, an agreement to hours, that the number changed hands. Each is stronger than consent.
    /// Once this returns, no send begins that it forbids.
    ///
    /// A child reported by a guardian is erased, and stays on the suppression list for everything.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// use conek_core::{consent::{ConsentSource, Declaration, Evidence, Statement}, policy::ObjectionScope};
    /// engine.consent().declare(Declaration {
    ///     person: person.clone(),
    ///     statement: Statement::Objects { scope: ObjectionScope::DirectMarketing },
    ///     source: ConsentSource::Agent,
    ///     evidence: Evidence::default(),
    ///     acted_at: None,
    /// }).await?;
    /// assert!(engine.contacts().get(person).await?.suppressed);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for what cannot be, or needs proof and has none; `not_found` for an unknown person.
    pub async fn declare(&self, declaration: Declaration) -> Result<()> {
        self.engine.admit("consent.declare", Scope::ConsentWrite, Some(&declaration.person))?;
        let person = &declaration.person;
        self.engine
            .change_person(person, |p| Ok(((), declaration::apply(&self.engine, p, &declaration)?)))
            .await?;
        match declaration.statement.halt() {
            Halt::Nothing => {}
            Halt::Marketing => self.engine.halt_sends_to(person),
            Halt::Everything => self.engine.halt_everything_to(person),
        }
        if declaration.statement == (Statement::ReportedAsChild {}) {
            let child = ErasureOptions { ground: ErasureGround::Child, ..ErasureOptions::default() };
            self.engine.erase(person, &child).await?;
        }
        Ok(())
    }

    /// What was declared about a person, the oldest first.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// assert!(engine.consent().declarations(person).await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for an unknown person.
    pub async fn declarations(&self, person: PersonId) -> Result<Vec<Declared>> {
        self.engine.unmasked("consent.declarations", &[FieldMask::Name, FieldMask::Content])?;
        self.engine.admit("consent.declarations", Scope::ContactsRead, Some(&person))?;
        self.engine.declared(&person).await
    }

    /// Where a person's consent stands, by purpose. Purposes that nothing was said about are missing.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// assert!(engine.consent().status(person).await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for an unknown person.
    pub async fn status(&self, person: PersonId) -> Result<Vec<ConsentView>> {
        self.engine.admit("consent.status", Scope::ContactsRead, Some(&person))?;
        Ok(self.engine.person(&person).await?.0.consents)
    }

    /// Every consent event of a person, the oldest first.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// # use conek_core::{Purpose, consent::ConsentSource};
    /// engine.consent().withdraw(person.clone(), Purpose::Marketing, ConsentSource::Agent).await?;
    /// assert_eq!(engine.consent().history(person).await?.len(), 1);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for an unknown person.
    pub async fn history(&self, person: PersonId) -> Result<Vec<ConsentEvent>> {
        self.engine.unmasked("consent.history", &[FieldMask::Phone, FieldMask::Content])?;
        self.engine.admit("consent.history", Scope::ContactsRead, Some(&person))?;
        self.engine.consent_events(&person).await
    }

    /// Whether an address is on the account's suppression list, known contact or not.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::Recipient;
    /// let number = Recipient::Phone { number: "083 288 5137".into() };
    /// assert!(!engine.consent().is_suppressed(number).await?);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a number that is none; `not_found` for an unknown contact id.
    pub async fn is_suppressed(&self, recipient: Recipient) -> Result<bool> {
        self.engine.admit("consent.is_suppressed", Scope::ContactsRead, None)?;
        let (phone, bsuids) = self.addresses(recipient).await?;
        let keys = standing::suppression_keys(&self.engine, phone.as_deref(), &bsuids);
        Ok(self.engine.storage.get(keys).await?.iter().flatten().any(standing::holds))
    }
    /// Puts an address on the account's suppression list for marketing, known contact or not: for opt-outs that
    /// reached the account by another way, and for lists of another system. Only a new consent of the person
    /// takes it off.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::Recipient;
    /// let number = Recipient::Phone { number: "083 288 5137".into() };
    /// engine.consent().suppress(number.clone()).await?;
    /// assert!(engine.consent().is_suppressed(number).await?);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a number or BSUID that is none; `not_found` for an unknown contact id.
    pub async fn suppress(&self, recipient: Recipient) -> Result<()> {
        self.engine.admit("consent.suppress", Scope::ConsentWrite, None)?;
        let found = match &recipient {
            Recipient::Person { id } => Some(id.clone()),
            Recipient::Phone { number } => {
                self.engine.find_person(Some(&self.engine.parse_phone(number)?), None).await?
            }
            Recipient::Bsuid { id } => {
                let id = crate::people::contacts::check_bsuid(id)?;
                self.engine.find_person(None, Some(&id)).await?
            }
        };
        if let Some(person) = found {
            self.withdraw(person, Purpose::Marketing, ConsentSource::Agent).await?;
        }
        let (phone, bsuids) = self.addresses(recipient).await?;
        let keys = standing::suppression_keys(&self.engine, phone.as_deref(), &bsuids);
        // What holds already, perhaps for everything, stays as it is.
        let stored = self.engine.storage.get(keys.clone()).await?;
        let new = keys.into_iter().zip(stored);
        let new = new.filter(|(_, r)| !r.as_ref().is_some_and(standing::holds)).map(|(key, _)| key).collect();
        self.engine.commit(standing::list(new, self.engine.clock.now())).await.map(drop)
    }

    /// The address of a person's page of preferences, for a message: it shows what they may be sent, and one
    /// button ends it. `inbound.handle_http` answers it. Following it changes nothing; the button acts, as does a
    /// one-click request (RFC 8058). Who has the link needs no password, as it must be as easy to withdraw
    /// consent as to give it (GDPR 7(3)).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// let link = engine.consent().preference_link(person).await?;
    /// assert!(link.starts_with("https://shop.example/conek/preferences/"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` without a `public_url` in the configuration.
    pub async fn preference_link(&self, person: PersonId) -> Result<String> {
        self.engine.admit("consent.preference_link", Scope::MessagesSend, Some(&person))?;
        self.engine.person(&person).await?;
        self.engine.preference_link(&person)
    }

    async fn addresses(&self, recipient: Recipient) -> Result<(Option<String>, Vec<String>)> {
        Ok(match recipient {
            Recipient::Person { id } => {
                let (p, _) = self.engine.person(&id).await?;
                (p.phone, p.bsuids)
            }
            Recipient::Phone { number } => {
                (Some(self.engine.parse_phone(&number)?.as_e164().to_owned()), Vec::new())
            }
            Recipient::Bsuid { id } => (None, vec![id]),
        })
    }
}

impl Inner {
    /// Every consent event of a person, in the order in which they were recorded.
    pub(crate) async fn consent_events(&self, person: &PersonId) -> Result<Vec<ConsentEvent>> {
        let (person, _) = self.person(person).await?;
        let group = Index::Group { group: format!("consent/{}", person.id) };
        let records = self.find_all(self.query("consent", group, 1000)).await?;
        records.iter().map(|r| standing::open_event(self, &person, r)).collect()
    }
}
