//! What an erasure costs the disk: the same, whatever the person owns.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use conek_core::{
    Config, Engine, Ports, Result, Storage,
    rights::ErasureOptions,
    storage::{Batch, Claim, Committed, Index, Key, Page, Query, Record, Verification, Write},
};
use conek_tests::{World, consenting, phone, text};

/// A storage that counts the calls that take records of a person away: each is a transaction, and an fsync.
#[derive(Debug)]
struct Counting {
    inner: Arc<dyn Storage>,
    theirs: Mutex<BTreeSet<String>>,
    commits: Mutex<Vec<usize>>,
}

#[async_trait]
impl Storage for Counting {
    async fn commit(&self, batches: Vec<Batch>) -> Result<Vec<Committed>> {
        let writes = batches.iter().flat_map(|b| &b.writes);
        let gone = writes
            .filter(
                |w| matches!(w, Write::Delete { key, .. } if self.theirs.lock().unwrap().contains(&key.id)),
            )
            .count();
        if gone > 0 {
            self.commits.lock().unwrap().push(gone);
        }
        self.inner.commit(batches).await
    }
    async fn get(&self, keys: Vec<Key>) -> Result<Vec<Option<Record>>> {
        self.inner.get(keys).await
    }
    async fn find(&self, query: Query) -> Result<Page> {
        self.inner.find(query).await
    }
    async fn count(&self, query: Query) -> Result<i64> {
        self.inner.count(query).await
    }
    async fn claim(&self, work: Claim) -> Result<Vec<Record>> {
        self.inner.claim(work).await
    }
    async fn backup(&self, to: String) -> Result<()> {
        self.inner.backup(to).await
    }
    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
    async fn verify(&self) -> Result<Verification> {
        self.inner.verify().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_is_one_commit_and_one_line_of_the_journal_whatever_the_person_owns() {
    let world = World::new(|_| {}).await;
    let inner = world.storage().await;
    let storage =
        Arc::new(Counting { inner: inner.clone(), theirs: Mutex::default(), commits: Mutex::default() });
    let ports = Ports { storage: Some(storage.clone()), ..world.ports() };
    let journal_file = world.path().with_extension("ends");
    let config = Config { journal_file: Some(journal_file.display().to_string()), ..world.config() };
    let lines = || std::fs::read_to_string(&journal_file).unwrap_or_default().lines().count();
    let engine = Engine::open(config, ports).await.unwrap();
    let mut owned = Vec::new();
    for (n, messages) in [(0, 1), (1, 900)] {
        let person = consenting(&engine, &phone(n)).await.unwrap();
        // Refused outside the window: a message all the same, which the person owns.
        let drafts = (0..messages).map(|m| text(&person, &format!("Good morning {m}"))).collect();
        engine.messages().send_many(drafts).await.unwrap();
        world.settle(&engine).await;
        let mut query = Query {
            account: "main".into(),
            kind: String::new(),
            index: Index::Subject { person: person.as_str().to_owned() },
            state: None,
            after: None,
            limit: 1_000,
            descending: false,
        };
        let mut theirs = BTreeSet::new();
        loop {
            let page = inner.find(query.clone()).await.unwrap();
            theirs.extend(page.records.into_iter().map(|r| r.id));
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        owned.push(theirs.len());
        *storage.theirs.lock().unwrap() = theirs;
        let before = lines();
        engine.rights().erase(person, ErasureOptions::default()).await.unwrap();
        let commits = std::mem::take(&mut *storage.commits.lock().unwrap());
        assert_eq!(commits.len(), 1, "one transaction took {commits:?} records");
        assert!(commits[0] >= messages, "and all of them: {commits:?}");
        assert_eq!(lines(), before + 1, "one line of the journal");
    }
    assert!(owned[1] > owned[0] + 800, "the second owns more: {owned:?}");
}
