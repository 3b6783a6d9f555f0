//! Templates.
use super::*;
use crate::{engine::Inner, values::error::Result};
use std::sync::Arc;
/// The account's templates.
#[derive(Debug, Clone)]
pub struct Templates { pub(crate) engine: Arc<Inner> }
impl Templates {
    /// Stores what WhatsApp holds.
    pub async fn put(&self, template: Template) -> Result<Template> { todo!() }
    /// Reads.
    pub async fn get(&self, name: String, language: String) -> Result<Template> { todo!() }
    /// Lists.
    pub async fn list(&self) -> Result<Vec<Template>> { todo!() }
}
