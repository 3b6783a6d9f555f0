//! How one consent event changes a person, and what is stored with it.

use serde::{Deserialize, Serialize};

use super::{
    fold,
    model::{ConsentActor, ConsentEntry, ConsentEvent, ConsentSource, ConsentStatus, ConsentView, Evidence},
};
use crate::{
    engine::Inner,
    messaging::Purpose,
    people::Person,
    policy::ObjectionScope,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) interacted_at: Option<Timestamp>,
    pub(crate) recorded_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) confirmed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) valid_until: Option<Timestamp>,
    #[serde(default)]
    pub(crate) by: ConsentActor,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) goods: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) channels: Vec<String>,
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
        s if s.is_valid() && !entry.by.may_consent() => {
            return Err(Error::invalid("by", "only the person, or whoever may act for them, can consent"));
        }
        _ => {}
    }
    if !matches!(entry.purpose, Purpose::Marketing | Purpose::Feedback) {
        return Err(Error::invalid(
            "purpose",
            "this purpose rests on another basis than consent; only marketing and feedback have a consent state",
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
    if entry.interacted_at.is_some_and(|at| to_millis(at) > acted_at) {
        return Err(Error::invalid("interacted_at", "lies after acted_at: the text comes before the answer"));
    }
    let view = ConsentView {
        purpose: entry.purpose,
        status: entry.status,
        since: acted_at,
        source: entry.source,
        demonstrable: entry.evidence.is_demonstrable(),
        notice: entry.notice.clone(),
        valid_until: entry.valid_until,
        confirmed_at: None,
        goods: entry.goods.clone(),
        channels: entry.channels.clone(),
    };
    let mut writes = vec![event(engine, person, entry, acted_at, None)?];
    if entry.status == ConsentStatus::Requested {
        person.consent_requests += 1;
    }
    let stood = person.consent(entry.purpose);
    let takes_effect = fold::step(stood, entry.status, entry.by).is_some();
    if entry.status.is_valid() {
        // Only a new act of the person comes after what they said before; an older one proves nothing.
        // A request says nothing, so an answer counts whichever of their clocks runs behind.
        let newer = person
            .standing(entry.purpose)
            .is_none_or(|s| s.since <= acted_at || s.status == ConsentStatus::Requested);
        if !newer || !takes_effect {
            return Ok((person.standing(entry.purpose).cloned().unwrap_or(view), writes));
        }
        // Whoever consents after the number changed hands is its owner now.
        person.reassigned_at = person.reassigned_at.filter(|at| *at > acted_at);
        if entry.purpose == Purpose::Marketing {
            person.objections.retain(|o| o.scope != ObjectionScope::DirectMarketing);
            person.desist_demanded = false;
            if person.suppressed {
                writes.extend(lift(engine, person));
            }
        }
    } else if !takes_effect {
        return Ok((person.standing(entry.purpose).cloned().unwrap_or(view), writes));
    } else if entry.purpose == Purpose::Marketing
        && matches!(entry.status, ConsentStatus::Withdrawn | ConsentStatus::Refused | ConsentStatus::Revoked)
    {
        writes.extend(suppress(engine, person, now)?);
    }
    person.stand(view.clone());
    Ok((view, writes))
}

/// The one request for consent is being made by this message (POPIA s69(2)).
pub(crate) fn request(
    engine: &Inner,
    person: &mut Person,
    message: &str,
    at: Timestamp,
) -> Result<Vec<Write>> {
    person.requested_by = Some(message.to_owned());
    let entry = ConsentEntry {
        by: ConsentActor::Controller,
        evidence: Evidence { reference: Some(format!("message {message}")), ..Evidence::default() },
        acted_at: Some(at),
        ..ConsentEntry::new(
            person.id.clone(),
            Purpose::Marketing,
            ConsentStatus::Requested,
            ConsentSource::ExplicitRequest,
        )
    };
    Ok(apply(engine, person, &entry)?.1)
}

/// The person confirms what they consented to (double opt-in).
pub(crate) fn confirm(
    engine: &Inner,
    person: &mut Person,
    purpose: Purpose,
    source: ConsentSource,
    evidence: &Evidence,
) -> Result<(ConsentView, Vec<Write>)> {
    let now = engine.clock.now();
    let Some(view) = person.consents.iter_mut().find(|c| c.purpose == purpose && c.status.is_valid()) else {
        return Err(Error::invalid("purpose", "there is no consent to confirm; record it first"));
    };
    if !evidence.is_demonstrable() {
        return Err(Error::invalid(
            "evidence",
            "a confirmation needs proof: a reference, or the text shown together with the reply",
        ));
    }
    view.confirmed_at = Some(now);
    let view = view.clone();
    let entry = ConsentEntry {
        evidence: evidence.clone(),
        notice: view.notice.clone(),
        valid_until: view.valid_until,
        goods: view.goods.clone(),
        channels: view.channels.clone(),
        ..ConsentEntry::new(person.id.clone(), purpose, view.status, source)
    };
    let write = event(engine, person, &entry, view.since, Some(now))?;
    Ok((view, vec![write]))
}

fn event(
    engine: &Inner,
    person: &Person,
    entry: &ConsentEntry,
    acted_at: Timestamp,
    confirmed_at: Option<Timestamp>,
) -> Result<Write> {
    let id = engine.new_id()?;
    let stored = StoredEvent {
        purpose: entry.purpose,
        status: entry.status,
        source: entry.source,
        evidence: entry.evidence.clone(),
        notice: entry.notice.clone(),
        acted_at,
        interacted_at: entry.interacted_at.map(to_millis),
        recorded_at: engine.clock.now(),
        confirmed_at,
        valid_until: entry.valid_until,
        by: entry.by,
        goods: entry.goods.clone(),
        channels: entry.channels.clone(),
    };
    let mut record = Record::new(&engine.account, "consent", id);
    record.subjects = vec![person.id.as_str().to_owned()];
    record.group = Some(format!("consent/{}", person.id));
    record.state = entry.status.code().to_owned();
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
        evidence: Evidence { reference: Some("WhatsApp: stop".to_owned()), ..Evidence::default() },
        by: ConsentActor::Platform,
        acted_at: Some(at),
        ..ConsentEntry::new(
            person.id.clone(),
            Purpose::Marketing,
            ConsentStatus::Withdrawn,
            ConsentSource::Platform,
        )
    };
    event(engine, person, &entry, at, None)
}

/// Notes that the person took the stop within WhatsApp back. It is the platform's word: it gives no consent.
pub(crate) fn platform_resume(engine: &Inner, person: &mut Person, at: Timestamp) -> Result<Write> {
    person.platform_stop = false;
    let entry = ConsentEntry {
        evidence: Evidence { reference: Some("WhatsApp: resume".to_owned()), ..Evidence::default() },
        by: ConsentActor::Platform,
        acted_at: Some(at),
        ..ConsentEntry::new(
            person.id.clone(),
            Purpose::Marketing,
            ConsentStatus::Renewed,
            ConsentSource::Platform,
        )
    };
    event(engine, person, &entry, at, None)
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
        interacted_at: stored.interacted_at,
        recorded_at: stored.recorded_at,
        confirmed_at: stored.confirmed_at,
        valid_until: stored.valid_until,
        by: stored.by,
        goods: stored.goods,
        channels: stored.channels,
    })
}

/// Where consent for a purpose stands when a person's events are told again, in the order in which they were recorded.
pub(crate) fn told(events: &[ConsentEvent], purpose: Purpose) -> ConsentStatus {
    let (mut status, mut since) = (ConsentStatus::Unknown, None);
    for event in events.iter().filter(|e| e.purpose == purpose) {
        // What the platform stops stands beside what the person said; a confirmation changes nothing.
        if event.by == ConsentActor::Platform || event.confirmed_at.is_some() {
            continue;
        }
        let newer = !event.status.is_valid()
            || status == ConsentStatus::Requested
            || since.is_none_or(|at| at <= event.acted_at);
        if newer && fold::step(status, event.status, event.by).is_some() {
            (status, since) = (event.status, Some(event.acted_at));
        }
    }
    status
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

/// Puts the person on the account's suppression list for marketing.
pub(crate) fn suppress(engine: &Inner, person: &mut Person, at: Timestamp) -> Result<Vec<Write>> {
    person.suppressed = true;
    person.unclear = false;
    // What holds for everything is not weakened.
    let scope = state_of(person.suppressed_for_all);
    let keys = suppression_keys(engine, person.phone.as_deref(), &person.bsuids);
    Ok(entries(keys, scope, at))
}

/// Puts the person on the list for everything.
pub(crate) fn suppress_for_all(engine: &Inner, person: &mut Person, at: Timestamp) -> Result<Vec<Write>> {
    (person.suppressed, person.suppressed_for_all) = (true, true);
    let keys = suppression_keys(engine, person.phone.as_deref(), &person.bsuids);
    Ok(entries(keys, FOR_ALL, at))
}

/// The entries that say so, for marketing.
pub(crate) fn list(keys: Vec<Key>, at: Timestamp) -> Vec<Write> {
    entries(keys, "marketing", at)
}

fn entries(keys: Vec<Key>, scope: &str, at: Timestamp) -> Vec<Write> {
    keys.into_iter()
        .map(|key| {
            // No subject: the entry names nobody and outlives the person's erasure.
            let mut record = Record::new(&key.account, &key.kind, key.id);
            record.state = scope.to_owned();
            record.retention = "suppression".to_owned();
            record.clear = format!("{{\"at\":\"{}\"}}", at.to_rfc3339());
            Write::Put { record }
        })
        .collect()
}

/// Takes the person off the list: only a new act of their own may do so.
fn lift(engine: &Inner, person: &mut Person) -> Vec<Write> {
    if person.suppressed_for_all {
        return Vec::new();
    }
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

/// The state of an entry.
pub(crate) fn state_of(for_all: bool) -> &'static str {
    if for_all { FOR_ALL } else { "marketing" }
}

/// Whether a stored suppression entry holds.
pub(crate) fn holds(record: &Record) -> bool {
    record.state != "lifted"
}

/// Whether it holds for everything.
pub(crate) fn holds_for_all(record: &Record) -> bool {
    record.state == FOR_ALL
}

const FOR_ALL: &str = "all";
