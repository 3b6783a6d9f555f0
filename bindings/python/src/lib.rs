//! conek for Python: the native half of the package `conek`.
//!
//! `types` and `operations` are generated from the core; what differs between languages is here.

mod aio;
mod clock;
mod errors;
mod moment;
mod names;
#[rustfmt::skip]
mod operations;
mod ports;
mod run;
mod testing;
#[rustfmt::skip]
#[allow(
    clippy::redundant_field_names,
    clippy::large_enum_variant,
    clippy::let_unit_value,
    reason = "generated: every field, variant and call is written alike"
)]
mod types;

use std::sync::Arc;

use pyo3::prelude::*;

use clock::VirtualClock;
use operations::Engine;
use ports::Host;

/// Opens an engine. Whatever port is left out is conek's own.
#[pyfunction]
#[pyo3(signature = (config, *, storage = None, transport = None, policies = Vec::new(), keys = None, clock = None))]
async fn open(
    config: types::Config,
    storage: Option<Py<PyAny>>,
    transport: Option<Py<PyAny>>,
    policies: Vec<Py<PyAny>>,
    keys: Option<Py<PyAny>>,
    clock: Option<Py<VirtualClock>>,
) -> PyResult<Engine> {
    let clock = clock.map(|clock| clock.get().port());
    let ports = conek_core::Ports {
        storage: storage
            .map(|object| Arc::new(ports::HostStorage(Host::new(object))) as Arc<dyn conek_core::Storage>),
        transport: transport.map(|object| {
            Arc::new(ports::HostTransport::new(object, clock.clone())) as Arc<dyn conek_core::Transport>
        }),
        policies: policies
            .into_iter()
            .map(|object| Ok(Arc::new(ports::HostPolicy::new(object)?) as Arc<dyn conek_core::ConsentPolicy>))
            .collect::<PyResult<_>>()?,
        keys: keys
            .map(|object| Arc::new(ports::HostKeys(Host::new(object))) as Arc<dyn conek_core::KeyProvider>),
        clock,
    };
    run::spawned(async move { conek_core::Engine::open(config.into(), ports).await }).await.map(Engine)
}

#[pymodule]
fn _conek(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<VirtualClock>()?;
    m.add_function(wrap_pyfunction!(open, m)?)?;
    m.add_function(wrap_pyfunction!(errors::describe_error, m)?)?;
    m.add_function(wrap_pyfunction!(testing::check_storage, m)?)?;
    m.add_function(wrap_pyfunction!(testing::check_transport, m)?)?;
    m.add_function(wrap_pyfunction!(testing::check_policy, m)?)?;
    m.add_function(wrap_pyfunction!(testing::check_keys, m)?)?;
    m.add_function(wrap_pyfunction!(testing::parse_webhook, m)?)?;
    m.add_function(wrap_pyfunction!(testing::fail, m)?)?;
    m.add_function(wrap_pyfunction!(testing::panic, m)?)?;
    operations::add_classes(m)
}
