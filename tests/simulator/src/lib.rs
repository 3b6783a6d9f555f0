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
//!
//! ## Over HTTP
//! `GET /` shows the phones. Everything that [`Simulator`] can do, tests in any language do in JSON:
//!
//! | address | what |
//! |---|---|
//! | `GET /_sim/ledger?echo=&to=&wamid=&phone_number_id=&after=&limit=` | `{entries}`, see [`LedgerEntry`] |
//! | `GET /_sim/stats` | counters, peak rates |
//! | `GET /_sim/phones?search=&skip=&limit=&since=` | a page of people, the liveliest first |
//! | `GET /_sim/phones/{number}?before=&since=` | one chat |
//! | `POST /_sim/phones/{number}` | a [`PersonChange`] |
//! | `POST /_sim/say` | a [`SayRequest`]; answers `{id}` |
//! | `POST /_sim/flow` | a [`FlowStep`]: a phone asks a flow's endpoint; answers a [`FlowSeen`] |
//! | `POST /_sim/group {from, link}` | a person follows a group's link; answers `{joined}` |
//! | `POST /_sim/open_signup {from, link}` | a person subscribes by the link of an in-app sign-up |
//! | `POST /_sim/call {from?, action, call?, sdp?}` | a person calls, permits calls, takes or ends one; answers `{id}` |
//! | `GET`, `POST {rules}`, `DELETE /_sim/faults` | [`FaultRule`]s with their counters |
//! | `GET`, `POST /_sim/options` | `pace`, `quirks`, `mix`, `closed_window`; what is not given stays |
//! | `GET`, `POST /_sim/webhooks` | [`WebhookOptions`]; what is not given stays |
//! | `POST /_sim/webhooks/tell {field, value, phone_number_id?}` | any webhook, with this value under this field |
//! | `GET /_sim/webhooks/log?after=&limit=` | [`WebhookRecord`]s |
//! | `POST /_sim/webhooks/verify`, `.../redeliver {ids?}` | the handshake; the same POSTs once more |
//! | `POST /_sim/templates/{name} {status?, quality?, category?, pacing?}` | a template's status, quality and category (told by webhook) and hold |
//! | `GET`, `POST /_sim/clock {advance_ms?, to?, speed?, run_until_idle?, until?}` | the driven clock |
//! | `POST /_sim/phones/{number}/number {number}` | a person changes their number: `system` and `user_id_update` tell it |
//! | `POST /_sim/numbers/{id}` | a [`NumberChange`]: quality, limit, speed; told by webhook as WhatsApp does |
//! | `GET /_sim/numbers` | per number what only its phone knows: verification code, PIN, flow key |
//! | `POST /_sim/signups` | a customer finishes embedded sign-up; answers `{code}` |
//! | `GET /_sim/idle`, `POST /_sim/reset` | what is to come; forget everything |
//! | `GET /_sim/panel?phone=`, `POST /_sim/panel {id, phone?}` | the host's own panel |
//!
//! ## What it does not know
//! Messages in groups, the sound of calls, catalogues, what people fill in in a flow that has no endpoint, tiers that are enforced,
//! prices that are true, and media that is really played. WhatsApp's bucket for `mps` is not published: here a full
//! second's worth may go at once.
#![forbid(unsafe_code)]

mod callbacks;
mod connection;
mod control;
mod dice;
mod faults;
mod graph;
mod history;
mod interactive;
mod ledger;
mod management;
mod media;
mod news;
mod nodes;
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
pub use management::{FlowSeen, FlowStep};
pub use news::NumberChange;
pub use options::{
    BusinessNumber, ClosedWindow, Mix, OnAction, Options, Pace, Panel, Persona, Quirks, WebhookOptions,
};
pub use phones::{PersonChange, PhonesQuery};
pub use running::Idle;
pub use say::{Say, SayRequest};
pub use simulator::Simulator;
pub use webhooks::WebhookRecord;
