//! Embedded sign-up: a customer's yes to the app, and the token that it becomes.

use serde::{Deserialize, Serialize};

use super::Platform;
use crate::{
    audit::Scope,
    transport::call::{Call, check_id, check_length, needed, text},
    values::{error::Result, quiet::quiet_debug},
};

const WHAT: &str = "sign-up code";

/// What embedded sign-up handed out, with the app that it was for. `Debug` shows neither secret nor code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupCode {
    /// Meta's id of the app.
    pub app: String,
    /// The app's secret.
    pub app_secret: String,
    /// The code. It works once, and for 30 seconds.
    pub code: String,
}

/// A token for what the customer shared. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessToken {
    /// The token: a secret, to be kept where `Config.whatsapp.access_token` comes out of.
    pub access_token: String,
    /// `bearer`, where the answer says so.
    pub kind: Option<String>,
    /// In how many seconds it ends; `None` for one that does not.
    pub expires_in_seconds: Option<i64>,
}

quiet_debug! { SignupCode { app } BusinessToken { kind, expires_in_seconds } }

impl Platform {
    /// Exchanges the code of a finished embedded sign-up for the customer's token (Meta: Embedded sign-up > Onboarding
    /// business customers). Secret, code and token stand in no error and no log. A code works once: where the answer
    /// was lost, the customer has to sign up again.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::SignupCode;
    /// let code = SignupCode {
    ///     app: "300000000000001".into(),
    ///     app_secret: "the app's secret".into(),
    ///     code: "what sign-up handed out".into(),
    /// };
    /// let token = engine.platform().exchange_code(code).await?;
    /// assert!(!format!("{token:?}").contains(&token.access_token));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for an empty secret or code; `transport` with code 100 for a code that was used or has ended,
    /// 101 for a secret that is not the app's.
    pub async fn exchange_code(&self, code: SignupCode) -> Result<BusinessToken> {
        self.engine.admit("platform.exchange_code", Scope::AccountAdmin, None)?;
        check_length("app_secret", &code.app_secret, 1, 256)?;
        check_length("code", &code.code, 1, 4_096)?;
        let call = Call::get("oauth/access_token")
            .with("client_id", check_id("app", code.app)?)
            .with("client_secret", code.app_secret)
            .with("code", code.code);
        let answer = self.change(WHAT, call).await?;
        Ok(BusinessToken {
            access_token: needed(WHAT, &answer, "access_token", false)?,
            kind: text(&answer, "token_type"),
            expires_in_seconds: answer["expires_in"].as_i64(),
        })
    }
}
