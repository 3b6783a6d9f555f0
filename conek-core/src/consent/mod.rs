//! Consent: the ledger of what people said, the notices they saw, and the words by which they say stop.

mod ledger;
mod model;
mod notices;
pub(crate) mod standing;
pub mod words;

pub use ledger::Consent;
pub use model::{
    ConsentEntry, ConsentEvent, ConsentSource, ConsentStatus, ConsentView, Evidence, NewNotice, Notice,
};
pub use notices::Notices;
