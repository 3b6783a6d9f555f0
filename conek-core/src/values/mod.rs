//! The floor everything stands on: ids, phone numbers, time, chance and errors.

pub mod error;
pub mod ids;
pub mod phone;
pub mod random;
pub mod time;
