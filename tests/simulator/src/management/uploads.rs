//! Uploads in pieces: a session, its bytes, and the handle that stands for the finished file.

use std::{collections::HashMap, sync::Arc};

use axum::{Router, body::Bytes, routing::MethodFilter};
use serde_json::json;

use super::{APP, Answer, Asked, on};
use crate::{refusal::Refusal, running::Running, world::World};

/// All sessions by id, and the finished files by handle.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    sessions: HashMap<String, Session>,
    done: HashMap<String, (String, Bytes)>,
    made: u64,
}

#[derive(Debug)]
struct Session {
    kind: String,
    length: usize,
    bytes: Vec<u8>,
}

impl Uploads {
    /// The file behind a handle.
    pub(super) fn take(&self, handle: &str) -> Result<(String, Bytes), Refusal> {
        let none = || Refusal::new(100, "The handle does not stand for a finished upload");
        self.done.get(handle).cloned().ok_or_else(none)
    }
}

pub(super) fn routes() -> Router<Arc<Running>> {
    Router::new().route("/{version}/{id}/uploads", on(MethodFilter::POST, begin))
}

fn begin(world: &mut World, asked: &Asked, _: i64) -> Answer {
    if asked.id != APP {
        return Err(Refusal::no_object(&asked.id));
    }
    asked.need("file_name")?;
    let kind = asked.need("file_type")?.to_owned();
    let length = asked.need("file_length")?.parse().map_err(|_| Refusal::new(100, "Param file_length"))?;
    if !["application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"].contains(&kind.as_str()) {
        return Err(Refusal::new(100, format!("Param file_type {kind:?} is not one of the known ones")));
    }
    let uploads = &mut world.management.uploads;
    uploads.made += 1;
    let id = format!("upload:{}", 600_000_000_000_000 + uploads.made);
    uploads.sessions.insert(id.clone(), Session { kind, length, bytes: Vec::new() });
    Ok(json!({ "id": id }))
}

/// How far a session is, if it is one.
pub(super) fn look(world: &World, asked: &Asked) -> Option<Answer> {
    let session = world.management.uploads.sessions.get(&asked.id)?;
    Some(Ok(json!({"id": asked.id, "file_offset": session.bytes.len()})))
}

/// More bytes of a session; the last ones finish it.
pub(super) fn receive(world: &mut World, asked: &Asked) -> Answer {
    let uploads = &mut world.management.uploads;
    let session = uploads.sessions.get_mut(&asked.id).ok_or_else(|| Refusal::no_object(&asked.id))?;
    if asked.offset != Some(session.bytes.len()) {
        return Err(Refusal::new(100, format!("The header file_offset must be {}", session.bytes.len())));
    }
    if session.bytes.len() + asked.file.len() > session.length {
        return Err(Refusal::new(100, format!("More than the {} bytes of file_length", session.length)));
    }
    session.bytes.extend_from_slice(&asked.file);
    if session.bytes.len() < session.length {
        return Ok(json!({"id": asked.id, "file_offset": session.bytes.len()}));
    }
    let handle = format!("4::{}", asked.id.trim_start_matches("upload:"));
    if let Some(session) = uploads.sessions.remove(&asked.id) {
        uploads.done.insert(handle.clone(), (session.kind, session.bytes.into()));
    }
    Ok(json!({ "h": handle }))
}
