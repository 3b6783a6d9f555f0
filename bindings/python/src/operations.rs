//! Generated from conek-core by `cargo run -p conek-codegen`. Do not edit.
use pyo3::prelude::*;
use crate::{run, types::*};
/// A messaging engine on one database.
#[pyclass(frozen, module = "conek")]
pub struct Engine(pub conek_core::engine::Engine);
#[pymethods]
impl Engine {
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
    /// Files for people's phones.
    #[getter]
    fn media(&self) -> MediaLibrary {
        MediaLibrary(self.0.media())
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
    /// Status.
    #[pyo3(signature = ())]
    async fn status(&self) -> PyResult<EngineStatus> {
        let handle = self.0.clone();
        run::inline(async move { handle.status().await }).await.map(|x| x.into())
    }
    /// Waits until nothing is due, in flight or unapplied; false after timeout.
    #[pyo3(signature = (timeout_ms = 30000))]
    async fn settle(&self, timeout_ms: i32) -> PyResult<bool> {
        let handle = self.0.clone();
        run::inline(async move { handle.settle(timeout_ms).await }).await
    }
    /// Backs up.
    #[pyo3(signature = (to))]
    async fn backup(&self, to: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::spawned(async move { handle.backup(to).await }).await
    }
    /// Closes.
    #[pyo3(signature = ())]
    async fn close(&self) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.close().await }).await
    }
}
/// The account's contacts.
#[pyclass(frozen, module = "conek")]
pub struct Contacts(pub conek_core::people::Contacts);
#[pymethods]
impl Contacts {
    /// Imports a file of people.
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
    /// Imports the bytes of a CSV file.
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
    /// Creates a contact or brings it up to date.
    #[pyo3(signature = (contact))]
    async fn upsert(&self, contact: NewContact) -> PyResult<Contact> {
        let handle = self.0.clone();
        run::inline(async move { handle.upsert(contact.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Reads a contact.
    #[pyo3(signature = (id))]
    async fn get(&self, id: String) -> PyResult<Contact> {
        let handle = self.0.clone();
        run::inline(async move { handle.get(id.into()).await }).await.map(|x| x.into())
    }
    /// Finds a contact by id, number or BSUID.
    #[pyo3(signature = (recipient))]
    async fn lookup(&self, recipient: Recipient) -> PyResult<Option<Contact>> {
        let handle = self.0.clone();
        run::inline(async move { handle.lookup(recipient.into()).await })
            .await
            .map(|x| x.map(|x| x.into()))
    }
    /// Lists contacts.
    #[pyo3(signature = (after = None, limit = 100))]
    async fn list(&self, after: Option<String>, limit: i32) -> PyResult<ContactPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.list(after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// Counts contacts.
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
    /// Records what a person said.
    #[pyo3(signature = (entry))]
    async fn record(&self, entry: ConsentEntry) -> PyResult<ConsentView> {
        let handle = self.0.clone();
        run::inline(async move { handle.record(entry.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Takes consent back and suppresses.
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
    /// Where consent stands.
    #[pyo3(signature = (person))]
    async fn status(&self, person: String) -> PyResult<Vec<ConsentView>> {
        let handle = self.0.clone();
        run::inline(async move { handle.status(person.into()).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Every event.
    #[pyo3(signature = (person))]
    async fn history(&self, person: String) -> PyResult<Vec<ConsentEvent>> {
        let handle = self.0.clone();
        run::inline(async move { handle.history(person.into()).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Whether suppressed.
    #[pyo3(signature = (recipient))]
    async fn is_suppressed(&self, recipient: Recipient) -> PyResult<bool> {
        let handle = self.0.clone();
        run::inline(async move { handle.is_suppressed(recipient.into()).await }).await
    }
}
/// The account's privacy notices.
#[pyclass(frozen, module = "conek")]
pub struct Notices(pub conek_core::consent::Notices);
#[pymethods]
impl Notices {
    /// Publishes.
    #[pyo3(signature = (notice))]
    async fn publish(&self, notice: NewNotice) -> PyResult<Notice> {
        let handle = self.0.clone();
        run::inline(async move { handle.publish(notice.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Current.
    #[pyo3(signature = (language))]
    async fn current(&self, language: String) -> PyResult<Option<Notice>> {
        let handle = self.0.clone();
        run::inline(async move { handle.current(language).await })
            .await
            .map(|x| x.map(|x| x.into()))
    }
    /// Records that a person was shown a notice. Never consent.
    #[pyo3(signature = (person, notice))]
    async fn acknowledge(&self, person: String, notice: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move {
                handle.acknowledge(person.into(), notice.into()).await
            })
            .await
    }
}
/// The gate, for questions.
#[pyclass(frozen, module = "conek")]
pub struct Policy(pub conek_core::policy::Policy);
#[pymethods]
impl Policy {
    /// Before sending.
    #[pyo3(signature = (draft))]
    async fn check(&self, draft: Draft) -> PyResult<Explanation> {
        let handle = self.0.clone();
        run::inline(async move { handle.check(draft.into()).await })
            .await
            .map(|x| x.into())
    }
    /// After.
    #[pyo3(signature = (message))]
    async fn explain(&self, message: String) -> PyResult<Explanation> {
        let handle = self.0.clone();
        run::inline(async move { handle.explain(message.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Decide again from the stored facts.
    #[pyo3(signature = (message))]
    async fn replay(&self, message: String) -> PyResult<Decision> {
        let handle = self.0.clone();
        run::inline(async move { handle.replay(message.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Declares a public holiday, YYYY-MM-DD.
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
    /// Queues one.
    #[pyo3(signature = (draft))]
    async fn send(&self, draft: Draft) -> PyResult<Sent> {
        let handle = self.0.clone();
        run::inline(async move { handle.send(draft.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Queues many.
    #[pyo3(signature = (drafts))]
    async fn send_many(&self, drafts: Vec<Draft>) -> PyResult<Vec<SendResult>> {
        let handle = self.0.clone();
        run::spawned(async move {
                handle.send_many(drafts.into_iter().map(|x| x.into()).collect()).await
            })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
    /// Reads.
    #[pyo3(signature = (id))]
    async fn get(&self, id: String) -> PyResult<Message> {
        let handle = self.0.clone();
        run::inline(async move { handle.get(id.into()).await }).await.map(|x| x.into())
    }
    /// Waits until final or timeout.
    #[pyo3(signature = (id, timeout_ms = 30000))]
    async fn wait(&self, id: String, timeout_ms: i32) -> PyResult<Message> {
        let handle = self.0.clone();
        run::inline(async move { handle.wait(id.into(), timeout_ms).await })
            .await
            .map(|x| x.into())
    }
    /// Cancels what has not left.
    #[pyo3(signature = (id))]
    async fn cancel(&self, id: String) -> PyResult<Message> {
        let handle = self.0.clone();
        run::inline(async move { handle.cancel(id.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Messages to a person, newest first.
    #[pyo3(signature = (person, limit = 100))]
    async fn of_person(&self, person: String, limit: i32) -> PyResult<Vec<Message>> {
        let handle = self.0.clone();
        run::inline(async move { handle.of_person(person.into(), limit).await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
}
/// The account's templates.
#[pyclass(frozen, module = "conek")]
pub struct Templates(pub conek_core::messaging::Templates);
#[pymethods]
impl Templates {
    /// Stores what WhatsApp holds.
    #[pyo3(signature = (template))]
    async fn put(&self, template: Template) -> PyResult<Template> {
        let handle = self.0.clone();
        run::inline(async move { handle.put(template.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Reads.
    #[pyo3(signature = (name, language))]
    async fn get(&self, name: String, language: String) -> PyResult<Template> {
        let handle = self.0.clone();
        run::inline(async move { handle.get(name, language).await })
            .await
            .map(|x| x.into())
    }
    /// Lists.
    #[pyo3(signature = ())]
    async fn list(&self) -> PyResult<Vec<Template>> {
        let handle = self.0.clone();
        run::inline(async move { handle.list().await })
            .await
            .map(|x| x.into_iter().map(|x| x.into()).collect())
    }
}
/// Files for people's phones.
#[pyclass(frozen, module = "conek")]
pub struct MediaLibrary(pub conek_core::messaging::MediaLibrary);
#[pymethods]
impl MediaLibrary {
    /// Uploads.
    #[pyo3(signature = (upload))]
    async fn upload(&self, upload: Upload) -> PyResult<String> {
        let handle = self.0.clone();
        run::spawned(async move { handle.upload(upload.into()).await }).await
    }
}
/// The account's campaigns.
#[pyclass(frozen, module = "conek")]
pub struct Campaigns(pub conek_core::campaigns::Campaigns);
#[pymethods]
impl Campaigns {
    /// Plans.
    #[pyo3(signature = (spec))]
    async fn plan(&self, spec: CampaignSpec) -> PyResult<CampaignPlan> {
        let handle = self.0.clone();
        run::spawned(async move { handle.plan(spec.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Starts.
    #[pyo3(signature = (id))]
    async fn start(&self, id: String) -> PyResult<CampaignProgress> {
        let handle = self.0.clone();
        run::spawned(async move { handle.start(id.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Progress.
    #[pyo3(signature = (id))]
    async fn progress(&self, id: String) -> PyResult<CampaignProgress> {
        let handle = self.0.clone();
        run::inline(async move { handle.progress(id.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Pauses.
    #[pyo3(signature = (id))]
    async fn pause(&self, id: String) -> PyResult<CampaignProgress> {
        let handle = self.0.clone();
        run::inline(async move { handle.pause(id.into()).await }).await.map(|x| x.into())
    }
    /// Resumes.
    #[pyo3(signature = (id))]
    async fn resume(&self, id: String) -> PyResult<CampaignProgress> {
        let handle = self.0.clone();
        run::inline(async move { handle.resume(id.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Cancels.
    #[pyo3(signature = (id))]
    async fn cancel(&self, id: String) -> PyResult<CampaignProgress> {
        let handle = self.0.clone();
        run::inline(async move { handle.cancel(id.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Who was left out and why.
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
    /// Lists.
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
    /// Verifies, stores, answers; applies soon after.
    #[pyo3(signature = (request))]
    async fn handle_webhook(&self, request: WebhookRequest) -> PyResult<Ack> {
        let handle = self.0.clone();
        run::inline(async move { handle.handle_webhook(request.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Answers Meta's GET handshake with the challenge.
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
    /// The whole HTTP surface without a framework.
    #[pyo3(signature = (request))]
    async fn handle_http(&self, request: HttpRequest) -> PyResult<HttpResponse> {
        let handle = self.0.clone();
        run::inline(async move { handle.handle_http(request.into()).await })
            .await
            .map(|x| x.into())
    }
    /// Events after a cursor.
    #[pyo3(signature = (after = None, limit = 100))]
    async fn events(&self, after: Option<String>, limit: i32) -> PyResult<EventPage> {
        let handle = self.0.clone();
        run::inline(async move { handle.events(after, limit).await })
            .await
            .map(|x| x.into())
    }
    /// Waits up to timeout_ms for events after a cursor.
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
    /// Marks a person's message as read.
    #[pyo3(signature = (receiver, wamid))]
    async fn mark_read(&self, receiver: String, wamid: String) -> PyResult<()> {
        let handle = self.0.clone();
        run::inline(async move { handle.mark_read(receiver, wamid).await }).await
    }
}
/// Adds every generated class.
pub fn add_classes(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Ack>()?;
    m.add_class::<Batch>()?;
    m.add_class::<Button>()?;
    m.add_class::<CampaignPlan>()?;
    m.add_class::<CampaignProgress>()?;
    m.add_class::<CampaignSpec>()?;
    m.add_class::<Claim>()?;
    m.add_class::<Config>()?;
    m.add_class::<ConsentEntry>()?;
    m.add_class::<ConsentEvent>()?;
    m.add_class::<ConsentView>()?;
    m.add_class::<Contact>()?;
    m.add_class::<ContactPage>()?;
    m.add_class::<Cost>()?;
    m.add_class::<Draft>()?;
    m.add_class::<EngineStatus>()?;
    m.add_class::<Event>()?;
    m.add_class::<EventPage>()?;
    m.add_class::<Evidence>()?;
    m.add_class::<Explanation>()?;
    m.add_class::<Facts>()?;
    m.add_class::<Failure>()?;
    m.add_class::<HttpRequest>()?;
    m.add_class::<HttpResponse>()?;
    m.add_class::<ImportOptions>()?;
    m.add_class::<ImportReport>()?;
    m.add_class::<Key>()?;
    m.add_class::<LaterCount>()?;
    m.add_class::<LeftOut>()?;
    m.add_class::<LeftOutPage>()?;
    m.add_class::<ListRow>()?;
    m.add_class::<ListSection>()?;
    m.add_class::<Message>()?;
    m.add_class::<NewContact>()?;
    m.add_class::<NewNotice>()?;
    m.add_class::<Notice>()?;
    m.add_class::<Number>()?;
    m.add_class::<Outgoing>()?;
    m.add_class::<Page>()?;
    m.add_class::<Parameter>()?;
    m.add_class::<Parsed>()?;
    m.add_class::<Patch>()?;
    m.add_class::<Provenance>()?;
    m.add_class::<Query>()?;
    m.add_class::<Rate>()?;
    m.add_class::<Reason>()?;
    m.add_class::<ReasonCount>()?;
    m.add_class::<Record>()?;
    m.add_class::<Report>()?;
    m.add_class::<RowProblem>()?;
    m.add_class::<SendResult>()?;
    m.add_class::<Sent>()?;
    m.add_class::<StoppedNumber>()?;
    m.add_class::<Template>()?;
    m.add_class::<TemplateButton>()?;
    m.add_class::<TemplateFacts>()?;
    m.add_class::<Token>()?;
    m.add_class::<Upload>()?;
    m.add_class::<Verification>()?;
    m.add_class::<WebhookRequest>()?;
    m.add_class::<WhatsAppAccess>()?;
    m.add_class::<Address>()?;
    m.add_class::<Audience>()?;
    m.add_class::<Committed>()?;
    m.add_class::<Content>()?;
    m.add_class::<Decision>()?;
    m.add_class::<Happening>()?;
    m.add_class::<Header>()?;
    m.add_class::<Index>()?;
    m.add_class::<Media>()?;
    m.add_class::<Recipient>()?;
    m.add_class::<Reply>()?;
    m.add_class::<SendOutcome>()?;
    m.add_class::<Update>()?;
    m.add_class::<Variable>()?;
    m.add_class::<Write>()?;
    m.add_class::<Engine>()?;
    m.add_class::<Contacts>()?;
    m.add_class::<Consent>()?;
    m.add_class::<Notices>()?;
    m.add_class::<Policy>()?;
    m.add_class::<Messages>()?;
    m.add_class::<Templates>()?;
    m.add_class::<MediaLibrary>()?;
    m.add_class::<Campaigns>()?;
    m.add_class::<Inbound>()?;
    Ok(())
}
