//! WhatsApp's sizes and forms, checked before a message is queued.

use std::collections::HashSet;

use reqwest::Url;

use crate::{
    messaging::{Button, Content, Header, ListSection, Media, Parameter, TemplateButton},
    values::error::{Error, Result},
};

/// Checks that WhatsApp takes this content, as far as that can be known without asking it.
///
/// Lengths are counted in Unicode scalar values, as WhatsApp's documentation counts characters; an
/// emoji can be several of them. The error names the field, for example `buttons[1].title`.
pub fn validate(content: &Content) -> Result<()> {
    match content {
        Content::Text { body, preview_url: _ } => required("body", body, 4096),
        Content::Template { name, language, header, body, buttons } => {
            template_name(name)?;
            template_language(language)?;
            header.as_ref().map_or(Ok(()), above)?;
            parameters(body)?;
            template_buttons(buttons)
        }
        Content::Image { media, caption } => {
            source("media", media)?;
            optional("caption", caption.as_deref(), 1024)
        }
        Content::Document { media, caption, filename } => {
            source("media", media)?;
            optional("caption", caption.as_deref(), 1024)?;
            file_name("filename", filename.as_deref())
        }
        Content::Buttons { body, header, footer, buttons } => {
            required("body", body, 1024)?;
            header.as_ref().map_or(Ok(()), above)?;
            optional("footer", footer.as_deref(), 60)?;
            quick_replies(buttons)
        }
        Content::List { body, header, footer, button, sections } => {
            required("body", body, 1024)?;
            optional("header", header.as_deref(), 60)?;
            optional("footer", footer.as_deref(), 60)?;
            label("button", button, 20)?;
            list(sections)
        }
        Content::Reaction { message_id, emoji } => {
            label("message_id", message_id, 512)?;
            match emoji.chars().count() {
                // The longest emoji, a family with skin tones, has about a dozen scalar values.
                0..=16 if !emoji.chars().any(|c| c.is_whitespace() || c.is_ascii_alphabetic()) => Ok(()),
                _ => wrong("emoji", "must be one emoji, or empty to take the reaction back"),
            }
        }
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

fn source(field: &str, media: &Media) -> Result<()> {
    match media {
        Media::Id { id } => {
            if id.is_empty()
                || id.len() > 256
                || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            {
                return wrong(format!("{field}.id"), "must be a media id as an upload returns it");
            }
        }
        Media::Link { url } => {
            let fits = url.len() <= 2000
                && Url::parse(url).is_ok_and(|u| u.scheme() == "https" && u.host().is_some());
            if !fits {
                return wrong(format!("{field}.url"), "must be a public https address of at most 2000 bytes");
            }
        }
    }
    Ok(())
}

fn above(header: &Header) -> Result<()> {
    match header {
        Header::Text { text } => required("header.text", text, 60),
        Header::Image { media } => source("header.media", media),
        Header::Document { media, filename } => {
            source("header.media", media)?;
            file_name("header.filename", filename.as_deref())
        }
    }
}

fn template_name(name: &str) -> Result<()> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if name.is_empty() || name.len() > 512 || !name.bytes().all(fits) {
        return wrong("name", "must be 1 to 512 of a-z, 0-9 and _");
    }
    Ok(())
}

fn template_language(language: &str) -> Result<()> {
    let (tongue, region) = language.split_once('_').map_or((language, None), |(t, r)| (t, Some(r)));
    let tongue_fits = (2..=3).contains(&tongue.len()) && tongue.bytes().all(|b| b.is_ascii_lowercase());
    let region_fits =
        region.is_none_or(|r| (2..=4).contains(&r.len()) && r.bytes().all(|b| b.is_ascii_alphanumeric()));
    if !tongue_fits || !region_fits {
        return wrong("language", "must look like en or pt_BR");
    }
    Ok(())
}

fn parameters(body: &[Parameter]) -> Result<()> {
    let named = body.first().is_some_and(|p| !p.name.is_empty());
    let limit = if body.len() == 1 { 32_768 } else { 1024 };
    let mut names = HashSet::new();
    for (i, parameter) in body.iter().enumerate() {
        if parameter.name.is_empty() == named {
            return wrong(format!("body[{i}].name"), "must be given for all placeholders or for none");
        }
        if named && !names.insert(&parameter.name) {
            return wrong(format!("body[{i}].name"), "must be different from the others");
        }
        let name_fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if !parameter.name.bytes().all(name_fits) {
            return wrong(format!("body[{i}].name"), "must be of a-z, 0-9 and _");
        }
        required(&format!("body[{i}].text"), &parameter.text, limit)?;
    }
    Ok(())
}

fn template_buttons(buttons: &[TemplateButton]) -> Result<()> {
    let mut places = HashSet::new();
    for (i, button) in buttons.iter().enumerate() {
        if !(0..10).contains(&button.index) || !places.insert(button.index) {
            return wrong(format!("buttons[{i}].index"), "must be from 0 to 9 and different from the others");
        }
        if !matches!(button.kind.as_str(), "quick_reply" | "url") {
            return wrong(format!("buttons[{i}].kind"), "must be quick_reply or url");
        }
        required(&format!("buttons[{i}].value"), &button.value, 2000)?;
    }
    Ok(())
}

fn quick_replies(buttons: &[Button]) -> Result<()> {
    if !(1..=3).contains(&buttons.len()) {
        return wrong("buttons", "must be one to three");
    }
    let (mut ids, mut titles) = (HashSet::new(), HashSet::new());
    for (i, button) in buttons.iter().enumerate() {
        label(&format!("buttons[{i}].id"), &button.id, 256)?;
        label(&format!("buttons[{i}].title"), &button.title, 20)?;
        different(&format!("buttons[{i}].id"), &mut ids, &button.id)?;
        different(&format!("buttons[{i}].title"), &mut titles, &button.title)?;
    }
    Ok(())
}

fn different<'a>(field: &str, seen: &mut HashSet<&'a str>, value: &'a str) -> Result<()> {
    if seen.insert(value) { Ok(()) } else { wrong(field, "must be different from the others") }
}

fn list(sections: &[ListSection]) -> Result<()> {
    if !(1..=10).contains(&sections.len()) {
        return wrong("sections", "must be one to ten");
    }
    if sections.iter().map(|s| s.rows.len()).sum::<usize>() > 10 {
        return wrong("sections", "must have at most ten rows in all");
    }
    let mut ids = HashSet::new();
    for (i, section) in sections.iter().enumerate() {
        if sections.len() > 1 || !section.title.is_empty() {
            required(&format!("sections[{i}].title"), &section.title, 24)?;
        }
        if section.rows.is_empty() {
            return wrong(format!("sections[{i}].rows"), "must not be empty");
        }
        let mut titles = HashSet::new();
        for (j, row) in section.rows.iter().enumerate() {
            let field = |name: &str| format!("sections[{i}].rows[{j}].{name}");
            label(&field("id"), &row.id, 200)?;
            label(&field("title"), &row.title, 24)?;
            at_most(&field("description"), row.description.as_deref().unwrap_or_default(), 72)?;
            different(&field("id"), &mut ids, &row.id)?;
            different(&field("title"), &mut titles, &row.title)?;
        }
    }
    Ok(())
}
