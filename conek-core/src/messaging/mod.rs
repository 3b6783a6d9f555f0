//! Messages: what they say, what becomes of them, and the protocol that sends them.

pub mod content;
mod media;
mod messages;
mod model;
mod templates;

pub use content::{
    Button, Content, Draft, Header, ListRow, ListSection, Media, Parameter, Purpose, Recipient,
    TemplateButton,
};
pub use media::MediaLibrary;
pub use messages::Messages;
pub use model::{Message, MessageState, SendResult, Sent, Template, TemplateCategory};
pub use templates::Templates;
