//! What a host's tests use: errors and panics on demand, to see that both arrive as they should.

use conek_core as core;

use crate::{
    runtime,
    types::{ConekError, examples},
};

/// Raises the error that has this code, with example fields; `not_found` for an unknown code.
#[uniffi::export]
pub async fn testing_fail(code: String) -> Result<(), ConekError> {
    let error = examples().into_iter().find(|e| e.code() == code);
    runtime::run(async move { Err(error.unwrap_or_else(|| core::Error::not_found("error code", code))) }).await
}

/// Panics inside an operation, which arrives as the error `internal`.
#[uniffi::export]
pub async fn testing_panic() -> Result<(), ConekError> {
    runtime::run(async { std::panic::panic_any("asked for by a test") }).await
}
