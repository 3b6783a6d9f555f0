//! Rights of data subjects, open to the host.

use serde::{Deserialize, Serialize};

use super::{
    DueList, ErasureOptions, ErasureProof, ExportOptions, ExportReport, IdentityCheck, NewRequest,
    Rectification, RefusalGround, RequestPage, RequestState, RetainedItem, RightKind, RightsRequest,
    case::{self, Case},
    erase::{self, RetainedBody, RetainedClear},
};
use crate::{
    audit::{FieldMask, Scope},
    engine::Session,
    people::{
        Contact, NewContact,
        contacts::{Wanted, limit_within},
    },
    registers,
    storage::{Index, Record},
    values::{
        error::{Error, Result},
        ids::PersonId,
        time::Timestamp,
    },
    vault::Sealed,
};

/// Some proofs and where to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErasurePage {
    /// The proofs.
    pub proofs: Vec<ErasureProof>,
    /// Give it back as `after`.
    pub next: Option<String>,
}

/// Some retained things and where to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RetainedPage {
    /// The things, closed.
    pub items: Vec<RetainedItem>,
    /// Give it back as `after`.
    pub next: Option<String>,
}

/// The rights of data subjects.
#[derive(Debug, Clone)]
pub struct Rights {
    pub(crate) engine: Session,
}

impl Rights {
    fn actor(&self) -> String {
        self.engine.actor().id.clone()
    }

    /// Opens a request. What can only protect takes effect at once: a withdrawal and an objection to direct
    /// marketing end it, a restriction holds, and while accuracy or an objection is in question the data are stored
    /// and not used (GDPR 18(1)(a), (d)). The rest waits for proof of identity, where the channel gives none, and
    /// for somebody to do it: see [`Rights::due`].
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// use conek_core::rights::{NewRequest, RequestState, RightKind};
    /// let request = engine.rights().open(NewRequest {
    ///     person: Some(person.clone()),
    ///     rights: vec![RightKind::Withdrawal, RightKind::Access],
    ///     ..NewRequest::default()
    /// }).await?;
    /// assert_eq!(request.state, RequestState::IdentityPending);
    /// assert_eq!(request.rights[0].state, RequestState::Fulfilled);
    /// assert!(engine.contacts().get(person).await?.suppressed);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without a right, or without a way to answer; `not_found` for an unknown person.
    pub async fn open(&self, request: NewRequest) -> Result<RightsRequest> {
        self.engine.admit("rights.open", Scope::RightsManage, request.person.as_ref())?;
        let (engine, actor) = (self.engine.inner(), self.actor());
        self.engine.run(async move { engine.open_request(request, &actor).await }).await
    }

    /// Reads a request.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert_eq!(engine.rights().get("none".into()).await.unwrap_err().code(), "not_found");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, id: String) -> Result<RightsRequest> {
        self.engine.unmasked("rights.get", &FieldMask::ALL)?;
        self.engine.allow("rights.get", Scope::RightsManage)?;
        let request = self.engine.case(&id).await?.view();
        if let Some(person) = &request.person {
            self.engine.about("rights.get", person);
        }
        Ok(request)
    }

    /// Requests, the oldest first, at most 1,000 a page: all, or a person's.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.rights().requests(None, None, 10).await?.requests.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000.
    pub async fn requests(
        &self,
        person: Option<PersonId>,
        after: Option<String>,
        limit: i32,
    ) -> Result<RequestPage> {
        self.engine.unmasked("rights.requests", &FieldMask::ALL)?;
        self.engine.admit("rights.requests", Scope::RightsManage, person.as_ref())?;
        limit_within(limit, 1000)?;
        let index = match &person {
            Some(p) => Index::Subject { person: p.as_str().to_owned() },
            None => Index::Id {},
        };
        let mut query = self.engine.query(case::KIND, index, limit);
        query.after = after;
        let page = self.engine.find(query).await?;
        self.engine
            .load_keys(page.records.iter().flat_map(|r| r.subjects.iter().map(String::as_str)))
            .await?;
        let open = |r: Record| Ok(Case::open(&self.engine, r)?.view());
        let requests = page.records.into_iter().map(open).collect::<Result<_>>()?;
        Ok(RequestPage { requests, next: page.next })
    }

    /// What a human must do, the most urgent first: by when, and how much of the time is gone (alarms at 50, 80 and
    /// 100 percent). As of `at`; now, if missing.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert_eq!(engine.rights().due(None).await?.overdue, 0);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn due(&self, at: Option<Timestamp>) -> Result<DueList> {
        self.engine.allow("rights.due", Scope::RightsManage)?;
        self.engine.due_requests(at.unwrap_or_else(|| self.engine.clock.now())).await
    }

    /// Records whether it is the person who asks (GDPR 12(6), POPIA s23(1)).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// # use conek_core::rights::{IdentityCheck, IdentityState, NewRequest, RightKind};
    /// # let new = NewRequest { person: Some(person), rights: vec![RightKind::Access], ..NewRequest::default() };
    /// # let request = engine.rights().open(new).await?;
    /// let check = IdentityCheck { method: "code to the number".into(), passed: true, evidence: None };
    /// let request = engine.rights().check_identity(request.id, check).await?;
    /// assert_eq!(request.identity, IdentityState::Confirmed);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` without a method; `conflict` for a request that has ended.
    pub async fn check_identity(&self, id: String, check: IdentityCheck) -> Result<RightsRequest> {
        self.engine.admit("rights.check_identity", Scope::RightsManage, None)?;
        self.engine.inner().check_identity(&id, &check, &self.actor()).await
    }

    /// Says that one right of a request was answered. An erasure and a correction are done by it: the person is
    /// erased, the corrections of the request are applied.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// # use conek_core::rights::{NewRequest, RequestState, RightKind};
    /// let new = NewRequest {
    ///     person: Some(person.clone()),
    ///     rights: vec![RightKind::Erasure],
    ///     needs_identity: Some(false),
    ///     ..NewRequest::default()
    /// };
    /// let request = engine.rights().open(new).await?;
    /// let request = engine.rights().fulfil(request.id, RightKind::Erasure, None).await?;
    /// assert_eq!((request.state, request.person), (RequestState::Fulfilled, None));
    /// assert_eq!(engine.contacts().get(person).await.unwrap_err().code(), "not_found");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `conflict` while it is not known who asks, while a legal hold stands against an erasure, or
    /// where the right was not asked for or was answered.
    pub async fn fulfil(&self, id: String, right: RightKind, note: Option<String>) -> Result<RightsRequest> {
        self.engine.admit("rights.fulfil", Scope::RightsManage, None)?;
        let request = self.engine.case(&id).await?.view();
        request.check_answerable(right)?;
        if let Some(person) = &request.person {
            match right {
                RightKind::Erasure => {
                    let options = ErasureOptions { request: Some(id.clone()), ..ErasureOptions::default() };
                    let proof = self.erase(person.clone(), options).await?;
                    if !proof.done {
                        return Err(Error::conflict(
                            "request",
                            "a legal hold keeps the data: they are restricted, and erased when it ends (GDPR 17(3)(e))",
                        ));
                    }
                }
                RightKind::Rectification if !request.corrections.is_empty() => {
                    let change = Rectification {
                        changes: request.corrections.clone(),
                        statement: None,
                        request: Some(id.clone()),
                    };
                    self.rectify(person.clone(), change).await?;
                }
                _ => {}
            }
        }
        self.engine.inner().fulfil(&id, right, note, &self.actor()).await
    }

    /// Refuses one right of a request. It needs its ground, and an explanation for the person. Nothing stands
    /// against a withdrawal or an objection to direct marketing.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// # use conek_core::rights::{NewRequest, RefusalGround, RightKind};
    /// # let new = NewRequest { person: Some(person), rights: vec![RightKind::Erasure], ..NewRequest::default() };
    /// # let id = engine.rights().open(new).await?.id;
    /// let why = "The invoice must be kept for seven years.".to_owned();
    /// engine.rights().refuse(id, RightKind::Erasure, RefusalGround::LegalObligation, why).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` for a ground that does not fit, or without an explanation; `conflict` where the
    /// right was not asked for or was answered.
    pub async fn refuse(
        &self,
        id: String,
        right: RightKind,
        ground: RefusalGround,
        explanation: String,
    ) -> Result<RightsRequest> {
        self.engine.admit("rights.refuse", Scope::RightsManage, None)?;
        let engine = self.engine.inner();
        let request = engine.refuse_right(&id, right, ground, &explanation, &self.actor()).await?;
        if ground == RefusalGround::Accurate
            && let (Some(person), Some(details)) = (&request.person, &request.details)
        {
            // What the person says of the data stays with them (POPIA s24(2)(d)).
            let change = Rectification {
                statement: Some(details.clone()),
                request: Some(id),
                ..Rectification::default()
            };
            self.rectify(person.clone(), change).await?;
        }
        Ok(request)
    }

    /// Takes the longer time that the law gives, once, and only within the first one: the person must be told now,
    /// and why (GDPR 12(3), PAIA s57). The account's own promise gives way to it.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// # use conek_core::rights::{NewRequest, RightKind};
    /// # let new = NewRequest { person: Some(person), rights: vec![RightKind::Access], ..NewRequest::default() };
    /// # let request = engine.rights().open(new).await?;
    /// let longer = engine.rights().extend(request.id, "Ten years of invoices.".into()).await?;
    /// assert!(longer.due_at > request.due_at);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` without a reason, too late, or where no law gives more; `conflict` a second
    /// time.
    pub async fn extend(&self, id: String, reason: String) -> Result<RightsRequest> {
        self.engine.admit("rights.extend", Scope::RightsManage, None)?;
        self.engine.inner().extend_request(&id, &reason, &self.actor()).await
    }

    /// The person took the request back, or it repeats another (`duplicate_of`). What took effect at once stays.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// # use conek_core::rights::{NewRequest, RequestState, RightKind};
    /// # let new = NewRequest { person: Some(person), rights: vec![RightKind::Access], ..NewRequest::default() };
    /// # let request = engine.rights().open(new).await?;
    /// let ended = engine.rights().end(request.id, None).await?;
    /// assert_eq!(ended.state, RequestState::Withdrawn);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `conflict` for a request that has ended.
    pub async fn end(&self, id: String, duplicate_of: Option<String>) -> Result<RightsRequest> {
        self.engine.admit("rights.end", Scope::RightsManage, None)?;
        let state = match &duplicate_of {
            Some(other) if *other == id => return Err(Error::invalid("duplicate_of", "is the same request")),
            Some(other) => {
                self.engine.case(other).await?;
                RequestState::Duplicate
            }
            None => RequestState::Withdrawn,
        };
        self.engine.inner().end_request(&id, state, duplicate_of, &self.actor()).await
    }

    /// Writes everything about a person to a new file `to` (GDPR 15 and 20, POPIA s23): a signed ZIP with a page to
    /// read in the person's language, JSON with published schemas, the same as CSV, a vCard, and receipts of their
    /// consent. Every kind of record that names them is in it, whatever its size. With `recipient` only that age key
    /// opens it.
    ///
    /// Give it to nobody before it is known who asks. The file holds personal data in clear, unless it is encrypted.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// use conek_core::rights::ExportOptions;
    /// let to = std::env::temp_dir().join(format!("conek-export-{}.zip", std::process::id()));
    /// let report = engine.rights().export(person, ExportOptions::default(), to.display().to_string()).await?;
    /// assert_eq!(report.sections["person"], 1);
    /// # std::fs::remove_file(to).unwrap();
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `conflict` when the file exists; `invalid_input` where it cannot be written, or for a recipient
    /// that is none; `forbidden` without the scope `contacts_export`, or with a mask.
    pub async fn export(&self, person: PersonId, options: ExportOptions, to: String) -> Result<ExportReport> {
        self.engine.unmasked("rights.export", &FieldMask::ALL)?;
        self.engine.admit("rights.export", Scope::ContactsExport, Some(&person))?;
        let engine = self.engine.inner();
        self.engine.run(async move { engine.export(&person, &options, &to).await }).await
    }

    /// Erases a person (GDPR 17, POPIA s24): their key and every record that concerns them, in one commit. What
    /// stays: the suppression list, this proof, which names nobody, and what a law wants kept, restricted and sealed
    /// under a key of its own. `recipients` of the proof must be told (GDPR 19). Written into the journal first, so
    /// that no restored copy brings them back.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// use conek_core::rights::ErasureOptions;
    /// let proof = engine.rights().erase(person.clone(), ErasureOptions::default()).await?;
    /// assert!(proof.done && proof.suppressed);
    /// assert_eq!(engine.contacts().get(person).await.unwrap_err().code(), "not_found");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`. A legal hold is no error: the proof says that it is not done, and by what it is held.
    pub async fn erase(&self, person: PersonId, options: ErasureOptions) -> Result<ErasureProof> {
        self.engine.admit("rights.erase", Scope::PrivacyErase, Some(&person))?;
        let engine = self.engine.inner();
        self.engine.run(async move { engine.erase(&person, &options).await }).await
    }

    /// The proofs of erasures, at most 1,000 a page.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.rights().erasures(None, 10).await?.proofs.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000.
    pub async fn erasures(&self, after: Option<String>, limit: i32) -> Result<ErasurePage> {
        self.engine.allow("rights.erasures", Scope::AuditRead)?;
        limit_within(limit, 1000)?;
        let mut query = self.engine.query(erase::PROOF, Index::Id {}, limit);
        query.after = after;
        let page = self.engine.find(query).await?;
        let open = |r: &Record| {
            let kept: erase::Kept = serde_json::from_str(&r.clear)
                .map_err(|_| Error::internal("a proof has a shape this version does not know"))?;
            Ok(kept.proof)
        };
        Ok(ErasurePage { proofs: page.records.iter().map(open).collect::<Result<_>>()?, next: page.next })
    }

    /// What is kept after erasures because a law wants it, closed: what and until when, not whose.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.rights().retained(None, 10).await?.items.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000.
    pub async fn retained(&self, after: Option<String>, limit: i32) -> Result<RetainedPage> {
        self.engine.allow("rights.retained", Scope::AuditRead)?;
        limit_within(limit, 1000)?;
        let mut query = self.engine.query(erase::RETAINED, Index::Id {}, limit);
        query.after = after;
        let page = self.engine.find(query).await?;
        let items = page.records.iter().map(closed).collect::<Result<_>>()?;
        Ok(RetainedPage { items, next: page.next })
    }

    /// Opens one thing that is kept because a law wants it, for whoever the law gives it to: it is restricted, and
    /// `purpose` goes into the audit log.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let none = engine.rights().open_retained("none".into(), "tax audit 2026".into()).await;
    /// assert_eq!(none.unwrap_err().code(), "not_found");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` without a purpose.
    pub async fn open_retained(&self, id: String, purpose: String) -> Result<RetainedItem> {
        if purpose.trim().is_empty() {
            return Err(Error::invalid("purpose", "must say for what a restricted record is opened"));
        }
        self.engine
            .unmasked("rights.open_retained", &[FieldMask::Phone, FieldMask::Name, FieldMask::Content])?;
        self.engine.admit_for("rights.open_retained", Scope::PrivacyErase, purpose.trim())?;
        let record =
            self.engine.get(erase::RETAINED, &id).await?.ok_or_else(|| Error::not_found("retained", &id))?;
        self.engine.load_keys(record.subjects.iter().map(String::as_str)).await?;
        let name = record.subjects.first().map_or("", String::as_str);
        let place = Sealed { person: name, kind: erase::RETAINED, id: &record.id };
        let body: RetainedBody = self.engine.vault.open_sealed(place, &record.sealed)?;
        let mut item = closed(&record)?;
        item.phone = body.phone;
        item.name = body.name;
        item.content = Some(body.sealed.to_string());
        Ok(item)
    }

    /// Corrects what is known of a person (GDPR 16, POPIA s24), or attaches their statement to it. Answers who must
    /// be told (GDPR 19, POPIA s24(3)).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// use conek_core::rights::Rectification;
    /// let change = Rectification {
    ///     changes: [("name".to_owned(), "Thandi".to_owned())].into(),
    ///     ..Rectification::default()
    /// };
    /// let recipients = engine.rights().rectify(person.clone(), change).await?;
    /// assert!(recipients.is_empty());
    /// assert_eq!(engine.contacts().get(person).await?.name.as_deref(), Some("Thandi"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` for a value that is none; `conflict` for a number that another contact has.
    pub async fn rectify(&self, person: PersonId, rectification: Rectification) -> Result<Vec<String>> {
        self.engine.admit("rights.rectify", Scope::ContactsWrite, Some(&person))?;
        let e = &self.engine;
        if rectification.changes.is_empty() && rectification.statement.is_none() {
            return Err(Error::invalid("changes", "must say what is to be corrected, or hold a statement"));
        }
        let (known, _) = e.person(&person).await?;
        let mut new = NewContact::default();
        let mut emptied = Vec::new();
        for (field, value) in &rectification.changes {
            let value = value.trim();
            let given = (!value.is_empty()).then(|| value.to_owned());
            match field.as_str() {
                "phone" => new.phone = given,
                "language" => new.language = given,
                "zone" => new.zone = given,
                "country" => new.country = given,
                "name" if given.is_none() => emptied.push("name".to_owned()),
                "name" => new.name = given,
                other if given.is_none() => emptied.push(other.to_owned()),
                other => {
                    new.attributes.insert(other.to_owned(), value.to_owned());
                }
            }
        }
        if new.phone.is_none() {
            // Whoever is found by neither stays found as they are.
            new.phone.clone_from(&known.phone);
            new.bsuid = known.bsuids.first().cloned();
        }
        let wanted = Wanted::read(e, new)?;
        if let Some(other) = e.find_person(wanted.phone.as_ref(), wanted.bsuid.as_deref()).await?
            && other != person
        {
            return Err(Error::conflict("contact", "another contact has this number; merge them"));
        }
        let _: Contact = e
            .merge_contact(&wanted, &person, |p| {
                for field in &emptied {
                    if field == "name" {
                        p.name = None;
                    } else {
                        p.attributes.remove(field);
                    }
                }
                if let Some(statement) = &rectification.statement
                    && !p.statements.contains(statement)
                {
                    p.statements.push(statement.clone());
                }
                Ok((p.clone().view(), Vec::new()))
            })
            .await?;
        let index = Index::Subject { person: person.as_str().to_owned() };
        let records = e.find_all(e.query("disclosure", index, 1000)).await?;
        registers::recipients_in(e, &records).await
    }

    /// The statements that a person attached to data which the account holds to be right (POPIA s24(2)(d)).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// assert!(engine.rights().statements(person).await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`.
    pub async fn statements(&self, person: PersonId) -> Result<Vec<String>> {
        self.engine.unmasked("rights.statements", &[FieldMask::Name, FieldMask::Content])?;
        self.engine.admit("rights.statements", Scope::ContactsRead, Some(&person))?;
        Ok(self.engine.person(&person).await?.0.statements)
    }
}

impl RightsRequest {
    /// Whether this right can be answered now.
    fn check_answerable(&self, right: RightKind) -> Result<()> {
        use super::IdentityState as I;
        if !self.rights.iter().any(|r| r.right == right && !r.state.is_final()) {
            return Err(Error::conflict("request", "this right was not asked for, or was answered already"));
        }
        if matches!(self.identity, I::Pending | I::Failed)
            && !matches!(right, RightKind::Objection | RightKind::Inquiry)
        {
            return Err(Error::conflict(
                "request",
                "it is not known yet who asks: record the check of identity first (GDPR 12(6), POPIA s23(1))",
            ));
        }
        Ok(())
    }
}

fn closed(record: &Record) -> Result<RetainedItem> {
    let clear: RetainedClear = serde_json::from_str(&record.clear)
        .map_err(|_| Error::internal("a retained record has a shape this version does not know"))?;
    Ok(RetainedItem {
        id: record.id.clone(),
        kind: clear.kind,
        retention: clear.retention,
        provision: clear.provision,
        created_at: clear.created_at,
        until: record.expires_at,
        phone: None,
        name: None,
        content: None,
    })
}
