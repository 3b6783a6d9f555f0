//! What the examples' phones ask the endpoint of a flow.

use aes_gcm::{
    AesGcm, KeyInit,
    aead::{Aead, consts::U16},
    aes::Aes128,
};
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{
        KeySize, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use pkcs8::{Document, LineEnding, der::pem};
use serde_json::json;

use crate::{Engine, Error, Result, flow_endpoint::FlowPrivateKey, transport::WebhookRequest};

fn internal<E>(_: E) -> Error {
    Error::internal("an example's encryption")
}

/// A new private key.
pub(super) fn key() -> Result<FlowPrivateKey> {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).map_err(internal)?;
    let der: Pkcs8V1Der<'_> = key.as_der().map_err(internal)?;
    let pem = pem::encode_string("PRIVATE KEY", LineEnding::LF, der.as_ref()).map_err(internal)?;
    Ok(FlowPrivateKey { pem, passphrase: None })
}

/// A request as a phone encrypts it for the engine's key.
///
/// # Errors
/// As `flow_endpoint.public_key`.
pub async fn flow_request(engine: &Engine, json: &str) -> Result<WebhookRequest> {
    let public = engine.flow_endpoint().public_key().await?;
    let (_, der) = Document::from_pem(&public).map_err(internal)?;
    let public = PublicEncryptingKey::from_der(der.as_bytes()).map_err(internal)?;
    let public = OaepPublicEncryptingKey::new(public).map_err(internal)?;
    // One phone asks once, so that its key needs no chance.
    let (key, vector) = ([7u8; 16], [9u8; 16]);
    let mut room = vec![0u8; public.ciphertext_size()];
    let wrapped = public.encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut room, None).map_err(internal)?;
    let cipher = AesGcm::<Aes128, U16>::new((&key).into());
    let sealed = cipher.encrypt((&vector).into(), json.as_bytes()).map_err(internal)?;
    let body = json!({
        "encrypted_flow_data": STANDARD.encode(sealed),
        "encrypted_aes_key": STANDARD.encode(wrapped),
        "initial_vector": STANDARD.encode(vector),
    });
    Ok(WebhookRequest { headers: Default::default(), body: body.to_string().into_bytes() })
}
