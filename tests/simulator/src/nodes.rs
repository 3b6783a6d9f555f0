//! Nodes: whatever has an id, templates and history, as the Graph API looks them up and changes them.

use std::sync::Arc;

use axum::{Router, routing::MethodFilter};
use serde_json::{Value, json};

use crate::{
    faults::Target,
    management::{self, Answer, Asked, on, on_target, required, success},
    refusal::Refusal,
    running::Running,
    templates::{Template, library},
    world::World,
};

pub(crate) fn routes() -> Router<Arc<Running>> {
    let node = || {
        on_target(MethodFilter::GET, target, look)
            .merge(on_target(MethodFilter::POST, target, management::change))
            .merge(on_target(MethodFilter::DELETE, target, management::remove))
    };
    let of_templates = |method, act| on_target(method, |_, _| Target::Templates, act);
    let templates = of_templates(MethodFilter::GET, templates)
        .merge(of_templates(MethodFilter::POST, create_template))
        .merge(of_templates(MethodFilter::DELETE, delete_template));
    Router::new()
        .route("/{version}/{id}/message_history", on(MethodFilter::GET, history))
        .route("/{version}/{id}/message_templates", templates)
        .route("/{version}/{id}/upsert_message_templates", of_templates(MethodFilter::POST, upsert_templates))
        .route("/{version}/message_template_library", of_templates(MethodFilter::GET, library::search))
        .route("/{version}/{id}/compare", of_templates(MethodFilter::GET, library::compare))
        .route(
            "/{version}/{id}/migrate_message_templates",
            of_templates(MethodFilter::POST, library::migrate),
        )
        .route("/{version}/{id}/unpause", of_templates(MethodFilter::POST, unpause))
        .route("/{version}/{id}", node())
        // Some clients end a node's address with a slash.
        .route("/{version}/{id}/", node())
}

/// What a fault rule calls a request for this id.
fn target(world: &World, id: &str) -> Target {
    match () {
        () if world.media.get(id).is_some() => Target::Media,
        () if world.templates.by_id(id).is_some() => Target::Templates,
        () => Target::Other,
    }
}

fn look(world: &mut World, asked: &Asked, now: i64) -> Answer {
    if let Some(answer) = management::look(world, asked, now) {
        return answer;
    }
    if let Some(media) = world.media.describe(&asked.id, &asked.base_url, now) {
        return Ok(media);
    }
    let template = world.templates.by_id(&asked.id).ok_or_else(|| Refusal::no_object(&asked.id))?;
    Ok(asked.pick(template.json()))
}

fn templates(world: &mut World, asked: &Asked, _: i64) -> Answer {
    world.account_of(asked)?;
    let among =
        |key: &str, value: &str| asked.text(key).is_none_or(|wanted| wanted.split(',').any(|w| w == value));
    let wanted = |t: &Template| {
        among("name", &t.name)
            && among("status", &t.status)
            && among("category", &t.category)
            && among("language", &t.language)
    };
    let all = world.templates.of(&asked.id).count();
    let found: Vec<Value> = world.templates.of(&asked.id).filter(|t| wanted(t)).map(|t| t.json()).collect();
    let count = found.len();
    let mut page = asked.page(found);
    if asked.text("summary").is_some() {
        page["summary"] = json!({"total_count": count, "message_template_count": all,
            "message_template_limit": 6_000, "are_translations_complete": true});
    }
    Ok(page)
}

fn create_template(world: &mut World, asked: &Asked, now: i64) -> Answer {
    world.account_of(asked)?;
    let mut wish = Value::Object(asked.given.clone());
    // What a business asks for is never its own approval.
    wish["status"] = Value::Null;
    if let Some(name) = asked.text("library_template_name") {
        wish["components"] = library::components(asked, name)?;
    }
    let made = world.templates.create(&asked.id, &wish, now)?;
    Ok(json!({"id": made.id, "status": made.status, "category": made.category}))
}

/// `POST /{template_id}`.
pub(crate) fn edit_template(world: &mut World, asked: &Asked) -> Answer {
    let components = asked.list("components")?;
    let changed = world.templates.change(
        |t| t.id == asked.id,
        |t| {
            if let Some(components) = &components {
                t.components = components.clone().into();
            }
            if let Some(category) = asked.text("category") {
                t.category = category.to_ascii_uppercase();
            }
            t.ttl = asked.given.get("message_send_ttl_seconds").and_then(Value::as_i64).or(t.ttl);
        },
    );
    let template = changed.first().ok_or_else(|| Refusal::no_object(&asked.id))?;
    Ok(json!({"success": true, "id": template.id, "name": template.name, "category": template.category}))
}

/// One authentication template in several languages: what is there is changed, the rest is made.
fn upsert_templates(world: &mut World, asked: &Asked, now: i64) -> Answer {
    world.account_of(asked)?;
    if asked.need("category")? != "AUTHENTICATION" {
        return Err(Refusal::new(100, "Param category must be one of {AUTHENTICATION}"));
    }
    let name = asked.need("name")?;
    let components = asked.list("components")?.ok_or_else(|| required("components"))?;
    let languages = asked.list("languages")?.ok_or_else(|| required("languages"))?;
    let mut told = Vec::new();
    for language in &languages {
        let language = language.as_str().ok_or_else(|| required("languages"))?;
        let this = |t: &Template| t.waba == asked.id && t.name == name && t.language == language;
        let changed = world.templates.change(this, |t| t.components = components.clone().into());
        let template = match changed.into_iter().next() {
            Some(changed) => changed,
            None => {
                let wish = json!({"name": name, "language": language, "category": "AUTHENTICATION",
                    "components": components});
                world.templates.create(&asked.id, &wish, now)?
            }
        };
        told.push(json!({"id": template.id, "status": template.status, "language": language,
            "category": template.category}));
    }
    Ok(json!({ "data": told }))
}

/// Lifts the pause of a template; one that is not paused stays as it is.
fn unpause(world: &mut World, asked: &Asked, now: i64) -> Answer {
    let template = world.templates.by_id(&asked.id).cloned();
    let template = template.ok_or_else(|| Refusal::no_object(&asked.id))?;
    if template.status != "PAUSED" {
        return Ok(json!({"success": false, "reason": "The template is not paused"}));
    }
    world.templates.change(|t| t.id == asked.id, |t| t.status = "APPROVED".into());
    world.tell_template(&asked.id, now);
    Ok(success())
}

fn delete_template(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let name = asked.need("name")?;
    let removed = world.templates.remove(|t| {
        t.waba == asked.id && t.name == name && asked.text("hsm_id").is_none_or(|hsm| t.id == hsm)
    });
    if removed == 0 { Err(Refusal::new(100, "Message template not found")) } else { Ok(success()) }
}

fn history(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number(&asked.id).ok_or_else(|| Refusal::no_object(&asked.id))?;
    let limit = asked.text("limit").and_then(|l| l.parse().ok()).unwrap_or(25).clamp(1, 100);
    Ok(world.history(number, asked.text("message_id"), asked.text("after"), limit, &asked.here))
}
