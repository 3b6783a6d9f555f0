//! Groups: made for a number, joined by their link, at once or when the business says yes.

use std::sync::Arc;

use axum::{Router, routing::MethodFilter};
use serde_json::{Value, json};

use super::{Answer, Asked, at_most, on, required, success};
use crate::{
    people::PersonAt,
    refusal::Refusal,
    running::Running,
    simulator::digits,
    webhooks::{Told, Update},
    world::World,
};

/// So many people are in a group at most, besides the business.
const MOST: usize = 8;

/// All groups of all numbers.
#[derive(Debug, Default)]
pub(super) struct Groups {
    all: Vec<Group>,
    made: u64,
    requests: u64,
}

#[derive(Debug)]
struct Group {
    id: String,
    number: usize,
    subject: String,
    description: String,
    approval: bool,
    made_at: i64,
    /// How often the link was made anew.
    link: u64,
    members: Vec<PersonAt>,
    waiting: Vec<Waiting>,
}

/// Somebody who wants to be in a group.
#[derive(Debug)]
struct Waiting {
    id: String,
    person: PersonAt,
    at: i64,
}

impl Group {
    fn invite_link(&self) -> String {
        format!("https://chat.whatsapp.com/{}{}", self.id, self.link)
    }
    fn mode(&self) -> &'static str {
        if self.approval { "approval_required" } else { "auto_approve" }
    }
}

pub(super) fn routes() -> Router<Arc<Running>> {
    Router::new()
        .route("/{version}/{id}/groups", on(MethodFilter::GET, list).merge(on(MethodFilter::POST, create)))
        .route(
            "/{version}/{id}/invite_link",
            on(MethodFilter::GET, link).merge(on(MethodFilter::POST, reset)),
        )
        .route("/{version}/{id}/participants", on(MethodFilter::DELETE, expel))
        .route(
            "/{version}/{id}/join_requests",
            on(MethodFilter::GET, waiting)
                .merge(on(MethodFilter::POST, approve))
                .merge(on(MethodFilter::DELETE, reject)),
        )
}

fn at(world: &World, id: &str) -> Option<usize> {
    world.management.groups.all.iter().position(|g| g.id == id)
}

fn group<'a>(world: &'a mut World, asked: &Asked) -> Result<&'a mut Group, Refusal> {
    let at = at(world, &asked.id).ok_or_else(|| Refusal::no_object(&asked.id))?;
    Ok(&mut world.management.groups.all[at])
}

fn participant(world: &World, person: PersonAt) -> Value {
    let person = world.people.get(person);
    let mut json = json!({"user_id": person.user_id});
    if !person.hides_number {
        json["wa_id"] = person.number.as_str().into();
    }
    json
}

/// Tells something of a group to the app of its number.
fn tell(world: &mut World, at: usize, field: &'static str, mut told: Value, now: i64) {
    let group = &world.management.groups.all[at];
    told["timestamp"] = (now / 1_000).to_string().into();
    told["group_id"] = group.id.as_str().into();
    let number = &world.numbers[group.number];
    let display: String = digits(&number.display);
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": display, "phone_number_id": number.id},
        "groups": [told],
    });
    let update = Update {
        number: group.number,
        told: Told::Other { field: field.into(), value: value.to_string() },
        of: None,
    };
    world.tell(update, now);
}

fn list(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let own = world.management.groups.all.iter().filter(|g| g.number == number);
    let shown =
        own.map(|g| json!({"id": g.id, "subject": g.subject, "created_at": (g.made_at / 1_000).to_string()}));
    let mut page = asked.page(shown.collect());
    page["data"] = json!({"groups": page["data"].take()});
    Ok(page)
}

fn create(world: &mut World, asked: &Asked, now: i64) -> Answer {
    let number = world.number_of(asked)?;
    asked.for_whatsapp()?;
    let subject = at_most(asked.need("subject")?.trim(), "subject", 128)?.to_owned();
    let description =
        at_most(asked.text("description").unwrap_or_default(), "description", 2_048)?.to_owned();
    let approval = match asked.text("join_approval_mode") {
        None | Some("auto_approve") => false,
        Some("approval_required") => true,
        Some(_) => {
            return Err(Refusal::new(
                100,
                "Param join_approval_mode must be approval_required or auto_approve",
            ));
        }
    };
    let groups = &mut world.management.groups;
    groups.made += 1;
    let request = format!("{:032X}", 0x784d_93d0_c468_5930_u64 + groups.made);
    let group = Group {
        id: format!("Y2FwaV9ncm91cDox{:08}ZD", groups.made),
        number,
        subject,
        description,
        approval,
        made_at: now,
        link: 0,
        members: Vec::new(),
        waiting: Vec::new(),
    };
    let told = json!({"type": "group_create", "request_id": request, "subject": group.subject,
        "description": group.description, "invite_link": group.invite_link(), "join_approval_mode": group.mode()});
    groups.all.push(group);
    let at = groups.all.len() - 1;
    tell(world, at, "group_lifecycle_update", told, now);
    Ok(json!({"messaging_product": "whatsapp", "request_id": request}))
}

pub(super) fn look(world: &World, asked: &Asked) -> Option<Answer> {
    let group = &world.management.groups.all[at(world, &asked.id)?];
    let participants: Vec<Value> = group.members.iter().map(|p| participant(world, *p)).collect();
    let shown = json!({
        "id": group.id, "messaging_product": "whatsapp", "subject": group.subject, "description": group.description,
        "join_approval_mode": group.mode(), "suspended": false, "creation_timestamp": group.made_at / 1_000,
        "participants": participants, "total_participant_count": group.members.len(),
    });
    Some(Ok(asked.pick(shown)))
}

pub(super) fn change(world: &mut World, asked: &Asked, now: i64) -> Option<Answer> {
    let at = at(world, &asked.id)?;
    let given = |key: &str, most: usize| asked.text(key).map(|t| at_most(t.trim(), key, most)).transpose();
    let changed = (|| {
        let (subject, description) = (given("subject", 128)?, given("description", 2_048)?);
        if subject.or(description).is_none() || subject == Some("") {
            return Err(required("subject"));
        }
        let group = &mut world.management.groups.all[at];
        let mut told = json!({"type": "group_settings_update"});
        if let Some(subject) = subject {
            subject.clone_into(&mut group.subject);
            told["subject"] = subject.into();
        }
        if let Some(description) = description {
            description.clone_into(&mut group.description);
            told["description"] = description.into();
        }
        tell(world, at, "group_settings_update", told, now);
        Ok(success())
    })();
    Some(changed)
}

pub(super) fn remove(world: &mut World, asked: &Asked, now: i64) -> Option<Answer> {
    let at = at(world, &asked.id)?;
    tell(world, at, "group_lifecycle_update", json!({"type": "group_delete"}), now);
    world.management.groups.all.remove(at);
    Some(Ok(success()))
}

fn link(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let link = group(world, asked)?.invite_link();
    Ok(json!({"messaging_product": "whatsapp", "invite_link": link}))
}

fn reset(world: &mut World, asked: &Asked, now: i64) -> Answer {
    asked.for_whatsapp()?;
    group(world, asked)?.link += 1;
    link(world, asked, now)
}

fn expel(world: &mut World, asked: &Asked, now: i64) -> Answer {
    asked.for_whatsapp()?;
    let users = asked.list("participants")?.unwrap_or_default();
    if users.is_empty() || users.len() > MOST {
        return Err(Refusal::new(100, "Param participants takes 1 to 8"));
    }
    let at = at(world, &asked.id).ok_or_else(|| Refusal::no_object(&asked.id))?;
    let mut out = Vec::new();
    for user in &users {
        let given = user["user"].as_str().ok_or_else(|| required("participants['user']"))?;
        let person = world.people.find_user(given).or_else(|| world.people.find(&digits(given)));
        let group = &mut world.management.groups.all[at];
        let there = person.and_then(|p| group.members.iter().position(|m| *m == p));
        let Some(there) = there else {
            return Err(Refusal::new(131_202, "Somebody is not in the group"));
        };
        let person = group.members.remove(there);
        let mut told = participant(world, person);
        told["input"] = given.into();
        out.push(told);
    }
    let told = json!({"type": "group_remove_participants", "removed_participants": out});
    tell(world, at, "group_participants_update", told, now);
    Ok(success())
}

fn waiting(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let at = at(world, &asked.id).ok_or_else(|| Refusal::no_object(&asked.id))?;
    let shown = world.management.groups.all[at].waiting.iter().map(|w| {
        let mut json = participant(world, w.person);
        json["join_request_id"] = w.id.as_str().into();
        json["creation_timestamp"] = (w.at / 1_000).into();
        json
    });
    Ok(asked.page(shown.collect()))
}

fn approve(world: &mut World, asked: &Asked, now: i64) -> Answer {
    decide(world, asked, now, "approved_join_requests")
}

fn reject(world: &mut World, asked: &Asked, now: i64) -> Answer {
    decide(world, asked, now, "rejected_join_requests")
}

fn decide(world: &mut World, asked: &Asked, now: i64, key: &str) -> Answer {
    asked.for_whatsapp()?;
    let ids = asked.list("join_requests")?.filter(|all| !all.is_empty());
    let ids = ids.ok_or_else(|| required("join_requests"))?;
    let at = at(world, &asked.id).ok_or_else(|| Refusal::no_object(&asked.id))?;
    let (mut done, mut failed, mut joined) = (Vec::new(), Vec::new(), Vec::new());
    for id in ids {
        let group = &mut world.management.groups.all[at];
        let Some(there) = group.waiting.iter().position(|w| Some(&*w.id) == id.as_str()) else {
            failed.push(
                json!({"join_request_id": id, "errors": [{"code": 131_203, "title": "No such request"}]}),
            );
            continue;
        };
        let person = group.waiting.remove(there).person;
        if key == "approved_join_requests" {
            group.members.push(person);
            joined.push(person);
        }
        done.push(id);
    }
    tell_joined(world, at, &joined, now);
    let mut body = json!({"messaging_product": "whatsapp"});
    body[key] = done.into();
    if !failed.is_empty() {
        body["failed_join_requests"] = failed.into();
        body["errors"] = json!([{"code": 131_203, "title": "Some requests could not be decided"}]);
    }
    Ok(body)
}

fn tell_joined(world: &mut World, at: usize, joined: &[PersonAt], now: i64) {
    if joined.is_empty() {
        return;
    }
    let joined: Vec<Value> = joined.iter().map(|p| participant(world, *p)).collect();
    let told = json!({"type": "group_add_participants", "added_participants": joined});
    tell(world, at, "group_participants_update", told, now);
}

impl World {
    /// Somebody follows a group's link. Says whether they are in, or wait.
    pub(crate) fn join_group(&mut self, from: &str, link: &str, now: i64) -> Result<bool, Refusal> {
        let number = digits(from);
        if !(7..=15).contains(&number.len()) {
            return Err(Refusal::invalid("from must be a phone number"));
        }
        let person = self.people.meet(&number);
        let groups = &mut self.management.groups;
        let at = groups.all.iter().position(|g| g.invite_link() == link);
        let at = at.ok_or_else(|| Refusal::invalid("The link works no more"))?;
        let group = &mut groups.all[at];
        let is_in = group.members.contains(&person);
        if is_in || group.waiting.iter().any(|w| w.person == person) {
            return Ok(is_in);
        }
        if group.members.len() >= MOST {
            return Err(Refusal::invalid("The group is full"));
        }
        if group.approval {
            groups.requests += 1;
            let id = format!("MTY0NjcwNDM1OTU6{:08}", groups.requests).replace(':', "x");
            groups.all[at].waiting.push(Waiting { id, person, at: now });
            return Ok(false);
        }
        group.members.push(person);
        tell_joined(self, at, &[person], now);
        Ok(true)
    }
}
