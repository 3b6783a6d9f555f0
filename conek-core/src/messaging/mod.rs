//! Messages: what they say, what becomes of them, and the protocol that sends them.
//!
//! The way of a message: [`compose`] checks a draft and gathers facts, [`outbox`] stores it with the
//! decision, [`dispatch`] claims it, looks at the person once more and stores the intent,
//! [`outcome`] stores what the request came to, [`recover`] tends what nobody holds any more.

pub(crate) mod compose;
pub mod content;
pub(crate) mod dispatch;
pub(crate) mod echo;
pub(crate) mod lane;
mod media;
mod messages;
mod model;
pub(crate) mod outbox;
pub(crate) mod outcome;
pub(crate) mod pace;
pub(crate) mod recover;
pub(crate) mod row;
pub(crate) mod templates;

pub use content::{
    Button, Content, Draft, Header, ListRow, ListSection, Media, Parameter, Purpose, Recipient,
    TemplateButton,
};
pub use media::MediaLibrary;
pub use messages::Messages;
pub use model::{Message, MessagePage, MessageState, SendResult, Sent, Template, TemplateCategory};
pub use templates::Templates;
