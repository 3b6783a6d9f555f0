//! What people can ask of the account about their data, and the answers: requests with their clocks, exports,
//! corrections, erasure.

pub(crate) mod bundle;
pub(crate) mod cases;
pub(crate) mod catch_up;
pub(crate) mod deadlines;
pub(crate) mod erase;
mod export;
mod handle;
mod model;
pub(crate) mod words;

pub use bundle::BundleKind;
pub use deadlines::{RequestDeadlines, RightKind, request_deadlines};
pub use erase::{ErasureGround, ErasureOptions, ErasureProof, RetainedPart};
pub use export::{ExportOptions, ExportReport};
pub use handle::{ErasurePage, Rights};
pub use model::{
    DueItem, DueList, IdentityCheck, IdentityState, NewRequest, Rectification, RefusalGround, RequestChannel,
    RequestPage, RequestState, RequestStep, RetainedItem, RightStatus, RightsRequest,
};
