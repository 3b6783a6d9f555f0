//! Media.
use crate::{engine::Inner, transport::Upload, values::error::Result};
use std::sync::Arc;
/// Files for people's phones.
#[derive(Debug, Clone)]
pub struct MediaLibrary { pub(crate) engine: Arc<Inner> }
impl MediaLibrary {
    /// Uploads.
    pub async fn upload(&self, upload: Upload) -> Result<String> { todo!() }
}
