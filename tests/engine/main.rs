//! The engine against the simulator: every promise of the way of a message, on a real database
//! and over real HTTP.

mod faults;
mod limits;
mod restore;
mod way;
mod webhooks;
