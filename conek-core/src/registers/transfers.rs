//! Where personal data go: the transfers to other countries, each with what it rests on.

use serde::{Deserialize, Serialize};

use crate::{
    engine::Inner,
    policy::{TransferDecision, TransferFacts, transfers},
    storage::{Index, Record, Write},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
    vault::Sealed,
};

/// The kind of an entry.
const KIND: &str = "transfer";

/// A transfer to enter. What rests on nothing that holds today cannot be entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewTransfer {
    /// Who gets the data there.
    pub recipient: String,
    /// What is known of it.
    pub facts: TransferFacts,
    /// Which kinds of data.
    pub categories: Vec<String>,
    /// Where the assessment of the country's law is kept.
    pub assessment: Option<String>,
    /// When it wants to be looked at again.
    pub review_by: Option<Timestamp>,
}

/// An entry of the register of transfers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transfer {
    /// Its id.
    pub id: String,
    /// Who gets the data there.
    pub recipient: String,
    /// What is known of it.
    pub facts: TransferFacts,
    /// Which kinds of data.
    pub categories: Vec<String>,
    /// Where the assessment of the country's law is kept.
    pub assessment: Option<String>,
    /// When it wants to be looked at again.
    pub review_by: Option<Timestamp>,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// Whether it may go on today: mechanisms come and go.
    pub decision: TransferDecision,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    new: NewTransfer,
    entered_at: Timestamp,
}

impl Inner {
    pub(super) async fn enter_transfer(&self, new: NewTransfer) -> Result<Transfer> {
        if new.recipient.trim().is_empty() {
            return Err(Error::invalid("recipient", "must name who gets the data"));
        }
        let now = self.clock.now();
        let decision = transfers::decide(&new.facts, now);
        if let TransferDecision::Deny { reasons } = decision {
            return Err(Error::Denied {
                id: String::new(),
                detail: reasons.iter().map(|r| r.text.as_str()).collect::<Vec<_>>().join("; "),
                reasons: reasons.into_iter().map(|r| r.code).collect(),
            });
        }
        let id = self.new_id()?;
        let mut record = Record::new(&self.account, KIND, id.clone());
        record.retention = "account".to_owned();
        let kept = Kept { new, entered_at: now };
        record.sealed = self.vault.seal(Sealed { person: "", kind: KIND, id: &id }, &kept)?;
        self.commit_all(vec![Write::Insert { record }], "transfer").await?;
        Ok(view(id, kept, now))
    }

    /// Every transfer, as it stands at this moment.
    pub(crate) async fn transfers(&self) -> Result<Vec<Transfer>> {
        let now = self.clock.now();
        let records = self.find_all(self.query(KIND, Index::Id {}, 1000)).await?;
        let open = |r: Record| {
            let kept = self.vault.open_sealed(Sealed { person: "", kind: KIND, id: &r.id }, &r.sealed)?;
            Ok(view(r.id, kept, now))
        };
        records.into_iter().map(open).collect()
    }
}

fn view(id: String, kept: Kept, now: Timestamp) -> Transfer {
    let Kept { new, entered_at } = kept;
    Transfer {
        id,
        decision: transfers::decide(&new.facts, now),
        recipient: new.recipient,
        facts: new.facts,
        categories: new.categories,
        assessment: new.assessment,
        review_by: new.review_by,
        entered_at,
    }
}
