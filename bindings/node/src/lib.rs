//! The native half of the Node package: `lib/*.js` gives it its JavaScript shape.
#![warn(clippy::all)]

mod clock;
mod engine;
#[rustfmt::skip]
mod operations;
mod ports;
mod raised;
mod testing;
#[rustfmt::skip]
#[allow(
    clippy::redundant_field_names,
    clippy::large_enum_variant,
    clippy::let_unit_value,
    reason = "generated: every field, variant and call is written alike"
)]
mod types;
mod values;
