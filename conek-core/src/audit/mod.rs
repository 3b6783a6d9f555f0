//! The log of who did what with personal data, and the proof that nothing in it was changed.
//!
//! Every operation that reads or changes personal data leaves an entry: who, what, whose, for what, when, and
//! whether it was refused. An entry reaches the store before what it is about, or together with it. Entries are
//! sealed, hashed into a chain per writer, and signed in checkpoints; people are in it under keyed pseudonyms, so
//! that the chain outlives an erasure.

mod actor;
mod chain;
mod entry;
mod handle;
pub(crate) mod journal;
mod leaving;
mod recorder;

pub use actor::{Actor, FieldMask, Scope};
pub(crate) use entry::Event;
pub use entry::{AuditEntry, AuditHead, AuditOutcome, AuditPage, AuditQuery, AuditReport};
pub use handle::Audit;
pub(crate) use recorder::{KIND, Measured, Recorder, run};
