//! The runtime: one per process, on which every operation runs as a task of its own.
//!
//! The host's coroutine only waits for the task. Cancelling it therefore ends the waiting and never
//! an operation that has begun; and a panic inside a task becomes an error instead of a crash.

use std::{future::Future, sync::OnceLock};

use conek_core as core;
use tokio::{
    runtime::{Builder, Runtime},
    task::{AbortHandle, JoinError},
};

use crate::types::ConekError;

fn runtime() -> Result<&'static Runtime, ConekError> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    RUNTIME
        .get_or_init(|| Builder::new_multi_thread().enable_all().thread_name("conek").build().ok())
        .as_ref()
        .ok_or_else(|| ConekError::internal("the operating system gave no threads"))
}

fn ended(error: JoinError) -> ConekError {
    // The panic's own text may name a person, so it stays behind.
    ConekError::internal(if error.is_panic() { "a panic inside conek" } else { "the runtime was shut down" })
}

/// Asks a pure function.
pub(crate) fn pure<T>(function: impl FnOnce() -> core::Result<T>) -> Result<T, ConekError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(function))
        .unwrap_or_else(|_| Err(core::Error::internal("a panic inside conek")))
        .map_err(Into::into)
}

/// Runs an operation to its end, whether or not the host goes on waiting for it.
pub(crate) async fn run<T: Send + 'static>(
    operation: impl Future<Output = core::Result<T>> + Send + 'static,
) -> Result<T, ConekError> {
    Ok(runtime()?.spawn(operation).await.map_err(ended)??)
}

/// Runs an operation that only waits: it ends with the host's interest in it.
pub(crate) async fn wait<T: Send + 'static>(
    operation: impl Future<Output = core::Result<T>> + Send + 'static,
) -> Result<T, ConekError> {
    struct Abort(AbortHandle);
    impl Drop for Abort {
        fn drop(&mut self) {
            self.0.abort();
        }
    }
    let task = runtime()?.spawn(operation);
    let _abort = Abort(task.abort_handle());
    Ok(task.await.map_err(ended)??)
}
