//! In-App Signup: links by which people subscribe to offers within WhatsApp, and what they see there.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::Platform;
use crate::{
    audit::Scope,
    transport::call::{Call, check_id, check_length, items, needed, next_page, text},
    values::{
        error::{Error, Result},
        phone::digits,
    },
};

const WHAT: &str = "sign-up";
/// The terms that a business accepts with its first sign-up; WhatsApp takes no other address.
const TERMS: &str = "https://www.facebook.com/legal/ads-manager-marketing-messages-terms";
const PROMO_CODE: &str = "{{promo_code}}";
const FIELDS: &str = "id,waba_id,status,signup_message,confirmation_message,privacy_policy_url,website_url,\
    promo_code,display_name";

/// A sign-up (Meta: In-App Signup). Its link is `https://wa.me/<phone number>/signup/<id>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signup {
    /// Its id: the evidence of consent of everybody who subscribes by it.
    pub id: String,
    /// `ACTIVE`, or `DISABLED`: then its links work no more.
    pub status: Option<String>,
    /// What people read before they subscribe.
    pub message: String,
    /// What WhatsApp sends them when they have.
    pub confirmation_message: String,
    /// Where the business's privacy policy is.
    pub privacy_policy_url: String,
    /// Where the business's site is.
    pub website_url: Option<String>,
    /// What stands in place of `{{promo_code}}`.
    pub promo_code: Option<String>,
    /// What the business calls it; people do not see it.
    pub display_name: Option<String>,
}

/// A page of the account's sign-ups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupPage {
    /// The sign-ups.
    pub signups: Vec<Signup>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// A sign-up to make.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewSignup {
    /// What people read before they subscribe: 1 to 300 characters. It names the business and says what they will get.
    pub message: String,
    /// What WhatsApp sends them when they have: 1 to 300 characters. `{{promo_code}}` in it becomes the `promo_code`.
    pub confirmation_message: String,
    /// Where the business's privacy policy is, an `https://` or `http://` address. It can never be changed.
    pub privacy_policy_url: String,
    /// Where the business's site is, an `https://` address.
    pub website_url: Option<String>,
    /// What stands in place of `{{promo_code}}`: 1 to 50 letters and digits.
    pub promo_code: Option<String>,
    /// What the business calls it: 1 to 256 characters. People do not see it.
    pub display_name: Option<String>,
    /// Accepts Meta's terms for marketing messages in the business's name. That is a legal act: set it for the first
    /// sign-up of a business, by somebody who may decide it, and never again.
    pub accept_terms: bool,
}

/// What is to be changed of a sign-up; what is left out stays. The privacy policy's address cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SignupUpdate {
    /// Whether its links work.
    pub active: Option<bool>,
    /// What people read before they subscribe: 1 to 300 characters.
    pub message: Option<String>,
    /// What WhatsApp sends them when they have: 1 to 300 characters.
    pub confirmation_message: Option<String>,
    /// Where the business's site is, an `https://` address.
    pub website_url: Option<String>,
    /// What stands in place of `{{promo_code}}`: 1 to 50 letters and digits.
    pub promo_code: Option<String>,
    /// What the business calls it: 1 to 256 characters.
    pub display_name: Option<String>,
}

fn check_address(field: &str, address: &str, schemes: &[&str]) -> Result<()> {
    let rest = schemes.iter().find_map(|scheme| address.strip_prefix(scheme));
    let plain =
        |rest: &str| !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control());
    match address.len() <= 2_000 && rest.is_some_and(plain) {
        true => Ok(()),
        false => Err(Error::invalid(
            field,
            format!("must be an address that begins with {}", schemes.join(" or ")),
        )),
    }
}

/// The placeholders of a confirmation: there is one, and it needs a value.
fn check_placeholders(confirmation: &str, promo_code: Option<&str>) -> Result<()> {
    let others = confirmation.replace(PROMO_CODE, "");
    let wrong = match () {
        () if others.contains("{{") => "knows the placeholder {{promo_code}} only",
        () if others.len() < confirmation.len() && promo_code.is_none() => {
            "needs a promo_code for its placeholder"
        }
        () => return Ok(()),
    };
    Err(Error::invalid("confirmation_message", wrong))
}

/// Checks what may be changed, and writes it as WhatsApp reads it.
fn checked(update: &SignupUpdate) -> Result<Map<String, Json>> {
    let text = |field, value: &Option<String>, most| match value {
        Some(value) => check_length(field, value, 1, most),
        None => Ok(()),
    };
    text("message", &update.message, 300)?;
    text("confirmation_message", &update.confirmation_message, 300)?;
    text("display_name", &update.display_name, 256)?;
    if let Some(address) = &update.website_url {
        check_address("website_url", address, &["https://"])?;
    }
    if let Some(code) = &update.promo_code {
        let plain = code.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain || !(1..=50).contains(&code.len()) {
            return Err(Error::invalid("promo_code", "must be 1 to 50 letters and digits"));
        }
    }
    let status = update.active.map(|on| if on { "ACTIVE" } else { "DISABLED" }.to_owned());
    let fields = [
        ("status", &status),
        ("signup_message", &update.message),
        ("confirmation_message", &update.confirmation_message),
        ("website_url", &update.website_url),
        ("promo_code", &update.promo_code),
        ("display_name", &update.display_name),
    ];
    Ok(fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?.into()))).collect())
}

fn signup(json: &Json) -> Result<Signup> {
    Ok(Signup {
        id: needed(WHAT, json, "id", true)?,
        status: text(json, "status"),
        message: text(json, "signup_message").unwrap_or_default(),
        confirmation_message: text(json, "confirmation_message").unwrap_or_default(),
        privacy_policy_url: text(json, "privacy_policy_url").unwrap_or_default(),
        website_url: text(json, "website_url"),
        promo_code: text(json, "promo_code"),
        display_name: text(json, "display_name"),
    })
}

impl Platform {
    /// The account's sign-ups, at most `limit` (1 to 100) of them; the next page begins at `after`.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let page = engine.platform().signups(None, 100).await?;
    /// assert_eq!(page.signups[0].status.as_deref(), Some("ACTIVE"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without a `business_account` in the configuration; `transport`.
    pub async fn signups(&self, after: Option<String>, limit: i32) -> Result<SignupPage> {
        self.engine.allow("platform.signups", Scope::AccountAdmin)?;
        let call = Call::get(format!("{}/signups", self.engine.business_account()?));
        let page = self.engine.graph(WHAT, call.with("fields", FIELDS).page(after, limit)?).await?;
        Ok(SignupPage {
            signups: items(&page).iter().map(signup).collect::<Result<_>>()?,
            next: next_page(&page),
        })
    }

    /// One sign-up.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let signup = engine.platform().signup("9876543210123456".into()).await?;
    /// assert_eq!(signup.promo_code.as_deref(), Some("SPRING10"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn signup(&self, id: String) -> Result<Signup> {
        self.engine.allow("platform.signup", Scope::AccountAdmin)?;
        let call = Call::get(format!("signups/{}", check_id("id", id)?));
        signup(&self.engine.graph(WHAT, call).await?)
    }

    /// Makes a sign-up and returns its id; `signup_link` makes the link that people open. Whoever subscribes by it has
    /// consented to marketing: the webhook that tells so is the evidence in the ledger. Not available to businesses and
    /// people in the European Economic Area, the United Kingdom, Brazil, Japan, South Korea, Nigeria, South Africa and
    /// Turkey (Meta: In-App Signup, July 2026).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::NewSignup;
    /// let signup = NewSignup {
    ///     message: "Offers of Karoo Coffee, about twice a month.".into(),
    ///     confirmation_message: "You are in. Your code: {{promo_code}}".into(),
    ///     privacy_policy_url: "https://karoo.example/privacy".into(),
    ///     promo_code: Some("SPRING10".into()),
    ///     accept_terms: true,
    ///     ..NewSignup::default()
    /// };
    /// assert_eq!(engine.platform().create_signup(signup).await?, "9876543210123456");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a size, an address or a placeholder that WhatsApp would refuse, and without a
    /// `business_account` in the configuration; `transport` with code 2494168 where the terms were never accepted,
    /// 2494176 where they were before, 2494165 where the account has no sign-ups.
    pub async fn create_signup(&self, signup: NewSignup) -> Result<String> {
        self.engine.admit("platform.create_signup", Scope::AccountAdmin, None)?;
        check_address("privacy_policy_url", &signup.privacy_policy_url, &["https://", "http://"])?;
        check_placeholders(&signup.confirmation_message, signup.promo_code.as_deref())?;
        let mut body = checked(&SignupUpdate {
            active: None,
            message: Some(signup.message),
            confirmation_message: Some(signup.confirmation_message),
            website_url: signup.website_url,
            promo_code: signup.promo_code,
            display_name: signup.display_name,
        })?;
        body.insert("privacy_policy_url".to_owned(), signup.privacy_policy_url.into());
        if signup.accept_terms {
            body.insert("policy".to_owned(), json!({"tos": TERMS, "accepted": true}));
        }
        let path = format!("{}/signups", self.engine.business_account()?);
        let made = self.change(WHAT, Call::post(path, &Json::Object(body))).await?;
        needed(WHAT, &made, "id", false)
    }

    /// Changes a sign-up. One that is not `active` is kept, and its links work no more: WhatsApp deletes none.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::SignupUpdate;
    /// let off = SignupUpdate { active: Some(false), ..SignupUpdate::default() };
    /// engine.platform().update_signup("9876543210123456".into(), off).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for nothing to change, and for a size, an address or a placeholder that WhatsApp would refuse;
    /// `not_found`; `transport` with code 2494167 for a placeholder without a value.
    pub async fn update_signup(&self, id: String, update: SignupUpdate) -> Result<()> {
        self.engine.admit("platform.update_signup", Scope::AccountAdmin, None)?;
        if let Some(confirmation) = &update.confirmation_message {
            // Whether there is a value already, only WhatsApp knows.
            check_placeholders(confirmation, Some(""))?;
        }
        let body = checked(&update)?;
        if body.is_empty() {
            return Err(Error::invalid("update", "must change something"));
        }
        let path = format!("signups/{}", check_id("id", id)?);
        self.change(WHAT, Call::post(path, &Json::Object(body))).await.map(drop)
    }

    /// The link by which people subscribe at a number: the account's default number, unless one is named. One sign-up
    /// works with every number of its account.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let link = engine.platform().signup_link("9876543210123456".into(), None).await?;
    /// assert_eq!(link, "https://wa.me/27215550100/signup/9876543210123456");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for an unknown number; `transport`.
    pub async fn signup_link(&self, id: String, number: Option<String>) -> Result<String> {
        self.engine.allow("platform.signup_link", Scope::AccountAdmin)?;
        let id = check_id("id", id)?;
        let call = Call::get(self.number(number)?).with("fields", "display_phone_number");
        let shown = self.engine.graph("number", call).await?;
        let number: String = needed("number", &shown, "display_phone_number", true)?;
        Ok(format!("https://wa.me/{}/signup/{id}", digits(&number)))
    }
}
