//! The values of a template, as far as they can be judged without its definition.

use std::collections::HashSet;

use super::{
    commerce, file_name, id, interactive::ttl, json_object, optional, place, required, source, wrong,
};
use crate::{
    messaging::{Header, Parameter, ParameterFormat, TemplateButton, TemplateCard},
    values::error::Result,
};

pub(super) fn template(
    name: &str,
    language: &str,
    header: Option<&Header>,
    body: &[Parameter],
    buttons: &[TemplateButton],
    cards: &[TemplateCard],
) -> Result<()> {
    template_name("name", name)?;
    template_language("language", language)?;
    if let Some(header) = header {
        if matches!(header, Header::Product { .. }) {
            return wrong("header", "must not be a product: products stand on cards");
        }
        template_header("header", header)?;
    }
    parameters("body", body)?;
    template_buttons("buttons", buttons, 10)?;
    if cards.len() == 1 || cards.len() > 10 {
        return wrong("cards", "must be two to ten, or none");
    }
    for (i, card) in cards.iter().enumerate() {
        template_header(&format!("cards[{i}].header"), &card.header)?;
        parameters(&format!("cards[{i}].body"), &card.body)?;
        template_buttons(&format!("cards[{i}].buttons"), &card.buttons, 2)?;
    }
    Ok(())
}

pub(super) fn template_name(field: &str, name: &str) -> Result<()> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if name.is_empty() || name.len() > 512 || !name.bytes().all(fits) {
        return wrong(field, "must be 1 to 512 of a-z, 0-9 and _");
    }
    Ok(())
}

pub(super) fn template_language(field: &str, language: &str) -> Result<()> {
    let (tongue, region) = language.split_once('_').map_or((language, None), |(t, r)| (t, Some(r)));
    let tongue_fits = (2..=3).contains(&tongue.len()) && tongue.bytes().all(|b| b.is_ascii_lowercase());
    let region_fits =
        region.is_none_or(|r| (2..=4).contains(&r.len()) && r.bytes().all(|b| b.is_ascii_alphanumeric()));
    if !tongue_fits || !region_fits {
        return wrong(field, "must look like en or pt_BR");
    }
    Ok(())
}

fn template_header(at: &str, header: &Header) -> Result<()> {
    match header {
        Header::Text { text } => required(&format!("{at}.text"), text, 60),
        Header::NamedText { name, text } => {
            placeholder(&format!("{at}.name"), name)?;
            required(&format!("{at}.text"), text, 60)
        }
        Header::Image { media } | Header::Video { media } | Header::Gif { media } => {
            source(&format!("{at}.media"), media)
        }
        Header::Document { media, filename } => {
            source(&format!("{at}.media"), media)?;
            file_name(&format!("{at}.filename"), filename.as_deref())
        }
        Header::Location { place: there } => {
            place(&format!("{at}.place"), there)?;
            // In a template WhatsApp demands both; on its own a place may have neither.
            for (name, text) in [("name", &there.name), ("address", &there.address)] {
                if text.is_none() {
                    return wrong(format!("{at}.place.{name}"), "must be there in a template");
                }
            }
            Ok(())
        }
        Header::Product { catalog_id, product_id } => {
            id(&format!("{at}.catalog_id"), catalog_id, "must be Meta's id of the catalog")?;
            commerce::product(&format!("{at}.product_id"), product_id)
        }
    }
}

fn placeholder(field: &str, name: &str) -> Result<()> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if name.is_empty() || !name.bytes().all(fits) {
        return wrong(field, "must be of a-z, 0-9 and _");
    }
    Ok(())
}

fn parameters(at: &str, body: &[Parameter]) -> Result<()> {
    let named = body.first().is_some_and(|p| !p.name.is_empty());
    let limit = if body.len() == 1 { 32_768 } else { 1024 };
    let mut names = HashSet::new();
    for (i, parameter) in body.iter().enumerate() {
        if parameter.name.is_empty() == named {
            return wrong(format!("{at}[{i}].name"), "must be given for all placeholders or for none");
        }
        if named {
            placeholder(&format!("{at}[{i}].name"), &parameter.name)?;
        }
        if named && !names.insert(&parameter.name) {
            return wrong(format!("{at}[{i}].name"), "must be different from the others");
        }
        required(&format!("{at}[{i}].text"), &parameter.text, limit)?;
        if let Some(ParameterFormat::Currency { code, .. }) = &parameter.format
            && (code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()))
        {
            return wrong(format!("{at}[{i}].format.code"), "must be three capital letters (ISO 4217)");
        }
    }
    Ok(())
}

fn template_buttons(at: &str, buttons: &[TemplateButton], most: i32) -> Result<()> {
    let mut places = HashSet::new();
    for (i, button) in buttons.iter().enumerate() {
        if !(0..most).contains(&button.index()) || !places.insert(button.index()) {
            return wrong(
                format!("{at}[{i}].index"),
                format!("must be from 0 to {} and different from the others", most - 1),
            );
        }
        let field = |name: &str| format!("{at}[{i}].{name}");
        match button {
            TemplateButton::QuickReply { payload, .. } => required(&field("payload"), payload, 256)?,
            TemplateButton::Url { suffix, .. } => required(&field("suffix"), suffix, 2000)?,
            TemplateButton::CopyCode { code, .. } => {
                if !(1..=15).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    return wrong(field("code"), "must be 1 to 15 letters and digits");
                }
            }
            TemplateButton::Flow { token, data, .. } => {
                optional(&field("token"), token.as_deref(), 1024)?;
                data.as_deref().map_or(Ok(()), |data| json_object(&field("data"), data))?;
            }
            TemplateButton::Catalog { thumbnail, .. } => {
                thumbnail.as_deref().map_or(Ok(()), |t| commerce::product(&field("thumbnail"), t))?;
            }
            TemplateButton::Products { thumbnail, sections, .. } => {
                commerce::product(&field("thumbnail"), thumbnail)?;
                commerce::products(&field("sections"), sections)?;
            }
            TemplateButton::VoiceCall { ttl_minutes, payload, .. } => {
                ttl(&field("ttl_minutes"), *ttl_minutes)?;
                optional(&field("payload"), payload.as_deref(), 512)?;
            }
            TemplateButton::OrderDetails { order, .. } => commerce::order(&field("order"), order)?,
        }
    }
    Ok(())
}
