//! What can go wrong, as the host sees it: a stable code, what to do next, never personal data.

use serde::{Deserialize, Serialize};

/// What is wrong with the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StorageFault {
    /// The file was written by a newer version of conek. Upgrade the library.
    Newer,
    /// The file is a database of another program, or no database at all. Choose another path.
    NotOurs,
    /// The disk or file cannot be written. Check permissions and mount options.
    ReadOnly,
    /// The disk is full. Free space, then continue; nothing was half written.
    Full,
    /// Another process has this file open. Close it, or use that process.
    Locked,
    /// The database is damaged. Restore a backup.
    Corrupt,
    /// The storage does not answer.
    Unavailable,
}

/// Whether calling again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// No: change the call or the configuration first.
    Never,
    /// Yes, after a pause.
    Later,
    /// Nobody can know whether the call took effect. Look before you repeat it.
    Unknown,
}

/// Every error that conek raises.
///
/// `code()` is stable and meant for programs; the text is for people and carries no personal data.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value does not fit. `field` names it, `detail` says what would fit.
    #[error("{field}: {detail}")]
    InvalidInput {
        /// The parameter, record field or column.
        field: String,
        /// What is wrong and what would be right.
        detail: String,
    },
    /// There is no such thing.
    #[error("no {what} with id {id}")]
    NotFound {
        /// The kind of thing.
        what: String,
        /// The id that was asked for.
        id: String,
    },
    /// The thing changed meanwhile, or exists already in another form.
    #[error("{what}: {detail}")]
    Conflict {
        /// The kind of thing.
        what: String,
        /// What it collided with.
        detail: String,
    },
    /// The gate says no. `reasons` are the stable codes.
    #[error("denied: {detail}")]
    Denied {
        /// The id under which the decision is kept; `policy.explain` takes it.
        id: String,
        /// Reason codes, the strongest first.
        reasons: Vec<String>,
        /// The reasons in plain words with their provisions.
        detail: String,
    },
    /// The caller may not do this: their session lacks the scope.
    #[error("{operation} needs the scope {scope}, which this session does not have")]
    Forbidden {
        /// The operation.
        operation: String,
        /// The scope that it needs.
        scope: String,
    },
    /// The storage failed.
    #[error("storage: {detail}")]
    Storage {
        /// What is wrong with it.
        fault: StorageFault,
        /// What to do.
        detail: String,
    },
    /// The transport failed outside a send: an upload, a read receipt, a query.
    #[error("transport: {detail}")]
    Transport {
        /// What happened, with WhatsApp's error code where there is one.
        detail: String,
        /// Whether calling again can help.
        retry: Retry,
    },
    /// The transport, which is the host's own, cannot do this.
    #[error("the transport has no {operation}")]
    Unsupported {
        /// The method of the port that it lacks.
        operation: String,
    },
    /// A webhook's signature does not verify, or there is none.
    #[error("signature: {detail}")]
    Signature {
        /// What is missing or wrong.
        detail: String,
    },
    /// A key is missing, wrong, or a sealed value was changed.
    #[error("key: {detail}")]
    Key {
        /// What to check.
        detail: String,
    },
    /// The engine was closed.
    #[error("the engine is closed; open it again")]
    Closed {},
    /// A defect in conek or in a host's port. Please report it.
    #[error("internal: {detail}")]
    Internal {
        /// Where it happened.
        detail: String,
    },
}

/// What every fallible operation returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The stable code, `snake_case`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidInput { .. } => "invalid_input",
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Denied { .. } => "denied",
            Self::Forbidden { .. } => "forbidden",
            Self::Storage { fault, .. } => match fault {
                StorageFault::Newer => "storage_newer",
                StorageFault::NotOurs => "storage_not_ours",
                StorageFault::ReadOnly => "storage_read_only",
                StorageFault::Full => "storage_full",
                StorageFault::Locked => "storage_locked",
                StorageFault::Corrupt => "storage_corrupt",
                StorageFault::Unavailable => "storage_unavailable",
            },
            Self::Transport { .. } => "transport",
            Self::Unsupported { .. } => "unsupported",
            Self::Signature { .. } => "signature",
            Self::Key { .. } => "key",
            Self::Closed {} => "closed",
            Self::Internal { .. } => "internal",
        }
    }
    /// Whether calling again can help.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Storage {
                fault: StorageFault::Full | StorageFault::Unavailable | StorageFault::Locked,
                ..
            } => Retry::Later,
            Self::Transport { retry, .. } => *retry,
            Self::Internal { .. } => Retry::Unknown,
            _ => Retry::Never,
        }
    }
    /// A value does not fit.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::InvalidInput { field: field.into(), detail: detail.into() }
    }
    /// There is no such thing.
    pub fn not_found(what: &str, id: impl Into<String>) -> Self {
        Self::NotFound { what: what.to_owned(), id: id.into() }
    }
    /// It collides with what is there.
    pub fn conflict(what: &str, detail: impl Into<String>) -> Self {
        Self::Conflict { what: what.to_owned(), detail: detail.into() }
    }
    /// The storage failed.
    pub fn storage(fault: StorageFault, detail: impl Into<String>) -> Self {
        Self::Storage { fault, detail: detail.into() }
    }
    /// A key problem.
    pub fn key(detail: impl Into<String>) -> Self {
        Self::Key { detail: detail.into() }
    }
    /// A defect.
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::Internal { detail: detail.into() }
    }
}
