//! The end of a bundle: page, key, manifest and signature.

use std::io::Write;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ring::{
    digest::{SHA256, digest},
    signature::{ED25519, UnparsedPublicKey},
};

use super::{
    Bundle, FORMAT, Manifest,
    error::{BundleError, Result},
    page::{self, Close},
};
use crate::values::hex;

/// What stands before an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

fn pem(key: &[u8; 32]) -> String {
    let bytes = [SPKI.as_slice(), key].concat();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64_STANDARD.encode(bytes))
}

impl<W: Write> Bundle<W> {
    /// Writes the page, the manifest and its signature, and hands the writer back. `sign` makes the Ed25519
    /// signature over the bytes of `manifest.json`.
    ///
    /// # Errors
    /// `bundle_state` while a section is open; `bundle_signature` when `sign` fails or does not fit the key;
    /// `bundle_io` and `bundle_spool`.
    pub fn finish(
        mut self,
        sign: impl FnOnce(&[u8]) -> Result<[u8; 64]>,
        public_key: &[u8; 32],
    ) -> Result<(W, Manifest)> {
        self.closed()?;
        let fingerprint = hex(digest(&SHA256, public_key).as_ref());
        let folders: Vec<String> = self.folders.iter().cloned().collect();
        let begin = page::begin(self.words, &self.head, &self.entries);
        let close = Close {
            has_sections: !self.entries.is_empty(),
            has_card: self.taken.contains("contact.vcf"),
            folders: &folders,
            fingerprint: &fingerprint,
        };
        let end = page::end(self.words, &self.head, &close);
        let bound = self.page.len() + (begin.len() + end.len()) as u64;
        let page = &mut self.page;
        self.archive.file("README.html", bound, |put| {
            put(begin.as_bytes())?;
            page.reader()?.copy(&mut *put)?;
            put(end.as_bytes())
        })?;
        self.whole("public_key.pem", pem(public_key).as_bytes())?;
        let manifest = self.manifest();
        let mut json = serde_json::to_vec_pretty(&manifest)
            .map_err(|_| BundleError::Io(std::io::ErrorKind::InvalidData))?;
        json.push(b'\n');
        let signature = sign(&json).map_err(|_| BundleError::Signature)?;
        UnparsedPublicKey::new(&ED25519, public_key)
            .verify(&json, &signature)
            .map_err(|_| BundleError::Signature)?;
        self.whole("manifest.json", &json)?;
        self.whole("manifest.sig", &signature)?;
        Ok((self.archive.finish()?, manifest))
    }

    fn manifest(&self) -> Manifest {
        Manifest { format: FORMAT.to_owned(), head: self.head.clone(), files: self.archive.files().to_vec() }
    }
}
