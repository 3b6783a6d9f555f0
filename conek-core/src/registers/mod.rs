//! The registers that the law wants kept: to whom data went, where to, and what is processed at all.

mod disclosures;
mod handle;
mod processing;
mod transfers;

pub use disclosures::{Disclosure, DisclosurePage, NewDisclosure};
pub(crate) use disclosures::{KIND as DISCLOSURE, open, recipients_in};
pub use handle::Registers;
pub use processing::{ProcessingActivity, ProcessingRecord};
pub use transfers::{NewTransfer, Transfer};
