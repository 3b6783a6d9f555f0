//! Interactive messages: buttons, lists, forms, requests, cards.

use std::collections::HashSet;

use super::{above, different, id, json_object, label, optional, required, source, web_address, wrong};
use crate::{
    messaging::{Button, CardAction, CarouselCard, Content, FlowRef, FlowStart, Header, ListSection},
    values::error::Result,
};

pub(super) fn validate(content: &Content) -> Result<()> {
    match content {
        Content::Buttons { body, header, footer, buttons } => {
            frame(body, header.as_ref(), footer.as_deref())?;
            quick_replies("", buttons)
        }
        Content::List { body, header, footer, button, sections } => {
            frame(body, None, footer.as_deref())?;
            optional("header", header.as_deref(), 60)?;
            label("button", button, 20)?;
            list(sections)
        }
        Content::UrlButton { body, header, footer, button, url } => {
            frame(body, header.as_ref(), footer.as_deref())?;
            label("button", button, 20)?;
            web_address("url", url)
        }
        Content::Flow { body, header, footer, flow, button, token, start, draft: _ } => {
            frame(body, header.as_ref(), footer.as_deref())?;
            match flow {
                FlowRef::Id { id: flow } => id("flow.id", flow, "must be WhatsApp's id of the flow")?,
                FlowRef::Name { name } => required("flow.name", name, 200)?,
            }
            label("button", button, 20)?;
            optional("token", token.as_deref(), 1024)?;
            match start {
                FlowStart::Screen { screen, data } => {
                    required("start.screen", screen, 80)?;
                    data.as_deref().map_or(Ok(()), |data| json_object("start.data", data))
                }
                FlowStart::First {} | FlowStart::Exchange {} => Ok(()),
            }
        }
        Content::LocationRequest { body }
        | Content::ContactInfoRequest { body }
        | Content::CallPermissionRequest { body } => required("body", body, 1024),
        Content::VoiceCall { body, button, ttl_minutes, payload } => {
            required("body", body, 1024)?;
            button.as_deref().map_or(Ok(()), |button| label("button", button, 20))?;
            ttl("ttl_minutes", *ttl_minutes)?;
            optional("payload", payload.as_deref(), 512)
        }
        Content::Carousel { body, cards } => {
            required("body", body, 1024)?;
            carousel(cards)
        }
        _ => Ok(()),
    }
}

/// Body, header and footer.
fn frame(body: &str, header: Option<&Header>, footer: Option<&str>) -> Result<()> {
    required("body", body, 1024)?;
    header.map_or(Ok(()), above)?;
    optional("footer", footer, 60)
}

/// How long a button that calls the business may work.
pub(super) fn ttl(field: &str, minutes: Option<i32>) -> Result<()> {
    match minutes {
        Some(minutes) if !(1..=43_200).contains(&minutes) => {
            wrong(field, "must be from 1 to 43200 minutes (30 days)")
        }
        _ => Ok(()),
    }
}

fn quick_replies(within: &str, buttons: &[Button]) -> Result<()> {
    if !(1..=3).contains(&buttons.len()) {
        return wrong(format!("{within}buttons"), "must be one to three");
    }
    let (mut ids, mut titles) = (HashSet::new(), HashSet::new());
    for (i, button) in buttons.iter().enumerate() {
        let (id, title) = (format!("{within}buttons[{i}].id"), format!("{within}buttons[{i}].title"));
        label(&id, &button.id, 256)?;
        label(&title, &button.title, 20)?;
        different(&id, &mut ids, &button.id)?;
        different(&title, &mut titles, &button.title)?;
    }
    Ok(())
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
            super::at_most(&field("description"), row.description.as_deref().unwrap_or_default(), 72)?;
            different(&field("id"), &mut ids, &row.id)?;
            different(&field("title"), &mut titles, &row.title)?;
        }
    }
    Ok(())
}

fn carousel(cards: &[CarouselCard]) -> Result<()> {
    if !(2..=10).contains(&cards.len()) {
        return wrong("cards", "must be two to ten");
    }
    let shape = |card: &CarouselCard| {
        let replies = match &card.action {
            CardAction::Url { .. } => 0,
            CardAction::Replies { buttons } => buttons.len(),
        };
        (matches!(card.header, Header::Video { .. }), replies)
    };
    let mut ids = HashSet::new();
    for (i, card) in cards.iter().enumerate() {
        let field = |name: &str| format!("cards[{i}].{name}");
        match &card.header {
            Header::Image { media } | Header::Video { media } => source(&field("header.media"), media)?,
            _ => return wrong(field("header"), "must be an image or a video"),
        }
        optional(&field("body"), card.body.as_deref(), 160)?;
        if card.body.as_deref().unwrap_or_default().matches('\n').count() > 2 {
            return wrong(field("body"), "must have at most two line breaks");
        }
        match &card.action {
            CardAction::Url { button, url } => {
                label(&field("action.button"), button, 20)?;
                web_address(&field("action.url"), url)?;
            }
            CardAction::Replies { buttons } => {
                quick_replies(&field("action."), buttons)?;
                for (j, button) in buttons.iter().enumerate() {
                    different(&format!("cards[{i}].action.buttons[{j}].id"), &mut ids, &button.id)?;
                }
            }
        }
        if shape(card) != shape(&cards[0]) {
            return wrong(format!("cards[{i}]"), "must be like the first card: the same header and buttons");
        }
    }
    Ok(())
}
