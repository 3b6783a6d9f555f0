//! Messages: what they say, what becomes of them, and the protocol that sends them.
//!
//! The way of a message: [`compose`] checks a draft and gathers facts, [`outbox`] stores it with the
//! decision, [`dispatch`] claims it, looks at the person once more and stores the intent,
//! [`outcome`] stores what the request came to, [`recover`] tends what nobody holds any more.

mod comparison;
mod components;
pub(crate) mod compose;
pub mod content;
pub(crate) mod definition;
pub(crate) mod dispatch;
pub(crate) mod echo;
pub(crate) mod fits;
pub(crate) mod health;
pub(crate) mod lane;
mod library;
mod media;
mod messages;
mod model;
pub(crate) mod outbox;
pub(crate) mod outcome;
pub(crate) mod pace;
pub(crate) mod recover;
pub(crate) mod row;
pub(crate) mod says;
mod submission;
pub(crate) mod templates;

pub use comparison::{
    ComparedTemplate, TemplateComparison, TemplateMigration, TemplateSource, UnmigratedTemplate,
};
pub use components::{
    ButtonExample, CardExamples, PasswordApp, PasswordSettings, PasswordWay, TemplateExamples,
};
pub use content::{
    Amount, Button, CardAction, CardAddress, CardEmail, CardName, CardOrganisation, CardPhone, CardUrl,
    CarouselCard, ContactCard, Content, Draft, FlowRef, FlowStart, Header, ListRow, ListSection, Media,
    Order, OrderItem, OrderKind, OrderStage, Parameter, ParameterFormat, PaymentMethod, Place,
    ProductSection, Purpose, Recipient, SavedAddress, TemplateButton, TemplateCard,
};
pub use definition::{
    ButtonDefinition, CardDefinition, OfferDefinition, Template, TemplateCategory, TemplateHeader,
};
pub use library::{
    LibraryButton, LibraryButtonInput, LibraryPage, LibraryQuery, LibraryTemplate, MadeFromLibrary,
    NewFromLibrary,
};
pub use media::{MediaFile, MediaInfo, MediaLibrary};
pub use messages::Messages;
pub use model::{Message, MessagePage, MessageState, SendResult, Sent};
pub use submission::{TemplateSync, UnreadTemplate};
pub use templates::Templates;
