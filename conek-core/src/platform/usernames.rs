//! The username by which people find a number.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Platform;
use crate::{
    audit::Scope,
    transport::call::{Call, check_length, items, text, texts},
    values::error::{Error, Result},
};

const WHAT: &str = "username";

/// A number's username (Meta: Business-scoped user ids > Business usernames).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BusinessUsername {
    /// The name, without `@`; `None` where the number has none.
    pub username: Option<String>,
    /// `reserved` until usernames can be seen where the business is, then `approved`.
    pub status: Option<String>,
}

fn check(username: &str) -> Result<()> {
    check_length("username", username, 3, 35)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'_';
    let dots = username.starts_with('.') || username.ends_with('.') || username.contains("..");
    let site = username.to_ascii_lowercase().starts_with("www");
    let letters = username.bytes().any(|b| b.is_ascii_alphabetic());
    match username.bytes().all(plain) && letters && !dots && !site {
        true => Ok(()),
        false => Err(Error::invalid(
            "username",
            "must be letters, digits, dots and underscores, with a letter, and no address of a site",
        )),
    }
}

fn username(json: &Json) -> BusinessUsername {
    BusinessUsername { username: text(json, "username"), status: text(json, "status") }
}

impl Platform {
    /// The username of a number.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let name = engine.platform().username(None).await?;
    /// assert_eq!(name.username.as_deref(), Some("karoocoffee"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn username(&self, number: Option<String>) -> Result<BusinessUsername> {
        self.engine.allow("platform.username", Scope::AccountAdmin)?;
        let call = Call::get(format!("{}/username", self.number(number)?));
        Ok(username(&self.engine.graph(WHAT, call).await?))
    }

    /// Usernames that WhatsApp keeps free for a number.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let names = engine.platform().username_suggestions(None).await?;
    /// assert_eq!(names, ["karoocoffee", "karoo.coffee"]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn username_suggestions(&self, number: Option<String>) -> Result<Vec<String>> {
        self.engine.allow("platform.username_suggestions", Scope::AccountAdmin)?;
        let call = Call::get(format!("{}/username_suggestions", self.number(number)?));
        let answer = self.engine.graph(WHAT, call).await?;
        Ok(items(&answer).iter().flat_map(|part| texts(part, "username_suggestions")).collect())
    }

    /// Gives a number a username, in place of the one that it has: 3 to 35 letters, digits, dots and underscores. With
    /// `force_transfer` it is taken from another number of the same business.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let name = engine.platform().set_username("karoocoffee".into(), false, None).await?;
    /// assert_eq!(name.status.as_deref(), Some("reserved"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for what can be no username; `transport` with code 147001 for one that is taken, 147002 to
    /// 147004 where the business has to do something first, 147005 for one of another number of the business.
    pub async fn set_username(
        &self,
        username: String,
        force_transfer: bool,
        number: Option<String>,
    ) -> Result<BusinessUsername> {
        self.engine.admit("platform.set_username", Scope::AccountAdmin, None)?;
        check(&username)?;
        let action = if force_transfer { "force_transfer" } else { "none" };
        let body = json!({"username": username, "transfer_action": action});
        let path = format!("{}/username", self.number(number)?);
        let answer = self.change(WHAT, Call::post(path, &body)).await?;
        Ok(BusinessUsername { username: Some(username), status: text(&answer, "status") })
    }

    /// Takes the username of a number away. Somebody else may have it then.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().delete_username(None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn delete_username(&self, number: Option<String>) -> Result<()> {
        self.engine.admit("platform.delete_username", Scope::AccountAdmin, None)?;
        let path = format!("{}/username", self.number(number)?);
        self.change(WHAT, Call::delete(path)).await.map(drop)
    }
}
