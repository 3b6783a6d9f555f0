//! What a message may have beside what it must have.

use std::borrow::Cow;

use super::{Content, Header, Parameter, TemplateButton, TemplateCard};
use crate::{
    transport::whatsapp::validate,
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

fn impossible(field: &str) -> Error {
    Error::invalid(field, "is nothing that this kind of message has")
}

impl Content {
    /// The content, if WhatsApp takes it as far as that can be known without asking it.
    ///
    /// # Errors
    /// `invalid_input`, with the name of the field.
    pub fn checked(self) -> Result<Self> {
        validate(&self)?;
        Ok(self)
    }

    /// The same with a text under the picture, film or file.
    ///
    /// # Errors
    /// `invalid_input` for more than 1,024 characters, and for a kind without a caption.
    pub fn with_caption(mut self, text: impl Into<String>) -> Result<Self> {
        match &mut self {
            Self::Image { caption, .. } | Self::Video { caption, .. } | Self::Document { caption, .. } => {
                *caption = Some(text.into());
            }
            _ => return Err(impossible("caption")),
        }
        self.checked()
    }

    /// The same with something above. Of a list, this is a text.
    ///
    /// # Errors
    /// `invalid_input` for a kind of header that this kind of message cannot have.
    pub fn with_header(mut self, above: Header) -> Result<Self> {
        match (&mut self, above) {
            (
                Self::Template { header, .. }
                | Self::Buttons { header, .. }
                | Self::UrlButton { header, .. }
                | Self::Flow { header, .. }
                | Self::OrderDetails { header, .. },
                above,
            ) => *header = Some(above),
            (Self::List { header, .. }, Header::Text { text }) => *header = Some(text),
            _ => return Err(impossible("header")),
        }
        self.checked()
    }

    /// The same with a small text below.
    ///
    /// # Errors
    /// `invalid_input` for more than 60 characters, and for a kind without a footer.
    pub fn with_footer(mut self, text: impl Into<String>) -> Result<Self> {
        match &mut self {
            Self::Buttons { footer, .. }
            | Self::List { footer, .. }
            | Self::UrlButton { footer, .. }
            | Self::Flow { footer, .. }
            | Self::Product { footer, .. }
            | Self::ProductList { footer, .. }
            | Self::Catalog { footer, .. }
            | Self::AddressRequest { footer, .. }
            | Self::OrderDetails { footer, .. }
            | Self::OrderStatus { footer, .. } => *footer = Some(text.into()),
            _ => return Err(impossible("footer")),
        }
        self.checked()
    }

    /// The same template with the values of its numbered placeholders, in order.
    ///
    /// # Errors
    /// `invalid_input` for a value that is empty or too long.
    pub fn with_values<T: Into<String>>(self, values: impl IntoIterator<Item = T>) -> Result<Self> {
        self.with_parameters(values.into_iter().map(Parameter::text).collect())
    }

    /// The same template with the values of its named placeholders.
    ///
    /// ```
    /// use conek_core::Content;
    /// assert!(Content::template("order_sent", "en")?.with_named([("first_name", "Thandi")]).is_ok());
    /// # Ok::<(), conek_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a value that is empty or too long, and for a name that stands there twice.
    pub fn with_named<N: Into<String>, T: Into<String>>(
        self,
        values: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self> {
        self.with_parameters(values.into_iter().map(|(name, text)| Parameter::named(name, text)).collect())
    }

    fn with_parameters(mut self, values: Vec<Parameter>) -> Result<Self> {
        match &mut self {
            Self::Template { body, .. } => *body = values,
            _ => return Err(impossible("body")),
        }
        self.checked()
    }

    /// The same template with the value of one more button.
    ///
    /// # Errors
    /// `invalid_input` for a place that has a value already, and for a value that is too long.
    pub fn with_button(mut self, button: TemplateButton) -> Result<Self> {
        match &mut self {
            Self::Template { buttons, .. } => buttons.push(button),
            _ => return Err(impossible("buttons")),
        }
        self.checked()
    }

    /// The same template with the values of its cards, all of them in order.
    ///
    /// ```
    /// use conek_core::{Content, messaging::{Header, Media, TemplateCard}};
    /// let card = |id: &str| TemplateCard { header: Header::Image { media: Media::id(id) }, body: vec![], buttons: vec![] };
    /// assert!(Content::template("beans", "en")?.with_cards(vec![card("1"), card("2")]).is_ok());
    /// # Ok::<(), conek_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for other than two to ten cards, and for what does not fit on one.
    pub fn with_cards(mut self, all: Vec<TemplateCard>) -> Result<Self> {
        match &mut self {
            Self::Template { cards, .. } => *cards = all,
            _ => return Err(impossible("cards")),
        }
        self.checked()
    }

    /// The same template with the end of its limited-time offer.
    ///
    /// # Errors
    /// `invalid_input` for anything but a template.
    pub fn with_offer_end(mut self, at: Timestamp) -> Result<Self> {
        match &mut self {
            Self::Template { offer_ends_at, .. } => *offer_ends_at = Some(at),
            _ => return Err(impossible("offer_ends_at")),
        }
        self.checked()
    }

    /// Name and language of the template that this is, also of one that is given raw.
    pub(crate) fn template_named(&self) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
        match self {
            Self::Template { name, language, .. } => Some((name.into(), language.into())),
            Self::Raw { kind, payload } if kind == "template" => {
                let value: serde_json::Value = serde_json::from_str(payload).ok()?;
                let text =
                    |value: &serde_json::Value| Cow::Owned(value.as_str().unwrap_or_default().to_owned());
                Some((text(&value["name"]), text(&value["language"]["code"])))
            }
            _ => None,
        }
    }
}
