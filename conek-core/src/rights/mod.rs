//! What people can ask of the account about their data, and the answers: requests with their clocks, corrections,
//! erasure, and what keeps a restored database from undoing them.

mod bundle;
pub(crate) mod case;
mod cases;
mod catch_up;
mod deadlines;
mod due;
pub(crate) mod erase;
mod export;
mod handle;
mod model;

pub use deadlines::{RequestDeadlines, RightKind, request_deadlines};
pub use erase::{ErasureGround, ErasureOptions, ErasureProof, RetainedPart};
pub use export::{ExportKind, ExportOptions, ExportReport};
pub use handle::{ErasurePage, RetainedPage, Rights};
pub use model::{
    DueItem, DueList, IdentityCheck, IdentityState, NewRequest, Rectification, RefusalGround, RequestChannel,
    RequestPage, RequestState, RequestStep, RetainedItem, RightStatus, RightsRequest,
};
