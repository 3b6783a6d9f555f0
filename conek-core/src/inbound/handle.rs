//! Inbound.
use super::*;
use crate::{engine::Inner, transport::WebhookRequest, values::error::Result};
use std::sync::Arc;
/// What comes in.
#[derive(Debug, Clone)]
pub struct Inbound { pub(crate) engine: Arc<Inner> }
impl Inbound {
    /// Verifies, stores, answers; applies soon after.
    pub async fn handle_webhook(&self, request: WebhookRequest) -> Result<Ack> { todo!() }
    /// Answers Meta's GET handshake with the challenge.
    pub async fn handshake(&self, mode: String, token: String, challenge: String) -> Result<String> { todo!() }
    /// The whole HTTP surface without a framework.
    pub async fn handle_http(&self, request: HttpRequest) -> Result<HttpResponse> { todo!() }
    /// Events after a cursor.
    pub async fn events(&self, after: Option<String>, limit: i32) -> Result<EventPage> { todo!() }
    /// Waits up to timeout_ms for events after a cursor.
    pub async fn next_events(&self, after: Option<String>, limit: i32, timeout_ms: i32) -> Result<EventPage> { todo!() }
    /// Marks a person's message as read.
    pub async fn mark_read(&self, receiver: String, wamid: String) -> Result<()> { todo!() }
}
