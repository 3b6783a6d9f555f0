//! Files for people's phones, and those that people sent.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use ring::digest;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    audit::{FieldMask, Scope},
    engine::Inner,
    transport::{
        Upload,
        call::{Call, check_id, text, unreadable},
    },
    values::{
        error::{Error, Result, Retry},
        hex,
        quiet::quiet_debug,
        time::Timestamp,
    },
};

const WHAT: &str = "media";
/// For so long the address of a file works.
const ADDRESS_LIVES: TimeDelta = TimeDelta::minutes(5);

/// What WhatsApp says of a file (Meta: Media > Retrieve Media URL). `Debug` does not show its address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaInfo {
    /// Its id.
    pub id: String,
    /// Its type, for example `image/jpeg`.
    pub mime: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// How many bytes it has, where WhatsApp says so.
    pub size: Option<i64>,
    /// Where it is. The address wants the access token, so that `download` is the way to the bytes.
    pub url: String,
    /// Until when the address works: five minutes from the question on.
    pub url_until: Timestamp,
}

/// A file with its bytes. `Debug` does not show them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaFile {
    /// Its id.
    pub id: String,
    /// Its type, for example `image/jpeg`.
    pub mime: String,
    /// The SHA-256 of the bytes, in hexadecimal, as WhatsApp said it and as it was found.
    pub sha256: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

quiet_debug! { MediaInfo { mime, size } MediaFile { mime } }

/// A SHA-256 in hexadecimal: WhatsApp spells it so, and in base64 elsewhere.
fn fingerprint(said: &str) -> Option<String> {
    let is_hex = said.len() == 64 && said.bytes().all(|b| b.is_ascii_hexdigit());
    if is_hex {
        return Some(said.to_ascii_lowercase());
    }
    STANDARD.decode(said).ok().filter(|bytes| bytes.len() == 32).map(|bytes| hex(&bytes))
}

impl Inner {
    async fn media_info(&self, id: String) -> Result<MediaInfo> {
        let json = self.graph(WHAT, Call::get(check_id("id", id)?)).await?;
        let info = || {
            let size = |json: &Json| text(json, "file_size")?.parse().ok();
            Some(MediaInfo {
                id: text(&json, "id")?,
                mime: text(&json, "mime_type").unwrap_or_else(|| "application/octet-stream".to_owned()),
                sha256: fingerprint(&text(&json, "sha256")?)?,
                size: size(&json),
                url: text(&json, "url")?,
                url_until: self.clock.now() + ADDRESS_LIVES,
            })
        };
        info().ok_or_else(|| unreadable(WHAT, true))
    }

    async fn media_file(&self, id: String) -> Result<MediaFile> {
        let info = self.media_info(id).await?;
        let bytes = self.transport.download(info.url).await?;
        if hex(digest::digest(&digest::SHA256, &bytes).as_ref()) != info.sha256 {
            let detail = format!("{WHAT}: the bytes are not those that WhatsApp announced");
            return Err(Error::Transport { detail, retry: Retry::Later });
        }
        Ok(MediaFile { id: info.id, mime: info.mime, sha256: info.sha256, bytes })
    }
}

/// Files for people's phones, and those that people sent.
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

    /// What WhatsApp says of a file: one that was uploaded (kept 30 days), or one that somebody sent (7 days).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let info = engine.media().info("700000000000001".into()).await?;
    /// assert_eq!(info.mime, "image/jpeg");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `forbidden` without `messages_read`; `not_found` for a file that is gone; `transport`.
    pub async fn info(&self, id: String) -> Result<MediaInfo> {
        self.engine.admit("media.info", Scope::MessagesRead, None)?;
        self.engine.media_info(id).await
    }

    /// Fetches a file and checks that it is the one that WhatsApp announced, by its SHA-256. It may be of anybody: keep
    /// it as you keep the person's messages.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let file = engine.media().download("700000000000001".into()).await?;
    /// assert_eq!(file.bytes, b"a picture");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `forbidden` without `messages_read`, or for who does not see contents; `not_found` for a file that is gone;
    /// `transport`, also where the bytes are others.
    pub async fn download(&self, id: String) -> Result<MediaFile> {
        self.engine.admit("media.download", Scope::MessagesRead, None)?;
        self.engine.unmasked("media.download", &[FieldMask::Content])?;
        self.engine.media_file(id).await
    }

    /// Deletes a file at WhatsApp. Messages that were sent with it keep it.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.media().delete("700000000000001".into()).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `forbidden` without `messages_send`; `not_found` for a file that is gone; `transport`.
    pub async fn delete(&self, id: String) -> Result<()> {
        self.engine.admit("media.delete", Scope::MessagesSend, None)?;
        let call = Call::delete(check_id("id", id)?);
        let engine = self.engine.inner();
        self.engine.run(async move { engine.graph(WHAT, call).await.map(drop) }).await
    }
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn both_spellings_of_a_hash_are_read() {
        let hex = "ab".repeat(32);
        assert_eq!(fingerprint(&hex.to_uppercase()), Some(hex.clone()));
        assert_eq!(fingerprint("q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="), Some(hex));
        for none in ["", "ab", "<HASH>", "q6ur"] {
            assert_eq!(fingerprint(none), None, "{none}");
        }
    }
}
