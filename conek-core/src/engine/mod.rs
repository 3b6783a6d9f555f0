//! The engine: the only place that wires rooms together.

mod config;

use std::sync::Arc;

pub use config::{Config, EngineStatus, Number, StoppedNumber, WhatsAppAccess};

use crate::{Clock, Storage, Transport, campaigns::Campaigns, consent::{Consent, Notices}, inbound::Inbound, messaging::{MediaLibrary, Messages, Templates}, people::Contacts, policy::{ConsentPolicy, Policy}, values::error::Result, vault::KeyProvider};

#[derive(Debug)]
pub(crate) struct Inner {}

/// The ports a host brings itself; whatever is missing is conek's own.
#[derive(Debug, Clone, Default)]
pub struct Ports {
    /// Where records live, instead of SQLite at `Config::path`.
    pub storage: Option<Arc<dyn Storage>>,
    /// How messages leave, instead of the WhatsApp Cloud API.
    pub transport: Option<Arc<dyn Transport>>,
    /// Rules beside conek's own. They can tighten and never loosen.
    pub policies: Vec<Arc<dyn ConsentPolicy>>,
    /// Who wraps the account's key, instead of the key file.
    pub keys: Option<Arc<dyn KeyProvider>>,
    /// The time, instead of the computer's clock.
    pub clock: Option<Arc<dyn Clock>>,
}

/// A messaging engine on one database.
#[derive(Debug, Clone)]
pub struct Engine { inner: Arc<Inner> }

impl Engine {
    /// Opens.
    pub async fn open(config: Config, ports: Ports) -> Result<Engine> { todo!() }
    /// Contacts.
    pub fn contacts(&self) -> Contacts { Contacts { engine: self.inner.clone() } }
    /// Consent.
    pub fn consent(&self) -> Consent { Consent { engine: self.inner.clone() } }
    /// Notices.
    pub fn notices(&self) -> Notices { Notices { engine: self.inner.clone() } }
    /// Policy.
    pub fn policy(&self) -> Policy { Policy { engine: self.inner.clone() } }
    /// Messages.
    pub fn messages(&self) -> Messages { Messages { engine: self.inner.clone() } }
    /// Templates.
    pub fn templates(&self) -> Templates { Templates { engine: self.inner.clone() } }
    /// Media.
    pub fn media(&self) -> MediaLibrary { MediaLibrary { engine: self.inner.clone() } }
    /// Campaigns.
    pub fn campaigns(&self) -> Campaigns { Campaigns { engine: self.inner.clone() } }
    /// Inbound.
    pub fn inbound(&self) -> Inbound { Inbound { engine: self.inner.clone() } }
    /// Status.
    pub async fn status(&self) -> Result<EngineStatus> { todo!() }
    /// Waits until nothing is due, in flight or unapplied; false after timeout.
    pub async fn settle(&self, timeout_ms: i32) -> Result<bool> { todo!() }
    /// Backs up.
    pub async fn backup(&self, to: String) -> Result<()> { todo!() }
    /// Closes.
    pub async fn close(&self) -> Result<()> { todo!() }
}
