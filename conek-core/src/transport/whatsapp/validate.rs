//! WhatsApp's sizes and forms, checked before a message is queued.

mod card;
mod commerce;
mod interactive;
mod raw;
mod template;

use std::collections::HashSet;

use reqwest::Url;

use crate::{
    messaging::{Content, Header, Media, Place},
    values::error::{Error, Result},
};

/// Checks that WhatsApp takes this content, as far as that can be known without asking it.
///
/// Lengths are counted in Unicode scalar values, as WhatsApp's documentation counts characters; an
/// emoji can be several of them. The error names the field, for example `buttons[1].title`.
pub fn validate(content: &Content) -> Result<()> {
    match content {
        Content::Text { body, preview_url: _ } => required("body", body, 4096),
        Content::Template { name, language, header, body, buttons, cards, offer_ends_at: _ } => {
            template::template(name, language, header.as_ref(), body, buttons, cards)
        }
        Content::Image { media, caption } | Content::Video { media, caption } => {
            source("media", media)?;
            optional("caption", caption.as_deref(), 1024)
        }
        Content::Audio { media, voice: _ } | Content::Sticker { media } => source("media", media),
        Content::Document { media, caption, filename } => {
            source("media", media)?;
            optional("caption", caption.as_deref(), 1024)?;
            file_name("filename", filename.as_deref())
        }
        Content::Location { place } => self::place("place", place),
        Content::Contacts { contacts } => card::contacts(contacts),
        Content::Reaction { message_id, emoji } => {
            label("message_id", message_id, 512)?;
            match emoji.chars().count() {
                // The longest emoji, a family with skin tones, has about a dozen scalar values.
                0..=16 if !emoji.chars().any(|c| c.is_whitespace() || c.is_ascii_alphabetic()) => Ok(()),
                _ => wrong("emoji", "must be one emoji, or empty to take the reaction back"),
            }
        }
        Content::Product { .. }
        | Content::ProductList { .. }
        | Content::Catalog { .. }
        | Content::AddressRequest { .. }
        | Content::OrderDetails { .. }
        | Content::OrderStatus { .. } => commerce::validate(content),
        Content::Raw { kind, payload } => raw::raw(kind, payload),
        _ => interactive::validate(content),
    }
}

fn wrong(field: impl Into<String>, detail: impl Into<String>) -> Result<()> {
    Err(Error::invalid(field, detail))
}

fn at_most(field: &str, text: &str, limit: usize) -> Result<()> {
    // Bytes are never fewer than characters: most texts need no counting.
    if text.len() > limit && text.chars().count() > limit {
        return wrong(field, format!("must have at most {limit} characters"));
    }
    Ok(())
}

fn required(field: &str, text: &str, limit: usize) -> Result<()> {
    if text.trim().is_empty() {
        return wrong(field, "must not be empty");
    }
    at_most(field, text, limit)
}

fn optional(field: &str, text: Option<&str>, limit: usize) -> Result<()> {
    text.map_or(Ok(()), |text| required(field, text, limit))
}

/// A short text that stands on a button or identifies one.
fn label(field: &str, text: &str, limit: usize) -> Result<()> {
    required(field, text, limit)?;
    if text.trim() != text {
        return wrong(field, "must not begin or end with a space");
    }
    Ok(())
}

fn file_name(field: &str, name: Option<&str>) -> Result<()> {
    optional(field, name, 240)?;
    if name.is_some_and(|n| n.chars().any(char::is_control)) {
        return wrong(field, "must not have control characters");
    }
    Ok(())
}

/// An id that Meta gives: letters, digits, `-` and `_`.
fn id(field: &str, id: &str, what: &str) -> Result<()> {
    let fits = !id.is_empty()
        && id.len() <= 256
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if fits { Ok(()) } else { wrong(field, what) }
}

fn source(field: &str, media: &Media) -> Result<()> {
    match media {
        Media::Id { id } => {
            self::id(&format!("{field}.id"), id, "must be a media id as an upload returns it")
        }
        Media::Link { url } => {
            let fits = url.len() <= 2000
                && Url::parse(url).is_ok_and(|u| u.scheme() == "https" && u.host().is_some());
            if !fits {
                return wrong(format!("{field}.url"), "must be a public https address of at most 2000 bytes");
            }
            Ok(())
        }
    }
}

/// An address that a person opens.
fn web_address(field: &str, url: &str) -> Result<()> {
    at_most(field, url, 2000)?;
    let fits =
        Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "https" | "http") && u.host_str().is_some());
    if fits { Ok(()) } else { wrong(field, "must be an address that begins with https:// or http://") }
}

/// A JSON object with at least one key.
fn json_object(field: &str, text: &str) -> Result<()> {
    match serde_json::from_str(text) {
        Ok(serde_json::Value::Object(map)) if !map.is_empty() => at_most(field, text, 16_384),
        _ => wrong(field, "must be a JSON object with at least one key"),
    }
}

fn place(field: &str, place: &Place) -> Result<()> {
    for (name, value, most) in [("latitude", place.latitude, 90.0), ("longitude", place.longitude, 180.0)] {
        if !value.is_finite() || value.abs() > most {
            return wrong(format!("{field}.{name}"), format!("must be degrees from -{most} to {most}"));
        }
    }
    optional(&format!("{field}.name"), place.name.as_deref(), 1024)?;
    optional(&format!("{field}.address"), place.address.as_deref(), 1024)?;
    if place.address.is_some() && place.name.is_none() {
        return wrong(format!("{field}.name"), "must be there: WhatsApp shows an address under a name only");
    }
    Ok(())
}

/// What may stand above a free-form message: text, a picture, a film, a document.
fn above(header: &Header) -> Result<()> {
    match header {
        Header::Text { text } => required("header.text", text, 60),
        Header::Image { media } | Header::Video { media } => source("header.media", media),
        Header::Document { media, filename } => {
            source("header.media", media)?;
            file_name("header.filename", filename.as_deref())
        }
        Header::NamedText { .. } | Header::Gif { .. } | Header::Location { .. } | Header::Product { .. } => {
            wrong("header", "must be a text, an image, a video or a document here")
        }
    }
}

fn different<'a>(field: &str, seen: &mut HashSet<&'a str>, value: &'a str) -> Result<()> {
    if seen.insert(value) { Ok(()) } else { wrong(field, "must be different from the others") }
}
