//! The token that every message carries out and every status brings back. It names one attempt,
//! can only have been made by this account's engine, and says nothing of the person.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::{values::ids::MessageId, vault::Vault};

const PREFIX: &str = "ck1.";
/// Between the token and the host's own button id.
const JOINT: char = '~';

/// One attempt to send one message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Echo {
    /// The installation: staging and production may share one WhatsApp account.
    pub(crate) instance: u32,
    /// How often the database had been restored when the attempt was made.
    pub(crate) epoch: u16,
    pub(crate) message: MessageId,
    pub(crate) n: u8,
}

impl Echo {
    /// The token as text, 46 characters.
    pub(crate) fn token(&self, vault: &Vault) -> Option<String> {
        let mut bytes = [0u8; 31];
        bytes[..4].copy_from_slice(&self.instance.to_be_bytes());
        bytes[4..6].copy_from_slice(&self.epoch.to_be_bytes());
        bytes[6..22].copy_from_slice(Uuid::parse_str(self.message.as_str()).ok()?.as_bytes());
        bytes[22] = self.n;
        let tag = vault.echo_tag(&bytes[..23]);
        bytes[23..].copy_from_slice(&tag);
        Some(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Reads a token; `None` for any text that this account's engine did not make.
    pub(crate) fn read(vault: &Vault, text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let bytes: [u8; 31] = bytes.try_into().ok()?;
        // The tag is not a secret that guessing could reveal bit by bit: an HMAC over public data
        // whose comparison happens on our side after parsing.
        if vault.echo_tag(&bytes[..23]) != bytes[23..] {
            return None;
        }
        let mut instance = [0u8; 4];
        instance.copy_from_slice(&bytes[..4]);
        Some(Self {
            instance: u32::from_be_bytes(instance),
            epoch: u16::from_be_bytes([bytes[4], bytes[5]]),
            message: Uuid::from_slice(&bytes[6..22]).ok()?.hyphenated().to_string().into(),
            n: bytes[22],
        })
    }

    /// The attempt's record id.
    pub(crate) fn attempt_id(&self) -> String {
        format!("{}.{}.{}", self.message, self.epoch, self.n)
    }
}

/// A button's id with the token before it, so that a tap proves that the message arrived even
/// when every status is lost. Ids that leave no room stay as they are.
pub(crate) fn mark(token: &str, id: &str, most: usize) -> String {
    if token.len() + 1 + id.len() <= most { format!("{token}{JOINT}{id}") } else { id.to_owned() }
}

/// Takes a marked button id apart: the token, if there is one, and the host's own id.
pub(crate) fn unmark(id: &str) -> (Option<&str>, &str) {
    match id.split_once(JOINT) {
        Some((token, own)) if token.starts_with(PREFIX) => (Some(token), own),
        _ => (None, id),
    }
}
