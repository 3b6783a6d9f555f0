//! Calls: whether a number takes them, and whom it may call.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::{Platform, groups::moment};
use crate::{
    audit::Scope,
    messaging::Recipient,
    transport::{
        Address,
        call::{Call, list, needed, text},
    },
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

const WHAT: &str = "call";

/// Whether and how a number takes calls (Meta: Calling > Call settings).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CallingSettings {
    /// `ENABLED` or `DISABLED`.
    pub status: Option<String>,
    /// Whether chats show the button for calls: `DEFAULT` or `DISABLE_ALL`.
    pub call_icon_visibility: Option<String>,
    /// Whether people who call are asked at once whether the business may call back: `ENABLED` or `DISABLED`.
    pub callback_permission_status: Option<String>,
    /// How the keys of the media are agreed upon: `DTLS` or `SDES`.
    pub srtp_key_exchange_protocol: Option<String>,
    /// When the business takes calls: WhatsApp's `call_hours`, as JSON text.
    pub call_hours: Option<String>,
}

/// How often something may be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallLimit {
    /// Within what time, for example `PT24H`.
    pub time_period: String,
    /// How often it was done.
    pub current_usage: i32,
    /// How often it may be done.
    pub max_allowed: i32,
    /// When the count begins anew.
    pub resets_at: Option<Timestamp>,
}

/// Something that a number may do with a person, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallAction {
    /// `start_call` or `send_call_permission_request`.
    pub name: String,
    /// Whether it may be done now.
    pub allowed: bool,
    /// How often.
    pub limits: Vec<CallLimit>,
}

/// Whether a number may call a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallPermission {
    /// As WhatsApp says it, for example `no_permission`, `temporary` or `permanent`.
    pub status: String,
    /// Until when, where it ends.
    pub expires_at: Option<Timestamp>,
    /// What may be done.
    pub actions: Vec<CallAction>,
}

fn number_at(json: &Json, key: &str) -> i32 {
    json[key].as_i64().and_then(|n| i32::try_from(n).ok()).unwrap_or_default()
}

fn action(json: &Json) -> CallAction {
    let limit = |json: &Json| CallLimit {
        time_period: text(json, "time_period").unwrap_or_default(),
        current_usage: number_at(json, "current_usage"),
        max_allowed: number_at(json, "max_allowed"),
        resets_at: moment(json, "limit_expiration_time"),
    };
    CallAction {
        name: text(json, "action_name").unwrap_or_default(),
        allowed: json["can_perform_action"].as_bool().unwrap_or_default(),
        limits: list(json, "limits").iter().map(limit).collect(),
    }
}

impl Platform {
    /// Whether and how a number takes calls.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let settings = engine.platform().calling_settings(None).await?;
    /// assert_eq!(settings.status.as_deref(), Some("ENABLED"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn calling_settings(&self, number: Option<String>) -> Result<CallingSettings> {
        self.engine.allow("platform.calling_settings", Scope::AccountAdmin)?;
        let json = self.engine.graph(WHAT, Call::get(format!("{}/settings", self.number(number)?))).await?;
        let calling = &json["calling"];
        Ok(CallingSettings {
            status: text(calling, "status"),
            call_icon_visibility: text(calling, "call_icon_visibility"),
            callback_permission_status: text(calling, "callback_permission_status"),
            srtp_key_exchange_protocol: text(calling, "srtp_key_exchange_protocol"),
            call_hours: calling.get("call_hours").filter(|h| h.is_object()).map(Json::to_string),
        })
    }

    /// Changes whether and how a number takes calls; what is left out stays.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::CallingSettings;
    /// let on = CallingSettings { status: Some("ENABLED".into()), ..CallingSettings::default() };
    /// engine.platform().set_calling_settings(on, None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for nothing to change, or hours that are no JSON object; `transport`.
    pub async fn set_calling_settings(
        &self,
        settings: CallingSettings,
        number: Option<String>,
    ) -> Result<()> {
        self.engine.admit("platform.set_calling_settings", Scope::AccountAdmin, None)?;
        let mut calling = Map::new();
        for (key, value) in [
            ("status", settings.status),
            ("call_icon_visibility", settings.call_icon_visibility),
            ("callback_permission_status", settings.callback_permission_status),
            ("srtp_key_exchange_protocol", settings.srtp_key_exchange_protocol),
        ] {
            if let Some(value) = value {
                calling.insert(key.to_owned(), value.into());
            }
        }
        if let Some(hours) = settings.call_hours {
            let hours: Map<String, Json> = serde_json::from_str(&hours)
                .map_err(|_| Error::invalid("call_hours", "must be a JSON object"))?;
            calling.insert("call_hours".to_owned(), hours.into());
        }
        if calling.is_empty() {
            return Err(Error::invalid("settings", "must change something"));
        }
        let path = format!("{}/settings", self.number(number)?);
        self.change(WHAT, Call::post(path, &json!({ "calling": calling }))).await.map(drop)
    }

    /// Whether a number may call a person, as WhatsApp knows it, and how often. A person gives the permission in answer to
    /// a message (`Content::CallPermissionRequest`), or by calling.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::Recipient;
    /// let thandi = Recipient::Phone { number: "083 288 5137".into() };
    /// let permission = engine.platform().call_permission(thandi, None).await?;
    /// assert_eq!((&*permission.status, permission.actions[0].allowed), ("temporary", true));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for an unknown contact; `transport`.
    pub async fn call_permission(&self, who: Recipient, number: Option<String>) -> Result<CallPermission> {
        const NAME: &str = "platform.call_permission";
        self.engine.admit(NAME, Scope::MessagesSend, None)?;
        let path = format!("{}/call_permissions", self.number(number)?);
        let (address, person) = self.engine.blockable(who).await?;
        if let Some(person) = person {
            self.engine.about(NAME, &person);
        }
        let call = match address {
            Address::Phone { number } => Call::get(path).with("user_wa_id", number.trim_start_matches('+')),
            Address::Bsuid { id } => Call::get(path).with("recipient", id),
        };
        let json = self.engine.graph(WHAT, call).await?;
        Ok(CallPermission {
            status: needed(WHAT, &json["permission"], "status", true)?,
            expires_at: moment(&json["permission"], "expiration_time"),
            actions: list(&json, "actions").iter().map(action).collect(),
        })
    }
}
