//! How WhatsApp knows people: another number, another id, and what was said in the app on the business's own phone.
//! Two contacts are one person only where WhatsApp says so.

use super::{Stored, Work};
use crate::{
    consent::standing,
    inbound::Happening,
    people::{Person, contacts::check_bsuid},
    transport::{IdentityEvent, Update},
    values::{
        error::{Error, Result},
        ids::PersonId,
        phone::Phone,
        time::Timestamp,
    },
};

impl Work<'_> {
    pub(super) async fn identity(&mut self, update: &Update) -> Result<()> {
        let Update::Identity { wa_id, user_id, at, event, .. } = update else { return Ok(()) };
        let at = self.moment(*at);
        let person = match event {
            IdentityEvent::Number { previous, current } => {
                let previous = previous.as_deref().or(wa_id.as_deref().filter(|id| id != current));
                self.number_changed(previous, user_id.as_deref(), current, at).await?
            }
            IdentityEvent::UserId { previous, current, previous_parent, current_parent } => {
                let was = previous.as_deref().or(user_id.as_deref().filter(|id| id != current));
                let person = self.user_id_changed(wa_id.as_deref(), was, current).await?;
                match (current_parent, &person) {
                    (Some(parent), Some(id)) => {
                        self.take_user_id(id.clone(), previous_parent.as_deref(), parent).await.map(Some)?
                    }
                    _ => person,
                }
            }
            IdentityEvent::Key { .. } => self.known(wa_id.as_deref(), user_id.as_deref()).await?,
        };
        self.tell(person, at, Happening::Identity { event: event.clone() }).await
    }

    pub(super) async fn app(&mut self, update: &Update) -> Result<()> {
        let Update::App { number, wa_id, user_id, at, event } = update else { return Ok(()) };
        let person = self.known(wa_id.as_deref(), user_id.as_deref()).await?;
        let happening = Happening::App {
            number: number.clone(),
            wa_id: wa_id.clone(),
            user_id: user_id.clone(),
            event: event.clone(),
        };
        self.tell(person, self.moment(*at), happening).await
    }

    /// The person with one of these identifiers, if there is a contact; the number decides where they name two.
    async fn known(&mut self, wa_id: Option<&str>, user_id: Option<&str>) -> Result<Option<PersonId>> {
        let phone = wa_id.and_then(|w| Phone::from_wa_id(w).ok());
        if let Some(id) = self.renamed(phone.as_ref(), user_id) {
            return Ok(Some(id));
        }
        let found = match self.engine.find_person(phone.as_ref(), user_id).await {
            Err(Error::Conflict { .. }) => self.engine.find_person(phone.as_ref(), None).await?,
            found => found?,
        };
        if let Some(id) = &found {
            self.load_person(id).await?;
        }
        Ok(found)
    }

    /// Whoever got one of these identifiers in this very commit.
    pub(super) fn renamed(&self, phone: Option<&Phone>, user_id: Option<&str>) -> Option<PersonId> {
        let phone = phone.map(Phone::as_e164);
        [phone, user_id].into_iter().flatten().find_map(|key| self.renamed.get(key)).cloned()
    }

    /// The person has another number now. Who is met under it already is the same person if the contact was made
    /// after the change; an older contact has lost the number to them.
    async fn number_changed(
        &mut self,
        previous: Option<&str>,
        user_id: Option<&str>,
        current: &str,
        at: Timestamp,
    ) -> Result<Option<PersonId>> {
        let Ok(phone) = Phone::from_wa_id(current) else { return self.known(previous, user_id).await };
        let holder = self.known(Some(current), None).await?;
        let Some(id) = self.known(previous, user_id).await?.or_else(|| holder.clone()) else {
            return Ok(None);
        };
        match holder {
            Some(holder) if holder == id => {}
            Some(holder) => {
                let made = self.people.get(holder.as_str()).map(|p| p.value.created_at);
                if made.is_some_and(|made| made >= at) {
                    self.engine.merge_moved(&id, &holder).await?;
                } else {
                    self.engine.hand_number_over(&holder, &id, &phone, at).await?;
                }
                self.forget(&[&id, &holder]);
            }
            None => {}
        }
        self.load_person(&id).await?;
        if let Some(p) = self.people.get_mut(id.as_str()) {
            p.value.take_phone(&phone);
            p.dirty = true;
        }
        let mut new = Person::new(id.clone(), self.now);
        new.take_phone(&phone);
        self.took(&id, new, phone.as_e164()).await?;
        Ok(Some(id))
    }

    /// The person has another business-scoped id now.
    async fn user_id_changed(
        &mut self,
        wa_id: Option<&str>,
        previous: Option<&str>,
        current: &str,
    ) -> Result<Option<PersonId>> {
        // The former id names them surely; a number may have changed hands.
        let mut found = match previous {
            Some(previous) => self.known(None, Some(previous)).await?,
            None => None,
        };
        if found.is_none() {
            found = self.known(wa_id, Some(current)).await?;
        }
        match found {
            Some(id) => self.take_user_id(id, previous, current).await.map(Some),
            None => Ok(None),
        }
    }

    /// Gives a person an id in place of another. WhatsApp gives one to nobody else: whoever has it is the same person.
    async fn take_user_id(
        &mut self,
        id: PersonId,
        previous: Option<&str>,
        current: &str,
    ) -> Result<PersonId> {
        // An id of a form not known yet stays out of the contact; the event has it.
        if check_bsuid(current).is_err() {
            return Ok(id);
        }
        if let Some(other) = self.known(None, Some(current)).await?.filter(|other| *other != id) {
            self.engine.merge_moved(&id, &other).await?;
            self.forget(&[&id, &other]);
        }
        self.load_person(&id).await?;
        if let Some(p) = self.people.get_mut(id.as_str()) {
            p.value.bsuids.retain(|b| Some(b.as_str()) != previous || b == current);
            if !p.value.bsuids.iter().any(|b| b == current) {
                // The newest comes first: it is the one that messages go to.
                p.value.bsuids.insert(0, current.to_owned());
            }
            p.dirty = true;
        }
        let mut new = Person::new(id.clone(), self.now);
        new.bsuids.push(current.to_owned());
        self.took(&id, new, current).await?;
        Ok(id)
    }

    /// Whoever is on the suppression list under one address is on it under all, and so with the opt-out registry.
    async fn took(&mut self, id: &PersonId, mut new: Person, key: &str) -> Result<()> {
        self.engine.mark_suppressed(&mut [&mut new]).await?;
        let blocked = match &new.phone {
            Some(phone) => {
                let entry = self.engine.vault.fingerprint("registry", phone);
                self.engine.get("registry", &entry).await?.is_some()
            }
            None => false,
        };
        let Some(Stored { value: p, .. }) = self.people.get_mut(id.as_str()) else { return Ok(()) };
        p.registry_blocked |= blocked;
        p.suppressed |= new.suppressed;
        p.suppressed_for_all |= new.suppressed_for_all;
        if p.suppressed {
            self.writes.extend(standing::suppress(self.engine, p, self.now)?);
            self.withdrawn.push(id.clone());
        }
        self.renamed.insert(key.to_owned(), id.clone());
        Ok(())
    }

    /// People who were changed in a commit of its own are read anew. What this commit has changed of them already
    /// stays: it does not fit any more, so that everything is done once more on what holds now.
    fn forget(&mut self, people: &[&PersonId]) {
        for id in people {
            if self.people.get(id.as_str()).is_some_and(|p| !p.dirty) {
                self.people.remove(id.as_str());
            }
        }
    }
}
