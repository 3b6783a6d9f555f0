//! Awaiting what Python gives from Rust: on the loop's own thread at once, from any other through
//! the loop; and a dropped wait cancels the Python task.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

use pyo3::{
    exceptions::PyRuntimeError,
    intern,
    prelude::*,
    types::{PyDict, PyTuple},
};

#[derive(Default)]
struct State {
    result: Option<PyResult<Py<PyAny>>>,
    task: Option<Py<PyAny>>,
    waker: Option<Waker>,
    dropped: bool,
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<State>>);

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
    fn finish(&self, result: PyResult<Py<PyAny>>) {
        let waker = {
            let mut state = self.state();
            state.result = Some(result);
            state.task = None;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// What the task calls when it is done.
#[pyclass(frozen)]
struct Done(Shared);

#[pymethods]
impl Done {
    fn __call__(&self, task: &Bound<'_, PyAny>) {
        self.0.finish(task.call_method0(intern!(task.py(), "result")).map(Bound::unbind));
    }
}

/// What the loop calls to begin.
#[pyclass(frozen)]
struct Start {
    shared: Shared,
    target: Py<PyAny>,
    method: &'static str,
    args: Py<PyTuple>,
    event_loop: Py<PyAny>,
}

#[pymethods]
impl Start {
    fn __call__(&self, py: Python<'_>) {
        if self.shared.state().dropped {
            return;
        }
        if let Err(e) = self.begin(py) {
            self.shared.finish(Err(e));
        }
    }
}

impl Start {
    fn begin(&self, py: Python<'_>) -> PyResult<()> {
        let given = self.target.bind(py).call_method1(self.method, self.args.bind(py))?;
        if !given.hasattr(intern!(py, "__await__"))? {
            // A method without `async` has its answer already.
            self.shared.finish(Ok(given.unbind()));
            return Ok(());
        }
        let on = PyDict::new(py);
        on.set_item("loop", &self.event_loop)?;
        let task = py.import("asyncio")?.call_method("ensure_future", (given,), Some(&on))?;
        task.call_method1(intern!(py, "add_done_callback"), (Done(self.shared.clone()),))?;
        self.shared.state().task = Some(task.unbind());
        Ok(())
    }
}

/// The loop that runs on this thread, if one does.
pub fn running_loop(py: Python<'_>) -> Option<Py<PyAny>> {
    let running = py.import("asyncio").ok()?.call_method0(intern!(py, "_get_running_loop")).ok()?;
    (!running.is_none()).then(|| running.unbind())
}

/// A Python call that is on its way.
pub struct Waiting {
    shared: Shared,
    event_loop: Py<PyAny>,
}

/// Calls `target.method(*args)` on `home`, or on the running loop when that is gone.
pub fn call(
    py: Python<'_>,
    home: Option<&Py<PyAny>>,
    target: &Py<PyAny>,
    method: &'static str,
    args: Bound<'_, PyTuple>,
) -> PyResult<Waiting> {
    let running = running_loop(py);
    let open = |l: &&Py<PyAny>| {
        l.bind(py).call_method0(intern!(py, "is_closed")).is_ok_and(|c| c.is_truthy().is_ok_and(|c| !c))
    };
    let event_loop = home
        .filter(open)
        .or(running.as_ref())
        .ok_or_else(|| PyRuntimeError::new_err("the event loop on which the engine was opened is closed"))?
        .clone_ref(py);
    let shared = Shared::default();
    let here = running.is_some_and(|r| r.is(&event_loop));
    let start = Start {
        shared: shared.clone(),
        target: target.clone_ref(py),
        method,
        args: args.unbind(),
        event_loop: event_loop.clone_ref(py),
    };
    if here {
        start.begin(py)?;
    } else {
        event_loop.bind(py).call_method1(intern!(py, "call_soon_threadsafe"), (start,))?;
    }
    Ok(Waiting { shared, event_loop })
}

impl Future for Waiting {
    type Output = PyResult<Py<PyAny>>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.shared.state();
        match state.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let task = {
            let mut state = self.shared.state();
            state.dropped = true;
            state.waker = None;
            state.task.take()
        };
        let Some(task) = task else { return };
        // Nothing to cancel once the interpreter is going down.
        let _ = Python::try_attach(|py| -> PyResult<()> {
            let cancel = task.bind(py).getattr(intern!(py, "cancel"))?;
            self.event_loop.bind(py).call_method1(intern!(py, "call_soon_threadsafe"), (cancel,))?;
            Ok(())
        });
    }
}
