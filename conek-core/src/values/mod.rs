//! The floor everything stands on: ids, phone numbers, time, chance and errors.

pub mod error;
pub mod ids;
pub mod random;
pub mod secret;
pub mod time;
