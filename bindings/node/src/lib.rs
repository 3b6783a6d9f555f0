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
#[allow(clippy::redundant_field_names, reason = "generated: every field is written alike")]
mod types;
mod values;
