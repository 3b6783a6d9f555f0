//! Templates as they stand at WhatsApp: what a send is checked against.

use serde::{Deserialize, Serialize};

use super::fits::placeholders;
use crate::values::error::{Error, Result};

/// How WhatsApp classes a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateCategory {
    /// Promotion.
    Marketing,
    /// Tied to something the person did.
    Utility,
    /// One-time passwords.
    Authentication,
}

impl TemplateCategory {
    /// The stable code, as stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Utility => "utility",
            Self::Authentication => "authentication",
        }
    }
}

/// What stands above a template, or a card of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TemplateHeader {
    /// A text with at most one placeholder; at most 60 characters.
    Text {
        /// The text.
        text: String,
    },
    /// A picture, which every send names.
    Image {},
    /// A film, which every send names.
    Video {},
    /// A moving picture, which every send names. Marketing on `/marketing_messages` only.
    Gif {},
    /// A PDF, which every send names.
    Document {},
    /// A place, which every send names.
    Location {},
    /// A product, which every send names. On cards only.
    Product {},
}

/// A button of a template. What it says has at most 25 characters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ButtonDefinition {
    /// A quick reply. A send may give it a payload.
    QuickReply {
        /// What it says, and what comes back where no payload was given.
        text: String,
    },
    /// Opens an address. A send gives the end of it where there is a placeholder.
    Url {
        /// What it says.
        text: String,
        /// At most 2,000 characters, with at most one placeholder, at its end.
        url: String,
    },
    /// Calls a phone number.
    PhoneNumber {
        /// What it says.
        text: String,
        /// The number.
        number: String,
    },
    /// Copies a code of at most 15 letters and digits, which every send gives.
    CopyCode {},
    /// Hands a one-time password over: copied, or filled in by the app. Every send gives it, as the end of an address.
    OneTimePassword {},
    /// Opens a form. A send may give it a token and data.
    Flow {
        /// What it says.
        text: String,
    },
    /// Opens the catalog. A send may say which product's picture is shown.
    Catalog {
        /// What it says.
        text: String,
    },
    /// Offers products, which every send names (a multi-product message, `MPM`).
    Products {
        /// What it says.
        text: String,
    },
    /// Opens the card's own product (`SPM`).
    Product {
        /// What it says.
        text: String,
    },
    /// Calls the business. A send may say how long that works.
    VoiceCall {
        /// What it says.
        text: String,
    },
    /// Reviews and pays an order, which every send gives.
    OrderDetails {
        /// What it says.
        text: String,
    },
    /// A button that takes no value and that conek has no type for.
    Other {
        /// What it says.
        text: String,
    },
}

impl ButtonDefinition {
    /// What it says; empty where WhatsApp chooses the words.
    pub fn text(&self) -> &str {
        match self {
            Self::QuickReply { text }
            | Self::Url { text, .. }
            | Self::PhoneNumber { text, .. }
            | Self::Flow { text }
            | Self::Catalog { text }
            | Self::Products { text }
            | Self::Product { text }
            | Self::VoiceCall { text }
            | Self::OrderDetails { text }
            | Self::Other { text } => text,
            Self::CopyCode {} | Self::OneTimePassword {} => "",
        }
    }
}

/// A card of a template's carousel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardDefinition {
    /// A picture, a film or a product; the same on every card.
    pub header: TemplateHeader,
    /// At most 160 characters, with placeholders.
    pub body: Option<String>,
    /// At most two, of the same kinds on every card.
    #[serde(default)]
    pub buttons: Vec<ButtonDefinition>,
}

/// A limited-time offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfferDefinition {
    /// What is offered; at most 16 characters.
    pub text: String,
    /// Whether the phone counts down; then every send says when the offer ends.
    #[serde(default)]
    pub expires: bool,
}

/// A template as it stands at WhatsApp, kept here so that a send is checked before it leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// `[a-z0-9_]`, at most 512 characters.
    pub name: String,
    /// For example `en` or `pt_BR`.
    pub language: String,
    /// Its category.
    pub category: TemplateCategory,
    /// `APPROVED`, `PAUSED`, `DISABLED`, ...; only an approved one is sent.
    pub status: String,
    /// What stands above, where there is anything.
    pub header: Option<TemplateHeader>,
    /// The body with placeholders `{{1}}` or `{{name}}`, at most 1,024 characters.
    pub body: String,
    /// A footer, at most 60 characters.
    pub footer: Option<String>,
    /// At most ten buttons, in WhatsApp's order: a value names its button by its place.
    #[serde(default)]
    pub buttons: Vec<ButtonDefinition>,
    /// Two to ten cards, where the template has a carousel.
    #[serde(default)]
    pub cards: Vec<CardDefinition>,
    /// A limited-time offer, where there is one. Marketing only, and without a footer.
    pub offer: Option<OfferDefinition>,
    /// WhatsApp's id of it, once it was submitted or read from there.
    #[serde(default)]
    pub id: Option<String>,
    /// How people take it, as WhatsApp said last: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    #[serde(default)]
    pub quality: Option<String>,
    /// Why WhatsApp rejected it, where it did: for example `INVALID_FORMAT` or `TAG_CONTENT_MISMATCH`.
    #[serde(default)]
    pub rejected_reason: Option<String>,
}

impl Template {
    /// An approved template with a body and nothing else.
    ///
    /// ```
    /// use conek_core::messaging::{Template, TemplateCategory};
    /// let template = Template {
    ///     footer: Some("Reply STOP to opt out".into()),
    ///     ..Template::new("spring_offer", "en", TemplateCategory::Marketing, "Hello {{1}}, spring is here.")
    /// };
    /// # let _ = template;
    /// ```
    pub fn new(
        name: impl Into<String>,
        language: impl Into<String>,
        category: TemplateCategory,
        body: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            language: language.into(),
            category,
            status: "APPROVED".to_owned(),
            header: None,
            body: body.into(),
            footer: None,
            buttons: Vec::new(),
            cards: Vec::new(),
            offer: None,
            id: None,
            quality: None,
            rejected_reason: None,
        }
    }
}

fn wrong<T>(field: impl Into<String>, detail: impl Into<String>) -> Result<T> {
    Err(Error::invalid(field, detail))
}

fn within(field: &str, text: &str, most: usize) -> Result<()> {
    if text.trim().is_empty() {
        return wrong(field, "must not be empty");
    }
    if text.chars().count() > most {
        return wrong(field, format!("must have at most {most} characters"));
    }
    Ok(())
}

/// A text whose placeholders are all numbers or all names, and at most so many.
fn with_placeholders(field: &str, text: &str, most: usize, values: usize) -> Result<()> {
    within(field, text, most)?;
    let found = placeholders(text);
    if found.len() > values {
        return wrong(field, format!("must have at most {values} placeholders"));
    }
    let numbers = found.iter().filter(|name| name.parse::<u32>().is_ok()).count();
    if numbers != 0 && numbers != found.len() {
        return wrong(field, "must number its placeholders or name them, not both");
    }
    Ok(())
}

/// Refuses a name that WhatsApp would not take.
pub(super) fn check_name(name: &str) -> Result<()> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    match !name.is_empty() && name.len() <= 512 && name.bytes().all(plain) {
        true => Ok(()),
        false => wrong("name", "must be 1 to 512 of a-z, 0-9 and _"),
    }
}

/// Refuses a template that WhatsApp would not take.
pub(crate) fn check(template: &Template) -> Result<()> {
    check_name(&template.name)?;
    if template.language.trim().is_empty() {
        return wrong("language", "must not be empty");
    }
    let marketing = template.category == TemplateCategory::Marketing;
    match &template.header {
        Some(TemplateHeader::Text { text }) => with_placeholders("header", text, 60, 1)?,
        Some(TemplateHeader::Product {}) => {
            return wrong("header", "must not be a product: products stand on cards");
        }
        Some(TemplateHeader::Gif {}) if !marketing => {
            return wrong("header", "is for marketing templates only");
        }
        _ => {}
    }
    with_placeholders("body", &template.body, 1024, usize::MAX)?;
    template.footer.as_deref().map_or(Ok(()), |footer| within("footer", footer, 60))?;
    check_buttons("buttons", &template.buttons, 10)?;
    check_cards(&template.cards)?;
    if let Some(offer) = &template.offer {
        within("offer.text", &offer.text, 16)?;
        if !marketing || template.footer.is_some() {
            return wrong("offer", "is for marketing templates without a footer only");
        }
    }
    Ok(())
}

fn check_buttons(at: &str, buttons: &[ButtonDefinition], most: usize) -> Result<()> {
    if buttons.len() > most {
        return wrong(at, format!("must be at most {most}"));
    }
    for (i, button) in buttons.iter().enumerate() {
        if !matches!(button, ButtonDefinition::CopyCode {} | ButtonDefinition::OneTimePassword {}) {
            within(&format!("{at}[{i}].text"), button.text(), 25)?;
        }
        match button {
            ButtonDefinition::Url { url, .. } => {
                let field = format!("{at}[{i}].url");
                with_placeholders(&field, url, 2000, 1)?;
                if url.contains("{{") && !url.ends_with("}}") {
                    return wrong(field, "must have its placeholder at the end");
                }
            }
            ButtonDefinition::PhoneNumber { number, .. } => within(&format!("{at}[{i}].number"), number, 20)?,
            _ => {}
        }
    }
    Ok(())
}

fn check_cards(cards: &[CardDefinition]) -> Result<()> {
    if cards.len() == 1 || cards.len() > 10 {
        return wrong("cards", "must be two to ten, or none");
    }
    let kinds =
        |card: &CardDefinition| -> Vec<_> { card.buttons.iter().map(std::mem::discriminant).collect() };
    for (i, card) in cards.iter().enumerate() {
        let shown = matches!(
            card.header,
            TemplateHeader::Image {} | TemplateHeader::Video {} | TemplateHeader::Product {}
        );
        if !shown {
            return wrong(format!("cards[{i}].header"), "must be an image, a video or a product");
        }
        if let Some(body) = &card.body {
            with_placeholders(&format!("cards[{i}].body"), body, 160, usize::MAX)?;
        }
        check_buttons(&format!("cards[{i}].buttons"), &card.buttons, 2)?;
        if card.header != cards[0].header || kinds(card) != kinds(&cards[0]) {
            return wrong(format!("cards[{i}]"), "must be like the first card: the same header and buttons");
        }
    }
    Ok(())
}
