//! Messages.
use super::*;
use crate::{engine::Inner, values::{error::Result, ids::{MessageId, PersonId}}};
use std::sync::Arc;
/// The account's messages.
#[derive(Debug, Clone)]
pub struct Messages { pub(crate) engine: Arc<Inner> }
impl Messages {
    /// Queues one.
    pub async fn send(&self, draft: Draft) -> Result<Sent> { todo!() }
    /// Queues many.
    pub async fn send_many(&self, drafts: Vec<Draft>) -> Result<Vec<SendResult>> { todo!() }
    /// Reads.
    pub async fn get(&self, id: MessageId) -> Result<Message> { todo!() }
    /// Waits until final or timeout.
    pub async fn wait(&self, id: MessageId, timeout_ms: i32) -> Result<Message> { todo!() }
    /// Cancels what has not left.
    pub async fn cancel(&self, id: MessageId) -> Result<Message> { todo!() }
    /// Messages to a person, newest first.
    pub async fn of_person(&self, person: PersonId, limit: i32) -> Result<Vec<Message>> { todo!() }
}
