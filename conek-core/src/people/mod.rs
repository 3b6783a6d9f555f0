//! People: the account's contacts and the files they come in.

pub(crate) mod contacts;
pub mod csv_rows;
mod import;
pub(crate) mod merge;
mod model;
mod person;
mod zones;

pub use contacts::Contacts;
pub use csv_rows::safe_cell;
pub use model::{
    Contact, ContactPage, ImportOptions, ImportReport, NewContact, Provenance, ProvenanceContext, RowProblem,
};
pub(crate) use person::Person;
pub(crate) use zones::zone_of_country;
