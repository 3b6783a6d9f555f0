//! What comes in: webhooks, stored before they are answered and applied after; and the ordered
//! stream of events that the host follows.

mod apply;
pub(crate) mod event;
mod handle;
mod http;
mod model;
mod preferences;
pub(crate) mod raw;

pub(crate) use apply::run;
pub use handle::Inbound;
pub use model::{Ack, Event, EventPage, Happening, HttpRequest, HttpResponse};
pub(crate) use raw::QUEUE;
