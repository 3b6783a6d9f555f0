//! An embeddable WhatsApp Business messaging engine that cannot send what it may not send.
#![forbid(unsafe_code)]

pub mod audit;
pub mod campaigns;
pub mod conformance;
pub mod consent;
#[doc(hidden)]
pub mod doctest;
pub mod engine;
pub mod flow_endpoint;
pub mod inbound;
pub mod incidents;
pub mod inspection;
#[doc = include_str!("../docs/law.md")]
pub mod law {}
pub mod messaging;
mod metrics;
pub mod people;
pub mod platform;
pub mod policy;
pub mod questions;
pub mod registers;
pub mod retention;
#[doc = include_str!("../docs/rights.md")]
pub mod rights_chapter {}
pub mod rights;
pub mod storage;
pub mod transport;
pub mod values;
pub mod vault;

pub use engine::{Config, Engine, MarketingMessages, Number, Ports, WhatsAppAccess};
pub use messaging::{Content, Draft, Purpose, Recipient};
pub use policy::ConsentPolicy;
pub use storage::Storage;
pub use transport::Transport;
pub use values::{
    error::{Error, Result, Retry, StorageFault},
    ids::{CampaignId, MessageId, NoticeId, PersonId},
    phone::Phone,
    random::{Random, SeededRandomness, SystemRandomness},
    secret::Secret,
    time::{Clock, SystemClock, Timestamp, VirtualClock},
};
pub use vault::{KeyFile, KeyProvider};
