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
mod types;
mod values;
