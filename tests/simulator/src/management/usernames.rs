//! Usernames of numbers. They are reserved, as users do not see usernames here.

use std::sync::Arc;

use axum::{Router, routing::MethodFilter};
use serde_json::json;

use super::{Answer, Asked, on, success};
use crate::{refusal::Refusal, running::Running, world::World};

pub(super) fn routes() -> Router<Arc<Running>> {
    let username = on(MethodFilter::GET, username)
        .merge(on(MethodFilter::POST, set_username))
        .merge(on(MethodFilter::DELETE, delete_username));
    Router::new()
        .route("/{version}/{id}/username", username)
        .route("/{version}/{id}/username_suggestions", on(MethodFilter::GET, suggestions))
}

fn username(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    Ok(match &world.management.numbers[number].username {
        Some(username) => json!({"username": username, "status": "reserved"}),
        None => json!({}),
    })
}

/// The number that has a username already. Upper and lower case are the same.
fn holder(world: &World, username: &str) -> Option<usize> {
    let same = |name: &Option<String>| name.as_ref().is_some_and(|n| n.eq_ignore_ascii_case(username));
    world.management.numbers.iter().position(|n| same(&n.username))
}

fn set_username(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let username = asked.need("username")?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'_';
    let lower = username.to_ascii_lowercase();
    let ends = [".com", ".org", ".net", ".io", ".ai"];
    if !(3..=35).contains(&username.len())
        || !username.bytes().all(plain)
        || lower.starts_with("www")
        || ends.iter().any(|end| lower.ends_with(end))
    {
        return Err(Refusal::new(100, "Param username is not a username"));
    }
    if !world.management.numbers[number].registered {
        return Err(Refusal::new(133_010, "This phone number is not registered"));
    }
    // One of WhatsApp's own.
    if lower == "whatsapp" {
        return Err(Refusal::new(147_001, "This username is not available"));
    }
    match holder(world, username) {
        Some(other) if other != number && asked.text("transfer_action") != Some("force_transfer") => {
            return Err(Refusal::new(147_005, "Another number of this business has this username"));
        }
        Some(other) => world.management.numbers[other].username = None,
        None => {}
    }
    world.management.numbers[number].username = Some(username.to_owned());
    Ok(json!({"status": "reserved"}))
}

fn delete_username(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    world.management.numbers[number].username = None;
    Ok(success())
}

/// The name of the business in two spellings, where they are free.
fn suggestions(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let name = world.numbers[number].verified_name.to_lowercase();
    let words: Vec<String> = name
        .split_whitespace()
        .map(|w| w.chars().filter(char::is_ascii_alphanumeric).collect())
        .filter(|w: &String| !w.is_empty())
        .collect();
    let free: Vec<String> =
        ["", "_"].iter().map(|with| words.join(with)).filter(|n| holder(world, n).is_none()).collect();
    Ok(json!({"data": [{"username_suggestions": free}]}))
}
