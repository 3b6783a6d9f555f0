//! What people allow and refuse.

pub mod words;
