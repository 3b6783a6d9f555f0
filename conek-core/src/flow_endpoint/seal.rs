//! AES-128-GCM as flows use it: vectors of 16 bytes, and the answer under the flipped vector of its request.

use aes_gcm::{
    AesGcm, KeyInit,
    aead::{Aead, consts::U16},
    aes::Aes128,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::PrivateKeys;
use crate::values::error::{Error, Result};

type Cipher = AesGcm<Aes128, U16>;

/// The tag behind every ciphertext.
const TAG: usize = 16;

/// The body of a request, as it arrives.
#[derive(Deserialize)]
struct Envelope {
    encrypted_flow_data: String,
    encrypted_aes_key: String,
    initial_vector: String,
}

/// With what one answer is encrypted. It cannot be copied, and sealing uses it up: a second text under the same
/// vector would give both away.
pub(super) struct AnswerKey {
    key: Zeroizing<[u8; 16]>,
    vector: [u8; 16],
}

fn decode(field: &str, text: &str) -> Result<Vec<u8>> {
    STANDARD.decode(text).map_err(|_| Error::invalid(field, "must be Base64"))
}

/// Opens the body of a request; its signature was checked before.
pub(super) fn open(keys: &PrivateKeys, body: &[u8]) -> Result<(Zeroizing<Vec<u8>>, AnswerKey)> {
    let envelope: Envelope = serde_json::from_slice(body).map_err(|_| {
        Error::invalid("body", "must be JSON with encrypted_flow_data, encrypted_aes_key and initial_vector")
    })?;
    let sealed = decode("encrypted_flow_data", &envelope.encrypted_flow_data)?;
    let wrapped = decode("encrypted_aes_key", &envelope.encrypted_aes_key)?;
    let vector: [u8; 16] = decode("initial_vector", &envelope.initial_vector)?
        .try_into()
        .map_err(|_| Error::invalid("initial_vector", "must have 16 bytes"))?;
    if wrapped.len() != 256 {
        return Err(Error::invalid("encrypted_aes_key", "must have 256 bytes"));
    }
    if sealed.len() < TAG {
        return Err(Error::invalid("encrypted_flow_data", "must have 16 bytes at least, its tag"));
    }
    let key = keys.unwrap_key(&wrapped)?;
    let opened = Cipher::new((&*key).into()).decrypt((&vector).into(), sealed.as_slice()).map_err(|_| {
        Error::key("the request was changed on its way, or its key is another's; answer with status 421")
    })?;
    Ok((Zeroizing::new(opened), AnswerKey { key, vector: vector.map(|byte| !byte) }))
}

impl AnswerKey {
    /// Encrypts the answer, in Base64.
    pub(super) fn seal(self, answer: &[u8]) -> Result<String> {
        let sealed = Cipher::new((&*self.key).into()).encrypt((&self.vector).into(), answer);
        sealed.map(|s| STANDARD.encode(s)).map_err(|_| Error::internal("an answer that cannot be encrypted"))
    }
}
