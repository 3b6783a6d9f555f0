//! The engine for Kotlin and Swift: what UniFFI exports of `conek-core`.
//!
//! `types.rs` and `operations.rs` are written by `conek-codegen` from the core's source. By hand
//! stands only what the core cannot say: how an engine is opened, the ports that a host implements,
//! and on which runtime operations run.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

mod clock;
mod engine;
mod errors;
#[rustfmt::skip]
#[allow(
    clippy::large_enum_variant,
    clippy::let_unit_value,
    reason = "generated: every variant and call is written alike"
)]
mod operations;
mod ports;
mod runtime;
mod testing;
#[rustfmt::skip]
#[allow(
    clippy::large_enum_variant,
    clippy::let_unit_value,
    reason = "generated: every variant and call is written alike"
)]
mod types;

uniffi::setup_scaffolding!("conek");

/// A moment in UTC, in whole milliseconds: Kotlin's `Instant`, Swift's `Date`.
pub type Timestamp = DateTime<Utc>;
/// Text by name: a map in every language.
pub type Attributes = BTreeMap<String, String>;
type Entries = HashMap<String, String>;
/// Numbers by name.
pub type Counts = BTreeMap<String, i64>;
type CountEntries = HashMap<String, i64>;

// UniFFI's own time loses the sign of the last second before 1970; `uniffi.toml` says what these
// milliseconds are in each language.
uniffi::custom_type!(Timestamp, i64, {
    remote,
    lower: |at| at.timestamp_millis(),
    try_lift: |ms| DateTime::from_timestamp_millis(ms)
        .ok_or_else(|| uniffi::deps::anyhow::anyhow!("a moment beyond the year 262142")),
});
uniffi::custom_type!(Counts, CountEntries, {
    remote,
    lower: |map| map.into_iter().collect(),
    try_lift: |map| Ok(map.into_iter().collect()),
});
uniffi::custom_type!(Attributes, Entries, {
    remote,
    lower: |map| map.into_iter().collect(),
    try_lift: |map| Ok(map.into_iter().collect()),
});
