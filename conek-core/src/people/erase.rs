//! The end of a person's data: their key and every record that concerns them, in one commit. What must
//! outlive it names nobody: the suppression list.

use crate::{
    engine::Inner,
    storage::{Committed, Index, Write},
    values::{
        error::{Error, Result},
        ids::PersonId,
    },
};

impl Inner {
    /// Erases a person. Afterwards nothing of them can be read, whatever copies of records remain: the
    /// key is gone. Says how many records went.
    pub(crate) async fn erase(&self, person: &PersonId) -> Result<i64> {
        for _ in 0..50 {
            let index = Index::Subject { person: person.as_str().to_owned() };
            let records = self.find_all(self.query("", index, 1000)).await?;
            if records.is_empty() {
                return Err(Error::not_found("contact", person.as_str()));
            }
            let writes: Vec<Write> =
                records.iter().map(|r| Write::Delete { key: r.key(), version: r.version }).collect();
            let count = i64::try_from(writes.len()).unwrap_or(i64::MAX);
            if let Committed::Done { .. } = self.commit(writes).await? {
                self.vault.forget_key(person.as_str());
                self.halt_everything_to(person);
                self.changed();
                return Ok(count);
            }
        }
        Err(Error::conflict("contact", "its records change all the time; try again later"))
    }
}
