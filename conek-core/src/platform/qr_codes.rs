//! QR codes: short links that open a chat with a message already typed.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Platform;
use crate::{
    audit::Scope,
    transport::call::{Call, check_id, check_length, items, needed, next_page, text},
    values::error::Result,
};

const WHAT: &str = "QR code";
/// So many codes are on a page at most (Meta's OpenAPI, `message_qrdls`).
const MOST_AT_ONCE: i32 = 25;

/// A code (Meta: WhatsApp Business QR Codes).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrCode {
    /// What tells it apart, at the end of its link.
    pub code: String,
    /// The message that is typed already.
    pub message: String,
    /// The link behind it, `https://wa.me/message/...`.
    pub link: String,
    /// Where its picture can be fetched for a while, if one was asked for.
    pub image_url: Option<String>,
}

/// A page of a number's codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrPage {
    /// The codes.
    pub codes: Vec<QrCode>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// As what a code is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QrImage {
    /// Pixels.
    Png,
    /// Shapes.
    Svg,
}

fn code(json: &Json, reads: bool) -> Result<QrCode> {
    Ok(QrCode {
        code: needed(WHAT, json, "code", reads)?,
        message: text(json, "prefilled_message").unwrap_or_default(),
        link: text(json, "deep_link_url").unwrap_or_default(),
        image_url: text(json, "qr_image_url"),
    })
}

impl Platform {
    /// A number's codes, at most `limit` (1 to 100) of them, and never more than WhatsApp's 25 at once; the next page
    /// begins at `after`.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let page = engine.platform().qr_codes(None, 100, None).await?;
    /// assert_eq!(page.codes[0].message, "Is the shop open?");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn qr_codes(
        &self,
        after: Option<String>,
        limit: i32,
        number: Option<String>,
    ) -> Result<QrPage> {
        self.engine.allow("platform.qr_codes", Scope::AccountAdmin)?;
        let call = Call::get(format!("{}/message_qrdls", self.number(number)?));
        let call = call.with("fields", "code,prefilled_message,deep_link_url").page(after, limit)?;
        // WhatsApp takes no more here than this; the next page follows as always.
        let call = call.with("limit", limit.min(MOST_AT_ONCE).to_string());
        let page = self.engine.graph(WHAT, call).await?;
        Ok(QrPage {
            codes: items(&page).iter().map(|c| code(c, true)).collect::<Result<_>>()?,
            next: next_page(&page),
        })
    }

    /// Makes a code. `message` has 1 to 140 characters; with an `image` the answer says where its picture is.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::QrImage;
    /// let made =
    ///     engine.platform().create_qr_code("Is the shop open?".into(), Some(QrImage::Png), None).await?;
    /// assert!(made.link.starts_with("https://wa.me/message/"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a message that is empty or too long; `transport`.
    pub async fn create_qr_code(
        &self,
        message: String,
        image: Option<QrImage>,
        number: Option<String>,
    ) -> Result<QrCode> {
        self.engine.admit("platform.create_qr_code", Scope::AccountAdmin, None)?;
        check_length("message", &message, 1, 140)?;
        let mut body = json!({ "prefilled_message": message });
        if let Some(image) = image {
            body["generate_qr_image"] = match image {
                QrImage::Png => "PNG",
                QrImage::Svg => "SVG",
            }
            .into();
        }
        let path = format!("{}/message_qrdls", self.number(number)?);
        code(&self.change(WHAT, Call::post(path, &body)).await?, false)
    }

    /// Changes the message of a code; its link stays.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let code = engine.platform().qr_codes(None, 1, None).await?.codes.remove(0).code;
    /// let changed = engine.platform().update_qr_code(code, "Open on Sunday?".into(), None).await?;
    /// assert_eq!(changed.message, "Open on Sunday?");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a message that is empty or too long; `transport` with code 100 for an unknown code.
    pub async fn update_qr_code(
        &self,
        code: String,
        message: String,
        number: Option<String>,
    ) -> Result<QrCode> {
        self.engine.admit("platform.update_qr_code", Scope::AccountAdmin, None)?;
        check_length("message", &message, 1, 140)?;
        let code = check_id("code", code)?;
        let path = format!("{}/message_qrdls", self.number(number)?);
        let body = json!({"code": code, "prefilled_message": message});
        self::code(&self.change(WHAT, Call::post(path, &body)).await?, false)
    }

    /// Takes a code away: its link opens an empty chat from then on.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let code = engine.platform().qr_codes(None, 1, None).await?.codes.remove(0).code;
    /// engine.platform().delete_qr_code(code, None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `transport` with code 100 for an unknown code.
    pub async fn delete_qr_code(&self, code: String, number: Option<String>) -> Result<()> {
        self.engine.admit("platform.delete_qr_code", Scope::AccountAdmin, None)?;
        let path = format!("{}/message_qrdls/{}", self.number(number)?, check_id("code", code)?);
        self.change(WHAT, Call::delete(path)).await.map(drop)
    }
}
