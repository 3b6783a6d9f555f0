//! The proof of an allowance, without which no transport can be called.

use crate::values::time::Timestamp;

/// Says that the gate allowed one message to one person, now.
///
/// Only the gate can make one. It is used up by the send it belongs to: it cannot be copied.
#[derive(Debug)]
pub struct SendPermit {
    id: String,
    body_hash: [u8; 32],
    valid_until: Timestamp,
}

impl SendPermit {
    pub(crate) fn mint(id: String, body_hash: [u8; 32], valid_until: Timestamp) -> Self {
        Self { id, body_hash, valid_until }
    }
    /// The permit's id, as it stands in the decision record.
    pub fn id(&self) -> &str {
        &self.id
    }
    /// SHA-256 over the outgoing message as JSON: the permit covers this message and no other.
    pub fn body_hash(&self) -> &[u8; 32] {
        &self.body_hash
    }
    /// The permit is void after this moment.
    pub fn valid_until(&self) -> Timestamp {
        self.valid_until
    }
}
