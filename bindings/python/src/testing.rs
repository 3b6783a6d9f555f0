//! `conek.testing`: the suites for what a host writes, and the two ways to fail on purpose.

use std::sync::Arc;

use conek_core::{Error, StorageFault, conformance};
use pyo3::prelude::*;

use crate::{
    ports::{Host, HostStorage},
    run,
    types::Report,
};

/// Runs the storages' suite on a storage of the host's. Its records stay behind, each case's in an
/// account of its own.
#[pyfunction]
pub async fn check_storage(storage: Py<PyAny>) -> PyResult<Report> {
    let storage = Arc::new(HostStorage(Host::new(storage)));
    run::spawned(async move { Ok(conformance::check_one(storage).await) }).await.map(Into::into)
}

/// Raises the error of this code.
#[pyfunction]
pub async fn fail(code: String) -> PyResult<()> {
    let detail = "asked for by a test".to_owned();
    let error = match code.as_str() {
        "invalid_input" => Error::invalid("code", detail),
        "not_found" => Error::not_found("test", "1"),
        "conflict" => Error::conflict("test", detail),
        "denied" => Error::Denied { reasons: vec!["SUPPRESSED".into()], detail },
        "storage_full" => Error::storage(StorageFault::Full, detail),
        "transport" => Error::Transport { detail, retry: conek_core::Retry::Later },
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
