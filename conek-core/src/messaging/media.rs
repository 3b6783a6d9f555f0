//! Files for people's phones.

use crate::{audit::Scope, transport::Upload, values::error::Result};

/// Files for people's phones.
#[derive(Debug, Clone)]
pub struct MediaLibrary {
    pub(crate) engine: crate::engine::Session,
}

impl MediaLibrary {
    /// Uploads a file and returns WhatsApp's media id, good for 30 days.
    ///
    /// Images may have 5 MB, audio and video 16 MB, documents 100 MB (Meta: supported media types).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::transport::Upload;
    /// let upload = Upload {
    ///     sender: "1065551234".into(),
    ///     filename: "menu.pdf".into(),
    ///     mime: "application/pdf".into(),
    ///     bytes: b"%PDF-1.7".to_vec(),
    /// };
    /// let id = engine.media().upload(upload).await?;
    /// assert!(!id.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a file that is too large or of a type WhatsApp does not take;
    /// `transport` when the upload fails. Uploading again is harmless.
    pub async fn upload(&self, upload: Upload) -> Result<String> {
        self.engine.admit("media.upload", Scope::MessagesSend, None)?;
        self.engine.sender(Some(&upload.sender))?;
        let engine = self.engine.clone();
        self.engine.run(async move { engine.transport.upload(upload).await }).await
    }
}
