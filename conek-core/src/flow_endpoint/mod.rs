//! The endpoint of flows: what people's phones ask while a form is open, and what they are answered. Phones encrypt
//! for the business's key; WhatsApp carries what it cannot read.

mod handle;
mod key;
mod media;
mod model;
mod seal;

pub(crate) use handle::Exchanges;
pub use handle::FlowEndpoint;
pub(crate) use key::PrivateKeys;
pub use model::{
    FlowAction, FlowAnswer, FlowClientError, FlowHandled, FlowMedia, FlowPrivateKey, FlowRequest,
};
