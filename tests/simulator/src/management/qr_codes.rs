//! QR codes: short links that open a chat with a message already typed.

use std::sync::Arc;

use axum::{Router, routing::MethodFilter};
use serde_json::{Value, json};

use super::{Answer, Asked, at_most, on, qr_image, success};
use crate::{dice::Dice, refusal::Refusal, running::Running, world::World};

/// So many codes are on a page at most (Meta's OpenAPI).
const MOST_AT_ONCE: usize = 25;
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// One code.
#[derive(Debug, Clone)]
pub(super) struct QrCode {
    code: String,
    message: String,
}

pub(super) fn routes() -> Router<Arc<Running>> {
    let all = || on(MethodFilter::GET, list).merge(on(MethodFilter::POST, create_or_update));
    let one = on(MethodFilter::GET, list)
        .merge(on(MethodFilter::POST, create_or_update))
        .merge(on(MethodFilter::DELETE, remove));
    Router::new()
        .route("/{version}/{id}/message_qrdls", all())
        // Some clients put an empty code behind the slash when they want all of them.
        .route("/{version}/{id}/message_qrdls/", all())
        .route("/{version}/{id}/message_qrdls/{item}", one)
}

/// The code that is meant: in the path, or given.
fn code(asked: &Asked) -> Option<&str> {
    Some(asked.item.as_str()).filter(|item| !item.is_empty()).or_else(|| asked.text("code"))
}

fn unknown() -> Refusal {
    Refusal::new(100, "The QR code does not exist, or belongs to another number")
}

fn list(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    if asked.text("limit").and_then(|n| n.parse::<usize>().ok()).is_some_and(|n| n > MOST_AT_ONCE) {
        return Err(Refusal::new(100, format!("Param limit must be at most {MOST_AT_ONCE}")));
    }
    let codes = world.management.numbers[number].qr_codes.clone();
    let wanted = codes.iter().filter(|c| code(asked).is_none_or(|code| c.code == code));
    // Fields may ask for the image in a format: `qr_image_url.format(SVG)`.
    let format = asked.text("fields").and_then(|f| f.split("qr_image_url").nth(1)).map(|rest| {
        let inner = rest.strip_prefix(".format(").and_then(|r| r.split(')').next());
        inner.unwrap_or("PNG").to_owned()
    });
    let mut shown = Vec::new();
    for code in wanted {
        shown.push(json(world, asked, code, format.as_deref())?);
    }
    if shown.is_empty() && code(asked).is_some() {
        return Err(unknown());
    }
    let mut page = asked.page(shown);
    // A code has no id, and one that is asked for by its name is on no page.
    if code(asked).is_some()
        && let Some(map) = page.as_object_mut()
    {
        map.remove("paging");
    }
    Ok(page)
}

/// A code as it is told; with a format, its image is drawn and its address told too.
fn json(world: &mut World, asked: &Asked, qr: &QrCode, format: Option<&str>) -> Answer {
    let link = format!("https://wa.me/message/{}", qr.code);
    let mut shown = json!({"code": qr.code, "prefilled_message": qr.message, "deep_link_url": link});
    if let Some(format) = format {
        let (name, file) = match format.to_ascii_uppercase().as_str() {
            "PNG" => (format!("{}.png", qr.code), ("image/png", qr_image::png(&link))),
            "SVG" => (format!("{}.svg", qr.code), ("image/svg+xml", qr_image::svg(&link))),
            _ => return Err(Refusal::new(100, "Param generate_qr_image must be one of {PNG, SVG}")),
        };
        shown["qr_image_url"] = format!("{}/_files/{name}", asked.base_url).into();
        world.management.files.insert(name, (file.0.to_owned(), file.1.into()));
    }
    Ok(shown)
}

fn create_or_update(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let message = at_most(asked.need("prefilled_message")?, "prefilled_message", 140)?.to_owned();
    let dice: Dice = world.dice;
    let state = &mut world.management.numbers[number];
    if let Some(code) = code(asked) {
        let qr = state.qr_codes.iter_mut().find(|q| q.code == code).ok_or_else(unknown)?;
        qr.message = message;
        let qr = qr.clone();
        return json(world, asked, &qr, None);
    }
    let made = state.qr_codes_made + 1;
    let qr = QrCode { code: dice.text("qr", &asked.id, made, LETTERS, 14), message };
    // Drawn first, so that an unknown format creates nothing.
    let shown: Value = json(world, asked, &qr, asked.text("generate_qr_image"))?;
    let state = &mut world.management.numbers[number];
    state.qr_codes_made = made;
    state.qr_codes.push(qr);
    Ok(shown)
}

fn remove(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let codes = &mut world.management.numbers[number].qr_codes;
    let before = codes.len();
    codes.retain(|q| q.code != asked.item);
    if codes.len() == before { Err(unknown()) } else { Ok(success()) }
}
