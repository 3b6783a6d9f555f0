//! What may be uploaded: types and sizes.

use crate::{
    transport::Upload,
    values::error::{Error, Result},
};

const KB: usize = 1024;
const MB: usize = 1024 * KB;

/// The longest file of a type, in bytes; `None` for a type that WhatsApp does not take.
fn cap(mime: &str) -> Option<usize> {
    // `audio/ogg; codecs=opus` is the type that WhatsApp itself uses.
    let essence = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "image/jpeg" | "image/png" => Some(5 * MB),
        "image/webp" => Some(500 * KB),
        "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg" | "audio/opus" => Some(16 * MB),
        "video/mp4" | "video/3gpp" => Some(16 * MB),
        other => {
            let (kind, subtype) = other.split_once('/')?;
            let token = |s: &str| {
                !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+._".contains(&b))
            };
            (matches!(kind, "application" | "text") && token(subtype)).then_some(100 * MB)
        }
    }
}

/// Refuses a file that WhatsApp would refuse, before its bytes travel.
pub(super) fn check(upload: &Upload) -> Result<()> {
    let Some(cap) = cap(&upload.mime) else {
        let detail = "must be JPEG, PNG, WebP, AAC, AMR, MP3, M4A, Ogg, MP4, 3GP or a document's type";
        return Err(Error::invalid("mime", detail));
    };
    if upload.bytes.is_empty() {
        return Err(Error::invalid("bytes", "must not be empty"));
    }
    if upload.bytes.len() > cap {
        return Err(Error::invalid("bytes", format!("must have at most {cap} bytes for this type")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(mime: &str, length: usize) -> Result<()> {
        check(&Upload { sender: "1".into(), mime: mime.into(), filename: "f".into(), bytes: vec![0; length] })
    }

    #[test]
    fn each_kind_has_its_own_limit() {
        for (mime, cap) in [
            ("image/jpeg", 5 * MB),
            ("IMAGE/PNG", 5 * MB),
            ("image/webp", 500 * KB),
            ("audio/ogg; codecs=opus", 16 * MB),
            ("video/mp4", 16 * MB),
            ("application/pdf", 100 * MB),
        ] {
            assert_eq!(upload(mime, cap), Ok(()), "{mime}");
            assert_eq!(upload(mime, cap + 1).unwrap_err().code(), "invalid_input", "{mime}");
        }
    }

    #[test]
    fn what_whatsapp_does_not_take_is_refused() {
        for mime in
            ["image/gif", "audio/flac", "video/webm", "", "pdf", "application/", "application/a\r\nb", "x/y"]
        {
            assert!(upload(mime, 1).is_err(), "{mime}");
        }
        assert!(upload("image/jpeg", 0).is_err());
    }
}
