//! The business profile: what people see of a number.

use std::sync::Arc;

use axum::{Router, routing::MethodFilter};
use serde_json::{Map, Value, json};

use super::{Answer, Asked, at_most, on, success};
use crate::{refusal::Refusal, running::Running, world::World};

const PATH: &str = "/{version}/{id}/whatsapp_business_profile";

const VERTICALS: [&str; 21] = [
    "UNDEFINED",
    "OTHER",
    "AUTO",
    "BEAUTY",
    "APPAREL",
    "EDU",
    "ENTERTAIN",
    "EVENT_PLAN",
    "FINANCE",
    "GROCERY",
    "GOVT",
    "HOTEL",
    "HEALTH",
    "NONPROFIT",
    "PROF_SERVICES",
    "RETAIL",
    "TRAVEL",
    "RESTAURANT",
    "ALCOHOL",
    "ONLINE_GAMBLING",
    "NOT_A_BIZ",
];

pub(super) fn routes() -> Router<Arc<Running>> {
    Router::new().route(PATH, on(MethodFilter::GET, read).merge(on(MethodFilter::POST, update)))
}

fn read(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let mut profile = world.management.numbers[number].profile.clone();
    profile.entry("vertical").or_insert_with(|| "UNDEFINED".into());
    profile.insert("messaging_product".into(), "whatsapp".into());
    let mut shown = asked.pick(Value::Object(profile));
    shown["messaging_product"] = "whatsapp".into();
    Ok(json!({"data": [shown]}))
}

fn update(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    asked.for_whatsapp()?;
    // Nothing is changed unless everything is right.
    let mut next = Map::new();
    for (key, most) in [("about", 139), ("address", 256), ("description", 512), ("email", 128)] {
        let Some(text) = asked.text(key) else { continue };
        at_most(text, key, most)?;
        if key == "about" && text.is_empty() {
            return Err(Refusal::new(100, "Param about must not be empty"));
        }
        if key == "email" && !text.is_empty() && !text.contains('@') {
            return Err(Refusal::new(100, "Param email is not a valid email address"));
        }
        next.insert(key.into(), text.into());
    }
    if let Some(vertical) = asked.text("vertical").filter(|v| !v.is_empty()) {
        if !VERTICALS.contains(&vertical) {
            return Err(Refusal::new(
                100,
                format!("Param vertical {vertical:?} is not one of the known ones"),
            ));
        }
        next.insert("vertical".into(), vertical.into());
    }
    if let Some(sites) = asked.list("websites")? {
        let good = |site: &Value| {
            let http = |s: &str| s.starts_with("http://") || s.starts_with("https://");
            site.as_str().is_some_and(|s| http(s) && s.chars().count() <= 256)
        };
        if sites.len() > 2 || !sites.iter().all(good) {
            return Err(Refusal::new(
                100,
                "Param websites takes 2 addresses of at most 256 characters, with http:// or https://",
            ));
        }
        next.insert("websites".into(), sites.into());
    }
    if let Some(handle) = asked.text("profile_picture_handle").filter(|h| !h.is_empty()) {
        let (kind, bytes) = world.management.uploads.take(handle)?;
        let name = format!("picture-{}", asked.id);
        next.insert("profile_picture_url".into(), format!("{}/_files/{name}", asked.base_url).into());
        world.management.files.insert(name, (kind, bytes));
    }
    let profile = &mut world.management.numbers[number].profile;
    profile.extend(next);
    // An empty text takes a line away.
    profile.retain(|_, value| value != "" && value != &json!([]));
    Ok(success())
}
