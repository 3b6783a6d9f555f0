//! An embeddable WhatsApp Business messaging engine that cannot send what it may not send.
#![forbid(unsafe_code)]

pub mod consent;
pub mod people;
pub mod policy;
pub mod values;

pub use values::{
    error::{Error, Result, Retry, StorageFault},
    ids::{CampaignId, MessageId, NoticeId, PersonId},
    phone::Phone,
    random::{Random, SeededRandomness, SystemRandomness},
    time::{Clock, SystemClock, Timestamp, VirtualClock},
};
