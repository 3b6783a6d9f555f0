//! An engine as one actor sees it: every operation is admitted by scope, and leaves an entry in the audit log.

use std::{ops::Deref, sync::Arc};

use super::Inner;
use crate::{
    audit::{Actor, AuditOutcome, Event, FieldMask, Scope},
    people::Contact,
    values::{
        error::{Error, Result},
        ids::PersonId,
    },
};

/// The engine and who calls it.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    inner: Arc<Inner>,
    actor: Arc<Actor>,
}

impl Deref for Session {
    type Target = Arc<Inner>;
    fn deref(&self) -> &Arc<Inner> {
        &self.inner
    }
}

impl Session {
    pub(crate) fn new(inner: Arc<Inner>, actor: Arc<Actor>) -> Self {
        Self { inner, actor }
    }

    /// The engine itself.
    pub(crate) fn inner(&self) -> Arc<Inner> {
        self.inner.clone()
    }

    pub(crate) fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    /// Whether the actor may call an operation at all. For what touches no personal data.
    pub(crate) fn allow(&self, operation: &str, scope: Scope) -> Result<()> {
        self.demand(operation, scope, None, 1)
    }

    fn demand(&self, operation: &str, scope: Scope, person: Option<&PersonId>, count: usize) -> Result<()> {
        if self.actor.scopes.contains(&scope) {
            return Ok(());
        }
        self.note(operation, person, count, AuditOutcome::Refused);
        Err(Error::Forbidden { operation: operation.to_owned(), scope: scope.code().to_owned() })
    }

    /// The same, with an entry in the log.
    pub(crate) fn admit(&self, operation: &str, scope: Scope, person: Option<&PersonId>) -> Result<()> {
        self.admit_many(operation, scope, person, 1)
    }

    /// The same for an operation on many things.
    pub(crate) fn admit_many(
        &self,
        operation: &str,
        scope: Scope,
        person: Option<&PersonId>,
        count: usize,
    ) -> Result<()> {
        self.demand(operation, scope, person, count)?;
        self.note(operation, person, count, AuditOutcome::Admitted);
        Ok(())
    }

    /// Refuses whoever may not see what an answer cannot be given without.
    pub(crate) fn unmasked(&self, operation: &str, fields: &[FieldMask]) -> Result<()> {
        match fields.iter().find(|f| !self.actor.sees(**f)) {
            None => Ok(()),
            Some(field) => {
                self.note(operation, None, 1, AuditOutcome::Refused);
                Err(Error::Forbidden {
                    operation: operation.to_owned(),
                    scope: format!("unmasked {}", field.code()),
                })
            }
        }
    }

    /// As [`Session::admit`], for a purpose that the call itself names.
    pub(crate) fn admit_for(&self, operation: &str, scope: Scope, purpose: &str) -> Result<()> {
        let mut actor = Actor::clone(&self.actor);
        actor.purpose = Some(purpose.to_owned());
        Self { inner: self.inner.clone(), actor: Arc::new(actor) }.admit(operation, scope, None)
    }

    /// Notes whose data an admitted operation is about, once that is known.
    pub(crate) fn about(&self, operation: &str, person: &PersonId) {
        self.note(operation, Some(person), 1, AuditOutcome::Admitted);
    }

    fn note(&self, operation: &str, person: Option<&PersonId>, count: usize, outcome: AuditOutcome) {
        self.inner.recorder.note(Event {
            at: self.inner.clock.now(),
            actor: self.actor.id.clone(),
            purpose: self.actor.purpose.clone(),
            operation: operation.to_owned(),
            subject: person.map(|p| self.inner.pseudonym(p)),
            count: i64::try_from(count).unwrap_or(i64::MAX),
            outcome,
        });
    }

    /// A contact as far as the actor sees it.
    pub(crate) fn shown(&self, mut contact: Contact) -> Contact {
        if !self.actor.sees(FieldMask::Phone) {
            contact.phone = contact.phone.map(|p| masked(&p));
            contact.bsuids.clear();
        }
        if !self.actor.sees(FieldMask::Name) {
            contact.name = None;
        }
        if !self.actor.sees(FieldMask::Attributes) {
            contact.attributes.clear();
        }
        contact
    }

    /// A message as far as the actor sees it.
    pub(crate) fn shown_message(&self, mut message: crate::messaging::Message) -> crate::messaging::Message {
        if !self.actor.sees(FieldMask::Content) {
            message.content = None;
        }
        if !self.actor.sees(FieldMask::Phone) {
            // WhatsApp's id contains the number.
            message.wamid = None;
        }
        message
    }
}

/// A number of which only the last four digits are left.
fn masked(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().collect();
    let hidden = digits.len().saturating_sub(4);
    digits.iter().enumerate().map(|(i, c)| if i < hidden { '•' } else { *c }).collect()
}

impl Inner {
    /// A person in the audit log and in proofs: only this account can make it, and nobody can reverse it.
    pub(crate) fn pseudonym(&self, person: &PersonId) -> String {
        self.vault.fingerprint("pseudonym", person.as_str())
    }

    /// Notes work of the engine's own.
    pub(crate) fn note_own(&self, operation: &str, person: Option<&PersonId>, count: usize) {
        self.recorder.note(Event {
            at: self.clock.now(),
            actor: "conek".to_owned(),
            purpose: None,
            operation: operation.to_owned(),
            subject: person.map(|p| self.pseudonym(p)),
            count: i64::try_from(count).unwrap_or(i64::MAX),
            outcome: AuditOutcome::Admitted,
        });
    }
}
