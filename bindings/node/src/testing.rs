//! What the tests of a host, and of this package, need from the native side.

use std::sync::Arc;

use conek_core::{
    Clock, Error, Result, SystemClock,
    conformance::{self, FarSide, TransportProbe},
    transport::whatsapp,
};
use napi::{
    Env,
    bindgen_prelude::{Object, PromiseRaw},
};
use napi_derive::napi;

use crate::{
    ports::{HostKeys, HostPolicy, HostStorage, HostTransport},
    raised::raised,
    types,
    values::Bytes,
};

/// Runs the storage suite on a host's storage.
#[napi(catch_unwind)]
pub fn check_storage<'e>(env: &'e Env, host: Object<'e>) -> napi::Result<PromiseRaw<'e, types::Report>> {
    let storage = HostStorage::of(&host)?;
    env.spawn_future(async move { Ok(conformance::check_one(storage).await.into()) })
}

/// Runs the transport suite on a host's transport.
#[napi(catch_unwind)]
pub fn check_transport<'e>(
    env: &'e Env,
    host: Object<'e>,
    sender: String,
    accepting: bool,
    webhook: Option<types::WebhookRequest>,
    updates: u32,
) -> napi::Result<PromiseRaw<'e, types::Report>> {
    let transport = HostTransport::of(&host, Arc::new(SystemClock))?;
    let far_side = if accepting { FarSide::Accepting } else { FarSide::Dead };
    let probe = TransportProbe {
        far_side,
        sender,
        now: SystemClock.now(),
        webhook: webhook.map(Into::into),
        updates,
    };
    env.spawn_future(async move { Ok(conformance::check_transport(transport, probe).await.into()) })
}

/// Runs the policy suite on a host's rule.
#[napi(catch_unwind)]
pub fn check_policy<'e>(env: &'e Env, host: Object<'e>) -> napi::Result<PromiseRaw<'e, types::Report>> {
    let policy = HostPolicy::of(&host)?;
    env.spawn_future(async move { Ok(conformance::check_policy(policy).await.into()) })
}

/// Runs the key providers' suite on a host's.
#[napi(catch_unwind)]
pub fn check_keys<'e>(env: &'e Env, host: Object<'e>) -> napi::Result<PromiseRaw<'e, types::Report>> {
    let keys = HostKeys::of(&host)?;
    env.spawn_future(async move { Ok(conformance::check_keys(keys).await.into()) })
}

/// What conek reads out of the body of a webhook of WhatsApp, as JSON.
#[napi(catch_unwind)]
pub fn parse_webhook(body: Bytes) -> napi::Result<String> {
    serde_json::to_string(&whatsapp::parse(&body.0)).map_err(|e| raised(Error::internal(e.to_string())))
}

fn failing(variant: &str, fields: &str) -> Result<()> {
    let unknown = || Error::invalid("variant", "no such error");
    let fields = serde_json::from_str(fields).map_err(|_| unknown())?;
    Err(types::error_of(variant, &fields).unwrap_or_else(unknown))
}

/// Fails with the error of that variant and those fields.
#[napi]
pub async fn fail(variant: String, fields: String) -> napi::Result<()> {
    failing(&variant, &fields).map_err(raised)
}

/// Panics inside a synchronous function.
#[napi(catch_unwind)]
pub fn panic_now() {
    std::panic::panic_any("a panic made for a test".to_owned());
}

/// Panics inside an asynchronous function.
#[napi]
pub async fn panic_later() -> napi::Result<()> {
    std::panic::panic_any("a panic made for a test".to_owned());
}
