//! The registers that the law wants kept: to whom data went, where to, and what is processed at all.

mod disclosures;
mod handle;
mod processing;
mod transfers;

pub(crate) use disclosures::recipients_in;
pub use disclosures::{Disclosure, DisclosurePage, NewDisclosure};
pub use handle::Registers;
pub use processing::{ProcessingActivity, ProcessingRecord};
pub use transfers::{NewTransfer, Transfer};
