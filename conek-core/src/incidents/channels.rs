//! By what way somebody is told so that the law counts it (POPIA s22(4), GDPR 34). WhatsApp is on no list: it comes
//! on top of a way that is.

use serde::{Deserialize, Serialize};

use super::deadlines::BreachAudience;

/// By what way a letter went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachChannel {
    /// To the last known physical or postal address (POPIA s22(4)(a)).
    Post,
    /// To the last known e-mail address (POPIA s22(4)(b)), in a message about nothing else.
    Email,
    /// In a prominent place on the responsible party's website (POPIA s22(4)(c)).
    Website,
    /// In the news media (POPIA s22(4)(d)).
    NewsMedia,
    /// As the authority directed (POPIA s22(4)(e)).
    AsDirected,
    /// The authority's own form; in South Africa the Regulator's eServices portal, and nothing else since 1 April 2025.
    Portal,
    /// A text message about nothing else.
    Sms,
    /// WhatsApp: only in addition.
    Whatsapp,
    /// By phone: only in addition, for it is not in writing.
    Phone,
}

/// Whether somebody counts as told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelVerdict {
    /// Whether they do.
    pub accepted: bool,
    /// The ways that count.
    pub by: Vec<BreachChannel>,
    /// The ways that are welcome and do not count.
    pub in_addition: Vec<BreachChannel>,
    /// The ways that would count, the best first.
    pub would_count: Vec<BreachChannel>,
    /// Where that is written.
    pub provision: String,
}

impl BreachChannel {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Post,
        Self::Email,
        Self::Website,
        Self::NewsMedia,
        Self::AsDirected,
        Self::Portal,
        Self::Sms,
        Self::Whatsapp,
        Self::Phone,
    ];

    pub(super) fn counts(self, to: BreachAudience, disproportionate: bool) -> bool {
        would_count(to, disproportionate).0.contains(&self)
    }
}

fn would_count(to: BreachAudience, disproportionate: bool) -> (&'static [BreachChannel], &'static str) {
    use BreachChannel::*;
    match to {
        BreachAudience::ResponsibleParty => (
            &[Email, Portal, Post, AsDirected],
            "POPIA s21(2); GDPR art 33(2): no way is named; it must be provable",
        ),
        BreachAudience::AuthorityEu => (
            &[Portal, Email, Post, AsDirected],
            "GDPR art 33(1): no way is named; authorities have their own forms",
        ),
        BreachAudience::RegulatorZa => {
            (&[Portal, AsDirected], "Information Regulator: only the eServices portal, since 1 April 2025")
        }
        BreachAudience::SubjectEu if disproportionate => (
            &[Email, Post, Sms, AsDirected, Website, NewsMedia],
            "GDPR art 34(3)(c): in public, where telling each would be a disproportionate effort",
        ),
        BreachAudience::SubjectEu => {
            (&[Email, Post, Sms, AsDirected], "GDPR art 34(1): to each person, in a message of its own")
        }
        BreachAudience::SubjectZa => {
            (&[Email, Post, Website, NewsMedia, AsDirected], "POPIA s22(4): in writing, in one of five ways")
        }
        // The promise names no way. Whatever a law counts is counted; the laws' own duties stand beside it.
        BreachAudience::SubjectPromise => (
            &[Email, Post, Sms, Website, NewsMedia, AsDirected],
            "the account's promise; POPIA s22(4); GDPR art 34",
        ),
    }
}

/// Whether somebody who was told in these ways counts as told. `disproportionate`: telling each person would be a
/// disproportionate effort, and that is documented (GDPR 34(3)(c)).
pub fn accepted(to: BreachAudience, channels: &[BreachChannel], disproportionate: bool) -> ChannelVerdict {
    let (ways, provision) = would_count(to, disproportionate);
    let mut used = channels.to_vec();
    used.sort_unstable();
    used.dedup();
    let (by, in_addition): (Vec<_>, Vec<_>) = used.into_iter().partition(|c| ways.contains(c));
    ChannelVerdict {
        accepted: !by.is_empty(),
        by,
        in_addition,
        would_count: ways.to_vec(),
        provision: provision.to_owned(),
    }
}

#[cfg(test)]
mod tests;
