//! Files that stand for others: the picture of a profile, the example of a template's header.

use serde::{Deserialize, Serialize};

use super::Platform;
use crate::{
    audit::Scope,
    transport::{
        GraphPayload,
        call::{Call, check_id, check_length, text, unreadable},
    },
    values::{
        error::{Error, Result},
        quiet::quiet_debug,
    },
};

const WHAT: &str = "upload";
const MOST_BYTES: usize = 100 << 20;

/// A file for a profile's picture or a template's header. `Debug` does not show its bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Meta's id of the app whose token the engine has.
    pub app: String,
    /// `image/jpeg`, `image/png`, `video/mp4` or `application/pdf`.
    pub mime: String,
    /// Its name.
    pub filename: String,
    /// Its bytes: at most 100 MB.
    pub bytes: Vec<u8>,
}

quiet_debug! { Sample { app, mime } }

impl Platform {
    /// Uploads a file through Meta's resumable uploads and returns the handle by which a profile's picture or the
    /// example of a template's header is named. It is no media id: messages cannot use it.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::Sample;
    /// let picture = Sample {
    ///     app: "300000000000001".into(),
    ///     mime: "image/png".into(),
    ///     filename: "cup.png".into(),
    ///     bytes: b"\x89PNG".to_vec(),
    /// };
    /// assert!(!engine.platform().upload_sample(picture).await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for an empty or too large file; `not_found` for an unknown app; `transport`.
    pub async fn upload_sample(&self, sample: Sample) -> Result<String> {
        self.engine.admit("platform.upload_sample", Scope::AccountAdmin, None)?;
        check_length("filename", &sample.filename, 1, 255)?;
        check_length("mime", &sample.mime, 3, 100)?;
        if sample.bytes.is_empty() || sample.bytes.len() > MOST_BYTES {
            return Err(Error::invalid("bytes", "must be a file of at most 100 MB"));
        }
        let begin = Call::send(format!("{}/uploads", check_id("app", sample.app)?), GraphPayload::Empty {})
            .with("file_name", sample.filename)
            .with("file_type", sample.mime)
            .with("file_length", sample.bytes.len().to_string());
        let engine = self.engine.inner();
        let upload = async move {
            let begun = engine.graph(WHAT, begin).await?;
            let session = text(&begun, "id").ok_or_else(|| unreadable(WHAT, true))?;
            // Meta's sessions carry a signature behind a question mark.
            let (path, query) = session.split_once('?').unwrap_or((&session, ""));
            let payload = GraphPayload::Bytes { offset: 0, bytes: sample.bytes };
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let call = pairs.fold(Call::send(path, payload), |call, (name, value)| call.with(name, value));
            let done = engine.graph(WHAT, call).await?;
            // A handle that was not told is a file that nobody uses: uploading again is harmless.
            text(&done, "h").ok_or_else(|| unreadable(WHAT, true))
        };
        self.engine.run(upload).await
    }
}
