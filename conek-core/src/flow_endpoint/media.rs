//! Files that people put into a flow: they lie encrypted at WhatsApp's CDN, and the request has their keys.

use aws_lc_rs::{
    cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
    iv::FixedLength,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{digest, hmac};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::FlowMedia;
use crate::values::error::{Error, Result};

/// How much of the HMAC stands behind the ciphertext.
const TAG: usize = 10;
/// The largest file that is opened: as large as a document may be.
const MOST_BYTES: usize = 100 << 20;

#[derive(Deserialize)]
struct Item {
    media_id: String,
    #[serde(alias = "filename")]
    file_name: String,
    encryption_metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(deserialize_with = "base64")]
    encryption_key: Zeroizing<Vec<u8>>,
    #[serde(deserialize_with = "base64")]
    hmac_key: Zeroizing<Vec<u8>>,
    #[serde(deserialize_with = "base64")]
    iv: Zeroizing<Vec<u8>>,
    #[serde(deserialize_with = "base64")]
    plaintext_hash: Zeroizing<Vec<u8>>,
    #[serde(deserialize_with = "base64")]
    encrypted_hash: Zeroizing<Vec<u8>>,
}

fn base64<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Zeroizing<Vec<u8>>, D::Error> {
    let text = Zeroizing::new(String::deserialize(from)?);
    STANDARD.decode(&*text).map(Zeroizing::new).map_err(|_| serde::de::Error::custom("not Base64"))
}

fn changed(what: &str) -> Error {
    Error::key(format!("the file is not the one that was uploaded: its {what} differs"))
}

/// Opens the file of one entry of a request's data.
pub(super) fn open(entry: &str, mut file: Vec<u8>) -> Result<FlowMedia> {
    // What serde says would repeat parts of the entry, which has the keys in it.
    let entry: Item = serde_json::from_str(entry).map_err(|_| {
        Error::invalid(
            "entry",
            "must be one entry of an uploaded list: media_id, file_name, encryption_metadata",
        )
    })?;
    let with = &entry.encryption_metadata;
    if file.len() > MOST_BYTES {
        return Err(Error::invalid("file", "must have at most 100 MB"));
    }
    if digest::digest(&digest::SHA256, &file).as_ref() != with.encrypted_hash.as_slice() {
        return Err(changed("encrypted_hash"));
    }
    let end = file.len().checked_sub(TAG).ok_or_else(|| Error::invalid("file", "is shorter than its tag"))?;
    let tag = file.split_off(end);
    let mut signed = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &with.hmac_key));
    signed.update(&with.iv);
    signed.update(&file);
    // The hash above is no secret, so how long this comparison takes tells nothing either.
    if signed.sign().as_ref()[..TAG] != tag[..] {
        return Err(changed("HMAC"));
    }
    let iv: [u8; 16] =
        with.iv.as_slice().try_into().map_err(|_| Error::invalid("entry", "iv must have 16 bytes"))?;
    let key = UnboundCipherKey::new(&AES_256, &with.encryption_key)
        .and_then(PaddedBlockDecryptingKey::cbc_pkcs7)
        .map_err(|_| Error::invalid("entry", "encryption_key must have 32 bytes"))?;
    let length = key
        .decrypt(&mut file, DecryptionContext::Iv128(FixedLength::from(iv)))
        .map(|plain| plain.len())
        .map_err(|_| changed("padding"))?;
    file.truncate(length);
    if digest::digest(&digest::SHA256, &file).as_ref() != with.plaintext_hash.as_slice() {
        return Err(changed("plaintext_hash"));
    }
    Ok(FlowMedia { media_id: entry.media_id, filename: entry.file_name, bytes: file })
}
