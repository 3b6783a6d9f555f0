//! A store goes into another database.

use super::Engine;
use crate::{
    audit::Scope,
    storage::{Migrated, migrate},
    values::error::{Error, Result},
};

impl Engine {
    /// Ends this engine and moves everything that is in its database into the empty database `to`, the path of an
    /// SQLite file or the URL of a PostgreSQL database: up when one machine is too small, and back. Open the engine
    /// there afterwards, with `Config.database` or `Config.path`, and with the same `Config.key_file`, beside which
    /// the journal lies.
    ///
    /// What was written is read back and compared before it counts: how many records of each kind, and a fingerprint
    /// of all. Epoch, queue, audit log and sealed keys are as they were; what waits goes out from there. The database
    /// that was left says so when somebody opens it. It takes room for one more copy meanwhile, and every account of
    /// the database goes along. After an error the store stays where it was, and can be opened again.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let moved = engine.migrate("postgres://shop:secret@db.example/shop".into()).await;
    /// assert_eq!(moved.unwrap_err().code(), "invalid_input"); // this one lives in memory
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` with a storage that the host brought, and when `to` cannot be opened; `conflict` when it holds
    /// anything; `storage_corrupt` when what was read back is not what was written.
    pub async fn migrate(&self, to: String) -> Result<Migrated> {
        self.inner.admit("engine.migrate", Scope::AccountAdmin, None)?;
        let Some(from) = self.inner.place.clone() else {
            return Err(Error::invalid(
                "storage",
                "is the host's own: only an SQLite file and a PostgreSQL database can be moved",
            ));
        };
        // A caller who goes away cuts nothing off.
        let engine = self.clone();
        self.inner
            .run(async move {
                engine.close().await?;
                migrate(from.expose(), &to).await
            })
            .await
    }
}
