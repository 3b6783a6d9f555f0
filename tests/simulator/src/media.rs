//! Media: files that a business uploaded or a person sent, behind two hops.

use std::collections::HashMap;

use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::refusal::Refusal;

const URL_LIFE_MS: i64 = 5 * 60_000;

/// One stored file.
#[derive(Debug, Clone)]
pub(crate) struct Medium {
    pub(crate) mime: String,
    pub(crate) bytes: Bytes,
    pub(crate) number: usize,
    /// The download address of the last look-up is valid until then.
    pub(crate) url_until: i64,
}

/// All files by id.
#[derive(Debug, Default)]
pub(crate) struct MediaStore {
    all: HashMap<String, Medium>,
    made: u64,
}

impl MediaStore {
    /// Stores a file within WhatsApp's sizes and kinds; says its id.
    pub(crate) fn add(&mut self, number: usize, mime: &str, bytes: Bytes) -> Result<String, Refusal> {
        let kind = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let most = match kind.as_str() {
            "image/jpeg" | "image/png" => 5 << 20,
            "image/webp" => 500 << 10,
            "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg" | "video/mp4"
            | "video/3gpp" => 16 << 20,
            "text/plain" | "application/pdf" => 100 << 20,
            k if k.starts_with("application/vnd.") || k == "application/msword" => 100 << 20,
            _ => {
                return Err(Refusal::new(
                    100,
                    format!("Param file must be a file with one of the supported types; received {kind}"),
                ));
            }
        };
        if bytes.len() > most {
            return Err(Refusal::new(
                100,
                format!("The file is larger than the {most} bytes that {kind} may have"),
            ));
        }
        self.made += 1;
        let id = format!("{}", 700_000_000_000_000 + self.made);
        self.all.insert(id.clone(), Medium { mime: mime.to_owned(), bytes, number, url_until: 0 });
        Ok(id)
    }
    pub(crate) fn get(&self, id: &str) -> Option<&Medium> {
        self.all.get(id)
    }
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        self.all.remove(id).is_some()
    }
    /// The first hop: the description with an address that works for five minutes.
    pub(crate) fn describe(&mut self, id: &str, base_url: &str, now: i64) -> Option<Value> {
        let medium = self.all.get_mut(id)?;
        medium.url_until = now + URL_LIFE_MS;
        Some(json!({
            "messaging_product": "whatsapp",
            "id": id,
            "url": format!("{base_url}/_media/{id}"),
            "mime_type": medium.mime,
            "sha256": digest(&medium.bytes),
            "file_size": medium.bytes.len().to_string(),
        }))
    }
}

/// The base64 of the SHA-256, as webhooks and look-ups tell it.
pub(crate) fn digest(bytes: &[u8]) -> String {
    STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, bytes))
}
