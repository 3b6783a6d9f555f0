//! Subscribed apps: who gets the account's webhooks, and where they go.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Platform;
use crate::{
    audit::Scope,
    transport::call::{Call, check_id, check_length, items, text},
    values::{
        error::{Error, Result},
        quiet::quiet_debug,
    },
};

const WHAT: &str = "webhook subscription";

/// An app that gets the account's webhooks (Meta: WhatsApp Business Account > Subscribed Apps).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscribedApp {
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Meta's page of it.
    pub link: Option<String>,
    /// Where this account's webhooks go, if not to the app's own address.
    pub callback_url: Option<String>,
}

/// Another address for webhooks than the app's own. `Debug` does not show the token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookCallback {
    /// The address, `https://...`. WhatsApp calls it with a challenge before it takes it.
    pub url: String,
    /// The word that the challenge brings: what `Config.whatsapp.verify_token` has, where conek answers it.
    pub verify_token: String,
}

quiet_debug! { WebhookCallback { url } }

fn check(callback: &WebhookCallback) -> Result<()> {
    check_length("callback.url", &callback.url, 8, 2000)?;
    if callback.verify_token.is_empty() {
        return Err(Error::invalid("callback.verify_token", "must not be empty"));
    }
    Ok(())
}

fn override_of(callback: &WebhookCallback) -> Json {
    json!({"override_callback_uri": callback.url, "verify_token": callback.verify_token})
}

impl Platform {
    /// The apps that get the account's webhooks. Without any, nothing comes in.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert_eq!(engine.platform().subscribed_apps().await?.len(), 1);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without a `business_account` in the configuration; `transport`.
    pub async fn subscribed_apps(&self) -> Result<Vec<SubscribedApp>> {
        self.engine.allow("platform.subscribed_apps", Scope::AccountAdmin)?;
        let call = Call::get(format!("{}/subscribed_apps", self.engine.business_account()?));
        let answer = self.engine.graph(WHAT, call).await?;
        let app = |json: &Json| {
            let data = json.get("whatsapp_business_api_data").unwrap_or(json);
            SubscribedApp {
                id: text(data, "id"),
                name: text(data, "name"),
                link: text(data, "link"),
                callback_url: text(json, "override_callback_uri"),
            }
        };
        Ok(items(&answer).iter().map(app).collect())
    }

    /// Subscribes the token's app to the account's webhooks; with a callback they go there, without one to the app's
    /// own address, also where they went elsewhere before.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().subscribe(None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `transport` with code 2200 for a callback that does not answer the challenge.
    pub async fn subscribe(&self, callback: Option<WebhookCallback>) -> Result<()> {
        self.engine.admit("platform.subscribe", Scope::AccountAdmin, None)?;
        callback.as_ref().map_or(Ok(()), check)?;
        let body = callback.as_ref().map_or_else(|| json!({}), override_of);
        let path = format!("{}/subscribed_apps", self.engine.business_account()?);
        self.change(WHAT, Call::post(path, &body)).await.map(drop)
    }

    /// Ends the app's subscription: nothing comes in any more, no message, no status, no opt-out.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().unsubscribe().await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without a `business_account` in the configuration; `transport`.
    pub async fn unsubscribe(&self) -> Result<()> {
        self.engine.admit("platform.unsubscribe", Scope::AccountAdmin, None)?;
        let path = format!("{}/subscribed_apps", self.engine.business_account()?);
        self.change(WHAT, Call::delete(path)).await.map(drop)
    }

    /// Sends the webhooks of one number elsewhere; without a callback they go where the account's go.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().set_number_callback("1065551234".into(), None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport` with code 2200 for a callback that does not answer the challenge.
    pub async fn set_number_callback(&self, number: String, callback: Option<WebhookCallback>) -> Result<()> {
        self.engine.admit("platform.set_number_callback", Scope::AccountAdmin, None)?;
        callback.as_ref().map_or(Ok(()), check)?;
        let number = check_id("number", number)?;
        let none = || json!({"override_callback_uri": ""});
        let body = json!({"webhook_configuration": callback.as_ref().map_or_else(none, override_of)});
        self.change(WHAT, Call::post(number, &body)).await.map(drop)
    }
}
