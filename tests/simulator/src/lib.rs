//! conek's own WhatsApp: a local stand-in for Meta's Cloud API, the independent witness of conek's tests.
//!
//! It accepts messages, moves them through people's phones, posts signed webhooks, and keeps a ledger of what
//! really happened. It can lose an answer *after* accepting a message, which no real service does on request.
//! It listens and calls on this machine only and refuses access tokens that look real.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> conek_core::Result<()> {
//! use conek_simulator::{Fault, FaultRule, Options, Say, Simulator};
//! let simulator = Simulator::start(Options::default()).await?;
//! simulator.set_faults(vec![FaultRule::new(Fault::CloseAfter).nth(1)]);
//! simulator.say("+27 82 555 0101", Say::text("Good morning"))?;
//! assert_eq!(simulator.chat("27825550101").map(|c| c["lines"] == 1), Some(true));
//! simulator.shutdown().await;
//! # Ok(()) }
//! ```
#![forbid(unsafe_code)]

mod connection;
mod control;
mod dice;
mod faults;
mod graph;
mod ledger;
mod media;
mod options;
mod outbound;
mod people;
mod phones;
mod rates;
mod refusal;
mod running;
mod say;
mod schedule;
mod signature;
mod simulator;
mod striking;
mod templates;
mod wamid;
mod webhooks;
mod world;

pub use faults::{Fault, FaultRule, Target};
pub use ledger::{LedgerEntry, LedgerQuery};
pub use options::{
    BusinessNumber, ClosedWindow, Mix, OnAction, Options, Pace, Panel, Persona, Quirks, WebhookOptions,
};
pub use phones::{PersonChange, PhonesQuery};
pub use running::Idle;
pub use say::{Say, SayRequest};
pub use simulator::Simulator;
pub use webhooks::WebhookRecord;
