//! The contacts of the account.
use super::*;
use crate::{engine::Inner, messaging::Recipient, values::{error::Result, ids::PersonId}};
use std::sync::Arc;
/// The account's contacts.
#[derive(Debug, Clone)]
pub struct Contacts { pub(crate) engine: Arc<Inner> }
impl Contacts {
    /// Imports a file of people.
    pub async fn import_file(&self, path: String, options: ImportOptions) -> Result<ImportReport> { todo!() }
    /// Imports the bytes of a CSV file.
    pub async fn import_csv(&self, bytes: Vec<u8>, options: ImportOptions) -> Result<ImportReport> { todo!() }
    /// Creates a contact or brings it up to date.
    pub async fn upsert(&self, contact: NewContact) -> Result<Contact> { todo!() }
    /// Reads a contact.
    pub async fn get(&self, id: PersonId) -> Result<Contact> { todo!() }
    /// Finds a contact by id, number or BSUID.
    pub async fn lookup(&self, recipient: Recipient) -> Result<Option<Contact>> { todo!() }
    /// Lists contacts.
    pub async fn list(&self, after: Option<String>, limit: i32) -> Result<ContactPage> { todo!() }
    /// Counts contacts.
    pub async fn count(&self) -> Result<i64> { todo!() }
}
