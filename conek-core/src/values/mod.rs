//! The floor everything stands on: ids, phone numbers, time, chance and errors.

pub mod error;
pub mod ids;
pub(crate) mod quiet;
pub mod random;
pub mod time;
