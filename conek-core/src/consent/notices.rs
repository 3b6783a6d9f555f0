//! Privacy notices.
use super::*;
use crate::{engine::Inner, values::{error::Result, ids::{NoticeId, PersonId}}};
use std::sync::Arc;
/// The account's privacy notices.
#[derive(Debug, Clone)]
pub struct Notices { pub(crate) engine: Arc<Inner> }
impl Notices {
    /// Publishes.
    pub async fn publish(&self, notice: NewNotice) -> Result<Notice> { todo!() }
    /// Current.
    pub async fn current(&self, language: String) -> Result<Option<Notice>> { todo!() }
    /// Records that a person was shown a notice. Never consent.
    pub async fn acknowledge(&self, person: PersonId, notice: NoticeId) -> Result<()> { todo!() }
}
