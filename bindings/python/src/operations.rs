//! Generated from conek-core by `cargo run -p conek-codegen`. Do not edit.
#![allow(unused_imports)]
use std::collections::BTreeMap;
use pyo3::prelude::*;
use crate::{moment::Moment, run, types::*};
/// A messaging engine on one database.
///
/// Cheap to clone; the engine ends with its last clone and handle, or with `Engine.close`.
#[pyclass(frozen, module = "conek")]
pub struct Engine(pub conek_core::engine::Engine);
#[pymethods]
impl Engine {
    /// The rights of data subjects.
    #[getter]
    fn rights(&self) -> Rights {
        Rights(self.0.rights())
    }
    /// What is kept for how long.
    #[getter]
    fn retention(&self) -> Retention {
        Retention(self.0.retention())
    }
    /// The account's registers.
    #[getter]
    fn registers(&self) -> Registers {
        Registers(self.0.registers())
    }
    /// The register of breaches.
    #[getter]
    fn incidents(&self) -> Incidents {
        Incidents(self.0.incidents())
    }
    /// The account's keys.
    #[getter]
    fn keys(&self) -> Keys {
        Keys(self.0.keys())
    }
    /// The account's audit log.
    #[getter]
    fn audit(&self) -> Audit {
        Audit(self.0.audit())
    }
    /// The account's contacts.
    #[getter]
    fn contacts(&self) -> Contacts {
        Contacts(self.0.contacts())
    }
    /// The account's consent ledger.
    #[getter]
    fn consent(&self) -> Consent {
        Consent(self.0.consent())
    }
    /// The account's privacy notices.
    #[getter]
    fn notices(&self) -> Notices {
        Notices(self.0.notices())
    }
    /// The gate, for questions.
    #[getter]
    fn policy(&self) -> Policy {
        Policy(self.0.policy())
    }
    /// The account's messages.
    #[getter]
    fn messages(&self) -> Messages {
        Messages(self.0.messages())
    }
    /// The account's templates.
    #[getter]
    fn templates(&self) -> Templates {
        Templates(self.0.templates())
    }
    /// Files for people's phones, and those that people sent.
    #[getter]
    fn media(&self) -> MediaLibrary {
        MediaLibrary(self.0.media())
    }
    /// The account at WhatsApp. Whoever manages it needs the scope `account_admin`; every change is logged. Nothing is
    /// repeated by itself: where an error's retry is `unknown`, look before you repeat the call.
    #[getter]
    fn platform(&self) -> Platform {
        Platform(self.0.platform())
    }
    /// The endpoint that a flow's phones ask (Meta: WhatsApp Flows > Implementing your flow endpoint). The host serves its
    /// address; conek checks, opens and encrypts. Nothing of a request is stored or logged. It needs the scope
    /// `inbound_receive` and `Config.flow_keys`.
    #[getter]
    fn flow_endpoint(&self) -> FlowEndpoint {
        FlowEndpoint(self.0.flow_endpoint())
    }
    /// The account's campaigns.
    #[getter]
    fn campaigns(&self) -> Campaigns {
        Campaigns(self.0.campaigns())
    }
    /// What comes in.
    #[getter]
    fn inbound(&self) -> Inbound {
        Inbound(self.0.inbound())
    }
    async fn __aenter__(slf: Py<Self>) -> PyResult<Py<Self>> {
        Ok(slf)
    }
    #[pyo3(signature = (*_raised))]
    async fn __aexit__(&self, _raised: Py<pyo3::types::PyTuple>) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.close().await }).await
    }
    /// Waits until nothing is due, on its way or unapplied, at most `timeout_ms` milliseconds.
    /// Says whether it got there. Messages whose time has not come do not count.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = (timeout_ms = 30000))]
    async fn settle(&self, timeout_ms: i32) -> PyResult<bool> {
        let handle = self.0.clone();
        run::inline(async move { handle.settle(timeout_ms).await }).await
    }
    /// Lets numbers send again that WhatsApp stopped, by an error or by a webhook, or that wait because this
    /// database is a restored copy. Messages that were queued in the copy stay held: see `messages.held`.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = ())]
    async fn resume(&self) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.resume().await }).await
    }
    /// Writes a consistent copy of the database to a new file while work goes on. The copy knows
    /// that it is one: an engine that opens it holds everything back until it is resumed.
    ///
    /// Errors:
    /// `invalid_input` when the file exists; `storage_*` when it cannot be written.
    #[pyo3(signature = (to))]
    async fn backup(&self, to: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::spawned(async move { handle.backup(to).await }).await
    }
    /// Looks over the store: the database's own structure, the audit log's chain, the clock, the journal; `deep`:
    /// every record too. It opens what is sealed, tells the ledger of consent again, and compares contacts with the
    /// indexes and the suppression list by which they are found, messages with their attempts and queues, keys with
    /// their owners. Nothing is changed.
    ///
    /// Errors:
    /// `forbidden` without the scope `audit_read`. What is wrong is no error: the report names it.
    #[pyo3(signature = (deep))]
    async fn verify(&self, deep: bool) -> PyResult<StoreReport> {
        let handle = self.0.clone();
        run::inline(async move { handle.verify(deep).await }).await.map(|x| x.into())
    }
    /// Looks over the store deeply and mends what can be derived anew: the tokens by which contacts are found, the
    /// suppression list, the queues in which messages wait, attempts and deliveries without a message. What cannot
    /// be derived is named and left: restore a backup.
    ///
    /// Errors:
    /// `forbidden` without the scope `account_admin`; those of the storage.
    #[pyo3(signature = ())]
    async fn repair(&self) -> PyResult<StoreReport> {
        let handle = self.0.clone();
        run::inline(async move { handle.repair().await }).await.map(|x| x.into())
    }
    /// Stops sending, waits until what is on its way is stored, and closes the database.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = ())]
    async fn close(&self) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.close().await }).await
    }
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
    /// Errors:
    /// `invalid_input` with a storage that the host brought, and when `to` cannot be opened; `conflict` when it holds
    /// anything; `storage_corrupt` when what was read back is not what was written.
    #[pyo3(signature = (to))]
    async fn migrate(&self, to: String) -> PyResult<Migrated> {
        let handle = self.0.clone();
        run::spawned(async move { handle.migrate(to).await }).await.map(|x| x.into())
    }
    /// What the engine is doing.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = ())]
    async fn status(&self) -> PyResult<EngineStatus> {
        let handle = self.0.clone();
        run::inline(async move { handle.status().await }).await.map(|x| x.into())
    }
    /// Numbers for operators in Prometheus' text format (`text/plain; version=0.0.4`): the gate's answers by reason,
    /// requests by what they came to, webhooks and updates, how long each took, how deep the queues are, in which
    /// state each number is. Counters begin at zero when the engine is opened. None says anything of a person.
    ///
    /// A host in Rust that has installed a recorder of the crate `metrics` before has the same numbers there.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = ())]
    async fn metrics(&self) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move { handle.metrics().await }).await
    }
    /// The same engine as somebody sees it who may do less: every call is checked against their scopes, what
    /// they do not see is masked, and the audit log names them. The host authenticates; conek authorises.
    fn session(&self, actor: crate::types::Actor) -> PyResult<Engine> {
        self.0.session(actor.into()).map(Engine).map_err(crate::errors::raise)
    }
}
/// The rights of data subjects.
#[pyclass(frozen, module = "conek")]
pub struct Rights(pub conek_core::rights::Rights);
#[pymethods]
impl Rights {
    /// Reads a request.
    ///
    /// Errors:
    /// `not_found`.
    #[pyo3(signature = (id))]
    async fn get(&self, id: String) -> PyResult<RightsRequest> {
        let handle = self.0.clone();
        run::inline(async move { handle.get(id).await }).await.map(|x| x.into())
    }
    /// Requests, the oldest first, at most 1,000 a page: all, or a person's.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000.
    #[pyo3(signature = (person = None, after = None, limit = 100))]
    async fn requests(
        &self,
        person: Option<String>,
        after: Option<String>,
        limit: i32,
    ) -> PyResult<RequestPage> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.requests(person.map(|x| x.into()), after, limit).await
            })
            .await
            .map(|x| x.into())
    }
    /// What a human must do, the most urgent first: by when, and how much of the time is gone (alarms at 50, 80 and
    /// 100 percent). As of `at`; now, if missing.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = (at = None))]
    async fn due(&self, at: Option<Moment>) -> PyResult<DueList> {
        let handle = self.0.clone();
        run::inline(async move { handle.due(at.map(|x| x.into())).await })
            .await
            .map(|x| x.into())
    }
    /// Records whether it is the person who asks (GDPR 12(6), POPIA s23(1)).
    ///
    /// Errors:
    /// `not_found`; `invalid_input` without a method; `conflict` for a request that has ended.
    #[pyo3(signature = (id, check))]
    async fn check_identity(
        &self,
        id: String,
        check: IdentityCheck,
    ) -> PyResult<RightsRequest> {
        let handle = self.0.clone();
        run::inline(async move { handle.check_identity(id, check.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Says that one right of a request was answered. An erasure and a correction are done by it: the person is
    /// erased, the corrections of the request are applied.
    ///
    /// Errors:
    /// `not_found`; `conflict` while it is not known who asks, while a legal hold stands against an erasure, or
    /// where the right was not asked for or was answered.
    #[pyo3(signature = (id, right, note = None))]
    async fn fulfil(
        &self,
        id: String,
        right: RightKind,
        note: Option<String>,
    ) -> PyResult<RightsRequest> {
        let handle = self.0.clone();
        run::inline(async move { handle.fulfil(id, right.into(), note).await })
            .await
            .map(|x| x.into())
    }
    /// Refuses one right of a request. It needs its ground, and an explanation for the person. Nothing stands
    /// against a withdrawal or an objection to direct marketing.
    ///
    /// Errors:
    /// `not_found`; `invalid_input` for a ground that does not fit, or without an explanation; `conflict` where the
    /// right was not asked for or was answered.
    #[pyo3(signature = (id, right, ground, explanation))]
    async fn refuse(
        &self,
        id: String,
        right: RightKind,
        ground: RefusalGround,
        explanation: String,
    ) -> PyResult<RightsRequest> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.refuse(id, right.into(), ground.into(), explanation).await
            })
            .await
            .map(|x| x.into())
    }
    /// Takes the longer time that the law gives, once, and only within the first one: the person must be told now,
    /// and why (GDPR 12(3), PAIA s57). The account's own promise gives way to it.
    ///
    /// Errors:
    /// `not_found`; `invalid_input` without a reason, too late, or where no law gives more; `conflict` a second
    /// time.
    #[pyo3(signature = (id, reason))]
    async fn extend(&self, id: String, reason: String) -> PyResult<RightsRequest> {
        let handle = self.0.clone();
        run::inline(async move { handle.extend(id, reason).await })
            .await
            .map(|x| x.into())
    }
    /// The person took the request back, or it repeats another (`duplicate_of`). What took effect at once stays.
    ///
    /// Errors:
    /// `not_found`; `conflict` for a request that has ended.
    #[pyo3(signature = (id, duplicate_of = None))]
    async fn end(
        &self,
        id: String,
        duplicate_of: Option<String>,
    ) -> PyResult<RightsRequest> {
        let handle = self.0.clone();
        run::inline(async move { handle.end(id, duplicate_of).await })
            .await
            .map(|x| x.into())
    }
    /// Writes everything about a person to a new file `to` (GDPR 15 and 20, POPIA s23): a signed ZIP with a page to
    /// read in the person's language, JSON with published schemas, the same as CSV, a vCard, and receipts of their
    /// consent. Every kind of record that names them is in it, whatever its size. With `recipient` only that age key
    /// opens it.
    ///
    /// Give it to nobody before it is known who asks. The file holds personal data in clear, unless it is encrypted.
    ///
    /// Errors:
    /// `not_found`; `conflict` when the file exists; `invalid_input` where it cannot be written, or for a recipient
    /// that is none; `forbidden` without the scope `contacts_export`, or with a mask.
    #[pyo3(signature = (person, to, options = ExportOptions::default()))]
    async fn export(
        &self,
        person: String,
        to: String,
        options: ExportOptions,
    ) -> PyResult<ExportReport> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.export(person.into(), options.into(), to).await
            })
            .await
            .map(|x| x.into())
    }
    /// Erases a person (GDPR 17, POPIA s24): their key and every record that concerns them, in one commit. What
    /// stays: the suppression list, this proof, which names nobody, and what a law wants kept, restricted and sealed
    /// under a key of its own. `recipients` of the proof must be told (GDPR 19). Written into the journal first, so
    /// that no restored copy brings them back.
    ///
    /// Errors:
    /// `not_found`. A legal hold is no error: the proof says that it is not done, and by what it is held.
    #[pyo3(signature = (person, options = ErasureOptions::default()))]
    async fn erase(
        &self,
        person: String,
        options: ErasureOptions,
    ) -> PyResult<ErasureProof> {
        let handle = self.0.clone();
        run::inline(async move { handle.erase(person.into(), options.into()).await })
            .await
            .map(|x| x.into())
    }
    /// The proofs of erasures, at most 1,000 a page.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000.
    #[pyo3(signature = (after = None, limit = 100))]
    async fn erasures(
        &self,
        after: Option<String>,
        limit: i32,
    ) -> PyResult<ErasurePage> {
        let handle = self.0.clone();
        run::inline(async move { handle.erasures(after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// What is kept after erasures because a law wants it, closed: what and until when, not whose.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000.
    #[pyo3(signature = (after = None, limit = 100))]
    async fn retained(
        &self,
        after: Option<String>,
        limit: i32,
    ) -> PyResult<RetainedPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.retained(after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// Opens one thing that is kept because a law wants it, for whoever the law gives it to: it is restricted, and
    /// `purpose` goes into the audit log.
    ///
    /// Errors:
    /// `not_found`; `invalid_input` without a purpose.
    #[pyo3(signature = (id, purpose))]
    async fn open_retained(
        &self,
        id: String,
        purpose: String,
    ) -> PyResult<RetainedItem> {
        let handle = self.0.clone();
        run::inline(async move { handle.open_retained(id, purpose).await })
            .await
            .map(|x| x.into())
    }
    /// Corrects what is known of a person (GDPR 16, POPIA s24), or attaches their statement to it. Answers who must
    /// be told (GDPR 19, POPIA s24(3)).
    ///
    /// Errors:
    /// `not_found`; `invalid_input` for a value that is none; `conflict` for a number that another contact has.
    #[pyo3(signature = (person, rectification = Rectification::default()))]
    async fn rectify(
        &self,
        person: String,
        rectification: Rectification,
    ) -> PyResult<Vec<String>> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.rectify(person.into(), rectification.into()).await
            })
            .await
    }
    /// The statements that a person attached to data which the account holds to be right (POPIA s24(2)(d)).
    ///
    /// Errors:
    /// `not_found`.
    #[pyo3(signature = (person))]
    async fn statements(&self, person: String) -> PyResult<Vec<String>> {
        let handle = self.0.clone();
        run::inline(async move { handle.statements(person.into()).await }).await
    }
}
/// What is kept for how long.
#[pyclass(frozen, module = "conek")]
pub struct Retention(pub conek_core::retention::Retention);
#[pymethods]
impl Retention {
    /// Ends what is over (POPIA s14, GDPR 5(1)(e)), in small commits, and says what went and why. The engine does
    /// it by itself once a day; this does it now. `most` bounds the records looked at; all, if missing.
    ///
    /// Errors:
    /// `invalid_input` for a bound below 1; `forbidden` without `privacy_erase`.
    #[pyo3(signature = (most = None))]
    async fn sweep(&self, most: Option<i64>) -> PyResult<SweepReport> {
        let handle = self.0.clone();
        run::inline(async move { handle.sweep(most).await }).await.map(|x| x.into())
    }
    /// What a sweep would do at this moment. Nothing is changed.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = ())]
    async fn preview(&self) -> PyResult<SweepPreview> {
        let handle = self.0.clone();
        run::inline(async move { handle.preview().await }).await.map(|x| x.into())
    }
    /// Keeps data from erasure while a dispute or an order lasts (GDPR 17(3)(e)): a person's, or everybody's. A
    /// hold keeps and allows nothing: whoever asked to be erased is restricted meanwhile, and erased when it ends.
    ///
    /// Errors:
    /// `invalid_input` without a reference, or with an end in the past; `not_found` for an unknown person.
    #[pyo3(signature = (hold))]
    async fn hold(&self, hold: LegalHold) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.hold(hold.into()).await }).await
    }
    /// Ends a hold. What it kept and was over goes with the next sweep.
    ///
    /// Errors:
    /// `not_found`.
    #[pyo3(signature = (reference))]
    async fn lift_hold(&self, reference: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.lift_hold(reference).await }).await
    }
    /// Every hold.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = ())]
    async fn holds(&self) -> PyResult<Vec<LegalHold>> {
        let handle = self.0.clone();
        run::inline(async move { handle.holds().await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Notes that a person was active in a way that conek does not see: a purchase, a click. The time of marketing
    /// data counts from there; the account's own messages never do.
    ///
    /// Errors:
    /// `not_found`; `invalid_input` for a moment in the future.
    #[pyo3(signature = (person, at = None))]
    async fn record_activity(&self, person: String, at: Option<Moment>) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.record_activity(person.into(), at.map(|x| x.into())).await
            })
            .await
    }
    /// Counts of messages by week, purpose and country, from which nobody can be made out: each is over at least
    /// `least_people` people (10 if missing), and what is left out cannot be found by subtraction. They stay when
    /// the messages are gone. Whole weeks only, from the week of `from_day` on.
    ///
    /// Errors:
    /// `invalid_input` for days that are none, more than ten years, or fewer than 2 people.
    #[pyo3(signature = (from_day, to_day, least_people = None))]
    async fn statistics(
        &self,
        from_day: String,
        to_day: String,
        least_people: Option<i32>,
    ) -> PyResult<Statistics> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.statistics(from_day, to_day, least_people).await
            })
            .await
            .map(|x| x.into())
    }
}
/// The account's registers.
#[pyclass(frozen, module = "conek")]
pub struct Registers(pub conek_core::registers::Registers);
#[pymethods]
impl Registers {
    /// Enters that personal data went to somebody. What may not be disclosed cannot be entered: a sale and a
    /// competitor never, a partner only with consent, an authority only with its legal reference.
    ///
    /// Errors:
    /// `denied` with the reasons; `invalid_input` without a name or categories; `not_found` for an unknown person.
    #[pyo3(signature = (disclosure))]
    async fn disclose(&self, disclosure: NewDisclosure) -> PyResult<Disclosure> {
        let handle = self.0.clone();
        run::inline(async move { handle.disclose(disclosure.into()).await })
            .await
            .map(|x| x.into())
    }
    /// The register of disclosures, at most 1,000 entries a page; with a person, those of their data alone and
    /// those of everybody's.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000.
    #[pyo3(signature = (person = None, after = None, limit = 100))]
    async fn disclosures(
        &self,
        person: Option<String>,
        after: Option<String>,
        limit: i32,
    ) -> PyResult<DisclosurePage> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.disclosures(person.map(|x| x.into()), after, limit).await
            })
            .await
            .map(|x| x.into())
    }
    /// Enters a transfer to another country (POPIA s72, GDPR 44 to 49). One that rests on nothing that holds today
    /// is refused: the Privacy Shield since 16 July 2020.
    ///
    /// Errors:
    /// `denied` with the reasons; `invalid_input` without a recipient.
    #[pyo3(signature = (transfer))]
    async fn enter_transfer(&self, transfer: NewTransfer) -> PyResult<Transfer> {
        let handle = self.0.clone();
        run::inline(async move { handle.enter_transfer(transfer.into()).await })
            .await
            .map(|x| x.into())
    }
    /// The register of transfers, each judged by what holds today.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = ())]
    async fn transfers(&self) -> PyResult<Vec<Transfer>> {
        let handle = self.0.clone();
        run::inline(async move { handle.transfers().await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// The record of processing activities (GDPR 30(1), POPIA s17), made from the notices in force, the registers
    /// and the retention rules.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = ())]
    async fn processing(&self) -> PyResult<ProcessingRecord> {
        let handle = self.0.clone();
        run::inline(async move { handle.processing().await }).await.map(|x| x.into())
    }
}
/// The register of breaches.
#[pyclass(frozen, module = "conek")]
pub struct Incidents(pub conek_core::incidents::Incidents);
#[pymethods]
impl Incidents {
    /// Reads a case.
    ///
    /// Errors:
    /// `not_found`.
    #[pyo3(signature = (id))]
    async fn get(&self, id: String) -> PyResult<BreachCase> {
        let handle = self.0.clone();
        run::inline(async move { handle.get(id).await }).await.map(|x| x.into())
    }
    /// The register: every case, the oldest first, at most 1,000 a page.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000.
    #[pyo3(signature = (after = None, limit = 100))]
    async fn cases(&self, after: Option<String>, limit: i32) -> PyResult<BreachPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.cases(after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// What is to be done about every case that is not closed, as of `at`; now, if missing. Each duty says since
    /// when it is warned of (24 hours before it is due at the latest) and until when it is due.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = (at = None))]
    async fn due(&self, at: Option<Moment>) -> PyResult<Vec<BreachTask>> {
        let handle = self.0.clone();
        run::inline(async move { handle.due(at.map(|x| x.into())).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Says anew what is known. Letters that went out stay as they were; a moved moment of awareness is noted.
    ///
    /// Errors:
    /// `not_found`; `invalid_input` for details that make no sense; `conflict` for a closed case.
    #[pyo3(signature = (id, details = BreachDetails::default()))]
    async fn revise(&self, id: String, details: BreachDetails) -> PyResult<BreachCase> {
        let handle = self.0.clone();
        run::inline(async move { handle.revise(id, details.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Says how likely harm is, and why. Whom the law wants told follows from it.
    ///
    /// Errors:
    /// `not_found`; `invalid_input` for a risk that is unknown or has no reason; `conflict` for a closed case.
    #[pyo3(signature = (id, assessment = BreachAssessment::default()))]
    async fn assess(
        &self,
        id: String,
        assessment: BreachAssessment,
    ) -> PyResult<BreachCase> {
        let handle = self.0.clone();
        run::inline(async move { handle.assess(id, assessment.into()).await })
            .await
            .map(|x| x.into())
    }
    /// The letter to somebody as it stands now, in a language or the nearest there is: plain words, all that the
    /// law wants said and the case knows. What it does not know is left out and named in `missing`; the letter is
    /// then the first of several (GDPR 33(4)).
    ///
    /// Errors:
    /// `not_found`; `conflict` for somebody who need not be told.
    #[pyo3(signature = (id, to, language = None))]
    async fn letter(
        &self,
        id: String,
        to: BreachAudience,
        language: Option<String>,
    ) -> PyResult<BreachLetter> {
        let handle = self.0.clone();
        run::inline(async move { handle.letter(id, to.into(), language).await })
            .await
            .map(|x| x.into())
    }
    /// Enters a letter that went out, and how that is proved. Every way is entered; whether it counts is the law's
    /// to say: WhatsApp and a call only in addition (POPIA s22(4), GDPR 34).
    ///
    /// Errors:
    /// `not_found`; `invalid_input` without proof, for a moment in the future, or for a final letter that leaves
    /// something out; `conflict` for a closed case.
    #[pyo3(signature = (id, notice))]
    async fn record_notice(
        &self,
        id: String,
        notice: NewBreachNotice,
    ) -> PyResult<BreachCase> {
        let handle = self.0.clone();
        run::inline(async move { handle.record_notice(id, notice.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Enters an order to wait with telling the people: only a body that detects or prosecutes offences, or the
    /// Regulator, can give one (POPIA s22(3)). `what` says why.
    ///
    /// Errors:
    /// `not_found`; `invalid_input` for an order that names nobody; `conflict` for a closed case.
    #[pyo3(signature = (id, order, what))]
    async fn delay(
        &self,
        id: String,
        order: DelayOrder,
        what: String,
    ) -> PyResult<BreachCase> {
        let handle = self.0.clone();
        run::inline(async move { handle.delay(id, order.into(), what).await })
            .await
            .map(|x| x.into())
    }
    /// Notes that an order to wait was taken back: the people are told now.
    ///
    /// Errors:
    /// `not_found`, for the order too.
    #[pyo3(signature = (id, reference))]
    async fn lift_delay(&self, id: String, reference: String) -> PyResult<BreachCase> {
        let handle = self.0.clone();
        run::inline(async move { handle.lift_delay(id, reference).await })
            .await
            .map(|x| x.into())
    }
    /// Closes a case. It needs the risk assessed, and everybody whom the law or the promise wants told: all of it,
    /// in a way that counts.
    ///
    /// Errors:
    /// `not_found`; `conflict` with everything that stands against it.
    #[pyo3(signature = (id))]
    async fn close(&self, id: String) -> PyResult<BreachCase> {
        let handle = self.0.clone();
        run::inline(async move { handle.close(id).await }).await.map(|x| x.into())
    }
    /// Opens a closed case again, because something new is known.
    ///
    /// Errors:
    /// `not_found`; `invalid_input` without a reason; `conflict` for a case that is open.
    #[pyo3(signature = (id, reason))]
    async fn reopen(&self, id: String, reason: String) -> PyResult<BreachCase> {
        let handle = self.0.clone();
        run::inline(async move { handle.reopen(id, reason).await })
            .await
            .map(|x| x.into())
    }
    /// Finds whose data a breach concerns: by country, by when they were there, by which kinds of record are kept of
    /// them, and by what an actor's account did in a time, from the audit log. Looks at `limit` contacts at a time,
    /// at most 1,000; go on until `next` is missing.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000.
    #[pyo3(signature = (query, after = None, limit = 100))]
    async fn affected(
        &self,
        query: AffectedQuery,
        after: Option<String>,
        limit: i32,
    ) -> PyResult<AffectedPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.affected(query.into(), after, limit).await })
            .await
            .map(|x| x.into())
    }
}
/// The account's keys.
#[pyclass(frozen, module = "conek")]
pub struct Keys(pub conek_core::vault::Keys);
#[pymethods]
impl Keys {
    /// Puts a new wrapping key in place of the present one while work goes on, and takes every person's key over to
    /// it. The key file gets a new key of its own; with a key provider of the host's, the root key is wrapped anew
    /// with whatever the provider wraps with now: rotate there first, and let it open both for as long as this
    /// runs. Called again, or opened again after a crash, it goes on where it was.
    ///
    /// Errors:
    /// `key` when a key cannot be opened or the key file cannot be written; `forbidden` without `keys_rotate`.
    #[pyo3(signature = ())]
    async fn rotate(&self) -> PyResult<RotationReport> {
        let handle = self.0.clone();
        run::inline(async move { handle.rotate().await }).await.map(|x| x.into())
    }
    /// Where the last rotation stands; `None` if there was none.
    ///
    /// Errors:
    /// Only those of the storage; `forbidden` without `keys_rotate`.
    #[pyo3(signature = ())]
    async fn rotation(&self) -> PyResult<Option<RotationReport>> {
        let handle = self.0.clone();
        run::inline(async move { handle.rotation().await })
            .await
            .map(|x| x.map(|x| x.into()))
    }
    /// The public half of the account's signing key, Ed25519, 32 bytes: exports and the audit log are signed with
    /// the other.
    ///
    /// Errors:
    /// None.
    #[pyo3(signature = ())]
    async fn public_key(&self) -> PyResult<Vec<u8>> {
        let handle = self.0.clone();
        run::inline(async move { handle.public_key().await }).await
    }
}
/// The account's audit log.
#[pyclass(frozen, module = "conek")]
pub struct Audit(pub conek_core::audit::Audit);
#[pymethods]
impl Audit {
    /// Who calls through this handle.
    ///
    /// Errors:
    /// None.
    #[pyo3(signature = ())]
    async fn actor(&self) -> PyResult<Actor> {
        let handle = self.0.clone();
        run::inline(async move { handle.actor().await }).await.map(|x| x.into())
    }
    /// Entries of the log, the oldest first: who did what with whose data, for what, and whether they were
    /// admitted (POPIA s19, GDPR 5(2) and 32). At most 1,000 a page.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000; `forbidden` without the scope `audit_read`.
    #[pyo3(signature = (query, limit = 100))]
    async fn entries(&self, query: AuditQuery, limit: i32) -> PyResult<AuditPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.entries(query.into(), limit).await })
            .await
            .map(|x| x.into())
    }
    /// Signs everything up to now and gives the end of the chain. Kept elsewhere, it proves later that the log's
    /// end was not cut off. `None` while nothing was logged.
    ///
    /// Errors:
    /// `forbidden` without the scope `audit_read`.
    #[pyo3(signature = ())]
    async fn head(&self) -> PyResult<Option<AuditHead>> {
        let handle = self.0.clone();
        run::inline(async move { handle.head().await })
            .await
            .map(|x| x.map(|x| x.into()))
    }
    /// Looks over the whole log and names what was changed, removed, added or put in another order. `known`: a
    /// head from earlier, kept elsewhere. People who were erased meanwhile do not matter: the log holds pseudonyms.
    ///
    /// Errors:
    /// `forbidden` without the scope `audit_read`.
    #[pyo3(signature = (known = None))]
    async fn verify(&self, known: Option<AuditHead>) -> PyResult<AuditReport> {
        let handle = self.0.clone();
        run::inline(async move { handle.verify(known.map(|x| x.into())).await })
            .await
            .map(|x| x.into())
    }
}
/// The account's contacts.
#[pyclass(frozen, module = "conek")]
pub struct Contacts(pub conek_core::people::Contacts);
#[pymethods]
impl Contacts {
    /// Imports a CSV file of people, row by row, in bounded memory whatever its size.
    ///
    /// The columns are found by their headings (`phone`, `name`, `language`, `time_zone`, `country`,
    /// `source`, `context`, `obtained_at`, `objection_offered`, `evidence`, `consent`,
    /// `consent_evidence`, `consent_at`, and usual synonyms); every other column becomes an attribute.
    /// A bad row is reported and the rest still counts. A file never creates consent without evidence.
    ///
    /// Errors:
    /// `invalid_input` when the file is missing, is no CSV, or has neither a phone nor a BSUID column.
    #[pyo3(signature = (path, options = ImportOptions::default()))]
    async fn import_file(
        &self,
        path: String,
        options: ImportOptions,
    ) -> PyResult<ImportReport> {
        let handle = self.0.clone();
        run::spawned(async move { handle.import_file(path, options.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Imports the bytes of a CSV file; see `Contacts.import_file`.
    ///
    /// Errors:
    /// As `Contacts.import_file`.
    #[pyo3(signature = (bytes, options = ImportOptions::default()))]
    async fn import_csv(
        &self,
        bytes: Vec<u8>,
        options: ImportOptions,
    ) -> PyResult<ImportReport> {
        let handle = self.0.clone();
        run::spawned(async move { handle.import_csv(bytes, options.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Creates a contact, or brings the one with the same number or BSUID up to date. What is
    /// `None` stays as it is. The suppression list is checked: who opted out stays opted out.
    ///
    /// Errors:
    /// `invalid_input` for a number, BSUID, zone or country that is none; `conflict` when number and
    /// BSUID belong to two different contacts.
    #[pyo3(signature = (contact))]
    async fn upsert(&self, contact: NewContact) -> PyResult<Contact> {
        let handle = self.0.clone();
        run::inline(async move { handle.upsert(contact.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Says that a dialogue of the host's own is open with a person, which understands these whole messages
    /// as commands until `until`. CANCEL, END or QUIT among them become a question instead of an opt-out;
    /// no dialogue takes STOP over. An empty list closes it.
    ///
    /// Errors:
    /// `not_found`; `invalid_input` for more than 100 commands or one longer than 100 characters.
    #[pyo3(signature = (id, commands, until))]
    async fn open_dialogue(
        &self,
        id: String,
        commands: Vec<String>,
        until: Moment,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.open_dialogue(id.into(), commands, until.into()).await
            })
            .await
    }
    /// Reads a contact.
    ///
    /// Errors:
    /// `not_found`.
    #[pyo3(signature = (id))]
    async fn get(&self, id: String) -> PyResult<Contact> {
        let handle = self.0.clone();
        run::inline(async move { handle.get(id.into()).await }).await.map(|x| x.into())
    }
    /// Makes one contact of two that are one person: a number and a BSUID that were met apart. Everything of the
    /// other becomes the kept one's: messages, consent, answers, in one commit. What is more restrictive holds: a
    /// no of either is the no of both, and both addresses stand on the suppression list if one did. A
    /// campaign's message that waits for the other is taken back where the kept one has its own. The other's id
    /// still finds the contact.
    ///
    /// Errors:
    /// `not_found`; `conflict` when both have a number of their own; `invalid_input` for one contact twice.
    #[pyo3(signature = (keep, other))]
    async fn merge(&self, keep: String, other: String) -> PyResult<Contact> {
        let handle = self.0.clone();
        run::inline(async move { handle.merge(keep.into(), other.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Takes a merge back: the contact that went is there again under its id, with its identifiers and everything
    /// that was handed over. What came since stays with the one that was kept, and every no, from before or since,
    /// holds for both, as nobody knows whose it was. It can be taken back for 90 days. Gives the contact that is back.
    ///
    /// Errors:
    /// `not_found` for a contact that was not merged into another, or too long ago; `conflict` when another contact has one of its
    /// identifiers meanwhile.
    #[pyo3(signature = (other))]
    async fn unmerge(&self, other: String) -> PyResult<Contact> {
        let handle = self.0.clone();
        run::inline(async move { handle.unmerge(other.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Finds a contact by id, number in any notation, or BSUID.
    ///
    /// Errors:
    /// `invalid_input` for a number that is none.
    #[pyo3(signature = (recipient))]
    async fn lookup(&self, recipient: Recipient) -> PyResult<Option<Contact>> {
        let handle = self.0.clone();
        run::inline(async move { handle.lookup(recipient.into()).await })
            .await
            .map(|x| x.map(|x| x.into()))
    }
    /// Lists contacts, the oldest first, at most 1,000 a page.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000.
    #[pyo3(signature = (after = None, limit = 100))]
    async fn list(&self, after: Option<String>, limit: i32) -> PyResult<ContactPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.list(after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// Counts the contacts.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = ())]
    async fn count(&self) -> PyResult<i64> {
        let handle = self.0.clone();
        run::inline(async move { handle.count().await }).await
    }
}
/// The account's consent ledger.
#[pyclass(frozen, module = "conek")]
pub struct Consent(pub conek_core::consent::Consent);
#[pymethods]
impl Consent {
    /// Records what a person said, with what proves it.
    ///
    /// Given consent lifts an earlier opt-out only if the person acted after it.
    ///
    /// Errors:
    /// `invalid_input` for consent without evidence (POPIA s11(2)(a)) or a purpose that does not
    /// rest on consent; `not_found` for an unknown person.
    #[pyo3(signature = (entry))]
    async fn record(&self, entry: ConsentEntry) -> PyResult<ConsentView> {
        let handle = self.0.clone();
        run::inline(async move { handle.record(entry.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Takes a person's consent back. Once this returns, no send of that purpose to them begins,
    /// whatever was queued; for marketing, their number goes on the suppression list.
    ///
    /// Errors:
    /// `not_found` for an unknown person.
    #[pyo3(signature = (person, purpose, source))]
    async fn withdraw(
        &self,
        person: String,
        purpose: Purpose,
        source: ConsentSource,
    ) -> PyResult<ConsentView> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.withdraw(person.into(), purpose.into(), source.into()).await
            })
            .await
            .map(|x| x.into())
    }
    /// The person confirms a consent (double opt-in). Where the account demands it (`policy.tighten`),
    /// consent counts from then on.
    ///
    /// Errors:
    /// `invalid_input` without a consent to confirm, or without proof; `not_found` for an unknown person.
    #[pyo3(signature = (person, purpose, source, evidence = Evidence::default()))]
    async fn confirm(
        &self,
        person: String,
        purpose: Purpose,
        source: ConsentSource,
        evidence: Evidence,
    ) -> PyResult<ConsentView> {
        let handle = self.0.clone();
        run::inline(async move {
                handle
                    .confirm(
                        person.into(),
                        purpose.into(),
                        source.into(),
                        evidence.into(),
                    )
                    .await
            })
            .await
            .map(|x| x.into())
    }
    /// Declares what is known of a person beside consent: an objection, a restriction, a demand to
    /// desist, an age, an agreement to hours, that the number changed hands. Each is stronger than consent.
    /// Once this returns, no send begins that it forbids.
    ///
    /// A child reported by a guardian is erased, and stays on the suppression list for everything.
    ///
    /// Errors:
    /// `invalid_input` for what cannot be, or needs proof and has none; `not_found` for an unknown person.
    #[pyo3(signature = (declaration))]
    async fn declare(&self, declaration: Declaration) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.declare(declaration.into()).await }).await
    }
    /// What was declared about a person, the oldest first.
    ///
    /// Errors:
    /// `not_found` for an unknown person.
    #[pyo3(signature = (person))]
    async fn declarations(&self, person: String) -> PyResult<Vec<Declared>> {
        let handle = self.0.clone();
        run::inline(async move { handle.declarations(person.into()).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Where a person's consent stands, by purpose. Purposes that nothing was said about are missing.
    ///
    /// Errors:
    /// `not_found` for an unknown person.
    #[pyo3(signature = (person))]
    async fn status(&self, person: String) -> PyResult<Vec<ConsentView>> {
        let handle = self.0.clone();
        run::inline(async move { handle.status(person.into()).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Every consent event of a person, the oldest first.
    ///
    /// Errors:
    /// `not_found` for an unknown person.
    #[pyo3(signature = (person))]
    async fn history(&self, person: String) -> PyResult<Vec<ConsentEvent>> {
        let handle = self.0.clone();
        run::inline(async move { handle.history(person.into()).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Whether an address is on the account's suppression list, known contact or not.
    ///
    /// Errors:
    /// `invalid_input` for a number that is none; `not_found` for an unknown contact id.
    #[pyo3(signature = (recipient))]
    async fn is_suppressed(&self, recipient: Recipient) -> PyResult<bool> {
        let handle = self.0.clone();
        run::inline(async move { handle.is_suppressed(recipient.into()).await }).await
    }
    /// Puts an address on the account's suppression list for marketing, known contact or not: for opt-outs that
    /// reached the account by another way, and for lists of another system. Only a new consent of the person
    /// takes it off.
    ///
    /// Errors:
    /// `invalid_input` for a number or BSUID that is none; `not_found` for an unknown contact id.
    #[pyo3(signature = (recipient))]
    async fn suppress(&self, recipient: Recipient) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.suppress(recipient.into()).await }).await
    }
    /// The address of a person's page of preferences, for a message: it shows what they may be sent, and one
    /// button ends it. `inbound.handle_http` answers it. Following it changes nothing; the button acts, as does a
    /// one-click request (RFC 8058). Who has the link needs no password, as it must be as easy to withdraw
    /// consent as to give it (GDPR 7(3)).
    ///
    /// Errors:
    /// `not_found`; `invalid_input` without a `public_url` in the configuration.
    #[pyo3(signature = (person))]
    async fn preference_link(&self, person: String) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move { handle.preference_link(person.into()).await }).await
    }
    /// A receipt of what a person agreed to, refused and withdrew for a purpose: JSON-LD in the terms of the W3C
    /// Data Privacy Vocabulary, with the fields of ISO/IEC TS 27560. The person is named by a pseudonym, and
    /// texts by their fingerprint, so that it can be shown without telling more.
    ///
    /// Errors:
    /// `not_found` for an unknown person, or one who has said nothing about this purpose.
    #[pyo3(signature = (person, purpose))]
    async fn receipt(&self, person: String, purpose: Purpose) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move { handle.receipt(person.into(), purpose.into()).await })
            .await
    }
    /// The account's suppression list, at most 1,000 entries a page: keep a copy of it away from the backups,
    /// and give it to `restore_suppressions` when an older database is brought back.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000.
    #[pyo3(signature = (after = None, limit = 100))]
    async fn suppressions(
        &self,
        after: Option<String>,
        limit: i32,
    ) -> PyResult<SuppressionPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.suppressions(after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// Adds entries of the same account's list, and suppresses every contact that they name. What holds already is
    /// not weakened. Says how many contacts were suppressed by it.
    ///
    /// Errors:
    /// `invalid_input` for a key that is none; then nothing was added.
    #[pyo3(signature = (entries))]
    async fn restore_suppressions(
        &self,
        entries: Vec<SuppressionEntry>,
    ) -> PyResult<i64> {
        let handle = self.0.clone();
        run::inline(async move {
                handle
                    .restore_suppressions(
                        entries.into_iter().map(|x| x.into()).collect(),
                    )
                    .await
            })
            .await
    }
    /// Records what a visitor chose. `visitor` is the host's own key of the device or session; it is stored as
    /// a keyed fingerprint alone. Of a known contact it belongs to their data.
    ///
    /// Errors:
    /// `invalid_input` for an empty key; `not_found` for an unknown contact or notice.
    #[pyo3(
        signature = (
            visitor,
            choices = TrackingChoices::default(),
            person = None,
            notice = None
        )
    )]
    async fn set_tracking(
        &self,
        visitor: String,
        choices: TrackingChoices,
        person: Option<String>,
        notice: Option<String>,
    ) -> PyResult<TrackingPreference> {
        let handle = self.0.clone();
        run::inline(async move {
                handle
                    .set_tracking(
                        visitor,
                        choices.into(),
                        person.map(|x| x.into()),
                        notice.map(|x| x.into()),
                    )
                    .await
            })
            .await
            .map(|x| x.into())
    }
    /// What a visitor chose last.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = (visitor))]
    async fn tracking(&self, visitor: String) -> PyResult<TrackingPreference> {
        let handle = self.0.clone();
        run::inline(async move { handle.tracking(visitor).await })
            .await
            .map(|x| x.into())
    }
    /// Every choice of a visitor, the oldest first: the proof of what was allowed when (GDPR 7(1)).
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = (visitor))]
    async fn tracking_history(
        &self,
        visitor: String,
    ) -> PyResult<Vec<TrackingPreference>> {
        let handle = self.0.clone();
        run::inline(async move { handle.tracking_history(visitor).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
}
/// The account's privacy notices.
#[pyclass(frozen, module = "conek")]
pub struct Notices(pub conek_core::consent::Notices);
#[pymethods]
impl Notices {
    /// Publishes a version of the privacy notice. It is never changed afterwards.
    ///
    /// Errors:
    /// `invalid_input` for an empty text, for a second version without a summary of what changed, and for
    /// contents without what the law demands: it names everything that is missing.
    #[pyo3(signature = (notice))]
    async fn publish(&self, notice: NewNotice) -> PyResult<Notice> {
        let handle = self.0.clone();
        run::inline(async move { handle.publish(notice.into()).await })
            .await
            .map(|x| x.into())
    }
    /// The version in force in a language.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = (language))]
    async fn current(&self, language: String) -> PyResult<Option<Notice>> {
        let handle = self.0.clone();
        run::inline(async move { handle.current(language).await })
            .await
            .map(|x| x.map(|x| x.into()))
    }
    /// Records that a person was shown a notice. This is never consent: nothing turns one into the other.
    ///
    /// Errors:
    /// `not_found` for an unknown person or notice.
    #[pyo3(signature = (person, notice))]
    async fn acknowledge(&self, person: String, notice: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.acknowledge(person.into(), notice.into()).await
            })
            .await
    }
    /// Which versions a person was shown, and when, the oldest first.
    ///
    /// Errors:
    /// `not_found` for an unknown person.
    #[pyo3(signature = (person))]
    async fn acknowledged(&self, person: String) -> PyResult<Vec<Acknowledgement>> {
        let handle = self.0.clone();
        run::inline(async move { handle.acknowledged(person.into()).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Who was shown a version, at most 1,000 a page.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000.
    #[pyo3(signature = (notice, after = None, limit = 100))]
    async fn acknowledgements(
        &self,
        notice: String,
        after: Option<String>,
        limit: i32,
    ) -> PyResult<Vec<Acknowledgement>> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.acknowledgements(notice.into(), after, limit).await
            })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Who consented under a version that a material change has overtaken, and has to be asked again before
    /// marketing goes on; at most 1,000 contacts are looked at for one page.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = (after = None))]
    async fn needs_renewal(&self, after: Option<String>) -> PyResult<RenewalPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.needs_renewal(after).await })
            .await
            .map(|x| x.into())
    }
}
/// The gate, for questions.
#[pyclass(frozen, module = "conek")]
pub struct Policy(pub conek_core::policy::Policy);
#[pymethods]
impl Policy {
    /// What the gate would say about a message now, with every reason and its provision. Nothing is
    /// queued.
    ///
    /// Errors:
    /// `invalid_input` for a draft that could never be sent; `not_found` for an unknown contact id.
    #[pyo3(signature = (draft))]
    async fn check(&self, draft: Draft) -> PyResult<Explanation> {
        let handle = self.0.clone();
        run::inline(async move { handle.check(draft.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Why a message was sent, waits, or was not sent, from the facts stored with the decision.
    ///
    /// Errors:
    /// `not_found` for an unknown message; `key` when the person was erased and the facts with them.
    #[pyo3(signature = (message))]
    async fn explain(&self, message: String) -> PyResult<Explanation> {
        let handle = self.0.clone();
        run::inline(async move { handle.explain(message.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Decides once more from the facts stored with a message's latest attempt, by the rules of this
    /// version: the same rules give the same answer, years later.
    ///
    /// Errors:
    /// `not_found` for an unknown message, or one that no attempt was made for.
    #[pyo3(signature = (message))]
    async fn replay(&self, message: String) -> PyResult<Decision> {
        let handle = self.0.clone();
        run::inline(async move { handle.replay(message.into()).await })
            .await
            .map(|x| x.into())
    }
    /// The rules in force, each with its provision and dates, and whether they are past their review date.
    ///
    /// Errors:
    /// None.
    #[pyo3(signature = ())]
    async fn rules(&self) -> PyResult<RuleSet> {
        let handle = self.0.clone();
        run::inline(async move { handle.rules().await }).await.map(|x| x.into())
    }
    /// Makes the gate stricter than the law. It holds from the next decision on, also for what waits.
    ///
    /// Errors:
    /// `invalid_input` for an age below 18, hours that are none, or an unknown zone.
    #[pyo3(signature = (tightening, reason))]
    async fn tighten(
        &self,
        tightening: Tightening,
        reason: String,
    ) -> PyResult<SettingChange> {
        let handle = self.0.clone();
        run::inline(async move { handle.tighten(tightening.into(), reason).await })
            .await
            .map(|x| x.into())
    }
    /// Takes a tightening back; needs the reason, because it makes the gate less strict.
    ///
    /// Errors:
    /// `invalid_input` without a reason.
    #[pyo3(signature = (tightening, reason))]
    async fn relax(
        &self,
        tightening: Tightening,
        reason: String,
    ) -> PyResult<SettingChange> {
        let handle = self.0.clone();
        run::inline(async move { handle.relax(tightening.into(), reason).await })
            .await
            .map(|x| x.into())
    }
    /// Takes a less strict reading on the account where the law is open or conek has no rules. It is
    /// recorded with its reason, and stands in the facts of each decision. What the law settles cannot be loosened.
    ///
    /// Errors:
    /// `invalid_input` without a reason, for an age below 13, or for what is no country.
    #[pyo3(signature = (loosening, reason))]
    async fn loosen(
        &self,
        loosening: Loosening,
        reason: String,
    ) -> PyResult<SettingChange> {
        let handle = self.0.clone();
        run::inline(async move { handle.loosen(loosening.into(), reason).await })
            .await
            .map(|x| x.into())
    }
    /// Takes a loosening back.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = (loosening, reason))]
    async fn restore(
        &self,
        loosening: Loosening,
        reason: String,
    ) -> PyResult<SettingChange> {
        let handle = self.0.clone();
        run::inline(async move { handle.restore(loosening.into(), reason).await })
            .await
            .map(|x| x.into())
    }
    /// What the account has made stricter and less strict, as it stands.
    ///
    /// Errors:
    /// None.
    #[pyo3(signature = ())]
    async fn settings(&self) -> PyResult<AccountSettings> {
        let handle = self.0.clone();
        run::inline(async move { handle.settings().await }).await.map(|x| x.into())
    }
    /// Every change of the settings with its reason, the oldest first.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = ())]
    async fn changes(&self) -> PyResult<Vec<SettingChange>> {
        let handle = self.0.clone();
        run::inline(async move { handle.changes().await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Records a legitimate-interest assessment. Without one, nothing rests on a legitimate interest.
    ///
    /// Errors:
    /// `invalid_input` for an assessment with an empty part.
    #[pyo3(signature = (assessment))]
    async fn assess(&self, assessment: Assessment) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.assess(assessment.into()).await }).await
    }
    /// Records a comparison of the contacts with the national opt-out registry (CPA regulation 4). From then
    /// on direct marketing in South Africa needs one from within the last month, and a block stands against it.
    ///
    /// Errors:
    /// `invalid_input` for a moment in the future or a list without a name.
    #[pyo3(signature = (cleansing))]
    async fn record_cleansing(&self, cleansing: Cleansing) -> PyResult<CleansingReport> {
        let handle = self.0.clone();
        run::inline(async move { handle.record_cleansing(cleansing.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Declares a day a public holiday in South Africa, as the President may (Public Holidays Act
    /// s2A), for example an election day. `YYYY-MM-DD`; declaring it again changes nothing.
    ///
    /// Errors:
    /// `invalid_input` for anything but a date.
    #[pyo3(signature = (day))]
    async fn declare_holiday(&self, day: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.declare_holiday(day).await }).await
    }
}
/// The account's messages.
#[pyclass(frozen, module = "conek")]
pub struct Messages(pub conek_core::messaging::Messages);
#[pymethods]
impl Messages {
    /// Queues a message, durably, and returns; the engine sends it. The gate decides now and once
    /// more right before the message leaves.
    ///
    /// Safe to drop: a message that was stored is sent whether or not anybody waits.
    ///
    /// Errors:
    /// `denied` with every reason when the gate says no; `invalid_input` for content that WhatsApp
    /// would refuse, an unknown template or a missing variable; `conflict` when another message was
    /// sent under the same dedupe key.
    #[pyo3(signature = (draft))]
    async fn send(&self, draft: Draft) -> PyResult<Sent> {
        let handle = self.0.clone();
        run::inline(async move { handle.send(draft.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Queues many messages in one go: one result for each draft, in order. At most 10,000.
    ///
    /// Safe to drop, as `Messages.send`.
    ///
    /// Errors:
    /// `invalid_input` for too many drafts; what is wrong with one draft stands in its own result.
    #[pyo3(signature = (drafts))]
    async fn send_many(&self, drafts: Vec<Draft>) -> PyResult<Vec<SendResult>> {
        let handle = self.0.clone();
        run::spawned(async move {
                handle.send_many(drafts.into_iter().map(|x| x.into()).collect()).await
            })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Reads a message with what became of it.
    ///
    /// Errors:
    /// `not_found`.
    #[pyo3(signature = (id))]
    async fn get(&self, id: String) -> PyResult<Message> {
        let handle = self.0.clone();
        run::inline(async move { handle.get(id.into()).await }).await.map(|x| x.into())
    }
    /// Waits until a message is final, at most `timeout_ms` milliseconds, and reads it.
    ///
    /// Errors:
    /// `not_found`. Running out of time is no error: look at the message's state.
    #[pyo3(signature = (id, timeout_ms = 30000))]
    async fn wait(&self, id: String, timeout_ms: i32) -> PyResult<Message> {
        let handle = self.0.clone();
        run::inline(async move { handle.wait(id.into(), timeout_ms).await })
            .await
            .map(|x| x.into())
    }
    /// Takes a message back that has not left yet.
    ///
    /// Errors:
    /// `conflict` when it is on its way or final already; `not_found`.
    #[pyo3(signature = (id))]
    async fn cancel(&self, id: String) -> PyResult<Message> {
        let handle = self.0.clone();
        run::inline(async move { handle.cancel(id.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Messages to a person, the newest first, at most 1,000.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000.
    #[pyo3(signature = (person, limit = 100))]
    async fn of_person(&self, person: String, limit: i32) -> PyResult<Vec<Message>> {
        let handle = self.0.clone();
        run::inline(async move { handle.of_person(person.into(), limit).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Messages that are held, the oldest first: after a restore they may have been sent already by
    /// the store that was lost, so that only a human may release them.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000.
    #[pyo3(signature = (after = None, limit = 100))]
    async fn held(&self, after: Option<String>, limit: i32) -> PyResult<MessagePage> {
        let handle = self.0.clone();
        run::inline(async move { handle.held(after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// Lets a held message go to its queue after all. Whoever calls this answers for the chance that
    /// the person gets it twice.
    ///
    /// Errors:
    /// `conflict` when it is not held; `not_found`.
    #[pyo3(signature = (id))]
    async fn release(&self, id: String) -> PyResult<Message> {
        let handle = self.0.clone();
        run::inline(async move { handle.release(id.into()).await })
            .await
            .map(|x| x.into())
    }
}
/// The account's templates.
#[pyclass(frozen, module = "conek")]
pub struct Templates(pub conek_core::messaging::Templates);
#[pymethods]
impl Templates {
    /// Puts two templates beside each other over the last 7, 30, 60 or 90 days: how often each was sent, after which
    /// of them people blocked the business less often, and why. Both must have been sent a thousand times.
    ///
    /// Errors:
    /// `invalid_input` for other days, or a template beside itself; `not_found` for one that is not stored, or not at
    /// WhatsApp; `transport` for one that was sent less often.
    #[pyo3(signature = (name, language, other_name, other_language, days))]
    async fn compare(
        &self,
        name: String,
        language: String,
        other_name: String,
        other_language: String,
        days: i32,
    ) -> PyResult<TemplateComparison> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.compare(name, language, other_name, other_language, days).await
            })
            .await
            .map(|x| x.into())
    }
    /// Copies templates of another account of the same business into this one: those that are named, or a page of all.
    /// Of all, ask page after page until one comes back empty. Only approved ones of green or unknown quality are
    /// copied. `sync` reads the copies afterwards (Meta: Template migration).
    ///
    /// Errors:
    /// `invalid_input` for more than 500 templates, or a page or a count that is none; `transport`. A template that is
    /// not copied is no error: see `failed`.
    #[pyo3(signature = (source))]
    async fn migrate(&self, source: TemplateSource) -> PyResult<TemplateMigration> {
        let handle = self.0.clone();
        run::spawned(async move { handle.migrate(source.into()).await })
            .await
            .map(|x| x.into())
    }
    /// What WhatsApp's library has, at most `limit` (1 to 100) of it; the next page begins at `after`.
    ///
    /// Errors:
    /// `transport` with code 100 for a topic, use case or industry that there is not.
    #[pyo3(signature = (query, after = None, limit = 100))]
    async fn library(
        &self,
        query: LibraryQuery,
        after: Option<String>,
        limit: i32,
    ) -> PyResult<LibraryPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.library(query.into(), after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// Makes a template from one of the library. Its words are those of the library; the business gives addresses and
    /// numbers of buttons. It is approved at once as a rule, and kept here as it stands at WhatsApp then.
    ///
    /// Errors:
    /// `invalid_input` for what WhatsApp would refuse; `transport` with code 100 for one that the library does not
    /// have, with subcode 2388024 for a name that is taken.
    #[pyo3(signature = (template))]
    async fn create_from_library(
        &self,
        template: NewFromLibrary,
    ) -> PyResult<MadeFromLibrary> {
        let handle = self.0.clone();
        run::inline(async move { handle.create_from_library(template.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Submits a stored template to WhatsApp for review, with examples in place of its values. It is kept with the
    /// status that WhatsApp answers, and is sent once that is `APPROVED`: a webhook tells, or `sync`. WhatsApp takes
    /// 100 new templates an hour.
    ///
    /// Errors:
    /// `not_found` for a template that is not stored; `denied` for one that the law has something against;
    /// `invalid_input` where an example is missing; `transport`, for one that exists already with subcode 2388024.
    #[pyo3(signature = (name, language, examples = TemplateExamples::default()))]
    async fn submit(
        &self,
        name: String,
        language: String,
        examples: TemplateExamples,
    ) -> PyResult<Template> {
        let handle = self.0.clone();
        run::inline(async move { handle.submit(name, language, examples.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Changes a template at WhatsApp: all its components, and of one that is not approved the category too. It is
    /// kept as it was given, with the status that WhatsApp has for it then. An approved one can be edited once in 24
    /// hours and ten times in 30 days.
    ///
    /// Errors:
    /// `not_found` for a template that is not stored, or not at WhatsApp; `denied`, `invalid_input` and `transport` as
    /// for `submit`.
    #[pyo3(signature = (template, examples = TemplateExamples::default()))]
    async fn edit(
        &self,
        template: Template,
        examples: TemplateExamples,
    ) -> PyResult<Template> {
        let handle = self.0.clone();
        run::inline(async move { handle.edit(template.into(), examples.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Removes a template from WhatsApp: in one language, or in all. It is kept here as `DELETED`, so that what was
    /// sent with it can be read, and is not sent any more. WhatsApp keeps the name of an approved one for 30 days.
    ///
    /// Errors:
    /// `not_found` for a language in which it is not stored, or not at WhatsApp; `transport`.
    #[pyo3(signature = (name, language = None))]
    async fn remove(&self, name: String, language: Option<String>) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.remove(name, language).await }).await
    }
    /// Lifts the pause of a template that WhatsApp's pacing paused, and says how it stands then.
    ///
    /// Errors:
    /// `not_found` for a template that is not stored, or not at WhatsApp; `transport` for one that is not paused.
    #[pyo3(signature = (name, language))]
    async fn unpause(&self, name: String, language: String) -> PyResult<Template> {
        let handle = self.0.clone();
        run::inline(async move { handle.unpause(name, language).await })
            .await
            .map(|x| x.into())
    }
    /// Reads all of the account's templates from WhatsApp and keeps them as they stand there: definition, status,
    /// category and quality. One that is paused, disabled or rejected there, or not there any more, is not sent from
    /// that moment on, also where messages with it wait.
    ///
    /// Errors:
    /// `invalid_input` without a `business_account` in the configuration; `transport`. What was read before stays.
    #[pyo3(signature = ())]
    async fn sync(&self) -> PyResult<TemplateSync> {
        let handle = self.0.clone();
        run::inline(async move { handle.sync().await }).await.map(|x| x.into())
    }
    /// What the law has against a template, before it is submitted to WhatsApp: marketing has to name the sender
    /// and say how it ends (POPIA s69(4), ePrivacy 13(4)). The same is looked at again before each message.
    ///
    /// Errors:
    /// `invalid_input` for what WhatsApp itself would refuse.
    #[pyo3(signature = (template))]
    async fn check(&self, template: Template) -> PyResult<Vec<Reason>> {
        let handle = self.0.clone();
        run::inline(async move { handle.check(template.into()).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Stores a template as WhatsApp holds it, in place of what was known under its name and language. Nothing is told
    /// to WhatsApp: see `submit` and `edit`.
    ///
    /// Errors:
    /// `invalid_input` for a component that WhatsApp would refuse; the error names it, for example
    /// `cards[1].buttons[0].url`.
    #[pyo3(signature = (template))]
    async fn put(&self, template: Template) -> PyResult<Template> {
        let handle = self.0.clone();
        run::inline(async move { handle.put(template.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Reads a template.
    ///
    /// Errors:
    /// `not_found`.
    #[pyo3(signature = (name, language))]
    async fn get(&self, name: String, language: String) -> PyResult<Template> {
        let handle = self.0.clone();
        run::inline(async move { handle.get(name, language).await })
            .await
            .map(|x| x.into())
    }
    /// Every template, by name and language.
    ///
    /// Errors:
    /// None but `closed`.
    #[pyo3(signature = ())]
    async fn list(&self) -> PyResult<Vec<Template>> {
        let handle = self.0.clone();
        run::inline(async move { handle.list().await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
}
/// Files for people's phones, and those that people sent.
#[pyclass(frozen, module = "conek")]
pub struct MediaLibrary(pub conek_core::messaging::MediaLibrary);
#[pymethods]
impl MediaLibrary {
    /// Uploads a file and returns WhatsApp's media id, good for 30 days.
    ///
    /// Images may have 5 MB, audio and video 16 MB, documents 100 MB (Meta: supported media types).
    ///
    /// Errors:
    /// `invalid_input` for a file that is too large or of a type WhatsApp does not take;
    /// `transport` when the upload fails. Uploading again is harmless.
    #[pyo3(signature = (upload))]
    async fn upload(&self, upload: Upload) -> PyResult<String> {
        let handle = self.0.clone();
        run::spawned(async move { handle.upload(upload.into()).await }).await
    }
    /// What WhatsApp says of a file: one that was uploaded (kept 30 days), or one that somebody sent (7 days).
    ///
    /// Errors:
    /// `forbidden` without `messages_read`; `not_found` for a file that is gone; `transport`.
    #[pyo3(signature = (id))]
    async fn info(&self, id: String) -> PyResult<MediaInfo> {
        let handle = self.0.clone();
        run::inline(async move { handle.info(id).await }).await.map(|x| x.into())
    }
    /// Fetches a file and checks that it is the one that WhatsApp announced, by its SHA-256. It may be of anybody: keep
    /// it as you keep the person's messages.
    ///
    /// Errors:
    /// `forbidden` without `messages_read`, or for who does not see contents; `not_found` for a file that is gone;
    /// `transport`, also where the bytes are others.
    #[pyo3(signature = (id))]
    async fn download(&self, id: String) -> PyResult<MediaFile> {
        let handle = self.0.clone();
        run::inline(async move { handle.download(id).await }).await.map(|x| x.into())
    }
    /// Deletes a file at WhatsApp. Messages that were sent with it keep it.
    ///
    /// Errors:
    /// `forbidden` without `messages_send`; `not_found` for a file that is gone; `transport`.
    #[pyo3(signature = (id))]
    async fn delete(&self, id: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.delete(id).await }).await
    }
}
/// The account at WhatsApp. Whoever manages it needs the scope `account_admin`; every change is logged. Nothing is
/// repeated by itself: where an error's retry is `unknown`, look before you repeat the call.
#[pyclass(frozen, module = "conek")]
pub struct Platform(pub conek_core::platform::Platform);
#[pymethods]
impl Platform {
    /// How many conversations there were and about what they cost, step by step (Meta: Analytics > Conversation
    /// analytics). WhatsApp charges messages one by one since July 2025: `pricing_analytics` tells that.
    ///
    /// Errors:
    /// `invalid_input` for a range without time in it, or a filter that is none; `transport`.
    #[pyo3(signature = (range, filter = ConversationFilter::default()))]
    async fn conversation_analytics(
        &self,
        range: AnalyticsRange,
        filter: ConversationFilter,
    ) -> PyResult<Vec<ConversationPoint>> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.conversation_analytics(range.into(), filter.into()).await
            })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// How many messages arrived and about what they cost, step by step (Meta: Analytics > Pricing analytics). What
    /// the invoice says may differ a little.
    ///
    /// Errors:
    /// `invalid_input` for a range without time in it, or a filter that is none; `transport`.
    #[pyo3(signature = (range, filter = PricingFilter::default()))]
    async fn pricing_analytics(
        &self,
        range: AnalyticsRange,
        filter: PricingFilter,
    ) -> PyResult<Vec<PricingPoint>> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.pricing_analytics(range.into(), filter.into()).await
            })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// How many messages the account sent and how many arrived, step by step (Meta: Analytics > Messaging analytics).
    /// Steps without a message may be missing.
    ///
    /// Errors:
    /// `invalid_input` for a range without time in it, or a filter that is none; `transport`.
    #[pyo3(signature = (range, filter = MessagingFilter::default()))]
    async fn messaging_analytics(
        &self,
        range: AnalyticsRange,
        filter: MessagingFilter,
    ) -> PyResult<Vec<MessagingPoint>> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.messaging_analytics(range.into(), filter.into()).await
            })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Has WhatsApp count what becomes of templates, from now on. It cannot be taken back, and by it the business
    /// tells Meta to follow the addresses behind buttons and to collect and anonymise data of its chats: that is
    /// processing which the privacy notice has to name (Meta: Analytics > Confirming template analytics).
    ///
    /// Errors:
    /// `invalid_input` without a `business_account` in the configuration; `transport`.
    #[pyo3(signature = ())]
    async fn enable_template_analytics(&self) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.enable_template_analytics().await }).await
    }
    /// How often templates were sent, arrived, were read and had their buttons pressed, and what they cost, day by day
    /// (Meta: Analytics > Template analytics). It must have been enabled. Accounts in the European Union, the United
    /// Kingdom and Japan, or with numbers from there, have none.
    ///
    /// Errors:
    /// `invalid_input` for a range without time in it, or for no template or more than ten; `transport` with code
    /// 200007 where it was not enabled.
    #[pyo3(signature = (query))]
    async fn template_analytics(
        &self,
        query: TemplateAnalyticsQuery,
    ) -> PyResult<Vec<TemplatePoint>> {
        let handle = self.0.clone();
        run::inline(async move { handle.template_analytics(query.into()).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// The apps that get the account's webhooks. Without any, nothing comes in.
    ///
    /// Errors:
    /// `invalid_input` without a `business_account` in the configuration; `transport`.
    #[pyo3(signature = ())]
    async fn subscribed_apps(&self) -> PyResult<Vec<SubscribedApp>> {
        let handle = self.0.clone();
        run::inline(async move { handle.subscribed_apps().await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Subscribes the token's app to the account's webhooks; with a callback they go there, without one to the app's
    /// own address, also where they went elsewhere before.
    ///
    /// Errors:
    /// `transport` with code 2200 for a callback that does not answer the challenge.
    #[pyo3(signature = (callback = None))]
    async fn subscribe(&self, callback: Option<WebhookCallback>) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.subscribe(callback.map(|x| x.into())).await })
            .await
    }
    /// Ends the app's subscription: nothing comes in any more, no message, no status, no opt-out.
    ///
    /// Errors:
    /// `invalid_input` without a `business_account` in the configuration; `transport`.
    #[pyo3(signature = ())]
    async fn unsubscribe(&self) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.unsubscribe().await }).await
    }
    /// Sends the webhooks of one number elsewhere; without a callback they go where the account's go.
    ///
    /// Errors:
    /// `not_found`; `transport` with code 2200 for a callback that does not answer the challenge.
    #[pyo3(signature = (number, callback = None))]
    async fn set_number_callback(
        &self,
        number: String,
        callback: Option<WebhookCallback>,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.set_number_callback(number, callback.map(|x| x.into())).await
            })
            .await
    }
    /// What a number offers before anybody writes.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (number = None))]
    async fn automation(&self, number: Option<String>) -> PyResult<Automation> {
        let handle = self.0.clone();
        run::inline(async move { handle.automation(number).await })
            .await
            .map(|x| x.into())
    }
    /// Sets what a number offers, in place of what it did.
    ///
    /// Errors:
    /// `invalid_input` for too many or too long ones; `not_found`; `transport`.
    #[pyo3(signature = (wanted, number = None))]
    async fn set_automation(
        &self,
        wanted: Automation,
        number: Option<String>,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.set_automation(wanted.into(), number).await })
            .await
    }
    /// Keeps people from writing to a number, and the number from writing to them. WhatsApp takes only those who wrote
    /// within the last 24 hours; the list holds 64,000. At most 1,000 people in a call.
    ///
    /// Blocking is no withdrawal: what people consented to stays on record. WhatsApp refuses messages to them, and such a
    /// refusal (130403) is kept as an opt-out.
    ///
    /// Errors:
    /// `invalid_input` for nobody or too many; `not_found` for an unknown contact; `transport`.
    #[pyo3(signature = (people, number = None))]
    async fn block(
        &self,
        people: Vec<Recipient>,
        number: Option<String>,
    ) -> PyResult<BlockReport> {
        let handle = self.0.clone();
        run::inline(async move {
                handle
                    .block(people.into_iter().map(|x| x.into()).collect(), number)
                    .await
            })
            .await
            .map(|x| x.into())
    }
    /// Takes people off the block list.
    ///
    /// Errors:
    /// `invalid_input` for nobody or too many; `not_found` for an unknown contact; `transport`.
    #[pyo3(signature = (people, number = None))]
    async fn unblock(
        &self,
        people: Vec<Recipient>,
        number: Option<String>,
    ) -> PyResult<BlockReport> {
        let handle = self.0.clone();
        run::inline(async move {
                handle
                    .unblock(people.into_iter().map(|x| x.into()).collect(), number)
                    .await
            })
            .await
            .map(|x| x.into())
    }
    /// Who is blocked, at most `limit` (1 to 100) of them; the next page begins at `after`.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (after = None, limit = 100, number = None))]
    async fn blocked(
        &self,
        after: Option<String>,
        limit: i32,
        number: Option<String>,
    ) -> PyResult<BlockedPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.blocked(after, limit, number).await })
            .await
            .map(|x| x.into())
    }
    /// Whether and how a number takes calls.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (number = None))]
    async fn calling_settings(
        &self,
        number: Option<String>,
    ) -> PyResult<CallingSettings> {
        let handle = self.0.clone();
        run::inline(async move { handle.calling_settings(number).await })
            .await
            .map(|x| x.into())
    }
    /// Changes whether and how a number takes calls; what is left out stays.
    ///
    /// Errors:
    /// `invalid_input` for nothing to change, or hours that are no JSON object; `transport`.
    #[pyo3(signature = (settings, number = None))]
    async fn set_calling_settings(
        &self,
        settings: CallingSettings,
        number: Option<String>,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.set_calling_settings(settings.into(), number).await
            })
            .await
    }
    /// Whether a number may call a person, as WhatsApp knows it, and how often. A person gives the permission in answer to
    /// a message (`Content.CallPermissionRequest`), or by calling.
    ///
    /// Errors:
    /// `not_found` for an unknown contact; `transport`.
    #[pyo3(signature = (who, number = None))]
    async fn call_permission(
        &self,
        who: Recipient,
        number: Option<String>,
    ) -> PyResult<CallPermission> {
        let handle = self.0.clone();
        run::inline(async move { handle.call_permission(who.into(), number).await })
            .await
            .map(|x| x.into())
    }
    /// Calls a contact, with an offer, and answers the call's id. Their answer comes as an event with a session. WhatsApp
    /// demands their permission (138006 without). The gate demands what it demands of a message for this purpose, but for
    /// the 24 hours: whoever opted out is not called, and marketing is not possible, as a call carries no way to opt out.
    ///
    /// `tracking` comes back in the event that ends the call: 512 characters at most, no personal data.
    ///
    /// Errors:
    /// `denied`; `invalid_input` for a session that is no offer; `not_found` for an unknown contact; `transport`.
    #[pyo3(signature = (person, purpose, session, tracking = None, number = None))]
    async fn connect_call(
        &self,
        person: String,
        purpose: Purpose,
        session: CallSession,
        tracking: Option<String>,
        number: Option<String>,
    ) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move {
                handle
                    .connect_call(
                        person.into(),
                        purpose.into(),
                        session.into(),
                        tracking,
                        number,
                    )
                    .await
            })
            .await
    }
    /// Prepares the media of a person's call, so that there is sound as soon as it is accepted.
    ///
    /// Errors:
    /// `invalid_input` for a session that is no answer; `transport` for a call that is over or nobody's.
    #[pyo3(signature = (call, session, number = None))]
    async fn pre_accept_call(
        &self,
        call: String,
        session: CallSession,
        number: Option<String>,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.pre_accept_call(call, session.into(), number).await
            })
            .await
    }
    /// Takes a person's call, within the 30 to 60 seconds that it rings.
    ///
    /// Errors:
    /// `invalid_input` for a session that is no answer; `transport` for a call that is over or nobody's.
    #[pyo3(signature = (call, session, tracking = None, number = None))]
    async fn accept_call(
        &self,
        call: String,
        session: CallSession,
        tracking: Option<String>,
        number: Option<String>,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.accept_call(call, session.into(), tracking, number).await
            })
            .await
    }
    /// Does not take a person's call.
    ///
    /// Errors:
    /// `transport` for a call that is over or nobody's.
    #[pyo3(signature = (call, number = None))]
    async fn reject_call(&self, call: String, number: Option<String>) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.reject_call(call, number).await }).await
    }
    /// Ends a call, also where the media have ended already: what it costs is counted until then.
    ///
    /// Errors:
    /// `transport` for a call that is over or nobody's.
    #[pyo3(signature = (call, number = None))]
    async fn terminate_call(
        &self,
        call: String,
        number: Option<String>,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.terminate_call(call, number).await }).await
    }
    /// What people see of a number's shop.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (number = None))]
    async fn commerce_settings(
        &self,
        number: Option<String>,
    ) -> PyResult<CommerceSettings> {
        let handle = self.0.clone();
        run::inline(async move { handle.commerce_settings(number).await })
            .await
            .map(|x| x.into())
    }
    /// Changes what people see of a number's shop.
    ///
    /// Errors:
    /// `invalid_input` for nothing to change; `not_found`; `transport`.
    #[pyo3(signature = (update, number = None))]
    async fn update_commerce_settings(
        &self,
        update: CommerceUpdate,
        number: Option<String>,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.update_commerce_settings(update.into(), number).await
            })
            .await
    }
    /// The key for which what flows of a number send is encrypted.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (number = None))]
    async fn flow_key(&self, number: Option<String>) -> PyResult<FlowKey> {
        let handle = self.0.clone();
        run::inline(async move { handle.flow_key(number).await }).await.map(|x| x.into())
    }
    /// Sets the key for which what flows of a number send is encrypted, in place of the one that there is: an RSA key
    /// of 2,048 bits. Only the public half leaves the business. It is to be set again after each registration.
    ///
    /// Errors:
    /// `invalid_input` for what is no public key; `not_found`; `transport` with code 100 for one of another length.
    #[pyo3(signature = (public_key, number = None))]
    async fn set_flow_key(
        &self,
        public_key: String,
        number: Option<String>,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.set_flow_key(public_key, number).await }).await
    }
    /// Copies flows of another account of the same business into this one, under the same names and as drafts: those
    /// that are named, or all (Meta: Flows API > Migrate flows).
    ///
    /// Errors:
    /// `invalid_input` for an empty name; `transport`. A flow that is not copied is no error: see `failed`.
    #[pyo3(signature = (source_account, names))]
    async fn migrate_flows(
        &self,
        source_account: String,
        names: Vec<String>,
    ) -> PyResult<FlowMigration> {
        let handle = self.0.clone();
        run::inline(async move { handle.migrate_flows(source_account, names).await })
            .await
            .map(|x| x.into())
    }
    /// The account's flows, at most `limit` (1 to 100) of them; the next page begins at `after`.
    ///
    /// Errors:
    /// `invalid_input` without a `business_account` in the configuration; `transport`.
    #[pyo3(signature = (after = None, limit = 100))]
    async fn flows(&self, after: Option<String>, limit: i32) -> PyResult<FlowPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.flows(after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// A flow, with where it can be looked at.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (id))]
    async fn flow(&self, id: String) -> PyResult<Flow> {
        let handle = self.0.clone();
        run::inline(async move { handle.flow(id).await }).await.map(|x| x.into())
    }
    /// Makes a flow, as a draft.
    ///
    /// Errors:
    /// `invalid_input` for a flow without a name or category, or a file that is no JSON; `transport` with code 100 for
    /// a name that another flow has.
    #[pyo3(signature = (flow))]
    async fn create_flow(&self, flow: NewFlow) -> PyResult<FlowMade> {
        let handle = self.0.clone();
        run::inline(async move { handle.create_flow(flow.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Changes a flow's name, categories, endpoint or app.
    ///
    /// Errors:
    /// `invalid_input` for nothing to change; `not_found`; `transport` with code 139001 for a flow that was published.
    #[pyo3(signature = (id, update = FlowUpdate::default()))]
    async fn update_flow(&self, id: String, update: FlowUpdate) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.update_flow(id, update.into()).await }).await
    }
    /// Gives a draft its file, in place of the one that it had, and says what is wrong with it. A file with errors is
    /// kept and cannot be published.
    ///
    /// Errors:
    /// `invalid_input` for what is no JSON or has more than 10 MB; `not_found`; `transport`.
    #[pyo3(signature = (id, flow_json))]
    async fn upload_flow_json(
        &self,
        id: String,
        flow_json: String,
    ) -> PyResult<Vec<FlowError>> {
        let handle = self.0.clone();
        run::inline(async move { handle.upload_flow_json(id, flow_json).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// A flow's files, and where they can be fetched.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (id))]
    async fn flow_assets(&self, id: String) -> PyResult<Vec<FlowAsset>> {
        let handle = self.0.clone();
        run::inline(async move { handle.flow_assets(id).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Publishes a draft, so that it can be sent to everybody. It cannot be changed any more.
    ///
    /// Errors:
    /// `not_found`; `transport` with code 139002 for one without a file, or with errors in it.
    #[pyo3(signature = (id))]
    async fn publish_flow(&self, id: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.publish_flow(id).await }).await
    }
    /// Takes a published flow out of use: it can no longer be sent or opened.
    ///
    /// Errors:
    /// `not_found`; `transport` with code 139003 for one that is not published.
    #[pyo3(signature = (id))]
    async fn deprecate_flow(&self, id: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.deprecate_flow(id).await }).await
    }
    /// Deletes a draft.
    ///
    /// Errors:
    /// `not_found`; `transport` with code 139004 for one that was published.
    #[pyo3(signature = (id))]
    async fn delete_flow(&self, id: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.delete_flow(id).await }).await
    }
    /// A number's groups, at most `limit` (1 to 100) of them; the next page begins at `after`.
    ///
    /// Errors:
    /// `transport`, with code 131215 for a number that may have no groups.
    #[pyo3(signature = (after = None, limit = 100, number = None))]
    async fn groups(
        &self,
        after: Option<String>,
        limit: i32,
        number: Option<String>,
    ) -> PyResult<GroupPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.groups(after, limit, number).await })
            .await
            .map(|x| x.into())
    }
    /// A group and who is in it.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (id))]
    async fn group(&self, id: String) -> PyResult<Group> {
        let handle = self.0.clone();
        run::inline(async move { handle.group(id).await }).await.map(|x| x.into())
    }
    /// Asks for a group of a number, and answers the request's id. WhatsApp makes the group a little later: the webhook
    /// `group_lifecycle_update` tells its id and link under this request's id, as an event of the kind `unknown`.
    ///
    /// Errors:
    /// `invalid_input` for a subject or description that is too long; `transport`.
    #[pyo3(signature = (group, number = None))]
    async fn create_group(
        &self,
        group: NewGroup,
        number: Option<String>,
    ) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move { handle.create_group(group.into(), number).await }).await
    }
    /// Changes what a group is called or for.
    ///
    /// Errors:
    /// `invalid_input` for nothing to change, or texts that are too long; `not_found`; `transport`.
    #[pyo3(signature = (id, update = GroupUpdate::default()))]
    async fn update_group(&self, id: String, update: GroupUpdate) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.update_group(id, update.into()).await }).await
    }
    /// Deletes a group: everybody is out of it, also the business.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (id))]
    async fn delete_group(&self, id: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.delete_group(id).await }).await
    }
    /// Takes people out of a group, at most 8 in a call. Whoever still has the link may come back: reset it, or let nobody in unasked.
    ///
    /// Errors:
    /// `invalid_input` for nobody or more than 8; `not_found`; `transport`.
    #[pyo3(signature = (id, people))]
    async fn remove_group_members(
        &self,
        id: String,
        people: Vec<Recipient>,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move {
                handle
                    .remove_group_members(
                        id,
                        people.into_iter().map(|x| x.into()).collect(),
                    )
                    .await
            })
            .await
    }
    /// The link by which people join a group. Whoever has it can ask to be let in, and where nobody must be asked, is in.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (id))]
    async fn group_invite_link(&self, id: String) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move { handle.group_invite_link(id).await }).await
    }
    /// Gives a group a new link; the one that it had works no more.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (id))]
    async fn reset_group_invite_link(&self, id: String) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move { handle.reset_group_invite_link(id).await }).await
    }
    /// Who waits to be let into a group, at most `limit` (1 to 100) of them; the next page begins at `after`.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (id, after = None, limit = 100))]
    async fn join_requests(
        &self,
        id: String,
        after: Option<String>,
        limit: i32,
    ) -> PyResult<JoinRequestPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.join_requests(id, after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// Lets people into a group, by the ids of their requests, at most 100 in a call.
    ///
    /// Errors:
    /// `invalid_input` for none or more than 100; `not_found`; `transport`.
    #[pyo3(signature = (id, requests))]
    async fn approve_join_requests(
        &self,
        id: String,
        requests: Vec<String>,
    ) -> PyResult<JoinRequestReport> {
        let handle = self.0.clone();
        run::inline(async move { handle.approve_join_requests(id, requests).await })
            .await
            .map(|x| x.into())
    }
    /// Turns people away from a group, by the ids of their requests, at most 100 in a call.
    ///
    /// Errors:
    /// `invalid_input` for none or more than 100; `not_found`; `transport`.
    #[pyo3(signature = (id, requests))]
    async fn reject_join_requests(
        &self,
        id: String,
        requests: Vec<String>,
    ) -> PyResult<JoinRequestReport> {
        let handle = self.0.clone();
        run::inline(async move { handle.reject_join_requests(id, requests).await })
            .await
            .map(|x| x.into())
    }
    /// The account's numbers, at most `limit` (1 to 100) of them; the next page begins at `after`.
    ///
    /// Errors:
    /// `invalid_input` without a `business_account` in the configuration; `transport`.
    #[pyo3(signature = (after = None, limit = 100))]
    async fn numbers(&self, after: Option<String>, limit: i32) -> PyResult<NumberPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.numbers(after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// What WhatsApp says of a number: its quality, its throughput, how far its registration and its name are. The
    /// account's default number, unless one is named.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (number = None))]
    async fn phone_number(&self, number: Option<String>) -> PyResult<PhoneNumber> {
        let handle = self.0.clone();
        run::inline(async move { handle.phone_number(number).await })
            .await
            .map(|x| x.into())
    }
    /// Adds a number to the account and says its id. It sends once a code has proved it (`request_code`, `verify_code`)
    /// and it is registered (`register`). A business has two numbers, and twenty once it is verified (Meta: WhatsApp
    /// Business Account > Phone Numbers).
    ///
    /// Errors:
    /// `invalid_input` for what is no number or no name; `transport` with code 100 for a number that WhatsApp Business
    /// knows already, 200 where the business can have no more.
    #[pyo3(signature = (number))]
    async fn add_number(&self, number: NewPhoneNumber) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move { handle.add_number(number.into()).await }).await
    }
    /// Has WhatsApp send a code to a number that was added to the account, in a language such as `en_US`.
    ///
    /// Errors:
    /// `not_found`; `transport` with code 136024 for a number that is verified already, or asked for too often.
    #[pyo3(signature = (number, method, language))]
    async fn request_code(
        &self,
        number: String,
        method: CodeMethod,
        language: String,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.request_code(number, method.into(), language).await
            })
            .await
    }
    /// Proves by the code that came that the number is the business's.
    ///
    /// Errors:
    /// `invalid_input` for what is no code; `transport` with code 136025 for a wrong one.
    #[pyo3(signature = (number, code))]
    async fn verify_code(&self, number: String, code: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.verify_code(number, code).await }).await
    }
    /// Registers a verified number for the Cloud API, so that it sends and receives. `pin` has six digits: the one
    /// that is set, or a new one where none is. `region` keeps its data at rest in a country (ISO 3166-1 alpha-2) that
    /// Meta offers. At most ten registrations and deregistrations within 72 hours.
    ///
    /// Errors:
    /// `invalid_input` for a PIN that is none; `transport` with code 133005 for a wrong PIN, 133006 for a number that
    /// is not verified, 133016 after too many tries.
    #[pyo3(signature = (number, pin, region = None))]
    async fn register(
        &self,
        number: String,
        pin: String,
        region: Option<String>,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.register(number, pin, region).await }).await
    }
    /// Takes a number off the Cloud API: it neither sends nor receives until it is registered again.
    ///
    /// Errors:
    /// `not_found`; `transport` with code 133010 for one that is not registered.
    #[pyo3(signature = (number))]
    async fn deregister(&self, number: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.deregister(number).await }).await
    }
    /// Sets the two-step PIN of a number: six digits, which its next registration asks for.
    ///
    /// Errors:
    /// `invalid_input` for a PIN that is none; `not_found`; `transport`.
    #[pyo3(signature = (number, pin))]
    async fn set_pin(&self, number: String, pin: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.set_pin(number, pin).await }).await
    }
    /// Exchanges the code of a finished embedded sign-up for the customer's token (Meta: Embedded sign-up > Onboarding
    /// business customers). Secret, code and token stand in no error and no log. A code works once: where the answer
    /// was lost, the customer has to sign up again.
    ///
    /// Errors:
    /// `invalid_input` for an empty secret or code; `transport` with code 100 for a code that was used or has ended,
    /// 101 for a secret that is not the app's.
    #[pyo3(signature = (code))]
    async fn exchange_code(&self, code: SignupCode) -> PyResult<BusinessToken> {
        let handle = self.0.clone();
        run::inline(async move { handle.exchange_code(code.into()).await })
            .await
            .map(|x| x.into())
    }
    /// What people see of a number.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (number = None))]
    async fn profile(&self, number: Option<String>) -> PyResult<BusinessProfile> {
        let handle = self.0.clone();
        run::inline(async move { handle.profile(number).await }).await.map(|x| x.into())
    }
    /// Changes what people see of a number.
    ///
    /// Errors:
    /// `invalid_input` for what does not fit, or nothing to change; `not_found`; `transport`.
    #[pyo3(signature = (update, number = None))]
    async fn update_profile(
        &self,
        update: ProfileUpdate,
        number: Option<String>,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.update_profile(update.into(), number).await })
            .await
    }
    /// A number's codes, at most `limit` (1 to 100) of them, and never more than WhatsApp's 25 at once; the next page
    /// begins at `after`.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (after = None, limit = 100, number = None))]
    async fn qr_codes(
        &self,
        after: Option<String>,
        limit: i32,
        number: Option<String>,
    ) -> PyResult<QrPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.qr_codes(after, limit, number).await })
            .await
            .map(|x| x.into())
    }
    /// Makes a code. `message` has 1 to 140 characters; with an `image` the answer says where its picture is.
    ///
    /// Errors:
    /// `invalid_input` for a message that is empty or too long; `transport`.
    #[pyo3(signature = (message, image = None, number = None))]
    async fn create_qr_code(
        &self,
        message: String,
        image: Option<QrImage>,
        number: Option<String>,
    ) -> PyResult<QrCode> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.create_qr_code(message, image.map(|x| x.into()), number).await
            })
            .await
            .map(|x| x.into())
    }
    /// Changes the message of a code; its link stays.
    ///
    /// Errors:
    /// `invalid_input` for a message that is empty or too long; `transport` with code 100 for an unknown code.
    #[pyo3(signature = (code, message, number = None))]
    async fn update_qr_code(
        &self,
        code: String,
        message: String,
        number: Option<String>,
    ) -> PyResult<QrCode> {
        let handle = self.0.clone();
        run::inline(async move { handle.update_qr_code(code, message, number).await })
            .await
            .map(|x| x.into())
    }
    /// Takes a code away: its link opens an empty chat from then on.
    ///
    /// Errors:
    /// `transport` with code 100 for an unknown code.
    #[pyo3(signature = (code, number = None))]
    async fn delete_qr_code(
        &self,
        code: String,
        number: Option<String>,
    ) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.delete_qr_code(code, number).await }).await
    }
    /// Uploads a file through Meta's resumable uploads and returns the handle by which a profile's picture or the
    /// example of a template's header is named. It is no media id: messages cannot use it.
    ///
    /// Errors:
    /// `invalid_input` for an empty or too large file; `not_found` for an unknown app; `transport`.
    #[pyo3(signature = (sample))]
    async fn upload_sample(&self, sample: Sample) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move { handle.upload_sample(sample.into()).await }).await
    }
    /// How the senders stand with WhatsApp: each number's quality, speed and what is stopped because of them, the
    /// messaging limit and how much of it is used, restrictions, and the templates' states. WhatsApp is not asked: this
    /// is what webhooks told and what was read last, within the last six hours where it could be.
    ///
    /// Errors:
    /// None but `closed`.
    #[pyo3(signature = ())]
    async fn sender_health(&self) -> PyResult<SenderHealth> {
        let handle = self.0.clone();
        run::inline(async move { handle.sender_health().await }).await.map(|x| x.into())
    }
    /// The same, after WhatsApp was asked how the numbers stand. What it answers takes effect at once.
    ///
    /// Errors:
    /// `transport`; `unsupported` with a transport that has no Graph API behind it.
    #[pyo3(signature = ())]
    async fn refresh_sender_health(&self) -> PyResult<SenderHealth> {
        let handle = self.0.clone();
        run::inline(async move { handle.refresh_sender_health().await })
            .await
            .map(|x| x.into())
    }
    /// The account's sign-ups, at most `limit` (1 to 100) of them; the next page begins at `after`.
    ///
    /// Errors:
    /// `invalid_input` without a `business_account` in the configuration; `transport`.
    #[pyo3(signature = (after = None, limit = 100))]
    async fn signups(&self, after: Option<String>, limit: i32) -> PyResult<SignupPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.signups(after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// One sign-up.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (id))]
    async fn signup(&self, id: String) -> PyResult<Signup> {
        let handle = self.0.clone();
        run::inline(async move { handle.signup(id).await }).await.map(|x| x.into())
    }
    /// Makes a sign-up and returns its id; `signup_link` makes the link that people open. Whoever subscribes by it has
    /// consented to marketing: the webhook that tells so is the evidence in the ledger. Not available to businesses and
    /// people in the European Economic Area, the United Kingdom, Brazil, Japan, South Korea, Nigeria, South Africa and
    /// Turkey (Meta: In-App Signup, July 2026).
    ///
    /// Errors:
    /// `invalid_input` for a size, an address or a placeholder that WhatsApp would refuse, and without a
    /// `business_account` in the configuration; `transport` with code 2494168 where the terms were never accepted,
    /// 2494176 where they were before, 2494165 where the account has no sign-ups.
    #[pyo3(signature = (signup))]
    async fn create_signup(&self, signup: NewSignup) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move { handle.create_signup(signup.into()).await }).await
    }
    /// Changes a sign-up. One that is not `active` is kept, and its links work no more: WhatsApp deletes none.
    ///
    /// Errors:
    /// `invalid_input` for nothing to change, and for a size, an address or a placeholder that WhatsApp would refuse;
    /// `not_found`; `transport` with code 2494167 for a placeholder without a value.
    #[pyo3(signature = (id, update = SignupUpdate::default()))]
    async fn update_signup(&self, id: String, update: SignupUpdate) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.update_signup(id, update.into()).await }).await
    }
    /// The link by which people subscribe at a number: the account's default number, unless one is named. One sign-up
    /// works with every number of its account.
    ///
    /// Errors:
    /// `not_found` for an unknown number; `transport`.
    #[pyo3(signature = (id, number = None))]
    async fn signup_link(&self, id: String, number: Option<String>) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move { handle.signup_link(id, number).await }).await
    }
    /// The username of a number.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (number = None))]
    async fn username(&self, number: Option<String>) -> PyResult<BusinessUsername> {
        let handle = self.0.clone();
        run::inline(async move { handle.username(number).await }).await.map(|x| x.into())
    }
    /// Usernames that WhatsApp keeps free for a number.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (number = None))]
    async fn username_suggestions(
        &self,
        number: Option<String>,
    ) -> PyResult<Vec<String>> {
        let handle = self.0.clone();
        run::inline(async move { handle.username_suggestions(number).await }).await
    }
    /// Gives a number a username, in place of the one that it has: 3 to 35 letters, digits, dots and underscores. With
    /// `force_transfer` it is taken from another number of the same business.
    ///
    /// Errors:
    /// `invalid_input` for what can be no username; `transport` with code 147001 for one that is taken, 147002 to
    /// 147004 where the business has to do something first, 147005 for one of another number of the business.
    #[pyo3(signature = (username, force_transfer, number = None))]
    async fn set_username(
        &self,
        username: String,
        force_transfer: bool,
        number: Option<String>,
    ) -> PyResult<BusinessUsername> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.set_username(username, force_transfer, number).await
            })
            .await
            .map(|x| x.into())
    }
    /// Takes the username of a number away. Somebody else may have it then.
    ///
    /// Errors:
    /// `not_found`; `transport`.
    #[pyo3(signature = (number = None))]
    async fn delete_username(&self, number: Option<String>) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.delete_username(number).await }).await
    }
}
/// The endpoint that a flow's phones ask (Meta: WhatsApp Flows > Implementing your flow endpoint). The host serves its
/// address; conek checks, opens and encrypts. Nothing of a request is stored or logged. It needs the scope
/// `inbound_receive` and `Config.flow_keys`.
#[pyclass(frozen, module = "conek")]
pub struct FlowEndpoint(pub conek_core::flow_endpoint::FlowEndpoint);
#[pymethods]
impl FlowEndpoint {
    /// The public half of the first of `flow_keys`, in PEM: what WhatsApp must be given for the number, so that phones
    /// encrypt for it.
    ///
    /// Errors:
    /// `key` without a key in the configuration.
    #[pyo3(signature = ())]
    async fn public_key(&self) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move { handle.public_key().await }).await
    }
    /// Opens a request: checks its signature over the raw bytes as `inbound.handle_webhook` does, and decrypts it. Give
    /// its answer to `answer`, within the ten seconds that a phone waits.
    ///
    /// Errors:
    /// `signature`, when it is missing or wrong: answer with status 432. `key`, when the request is encrypted for
    /// another key or was changed: answer with status 421, on which the phone fetches the number's public key anew and
    /// tries again. `invalid_input` for what is no request of a flow, or has more than 3 MB. `conflict`, when 10,000
    /// requests wait. `forbidden` for a session that does not see content.
    #[pyo3(signature = (request))]
    async fn open_request(&self, request: WebhookRequest) -> PyResult<FlowRequest> {
        let handle = self.0.clone();
        run::inline(async move { handle.open_request(request.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Encrypts the answer to a request, which it takes once. Answer WhatsApp with what comes back, as it is.
    ///
    /// Errors:
    /// `not_found` for a request that was answered, or is older than a minute; `invalid_input` for a screen without an
    /// id, or data that is no JSON object: the request still waits then.
    #[pyo3(signature = (exchange, answer))]
    async fn answer(
        &self,
        exchange: String,
        answer: FlowAnswer,
    ) -> PyResult<HttpResponse> {
        let handle = self.0.clone();
        run::inline(async move { handle.answer(exchange, answer.into()).await })
            .await
            .map(|x| x.into())
    }
    /// The whole endpoint without a framework. Pass every request of its path here. Where a response comes back, answer
    /// it: to pings, and to whatever is wrong (432 for a wrong signature, 421 for another key, 400, 405 or 413 for what
    /// is no request of a flow, 503 when too much waits). Otherwise decide what the phone is answered, and call `answer`.
    ///
    /// Errors:
    /// `closed`; `forbidden`. Whatever else is wrong becomes a status code.
    #[pyo3(signature = (request))]
    async fn handle_http(&self, request: HttpRequest) -> PyResult<FlowHandled> {
        let handle = self.0.clone();
        run::inline(async move { handle.handle_http(request.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Opens a file that a person put into a flow. `entry` is its entry in the request's data, as text: an element of
    /// the list of the picker's name. `file` is what its `cdn_url` answers, which needs no token, and lies there for up
    /// to 20 days. Checked are both hashes and the HMAC (Meta: WhatsApp Flows > Media upload components).
    ///
    /// Errors:
    /// `key` for a file that is not the one that was uploaded; `invalid_input` for an entry that is none, or a file of
    /// more than 100 MB; `forbidden` for a session that does not see content.
    #[pyo3(signature = (entry, file))]
    async fn open_media(&self, entry: String, file: Vec<u8>) -> PyResult<FlowMedia> {
        let handle = self.0.clone();
        run::inline(async move { handle.open_media(entry, file).await })
            .await
            .map(|x| x.into())
    }
}
/// The account's campaigns.
#[pyclass(frozen, module = "conek")]
pub struct Campaigns(pub conek_core::campaigns::Campaigns);
#[pymethods]
impl Campaigns {
    /// Works out what a campaign would do if it started now: who gets it, who not and why, who
    /// later and when, how long it takes and what it costs. Decided by the same code that decides
    /// when sending. Nothing is sent.
    ///
    /// Errors:
    /// `invalid_input` for an unknown template or variables that do not fit it.
    #[pyo3(signature = (spec))]
    async fn plan(&self, spec: CampaignSpec) -> PyResult<CampaignPlan> {
        let handle = self.0.clone();
        run::spawned(async move { handle.plan(spec.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Starts a planned campaign and returns once everybody is in the queue. The gate decides anew
    /// for each person, now and once more right before their message leaves.
    ///
    /// Safe to drop: what was started goes on, also after the process ended and was started again.
    ///
    /// Errors:
    /// `conflict` when it runs or ran before, or waits for the approval of a second person; `not_found`.
    #[pyo3(signature = (id))]
    async fn start(&self, id: String) -> PyResult<CampaignProgress> {
        let handle = self.0.clone();
        run::spawned(async move { handle.start(id.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Approves a planned campaign as the second person: needed where it goes to more people than the account's
    /// `approval_above`. Whoever planned it cannot.
    ///
    /// Errors:
    /// `not_found`; `conflict` for whoever planned it, and for a campaign that was started.
    #[pyo3(signature = (id))]
    async fn approve(&self, id: String) -> PyResult<CampaignProgress> {
        let handle = self.0.clone();
        run::inline(async move { handle.approve(id.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Who of an audience would get a campaign now, who later, who not and by which reasons. Nothing is stored
    /// and nothing sent: the plan has no id.
    ///
    /// Errors:
    /// As `Campaigns.plan`.
    #[pyo3(signature = (campaign))]
    async fn preview(&self, campaign: CampaignSpec) -> PyResult<CampaignPlan> {
        let handle = self.0.clone();
        run::inline(async move { handle.preview(campaign.into()).await })
            .await
            .map(|x| x.into())
    }
    /// A campaign's numbers, counted from its messages. They add up. While it runs, a message that went on during
    /// the counting still counts as waiting.
    ///
    /// Errors:
    /// `not_found`.
    #[pyo3(signature = (id))]
    async fn progress(&self, id: String) -> PyResult<CampaignProgress> {
        let handle = self.0.clone();
        run::inline(async move { handle.progress(id.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Stops a campaign for a while. Messages on their way arrive; no other one leaves. Everybody may
    /// not be in its queue yet: `resume` goes on with that too.
    ///
    /// Safe to drop, as `Campaigns.start`.
    ///
    /// Errors:
    /// `conflict` when it is not running; `not_found`.
    #[pyo3(signature = (id))]
    async fn pause(&self, id: String) -> PyResult<CampaignProgress> {
        let handle = self.0.clone();
        run::inline(async move { handle.pause(id.into()).await }).await.map(|x| x.into())
    }
    /// Goes on with a paused campaign. Nobody gets it twice.
    ///
    /// Safe to drop, as `Campaigns.start`.
    ///
    /// Errors:
    /// `conflict` when it is not paused; `not_found`.
    #[pyo3(signature = (id))]
    async fn resume(&self, id: String) -> PyResult<CampaignProgress> {
        let handle = self.0.clone();
        run::inline(async move { handle.resume(id.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Ends a campaign before its end. Messages on their way arrive; no other one leaves.
    ///
    /// Safe to drop, as `Campaigns.start`.
    ///
    /// Errors:
    /// `conflict` when it is cancelled already; `not_found`.
    #[pyo3(signature = (id))]
    async fn cancel(&self, id: String) -> PyResult<CampaignProgress> {
        let handle = self.0.clone();
        run::inline(async move { handle.cancel(id.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Who was left out and why, in the order of the audience, at most 1,000 a page.
    ///
    /// Errors:
    /// `not_found`; `invalid_input` for a limit outside 1 to 1,000.
    #[pyo3(signature = (id, after = None, limit = 100))]
    async fn left_out(
        &self,
        id: String,
        after: Option<String>,
        limit: i32,
    ) -> PyResult<LeftOutPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.left_out(id.into(), after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// Every campaign with its numbers, the oldest first.
    ///
    /// Errors:
    /// Only those of the storage.
    #[pyo3(signature = ())]
    async fn list(&self) -> PyResult<Vec<CampaignProgress>> {
        let handle = self.0.clone();
        run::inline(async move { handle.list().await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
}
/// What comes in.
#[pyclass(frozen, module = "conek")]
pub struct Inbound(pub conek_core::inbound::Inbound);
#[pymethods]
impl Inbound {
    /// Every event behind the cursor `after`, and then each as it happens, until the engine is closed.
    #[pyo3(signature = (after = None))]
    fn stream(
        slf: Py<Self>,
        py: Python<'_>,
        after: Option<String>,
    ) -> PyResult<Py<PyAny>> {
        Ok(py.import("conek._stream")?.call_method1("events", (slf, after))?.unbind())
    }
    /// Takes a webhook: verifies the signature over the raw bytes, stores them, answers. Applying
    /// follows at once on a task of the engine's own. Answer WhatsApp with 200 when this returns,
    /// and with 401 on a `signature` error: WhatsApp then sends it again.
    ///
    /// Safe to drop: what is stored stays stored.
    ///
    /// Errors:
    /// `signature` when it is missing or wrong; `invalid_input` over 3 MB; the storage's errors,
    /// on which WhatsApp must not be answered 200.
    #[pyo3(signature = (request))]
    async fn handle_webhook(&self, request: WebhookRequest) -> PyResult<Ack> {
        let handle = self.0.clone();
        run::inline(async move { handle.handle_webhook(request.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Answers Meta's verification of the webhook's address: gives the challenge back when the
    /// token is the configured one.
    ///
    /// Errors:
    /// `signature` for a wrong mode or token.
    #[pyo3(signature = (mode, token, challenge))]
    async fn handshake(
        &self,
        mode: String,
        token: String,
        challenge: String,
    ) -> PyResult<String> {
        let handle = self.0.clone();
        run::inline(async move { handle.handshake(mode, token, challenge).await }).await
    }
    /// The whole HTTP surface without a framework: `GET` (handshake) and `POST` (webhook) on any
    /// path. Pass every request of the mounted path here and answer what comes back.
    ///
    /// Errors:
    /// None but `closed`: whatever is wrong becomes a status code.
    #[pyo3(signature = (request))]
    async fn handle_http(&self, request: HttpRequest) -> PyResult<HttpResponse> {
        let handle = self.0.clone();
        run::inline(async move { handle.handle_http(request.into()).await })
            .await
            .map(|x| x.into())
    }
    /// The events after a cursor, in order, at most 1,000. Each is delivered at least once: keep the
    /// cursor of the last one you have handled.
    ///
    /// Errors:
    /// `invalid_input` for a limit outside 1 to 1,000; `forbidden` for a session that does not see phones, names or
    /// content.
    #[pyo3(signature = (after = None, limit = 100))]
    async fn events(&self, after: Option<String>, limit: i32) -> PyResult<EventPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.events(after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// As `Inbound.events`, and waits up to `timeout_ms` milliseconds for the first one.
    ///
    /// Errors:
    /// As `Inbound.events`.
    #[pyo3(signature = (after = None, limit = 100, timeout_ms = 30000))]
    async fn next_events(
        &self,
        after: Option<String>,
        limit: i32,
        timeout_ms: i32,
    ) -> PyResult<EventPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.next_events(after, limit, timeout_ms).await })
            .await
            .map(|x| x.into())
    }
    /// Marks a person's message as read: they see blue ticks.
    ///
    /// Errors:
    /// `transport` when WhatsApp refuses; `invalid_input` for a number that is not the account's.
    #[pyo3(signature = (receiver, wamid))]
    async fn mark_read(&self, receiver: String, wamid: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.mark_read(receiver, wamid).await }).await
    }
    /// Marks a person's message as read and shows them that an answer is being written: until it comes, and 25
    /// seconds at most. For answers that are really being written.
    ///
    /// Errors:
    /// As `Inbound.mark_read`.
    #[pyo3(signature = (receiver, wamid))]
    async fn show_typing(&self, receiver: String, wamid: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.show_typing(receiver, wamid).await }).await
    }
}
/// What the gate would say of these facts at this moment. Whatever the facts leave out means none, or
/// unknown; and unknown never allows.
#[pyfunction]
#[pyo3(signature = (facts, at))]
fn decide(facts: Facts, at: Moment) -> PyResult<Decision> {
    run::pure(move || Ok(conek_core::questions::decide(facts.into(), at.into())))
        .map(|x| x.into())
}
/// What a person's message says about being written to, read against what is known of the conversation.
#[pyfunction]
#[pyo3(signature = (text, context = ReplyContext::default()))]
fn classify_reply(text: String, context: ReplyContext) -> PyResult<Intent> {
    run::pure(move || Ok(conek_core::questions::classify_reply(text, context.into())))
        .map(|x| x.into())
}
/// Whether WhatsApp takes a content, as far as that can be known without asking it; with a template's definition, also
/// whether its values fit that. The same is asked of every message before it is queued.
///
/// Errors:
/// `invalid_input`, with the name of the field.
#[pyfunction]
#[pyo3(signature = (content, template = None))]
fn check_content(content: Content, template: Option<Template>) -> PyResult<()> {
    run::pure(move || conek_core::questions::check_content(
        content.into(),
        template.map(|x| x.into()),
    ))
}
/// Whether a privacy notice says all that the law demands (POPIA s18(1), GDPR 13 and 14), and what is missing.
#[pyfunction]
#[pyo3(signature = (notice))]
fn validate_notice(notice: NoticeContents) -> PyResult<NoticeReport> {
    run::pure(move || Ok(conek_core::questions::validate_notice(notice.into())))
        .map(|x| x.into())
}
/// The signals of Google's Consent Mode for a visitor's choices: `granted` or `denied` by name. What is essential
/// is granted always.
#[pyfunction]
#[pyo3(signature = (choices))]
fn consent_mode(choices: TrackingChoices) -> PyResult<BTreeMap<String, String>> {
    run::pure(move || Ok(conek_core::questions::consent_mode(choices.into())))
}
/// The words that count as whole messages, with where they are from and who reviewed them.
#[pyfunction]
#[pyo3(signature = ())]
fn reply_words() -> PyResult<Vec<ReplyWord>> {
    run::pure(move || Ok(conek_core::questions::reply_words()))
        .map(|x| x.into_iter().map(|x| x.into()).collect())
}
/// Whether personal data may go to another country (POPIA s72, GDPR 44 to 49), at a moment: mechanisms come and
/// go.
#[pyfunction]
#[pyo3(signature = (facts, at))]
fn transfer_allowed(facts: TransferFacts, at: Moment) -> PyResult<TransferDecision> {
    run::pure(move || Ok(
            conek_core::questions::transfer_allowed(facts.into(), at.into()),
        ))
        .map(|x| x.into())
}
/// Whether personal data may be handed to somebody. A sale and a competitor are denied whatever the facts say.
#[pyfunction]
#[pyo3(signature = (facts))]
fn sharing_allowed(facts: SharingFacts) -> PyResult<SharingDecision> {
    run::pure(move || Ok(conek_core::questions::sharing_allowed(facts.into())))
        .map(|x| x.into())
}
/// The closed list of purposes with what each may rest on.
#[pyfunction]
#[pyo3(signature = ())]
fn purposes() -> PyResult<Vec<PurposeRow>> {
    run::pure(move || Ok(conek_core::questions::purposes()))
        .map(|x| x.into_iter().map(|x| x.into()).collect())
}
/// The provision on which a purpose rests with a basis, or why it cannot.
///
/// Errors:
/// `invalid_input` for a code that is none, and for a pair that is unlawful; it names the lawful ones.
#[pyfunction]
#[pyo3(signature = (purpose, basis, regime))]
fn check_basis(purpose: String, basis: LegalBasis, regime: Regime) -> PyResult<String> {
    run::pure(move || conek_core::questions::check_basis(
        purpose,
        basis.into(),
        regime.into(),
    ))
}
/// From which age somebody consents alone to a service offered to them online (GDPR 8(1), POPIA s35(1)(a)).
/// For a country that is not known: 16.
#[pyfunction]
#[pyo3(signature = (country))]
fn consent_age(country: String) -> PyResult<ConsentAge> {
    run::pure(move || Ok(conek_core::questions::consent_age(country))).map(|x| x.into())
}
/// Where people can complain (POPIA s74, GDPR 77): in one country, or in every one that is known.
#[pyfunction]
#[pyo3(signature = (country = None))]
fn authorities(country: Option<String>) -> PyResult<Vec<Authority>> {
    run::pure(move || Ok(conek_core::questions::authorities(country)))
        .map(|x| x.into_iter().map(|x| x.into()).collect())
}
/// The rules in force with their provisions and dates, and whether they are past their review date at `at`.
#[pyfunction]
#[pyo3(signature = (at))]
fn rules(at: Moment) -> PyResult<RuleSet> {
    run::pure(move || Ok(conek_core::questions::rules(at.into()))).map(|x| x.into())
}
/// The next moment, `at` or later, at which direct marketing may go to a person in South Africa who lives in
/// this IANA zone (CPA s12(2), GN R293 of 2011): no Sunday, no public holiday, Saturday 09:00 to 13:00,
/// other days 08:00 to 20:00.
///
/// Errors:
/// `invalid_input` for a zone that is none, or a declared day that is no date.
#[pyfunction]
#[pyo3(signature = (at, zone, declared_holidays))]
fn next_open_time(
    at: Moment,
    zone: String,
    declared_holidays: Vec<String>,
) -> PyResult<Moment> {
    run::pure(move || conek_core::questions::next_open_time(
            at.into(),
            zone,
            declared_holidays,
        ))
        .map(|x| x.into())
}
/// The public holidays of South Africa in a year (Act 36 of 1994), those that were declared among them.
///
/// Errors:
/// `invalid_input` for a declared day that is no date.
#[pyfunction]
#[pyo3(signature = (year, declared))]
fn public_holidays(year: i32, declared: Vec<String>) -> PyResult<Vec<Holiday>> {
    run::pure(move || conek_core::questions::public_holidays(year, declared))
        .map(|x| x.into_iter().map(|x| x.into()).collect())
}
/// A phone number, written in any of the ways people write them, in E.164.
///
/// Errors:
/// `invalid_input` for what is no phone number, or has no country code while no region is given.
#[pyfunction]
#[pyo3(signature = (text, region = None))]
fn parse_phone(text: String, region: Option<String>) -> PyResult<String> {
    run::pure(move || conek_core::questions::parse_phone(text, region))
}
/// When the answer to a data subject's request is due: by the law (GDPR 12(3) with Regulation 1182/71; POPIA and PAIA
/// with their days) and by the account's promise of 30 days, whichever comes first; with the longer time that a law
/// gives, and the alarms at 50, 80 and 100 percent. `country` gives the zone and the nationwide holidays; `holidays`
/// are days beyond those, `YYYY-MM-DD`.
///
/// Errors:
/// `invalid_input` for a holiday that is no date.
#[pyfunction]
#[pyo3(signature = (right, regime, received, holidays, country = None))]
fn request_deadlines(
    right: RightKind,
    regime: Regime,
    received: Moment,
    holidays: Vec<String>,
    country: Option<String>,
) -> PyResult<RequestDeadlines> {
    run::pure(move || conek_core::questions::request_deadlines(
            right.into(),
            regime.into(),
            country,
            received.into(),
            holidays,
        ))
        .map(|x| x.into())
}
/// Whom a breach of personal data must be told to, and until when (GDPR 33 and 34, POPIA s22, and the account's
/// promise of 72 hours).
///
/// Errors:
/// `invalid_input` without the moment of awareness, or for an order to wait that names nobody.
#[pyfunction]
#[pyo3(signature = (facts))]
fn breach_deadlines(facts: BreachFacts) -> PyResult<Vec<BreachDeadline>> {
    run::pure(move || conek_core::questions::breach_deadlines(facts.into()))
        .map(|x| x.into_iter().map(|x| x.into()).collect())
}
/// What a letter about a breach has to say to whom, each with its provision (GDPR 33(3) and 34(2), POPIA s22(5)).
#[pyfunction]
#[pyo3(signature = ())]
fn breach_contents() -> PyResult<Vec<BreachContent>> {
    run::pure(move || Ok(conek_core::questions::breach_contents()))
        .map(|x| x.into_iter().map(|x| x.into()).collect())
}
/// Whether somebody counts as told by these ways, and which would count (POPIA s22(4), GDPR 34). WhatsApp comes on
/// top. `disproportionate`: whether telling each person would be a disproportionate effort (GDPR 34(3)(c)).
#[pyfunction]
#[pyo3(signature = (to, channels, disproportionate))]
fn breach_channels(
    to: BreachAudience,
    channels: Vec<BreachChannel>,
    disproportionate: bool,
) -> PyResult<ChannelVerdict> {
    run::pure(move || Ok(
            conek_core::questions::breach_channels(
                to.into(),
                channels.into_iter().map(|x| x.into()).collect(),
                disproportionate,
            ),
        ))
        .map(|x| x.into())
}
/// When a record is over by the retention rules, and what is done then: the latest of a law's floor and the earliest
/// date by the rules, and not before every hold has ended. Rules left out are conek's own.
///
/// Errors:
/// `invalid_input` without a class, or for rules that a law forbids.
#[pyfunction]
#[pyo3(signature = (facts, rules))]
fn retention_due(
    facts: RetentionFacts,
    rules: RetentionRules,
) -> PyResult<RetentionDue> {
    run::pure(move || conek_core::questions::retention_due(facts.into(), rules.into()))
        .map(|x| x.into())
}
/// Of counts over people, those that may be kept and shown: each over at least `least_people`, and enough left out
/// beside the small ones that no total gives them away.
///
/// Errors:
/// `invalid_input` for fewer than 2 people.
#[pyfunction]
#[pyo3(signature = (cells, least_people))]
fn publishable(cells: Vec<StatisticsCell>, least_people: i32) -> PyResult<Statistics> {
    run::pure(move || conek_core::questions::publishable(
            cells.into_iter().map(|x| x.into()).collect(),
            least_people,
        ))
        .map(|x| x.into())
}
/// Adds every generated class.
pub fn add_classes(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<AccountFacts>()?;
    m.add_class::<AccountRestriction>()?;
    m.add_class::<AccountSettings>()?;
    m.add_class::<Ack>()?;
    m.add_class::<Acknowledgement>()?;
    m.add_class::<Actor>()?;
    m.add_class::<AffectedPage>()?;
    m.add_class::<AffectedQuery>()?;
    m.add_class::<AgreementFacts>()?;
    m.add_class::<Amount>()?;
    m.add_class::<AnalyticsRange>()?;
    m.add_class::<Assessment>()?;
    m.add_class::<AuditEntry>()?;
    m.add_class::<AuditHead>()?;
    m.add_class::<AuditPage>()?;
    m.add_class::<AuditQuery>()?;
    m.add_class::<AuditReport>()?;
    m.add_class::<Authority>()?;
    m.add_class::<Automation>()?;
    m.add_class::<Batch>()?;
    m.add_class::<BlockRefusal>()?;
    m.add_class::<BlockReport>()?;
    m.add_class::<BlockedPage>()?;
    m.add_class::<BlockedPerson>()?;
    m.add_class::<BotCommand>()?;
    m.add_class::<BreachAssessment>()?;
    m.add_class::<BreachCase>()?;
    m.add_class::<BreachContent>()?;
    m.add_class::<BreachDeadline>()?;
    m.add_class::<BreachDelay>()?;
    m.add_class::<BreachDetails>()?;
    m.add_class::<BreachDuty>()?;
    m.add_class::<BreachFacts>()?;
    m.add_class::<BreachLetter>()?;
    m.add_class::<BreachMissing>()?;
    m.add_class::<BreachNotice>()?;
    m.add_class::<BreachObstacle>()?;
    m.add_class::<BreachPage>()?;
    m.add_class::<BreachStep>()?;
    m.add_class::<BreachTask>()?;
    m.add_class::<BreachText>()?;
    m.add_class::<BreachUnknown>()?;
    m.add_class::<BusinessProfile>()?;
    m.add_class::<BusinessToken>()?;
    m.add_class::<BusinessUsername>()?;
    m.add_class::<Button>()?;
    m.add_class::<ButtonExample>()?;
    m.add_class::<CallAction>()?;
    m.add_class::<CallLimit>()?;
    m.add_class::<CallPermission>()?;
    m.add_class::<CallSession>()?;
    m.add_class::<CallingSettings>()?;
    m.add_class::<CampaignPlan>()?;
    m.add_class::<CampaignProgress>()?;
    m.add_class::<CampaignSpec>()?;
    m.add_class::<CardAddress>()?;
    m.add_class::<CardDefinition>()?;
    m.add_class::<CardEmail>()?;
    m.add_class::<CardExamples>()?;
    m.add_class::<CardName>()?;
    m.add_class::<CardOrganisation>()?;
    m.add_class::<CardPhone>()?;
    m.add_class::<CardUrl>()?;
    m.add_class::<CarouselCard>()?;
    m.add_class::<ChangedButton>()?;
    m.add_class::<ChannelVerdict>()?;
    m.add_class::<Claim>()?;
    m.add_class::<Cleansing>()?;
    m.add_class::<CleansingReport>()?;
    m.add_class::<CommerceSettings>()?;
    m.add_class::<CommerceUpdate>()?;
    m.add_class::<ComparedTemplate>()?;
    m.add_class::<Config>()?;
    m.add_class::<ConsentAge>()?;
    m.add_class::<ConsentEntry>()?;
    m.add_class::<ConsentEvent>()?;
    m.add_class::<ConsentFact>()?;
    m.add_class::<ConsentFacts>()?;
    m.add_class::<ConsentView>()?;
    m.add_class::<Contact>()?;
    m.add_class::<ContactCard>()?;
    m.add_class::<ContactPage>()?;
    m.add_class::<ConversationFilter>()?;
    m.add_class::<ConversationPoint>()?;
    m.add_class::<Cost>()?;
    m.add_class::<Declaration>()?;
    m.add_class::<Declared>()?;
    m.add_class::<DelayOrder>()?;
    m.add_class::<Disclosure>()?;
    m.add_class::<DisclosurePage>()?;
    m.add_class::<Draft>()?;
    m.add_class::<DueItem>()?;
    m.add_class::<DueList>()?;
    m.add_class::<EngineStatus>()?;
    m.add_class::<ErasureOptions>()?;
    m.add_class::<ErasurePage>()?;
    m.add_class::<ErasureProof>()?;
    m.add_class::<Event>()?;
    m.add_class::<EventPage>()?;
    m.add_class::<Evidence>()?;
    m.add_class::<ExpiringItem>()?;
    m.add_class::<Explanation>()?;
    m.add_class::<ExportOptions>()?;
    m.add_class::<ExportReport>()?;
    m.add_class::<Facts>()?;
    m.add_class::<Failure>()?;
    m.add_class::<Flow>()?;
    m.add_class::<FlowAsset>()?;
    m.add_class::<FlowClientError>()?;
    m.add_class::<FlowError>()?;
    m.add_class::<FlowErrorCount>()?;
    m.add_class::<FlowHandled>()?;
    m.add_class::<FlowKey>()?;
    m.add_class::<FlowMade>()?;
    m.add_class::<FlowMedia>()?;
    m.add_class::<FlowMigration>()?;
    m.add_class::<FlowPage>()?;
    m.add_class::<FlowPrivateKey>()?;
    m.add_class::<FlowRequest>()?;
    m.add_class::<FlowUpdate>()?;
    m.add_class::<GraphAnswer>()?;
    m.add_class::<GraphCall>()?;
    m.add_class::<GraphStatus>()?;
    m.add_class::<Group>()?;
    m.add_class::<GroupMember>()?;
    m.add_class::<GroupPage>()?;
    m.add_class::<GroupPerson>()?;
    m.add_class::<GroupSetting>()?;
    m.add_class::<GroupSummary>()?;
    m.add_class::<GroupUpdate>()?;
    m.add_class::<HistoryChat>()?;
    m.add_class::<HistoryMessage>()?;
    m.add_class::<HoldFacts>()?;
    m.add_class::<Holiday>()?;
    m.add_class::<HttpRequest>()?;
    m.add_class::<HttpResponse>()?;
    m.add_class::<IdentityCheck>()?;
    m.add_class::<ImportOptions>()?;
    m.add_class::<ImportReport>()?;
    m.add_class::<JoinRequest>()?;
    m.add_class::<JoinRequestPage>()?;
    m.add_class::<JoinRequestRefusal>()?;
    m.add_class::<JoinRequestReport>()?;
    m.add_class::<Key>()?;
    m.add_class::<LaterCount>()?;
    m.add_class::<LeftOut>()?;
    m.add_class::<LeftOutPage>()?;
    m.add_class::<LegalHold>()?;
    m.add_class::<LetterSection>()?;
    m.add_class::<LibraryButton>()?;
    m.add_class::<LibraryPage>()?;
    m.add_class::<LibraryQuery>()?;
    m.add_class::<LibraryTemplate>()?;
    m.add_class::<ListRow>()?;
    m.add_class::<ListSection>()?;
    m.add_class::<MadeFromLibrary>()?;
    m.add_class::<MarketingMessages>()?;
    m.add_class::<MediaFile>()?;
    m.add_class::<MediaInfo>()?;
    m.add_class::<Message>()?;
    m.add_class::<MessageFacts>()?;
    m.add_class::<MessagePage>()?;
    m.add_class::<MessagingFilter>()?;
    m.add_class::<MessagingPoint>()?;
    m.add_class::<Migrated>()?;
    m.add_class::<MigratedFlow>()?;
    m.add_class::<MissingContent>()?;
    m.add_class::<NewBreachNotice>()?;
    m.add_class::<NewContact>()?;
    m.add_class::<NewDisclosure>()?;
    m.add_class::<NewFlow>()?;
    m.add_class::<NewFromLibrary>()?;
    m.add_class::<NewGroup>()?;
    m.add_class::<NewNotice>()?;
    m.add_class::<NewPhoneNumber>()?;
    m.add_class::<NewSignup>()?;
    m.add_class::<NewTransfer>()?;
    m.add_class::<Notice>()?;
    m.add_class::<NoticeContents>()?;
    m.add_class::<NoticePurpose>()?;
    m.add_class::<NoticeReport>()?;
    m.add_class::<NoticeTransfer>()?;
    m.add_class::<Number>()?;
    m.add_class::<NumberHealth>()?;
    m.add_class::<NumberPage>()?;
    m.add_class::<ObjectionFacts>()?;
    m.add_class::<OfferDefinition>()?;
    m.add_class::<Order>()?;
    m.add_class::<OrderItem>()?;
    m.add_class::<Outgoing>()?;
    m.add_class::<Page>()?;
    m.add_class::<Parameter>()?;
    m.add_class::<Parsed>()?;
    m.add_class::<PartnerInfo>()?;
    m.add_class::<PasswordApp>()?;
    m.add_class::<PasswordSettings>()?;
    m.add_class::<Patch>()?;
    m.add_class::<PersonFacts>()?;
    m.add_class::<PhoneNumber>()?;
    m.add_class::<Place>()?;
    m.add_class::<PolicyCase>()?;
    m.add_class::<PricingFilter>()?;
    m.add_class::<PricingPoint>()?;
    m.add_class::<ProcessingActivity>()?;
    m.add_class::<ProcessingRecord>()?;
    m.add_class::<ProductSection>()?;
    m.add_class::<ProfileUpdate>()?;
    m.add_class::<Provenance>()?;
    m.add_class::<PurposeRow>()?;
    m.add_class::<QrCode>()?;
    m.add_class::<QrPage>()?;
    m.add_class::<Query>()?;
    m.add_class::<QuietHours>()?;
    m.add_class::<Rate>()?;
    m.add_class::<RateException>()?;
    m.add_class::<Reason>()?;
    m.add_class::<ReasonCount>()?;
    m.add_class::<Record>()?;
    m.add_class::<Rectification>()?;
    m.add_class::<RegistryFacts>()?;
    m.add_class::<RelationshipFacts>()?;
    m.add_class::<RenewalPage>()?;
    m.add_class::<ReplyContext>()?;
    m.add_class::<ReplyWord>()?;
    m.add_class::<Report>()?;
    m.add_class::<RequestDeadlines>()?;
    m.add_class::<RequestPage>()?;
    m.add_class::<RequestStep>()?;
    m.add_class::<RetainedItem>()?;
    m.add_class::<RetainedPage>()?;
    m.add_class::<RetainedPart>()?;
    m.add_class::<RetentionDue>()?;
    m.add_class::<RetentionFacts>()?;
    m.add_class::<RetentionRules>()?;
    m.add_class::<RightStatus>()?;
    m.add_class::<RightsRequest>()?;
    m.add_class::<RotationReport>()?;
    m.add_class::<RowProblem>()?;
    m.add_class::<Rule>()?;
    m.add_class::<RuleSet>()?;
    m.add_class::<Sample>()?;
    m.add_class::<SavedAddress>()?;
    m.add_class::<SendResult>()?;
    m.add_class::<SenderHealth>()?;
    m.add_class::<Sent>()?;
    m.add_class::<SettingChange>()?;
    m.add_class::<SharingFacts>()?;
    m.add_class::<Signup>()?;
    m.add_class::<SignupCode>()?;
    m.add_class::<SignupPage>()?;
    m.add_class::<SignupUpdate>()?;
    m.add_class::<Statistics>()?;
    m.add_class::<StatisticsCell>()?;
    m.add_class::<StoppedNumber>()?;
    m.add_class::<StoreProblem>()?;
    m.add_class::<StoreReport>()?;
    m.add_class::<SubscribedApp>()?;
    m.add_class::<SuppressionEntry>()?;
    m.add_class::<SuppressionPage>()?;
    m.add_class::<SweepPreview>()?;
    m.add_class::<SweepReport>()?;
    m.add_class::<Template>()?;
    m.add_class::<TemplateAnalyticsQuery>()?;
    m.add_class::<TemplateCard>()?;
    m.add_class::<TemplateClicks>()?;
    m.add_class::<TemplateComparison>()?;
    m.add_class::<TemplateCost>()?;
    m.add_class::<TemplateExamples>()?;
    m.add_class::<TemplateFacts>()?;
    m.add_class::<TemplateHealth>()?;
    m.add_class::<TemplateMigration>()?;
    m.add_class::<TemplatePoint>()?;
    m.add_class::<TemplateSource>()?;
    m.add_class::<TemplateSync>()?;
    m.add_class::<Token>()?;
    m.add_class::<TrackingChoices>()?;
    m.add_class::<TrackingPreference>()?;
    m.add_class::<Transfer>()?;
    m.add_class::<TransferFacts>()?;
    m.add_class::<UnmigratedFlow>()?;
    m.add_class::<UnmigratedTemplate>()?;
    m.add_class::<UnreadTemplate>()?;
    m.add_class::<Upload>()?;
    m.add_class::<Verification>()?;
    m.add_class::<WebhookCallback>()?;
    m.add_class::<WebhookRequest>()?;
    m.add_class::<WhatsAppAccess>()?;
    m.add_class::<AccountEvent>()?;
    m.add_class::<Address>()?;
    m.add_class::<AgeEvidence>()?;
    m.add_class::<AppEvent>()?;
    m.add_class::<Audience>()?;
    m.add_class::<ButtonDefinition>()?;
    m.add_class::<CallEvent>()?;
    m.add_class::<CardAction>()?;
    m.add_class::<Committed>()?;
    m.add_class::<Content>()?;
    m.add_class::<Decision>()?;
    m.add_class::<FlowAnswer>()?;
    m.add_class::<FlowEvent>()?;
    m.add_class::<FlowRef>()?;
    m.add_class::<FlowStart>()?;
    m.add_class::<GraphPayload>()?;
    m.add_class::<GroupEvent>()?;
    m.add_class::<Happening>()?;
    m.add_class::<Header>()?;
    m.add_class::<IdentityEvent>()?;
    m.add_class::<Index>()?;
    m.add_class::<LibraryButtonInput>()?;
    m.add_class::<Loosening>()?;
    m.add_class::<Media>()?;
    m.add_class::<NumberEvent>()?;
    m.add_class::<ParameterFormat>()?;
    m.add_class::<PaymentMethod>()?;
    m.add_class::<Recipient>()?;
    m.add_class::<Reply>()?;
    m.add_class::<Route>()?;
    m.add_class::<SendOutcome>()?;
    m.add_class::<SharingDecision>()?;
    m.add_class::<Statement>()?;
    m.add_class::<TemplateButton>()?;
    m.add_class::<TemplateEvent>()?;
    m.add_class::<TemplateHeader>()?;
    m.add_class::<Tightening>()?;
    m.add_class::<TransferDecision>()?;
    m.add_class::<Update>()?;
    m.add_class::<Variable>()?;
    m.add_class::<Write>()?;
    m.add_class::<Engine>()?;
    m.add_class::<Rights>()?;
    m.add_class::<Retention>()?;
    m.add_class::<Registers>()?;
    m.add_class::<Incidents>()?;
    m.add_class::<Keys>()?;
    m.add_class::<Audit>()?;
    m.add_class::<Contacts>()?;
    m.add_class::<Consent>()?;
    m.add_class::<Notices>()?;
    m.add_class::<Policy>()?;
    m.add_class::<Messages>()?;
    m.add_class::<Templates>()?;
    m.add_class::<MediaLibrary>()?;
    m.add_class::<Platform>()?;
    m.add_class::<FlowEndpoint>()?;
    m.add_class::<Campaigns>()?;
    m.add_class::<Inbound>()?;
    m.add_function(wrap_pyfunction!(decide, m)?)?;
    m.add_function(wrap_pyfunction!(classify_reply, m)?)?;
    m.add_function(wrap_pyfunction!(check_content, m)?)?;
    m.add_function(wrap_pyfunction!(validate_notice, m)?)?;
    m.add_function(wrap_pyfunction!(consent_mode, m)?)?;
    m.add_function(wrap_pyfunction!(reply_words, m)?)?;
    m.add_function(wrap_pyfunction!(transfer_allowed, m)?)?;
    m.add_function(wrap_pyfunction!(sharing_allowed, m)?)?;
    m.add_function(wrap_pyfunction!(purposes, m)?)?;
    m.add_function(wrap_pyfunction!(check_basis, m)?)?;
    m.add_function(wrap_pyfunction!(consent_age, m)?)?;
    m.add_function(wrap_pyfunction!(authorities, m)?)?;
    m.add_function(wrap_pyfunction!(rules, m)?)?;
    m.add_function(wrap_pyfunction!(next_open_time, m)?)?;
    m.add_function(wrap_pyfunction!(public_holidays, m)?)?;
    m.add_function(wrap_pyfunction!(parse_phone, m)?)?;
    m.add_function(wrap_pyfunction!(request_deadlines, m)?)?;
    m.add_function(wrap_pyfunction!(breach_deadlines, m)?)?;
    m.add_function(wrap_pyfunction!(breach_contents, m)?)?;
    m.add_function(wrap_pyfunction!(breach_channels, m)?)?;
    m.add_function(wrap_pyfunction!(retention_due, m)?)?;
    m.add_function(wrap_pyfunction!(publishable, m)?)?;
    Ok(())
}
