//! Settings of a number: calling, storage, identity checks, its shop, and the key of its flows.

use std::sync::Arc;

use axum::{Router, routing::MethodFilter};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{Answer, Asked, on, success};
use crate::{refusal::Refusal, running::Running, world::World};

pub(super) fn routes() -> Router<Arc<Running>> {
    Router::new()
        .route(
            "/{version}/{id}/settings",
            on(MethodFilter::GET, settings).merge(on(MethodFilter::POST, change_settings)),
        )
        .route(
            "/{version}/{id}/whatsapp_commerce_settings",
            on(MethodFilter::GET, shop).merge(on(MethodFilter::POST, change_shop)),
        )
        .route(
            "/{version}/{id}/whatsapp_business_encryption",
            on(MethodFilter::GET, key).merge(on(MethodFilter::POST, set_key)),
        )
}

/// What a number begins with.
pub(super) fn first() -> Map<String, Value> {
    let first = json!({
        "calling": {
            "status": "DISABLED", "call_icon_visibility": "DEFAULT", "callback_permission_status": "DISABLED",
        },
        "storage_configuration": {"status": "DEFAULT"},
        "user_identity_change": {"enable_identity_key_check": false},
        "payload_encryption": {"status": "DISABLED"},
    });
    first.as_object().cloned().unwrap_or_default()
}

fn settings(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    Ok(asked.pick(Value::Object(world.management.numbers[number].settings.clone())))
}

fn change_settings(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let settings = &mut world.management.numbers[number].settings;
    let known = |(key, value): (&String, &Value)| settings.contains_key(key) && value.is_object();
    if asked.given.is_empty() || !asked.given.iter().all(known) {
        return Err(Refusal::new(
            100,
            "Takes objects for calling, storage_configuration, user_identity_change or payload_encryption",
        ));
    }
    let status = |group: &str, within: &[&str]| match &asked.given.get(group).map(|g| &g["status"]) {
        None | Some(Value::Null) => Ok(()),
        Some(status) if status.as_str().is_some_and(|s| within.contains(&s)) => Ok(()),
        Some(_) => Err(Refusal::new(100, format!("Param {group}['status'] must be one of {within:?}"))),
    };
    status("calling", &["ENABLED", "DISABLED"])?;
    status("payload_encryption", &["ENABLED", "DISABLED"])?;
    status("storage_configuration", &["DEFAULT", "IN_COUNTRY_STORAGE_ENABLED", "NO_STORAGE_ENABLED"])?;
    for (group, change) in &asked.given {
        if let (Some(Value::Object(now)), Some(change)) = (settings.get_mut(group), change.as_object()) {
            now.extend(change.clone());
        }
    }
    Ok(success())
}

/// The shop of a number: whether people see the catalogue and a cart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shop {
    cart: bool,
    visible: bool,
}

impl Default for Shop {
    fn default() -> Self {
        Self { cart: true, visible: false }
    }
}

fn shop(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let shop = world.management.numbers[number].shop;
    let shown = json!({
        "id": format!("{}", 800_000_000_000_001 + number), "is_cart_enabled": shop.cart, "is_catalog_visible": shop.visible,
    });
    Ok(json!({"data": [asked.pick(shown)]}))
}

fn change_shop(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let (cart, visible) = (asked.flag("is_cart_enabled")?, asked.flag("is_catalog_visible")?);
    if cart.or(visible).is_none() {
        return Err(Refusal::new(100, "Takes is_cart_enabled or is_catalog_visible"));
    }
    let shop = &mut world.management.numbers[number].shop;
    *shop = Shop { cart: cart.unwrap_or(shop.cart), visible: visible.unwrap_or(shop.visible) };
    Ok(success())
}

fn key(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let state = &world.management.numbers[number];
    let shown = |key: &String| {
        let (key, status) = if state.key_is_stale { (" ", "MISMATCH") } else { (key.as_str(), "VALID") };
        asked.pick(json!({"business_public_key": key, "business_public_key_signature_status": status}))
    };
    Ok(json!({"data": state.public_key.as_ref().map(shown).into_iter().collect::<Vec<_>>()}))
}

fn set_key(world: &mut World, asked: &Asked, _: i64) -> Answer {
    let number = world.number_of(asked)?;
    let key = asked.need("business_public_key")?;
    if !is_public_key(key) {
        return Err(Refusal::new(100, "Param business_public_key must be a 2048-bit RSA public key in PEM"));
    }
    let state = &mut world.management.numbers[number];
    (state.public_key, state.key_is_stale) = (Some(key.to_owned()), false);
    Ok(success())
}

/// Whether this is the PEM of a public key with as many bytes as RSA of 2,048 bits takes.
fn is_public_key(pem: &str) -> bool {
    let inner = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----");
    let inner = inner.and_then(|s| s.strip_suffix("-----END PUBLIC KEY-----"));
    let packed = inner.map(|s| s.split_whitespace().collect::<String>());
    packed.and_then(|s| STANDARD.decode(s).ok()).is_some_and(|der| der.len() == 294)
}
