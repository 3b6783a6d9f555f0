//! What a message says and to whom: the words a host composes in.
#![doc = include_str!("../../docs/messages.md")]

mod build;
mod card;
mod commerce;
mod draft;
mod parts;
mod template;
mod with;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use card::{CardAddress, CardEmail, CardName, CardOrganisation, CardPhone, CardUrl, ContactCard};
pub use commerce::{
    Amount, Order, OrderItem, OrderKind, OrderStage, PaymentMethod, ProductSection, SavedAddress,
};
pub use draft::{Draft, Purpose, Recipient};
pub use parts::{
    Button, CardAction, CarouselCard, FlowRef, FlowStart, Header, ListRow, ListSection, Media, Place,
};
pub use template::{Parameter, ParameterFormat, TemplateButton, TemplateCard};

use crate::values::{quiet::quiet_debug, time::Timestamp};

/// What a message says. Everything but a template is free text in the law's and WhatsApp's sense: it leaves only
/// within 24 hours of the person's last message.
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
    /// An approved template. Its values are checked against the definition that `templates.put` stored.
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
        /// The cards, where the template has a carousel: all of them, in order.
        #[serde(default)]
        cards: Vec<TemplateCard>,
        /// When the offer ends, where the template has a limited-time offer that counts down.
        offer_ends_at: Option<Timestamp>,
    },
    /// A picture: JPEG or PNG, at most 5 MB.
    Image {
        /// The picture.
        media: Media,
        /// At most 1,024 characters.
        caption: Option<String>,
    },
    /// A film: MP4 or 3GP with H.264 and AAC, at most 16 MB.
    Video {
        /// The film.
        media: Media,
        /// At most 1,024 characters.
        caption: Option<String>,
    },
    /// A recording: AAC, AMR, MP3, M4A or OGG, at most 16 MB.
    Audio {
        /// The recording.
        media: Media,
        /// Whether it is shown as a voice message: OGG with Opus, mono, only.
        #[serde(default)]
        voice: bool,
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
    /// A sticker: WebP, at most 100 KB, or 500 KB if it moves.
    Sticker {
        /// The sticker.
        media: Media,
    },
    /// A place on the map.
    Location {
        /// The place.
        place: Place,
    },
    /// One to 257 contact cards.
    Contacts {
        /// The cards.
        contacts: Vec<ContactCard>,
    },
    /// Text with one to three quick replies.
    Buttons {
        /// At most 1,024 characters.
        body: String,
        /// What stands above: text, a picture, a film or a document.
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
    /// Text with a button that opens an address (`cta_url`).
    UrlButton {
        /// At most 1,024 characters.
        body: String,
        /// What stands above: text, a picture, a film or a document.
        header: Option<Header>,
        /// At most 60 characters.
        footer: Option<String>,
        /// What the button says; at most 20 characters.
        button: String,
        /// The address, at most 2,000 characters.
        url: String,
    },
    /// Text with a button that opens a form (WhatsApp Flows).
    Flow {
        /// At most 1,024 characters.
        body: String,
        /// What stands above: text, a picture, a film or a document.
        header: Option<Header>,
        /// At most 60 characters.
        footer: Option<String>,
        /// Which form.
        flow: FlowRef,
        /// What the button says; at most 20 characters (Meta says 30 and shows 20).
        button: String,
        /// Comes back with the answers; at most 1,024 characters. `unused` if missing.
        token: Option<String>,
        /// How the form begins.
        start: FlowStart,
        /// Whether the form is still a draft, which only test numbers are shown.
        #[serde(default)]
        draft: bool,
    },
    /// Text with a button that sends the person's location.
    LocationRequest {
        /// At most 1,024 characters.
        body: String,
    },
    /// Text with a button that shares the person's phone number: of somebody who is known by a BSUID only.
    ContactInfoRequest {
        /// At most 1,024 characters.
        body: String,
    },
    /// Asks whether the business may call.
    CallPermissionRequest {
        /// At most 1,024 characters.
        body: String,
    },
    /// Text with a button that calls the business.
    VoiceCall {
        /// At most 1,024 characters.
        body: String,
        /// What the button says; at most 20 characters, `Call Now` if missing.
        button: Option<String>,
        /// How long the button works, 1 to 43,200 minutes; 10,080 (7 days) if missing.
        ttl_minutes: Option<i32>,
        /// Comes back with the call; at most 512 characters.
        payload: Option<String>,
    },
    /// One product of a catalog.
    Product {
        /// At most 1,024 characters.
        body: Option<String>,
        /// At most 60 characters.
        footer: Option<String>,
        /// Meta's id of the catalog.
        catalog_id: String,
        /// The product's id in the catalog.
        product_id: String,
    },
    /// Up to 30 products of a catalog.
    ProductList {
        /// What stands above; at most 60 characters.
        header: String,
        /// At most 1,024 characters.
        body: String,
        /// At most 60 characters.
        footer: Option<String>,
        /// Meta's id of the catalog.
        catalog_id: String,
        /// One to ten sections with at most 30 products in all.
        sections: Vec<ProductSection>,
    },
    /// A whole catalog.
    Catalog {
        /// At most 1,024 characters.
        body: String,
        /// At most 60 characters.
        footer: Option<String>,
        /// The product whose picture is shown; the first one's without it.
        thumbnail: Option<String>,
    },
    /// Two to ten cards side by side, each with a picture or a film.
    Carousel {
        /// At most 1,024 characters.
        body: String,
        /// The cards, all of one make.
        cards: Vec<CarouselCard>,
    },
    /// Asks for a postal address. Meta offers it between businesses and people of the same
    /// country only: India, at this time.
    AddressRequest {
        /// At most 1,024 characters.
        body: String,
        /// At most 60 characters.
        footer: Option<String>,
        /// The country, two letters.
        country: String,
        /// What is filled in already, by WhatsApp's names of fields, for example `city`.
        #[serde(default)]
        values: BTreeMap<String, String>,
        /// Addresses that are offered.
        #[serde(default)]
        saved: Vec<SavedAddress>,
        /// What was wrong with the last answer, by field.
        #[serde(default)]
        errors: BTreeMap<String, String>,
    },
    /// An order that is to be reviewed and paid.
    OrderDetails {
        /// At most 1,024 characters.
        body: String,
        /// A picture above; the first product's without it.
        header: Option<Header>,
        /// At most 60 characters.
        footer: Option<String>,
        /// The order.
        order: Order,
    },
    /// Where an order stands that was sent before.
    OrderStatus {
        /// At most 1,024 characters.
        body: String,
        /// At most 60 characters.
        footer: Option<String>,
        /// The order's reference.
        reference: String,
        /// Where it stands.
        stage: OrderStage,
        /// At most 120 characters.
        description: Option<String>,
    },
    /// An emoji on a message; an empty one takes it back.
    Reaction {
        /// WhatsApp's id of the message.
        message_id: String,
        /// The emoji, or empty.
        emoji: String,
    },
    /// A message of a kind that conek has no type for. It passes the gate like any other: as free text, or as the
    /// template that it names, which must be stored. Recipient, sender and echo are conek's alone.
    Raw {
        /// WhatsApp's name of the kind, which is also the name of its object, for example `interactive`.
        kind: String,
        /// That object (or, for contacts, list) as JSON text, at most 64 KB.
        payload: String,
    },
}

quiet_debug! { Content {} }
