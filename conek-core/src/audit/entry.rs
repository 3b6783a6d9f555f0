//! Entries of the audit log.

use serde::{Deserialize, Serialize};

use crate::values::{ids::PersonId, quiet::quiet_debug, time::Timestamp};

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// The caller was admitted.
    #[default]
    Admitted,
    /// The caller lacked the scope.
    Refused,
}

/// One entry: a call that read or changed personal data, or was refused.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its id; later ones of the same writer have greater ids.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who: the actor's id, `host` for the embedding program, `conek` for the engine's own work.
    pub actor: String,
    /// For what, as the actor says.
    pub purpose: Option<String>,
    /// The operation, for example `contacts.get`.
    pub operation: String,
    /// Whose data: a pseudonym. `audit.entries` finds a person's.
    pub subject: Option<String>,
    /// How many things it was about; 1 for one.
    pub count: i64,
    /// Whether it was admitted.
    pub outcome: AuditOutcome,
}
quiet_debug! { AuditEntry { id, at, operation, count, outcome } }

/// Which entries.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    /// Only about this person.
    pub person: Option<PersonId>,
    /// Only this operation, or with a trailing `.*` all of a room: `contacts.*`.
    pub operation: Option<String>,
    /// Only refused calls.
    pub refused_only: bool,
    /// The cursor of the page before.
    pub after: Option<String>,
}

/// Some entries and where to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The entries, the oldest first.
    pub entries: Vec<AuditEntry>,
    /// Give it back as `after`.
    pub next: Option<String>,
}

/// The signed end of the chain. Whoever keeps one elsewhere can prove later that nothing before it was cut off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditHead {
    /// The checkpoint's id.
    pub id: String,
    /// The hash over everything before, hexadecimal.
    pub hash: String,
    /// When it was signed.
    pub at: Timestamp,
    /// Ed25519 over account, id, hash and time; base64.
    pub signature: String,
    /// The account's public key; base64.
    pub public_key: String,
}

/// What a look over the whole log found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AuditReport {
    /// Entries read.
    pub entries: i64,
    /// Checkpoints read.
    pub checkpoints: i64,
    /// What is changed, missing or out of order, one sentence each. Empty means sound.
    pub problems: Vec<String>,
    /// The end of the chain, if there is one.
    pub head: Option<AuditHead>,
}

/// What the engine is told to log.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub(crate) at: Timestamp,
    pub(crate) actor: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) purpose: Option<String>,
    pub(crate) operation: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub(crate) count: i64,
    #[serde(default, skip_serializing_if = "is_admitted")]
    pub(crate) outcome: AuditOutcome,
}

fn one() -> i64 {
    1
}
fn is_one(n: &i64) -> bool {
    *n == 1
}
fn is_admitted(outcome: &AuditOutcome) -> bool {
    *outcome == AuditOutcome::Admitted
}

impl Event {
    pub(crate) fn entry(self, id: String) -> AuditEntry {
        AuditEntry {
            id,
            at: self.at,
            actor: self.actor,
            purpose: self.purpose,
            operation: self.operation,
            subject: self.subject,
            count: self.count,
            outcome: self.outcome,
        }
    }
}
