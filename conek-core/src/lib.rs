//! An embeddable WhatsApp Business messaging engine that cannot send what it may not send.
#![forbid(unsafe_code)]

pub mod messaging;
pub mod policy;
pub mod storage;
pub mod transport;
pub mod values;

pub use storage::Storage;
pub use transport::Transport;
pub use values::{
    error::{Error, Result, Retry, StorageFault},
    ids::{CampaignId, MessageId, NoticeId, PersonId},
    random::{Random, SeededRandomness, SystemRandomness},
    secret::Secret,
    time::{Clock, SystemClock, Timestamp, VirtualClock},
};
