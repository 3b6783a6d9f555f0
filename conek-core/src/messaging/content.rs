//! What a message says and to whom: the words a host composes in.

use serde::{Deserialize, Serialize};

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

/// Where a picture or file comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Media {
    /// Uploaded before with `media.upload`; lives 30 days.
    Id {
        /// WhatsApp's media id.
        id: String,
    },
    /// Fetched by WhatsApp from a public HTTPS address.
    Link {
        /// The address.
        url: String,
    },
}

/// What stands above an interactive message.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Header {
    /// At most 60 characters.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    Image {
        /// The picture.
        media: Media,
    },
    /// A document.
    Document {
        /// The document.
        media: Media,
        /// Its name on the phone.
        filename: Option<String>,
    },
}

/// A quick reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Button {
    /// Comes back when it is tapped; at most 256 characters.
    pub id: String,
    /// What the button says; at most 20 characters.
    pub title: String,
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListRow {
    /// Comes back when it is chosen; at most 200 characters.
    pub id: String,
    /// At most 24 characters.
    pub title: String,
    /// At most 72 characters.
    pub description: Option<String>,
}

/// A titled group of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListSection {
    /// At most 24 characters.
    pub title: String,
    /// At most 10 rows in all sections together.
    pub rows: Vec<ListRow>,
}

/// A value for a template's placeholder.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The placeholder's name; empty for numbered placeholders, which are filled in order.
    pub name: String,
    /// The text.
    pub text: String,
}

/// A value for a template's button.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateButton {
    /// The button's place in the template, from 0.
    pub index: i32,
    /// `quick_reply` or `url`.
    pub kind: String,
    /// The payload of a quick reply, or the end of the address.
    pub value: String,
}

/// What a message says.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Free text, at most 4,096 characters. Only within 24 hours of the person's last message.
    Text {
        /// The text.
        body: String,
        /// Whether WhatsApp shows a preview of the first link.
        preview_url: bool,
    },
    /// An approved template.
    Template {
        /// Its name.
        name: String,
        /// Its language, for example `en` or `pt_BR`.
        language: String,
        /// The header, where the template has one that takes a value.
        header: Option<Header>,
        /// The body's placeholders.
        body: Vec<Parameter>,
        /// The buttons that take a value.
        buttons: Vec<TemplateButton>,
    },
    /// A picture: JPEG or PNG, at most 5 MB.
    Image {
        /// The picture.
        media: Media,
        /// At most 1,024 characters.
        caption: Option<String>,
    },
    /// A file, at most 100 MB.
    Document {
        /// The file.
        media: Media,
        /// At most 1,024 characters.
        caption: Option<String>,
        /// Its name on the phone.
        filename: Option<String>,
    },
    /// Text with one to three quick replies.
    Buttons {
        /// At most 1,024 characters.
        body: String,
        /// What stands above.
        header: Option<Header>,
        /// At most 60 characters.
        footer: Option<String>,
        /// One to three, with different ids and titles.
        buttons: Vec<Button>,
    },
    /// Text with a list to choose from.
    List {
        /// At most 1,024 characters (Meta allows 4,096 in lists on some versions; conek keeps the lower).
        body: String,
        /// At most 60 characters.
        header: Option<String>,
        /// At most 60 characters.
        footer: Option<String>,
        /// What opens the list; at most 20 characters.
        button: String,
        /// One to ten sections with at most ten rows in all.
        sections: Vec<ListSection>,
    },
    /// An emoji on a message; an empty one takes it back.
    Reaction {
        /// WhatsApp's id of the message.
        message_id: String,
        /// The emoji, or empty.
        emoji: String,
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

quiet_debug! { Recipient {} Header {} Parameter { name } TemplateButton { index, kind } Content {} Draft { purpose, sender, not_before } }
