//! The ports a host writes in JavaScript, as the engine sees them.
//!
//! The JavaScript side (`lib/ports.js`) wraps each method of the host's object in an async function
//! that never throws: it resolves with `[value, undefined]` or `[undefined, raised]`. What still goes
//! wrong here is a value of another shape, or a process on its way out.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use conek_core::{
    self as core, Clock, ConsentPolicy, Error, KeyProvider, Result, Storage, StorageFault, Transport,
    policy::SendPermit,
    transport::{Outgoing, SendOutcome},
};
use napi::{
    Status,
    bindgen_prelude::{
        FnArgs, FromNapiValue, Function, JsObjectValue, JsValuesTupleIntoVec, Object, Promise,
    },
    threadsafe_function::ThreadsafeFunction,
};
use napi_derive::napi;

use crate::{types, values::Bytes};

/// What a host's method threw.
#[napi(object)]
#[derive(Debug, Clone)]
pub struct Raised {
    /// The name of its class; never its text, which may be about a person.
    pub class: String,
    /// The variant's name, where it is one of conek's own errors.
    pub variant: Option<String>,
    /// That variant's fields as JSON.
    pub fields: Option<String>,
}

impl Raised {
    /// The engine's error, where the host threw one.
    fn ours(&self) -> Option<Error> {
        let fields = serde_json::from_str(self.fields.as_deref()?).ok()?;
        types::error_of(self.variant.as_deref()?, &fields)
    }
}

type Answer<R> = (Option<R>, Option<Raised>);

/// Weak, so that a port alone does not keep the process alive.
struct Method<A: 'static + JsValuesTupleIntoVec, R: 'static + FromNapiValue>(
    ThreadsafeFunction<A, Promise<Answer<R>>, A, Status, false, true>,
);

impl<A: 'static + JsValuesTupleIntoVec, R: 'static + FromNapiValue> Method<A, R> {
    fn of(host: &Object, name: &str) -> napi::Result<Self> {
        let function = host.get_named_property::<Function<A, Promise<Answer<R>>>>(name)?;
        Ok(Self(function.build_threadsafe_function().weak::<true>().build()?))
    }
    /// The same of a method that a host may leave out.
    fn of_some(host: &Object, name: &str) -> napi::Result<Option<Self>> {
        if host.has_named_property(name)? { Self::of(host, name).map(Some) } else { Ok(None) }
    }
    /// Calls it. `otherwise` makes the port's own error of what is not one of conek's.
    async fn call(&self, arguments: A, otherwise: impl Fn(String) -> Error) -> Result<R> {
        let answer = match self.0.call_async_catch(arguments).await {
            Ok(promise) => promise.await,
            Err(error) => Err(error),
        };
        match answer {
            Ok((Some(value), None)) => Ok(value),
            Ok((_, Some(raised))) => {
                Err(raised.ours().unwrap_or_else(|| otherwise(format!("it threw {}", raised.class))))
            }
            Ok((None, None)) => Err(otherwise("it returned nothing".to_owned())),
            Err(error) if error.status == Status::Closing => {
                Err(otherwise("the process is ending".to_owned()))
            }
            Err(_) => Err(otherwise("it returned a value of another shape".to_owned())),
        }
    }
}

macro_rules! quiet {
    ($($name:ident),*) => { $(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )* };
}
quiet!(HostStorage, HostTransport, HostPolicy, HostKeys);

fn all<T, U: From<T>>(values: Vec<T>) -> Vec<U> {
    values.into_iter().map(U::from).collect()
}

/// A storage written in JavaScript.
pub struct HostStorage {
    commit: Method<Vec<types::Batch>, Vec<types::Committed>>,
    get: Method<Vec<types::Key>, Vec<Option<types::Record>>>,
    find: Method<types::Query, types::Page>,
    count: Method<types::Query, i64>,
    claim: Method<types::Claim, Vec<types::Record>>,
    backup: Method<String, bool>,
    verify: Method<(), types::Verification>,
}

impl HostStorage {
    /// Takes hold of the host's methods; an error if one is missing.
    pub fn of(host: &Object) -> napi::Result<Arc<dyn Storage>> {
        Ok(Arc::new(Self {
            commit: Method::of(host, "commit")?,
            get: Method::of(host, "get")?,
            find: Method::of(host, "find")?,
            count: Method::of(host, "count")?,
            claim: Method::of(host, "claim")?,
            backup: Method::of(host, "backup")?,
            verify: Method::of(host, "verify")?,
        }))
    }
}

fn storage(method: &'static str) -> impl Fn(String) -> Error {
    move |what| Error::storage(StorageFault::Unavailable, format!("the host's storage, {method}: {what}"))
}

#[async_trait]
impl Storage for HostStorage {
    async fn commit(&self, batches: Vec<core::storage::Batch>) -> Result<Vec<core::storage::Committed>> {
        self.commit.call(all(batches), storage("commit")).await.map(all)
    }
    async fn get(&self, keys: Vec<core::storage::Key>) -> Result<Vec<Option<core::storage::Record>>> {
        let found = self.get.call(all(keys), storage("get")).await?;
        Ok(found.into_iter().map(|record| record.map(Into::into)).collect())
    }
    async fn find(&self, query: core::storage::Query) -> Result<core::storage::Page> {
        self.find.call(query.into(), storage("find")).await.map(Into::into)
    }
    async fn count(&self, query: core::storage::Query) -> Result<i64> {
        self.count.call(query.into(), storage("count")).await
    }
    async fn claim(&self, work: core::storage::Claim) -> Result<Vec<core::storage::Record>> {
        self.claim.call(work.into(), storage("claim")).await.map(all)
    }
    async fn backup(&self, to: String) -> Result<()> {
        self.backup.call(to, storage("backup")).await.map(drop)
    }
    async fn verify(&self) -> Result<core::storage::Verification> {
        self.verify.call((), storage("verify")).await.map(Into::into)
    }
}

/// A transport written in JavaScript. The permit is checked and used up here: the host sees its id.
pub struct HostTransport {
    clock: Arc<dyn Clock>,
    send: Method<FnArgs<(String, types::Outgoing)>, types::SendOutcome>,
    upload: Method<types::Upload, String>,
    mark_read: Method<FnArgs<(String, String)>, bool>,
    show_typing: Method<FnArgs<(String, String)>, bool>,
    manage: Option<Method<types::GraphCall, types::GraphAnswer>>,
    download: Option<Method<String, Bytes>>,
    verify: Method<types::WebhookRequest, bool>,
    parse: Method<Bytes, types::Parsed>,
}

impl HostTransport {
    /// Takes hold of the host's methods; an error if one is missing. The clock judges permits.
    pub fn of(host: &Object, clock: Arc<dyn Clock>) -> napi::Result<Arc<dyn Transport>> {
        Ok(Arc::new(Self {
            clock,
            send: Method::of(host, "send")?,
            upload: Method::of(host, "upload")?,
            mark_read: Method::of(host, "markRead")?,
            show_typing: Method::of(host, "showTyping")?,
            manage: Method::of_some(host, "manage")?,
            download: Method::of_some(host, "download")?,
            verify: Method::of(host, "verify")?,
            parse: Method::of(host, "parse")?,
        }))
    }
    /// Why the permit does not cover the message now.
    fn objection(&self, permit: &SendPermit, message: &Outgoing) -> Option<&'static str> {
        if message.body_hash().ok().as_ref() != Some(permit.body_hash()) {
            return Some("the permit is for another message");
        }
        (self.clock.now() > permit.valid_until()).then_some("the permit has run out")
    }
}

fn transport(method: &'static str) -> impl Fn(String) -> Error {
    move |what| Error::Transport {
        detail: format!("the host's transport, {method}: {what}"),
        retry: core::Retry::Unknown,
    }
}

/// The host left the method out.
fn unsupported(method: &str) -> Error {
    Error::Unsupported { operation: method.to_owned() }
}

#[async_trait]
impl Transport for HostTransport {
    async fn send(&self, permit: SendPermit, message: Outgoing) -> SendOutcome {
        if let Some(objection) = self.objection(&permit, &message) {
            return SendOutcome::NotSent { detail: objection.to_owned() };
        }
        let arguments = FnArgs::from((permit.id().to_owned(), message.into()));
        match self.send.call(arguments, transport("send")).await {
            Ok(outcome) => outcome.into(),
            // Whatever it threw, it may have sent before.
            Err(error) => SendOutcome::Unknown { detail: error.to_string() },
        }
    }
    async fn upload(&self, upload: core::transport::Upload) -> Result<String> {
        self.upload.call(upload.into(), transport("upload")).await
    }
    async fn mark_read(&self, sender: String, wamid: String) -> Result<()> {
        let arguments = FnArgs::from((sender, wamid));
        self.mark_read.call(arguments, transport("markRead")).await.map(drop)
    }
    async fn show_typing(&self, sender: String, wamid: String) -> Result<()> {
        let arguments = FnArgs::from((sender, wamid));
        self.show_typing.call(arguments, transport("showTyping")).await.map(drop)
    }
    async fn manage(&self, call: core::transport::GraphCall) -> Result<core::transport::GraphAnswer> {
        let manage = self.manage.as_ref().ok_or_else(|| unsupported("manage"))?;
        manage.call(call.into(), transport("manage")).await.map(Into::into)
    }
    async fn download(&self, url: String) -> Result<Vec<u8>> {
        let download = self.download.as_ref().ok_or_else(|| unsupported("download"))?;
        download.call(url, transport("download")).await.map(|bytes| bytes.0)
    }
    async fn verify(&self, request: core::transport::WebhookRequest) -> Result<()> {
        let refused = |what| Error::Signature { detail: format!("the host's transport, verify: {what}") };
        self.verify.call(request.into(), refused).await.map(drop)
    }
    async fn parse(&self, body: Vec<u8>) -> core::transport::Parsed {
        let parsed = self.parse.call(Bytes(body.clone()), transport("parse")).await;
        parsed.map(Into::into).unwrap_or_else(|_| {
            // Kept whole rather than lost: the host's reader may know it tomorrow.
            let json = String::from_utf8_lossy(&body).into_owned();
            let unread = core::transport::Update::Unknown { field: String::new(), json };
            core::transport::Parsed { updates: vec![unread] }
        })
    }
}

/// A rule written in JavaScript.
pub struct HostPolicy {
    name: String,
    decide: Method<Vec<types::PolicyCase>, Vec<types::Decision>>,
}

impl HostPolicy {
    /// Takes hold of the host's rule; an error if its name or method is missing.
    pub fn of(host: &Object) -> napi::Result<Arc<dyn ConsentPolicy>> {
        Ok(Arc::new(Self { name: host.get_named_property("name")?, decide: Method::of(host, "decide")? }))
    }
}

#[async_trait]
impl ConsentPolicy for HostPolicy {
    fn name(&self) -> String {
        self.name.clone()
    }
    async fn decide(&self, cases: Vec<core::policy::PolicyCase>) -> Result<Vec<core::policy::Decision>> {
        let failed = |what| Error::internal(format!("the host's policy {}: {what}", self.name));
        self.decide.call(all(cases), failed).await.map(all)
    }
}

/// A key provider written in JavaScript.
pub struct HostKeys {
    wrap: Method<Bytes, Bytes>,
    unwrap: Method<Bytes, Bytes>,
}

impl HostKeys {
    /// Takes hold of the host's methods; an error if one is missing.
    pub fn of(host: &Object) -> napi::Result<Arc<dyn KeyProvider>> {
        Ok(Arc::new(Self { wrap: Method::of(host, "wrap")?, unwrap: Method::of(host, "unwrap")? }))
    }
}

fn key(method: &'static str) -> impl Fn(String) -> Error {
    move |what| Error::key(format!("the host's key provider, {method}: {what}"))
}

#[async_trait]
impl KeyProvider for HostKeys {
    async fn wrap(&self, key_bytes: Vec<u8>) -> Result<Vec<u8>> {
        self.wrap.call(Bytes(key_bytes), key("wrap")).await.map(|bytes| bytes.0)
    }
    async fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>> {
        self.unwrap.call(Bytes(wrapped), key("unwrap")).await.map(|bytes| bytes.0)
    }
}
