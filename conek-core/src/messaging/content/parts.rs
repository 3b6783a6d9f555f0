//! What several kinds of message have in common: files, headers, buttons, lists, places.

use serde::{Deserialize, Serialize};

use crate::values::quiet::quiet_debug;

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

impl Media {
    /// A file that was uploaded before.
    pub fn id(id: impl Into<String>) -> Self {
        Self::Id { id: id.into() }
    }
    /// A file at a public HTTPS address.
    pub fn link(url: impl Into<String>) -> Self {
        Self::Link { url: url.into() }
    }
}

/// A place on the map.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Degrees north, from -90 to 90.
    pub latitude: f64,
    /// Degrees east, from -180 to 180.
    pub longitude: f64,
    /// What it is called; at most 1,024 characters.
    pub name: Option<String>,
    /// Its address, which is shown under its name only; at most 1,024 characters.
    pub address: Option<String>,
}

/// What stands above a message: of an interactive one, of a template, or of a template's card.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Header {
    /// At most 60 characters. In a template: the value of the header's numbered placeholder.
    Text {
        /// The text.
        text: String,
    },
    /// The value of the named placeholder in a template's header. Templates only.
    NamedText {
        /// The placeholder's name.
        name: String,
        /// The text.
        text: String,
    },
    /// A picture: JPEG or PNG, at most 5 MB.
    Image {
        /// The picture.
        media: Media,
    },
    /// A film: MP4 or 3GP, at most 16 MB.
    Video {
        /// The film.
        media: Media,
    },
    /// A moving picture: MP4, at most 3.5 MB. Marketing templates on `/marketing_messages` only.
    Gif {
        /// The moving picture.
        media: Media,
    },
    /// A document, at most 100 MB; in a template a PDF.
    Document {
        /// The document.
        media: Media,
        /// Its name on the phone.
        filename: Option<String>,
    },
    /// A place. Templates only.
    Location {
        /// The place.
        place: Place,
    },
    /// A product of a catalog. Cards of a template only.
    Product {
        /// Meta's id of the catalog.
        catalog_id: String,
        /// The product's id in the catalog.
        product_id: String,
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

/// What a card of a carousel does when it is tapped. All cards of one carousel do the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CardAction {
    /// Opens an address.
    Url {
        /// What the button says; at most 20 characters.
        button: String,
        /// The address, at most 2,000 characters.
        url: String,
    },
    /// One to three quick replies, as many on each card.
    Replies {
        /// The replies.
        buttons: Vec<Button>,
    },
}

/// A card of a media carousel.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CarouselCard {
    /// A picture or a film; the same kind on every card.
    pub header: Header,
    /// At most 160 characters with at most two line breaks.
    pub body: Option<String>,
    /// What happens when it is tapped.
    pub action: CardAction,
}

/// Which form a message opens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FlowRef {
    /// By WhatsApp's id of the flow.
    Id {
        /// The id.
        id: String,
    },
    /// By the name that the account gave it.
    Name {
        /// The name.
        name: String,
    },
}

/// How a form begins.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FlowStart {
    /// At the first screen that the flow itself names.
    First {},
    /// At this screen.
    Screen {
        /// The screen's id.
        screen: String,
        /// What the screen is given: a JSON object with at least one key, as text.
        data: Option<String>,
    },
    /// The flow's endpoint is asked for the first screen.
    Exchange {},
}

quiet_debug! { Place {} Header {} CarouselCard {} FlowStart {} }
