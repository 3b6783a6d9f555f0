//! Messages: what they say, what becomes of them, and the protocol that sends them.

pub mod content;

pub use content::{
    Button, Content, Draft, Header, ListRow, ListSection, Media, Parameter, Purpose, Recipient,
    TemplateButton,
};
