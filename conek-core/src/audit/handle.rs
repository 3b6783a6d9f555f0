//! The audit log, open to the host.

use super::{
    Actor, AuditEntry, AuditHead, AuditOutcome, AuditPage, AuditQuery, AuditReport, Event, KIND, Scope,
};
use crate::{
    engine::Session, people::contacts::limit_within, storage::Index, values::error::Result, vault::Sealed,
};

/// The account's audit log.
#[derive(Debug, Clone)]
pub struct Audit {
    pub(crate) engine: Session,
}

impl Audit {
    /// Who calls through this handle.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert_eq!(engine.audit().actor().await?.id, "host");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// None.
    pub async fn actor(&self) -> Result<Actor> {
        Ok(Actor::clone(self.engine.actor()))
    }

    /// Entries of the log, the oldest first: who did what with whose data, for what, and whether they were
    /// admitted (POPIA s19, GDPR 5(2) and 32). At most 1,000 a page.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// use conek_core::audit::AuditQuery;
    /// engine.contacts().get(person.clone()).await?;
    /// let query = AuditQuery { person: Some(person), ..AuditQuery::default() };
    /// let page = engine.audit().entries(query, 10).await?;
    /// assert_eq!(page.entries.last().unwrap().operation, "contacts.get");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000; `forbidden` without the scope `audit_read`.
    pub async fn entries(&self, query: AuditQuery, limit: i32) -> Result<AuditPage> {
        self.engine.allow("audit.entries", Scope::AuditRead)?;
        limit_within(limit, 1000)?;
        let e = &self.engine;
        e.recorder.flush().await?;
        let index = match &query.person {
            Some(person) => Index::Token { name: "subject".to_owned(), value: e.pseudonym(person) },
            None => Index::Id {},
        };
        let mut find = e.query(KIND, index, limit);
        find.after = query.after.clone();
        let most = usize::try_from(limit).unwrap_or(1);
        let mut entries: Vec<AuditEntry> = Vec::new();
        loop {
            let page = e.find(find.clone()).await?;
            for record in page.records {
                let place = Sealed { person: "", kind: KIND, id: &record.id };
                let event: Event = e.vault.open_sealed(place, &record.sealed)?;
                if matches(&query, &event) {
                    entries.push(event.entry(record.id));
                }
            }
            find.after = page.next;
            // A page of the store holds no more than the page that was asked for.
            let room = most.saturating_sub(entries.len());
            if find.after.is_none() || room == 0 {
                break;
            }
            find.limit = i32::try_from(room).unwrap_or(1);
        }
        Ok(AuditPage { entries, next: find.after })
    }

    /// Signs everything up to now and gives the end of the chain. Kept elsewhere, it proves later that the log's
    /// end was not cut off. `None` while nothing was logged.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// let head = engine.audit().head().await?.unwrap();
    /// assert!(engine.audit().verify(Some(head)).await?.problems.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `forbidden` without the scope `audit_read`.
    pub async fn head(&self) -> Result<Option<AuditHead>> {
        self.engine.allow("audit.head", Scope::AuditRead)?;
        self.engine.recorder.flush().await?;
        self.engine.recorder.checkpoint(self.engine.clock.now()).await
    }

    /// Looks over the whole log and names what was changed, removed, added or put in another order. `known`: a
    /// head from earlier, kept elsewhere. People who were erased meanwhile do not matter: the log holds pseudonyms.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// let report = engine.audit().verify(None).await?;
    /// assert_eq!((report.entries, report.problems.len()), (1, 0));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `forbidden` without the scope `audit_read`.
    pub async fn verify(&self, known: Option<AuditHead>) -> Result<AuditReport> {
        self.engine.allow("audit.verify", Scope::AuditRead)?;
        self.engine.recorder.verify_chain(known.as_ref(), self.engine.clock.now()).await
    }
}

fn matches(query: &AuditQuery, event: &Event) -> bool {
    let named = query.operation.as_ref().is_none_or(|wanted| match wanted.strip_suffix(".*") {
        Some(room) => event.operation.strip_prefix(room).is_some_and(|rest| rest.starts_with('.')),
        None => event.operation == *wanted,
    });
    named && (!query.refused_only || event.outcome == AuditOutcome::Refused)
}
