//! Opening an engine with the ports a host brings.

use std::sync::Arc;

use conek_core::{Clock, Ports, SystemClock};
use napi::{
    Env,
    bindgen_prelude::{JsObjectValue, Object, PromiseRaw},
};
use napi_derive::napi;

use crate::{clock::VirtualClock, operations::NativeEngine, ports, raised::raised, types};

/// Opens an engine. `host` is what `lib/ports.js` makes of the host's own ports.
#[napi(catch_unwind)]
pub fn open<'e>(
    env: &'e Env,
    config: types::Config,
    host: Object<'e>,
    clock: Option<&VirtualClock>,
) -> napi::Result<PromiseRaw<'e, NativeEngine>> {
    let clock: Option<Arc<dyn Clock>> = clock.map(|c| c.clock.clone() as _);
    let mut brought = Ports { clock: clock.clone(), ..Ports::default() };
    if let Some(storage) = host.get::<Object>("storage")? {
        brought.storage = Some(ports::HostStorage::of(&storage)?);
    }
    if let Some(transport) = host.get::<Object>("transport")? {
        brought.transport =
            Some(ports::HostTransport::of(&transport, clock.unwrap_or_else(|| Arc::new(SystemClock)))?);
    }
    if let Some(keys) = host.get::<Object>("keys")? {
        brought.keys = Some(ports::HostKeys::of(&keys)?);
    }
    for policy in host.get_named_property::<Vec<Object>>("policies")? {
        brought.policies.push(ports::HostPolicy::of(&policy)?);
    }
    let config = config.into();
    env.spawn_future(async move {
        let engine = conek_core::Engine::open(config, brought).await.map_err(raised)?;
        Ok(NativeEngine { engine })
    })
}

/// The same engine as somebody sees it who may do less.
#[napi(catch_unwind)]
pub fn session(engine: &NativeEngine, actor: types::Actor) -> napi::Result<NativeEngine> {
    Ok(NativeEngine { engine: engine.engine.session(actor.into()).map_err(raised)? })
}
