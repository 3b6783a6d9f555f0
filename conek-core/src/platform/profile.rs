//! The business profile: what people see of a number.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::Platform;
use crate::{
    audit::Scope,
    transport::call::{Call, check_length, items, text, texts, unreadable},
    values::error::{Error, Result},
};

const WHAT: &str = "business profile";
const FIELDS: &str = "about,address,description,email,profile_picture_url,vertical,websites";

/// What people see of a number (Meta: WhatsApp Business Profile).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BusinessProfile {
    /// The line below the name.
    pub about: Option<String>,
    /// Where the business is.
    pub address: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Where its picture can be seen.
    pub picture_url: Option<String>,
    /// Its trade, for example `RETAIL` or `UNDEFINED`.
    pub vertical: Option<String>,
    /// Its sites.
    pub websites: Vec<String>,
}

/// What is to be changed of a profile; what is left out stays. An empty text takes a line away, but for `about`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileUpdate {
    /// The line below the name: 1 to 139 characters.
    pub about: Option<String>,
    /// Where the business is: at most 256 characters.
    pub address: Option<String>,
    /// What it does: at most 512 characters.
    pub description: Option<String>,
    /// Its e-mail address: at most 128 characters.
    pub email: Option<String>,
    /// Its trade: one of Meta's words, such as `RETAIL`, `RESTAURANT`, `HEALTH` or `OTHER`.
    pub vertical: Option<String>,
    /// Its sites, instead of those that there are: at most two, of 256 characters, with `http://` or `https://`. An
    /// empty list takes them away.
    pub websites: Option<Vec<String>>,
    /// The handle of a picture that `upload_sample` uploaded: JPEG or PNG.
    pub picture_handle: Option<String>,
}

fn body(update: ProfileUpdate) -> Result<Json> {
    let mut body = Map::new();
    let lines = [
        ("about", update.about, 1, 139),
        ("address", update.address, 0, 256),
        ("description", update.description, 0, 512),
        ("email", update.email, 0, 128),
        ("vertical", update.vertical, 1, 64),
        ("profile_picture_handle", update.picture_handle, 1, 4096),
    ];
    for (key, text, least, most) in lines {
        if let Some(text) = text {
            let field = if key == "profile_picture_handle" { "picture_handle" } else { key };
            check_length(field, &text, least, most)?;
            body.insert(key.to_owned(), text.into());
        }
    }
    if let Some(sites) = update.websites {
        if sites.len() > 2 {
            return Err(Error::invalid("websites", "must be two at most"));
        }
        for (i, site) in sites.iter().enumerate() {
            check_length(&format!("websites[{i}]"), site, 8, 256)?;
            if !site.starts_with("http://") && !site.starts_with("https://") {
                return Err(Error::invalid(format!("websites[{i}]"), "must begin with http:// or https://"));
            }
        }
        body.insert("websites".to_owned(), sites.into());
    }
    if body.is_empty() {
        return Err(Error::invalid("update", "must change something"));
    }
    body.insert("messaging_product".to_owned(), "whatsapp".into());
    Ok(Json::Object(body))
}

impl Platform {
    /// What people see of a number.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let profile = engine.platform().profile(None).await?;
    /// assert_eq!(profile.about.as_deref(), Some("Coffee from the Karoo"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn profile(&self, number: Option<String>) -> Result<BusinessProfile> {
        self.engine.allow("platform.profile", Scope::AccountAdmin)?;
        let path = format!("{}/whatsapp_business_profile", self.number(number)?);
        let page = self.engine.graph(WHAT, Call::get(path).with("fields", FIELDS)).await?;
        let profile = items(&page).first().ok_or_else(|| unreadable(WHAT, true))?;
        // Meta's description of the answer has one more level than its answers.
        let profile = profile.get("business_profile").unwrap_or(profile);
        Ok(BusinessProfile {
            about: text(profile, "about"),
            address: text(profile, "address"),
            description: text(profile, "description"),
            email: text(profile, "email"),
            picture_url: text(profile, "profile_picture_url"),
            vertical: text(profile, "vertical"),
            websites: texts(profile, "websites"),
        })
    }

    /// Changes what people see of a number.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::ProfileUpdate;
    /// let update = ProfileUpdate { about: Some("Coffee from the Karoo".into()), ..ProfileUpdate::default() };
    /// engine.platform().update_profile(update, None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for what does not fit, or nothing to change; `not_found`; `transport`.
    pub async fn update_profile(&self, update: ProfileUpdate, number: Option<String>) -> Result<()> {
        self.engine.admit("platform.update_profile", Scope::AccountAdmin, None)?;
        let path = format!("{}/whatsapp_business_profile", self.number(number)?);
        self.change(WHAT, Call::post(path, &body(update)?)).await.map(drop)
    }
}
