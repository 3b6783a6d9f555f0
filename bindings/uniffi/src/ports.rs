//! The ports as a host implements them, and what stands between them and the core.
//!
//! A host's exception never ends a task: it becomes the answer that can do no harm. A send that
//! raised may have been accepted, so it is `Unknown`; a policy that raised denies.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use conek_core::{self as core, Retry, StorageFault};

use crate::types::{
    Batch, Claim, Committed, ConekError, Decision, GraphAnswer, GraphCall, Key, Outgoing, Page, Parsed,
    PolicyCase, Query, Record, SendOutcome, Upload, Verification, WebhookRequest,
};

/// Where the engine keeps everything: by value, called from several threads at once.
///
/// `checkStorage` says whether an implementation keeps the promises.
#[uniffi::export(foreign)]
#[async_trait]
pub trait Storage: Send + Sync {
    /// Applies batches; each is all or nothing. One answer per batch, in order.
    async fn commit(&self, batches: Vec<Batch>) -> Result<Vec<Committed>, ConekError>;
    /// Reads records by key; one entry per key, in order.
    async fn get(&self, keys: Vec<Key>) -> Result<Vec<Option<Record>>, ConekError>;
    /// Reads one page by one index.
    async fn find(&self, query: Query) -> Result<Page, ConekError>;
    /// Counts what `find` would return without a limit or cursor.
    async fn count(&self, query: Query) -> Result<i64, ConekError>;
    /// Takes due work off a queue, so that no other claim sees it.
    async fn claim(&self, work: Claim) -> Result<Vec<Record>, ConekError>;
    /// Writes a consistent copy of the whole storage to the file `to`.
    async fn backup(&self, to: String) -> Result<(), ConekError>;
    /// Ends the use of the file or connection; there may be nothing to do.
    async fn close(&self) -> Result<(), ConekError>;
    /// Checks the storage's own integrity and counts what it holds.
    async fn verify(&self) -> Result<Verification, ConekError>;
}

/// How messages leave and how what comes in is read.
///
/// `checkTransport` says whether an implementation keeps the promises.
#[uniffi::export(foreign)]
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends one message, once. `permit_id` names the decision that allowed it. An exception is
    /// read as "it may have been accepted": nothing repeats the message.
    async fn send(&self, permit_id: String, message: Outgoing) -> Result<SendOutcome, ConekError>;
    /// Uploads a file and returns its media id.
    async fn upload(&self, upload: Upload) -> Result<String, ConekError>;
    /// Marks a person's message as read.
    async fn mark_read(&self, sender: String, wamid: String) -> Result<(), ConekError>;
    /// Marks a person's message as read and shows them that an answer is being written. What cannot show that
    /// marks it as read.
    async fn show_typing(&self, sender: String, wamid: String) -> Result<(), ConekError>;
    /// Makes one call that manages the account, and never repeats it. What was refused is an answer too. A transport
    /// without a Graph API behind it throws `Unsupported`.
    async fn manage(&self, call: GraphCall) -> Result<GraphAnswer, ConekError>;
    /// Fetches the file at an address that WhatsApp told, or throws `Unsupported`.
    async fn download(&self, url: String) -> Result<Vec<u8>, ConekError>;
    /// Checks that a webhook comes from WhatsApp, over the raw bytes; an exception refuses it.
    async fn verify(&self, request: WebhookRequest) -> Result<(), ConekError>;
    /// Reads a webhook's body into updates, every one of them.
    async fn parse(&self, body: Vec<u8>) -> Result<Parsed, ConekError>;
}

/// A rule about who may be sent what, and when. It can tighten and never loosen.
#[uniffi::export(foreign)]
#[async_trait]
pub trait ConsentPolicy: Send + Sync {
    /// The rule's name and version, as it stands in decisions. Asked once.
    fn name(&self) -> Result<String, ConekError>;
    /// One decision for each of the cases, in order. An exception denies all of them.
    async fn decide(&self, cases: Vec<PolicyCase>) -> Result<Vec<Decision>, ConekError>;
}

/// Wraps and unwraps the account's root key, for example with a key service.
#[uniffi::export(foreign)]
#[async_trait]
pub trait KeyProvider: Send + Sync {
    /// Wraps 32 key bytes.
    async fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>, ConekError>;
    /// Unwraps what `wrap` returned; anything else is a `key` error.
    async fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, ConekError>;
}

const RAISED: &str = "the host's code raised ";

impl From<uniffi::UnexpectedUniFFICallbackError> for ConekError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        // The exception's class is kept and its text is not: it may name a person.
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '$');
        let class: String = error.reason.chars().take_while(plain).collect();
        Self::internal(format!("{RAISED}{}", if class.is_empty() { "an exception" } else { &class }))
    }
}

/// The host's own conek error as it is; any other exception as `otherwise` says.
fn raised(error: ConekError, otherwise: impl FnOnce(String) -> core::Error) -> core::Error {
    match core::Error::from(error) {
        core::Error::Internal { detail } if detail.starts_with(RAISED) => otherwise(detail),
        ours => ours,
    }
}

fn each<A: Into<B>, B>(values: Vec<A>) -> Vec<B> {
    values.into_iter().map(Into::into).collect()
}

macro_rules! named_debug {
    ($($name:ident),*) => { $(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )* };
}
named_debug!(HostStorage, HostTransport, HostPolicy, HostKeys);

pub(crate) struct HostStorage(pub(crate) Arc<dyn Storage>);

fn unavailable(error: ConekError) -> core::Error {
    raised(error, |detail| core::Error::storage(StorageFault::Unavailable, detail))
}

#[async_trait]
impl core::Storage for HostStorage {
    async fn commit(
        &self,
        batches: Vec<core::storage::Batch>,
    ) -> core::Result<Vec<core::storage::Committed>> {
        self.0.commit(each(batches)).await.map(each).map_err(unavailable)
    }
    async fn get(&self, keys: Vec<core::storage::Key>) -> core::Result<Vec<Option<core::storage::Record>>> {
        let records = self.0.get(each(keys)).await.map_err(unavailable)?;
        Ok(records.into_iter().map(|record| record.map(Into::into)).collect())
    }
    async fn find(&self, query: core::storage::Query) -> core::Result<core::storage::Page> {
        self.0.find(query.into()).await.map(Into::into).map_err(unavailable)
    }
    async fn count(&self, query: core::storage::Query) -> core::Result<i64> {
        self.0.count(query.into()).await.map_err(unavailable)
    }
    async fn claim(&self, work: core::storage::Claim) -> core::Result<Vec<core::storage::Record>> {
        self.0.claim(work.into()).await.map(each).map_err(unavailable)
    }
    async fn backup(&self, to: String) -> core::Result<()> {
        self.0.backup(to).await.map_err(unavailable)
    }
    async fn close(&self) -> core::Result<()> {
        self.0.close().await.map_err(unavailable)
    }
    async fn verify(&self) -> core::Result<core::storage::Verification> {
        self.0.verify().await.map(Into::into).map_err(unavailable)
    }
}

/// A transport of the host's. The permit is checked and used up here: the host sees its id.
pub(crate) struct HostTransport {
    host: Arc<dyn Transport>,
    clock: Arc<dyn core::Clock>,
}

impl HostTransport {
    pub(crate) fn new(host: Arc<dyn Transport>, clock: Option<Arc<dyn core::Clock>>) -> Self {
        Self { host, clock: clock.unwrap_or_else(|| Arc::new(core::SystemClock)) }
    }
    /// Why the permit does not cover the message now.
    fn objection(
        &self,
        permit: &core::policy::SendPermit,
        message: &core::transport::Outgoing,
    ) -> Option<&'static str> {
        if message.body_hash().ok().as_ref() != Some(permit.body_hash()) {
            return Some("the permit is for another message");
        }
        (self.clock.now() > permit.valid_until()).then_some("the permit has run out")
    }
}

fn failed(error: ConekError) -> core::Error {
    raised(error, |detail| core::Error::Transport { detail, retry: Retry::Unknown })
}

#[async_trait]
impl core::Transport for HostTransport {
    async fn send(
        &self,
        permit: core::policy::SendPermit,
        message: core::transport::Outgoing,
    ) -> core::transport::SendOutcome {
        if let Some(objection) = self.objection(&permit, &message) {
            return core::transport::SendOutcome::NotSent { detail: objection.to_owned() };
        }
        match self.host.send(permit.id().to_owned(), message.into()).await {
            Ok(outcome) => outcome.into(),
            // The code alone: an error made by the host may say more than it should.
            Err(error) => {
                let detail = match core::Error::from(error) {
                    core::Error::Internal { detail } if detail.starts_with(RAISED) => detail,
                    ours => format!("{RAISED}{}", ours.code()),
                };
                core::transport::SendOutcome::Unknown { detail }
            }
        }
    }
    async fn upload(&self, upload: core::transport::Upload) -> core::Result<String> {
        self.host.upload(upload.into()).await.map_err(failed)
    }
    async fn mark_read(&self, sender: String, wamid: String) -> core::Result<()> {
        self.host.mark_read(sender, wamid).await.map_err(failed)
    }
    async fn show_typing(&self, sender: String, wamid: String) -> core::Result<()> {
        self.host.show_typing(sender, wamid).await.map_err(failed)
    }
    async fn manage(&self, call: core::transport::GraphCall) -> core::Result<core::transport::GraphAnswer> {
        self.host.manage(call.into()).await.map(Into::into).map_err(failed)
    }
    async fn download(&self, url: String) -> core::Result<Vec<u8>> {
        self.host.download(url).await.map_err(failed)
    }
    async fn verify(&self, request: core::transport::WebhookRequest) -> core::Result<()> {
        // Whatever went wrong, the body is not proved to be WhatsApp's.
        let refused = |error| raised(error, |detail| core::Error::Signature { detail });
        self.host.verify(request.into()).await.map_err(refused)
    }
    async fn parse(&self, body: Vec<u8>) -> core::transport::Parsed {
        // Nothing that came in is lost: what the host cannot read is kept whole.
        let json = String::from_utf8_lossy(&body).into_owned();
        match self.host.parse(body).await {
            Ok(parsed) => parsed.into(),
            Err(_) => core::transport::Parsed {
                updates: vec![core::transport::Update::Unknown { field: String::new(), json }],
            },
        }
    }
}

pub(crate) struct HostPolicy {
    name: String,
    policy: Arc<dyn ConsentPolicy>,
}

impl HostPolicy {
    pub(crate) fn new(policy: Arc<dyn ConsentPolicy>) -> Result<Self, ConekError> {
        Ok(Self { name: policy.name()?, policy })
    }
}

#[async_trait]
impl core::ConsentPolicy for HostPolicy {
    fn name(&self) -> String {
        self.name.clone()
    }
    async fn decide(
        &self,
        cases: Vec<core::policy::PolicyCase>,
    ) -> core::Result<Vec<core::policy::Decision>> {
        self.policy.decide(each(cases)).await.map(each).map_err(Into::into)
    }
}

pub(crate) struct HostKeys(pub(crate) Arc<dyn KeyProvider>);

fn keyless(error: ConekError) -> core::Error {
    raised(error, core::Error::key)
}

#[async_trait]
impl core::KeyProvider for HostKeys {
    async fn wrap(&self, key: Vec<u8>) -> core::Result<Vec<u8>> {
        self.0.wrap(key).await.map_err(keyless)
    }
    async fn unwrap(&self, wrapped: Vec<u8>) -> core::Result<Vec<u8>> {
        self.0.unwrap(wrapped).await.map_err(keyless)
    }
}
