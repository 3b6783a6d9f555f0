//! The WhatsApp Cloud API: the transport that ships with conek.

mod answer;
mod around;
mod calls;
mod client;
pub mod errors;
mod events;
mod loose;
mod manage;
mod replies;
mod settings;
mod signature;
mod statuses;
mod upload;
mod validate;
mod webhook;
mod wire;

#[cfg(test)]
mod tests;

pub(crate) use answer::GraphError;
pub use client::{NumberInfo, WhatsApp};
pub use errors::{action, meaning};
pub use settings::{DEFAULT_GRAPH_VERSION, GRAPH_VERSIONS, GraphVersion, Settings, graph_version_expires};
pub use signature::MAX_BODY;
pub use validate::validate;
pub use webhook::parse;
