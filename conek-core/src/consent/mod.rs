//! Consent: the ledger of what people said, the notices they saw, and the words by which they say stop.

pub(crate) mod answers;
pub(crate) mod contents;
pub(crate) mod declaration;
pub(crate) mod fold;
mod ledger;
mod model;
mod notices;
mod receipt;
pub(crate) mod standing;
mod suppression;
pub(crate) mod tracking;
pub mod words;

pub use contents::{
    MissingContent, NoticeContents, NoticePurpose, NoticeReport, NoticeRight, NoticeTransfer,
};
pub use declaration::{AgeEvidence, Declaration, Declared, RestrictionGround, Statement};
pub use ledger::Consent;
pub use model::{
    ConsentActor, ConsentEntry, ConsentEvent, ConsentSource, ConsentStatus, ConsentView, Evidence,
    EvidenceKind, NewNotice, Notice,
};
pub(crate) use notices::NoticeTable;
pub use notices::{Acknowledgement, Notices, RenewalPage};
pub use suppression::{SuppressionEntry, SuppressionPage, SuppressionScope};
pub use tracking::{TrackingChoices, TrackingPreference};
