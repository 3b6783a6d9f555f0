//! The Cloud API's JSON for what leaves, borrowed from the message.

mod cards;
mod commerce;
mod interactive;
mod template;

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value as Json;

use self::{cards::Card, interactive::Interactive, template::Template};
use crate::{
    messaging::{Content, Header, Media, Place},
    transport::{Address, Outgoing, Route},
};

/// The body of `POST /{phone-number-id}/messages` or `/marketing_messages`.
#[derive(Serialize)]
pub(super) struct Request<'a> {
    messaging_product: &'static str,
    recipient_type: &'static str,
    // Only one of the two: `to` would win over `recipient`.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    biz_opaque_callback_data: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_activity_sharing: Option<bool>,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Serialize)]
struct Context<'a> {
    message_id: &'a str,
}

/// The kind of a message and the object that is named like it.
enum Body<'a> {
    Typed(Kind<'a>),
    Raw { kind: &'a str, payload: Json },
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Typed(kind) => kind.serialize(serializer),
            Self::Raw { kind, payload } => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("type", kind)?;
                map.serialize_entry(kind, payload)?;
                map.end()
            }
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind<'a> {
    Text { text: Text<'a> },
    Template { template: Template<'a> },
    Image { image: File<'a> },
    Video { video: File<'a> },
    Audio { audio: File<'a> },
    Document { document: File<'a> },
    Sticker { sticker: File<'a> },
    Location { location: Spot<'a> },
    Contacts { contacts: Vec<Card<'a>> },
    Interactive { interactive: Interactive<'a> },
    Reaction { reaction: Reaction<'a> },
}

#[derive(Serialize)]
struct Text<'a> {
    body: &'a str,
    preview_url: bool,
}

#[derive(Serialize)]
struct Reaction<'a> {
    message_id: &'a str,
    emoji: &'a str,
}

#[derive(Serialize)]
struct Spot<'a> {
    latitude: f64,
    longitude: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
}

#[derive(Serialize, Default)]
struct File<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    voice: bool,
}

/// A template's parameter; also what stands above an interactive message.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Value<'a> {
    Text {
        #[serde(skip_serializing_if = "str::is_empty")]
        parameter_name: &'a str,
        text: &'a str,
    },
    Currency {
        #[serde(skip_serializing_if = "str::is_empty")]
        parameter_name: &'a str,
        currency: Money<'a>,
    },
    DateTime {
        #[serde(skip_serializing_if = "str::is_empty")]
        parameter_name: &'a str,
        date_time: Moment<'a>,
    },
    Payload {
        payload: &'a str,
    },
    TtlMinutes {
        ttl_minutes: i32,
    },
    CouponCode {
        coupon_code: &'a str,
    },
    Action {
        action: Json,
    },
    LimitedTimeOffer {
        limited_time_offer: Offer,
    },
    Image {
        image: File<'a>,
    },
    Video {
        video: File<'a>,
    },
    Gif {
        gif: File<'a>,
    },
    Document {
        document: File<'a>,
    },
    Location {
        location: Spot<'a>,
    },
    Product {
        product: Item<'a>,
    },
}

#[derive(Serialize)]
struct Money<'a> {
    fallback_value: &'a str,
    code: &'a str,
    amount_1000: i64,
}

#[derive(Serialize)]
struct Moment<'a> {
    fallback_value: &'a str,
}

#[derive(Serialize)]
struct Offer {
    expiration_time_ms: i64,
}

#[derive(Serialize)]
struct Item<'a> {
    product_retailer_id: &'a str,
    catalog_id: &'a str,
}

/// The body that marks a message as read.
#[derive(Serialize)]
pub(super) struct MarkRead<'a> {
    messaging_product: &'static str,
    status: &'static str,
    message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typing_indicator: Option<Typing>,
}

#[derive(Serialize)]
struct Typing {
    #[serde(rename = "type")]
    kind: &'static str,
}

impl<'a> MarkRead<'a> {
    pub(super) fn new(message_id: &'a str, typing: bool) -> Self {
        Self {
            messaging_product: "whatsapp",
            status: "read",
            message_id,
            typing_indicator: typing.then_some(Typing { kind: "text" }),
        }
    }
}

impl<'a> Request<'a> {
    pub(super) fn new(message: &'a Outgoing) -> Self {
        let (to, recipient) = match &message.to {
            Address::Phone { number } => (Some(number.as_str()), None),
            Address::Bsuid { id } => (None, Some(id.as_str())),
        };
        let (product_policy, message_activity_sharing) = match &message.route {
            Route::Messages {} => (None, None),
            Route::Marketing { fallback, share_activity } => {
                (Some(if *fallback { "CLOUD_API_FALLBACK" } else { "STRICT" }), Some(*share_activity))
            }
        };
        Self {
            messaging_product: "whatsapp",
            recipient_type: "individual",
            to,
            recipient,
            context: message.reply_to.as_deref().map(|message_id| Context { message_id }),
            biz_opaque_callback_data: &message.echo,
            product_policy,
            message_activity_sharing,
            body: body(&message.content),
        }
    }
}

fn body(content: &Content) -> Body<'_> {
    Body::Typed(match content {
        // Read and written again, so that what leaves is what the checks saw, whatever the text looked like.
        Content::Raw { kind, payload } => {
            return Body::Raw { kind, payload: serde_json::from_str(payload).unwrap_or_default() };
        }
        Content::Text { body, preview_url } => Kind::Text { text: Text { body, preview_url: *preview_url } },
        Content::Template { .. } => Kind::Template { template: template::of(content) },
        Content::Image { media, caption } => Kind::Image { image: captioned(media, caption) },
        Content::Video { media, caption } => Kind::Video { video: captioned(media, caption) },
        Content::Audio { media, voice } => Kind::Audio { audio: File { voice: *voice, ..file(media) } },
        Content::Document { media, caption, filename } => {
            Kind::Document { document: File { filename: filename.as_deref(), ..captioned(media, caption) } }
        }
        Content::Sticker { media } => Kind::Sticker { sticker: file(media) },
        Content::Location { place } => Kind::Location { location: spot(place) },
        Content::Contacts { contacts } => {
            Kind::Contacts { contacts: contacts.iter().map(cards::card).collect() }
        }
        Content::Reaction { message_id, emoji } => {
            Kind::Reaction { reaction: Reaction { message_id, emoji } }
        }
        _ => Kind::Interactive { interactive: interactive::of(content) },
    })
}

fn file(media: &Media) -> File<'_> {
    match media {
        Media::Id { id } => File { id: Some(id), ..File::default() },
        Media::Link { url } => File { link: Some(url), ..File::default() },
    }
}

fn captioned<'a>(media: &'a Media, caption: &'a Option<String>) -> File<'a> {
    File { caption: caption.as_deref(), ..file(media) }
}

fn spot(place: &Place) -> Spot<'_> {
    Spot {
        latitude: place.latitude,
        longitude: place.longitude,
        name: place.name.as_deref(),
        address: place.address.as_deref(),
    }
}

fn text(text: &str) -> Value<'_> {
    Value::Text { parameter_name: "", text }
}

fn above(header: &Header) -> Value<'_> {
    match header {
        Header::Text { text: t } => text(t),
        Header::NamedText { name, text } => Value::Text { parameter_name: name, text },
        Header::Image { media } => Value::Image { image: file(media) },
        Header::Video { media } => Value::Video { video: file(media) },
        Header::Gif { media } => Value::Gif { gif: file(media) },
        Header::Document { media, filename } => {
            Value::Document { document: File { filename: filename.as_deref(), ..file(media) } }
        }
        Header::Location { place } => Value::Location { location: spot(place) },
        Header::Product { catalog_id, product_id } => {
            Value::Product { product: Item { product_retailer_id: product_id, catalog_id } }
        }
    }
}
