//! How one consent event changes a person, and what is stored with it.

use serde::{Deserialize, Serialize};

use super::model::{ConsentEntry, ConsentEvent, ConsentSource, ConsentStatus, ConsentView, Evidence};
use crate::{
    engine::Inner,
    messaging::Purpose,
    people::Person,
    storage::{Key, Record, Write},
    values::{
        error::{Error, Result},
        ids::NoticeId,
        time::{Timestamp, to_millis},
    },
    vault::Sealed,
};

/// What is sealed of an event; the rest is in clear fields or is the record's own.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredEvent {
    pub(crate) purpose: Purpose,
    pub(crate) status: ConsentStatus,
    pub(crate) source: ConsentSource,
    pub(crate) evidence: Evidence,
    pub(crate) notice: Option<NoticeId>,
    pub(crate) acted_at: Timestamp,
    pub(crate) recorded_at: Timestamp,
}

/// Refuses events that cannot be: consent without evidence, states that only time can bring.
pub(crate) fn check(entry: &ConsentEntry) -> Result<()> {
    match entry.status {
        ConsentStatus::Unknown | ConsentStatus::Expired => {
            return Err(Error::invalid("status", "only time brings this state; it cannot be recorded"));
        }
        s if s.is_valid() && !entry.evidence.is_demonstrable() => {
            return Err(Error::invalid(
                "evidence",
                "consent needs proof: a reference, or the text shown together with the reply (POPIA s11(2)(a), GDPR 7(1))",
            ));
        }
        _ => {}
    }
    if !matches!(entry.purpose, Purpose::Marketing | Purpose::Feedback | Purpose::ConsentRequest) {
        return Err(Error::invalid(
            "purpose",
            "this purpose rests on another basis than consent; only marketing, feedback and consent_request have a consent state",
        ));
    }
    Ok(())
}

/// Applies an event to the person and returns what must be stored with it.
pub(crate) fn apply(
    engine: &Inner,
    person: &mut Person,
    entry: &ConsentEntry,
) -> Result<(ConsentView, Vec<Write>)> {
    check(entry)?;
    let now = engine.clock.now();
    let acted_at = entry.acted_at.map_or(now, to_millis);
    if acted_at > now {
        return Err(Error::invalid("acted_at", "lies in the future"));
    }
    let view = ConsentView {
        purpose: entry.purpose,
        status: entry.status,
        since: acted_at,
        source: entry.source,
        demonstrable: entry.evidence.is_demonstrable(),
        notice: entry.notice.clone(),
        valid_until: entry.valid_until,
    };
    let mut writes = vec![event(engine, person, entry, acted_at, now)?];
    match entry.status {
        ConsentStatus::Withdrawn | ConsentStatus::Refused | ConsentStatus::Revoked
            if entry.purpose == Purpose::Marketing =>
        {
            writes.extend(suppress(engine, person, now)?);
        }
        ConsentStatus::Given | ConsentStatus::Renewed => {
            // A new act of the person after the opt-out lifts it; an older one proves nothing.
            let newer = person.standing(entry.purpose).is_none_or(|s| s.since <= acted_at);
            if !newer {
                let standing = person.standing(entry.purpose).cloned();
                return Ok((standing.unwrap_or(view), writes));
            }
            if entry.purpose == Purpose::Marketing && person.suppressed {
                writes.extend(lift(engine, person));
            }
        }
        ConsentStatus::Requested => person.consent_requests += 1,
        _ => {}
    }
    person.stand(view.clone());
    Ok((view, writes))
}

fn event(
    engine: &Inner,
    person: &Person,
    entry: &ConsentEntry,
    acted_at: Timestamp,
    recorded_at: Timestamp,
) -> Result<Write> {
    let id = engine.new_id()?;
    let stored = StoredEvent {
        purpose: entry.purpose,
        status: entry.status,
        source: entry.source,
        evidence: entry.evidence.clone(),
        notice: entry.notice.clone(),
        acted_at,
        recorded_at,
    };
    let mut record = Record::new(&engine.account, "consent", id);
    record.subjects = vec![person.id.as_str().to_owned()];
    record.group = Some(format!("consent/{}", person.id));
    record.retention = "consent".to_owned();
    let place = Sealed { person: person.id.as_str(), kind: "consent", id: &record.id };
    record.sealed = engine.vault.seal(place, &stored)?;
    Ok(Write::Insert { record })
}

/// Notes that the person stopped marketing within WhatsApp. It stands beside what they said to us:
/// `resume` lifts it, and lifts nothing else.
pub(crate) fn platform_stop(engine: &Inner, person: &mut Person, at: Timestamp) -> Result<Write> {
    person.platform_stop = true;
    let entry = ConsentEntry {
        person: person.id.clone(),
        purpose: Purpose::Marketing,
        status: ConsentStatus::Withdrawn,
        source: ConsentSource::Platform,
        evidence: Evidence { reference: Some("WhatsApp: stop".to_owned()), ..Evidence::default() },
        notice: None,
        acted_at: Some(at),
        valid_until: None,
    };
    event(engine, person, &entry, at, engine.clock.now())
}

/// Opens a stored event.
pub(crate) fn open_event(engine: &Inner, person: &Person, record: &Record) -> Result<ConsentEvent> {
    let place = Sealed { person: person.id.as_str(), kind: "consent", id: &record.id };
    let stored: StoredEvent = engine.vault.open_sealed(place, &record.sealed)?;
    Ok(ConsentEvent {
        id: record.id.clone(),
        person: person.id.clone(),
        purpose: stored.purpose,
        status: stored.status,
        source: stored.source,
        evidence: stored.evidence,
        notice: stored.notice,
        acted_at: stored.acted_at,
        recorded_at: stored.recorded_at,
    })
}

/// Every address of the person by which the suppression list knows them.
pub(crate) fn suppression_keys(engine: &Inner, phone: Option<&str>, bsuids: &[String]) -> Vec<Key> {
    phone
        .iter()
        .map(|p| engine.vault.suppression("whatsapp", p))
        .chain(bsuids.iter().map(|b| engine.vault.suppression("bsuid", b)))
        .map(|id| engine.key("suppression", id))
        .collect()
}

/// Puts the person on the account's suppression list.
pub(crate) fn suppress(engine: &Inner, person: &mut Person, at: Timestamp) -> Result<Vec<Write>> {
    person.suppressed = true;
    person.unclear = false;
    Ok(suppression_keys(engine, person.phone.as_deref(), &person.bsuids)
        .into_iter()
        .map(|key| {
            // No subject: the entry names nobody and outlives the person's erasure.
            let mut record = Record::new(&key.account, &key.kind, key.id);
            record.state = "marketing".to_owned();
            record.retention = "suppression".to_owned();
            record.clear = format!("{{\"at\":\"{}\"}}", at.to_rfc3339());
            Write::Put { record }
        })
        .collect())
}

/// Takes the person off the list: only a new act of their own may do so.
fn lift(engine: &Inner, person: &mut Person) -> Vec<Write> {
    person.suppressed = false;
    suppression_keys(engine, person.phone.as_deref(), &person.bsuids)
        .into_iter()
        .map(|key| {
            let mut record = Record::new(&key.account, &key.kind, key.id);
            record.state = "lifted".to_owned();
            record.retention = "suppression".to_owned();
            Write::Put { record }
        })
        .collect()
}

/// Whether a stored suppression entry holds.
pub(crate) fn holds(record: &Record) -> bool {
    record.state != "lifted"
}
