//! Blocked people: they cannot write to the number, and it cannot write to them.

use std::sync::Arc;

use axum::{Router, routing::MethodFilter};
use serde_json::{Value, json};

use super::{Answer, Asked, on, required};
use crate::{
    people::PersonAt,
    refusal::{self, Refusal},
    running::Running,
    simulator::digits,
    world::World,
};

pub(super) fn routes() -> Router<Arc<Running>> {
    let all = || {
        on(MethodFilter::GET, list)
            .merge(on(MethodFilter::POST, block))
            .merge(on(MethodFilter::DELETE, unblock))
    };
    // One of the paths that clients call without a version.
    Router::new().route("/{version}/{id}/block_users", all()).route("/{id}/block_users", all())
}

fn list(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let blocked = world.people.barred_from(number);
    let shown = blocked.into_iter().map(|at| {
        let person = world.people.get(at);
        json!({"messaging_product": "whatsapp", "wa_id": person.number, "user_id": person.user_id,
            "input": person.number})
    });
    let shown: Vec<Value> = shown.collect();
    Ok(asked.page(shown))
}

/// The people of a request, each as it was given and, if there is one, who that is.
fn people(world: &World, asked: &Asked) -> Result<Vec<(String, Option<PersonAt>)>, Refusal> {
    asked.for_whatsapp()?;
    let users = asked.list("block_users")?.filter(|all| !all.is_empty());
    let users = users.ok_or_else(|| required("block_users"))?;
    users
        .iter()
        .map(|user| {
            let by_id = || Some((user["user_id"].as_str()?, true));
            let (given, is_id) = user["user"]
                .as_str()
                .filter(|u| !u.is_empty())
                .map(|u| (u, false))
                .or_else(by_id)
                .ok_or_else(|| required("block_users['user']"))?;
            let at = match is_id {
                true => world.people.find_user(given),
                false => world.people.find(&digits(given)),
            };
            Ok((given.to_owned(), at))
        })
        .collect()
}

fn block(world: &mut World, asked: &Asked, now: i64) -> Answer {
    let number = world.number_of(asked)?;
    let (mut added, mut failed) = (Vec::new(), Vec::new());
    for (input, at) in people(world, asked)? {
        match at.filter(|at| world.people.get(*at).window_open(number, now)) {
            Some(at) => added.push(bar(world, at, number, &input, Some(now))),
            None => failed.push(json!({"input": input, "errors": [{
                "message": refusal::title(131_047), "code": 131_047,
                "error_data": {"details": "Only people who wrote within the last 24 hours can be blocked"},
            }]})),
        }
    }
    let mut body = json!({"messaging_product": "whatsapp", "block_users": {"added_users": added}});
    if !failed.is_empty() {
        let said = "Some people could not be blocked; see failed_users";
        body["errors"] = Refusal::new(139_100, said).body()["error"].take();
        body["block_users"]["failed_users"] = failed.into();
    }
    Ok(body)
}

fn unblock(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let all = people(world, asked)?;
    let removed: Vec<Value> =
        all.into_iter().filter_map(|(input, at)| Some(bar(world, at?, number, &input, None))).collect();
    Ok(json!({"messaging_product": "whatsapp", "block_users": {"removed_users": removed}}))
}

fn bar(world: &mut World, at: PersonAt, number: usize, input: &str, since: Option<i64>) -> Value {
    let person = world.people.get_mut(at);
    person.pair(number).barred_at = since;
    json!({"input": input, "wa_id": person.number, "user_id": person.user_id})
}
