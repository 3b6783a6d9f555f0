//! Typed access to the storage: people with their keys, and changes that hold or are tried again.

use crate::{
    engine::Inner,
    people::Person,
    storage::{Batch, Committed, Index, Key, Page, Query, Record, Write},
    values::{
        error::{Error, Result},
        ids::PersonId,
    },
    vault::Sealed,
};

/// Every kind of record.
pub(crate) const KINDS: [&str; 32] = [
    "acknowledgement",
    "attempt",
    "audit",
    "audit_checkpoint",
    "breach",
    "campaign",
    "consent",
    "contact",
    "declaration",
    "delivery",
    "disclosure",
    "erasure",
    "event",
    "hold",
    "holiday",
    "key",
    "merged",
    "message",
    "notice",
    "received",
    "registry",
    "request",
    "retained",
    "root_key",
    "setting",
    "statistic",
    "store",
    "suppression",
    "template",
    "tracking",
    "transfer",
    "webhook",
];
/// How often a change is tried again when others change the same record meanwhile.
const TRIES: usize = 50;

impl Inner {
    pub(crate) fn key(&self, kind: &str, id: impl Into<String>) -> Key {
        Key { account: self.account.clone(), kind: kind.to_owned(), id: id.into() }
    }

    pub(crate) fn query(&self, kind: &str, index: Index, limit: i32) -> Query {
        Query {
            account: self.account.clone(),
            kind: kind.to_owned(),
            index,
            state: None,
            after: None,
            limit,
            descending: false,
        }
    }

    pub(crate) async fn find(&self, query: Query) -> Result<Page> {
        self.storage.find(query).await
    }

    pub(crate) async fn get(&self, kind: &str, id: &str) -> Result<Option<Record>> {
        Ok(self.storage.get(vec![self.key(kind, id)]).await?.into_iter().next().flatten())
    }

    /// Commits one batch.
    pub(crate) async fn commit(&self, writes: Vec<Write>) -> Result<Committed> {
        let mut done = self.storage.commit(vec![Batch { writes }]).await?;
        done.pop().ok_or_else(|| Error::internal("the storage answered no batch"))
    }

    /// Commits one batch that nothing can collide with.
    pub(crate) async fn commit_all(&self, writes: Vec<Write>, what: &str) -> Result<Vec<String>> {
        match self.commit(writes).await? {
            Committed::Done { appended } => Ok(appended),
            Committed::Conflict { reason, .. } => {
                Err(Error::conflict(what, format!("it changed meanwhile ({reason}); read it and try again")))
            }
        }
    }

    /// Reads every page of a query.
    pub(crate) async fn find_all(&self, mut query: Query) -> Result<Vec<Record>> {
        let mut all = Vec::new();
        loop {
            let page = self.find(query.clone()).await?;
            all.extend(page.records);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// Makes the data keys of these people ready, in one read.
    pub(crate) async fn load_keys<'a>(&self, people: impl Iterator<Item = &'a str>) -> Result<()> {
        let missing: Vec<Key> =
            people.filter(|p| !p.is_empty() && !self.vault.has_key(p)).map(|p| self.key("key", p)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        for record in self.storage.get(missing).await?.into_iter().flatten() {
            self.vault.load_key(&record.id, &record.sealed)?;
        }
        Ok(())
    }

    /// Reads people, each with the version of their record.
    pub(crate) async fn people(&self, ids: &[String]) -> Result<Vec<Option<(Person, i64)>>> {
        let mut keys: Vec<Key> = ids.iter().map(|id| self.key("contact", id)).collect();
        let unknown: Vec<&String> = ids.iter().filter(|id| !self.vault.has_key(id)).collect();
        keys.extend(unknown.iter().map(|id| self.key("key", id.as_str())));
        let mut records = self.storage.get(keys).await?;
        for record in records.split_off(ids.len()).into_iter().flatten() {
            self.vault.load_key(&record.id, &record.sealed)?;
        }
        let mut people = Vec::with_capacity(records.len());
        for record in records {
            people.push(match record {
                Some(record) => self.person_in(&record).await?,
                None => None,
            });
        }
        Ok(people)
    }

    /// The person in a record; `None` for one who was erased since it was read, and their key with them.
    pub(crate) async fn person_in(&self, record: &Record) -> Result<Option<(Person, i64)>> {
        match self.open_person(record) {
            Err(Error::Key { .. }) if self.get(&record.kind, &record.id).await?.is_none() => Ok(None),
            opened => opened.map(Some),
        }
    }

    /// Reads one person.
    pub(crate) async fn person(&self, id: &PersonId) -> Result<(Person, i64)> {
        self.people(&[id.as_str().to_owned()])
            .await?
            .pop()
            .flatten()
            .ok_or_else(|| Error::not_found("contact", id.as_str()))
    }

    pub(crate) fn open_person(&self, record: &Record) -> Result<(Person, i64)> {
        let place = Sealed { person: &record.id, kind: "contact", id: &record.id };
        Ok((self.vault.open_sealed(place, &record.sealed)?, record.version))
    }

    /// Changes a person and whatever belongs to the change, in one commit. `change` may run again
    /// when somebody else changed the person meanwhile, and sees the person anew each time.
    pub(crate) async fn change_person<T>(
        &self,
        id: &PersonId,
        mut change: impl FnMut(&mut Person) -> Result<(T, Vec<Write>)>,
    ) -> Result<T> {
        for _ in 0..TRIES {
            let (mut person, version) = self.person(id).await?;
            let (value, mut writes) = change(&mut person)?;
            writes.insert(0, Write::Replace { record: person.record(self)?, version });
            if let Committed::Done { .. } = self.commit(writes).await? {
                return Ok(value);
            }
        }
        Err(Error::conflict("contact", "it is being changed all the time; try again later"))
    }
}
