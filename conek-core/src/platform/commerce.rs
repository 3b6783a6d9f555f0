//! What of a shop people see in the chat with a number.

use serde::{Deserialize, Serialize};

use super::Platform;
use crate::{
    audit::Scope,
    transport::call::{Call, items, unreadable},
    values::error::{Error, Result},
};

const WHAT: &str = "commerce settings";

/// What people see of a number's shop (Meta: WhatsApp Commerce Settings). What an answer left out is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CommerceSettings {
    /// Whether people can gather products in a cart and order them.
    pub cart_enabled: Option<bool>,
    /// Whether the catalog, or the button to it, is seen.
    pub catalog_visible: Option<bool>,
}

/// What is to be changed of a number's shop; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CommerceUpdate {
    /// Whether people can gather products in a cart and order them.
    pub cart_enabled: Option<bool>,
    /// Whether the catalog, or the button to it, is seen.
    pub catalog_visible: Option<bool>,
}

impl Platform {
    /// What people see of a number's shop.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let shop = engine.platform().commerce_settings(None).await?;
    /// assert_eq!(shop.cart_enabled, Some(true));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn commerce_settings(&self, number: Option<String>) -> Result<CommerceSettings> {
        self.engine.allow("platform.commerce_settings", Scope::AccountAdmin)?;
        let call = Call::get(format!("{}/whatsapp_commerce_settings", self.number(number)?));
        let page = self.engine.graph(WHAT, call).await?;
        let shop = items(&page).first().ok_or_else(|| unreadable(WHAT, true))?;
        Ok(CommerceSettings {
            cart_enabled: shop["is_cart_enabled"].as_bool(),
            catalog_visible: shop["is_catalog_visible"].as_bool(),
        })
    }

    /// Changes what people see of a number's shop.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::CommerceUpdate;
    /// let update = CommerceUpdate { catalog_visible: Some(true), ..CommerceUpdate::default() };
    /// engine.platform().update_commerce_settings(update, None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for nothing to change; `not_found`; `transport`.
    pub async fn update_commerce_settings(
        &self,
        update: CommerceUpdate,
        number: Option<String>,
    ) -> Result<()> {
        self.engine.admit("platform.update_commerce_settings", Scope::AccountAdmin, None)?;
        if update == CommerceUpdate::default() {
            return Err(Error::invalid("update", "must change something"));
        }
        // WhatsApp documents them in the address.
        let mut call = Call::act(format!("{}/whatsapp_commerce_settings", self.number(number)?));
        for (key, on) in
            [("is_cart_enabled", update.cart_enabled), ("is_catalog_visible", update.catalog_visible)]
        {
            if let Some(on) = on {
                call = call.with(key, on.to_string());
            }
        }
        self.change(WHAT, call).await.map(drop)
    }
}
