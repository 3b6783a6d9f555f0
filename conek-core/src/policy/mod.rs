//! The gate: facts in, decision out.

mod permit;

pub use permit::SendPermit;
