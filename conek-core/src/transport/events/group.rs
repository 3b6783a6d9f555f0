//! What happens to a group.

use serde::{Deserialize, Serialize};

use crate::values::quiet::{quiet_debug, quiet_sum};

/// Somebody in an event of a group. `Debug` does not show them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupPerson {
    /// What the request called them.
    pub input: Option<String>,
    /// Their WhatsApp id: digits of a phone number.
    pub wa_id: Option<String>,
    /// Their business-scoped id.
    pub user_id: Option<String>,
    /// Their username.
    pub username: Option<String>,
    /// The error code, where it failed for them.
    pub code: Option<i32>,
}

/// A setting that was changed, or was not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSetting {
    /// `subject`, `description` or `profile_picture`.
    pub setting: String,
    /// Its new text.
    pub text: Option<String>,
    /// Whether it was changed; `None` where WhatsApp does not say.
    pub changed: Option<bool>,
    /// The error code, where it failed.
    pub code: Option<i32>,
}

/// What happened to a group (Meta: `group_lifecycle_update`, `group_participants_update`, `group_settings_update`,
/// `group_status_update`). `request` is the id with which the call that asked for it was answered; `code` is the error
/// code of one that failed. `Debug` shows which, and no content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GroupEvent {
    /// It was made.
    Created {
        /// The request.
        request: Option<String>,
        /// Its subject.
        subject: Option<String>,
        /// Its description.
        description: Option<String>,
        /// The link by which people join.
        invite_link: Option<String>,
        /// `auto_approve` or `approval_required`.
        join_approval: Option<String>,
        /// The error code.
        code: Option<i32>,
    },
    /// It was deleted.
    Deleted {
        /// The request.
        request: Option<String>,
        /// The error code.
        code: Option<i32>,
    },
    /// People joined.
    Joined {
        /// The request.
        request: Option<String>,
        /// How, for example `invite_link`.
        reason: Option<String>,
        /// Who.
        people: Vec<GroupPerson>,
    },
    /// People left or were taken out.
    Left {
        /// The request.
        request: Option<String>,
        /// `business` or `participant`.
        initiated_by: Option<String>,
        /// Who.
        people: Vec<GroupPerson>,
        /// Who should have been taken out and is there still.
        failed: Vec<GroupPerson>,
        /// The error code.
        code: Option<i32>,
    },
    /// Somebody asks to be let in.
    JoinRequested {
        /// WhatsApp's id of their wish.
        join_request: Option<String>,
        /// Who.
        person: GroupPerson,
    },
    /// Somebody does not ask any more.
    JoinRequestRevoked {
        /// WhatsApp's id of their wish.
        join_request: Option<String>,
        /// Who.
        person: GroupPerson,
    },
    /// Its subject, description or picture was changed.
    Changed {
        /// The request.
        request: Option<String>,
        /// What.
        settings: Vec<GroupSetting>,
        /// The error code.
        code: Option<i32>,
    },
    /// WhatsApp suspended it.
    Suspended {},
    /// It works again.
    SuspensionCleared {},
}

quiet_debug! { GroupPerson { code } GroupSetting { setting, changed, code } }
quiet_sum! {
    GroupEvent {
        Created, Deleted, Joined, Left, JoinRequested, JoinRequestRevoked, Changed, Suspended, SuspensionCleared,
    }
}
