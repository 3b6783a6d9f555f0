//! A message before the gate: to whom, why, and when.

use serde::{Deserialize, Serialize};

use super::Content;
use crate::values::{ids::PersonId, quiet::quiet_debug, time::Timestamp};

/// Why a message is sent. The law asks for a purpose, and the purpose decides what the gate demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Promoting goods or services. Needs consent or the customer exception (POPIA s69, ePrivacy 13).
    /// What says nothing of its purpose counts as this, the strictest.
    #[default]
    Marketing,
    /// Asking for consent, once per person (POPIA s69(2)).
    ConsentRequest,
    /// The one confirmation that an opt-out was heard.
    OptOutConfirmation,
    /// What a contract needs: orders, deliveries, payments.
    Transactional,
    /// One-time passwords.
    Authentication,
    /// Answers to a person who wrote.
    Support,
    /// What the law makes the account say: policy changes, breaches.
    LegalNotice,
    /// Surveys and requests for feedback.
    Feedback,
}

impl Purpose {
    /// The stable code, as stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::ConsentRequest => "consent_request",
            Self::OptOutConfirmation => "opt_out_confirmation",
            Self::Transactional => "transactional",
            Self::Authentication => "authentication",
            Self::Support => "support",
            Self::LegalNotice => "legal_notice",
            Self::Feedback => "feedback",
        }
    }
    /// Every purpose.
    pub const ALL: [Self; 8] = [
        Self::Marketing,
        Self::ConsentRequest,
        Self::OptOutConfirmation,
        Self::Transactional,
        Self::Authentication,
        Self::Support,
        Self::LegalNotice,
        Self::Feedback,
    ];
    /// The purpose of a stored code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.code() == code)
    }
    /// Whether it is direct marketing in the law's sense: also the request for consent is.
    pub fn is_direct_marketing(self) -> bool {
        matches!(self, Self::Marketing | Self::ConsentRequest | Self::Feedback)
    }
}

/// To whom.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Recipient {
    /// A contact by its id.
    Person {
        /// The contact's id.
        id: PersonId,
    },
    /// A phone number, written in any way; without a country code the account's region is assumed.
    Phone {
        /// The number.
        number: String,
    },
    /// A business-scoped user id, `CC.<alphanumeric>`.
    Bsuid {
        /// The id.
        id: String,
    },
}

/// A message before the gate.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// To whom.
    pub to: Recipient,
    /// What.
    pub content: Content,
    /// Why.
    pub purpose: Purpose,
    /// From which phone number id; `None` is the account's first.
    pub sender: Option<String>,
    /// WhatsApp's id of the message that this one answers.
    pub reply_to: Option<String>,
    /// Not before this moment.
    pub not_before: Option<Timestamp>,
    /// Not after this moment; `None` is the account's default.
    pub expires_at: Option<Timestamp>,
    /// The host's own name for this message: a second `send` with the same key is the same message.
    pub dedupe_key: Option<String>,
    /// What it promotes, in the account's own words. Marketing to customers without consent needs it: it
    /// must be similar to what they bought (POPIA s69(3)(b)); and consent may be limited to some goods.
    pub goods: Option<String>,
}

impl Draft {
    /// A message now, from the account's first number.
    pub fn new(to: Recipient, content: Content, purpose: Purpose) -> Self {
        Self {
            to,
            content,
            purpose,
            sender: None,
            reply_to: None,
            not_before: None,
            expires_at: None,
            dedupe_key: None,
            goods: None,
        }
    }
}

quiet_debug! { Recipient {} Draft { purpose, sender, not_before } }
