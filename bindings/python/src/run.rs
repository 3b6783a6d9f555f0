//! Running the core's futures for asyncio: the process's one runtime, and no panic past this point.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    process,
    sync::OnceLock,
    task::{Context, Poll},
};

use conek_core::{Error, Result};
use pyo3::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::errors::raise;

static RUNTIME: OnceLock<(u32, Option<Runtime>)> = OnceLock::new();

/// The runtime. A forked child has its parent's memory and none of its threads, so it gets an error.
fn runtime() -> Result<&'static Runtime> {
    let (pid, runtime) = RUNTIME.get_or_init(|| {
        let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("conek").enable_all().build();
        (process::id(), runtime.ok())
    });
    if *pid != process::id() {
        return Err(Error::internal("conek was used before fork(); open the engine in the child process"));
    }
    runtime.as_ref().ok_or_else(|| Error::internal("this process cannot start another thread"))
}

fn panicked() -> Error {
    // A panic's text may quote a value; where it happened is on standard error.
    Error::internal("a panic inside conek; the operation may or may not have taken effect")
}

/// Polls inside the runtime, without the interpreter, on the event loop's own thread.
struct Inline<F>(Pin<Box<F>>);

impl<T: Send, F: Future<Output = Result<T>> + Send> Future for Inline<F> {
    type Output = Result<T>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let runtime = match runtime() {
            Ok(runtime) => runtime,
            Err(e) => return Poll::Ready(Err(e)),
        };
        let (waker, inner) = (cx.waker().clone(), &mut self.0);
        let poll = move || {
            let _inside = runtime.enter();
            inner.as_mut().poll(&mut Context::from_waker(&waker))
        };
        Python::attach(|py| py.detach(|| catch_unwind(AssertUnwindSafe(poll))))
            .unwrap_or_else(|_| Poll::Ready(Err(panicked())))
    }
}

/// Asks a pure function.
pub fn pure<T>(function: impl FnOnce() -> Result<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(function)).unwrap_or_else(|_| Err(panicked())).map_err(raise)
}

/// Runs an operation that is quick to poll. Cancelling the coroutine drops the operation's future:
/// what must survive that, the core runs as a task of its own.
pub async fn inline<T: Send>(operation: impl Future<Output = Result<T>> + Send) -> PyResult<T> {
    Inline(Box::pin(operation)).await.map_err(raise)
}

/// Runs an operation that computes or reads much on the runtime's threads. Cancelling the coroutine
/// stops the waiting and not the operation.
pub async fn spawned<T: Send + 'static>(
    operation: impl Future<Output = Result<T>> + Send + 'static,
) -> PyResult<T> {
    inline(async move { tokio::spawn(operation).await.unwrap_or_else(|_| Err(panicked())) }).await
}
