//! `conek.testing`: the suites for what a host writes, conek's reader of webhooks, and the two ways to
//! fail on purpose.

use std::sync::Arc;

use conek_core::{
    Clock, Error, StorageFault, SystemClock,
    conformance::{self, FarSide, TransportProbe},
    transport::whatsapp,
};
use pyo3::prelude::*;

use crate::{
    ports::{Host, HostKeys, HostPolicy, HostStorage, HostTransport},
    run,
    types::{Parsed, Report, WebhookRequest},
};

/// Runs the storages' suite on a storage of the host's. Its records stay behind, each case's in an
/// account of its own.
#[pyfunction]
pub async fn check_storage(storage: Py<PyAny>) -> PyResult<Report> {
    let storage = Arc::new(HostStorage(Host::new(storage)));
    run::spawned(async move { Ok(conformance::check_one(storage).await) }).await.map(Into::into)
}

/// Runs the transports' suite on a transport of the host's.
#[pyfunction]
#[pyo3(signature = (transport, sender, *, accepting = false, webhook = None, updates = 0))]
pub async fn check_transport(
    transport: Py<PyAny>,
    sender: String,
    accepting: bool,
    webhook: Option<WebhookRequest>,
    updates: u32,
) -> PyResult<Report> {
    let probe = TransportProbe {
        far_side: if accepting { FarSide::Accepting } else { FarSide::Dead },
        sender,
        now: SystemClock.now(),
        webhook: webhook.map(Into::into),
        updates,
    };
    let transport = Arc::new(HostTransport::new(transport, None));
    run::spawned(async move { Ok(conformance::check_transport(transport, probe).await) })
        .await
        .map(Into::into)
}

/// Runs the rules' suite on a rule of the host's.
#[pyfunction]
pub async fn check_policy(policy: Py<PyAny>) -> PyResult<Report> {
    let policy = Arc::new(HostPolicy::new(policy)?);
    run::spawned(async move { Ok(conformance::check_policy(policy).await) }).await.map(Into::into)
}

/// Runs the key providers' suite on one of the host's.
#[pyfunction]
pub async fn check_keys(keys: Py<PyAny>) -> PyResult<Report> {
    let keys = Arc::new(HostKeys(Host::new(keys)));
    run::spawned(async move { Ok(conformance::check_keys(keys).await) }).await.map(Into::into)
}

/// Reads a webhook's body as conek's own transport does: for the `parse` of a transport that a test wrote.
#[pyfunction]
pub fn parse_webhook(body: &[u8]) -> Parsed {
    whatsapp::parse(body).into()
}

/// Raises the error of this code.
#[pyfunction]
pub async fn fail(code: String) -> PyResult<()> {
    let detail = "asked for by a test".to_owned();
    let error = match code.as_str() {
        "invalid_input" => Error::invalid("code", detail),
        "not_found" => Error::not_found("test", "1"),
        "conflict" => Error::conflict("test", detail),
        "denied" => Error::Denied { id: "1".into(), reasons: vec!["SUPPRESSED".into()], detail },
        "storage_full" => Error::storage(StorageFault::Full, detail),
        "transport" => Error::Transport { detail, retry: conek_core::Retry::Later },
        "unsupported" => Error::Unsupported { operation: "manage".into() },
        "signature" => Error::Signature { detail },
        "key" => Error::key(detail),
        "closed" => Error::Closed {},
        "internal" => Error::internal(detail),
        other => Error::invalid("code", format!("{other} is no code that fails on request")),
    };
    run::inline(async move { Err(error) }).await
}

/// Panics, in the engine's thread or the event loop's.
#[pyfunction]
pub async fn panic(spawned: bool) -> PyResult<()> {
    let operation = async { std::panic::panic_any("asked for by a test") };
    if spawned { run::spawned(operation).await } else { run::inline(operation).await }
}
