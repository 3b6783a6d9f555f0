//! What a clerk is asked to do, and how. Doing it again does only what is missing.

use std::sync::Arc;

use conek_core::{
    Draft, Engine, Error, PersonId, Ports, Purpose, Recipient, Result, VirtualClock,
    consent::{ConsentEntry, ConsentSource, ConsentStatus, Evidence},
    people::NewContact,
    retention::RetentionRules,
    rights::{ErasureOptions, NewRequest, RightKind},
};
use conek_tests::{Answering, code, filled, phone};

/// Whatever begins with it is of a person, and must never be readable in a file.
pub(crate) const CANARY: &str = "Canary";
/// Of what WhatsApp accepted. It lies outside the store's folder.
pub(crate) const LEDGER: &str = "ledger";

pub(crate) fn name(n: usize) -> String {
    format!("{CANARY}-Person-{n}")
}

/// What the `k`th message to a person says.
pub(crate) fn order(n: usize, k: usize) -> String {
    format!("{CANARY}-Order-{n}-{k}.")
}

pub(crate) fn recipient(n: usize) -> Recipient {
    Recipient::Phone { number: phone(n) }
}

/// One duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Somebody nobody knows yet, who consents.
    Add(usize),
    /// Their contact alone: nothing is kept of it longer than two years.
    List(usize),
    Erase(usize),
    Stop(usize),
    /// A message, at once.
    Tell(usize, usize),
    /// An answer of the support, which is kept for a month.
    Answer(usize, usize),
    /// A message in ten minutes.
    Promise(usize, usize),
    /// They want to know what is kept of them.
    Ask(usize),
    Rotate,
    /// Moves the clock, and ends what is over then.
    Sweep(String),
    Backup(String),
    /// Waits until nothing is due or on its way.
    Rest,
}

impl Duty {
    #[allow(dead_code, reason = "the clerk only reads them")]
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Add(n) => format!("add {n}"),
            Self::List(n) => format!("list {n}"),
            Self::Erase(n) => format!("erase {n}"),
            Self::Stop(n) => format!("stop {n}"),
            Self::Tell(n, k) => format!("tell {n} {k}"),
            Self::Answer(n, k) => format!("answer {n} {k}"),
            Self::Promise(n, k) => format!("promise {n} {k}"),
            Self::Ask(n) => format!("ask {n}"),
            Self::Rotate => "rotate".to_owned(),
            Self::Sweep(at) => format!("sweep {at}"),
            Self::Backup(to) => format!("backup {to}"),
            Self::Rest => "rest".to_owned(),
        }
    }

    pub(crate) fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |i: usize| words.get(i).and_then(|w| w.parse::<usize>().ok());
        let word = |i: usize| words.get(i).map(|w| (*w).to_owned());
        Some(match *words.first()? {
            "add" => Self::Add(number(1)?),
            "list" => Self::List(number(1)?),
            "erase" => Self::Erase(number(1)?),
            "stop" => Self::Stop(number(1)?),
            "tell" => Self::Tell(number(1)?, number(2)?),
            "answer" => Self::Answer(number(1)?, number(2)?),
            "promise" => Self::Promise(number(1)?, number(2)?),
            "ask" => Self::Ask(number(1)?),
            "rotate" => Self::Rotate,
            "sweep" => Self::Sweep(word(1)?),
            "rest" => Self::Rest,
            "backup" => Self::Backup(word(1)?),
            _ => return None,
        })
    }

    pub(crate) async fn perform(&self, engine: &Engine, clock: &VirtualClock, store: &str) -> Result<()> {
        match self {
            Self::Add(n) => {
                let person = list(engine, *n).await?;
                let given = ConsentEntry {
                    evidence: Evidence {
                        reference: Some(format!("{CANARY} form {n}")),
                        ..Evidence::default()
                    },
                    ..ConsentEntry::new(person, Purpose::Marketing, ConsentStatus::Given, ConsentSource::Form)
                };
                engine.consent().record(given).await.map(drop)
            }
            Self::List(n) => list(engine, *n).await.map(drop),
            Self::Erase(n) => match engine.contacts().lookup(recipient(*n)).await? {
                Some(contact) => engine.rights().erase(contact.id, ErasureOptions::default()).await.map(drop),
                None => Ok(()),
            },
            Self::Stop(n) => {
                let Some(contact) = engine.contacts().lookup(recipient(*n)).await? else { return Ok(()) };
                engine
                    .consent()
                    .withdraw(contact.id, Purpose::Marketing, ConsentSource::Agent)
                    .await
                    .map(drop)
            }
            Self::Tell(n, k) => tell(engine, *n, *k, |d| d).await,
            Self::Answer(n, k) => tell(engine, *n, *k, |d| Draft { purpose: Purpose::Support, ..d }).await,
            Self::Promise(n, k) => {
                let at = conek_core::Clock::now(clock) + chrono::TimeDelta::minutes(10);
                tell(engine, *n, *k, |d| Draft { not_before: Some(at), ..d }).await
            }
            Self::Ask(n) => {
                let Some(contact) = engine.contacts().lookup(recipient(*n)).await? else { return Ok(()) };
                let request = NewRequest {
                    person: Some(contact.id),
                    rights: vec![RightKind::Access],
                    details: Some(format!("{CANARY} asks what is known")),
                    ..NewRequest::default()
                };
                engine.rights().open(request).await.map(drop)
            }
            Self::Rotate => engine.keys().rotate().await.map(drop),
            Self::Sweep(at) => {
                clock.advance_to(at.parse().map_err(|_| Error::invalid("at", "must be a moment"))?);
                engine.retention().sweep(None).await.map(drop)
            }
            Self::Rest => engine.settle(60_000).await.map(drop),
            Self::Backup(to) => {
                // A rotation that began before may end meanwhile, none begins: the file of before opens the copy.
                let kept = std::fs::copy(key_file(store), format!("{to}.key"));
                kept.map_err(|e| Error::internal(format!("the key file: {}", e.kind())))?;
                engine.backup(to.clone()).await
            }
        }
    }
}

async fn list(engine: &Engine, n: usize) -> Result<PersonId> {
    let new = NewContact { phone: Some(phone(n)), name: Some(name(n)), ..NewContact::default() };
    Ok(engine.contacts().upsert(new).await?.id)
}

async fn tell(engine: &Engine, n: usize, k: usize, change: impl FnOnce(Draft) -> Draft) -> Result<()> {
    let said = order(n, k);
    let draft = Draft {
        content: filled("code", &said),
        dedupe_key: Some(said),
        ..code(&phone(n), Purpose::Transactional)
    };
    engine.messages().send(change(draft)).await.map(drop)
}

pub(crate) fn key_file(store: &str) -> String {
    format!("{store}.key")
}

/// How a clerk's engine is opened: WhatsApp accepts everything and notes it beside the folder of the store.
pub(crate) fn opening(path: &str, clock: Arc<VirtualClock>) -> Result<(conek_core::Config, Ports)> {
    let folder = std::path::Path::new(path).parent().and_then(|p| p.parent());
    let ledger = folder.map(|f| f.join(LEDGER));
    let transport = Answering::new(ledger.as_deref(), clock.clone())?;
    let mut config = conek_tests::config(path, "http://127.0.0.1:9", "token");
    config.retention = Some(RetentionRules { support: 1, ..RetentionRules::default() });
    Ok((config, Ports { transport: Some(Arc::new(transport)), clock: Some(clock), ..Ports::default() }))
}
