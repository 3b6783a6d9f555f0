//! Events as stored: those with a person's words are sealed for that person.

use serde::{Deserialize, Serialize};

use super::{
    model::{Event, Happening},
    raw::{KEPT, day_key, key_named_in},
};
use crate::{
    engine::Inner,
    storage::{Record, Write},
    values::{
        error::{Error, Result},
        ids::{MessageId, PersonId},
        time::Timestamp,
    },
    vault::Sealed,
};

#[derive(Serialize, Deserialize)]
struct Stored {
    at: Timestamp,
    message: Option<MessageId>,
    happening: Happening,
}

/// An event to append. Its place in the stream is given when it is stored.
pub(crate) struct NewEvent {
    pub(crate) at: Timestamp,
    pub(crate) person: Option<PersonId>,
    pub(crate) message: Option<MessageId>,
    pub(crate) happening: Happening,
}

impl NewEvent {
    pub(crate) fn write(self, engine: &Inner) -> Result<Write> {
        let mut record = Record::new(&engine.account, "event", "");
        record.subjects = self.person.iter().map(|p| p.as_str().to_owned()).collect();
        record.retention = "support".to_owned();
        let stored = Stored { at: self.at, message: self.message, happening: self.happening };
        let encode = |s: &Stored| serde_json::to_string(s).map_err(|_| Error::internal("encoding an event"));
        match &self.person {
            _ if !stored.happening.is_personal() => record.clear = encode(&stored)?,
            Some(person) => {
                let place = Sealed { person: person.as_str(), kind: "event", id: "" };
                record.sealed = engine.vault.seal(place, &stored)?;
            }
            None => {
                // Nobody knows whom it speaks of, or it speaks of many: it goes with the day's key.
                let key = day_key(engine.clock.now());
                record.expires_at = Some(engine.clock.now() + KEPT);
                record.sealed = engine.vault.seal(Sealed { person: &key, kind: "event", id: "" }, &stored)?;
                record.clear = format!("{{\"key\":\"{key}\"}}");
            }
        }
        Ok(Write::Append { record })
    }
}

/// Opens a stored event; `None` when what it said is gone with its person.
pub(crate) async fn open(engine: &Inner, record: &Record) -> Result<Option<Event>> {
    let person = record.subjects.first().map(|p| PersonId::from(p.as_str()));
    let stored: Stored = if record.sealed.is_empty() {
        serde_json::from_str(&record.clear)
            .map_err(|_| Error::internal("an event has a shape this version does not know"))?
    } else {
        let key = match &person {
            Some(p) => p.as_str().to_owned(),
            None => key_named_in(record)?,
        };
        engine.load_keys(std::iter::once(key.as_str())).await?;
        match engine.vault.open_sealed(Sealed { person: &key, kind: "event", id: "" }, &record.sealed) {
            Ok(stored) => stored,
            Err(Error::Key { .. }) => return Ok(None),
            Err(e) => return Err(e),
        }
    };
    Ok(Some(Event {
        cursor: record.id.clone(),
        at: stored.at,
        person,
        message: stored.message,
        happening: stored.happening,
    }))
}
