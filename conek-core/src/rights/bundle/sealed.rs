//! Encryption of a bundle to the key of who asked for it, in the format of age (age-encryption.org/v1, C2SP), over
//! the primitives that are here already: the age crate would bring ninety more crates to write this one header.

use std::io::{self, Write};

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD as BASE64};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
    hmac,
    rand::{SecureRandom, SystemRandom},
};

use super::error::{BundleError, Result};

/// The payload is sealed in pieces of this many bytes.
const CHUNK: usize = 64 * 1024;

/// Encrypts what is written through it to an age recipient (`age1...`); `age -d` opens it. Every file has a new key,
/// so the same bundle is never sealed to the same bytes.
///
/// Without [`Sealed::finish`] the file is cut off, and does not open.
pub struct Sealed<W: Write> {
    inner: W,
    key: LessSafeKey,
    chunk: Vec<u8>,
    sealed: u64,
}

struct Thirty2;

impl KeyType for Thirty2 {
    fn len(&self) -> usize {
        32
    }
}

fn derive(salt: &[u8], secret: &[u8], info: &[u8]) -> Result<[u8; 32], Unspecified> {
    let mut out = [0; 32];
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(&[info], Thirty2)?.fill(&mut out)?;
    Ok(out)
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, Unspecified> {
    Ok(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key)?))
}

/// The bytes of a Bech32 text (BIP 173) with the prefix `age`.
fn public_key(text: &str) -> Option<[u8; 32]> {
    const ALPHABET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const STEPS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let lower = text.to_ascii_lowercase();
    if lower != text && text.to_ascii_uppercase() != text {
        return None;
    }
    let data = lower.strip_prefix("age1")?;
    let values: Vec<u8> = data
        .bytes()
        .map(|b| ALPHABET.iter().position(|a| *a == b).and_then(|at| u8::try_from(at).ok()))
        .collect::<Option<_>>()?;
    let prefix = b"age".iter().map(|b| b >> 5).chain([0]).chain(b"age".iter().map(|b| b & 31));
    let check = prefix.chain(values.iter().copied()).fold(1u32, |check, value| {
        let top = check >> 25;
        let next = (check & 0x01ff_ffff) << 5 ^ u32::from(value);
        STEPS.iter().enumerate().filter(|(n, _)| top >> n & 1 == 1).fold(next, |c, (_, step)| c ^ step)
    });
    // 32 bytes are 52 letters of five bits, four of them left over; six letters are the checksum.
    if check != 1 || values.len() != 58 {
        return None;
    }
    let (mut out, mut bits, mut held) = (Vec::with_capacity(32), 0u32, 0);
    for value in &values[..52] {
        bits = bits << 5 | u32::from(*value);
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    (bits & ((1 << held) - 1) == 0).then_some(out)?.try_into().ok()
}

/// The header for a recipient, and the key of the payload.
fn begin(recipient: &[u8; 32]) -> Result<(Vec<u8>, LessSafeKey), Unspecified> {
    let random = SystemRandom::new();
    let (mut file_key, mut nonce) = ([0; 16], [0; 16]);
    random.fill(&mut file_key)?;
    random.fill(&mut nonce)?;
    let mine = EphemeralPrivateKey::generate(&X25519, &random)?;
    let share = mine.compute_public_key()?;
    let salt = [share.as_ref(), recipient].concat();
    let wrap = agree_ephemeral(mine, &UnparsedPublicKey::new(&X25519, recipient), |secret| {
        derive(&salt, secret, b"age-encryption.org/v1/X25519")
    })??;
    let mut wrapped = file_key.to_vec();
    let zero = Nonce::assume_unique_for_key([0; NONCE_LEN]);
    cipher(&wrap)?.seal_in_place_append_tag(zero, Aad::empty(), &mut wrapped)?;
    let mut header = format!(
        "age-encryption.org/v1\n-> X25519 {}\n{}\n---",
        BASE64.encode(share.as_ref()),
        BASE64.encode(wrapped)
    )
    .into_bytes();
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &derive(&[], &file_key, b"header")?), &header);
    header.extend_from_slice(format!(" {}\n", BASE64.encode(mac.as_ref())).as_bytes());
    header.extend_from_slice(&nonce);
    Ok((header, cipher(&derive(&nonce, &file_key, b"payload")?)?))
}

impl<W: Write> Sealed<W> {
    /// Begins an encrypted file.
    ///
    /// # Errors
    /// `bundle_recipient` for anything but a public X25519 key of age; `bundle_io`.
    pub fn new(mut writer: W, recipient: &str) -> Result<Self> {
        let recipient = recipient.trim();
        if recipient.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(BundleError::Recipient {
                detail: "this is a secret key: give the public one, age1...",
            });
        }
        let bad = BundleError::Recipient {
            detail: "must be a public X25519 key of age, 62 characters that begin with age1",
        };
        let (header, key) = public_key(recipient).and_then(|k| begin(&k).ok()).ok_or(bad)?;
        writer.write_all(&header).map_err(|e| BundleError::Io(e.kind()))?;
        Ok(Self { inner: writer, key, chunk: Vec::with_capacity(CHUNK + 16), sealed: 0 })
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let mut nonce = [0; NONCE_LEN];
        nonce[3..11].copy_from_slice(&self.sealed.to_be_bytes());
        nonce[11] = u8::from(last);
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut self.chunk)
            .map_err(|_| io::ErrorKind::Other)?;
        self.sealed += 1;
        let written = self.inner.write_all(&self.chunk);
        self.chunk.clear();
        written
    }

    /// Ends the file and hands the writer back.
    ///
    /// # Errors
    /// `bundle_io`.
    pub fn finish(mut self) -> Result<W> {
        self.seal(true).and_then(|()| self.inner.flush()).map_err(|e| BundleError::Io(e.kind()))?;
        Ok(self.inner)
    }
}

impl<W: Write> std::fmt::Debug for Sealed<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed").finish_non_exhaustive()
    }
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece waits for the next byte: the last one is marked, and may not be empty.
        if self.chunk.len() == CHUNK && !bytes.is_empty() {
            self.seal(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
