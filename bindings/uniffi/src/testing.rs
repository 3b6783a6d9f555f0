//! What a host's tests use: the suites for its own ports, and errors and panics on demand.

use std::sync::Arc;

use conek_core::{
    self as core, Clock, SystemClock,
    conformance::{self, FarSide, TransportProbe},
};

use crate::{
    ports::{
        ConsentPolicy, HostKeys, HostPolicy, HostStorage, HostTransport, KeyProvider, Storage, Transport,
    },
    runtime,
    types::{ConekError, Parsed, Report, WebhookRequest, examples},
};

/// Runs the storages' suite on a storage of the host's. Its records stay behind, each case's in an
/// account of its own.
#[uniffi::export]
pub async fn check_storage(storage: Arc<dyn Storage>) -> Result<Report, ConekError> {
    let storage = Arc::new(HostStorage(storage));
    runtime::run(async move { Ok(conformance::check_one(storage).await) }).await.map(Into::into)
}

/// Runs the transports' suite on a transport of the host's.
///
/// `accepting` says that at its other end is a stand-in that takes every message, **never WhatsApp
/// itself**; otherwise nothing is there. `webhook` is one that verifies, with `updates` updates in it.
#[uniffi::export(default(accepting = false, webhook = None, updates = 0))]
pub async fn check_transport(
    transport: Arc<dyn Transport>,
    sender: String,
    accepting: bool,
    webhook: Option<WebhookRequest>,
    updates: i32,
) -> Result<Report, ConekError> {
    let probe = TransportProbe {
        far_side: if accepting { FarSide::Accepting } else { FarSide::Dead },
        sender,
        now: SystemClock.now(),
        webhook: webhook.map(Into::into),
        updates: u32::try_from(updates).unwrap_or(0),
    };
    let transport = Arc::new(HostTransport::new(transport, None));
    runtime::run(async move { Ok(conformance::check_transport(transport, probe).await) })
        .await
        .map(Into::into)
}

/// Runs the rules' suite on a rule of the host's.
#[uniffi::export]
pub async fn check_policy(policy: Arc<dyn ConsentPolicy>) -> Result<Report, ConekError> {
    let policy = Arc::new(HostPolicy::new(policy)?);
    runtime::run(async move { Ok(conformance::check_policy(policy).await) }).await.map(Into::into)
}

/// Runs the key providers' suite on one of the host's.
#[uniffi::export]
pub async fn check_keys(keys: Arc<dyn KeyProvider>) -> Result<Report, ConekError> {
    let keys = Arc::new(HostKeys(keys));
    runtime::run(async move { Ok(conformance::check_keys(keys).await) }).await.map(Into::into)
}

/// Reads a webhook's body as conek's own WhatsApp transport does, for a scripted transport of the
/// host's tests. What cannot be read is kept whole as `Update::Unknown`; this never fails.
#[uniffi::export]
pub fn parse_webhook(body: Vec<u8>) -> Parsed {
    core::transport::whatsapp::parse(&body).into()
}

/// Raises the error that has this code, with example fields; `not_found` for an unknown code.
#[uniffi::export]
pub async fn testing_fail(code: String) -> Result<(), ConekError> {
    let error = examples().into_iter().find(|e| e.code() == code);
    runtime::run(async move { Err(error.unwrap_or_else(|| core::Error::not_found("error code", code))) })
        .await
}

/// Panics inside an operation, which arrives as the error `internal`.
#[uniffi::export]
pub async fn testing_panic() -> Result<(), ConekError> {
    runtime::run(async { std::panic::panic_any("asked for by a test") }).await
}
