//! What a store was told and acknowledged, and whether it still knows all of that and nothing more.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use conek_core::{
    Engine, Purpose,
    consent::ConsentStatus,
    messaging::MessageState,
    storage::{Index, Query, Sqlite, Storage},
};
use conek_tests::phone;

use crate::duty::{CANARY, Duty, name, order, recipient};

/// The store's file, once it can be opened: a clerk of another life, forked a moment ago, holds this process's files
/// until it is itself.
pub(crate) async fn unlocked(path: &str) -> Sqlite {
    for _ in 0..400 {
        match Sqlite::open(path).await {
            Err(e) if e.code() == "storage_locked" => tokio::time::sleep(Duration::from_millis(5)).await,
            opened => return opened.expect("the store opens"),
        }
    }
    panic!("somebody else has the store");
}

/// Whether something holds: a clerk that died before it said so may have done it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Is {
    #[default]
    No,
    Maybe,
    Yes,
}

#[derive(Debug, Clone, Default)]
struct Known {
    there: Is,
    consents: Is,
    stopped: Is,
    /// Erased because they asked.
    erased: Is,
    /// Gone because their time is over.
    over: Is,
    told: BTreeMap<usize, Is>,
    /// Messages whose time is over.
    past: BTreeSet<usize>,
    asked: usize,
}

/// Everything about everybody, by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book {
    people: BTreeMap<usize, Known>,
    /// The messages and people of each day, with whose end its sweep begins.
    days: BTreeMap<String, Vec<Duty>>,
}

impl Book {
    /// This will be over at that moment.
    pub(crate) fn ends(&mut self, at: &str, duty: &Duty) {
        self.days.entry(at.to_owned()).or_default().push(duty.clone());
    }

    fn of(&mut self, n: usize) -> &mut Known {
        self.people.entry(n).or_default()
    }

    /// A duty was begun (`Maybe`), or is done (`Yes`).
    pub(crate) fn note(&mut self, duty: &Duty, how: Is) {
        let raise = |is: &mut Is| *is = how.max(*is);
        match duty {
            Duty::Add(n) => {
                raise(&mut self.of(*n).there);
                raise(&mut self.of(*n).consents);
            }
            Duty::List(n) => raise(&mut self.of(*n).there),
            Duty::Erase(n) => raise(&mut self.of(*n).erased),
            Duty::Stop(n) => raise(&mut self.of(*n).stopped),
            Duty::Tell(n, k) | Duty::Answer(n, k) | Duty::Promise(n, k) => {
                raise(self.of(*n).told.entry(*k).or_default());
            }
            Duty::Ask(n) if how == Is::Yes => self.of(*n).asked += 1,
            Duty::Sweep(at) => {
                let over: Vec<Duty> = self.days.range(..=at.clone()).flat_map(|(_, d)| d).cloned().collect();
                for over in &over {
                    match over {
                        Duty::Answer(n, k) => {
                            let of = self.of(*n);
                            of.told.insert(*k, Is::Maybe);
                            if how == Is::Yes {
                                of.past.insert(*k);
                            }
                        }
                        Duty::List(n) => raise(&mut self.of(*n).over),
                        _ => {}
                    }
                }
            }
            Duty::Ask(_) | Duty::Rotate | Duty::Backup(_) | Duty::Rest => {}
        }
    }

    /// People of whom duties can be done: those who are certainly there and not meant to go.
    pub(crate) fn present(&self) -> Vec<usize> {
        let stays =
            |k: &Known| (k.there, k.erased, k.over) == (Is::Yes, Is::No, Is::No) && k.consents == Is::Yes;
        self.people.iter().filter(|(_, k)| stays(k)).map(|(n, _)| *n).collect()
    }

    pub(crate) fn erased(&self) -> usize {
        self.people.values().filter(|k| k.erased == Is::Yes).count()
    }

    pub(crate) fn stopped(&self) -> usize {
        self.people.values().filter(|k| k.stopped == Is::Yes).count()
    }

    /// An earlier state of the store took its place: what people ended stays ended, the rest is as it was.
    pub(crate) fn restored(&mut self, copy: &Self) {
        let mut people = copy.people.clone();
        for (n, now) in &self.people {
            let then = people.entry(*n).or_default();
            (then.erased, then.stopped, then.over) = (now.erased, now.stopped, now.over);
        }
        self.people = people;
    }

    /// Asks the store about everybody.
    pub(crate) async fn compare(&self, engine: &Engine) {
        for (n, known) in &self.people {
            let contact = engine.contacts().lookup(recipient(*n)).await.expect("an answer");
            if known.stopped == Is::Yes || known.erased == Is::Yes {
                let listed = engine.consent().is_suppressed(recipient(*n)).await.expect("an answer");
                assert!(listed, "{n} stopped or was erased and is not on the list: {known:?}");
            }
            let Some(contact) = contact else {
                let may_be_gone = known.there < Is::Yes || known.erased > Is::No || known.over > Is::No;
                assert!(may_be_gone, "{n} is lost: {known:?}");
                continue;
            };
            assert!(known.there > Is::No, "nobody put {n} there: {known:?}");
            assert!(known.erased < Is::Yes && known.over < Is::Yes, "{n} is back: {known:?}");
            assert_eq!(contact.name, Some(name(*n)));
            let standing = engine.consent().status(contact.id.clone()).await.expect("an answer");
            let marketing = standing.iter().find(|v| v.purpose == Purpose::Marketing).map(|v| v.status);
            match (known.consents, known.stopped) {
                (_, Is::Yes) => assert_eq!(marketing, Some(ConsentStatus::Withdrawn), "{n}: {known:?}"),
                (Is::Yes, Is::No) => assert_eq!(marketing, Some(ConsentStatus::Given), "{n}: {known:?}"),
                _ => {}
            }
            let messages = engine.messages().of_person(contact.id.clone(), 100).await.expect("an answer");
            let says = |k: usize| {
                let said = order(*n, k);
                messages.iter().any(|m| {
                    m.content
                        .as_ref()
                        .is_some_and(|c| serde_json::to_string(c).is_ok_and(|j| j.contains(&said)))
                })
            };
            // What waited too long says nothing any more, and is still there.
            let silent = messages.iter().filter(|m| m.content.is_none());
            assert!(silent.clone().all(|m| m.state == MessageState::Expired), "{n}: {messages:?}");
            let lost = known.told.iter().filter(|(k, told)| **told == Is::Yes && !says(**k)).count();
            assert!(lost <= silent.count(), "a message to {n} is lost: {known:?} {messages:?}");
            for k in &known.past {
                assert!(!says(*k), "message {k} to {n} is still there: {known:?}");
            }
            let requests = engine.rights().requests(Some(contact.id), None, 100).await.expect("an answer");
            assert!(requests.requests.len() >= known.asked, "a request of {n} is lost: {known:?}");
        }
    }

    /// What must be over at this moment is over, and nothing stands in the store's records of whoever is gone.
    pub(crate) async fn look_inside(&self, path: &str, ids: &BTreeMap<usize, String>) {
        let storage = unlocked(path).await;
        for (n, id) in ids {
            let gone = self.people.get(n).is_some_and(|k| k.erased == Is::Yes || k.over == Is::Yes);
            if !gone {
                continue;
            }
            let query = Query {
                account: "main".into(),
                kind: String::new(),
                index: Index::Subject { person: id.clone() },
                state: None,
                after: None,
                limit: 100,
                descending: false,
            };
            let left = storage.find(query).await.expect("an answer").records;
            assert!(
                left.is_empty(),
                "{n} is gone and there is {:?}",
                left.iter().map(|r| &r.kind).collect::<Vec<_>>()
            );
        }
        storage.close().await.expect("it closes");
    }

    /// Nothing of anybody can be read in any file of the store's folder, whoever is gone or not.
    pub(crate) fn look_into_files(&self, folder: &Path) {
        // Without what numbers have in common: it is long enough to be nothing else.
        let numbers: BTreeSet<Vec<u8>> =
            self.people.keys().map(|n| phone(*n).into_bytes().split_off(3)).collect();
        let is_canary = |at: &[u8]| {
            at.starts_with(CANARY.as_bytes())
                || (at.starts_with(b"83") && at.get(..9).is_some_and(|n| numbers.contains(n)))
        };
        for file in std::fs::read_dir(folder).expect("the folder") {
            let path = file.expect("a file").path();
            if path.extension().is_some_and(|e| e == "key") {
                continue;
            }
            let bytes = std::fs::read(&path).expect("it can be read");
            let found = (0..bytes.len()).find(|i| is_canary(&bytes[*i..]));
            assert_eq!(found, None, "somebody is in {}", path.display());
        }
    }
}
