//! What a host writes in Python, as the core's ports.

use std::sync::Arc;

use async_trait::async_trait;
use conek_core::{
    Clock, Error, Result, StorageFault, SystemClock, policy, storage,
    transport::{
        self, GraphAnswer, GraphCall, Outgoing, Parsed, SendOutcome, Update, Upload, WebhookRequest,
    },
};
use pyo3::{
    Borrowed,
    prelude::*,
    types::{PyBytes, PyTuple},
};

use crate::{aio, errors, types};

/// A host's object and the event loop on which it lives.
#[derive(Debug)]
pub struct Host {
    object: Py<PyAny>,
    home: Option<Py<PyAny>>,
}

/// Why a host's method gave no answer.
struct Failed {
    /// The error that the host raised, if it is one of conek's.
    ours: Option<Error>,
    /// What happened, without personal data.
    detail: String,
}

impl Failed {
    fn of(py: Python<'_>, what: &str, raised: &PyErr) -> Self {
        Self { ours: errors::of_exception(py, raised), detail: errors::in_words(py, what, raised) }
    }
    fn gone() -> Self {
        Self { ours: None, detail: "the Python interpreter is going down".into() }
    }
}

impl Host {
    /// Binds the object to the loop that runs now.
    pub fn new(object: Py<PyAny>) -> Self {
        Python::attach(|py| Self { home: aio::running_loop(py), object })
    }

    /// Whether the object has this method.
    fn has(&self, method: &str) -> bool {
        Python::try_attach(|py| self.object.bind(py).hasattr(method).unwrap_or(false)).unwrap_or(false)
    }

    /// Awaits `object.method(*args)`.
    async fn call<T>(&self, method: &'static str, args: impl Args) -> Answer<T>
    where
        T: for<'a, 'py> FromPyObject<'a, 'py>,
    {
        let begun = Python::try_attach(|py| {
            let begun =
                args(py).and_then(|args| aio::call(py, self.home.as_ref(), &self.object, method, args));
            begun.map_err(|e| Failed::of(py, method, &e))
        });
        let answer = begun.unwrap_or_else(|| Err(Failed::gone()))?.await;
        let answer = Python::try_attach(|py| {
            let answer = answer.map_err(|e| Failed::of(py, method, &e))?;
            answer.bind(py).extract::<T>().map_err(|e| Failed::of(py, method, &e.into()))
        });
        answer.unwrap_or_else(|| Err(Failed::gone()))
    }
}

/// Makes a call's arguments once the interpreter is there.
trait Args: for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyTuple>> + Send {}
impl<F: for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyTuple>> + Send> Args for F {}

type Answer<T> = std::result::Result<T, Failed>;

fn each<A, B: From<A>>(values: Vec<A>) -> Vec<B> {
    values.into_iter().map(B::from).collect()
}

fn bytes(py: Python<'_>, value: Vec<u8>) -> Bound<'_, PyBytes> {
    PyBytes::new(py, &value)
}

/// A storage that a host wrote.
#[derive(Debug)]
pub struct HostStorage(pub Host);

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        failed.ours.unwrap_or_else(|| Error::internal(failed.detail))
    }
}

fn unavailable(failed: Failed) -> Error {
    failed.ours.unwrap_or_else(|| Error::storage(StorageFault::Unavailable, failed.detail))
}

#[async_trait]
impl storage::Storage for HostStorage {
    async fn commit(&self, batches: Vec<storage::Batch>) -> Result<Vec<storage::Committed>> {
        let batches = each::<_, types::Batch>(batches);
        let answer = self.0.call::<Vec<types::Committed>>("commit", |py| (batches,).into_pyobject(py)).await;
        answer.map(each).map_err(unavailable)
    }
    async fn get(&self, keys: Vec<storage::Key>) -> Result<Vec<Option<storage::Record>>> {
        let keys = each::<_, types::Key>(keys);
        let answer = self.0.call::<Vec<Option<types::Record>>>("get", |py| (keys,).into_pyobject(py)).await;
        answer.map(|records| records.into_iter().map(|r| r.map(Into::into)).collect()).map_err(unavailable)
    }
    async fn find(&self, query: storage::Query) -> Result<storage::Page> {
        let query = types::Query::from(query);
        let answer = self.0.call::<types::Page>("find", |py| (query,).into_pyobject(py)).await;
        answer.map(Into::into).map_err(unavailable)
    }
    async fn count(&self, query: storage::Query) -> Result<i64> {
        let query = types::Query::from(query);
        self.0.call("count", |py| (query,).into_pyobject(py)).await.map_err(unavailable)
    }
    async fn claim(&self, work: storage::Claim) -> Result<Vec<storage::Record>> {
        let work = types::Claim::from(work);
        let answer = self.0.call::<Vec<types::Record>>("claim", |py| (work,).into_pyobject(py)).await;
        answer.map(each).map_err(unavailable)
    }
    async fn backup(&self, to: String) -> Result<()> {
        self.0.call::<Nothing>("backup", |py| (to,).into_pyobject(py)).await.map(drop).map_err(unavailable)
    }
    async fn verify(&self) -> Result<storage::Verification> {
        let answer = self.0.call::<types::Verification>("verify", |py| Ok(PyTuple::empty(py))).await;
        answer.map(Into::into).map_err(unavailable)
    }
    async fn close(&self) -> Result<()> {
        if !self.0.has("close") {
            return Ok(());
        }
        self.0.call::<Nothing>("close", |py| Ok(PyTuple::empty(py))).await.map(drop).map_err(unavailable)
    }
}

/// Whatever a method without an answer answers.
struct Nothing;
impl<'py> FromPyObject<'_, 'py> for Nothing {
    type Error = PyErr;
    fn extract(_: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self)
    }
}

/// A transport that a host wrote. The permit is checked and used up here: the host sees its id.
#[derive(Debug)]
pub struct HostTransport {
    host: Host,
    clock: Arc<dyn Clock>,
}

impl HostTransport {
    /// The transport, its permits judged by this clock.
    pub fn new(object: Py<PyAny>, clock: Option<Arc<dyn Clock>>) -> Self {
        Self { host: Host::new(object), clock: clock.unwrap_or_else(|| Arc::new(SystemClock)) }
    }
    /// Refuses what the host left out.
    fn may(&self, method: &str) -> Result<()> {
        match self.host.has(method) {
            true => Ok(()),
            false => Err(Error::Unsupported { operation: method.to_owned() }),
        }
    }
    /// Why the permit does not cover the message now.
    fn objection(&self, permit: &policy::SendPermit, message: &Outgoing) -> Option<&'static str> {
        if message.body_hash().ok().as_ref() != Some(permit.body_hash()) {
            return Some("the permit is for another message");
        }
        (self.clock.now() > permit.valid_until()).then_some("the permit has run out")
    }
}

fn transport(failed: Failed) -> Error {
    failed.ours.unwrap_or(Error::Transport { detail: failed.detail, retry: conek_core::Retry::Unknown })
}

#[async_trait]
impl transport::Transport for HostTransport {
    async fn send(&self, permit: policy::SendPermit, message: Outgoing) -> SendOutcome {
        if let Some(objection) = self.objection(&permit, &message) {
            return SendOutcome::NotSent { detail: objection.to_owned() };
        }
        let (permit, message) = (permit.id().to_owned(), types::Outgoing::from(message));
        let answer =
            self.host.call::<types::SendOutcome>("send", |py| (permit, message).into_pyobject(py)).await;
        // An exception says nothing of how far the message came.
        answer.map(Into::into).unwrap_or_else(|failed| SendOutcome::Unknown { detail: failed.detail })
    }
    async fn upload(&self, upload: Upload) -> Result<String> {
        let upload = types::Upload::from(upload);
        self.host.call("upload", |py| (upload,).into_pyobject(py)).await.map_err(transport)
    }
    async fn mark_read(&self, sender: String, wamid: String) -> Result<()> {
        self.host
            .call::<Nothing>("mark_read", |py| (sender, wamid).into_pyobject(py))
            .await
            .map(drop)
            .map_err(transport)
    }
    async fn show_typing(&self, sender: String, wamid: String) -> Result<()> {
        if !self.host.has("show_typing") {
            return self.mark_read(sender, wamid).await;
        }
        self.host
            .call::<Nothing>("show_typing", |py| (sender, wamid).into_pyobject(py))
            .await
            .map(drop)
            .map_err(transport)
    }
    async fn manage(&self, call: GraphCall) -> Result<GraphAnswer> {
        self.may("manage")?;
        let call = types::GraphCall::from(call);
        let answer = self.host.call::<types::GraphAnswer>("manage", |py| (call,).into_pyobject(py)).await;
        answer.map(Into::into).map_err(transport)
    }
    async fn download(&self, url: String) -> Result<Vec<u8>> {
        self.may("download")?;
        self.host.call("download", |py| (url,).into_pyobject(py)).await.map_err(transport)
    }
    async fn verify(&self, request: WebhookRequest) -> Result<()> {
        let request = types::WebhookRequest::from(request);
        let answer = self.host.call::<Nothing>("verify", |py| (request,).into_pyobject(py)).await;
        // Whatever went wrong, the body is not proved to be WhatsApp's.
        answer.map(drop).map_err(|f| f.ours.unwrap_or(Error::Signature { detail: f.detail }))
    }
    async fn parse(&self, body: Vec<u8>) -> Parsed {
        let whole = String::from_utf8_lossy(&body).into_owned();
        let answer =
            self.host.call::<types::Parsed>("parse", |py| (bytes(py, body),).into_pyobject(py)).await;
        // Nothing that came in is dropped: what the host cannot read is kept whole.
        let unread = |_| Parsed { updates: vec![Update::Unknown { field: String::new(), json: whole }] };
        answer.map(Into::into).unwrap_or_else(unread)
    }
}

/// A rule that a host wrote.
#[derive(Debug)]
pub struct HostPolicy {
    host: Host,
    name: String,
}

impl HostPolicy {
    /// Asks the rule for its name once.
    pub fn new(object: Py<PyAny>) -> PyResult<Self> {
        let name = Python::attach(|py| object.bind(py).call_method0("name")?.extract::<String>())?;
        Ok(Self { host: Host::new(object), name })
    }
}

#[async_trait]
impl policy::ConsentPolicy for HostPolicy {
    fn name(&self) -> String {
        self.name.clone()
    }
    async fn decide(&self, cases: Vec<policy::PolicyCase>) -> Result<Vec<policy::Decision>> {
        let cases = each::<_, types::PolicyCase>(cases);
        let answer = self.host.call::<Vec<types::Decision>>("decide", |py| (cases,).into_pyobject(py)).await;
        answer.map(each).map_err(Error::from)
    }
}

/// A key provider that a host wrote.
#[derive(Debug)]
pub struct HostKeys(pub Host);

fn key(failed: Failed) -> Error {
    failed.ours.unwrap_or_else(|| Error::key(failed.detail))
}

#[async_trait]
impl conek_core::KeyProvider for HostKeys {
    async fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>> {
        self.0.call("wrap", |py| (bytes(py, key),).into_pyobject(py)).await.map_err(self::key)
    }
    async fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>> {
        self.0.call("unwrap", |py| (bytes(py, wrapped),).into_pyobject(py)).await.map_err(key)
    }
}
