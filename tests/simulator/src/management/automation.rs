//! Conversational automation: what people see before they write, and the commands they may choose.

use std::sync::Arc;

use axum::{Router, routing::MethodFilter};
use serde_json::{Value, json};

use super::{Answer, Asked, at_most, on, required, success};
use crate::{refusal::Refusal, running::Running, world::World};

pub(super) fn routes() -> Router<Arc<Running>> {
    Router::new().route("/{version}/{id}/conversational_automation", on(MethodFilter::POST, update))
}

fn update(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let (prompts, commands) = (asked.list("prompts")?, asked.list("commands")?);
    for prompt in prompts.iter().flatten() {
        at_most(prompt.as_str().ok_or_else(|| required("prompts"))?, "prompts", 80)?;
    }
    for command in commands.iter().flatten() {
        for (key, most) in [("command_name", 32), ("command_description", 256)] {
            at_most(command[key].as_str().ok_or_else(|| required(key))?, key, most)?;
        }
    }
    let counts = |all: &Option<Vec<Value>>| all.as_ref().map_or(0, Vec::len);
    if counts(&prompts) > 3 || counts(&commands) > 30 {
        return Err(Refusal::new(100, "Takes at most 3 prompts and 30 commands"));
    }
    let welcome = asked.flag("enable_welcome_message")?;
    let id = asked.id.as_str();
    let now = world.management.numbers[number].automation.get_or_insert_with(
        || json!({"id": id, "prompts": [], "commands": [], "enable_welcome_message": false}),
    );
    for (key, value) in [
        ("prompts", prompts.map(Value::from)),
        ("commands", commands.map(Value::from)),
        ("enable_welcome_message", welcome.map(Value::from)),
    ] {
        if let Some(value) = value {
            now[key] = value;
        }
    }
    Ok(success())
}
