//! What comes in: webhooks, events, read receipts.
mod handle;
mod model;
pub use handle::Inbound;
pub use model::{Ack, Event, EventPage, Happening, HttpRequest, HttpResponse};
