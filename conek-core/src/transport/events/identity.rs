//! What changes about how WhatsApp knows a person.

use serde::{Deserialize, Serialize};

use crate::values::quiet::quiet_sum;

/// What changed about how WhatsApp knows a person. `Debug` shows which, and no content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum IdentityEvent {
    /// They have another number (Meta: `system` message, `user_changed_number`).
    Number {
        /// The WhatsApp id that they had.
        previous: Option<String>,
        /// The one that they have.
        current: String,
    },
    /// They have another business-scoped id, as after a change of number (Meta: `user_id_update`; `system` message,
    /// `user_changed_user_id`).
    UserId {
        /// The id that they had.
        previous: Option<String>,
        /// The one that they have.
        current: String,
        /// The id for the parent's portfolios that they had.
        previous_parent: Option<String>,
        /// The one that they have.
        current_parent: Option<String>,
    },
    /// Their identity key is another: a new phone, or somebody else's (Meta: `system` message,
    /// `customer_identity_changed`).
    Key {
        /// The new key's hash.
        hash: Option<String>,
    },
}

quiet_sum! { IdentityEvent { Number, UserId, Key } }
