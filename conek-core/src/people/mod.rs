//! People: the account's contacts and the files they come in.

mod contacts;
mod model;

pub use contacts::Contacts;
pub use model::{
    Contact, ContactPage, ImportOptions, ImportReport, NewContact, Provenance, ProvenanceContext, RowProblem,
};
