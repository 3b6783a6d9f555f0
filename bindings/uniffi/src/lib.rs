//! The engine for Kotlin and Swift: what UniFFI exports of `conek-core`.
//!
//! `types.rs` and `operations.rs` are written by `conek-codegen` from the core's source. By hand
//! stands only what the core cannot say: how an engine is opened, the ports that a host implements,
//! and on which runtime operations run.

use std::{
    collections::{BTreeMap, HashMap},
    time::SystemTime,
};

use chrono::{DateTime, Utc};

mod clock;
mod engine;
mod errors;
#[rustfmt::skip]
mod operations;
mod ports;
mod runtime;
mod testing;
#[rustfmt::skip]
mod types;

uniffi::setup_scaffolding!("conek");

/// A moment in UTC, in whole milliseconds: Kotlin's `Instant`, Swift's `Date`.
pub type Timestamp = DateTime<Utc>;
/// Text by name: a map in every language.
pub type Attributes = BTreeMap<String, String>;
type Entries = HashMap<String, String>;

uniffi::custom_type!(Timestamp, SystemTime, { remote, lower: |at| at.into(), try_lift: |at| Ok(at.into()) });
uniffi::custom_type!(Attributes, Entries, {
    remote,
    lower: |map| map.into_iter().collect(),
    try_lift: |map| Ok(map.into_iter().collect()),
});
