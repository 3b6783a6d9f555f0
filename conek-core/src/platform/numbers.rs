//! Numbers: what WhatsApp says of them, and their way from a code to a registration.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Platform;
use crate::{
    audit::Scope,
    transport::call::{Call, check_id, check_length, items, needed, next_page, text},
    values::{
        error::{Error, Result},
        phone::digits,
    },
};

pub(super) const WHAT: &str = "phone number";
pub(super) const FIELDS: &str = "id,display_phone_number,verified_name,status,quality_rating,throughput,\
                      whatsapp_business_manager_messaging_limit,code_verification_status,name_status,new_name_status,\
                      platform_type,account_mode,is_pin_enabled,is_official_business_account";

/// A phone number as WhatsApp knows it (Meta: WhatsApp Business Account Phone Number). What an answer left out is
/// `None`; words that WhatsApp adds later come as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneNumber {
    /// Its id, by which everything else names it.
    pub id: String,
    /// The number as people see it.
    pub display_phone_number: String,
    /// The business's name on it, once it is approved.
    pub verified_name: Option<String>,
    /// `PENDING` before its first registration, `CONNECTED` while it is registered, `DISCONNECTED` after it; also
    /// `FLAGGED`, `RESTRICTED`, `BANNED` and others.
    pub status: Option<String>,
    /// How people take its messages: `GREEN`, `YELLOW`, `RED`, `NA` or `UNKNOWN`.
    pub quality: Option<String>,
    /// `STANDARD` (80 messages a second, in and out together), `HIGH` (1,000) or `NOT_APPLICABLE`.
    pub throughput: Option<String>,
    /// How many people the whole business may write to first within 24 hours, for example `TIER_250`.
    pub messaging_limit: Option<String>,
    /// Whether it was proved by a code that it is the business's: `VERIFIED`, `NOT_VERIFIED` or `EXPIRED`.
    pub code_verification: Option<String>,
    /// What became of its name: `APPROVED`, `AVAILABLE_WITHOUT_REVIEW`, `DECLINED`, `EXPIRED`, `PENDING_REVIEW` or
    /// `NONE`.
    pub name_status: Option<String>,
    /// The same of a name that was asked for meanwhile.
    pub new_name_status: Option<String>,
    /// Where it works: `CLOUD_API`, `ON_PREMISE` or `NOT_APPLICABLE`.
    pub platform: Option<String>,
    /// `LIVE`, or `SANDBOX` for a test number.
    pub account_mode: Option<String>,
    /// Whether a two-step PIN is set.
    pub pin_enabled: Option<bool>,
    /// Whether it has the mark of an official business.
    pub official: Option<bool>,
}

/// A page of the account's numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberPage {
    /// The numbers.
    pub numbers: Vec<PhoneNumber>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// A number that is to be added to the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPhoneNumber {
    /// The country's calling code: one to three digits, such as `27`.
    pub country_code: String,
    /// The number behind it: digits, which may be grouped by spaces, dots, dashes and brackets.
    pub phone_number: String,
    /// The business's name on it, which WhatsApp reviews: 2 to 75 characters.
    pub verified_name: String,
}

/// How a code reaches whoever holds the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeMethod {
    /// A text message.
    Sms,
    /// A call.
    Voice,
}

pub(super) fn number(json: &Json) -> Result<PhoneNumber> {
    Ok(PhoneNumber {
        id: needed(WHAT, json, "id", true)?,
        display_phone_number: text(json, "display_phone_number").unwrap_or_default(),
        verified_name: text(json, "verified_name"),
        status: text(json, "status"),
        quality: text(json, "quality_rating"),
        throughput: text(&json["throughput"], "level"),
        messaging_limit: text(json, "whatsapp_business_manager_messaging_limit"),
        code_verification: text(json, "code_verification_status"),
        name_status: text(json, "name_status"),
        new_name_status: text(json, "new_name_status"),
        platform: text(json, "platform_type"),
        account_mode: text(json, "account_mode"),
        pin_enabled: json["is_pin_enabled"].as_bool(),
        official: json["is_official_business_account"].as_bool(),
    })
}

fn check_pin(pin: &str) -> Result<()> {
    match pin.len() == 6 && pin.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(()),
        false => Err(Error::invalid("pin", "must be six digits")),
    }
}

impl Platform {
    /// The account's numbers, at most `limit` (1 to 100) of them; the next page begins at `after`.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let page = engine.platform().numbers(None, 100).await?;
    /// assert_eq!(page.numbers[0].quality.as_deref(), Some("GREEN"));
    /// assert_eq!(page.next, None);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without a `business_account` in the configuration; `transport`.
    pub async fn numbers(&self, after: Option<String>, limit: i32) -> Result<NumberPage> {
        self.engine.allow("platform.numbers", Scope::AccountAdmin)?;
        let call = Call::get(format!("{}/phone_numbers", self.engine.business_account()?));
        let page = self.engine.graph(WHAT, call.with("fields", FIELDS).page(after, limit)?).await?;
        Ok(NumberPage {
            numbers: items(&page).iter().map(number).collect::<Result<_>>()?,
            next: next_page(&page),
        })
    }

    /// What WhatsApp says of a number: its quality, its throughput, how far its registration and its name are. The
    /// account's default number, unless one is named.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let number = engine.platform().phone_number(None).await?;
    /// assert_eq!(number.status.as_deref(), Some("CONNECTED"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn phone_number(&self, number: Option<String>) -> Result<PhoneNumber> {
        self.engine.allow("platform.phone_number", Scope::AccountAdmin)?;
        let call = Call::get(self.number(number)?).with("fields", FIELDS);
        self::number(&self.engine.graph(WHAT, call).await?)
    }

    /// Adds a number to the account and says its id. It sends once a code has proved it (`request_code`, `verify_code`)
    /// and it is registered (`register`). A business has two numbers, and twenty once it is verified (Meta: WhatsApp
    /// Business Account > Phone Numbers).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::NewPhoneNumber;
    /// let number = NewPhoneNumber {
    ///     country_code: "27".into(),
    ///     phone_number: "21 555 0199".into(),
    ///     verified_name: "Karoo Coffee".into(),
    /// };
    /// let id = engine.platform().add_number(number).await?;
    /// assert_eq!(engine.platform().phone_number(Some(id)).await?.verified_name.as_deref(), Some("Karoo Coffee"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for what is no number or no name; `transport` with code 100 for a number that WhatsApp Business
    /// knows already, 200 where the business can have no more.
    pub async fn add_number(&self, number: NewPhoneNumber) -> Result<String> {
        self.engine.admit("platform.add_number", Scope::AccountAdmin, None)?;
        let code = number.country_code.trim_start_matches('+');
        if !(1..=3).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::invalid("country_code", "must be one to three digits"));
        }
        let grouping = |c: char| matches!(c, ' ' | '.' | '-' | '(' | ')');
        let digits: String = number.phone_number.chars().filter(|c| !grouping(*c)).collect();
        let all = digits.bytes().all(|b| b.is_ascii_digit());
        // E.164 has at most fifteen digits, with those of the country.
        if !all || !(4..=15 - code.len()).contains(&digits.len()) {
            return Err(Error::invalid(
                "phone_number",
                "must be the number behind the country's code, in digits",
            ));
        }
        check_length("verified_name", &number.verified_name, 2, 75)?;
        let body = json!({"cc": code, "phone_number": digits, "verified_name": number.verified_name});
        let path = format!("{}/phone_numbers", self.engine.business_account()?);
        needed(WHAT, &self.change(WHAT, Call::post(path, &body)).await?, "id", false)
    }

    /// Has WhatsApp send a code to a number that was added to the account, in a language such as `en_US`.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::CodeMethod;
    /// engine.platform().request_code("1065551234".into(), CodeMethod::Sms, "en_US".into()).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport` with code 136024 for a number that is verified already, or asked for too often.
    pub async fn request_code(&self, number: String, method: CodeMethod, language: String) -> Result<()> {
        self.engine.admit("platform.request_code", Scope::AccountAdmin, None)?;
        check_length("language", &language, 2, 10)?;
        let method = match method {
            CodeMethod::Sms => "SMS",
            CodeMethod::Voice => "VOICE",
        };
        let path = format!("{}/request_code", check_id("number", number)?);
        self.change(WHAT, Call::post(path, &json!({"code_method": method, "language": language})))
            .await
            .map(drop)
    }

    /// Proves by the code that came that the number is the business's.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().verify_code("1065551234".into(), "471-104".into()).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for what is no code; `transport` with code 136025 for a wrong one.
    pub async fn verify_code(&self, number: String, code: String) -> Result<()> {
        self.engine.admit("platform.verify_code", Scope::AccountAdmin, None)?;
        // People copy it as it was shown, with a dash or a space in the middle.
        let digits = digits(&code);
        check_length("code", &digits, 4, 12)?;
        let path = format!("{}/verify_code", check_id("number", number)?);
        self.change(WHAT, Call::post(path, &json!({ "code": digits }))).await.map(drop)
    }

    /// Registers a verified number for the Cloud API, so that it sends and receives. `pin` has six digits: the one
    /// that is set, or a new one where none is. `region` keeps its data at rest in a country (ISO 3166-1 alpha-2) that
    /// Meta offers. At most ten registrations and deregistrations within 72 hours.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().register("1065551234".into(), "471108".into(), None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a PIN that is none; `transport` with code 133005 for a wrong PIN, 133006 for a number that
    /// is not verified, 133016 after too many tries.
    pub async fn register(&self, number: String, pin: String, region: Option<String>) -> Result<()> {
        self.engine.admit("platform.register", Scope::AccountAdmin, None)?;
        check_pin(&pin)?;
        let mut body = json!({"messaging_product": "whatsapp", "pin": pin});
        if let Some(region) = region {
            check_length("region", &region, 2, 2)?;
            body["data_localization_region"] = region.into();
        }
        let path = format!("{}/register", check_id("number", number)?);
        self.change(WHAT, Call::post(path, &body)).await.map(drop)
    }

    /// Takes a number off the Cloud API: it neither sends nor receives until it is registered again.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().deregister("1065551234".into()).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport` with code 133010 for one that is not registered.
    pub async fn deregister(&self, number: String) -> Result<()> {
        self.engine.admit("platform.deregister", Scope::AccountAdmin, None)?;
        let path = format!("{}/deregister", check_id("number", number)?);
        self.change(WHAT, Call::act(path)).await.map(drop)
    }

    /// Sets the two-step PIN of a number: six digits, which its next registration asks for.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().set_pin("1065551234".into(), "471108".into()).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a PIN that is none; `not_found`; `transport`.
    pub async fn set_pin(&self, number: String, pin: String) -> Result<()> {
        self.engine.admit("platform.set_pin", Scope::AccountAdmin, None)?;
        check_pin(&pin)?;
        self.change(WHAT, Call::post(check_id("number", number)?, &json!({ "pin": pin }))).await.map(drop)
    }
}
