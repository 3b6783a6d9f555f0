//! The business's private keys, and what phones encrypt for them.

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use pkcs8::{
    EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef, SecretDocument,
    der::{Decode, Encode, asn1::OctetStringRef, pem},
    spki::AlgorithmIdentifierRef,
};
use zeroize::Zeroizing;

use super::FlowPrivateKey;
use crate::values::{
    error::{Error, Result},
    secret::Secret,
};

/// Meta takes keys of this length alone.
const BITS: usize = 2048;
/// The present key, and former ones while phones still have them.
const MOST_KEYS: usize = 4;
/// `rsaEncryption`.
const RSA: pkcs8::ObjectIdentifier = pkcs8::ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The keys that requests may be encrypted for.
pub(crate) struct PrivateKeys(Vec<Key>);

struct Key {
    private: OaepPrivateDecryptingKey,
    /// The public half, in PEM.
    public: String,
}

impl std::fmt::Debug for PrivateKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateKeys({})", self.0.len())
    }
}

fn wrong(detail: &str) -> Error {
    Error::invalid("flow_keys", detail)
}

impl PrivateKeys {
    pub(crate) fn open(keys: Vec<FlowPrivateKey>) -> Result<Self> {
        if keys.len() > MOST_KEYS {
            return Err(wrong("must be at most 4: the present key, and former ones"));
        }
        keys.into_iter().map(Key::open).collect::<Result<_>>().map(Self)
    }

    /// The public half of the present key, in PEM.
    pub(super) fn public(&self) -> Result<&str> {
        let first = self.0.first().ok_or_else(|| Error::key("no flow key is configured; set flow_keys"))?;
        Ok(&first.public)
    }

    /// The AES key that a phone encrypted for one of these.
    pub(super) fn unwrap_key(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 16]>> {
        self.public()?;
        let mut room = Zeroizing::new([0u8; BITS / 8]);
        for key in &self.0 {
            if let Ok(opened) = key.private.decrypt(&OAEP_SHA256_MGF1SHA256, wrapped, &mut *room, None) {
                let opened: [u8; 16] = (&*opened)
                    .try_into()
                    .map_err(|_| Error::invalid("encrypted_aes_key", "must hold 16 bytes"))?;
                return Ok(Zeroizing::new(opened));
            }
        }
        Err(Error::key(
            "the request is not encrypted for any of flow_keys; answer with status 421, and the phone fetches the \
             public key that WhatsApp has",
        ))
    }
}

impl Key {
    fn open(key: FlowPrivateKey) -> Result<Self> {
        // Moved, not copied: both are wiped when this ends.
        let (pem, passphrase) = (Secret::from(key.pem), key.passphrase.map(Secret::from));
        let der = der(&pem, passphrase.as_ref())?;
        let private = PrivateDecryptingKey::from_pkcs8(&der)
            .map_err(|_| wrong("must hold a sound RSA private key of 2,048 bits"))?;
        if private.key_size_bits() != BITS {
            return Err(wrong("must have 2,048 bits, as WhatsApp takes no others"));
        }
        let internal = |_| Error::internal("the public key has no encoding");
        let public: PublicKeyX509Der<'_> = private.public_key().as_der().map_err(internal)?;
        let public = pem::encode_string("PUBLIC KEY", LineEnding::LF, public.as_ref())
            .map_err(|_| Error::internal("the public key has no PEM"))?;
        let private = OaepPrivateDecryptingKey::new(private).map_err(internal)?;
        Ok(Self { private, public })
    }
}

/// The key as PKCS#8, whatever form it has in PEM.
fn der(pem: &Secret, passphrase: Option<&Secret>) -> Result<Zeroizing<Vec<u8>>> {
    if pem.expose().contains("Proc-Type:") {
        return Err(wrong(
            "is encrypted in OpenSSL's old form; convert it with: openssl pkcs8 -topk8 -in old.pem -out new.pem",
        ));
    }
    let (label, document) = SecretDocument::from_pem(pem.expose().trim())
        .map_err(|_| wrong("must be in PEM, with its first and last line"))?;
    match label {
        "PRIVATE KEY" => Ok(document.to_bytes()),
        "RSA PRIVATE KEY" => {
            let unreadable = |_| wrong("must hold a sound RSA private key of 2,048 bits");
            let algorithm =
                AlgorithmIdentifierRef { oid: RSA, parameters: Some(pkcs8::der::asn1::AnyRef::NULL) };
            let key = OctetStringRef::new(document.as_bytes()).map_err(unreadable)?;
            let wrapped = PrivateKeyInfoRef::new(algorithm, key);
            wrapped.to_der().map(Zeroizing::new).map_err(unreadable)
        }
        "ENCRYPTED PRIVATE KEY" => {
            let passphrase = passphrase.ok_or_else(|| wrong("is encrypted and needs its passphrase"))?;
            let sealed = EncryptedPrivateKeyInfoRef::from_der(document.as_bytes())
                .map_err(|_| wrong("is encrypted in a way that is not known; AES and 3DES with PBES2 are"))?;
            let opened = sealed
                .decrypt(passphrase.expose())
                .map_err(|_| wrong("does not open with this passphrase, or not with AES or 3DES of PBES2"))?;
            Ok(opened.to_bytes())
        }
        _ => Err(wrong("must be a private key in PEM")),
    }
}
