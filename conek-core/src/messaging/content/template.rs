//! Values for an approved template.

use serde::{Deserialize, Serialize};

use super::{
    commerce::{Order, ProductSection},
    parts::Header,
};
use crate::values::quiet::quiet_debug;

/// How a placeholder's value is written, where it is more than text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ParameterFormat {
    /// As an amount of money, which the phone may write in its own way; the text stands in for it.
    Currency {
        /// Three letters (ISO 4217).
        code: String,
        /// In thousandths: 12.50 is 12,500.
        thousandths: i64,
    },
    /// As a moment. WhatsApp shows the text.
    DateTime {},
}

/// A value for a template's placeholder.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The placeholder's name; empty for numbered placeholders, which are filled in order.
    pub name: String,
    /// The text: at most 1,024 characters, or 32,768 where it is the only value.
    pub text: String,
    /// How it is written; `None` is as it stands.
    pub format: Option<ParameterFormat>,
}

impl Parameter {
    /// The value of the next numbered placeholder.
    pub fn text(text: impl Into<String>) -> Self {
        Self::named("", text)
    }
    /// The value of a named placeholder.
    pub fn named(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), format: None }
    }
}

/// A value for a template's button. Buttons that take no value are left out.
#[allow(
    clippy::large_enum_variant,
    reason = "a box would show in every language; a template has few buttons"
)]
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "ten at most, and a box does not cross into every language")]
pub enum TemplateButton {
    /// What comes back when a quick reply is tapped.
    QuickReply {
        /// The button's place in the template, from 0.
        index: i32,
        /// At most 256 characters.
        payload: String,
    },
    /// The end of an address; of a button for a one-time password, the code.
    Url {
        /// The button's place in the template, from 0.
        index: i32,
        /// The whole address has at most 2,000 characters, a one-time password at most 15.
        suffix: String,
    },
    /// The code that is copied.
    CopyCode {
        /// The button's place in the template, from 0.
        index: i32,
        /// 1 to 15 letters and digits.
        code: String,
    },
    /// What a form is given.
    Flow {
        /// The button's place in the template, from 0.
        index: i32,
        /// Comes back with the answers; `unused` if missing.
        token: Option<String>,
        /// What the first screen is given: a JSON object as text.
        data: Option<String>,
    },
    /// Which product's picture stands for the catalog; the first one's without it.
    Catalog {
        /// The button's place in the template, from 0.
        index: i32,
        /// The product's id in the catalog.
        thumbnail: Option<String>,
    },
    /// Which products are offered.
    Products {
        /// The button's place in the template, from 0.
        index: i32,
        /// The product whose picture is shown.
        thumbnail: String,
        /// One to ten sections with at most 30 products in all.
        sections: Vec<ProductSection>,
    },
    /// How long a button that calls the business works, and what comes back with the call.
    VoiceCall {
        /// The button's place in the template, from 0.
        index: i32,
        /// Minutes, 1 to 43,200; 10,080 (7 days) if missing.
        ttl_minutes: Option<i32>,
        /// At most 512 characters.
        payload: Option<String>,
    },
    /// The order that is to be paid.
    OrderDetails {
        /// The button's place in the template, from 0.
        index: i32,
        /// The order.
        order: Order,
    },
}

impl TemplateButton {
    /// The button's place in the template.
    pub fn index(&self) -> i32 {
        match self {
            Self::QuickReply { index, .. }
            | Self::Url { index, .. }
            | Self::CopyCode { index, .. }
            | Self::Flow { index, .. }
            | Self::Catalog { index, .. }
            | Self::Products { index, .. }
            | Self::VoiceCall { index, .. }
            | Self::OrderDetails { index, .. } => *index,
        }
    }
    /// What kind of button takes this value.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::QuickReply { .. } => "quick_reply",
            Self::Url { .. } => "url",
            Self::CopyCode { .. } => "copy_code",
            Self::Flow { .. } => "flow",
            Self::Catalog { .. } => "catalog",
            Self::Products { .. } => "products",
            Self::VoiceCall { .. } => "voice_call",
            Self::OrderDetails { .. } => "order_details",
        }
    }
}

/// The values of one card of a template's carousel.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateCard {
    /// A picture, a film or a product, as the template's cards have it.
    pub header: Header,
    /// The placeholders of the card's text.
    #[serde(default)]
    pub body: Vec<Parameter>,
    /// The buttons that take a value.
    #[serde(default)]
    pub buttons: Vec<TemplateButton>,
}

impl std::fmt::Debug for TemplateButton {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct(self.kind()).field("index", &self.index()).finish_non_exhaustive()
    }
}

quiet_debug! { Parameter { name } TemplateCard {} }
