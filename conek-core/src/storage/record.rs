//! The one shape of everything stored, and the words in which a storage is spoken to.

use serde::{Deserialize, Serialize};

use crate::values::time::Timestamp;

/// Names a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The account that owns the record.
    pub account: String,
    /// What kind of thing it is, `snake_case`.
    pub kind: String,
    /// Its id within account and kind.
    pub id: String,
}

/// A keyed fingerprint by which a record can be found, for example of a phone number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Token {
    /// What was fingerprinted, for example `phone`.
    pub name: String,
    /// The fingerprint: text that only the holder of the key could have made.
    pub value: String,
    /// Whether at most one record of the account and kind may hold it.
    pub unique: bool,
}

/// One thing: a contact, a message, an attempt, a consent event, a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The account that owns it.
    pub account: String,
    /// What kind of thing it is.
    pub kind: String,
    /// Its id within account and kind.
    pub id: String,
    /// 1 when inserted, one more with every change. The storage counts; what is given is ignored.
    pub version: i64,
    /// Its state, in the kind's own words.
    pub state: String,
    /// The people it concerns, by person id: all of them.
    pub subjects: Vec<String>,
    /// The larger thing it belongs to, for example a campaign.
    pub group: Option<String>,
    /// The queue it waits in, if it waits.
    pub queue: Option<String>,
    /// When it is due in its queue.
    pub due_at: Option<Timestamp>,
    /// When it must be gone.
    pub expires_at: Option<Timestamp>,
    /// Which retention rule governs it.
    pub retention: String,
    /// What it can be found by.
    pub tokens: Vec<Token>,
    /// A JSON object without personal data: times, counters, states, codes.
    pub clear: String,
    /// Personal data, sealed.
    pub sealed: Vec<u8>,
}

impl Record {
    /// An empty record.
    pub fn new(account: &str, kind: &str, id: impl Into<String>) -> Self {
        Self {
            account: account.to_owned(),
            kind: kind.to_owned(),
            id: id.into(),
            version: 0,
            state: String::new(),
            subjects: Vec::new(),
            group: None,
            queue: None,
            due_at: None,
            expires_at: None,
            retention: String::new(),
            tokens: Vec::new(),
            clear: "{}".to_owned(),
            sealed: Vec::new(),
        }
    }
    /// The record's name.
    pub fn key(&self) -> Key {
        Key { account: self.account.clone(), kind: self.kind.clone(), id: self.id.clone() }
    }
}

/// A change to a record that leaves most of it as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// Which record.
    pub key: Key,
    /// The version it must have.
    pub version: i64,
    /// Its new state.
    pub state: String,
    /// Its new queue, or none.
    pub queue: Option<String>,
    /// Its new due time, or none.
    pub due_at: Option<Timestamp>,
    /// New clear fields; `None` keeps them.
    pub clear: Option<String>,
    /// New sealed bytes; `None` keeps them.
    pub sealed: Option<Vec<u8>>,
    /// New tokens in place of all present ones; `None` keeps them.
    pub tokens: Option<Vec<Token>>,
}

/// One step of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Write {
    /// A new record.
    Insert {
        /// The record.
        record: Record,
    },
    /// A whole record in place of the one at `version`.
    Replace {
        /// The record.
        record: Record,
        /// The version that must be stored.
        version: i64,
    },
    /// A whole record, whatever was there.
    Put {
        /// The record.
        record: Record,
    },
    /// A new record at the end of its kind; the storage gives the id.
    Append {
        /// The record; its `id` is ignored.
        record: Record,
    },
    /// A small change.
    Change {
        /// What changes.
        patch: Patch,
    },
    /// The end of a record.
    Delete {
        /// Which record.
        key: Key,
        /// The version that must be stored.
        version: i64,
    },
    /// Nothing but the condition that the record is at `version` (0: absent).
    Check {
        /// Which record.
        key: Key,
        /// The version that must be stored.
        version: i64,
    },
}

/// Steps that take effect together or not at all.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Batch {
    /// The steps, applied in order.
    pub writes: Vec<Write>,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Committed {
    /// All of it is stored.
    Done {
        /// The ids given to its `Append` steps, in order.
        appended: Vec<String>,
    },
    /// None of it is stored: `write` is the index of the step that did not fit.
    Conflict {
        /// Index into the batch's writes.
        write: i32,
        /// `exists`, `version` or `token:<name>`.
        reason: String,
    },
}

/// The declared ways to find records; nothing else is searched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Index {
    /// Every record of the kind, by id.
    Id {},
    /// Those that hold a token, by id.
    Token {
        /// The token's name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Those of a group, by id.
    Group {
        /// The group.
        group: String,
    },
    /// Those that concern a person, by kind and id. The query's `kind` may be empty: all kinds.
    Subject {
        /// The person's id.
        person: String,
    },
    /// Those waiting in a queue and due by `until`, by due time and id.
    Due {
        /// The queue.
        queue: String,
        /// The latest due time.
        until: Timestamp,
    },
    /// Those whose `expires_at` is not after `until`, by that time, kind and id. The query's
    /// `kind` may be empty: all kinds.
    Expired {
        /// The latest expiry.
        until: Timestamp,
    },
}

/// One page by one index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// The account.
    pub account: String,
    /// The kind, or empty where the index allows it.
    pub kind: String,
    /// By what.
    pub index: Index,
    /// Only records in this state.
    pub state: Option<String>,
    /// The cursor of the page before.
    pub after: Option<String>,
    /// At most this many, 1 to 10,000.
    pub limit: i32,
    /// Whether the order is turned round.
    pub descending: bool,
}

/// Some records and where to go on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// The cursor for the next page, if there is one. Opaque.
    pub next: Option<String>,
}

/// Work to take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// The account.
    pub account: String,
    /// The kind.
    pub kind: String,
    /// The queue to take from.
    pub queue: String,
    /// The state a record must be in.
    pub state: String,
    /// The present moment: `due_at` must not be after it.
    pub now: Timestamp,
    /// At most this many, 1 to 10,000.
    pub limit: i32,
    /// The state of a taken record.
    pub new_state: String,
    /// The queue of a taken record.
    pub new_queue: String,
    /// Its new due time: when the lease ends.
    pub lease_until: Timestamp,
}

/// What a storage found when it looked at itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Verification {
    /// How many records there are.
    pub records: i64,
    /// What is wrong, one sentence each, without personal data. Empty means sound.
    pub problems: Vec<String>,
}
