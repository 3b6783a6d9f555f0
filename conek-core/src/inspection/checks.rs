//! What must be true of one record.

use super::walk::Finding;
use crate::{
    consent::standing,
    engine::Inner,
    inbound::raw::key_named_in,
    messaging::{
        MessageState, Purpose,
        row::{AttemptState, DOUBT, LEASED, Mode, Row, lane_queue},
    },
    people::Person,
    storage::{Index, Key, Record, Token, Write},
    values::error::Result,
    vault::Sealed,
};

impl Inner {
    pub(super) async fn findings(&self, record: &Record) -> Result<Vec<Finding>> {
        let mut found = Vec::new();
        match record.kind.as_str() {
            "key" => found.extend(self.check_key(record).await?),
            "root_key" => {}
            _ => {
                if let Some(finding) = self.check_seal(record).await? {
                    // What cannot be opened cannot be compared.
                    return Ok(vec![finding]);
                }
            }
        }
        match record.kind.as_str() {
            "contact" => self.check_contact(record, &mut found).await?,
            "message" => self.check_message(record, &mut found).await?,
            "attempt" | "delivery" => found.extend(self.check_orphan(record).await?),
            _ => {}
        }
        Ok(found)
    }

    /// A data key opens, and belongs to somebody.
    async fn check_key(&self, record: &Record) -> Result<Option<Finding>> {
        if !self.vault.unwraps(&record.id, &record.sealed) {
            return Ok(Some(Finding::new(
                "key",
                "the data key does not open: it was changed, or wrapped by another key",
            )));
        }
        let owner = match record.id.split_once('/') {
            None => Some(self.key("contact", record.id.as_str())),
            Some(("retained", id)) => Some(self.key("retained", id)),
            // A day's.
            Some(_) => None,
        };
        let Some(owner) = owner else { return Ok(None) };
        let there = self.storage.get(vec![owner]).await?.into_iter().flatten().next().is_some();
        Ok((!there).then(|| Finding::new("key", "the data key belongs to nobody")))
    }

    /// What is sealed opens, for whom and as what it says.
    async fn check_seal(&self, record: &Record) -> Result<Option<Finding>> {
        if record.sealed.is_empty() {
            return Ok(None);
        }
        let name = match (record.kind.as_str(), record.subjects.first()) {
            ("webhook", _) | ("event", None) => match key_named_in(record) {
                Ok(name) => name,
                Err(_) => {
                    return Ok(Some(Finding::new("seal", "it does not say with which key it is sealed")));
                }
            },
            (_, Some(subject)) => subject.clone(),
            (_, None) => String::new(),
        };
        if !name.is_empty() {
            self.load_keys(std::iter::once(name.as_str())).await?;
            if !self.vault.has_key(&name) {
                // The key of a day goes before the day's last bodies do.
                let gone = name.contains('/') && record.kind != "retained";
                return Ok((!gone).then(|| Finding::new("key", "the key that it is sealed with is missing")));
            }
        }
        let id = if record.kind == "event" { "" } else { record.id.as_str() };
        let place = Sealed { person: &name, kind: &record.kind, id };
        Ok(self.vault.open_bytes(place, &record.sealed).is_err().then(|| {
            Finding::new("seal", "it does not open: it was changed, or put in the place of another")
        }))
    }

    async fn check_contact(&self, record: &Record, found: &mut Vec<Finding>) -> Result<()> {
        let Ok((mut person, version)) = self.open_person(record) else {
            found.push(Finding::new("seal", "it has a shape that this version does not know"));
            return Ok(());
        };
        let fresh = person.record(self)?;
        let tokens = |r: &Record| {
            let mut all: Vec<(String, String)> =
                r.tokens.iter().map(|t: &Token| (t.name.clone(), t.value.clone())).collect();
            all.sort();
            all
        };
        if tokens(&fresh) != tokens(record)
            || fresh.state != record.state
            || fresh.subjects != record.subjects
        {
            let write = Write::Replace { record: fresh, version };
            found.push(Finding::new("index", "it is not found by what it says").mended_by(vec![write]));
        }
        let keys = standing::suppression_keys(self, person.phone.as_deref(), &person.bsuids);
        let listed = self.storage.get(keys.clone()).await?;
        let missing: Vec<Key> = keys
            .into_iter()
            .zip(&listed)
            .filter(|(_, there)| !there.as_ref().is_some_and(standing::holds))
            .map(|(key, _)| key)
            .collect();
        let any = listed.iter().flatten().any(standing::holds);
        let now = self.clock.now();
        if person.suppressed && !missing.is_empty() {
            found.push(
                Finding::new(
                    "suppression",
                    "the contact is suppressed, and an address of theirs is not on the list",
                )
                .mended_by(standing::list(missing, now)),
            );
        } else if any && !person.suppressed {
            person.suppressed = true;
            let write = Write::Replace { record: person.record(self)?, version };
            found.push(
                Finding::new(
                    "suppression",
                    "an address is on the suppression list, and the contact does not know",
                )
                .mended_by(vec![write]),
            );
        }
        self.check_consent(&person, found).await
    }

    /// The ledger told again says the same, or what somebody put together or apart made stricter.
    async fn check_consent(&self, person: &Person, found: &mut Vec<Finding>) -> Result<()> {
        let group = Index::Group { group: format!("consent/{}", person.id) };
        let records = self.find_all(self.query("consent", group, 1000)).await?;
        let mut events = Vec::with_capacity(records.len());
        for record in &records {
            match standing::open_event(self, person, record) {
                Ok(event) => events.push(event),
                // It is named where it is.
                Err(_) => return Ok(()),
            }
        }
        let merged = !self.merges_of(&person.id).await?.is_empty();
        for purpose in [Purpose::Marketing, Purpose::Feedback] {
            let told = standing::told(&events, purpose);
            let stands = person.consent(purpose);
            if told == stands || (merged && (!stands.is_valid() || told.is_valid())) {
                continue;
            }
            found.push(Finding::new(
                "consent",
                format!(
                    "the ledger says {} for {}, and the contact says {}",
                    told.code(),
                    purpose.code(),
                    stands.code()
                ),
            ));
        }
        Ok(())
    }

    async fn check_message(&self, record: &Record, found: &mut Vec<Finding>) -> Result<()> {
        let Ok(row) = Row::read(record.clone()) else {
            found.push(Finding::new("seal", "it has a shape that this version does not know"));
            return Ok(());
        };
        let Some(state) = MessageState::of_code(&record.state) else {
            found.push(Finding::new("state", "it is in no state that there is"));
            return Ok(());
        };
        let queue = match state {
            MessageState::Queued => Some(lane_queue(&row.clear.sender)),
            MessageState::Claimed | MessageState::Dispatching => Some(LEASED.to_owned()),
            MessageState::InDoubt => Some(DOUBT.to_owned()),
            _ => None,
        };
        if record.queue != queue || (queue.is_some() && record.due_at.is_none()) {
            let due = queue.is_some().then(|| record.due_at.unwrap_or_else(|| self.clock.now()));
            let write = row.change(state, queue, due)?;
            found.push(
                Finding::new("state", "it waits where its state does not belong").mended_by(vec![write]),
            );
        }
        if let Some(campaign) = &record.group
            && self.get("campaign", campaign).await?.is_none()
        {
            found.push(Finding::new("orphan", "its campaign is missing"));
        }
        let keys = row.attempt_ids().into_iter().map(|id| self.key("attempt", id)).collect();
        let attempts: Vec<Record> = self.storage.get(keys).await?.into_iter().flatten().collect();
        let live = attempts.iter().filter(|a| AttemptState::of_code(&a.state).is_live()).count();
        if live > usize::from(Mode::of(row.clear.purpose).most) {
            found.push(Finding::new(
                "attempt",
                "more attempts may have been accepted than this purpose allows",
            ));
        }
        let accepted = attempts.iter().any(|a| AttemptState::of_code(&a.state) == AttemptState::Accepted);
        if state == MessageState::Accepted && row.clear.won.is_some() && !accepted {
            found.push(Finding::new("attempt", "it is accepted, and none of its attempts is"));
        }
        let denies = matches!(
            state,
            MessageState::Refused
                | MessageState::Suppressed
                | MessageState::Cancelled
                | MessageState::Expired
        );
        if denies && accepted {
            found.push(Finding::new(
                "attempt",
                "it is said not to have been sent, and one of its attempts was accepted",
            ));
        }
        Ok(())
    }

    /// An attempt or a delivery is that of a message.
    async fn check_orphan(&self, record: &Record) -> Result<Option<Finding>> {
        let message = record.id.split('.').next().unwrap_or_default();
        if self.get("message", message).await?.is_some() {
            return Ok(None);
        }
        let gone = Write::Delete { key: record.key(), version: record.version };
        Ok(Some(Finding::new("orphan", "its message is missing").mended_by(vec![gone])))
    }
}
