//! The engine against the simulator: every promise of the way of a message, on a real database
//! and over real HTTP.
#![allow(clippy::unwrap_used, reason = "a test may panic, also in the functions it shares")]

mod account;
mod alarms;
mod analytics;
mod audience;
mod calls;
mod campaigns;
mod cost;
mod database;
mod drills;
mod export;
mod faults;
mod flow_endpoint;
mod groups;
mod health;
mod identity;
mod incidents;
mod inspection;
mod interleavings;
mod kinds;
mod law;
mod library;
mod limits;
mod metrics;
mod moving;
mod platform;
mod restore;
mod rights;
mod signups;
mod templates;
mod together;
mod way;
mod webhooks;
mod words;
