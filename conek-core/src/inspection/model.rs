//! What a look at the store found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::audit::AuditReport;

/// Something that is wrong. It names records by id, and nobody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StoreProblem {
    /// Which check found it: `structure`, `audit`, `clock`, `journal`, `seal`, `key`, `index`, `suppression`,
    /// `consent`, `state`, `attempt`, `orphan`.
    pub check: String,
    /// The kind of record; empty where it is about the whole store.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What is wrong, in words.
    pub text: String,
    /// Whether it can be derived anew.
    pub repairable: bool,
    /// Whether it was.
    pub repaired: bool,
}

/// What a look at the store found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StoreReport {
    /// Whether nothing is wrong, or everything that was is mended.
    pub sound: bool,
    /// Whether every record was opened and compared.
    pub deep: bool,
    /// How many records there are, by kind; only of a deep look.
    pub records: BTreeMap<String, i64>,
    /// What is wrong: the first 1,000 things.
    pub problems: Vec<StoreProblem>,
    /// How many more.
    pub more: i64,
    /// What the audit log's chain says.
    pub audit: AuditReport,
}

/// Problems that are named, at most.
const NAMED: usize = 1000;

impl StoreReport {
    pub(super) fn say(&mut self, problem: StoreProblem) {
        if self.problems.len() < NAMED {
            self.problems.push(problem);
        } else {
            self.more += 1;
        }
    }
}
