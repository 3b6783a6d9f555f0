//! Opening an engine, with the ports that the host brings.

use std::sync::Arc;

use conek_core as core;

use crate::{
    clock::VirtualClock,
    operations::Engine,
    ports::{
        ConsentPolicy, HostKeys, HostPolicy, HostStorage, HostTransport, KeyProvider, Storage, Transport,
    },
    runtime,
    types::{Actor, ConekError, Config},
};

#[uniffi::export]
impl Engine {
    /// Opens an engine. Whatever port is missing is conek's own: SQLite at `config.path`, the
    /// WhatsApp Cloud API, the key file, the computer's clock.
    ///
    /// `policies` stand beside conek's own rules; they can tighten and never loosen.
    #[uniffi::constructor(default(storage = None, transport = None, policies = [], keys = None, clock = None))]
    pub async fn open(
        config: Config,
        storage: Option<Arc<dyn Storage>>,
        transport: Option<Arc<dyn Transport>>,
        policies: Vec<Arc<dyn ConsentPolicy>>,
        keys: Option<Arc<dyn KeyProvider>>,
        clock: Option<Arc<VirtualClock>>,
    ) -> Result<Self, ConekError> {
        let mut rules: Vec<Arc<dyn core::ConsentPolicy>> = Vec::with_capacity(policies.len());
        for policy in policies {
            rules.push(Arc::new(HostPolicy::new(policy)?));
        }
        let clock = clock.map(|clock| clock.inner.clone() as Arc<dyn core::Clock>);
        let transport = transport.map(|port| HostTransport::new(port, clock.clone()));
        let ports = core::Ports {
            storage: storage.map(|port| Arc::new(HostStorage(port)) as Arc<dyn core::Storage>),
            transport: transport.map(|port| Arc::new(port) as Arc<dyn core::Transport>),
            policies: rules,
            keys: keys.map(|port| Arc::new(HostKeys(port)) as Arc<dyn core::KeyProvider>),
            clock,
        };
        let inner = runtime::run(core::Engine::open(config.into(), ports)).await?;
        Ok(Self { inner })
    }

    /// The same engine as somebody sees it who may do less: every call is checked against their scopes, what they
    /// do not see is masked, and the audit log names them. The host authenticates; conek authorises.
    pub fn session(&self, actor: Actor) -> Result<Arc<Self>, ConekError> {
        Ok(Arc::new(Self { inner: self.inner.session(actor.into())? }))
    }
}
