//! Suites that tell whether an implementation of a port keeps the port's promises.
//!
//! A host runs them on its own implementations; conek runs them on the ones it ships.

mod small;
mod storage;
mod transport;

pub use small::{check_clock, check_keys, check_policy};
pub use storage::{Case, Failure, Report, StorageFactory, check_one, check_storage, storage_cases};
pub use transport::{FarSide, TransportProbe, check_transport, transport_cases};
