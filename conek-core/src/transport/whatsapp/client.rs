//! The transport itself: one call to the Cloud API for each thing the engine asks.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use reqwest::{
    Client, RequestBuilder, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    multipart::{Form, Part},
};
use serde::{Deserialize, Serialize};

use super::{
    answer::{self, Answer},
    manage,
    settings::{Settings, millis},
    signature::Verifier,
    upload, webhook, wire,
};
use crate::{
    policy::SendPermit,
    transport::{
        Address, GraphAnswer, GraphCall, GraphMethod, Outgoing, Parsed, Route, SendOutcome, Transport,
        Upload, WebhookRequest,
    },
    values::{
        error::{Error, Result, Retry},
        secret::Secret,
        time::Clock,
    },
};

/// What WhatsApp says about a phone number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberInfo {
    /// The number as people see it.
    pub display_phone_number: String,
    /// The business's name on it, once it is approved.
    pub verified_name: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `NA` or `UNKNOWN`.
    pub quality: Option<String>,
    /// `STANDARD` (80 messages a second), `HIGH` (1,000) or `NOT_APPLICABLE`.
    pub throughput: Option<String>,
    /// How many people may be written to first in 24 hours, for example `TIER_250`.
    pub messaging_limit: Option<String>,
}

/// The WhatsApp Cloud API.
///
/// A value is one app with one token; it serves every phone number that the token can use, and
/// any number of calls at once.
pub struct WhatsApp {
    client: Client,
    root: Url,
    authorization: RwLock<HeaderValue>,
    phone_number_ids: Vec<String>,
    upload_timeout_ms: u32,
    verifier: Verifier,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for WhatsApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WhatsApp").field("root", &self.root.as_str()).finish_non_exhaustive()
    }
}

impl WhatsApp {
    /// A transport with these settings. Opens no connection.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self> {
        if !settings.phone_number_ids.iter().all(|id| is_path_segment(id)) {
            return Err(Error::invalid("phone_number_ids", "must be ids, not phone numbers: digits only"));
        }
        Ok(Self {
            client: settings.http()?,
            root: settings.root()?,
            authorization: RwLock::new(bearer(&settings.access_token)?),
            verifier: Verifier::new(&settings.app_secrets, settings.verify_token)?,
            phone_number_ids: settings.phone_number_ids,
            upload_timeout_ms: settings.upload_timeout_ms,
            clock,
        })
    }

    /// Replaces the access token, for example after WhatsApp answered that it had expired. Calls that
    /// are under way keep the old one.
    pub fn replace_access_token(&self, token: &Secret) -> Result<()> {
        let value = bearer(token)?;
        *self.authorization.write().unwrap_or_else(PoisonError::into_inner) = value;
        Ok(())
    }

    /// Answers WhatsApp's registration of the webhook's address: for `hub.mode`, `hub.verify_token` and
    /// `hub.challenge` of the GET request, the text to return. Anything but the right token is an
    /// [`Error::Signature`]: answer with 403.
    pub fn verify_handshake(&self, mode: &str, token: &str, challenge: &str) -> Result<String> {
        self.verifier.handshake(mode, token, challenge)
    }

    /// Asks WhatsApp about a phone number: its quality, speed and daily limit.
    pub async fn number_info(&self, phone_number_id: &str) -> Result<NumberInfo> {
        const WHAT: &str = "number info";
        let mut url = self.url(phone_number_id, None)?;
        let fields = "display_phone_number,verified_name,quality_rating,throughput,whatsapp_business_manager_messaging_limit";
        url.query_pairs_mut().append_pair("fields", fields);
        let body = self.call(WHAT, self.client.get(url)).await?;
        let wire: WireNumber = serde_json::from_slice(&body).map_err(|_| unreadable(WHAT))?;
        Ok(NumberInfo {
            display_phone_number: wire.display_phone_number,
            verified_name: wire.verified_name,
            quality: wire.quality_rating,
            throughput: wire.throughput.and_then(|t| t.level),
            messaging_limit: wire.whatsapp_business_manager_messaging_limit,
        })
    }

    /// The address of a number, or of something below it.
    fn url(&self, phone_number_id: &str, below: Option<&str>) -> Result<Url> {
        let known =
            self.phone_number_ids.is_empty() || self.phone_number_ids.iter().any(|id| id == phone_number_id);
        // An id becomes part of a path: nothing else may be reached through it.
        if !is_path_segment(phone_number_id) || !known {
            return Err(Error::invalid("sender", "must be one of the configured phone number ids"));
        }
        let path = match below {
            Some(below) => format!("{phone_number_id}/{below}"),
            None => phone_number_id.to_owned(),
        };
        self.root.join(&path).map_err(|_| Error::internal("the address of a phone number"))
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        let value = self.authorization.read().unwrap_or_else(PoisonError::into_inner).clone();
        request.header(AUTHORIZATION, value)
    }

    /// One call that may be repeated without harm.
    async fn call(&self, what: &str, request: RequestBuilder) -> Result<Vec<u8>> {
        let response = self.authorized(request).send().await.map_err(|e| answer::failure(what, &e))?;
        Answer::read(response).await.body_or_error(what)
    }

    /// Says that a message was read, and perhaps that an answer is being written.
    async fn receipt(&self, sender: String, wamid: String, typing: bool) -> Result<()> {
        const WHAT: &str = "mark read";
        let url = self.url(&sender, Some("messages"))?;
        let body = serde_json::to_vec(&wire::MarkRead::new(&wamid, typing)).map_err(|_| unreadable(WHAT))?;
        let request = self.client.post(url).header(CONTENT_TYPE, JSON).body(body);
        self.call(WHAT, request).await.map(drop)
    }

    /// The request for a message, or why it must not leave.
    fn prepare(&self, permit: &SendPermit, message: &Outgoing) -> Result<RequestBuilder, String> {
        if message.body_hash().map_err(|e| e.to_string())? != *permit.body_hash() {
            return Err("the permit is for another message".to_owned());
        }
        if self.clock.now() > permit.valid_until() {
            return Err("the permit is no longer valid".to_owned());
        }
        let address_fits = match &message.to {
            Address::Phone { number } => number
                .strip_prefix('+')
                .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())),
            Address::Bsuid { id } => !id.is_empty(),
        };
        // Without `+` WhatsApp would put the business's own country code before the number.
        if !address_fits {
            return Err("the recipient must be +E.164 or a business-scoped id".to_owned());
        }
        if message.echo.chars().count() > 512 {
            return Err("the echo is longer than 512 characters".to_owned());
        }
        let below = match message.route {
            Route::Messages {} => "messages",
            Route::Marketing { .. } => "marketing_messages",
        };
        let url = self.url(&message.sender, Some(below)).map_err(|e| e.to_string())?;
        let body =
            serde_json::to_vec(&wire::Request::new(message)).map_err(|_| "the message has no JSON form")?;
        Ok(self.authorized(self.client.post(url)).header(CONTENT_TYPE, JSON).body(body))
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

#[async_trait]
impl Transport for WhatsApp {
    async fn send(&self, permit: SendPermit, message: Outgoing) -> SendOutcome {
        let request = match self.prepare(&permit, &message) {
            Ok(request) => request,
            Err(detail) => return SendOutcome::NotSent { detail },
        };
        match request.send().await {
            Ok(response) => Answer::read(response).await.outcome(),
            Err(error) => answer::outcome_of_failure(&error),
        }
    }

    async fn upload(&self, upload: Upload) -> Result<String> {
        const WHAT: &str = "upload";
        upload::check(&upload)?;
        let url = self.url(&upload.sender, Some("media"))?;
        let filename = if upload.filename.is_empty() { "file".to_owned() } else { upload.filename };
        let file = Part::bytes(upload.bytes)
            .file_name(filename)
            .mime_str(&upload.mime)
            .map_err(|_| Error::invalid("mime", "must be a media type such as image/jpeg"))?;
        let form =
            Form::new().text("messaging_product", "whatsapp").text("type", upload.mime).part("file", file);
        let request = self.client.post(url).timeout(millis(self.upload_timeout_ms)).multipart(form);
        let body = self.call(WHAT, request).await?;
        let stored: Stored = serde_json::from_slice(&body).map_err(|_| unreadable(WHAT))?;
        Ok(stored.id)
    }

    async fn mark_read(&self, sender: String, wamid: String) -> Result<()> {
        self.receipt(sender, wamid, false).await
    }

    async fn show_typing(&self, sender: String, wamid: String) -> Result<()> {
        self.receipt(sender, wamid, true).await
    }

    async fn manage(&self, call: GraphCall) -> Result<GraphAnswer> {
        let url = manage::address(&self.root, &call)?;
        let reads = call.method == GraphMethod::Get;
        let request = manage::request(&self.client, url, call, millis(self.upload_timeout_ms))?;
        let response = self.authorized(request).send().await.map_err(|e| match reads {
            true => answer::failure(manage::WHAT, &e),
            false => answer::failure_of_change(manage::WHAT, &e),
        })?;
        manage::read(response, reads).await
    }

    async fn download(&self, url: String) -> Result<Vec<u8>> {
        const WHAT: &str = "download";
        let url = manage::file_address(&self.root, &url)?;
        let request = self.authorized(self.client.get(url).timeout(millis(self.upload_timeout_ms)));
        let response = request.send().await.map_err(|e| answer::failure(WHAT, &e))?;
        Answer::read_up_to(manage::MAX_FILE, response).await.body_or_error(WHAT)
    }

    async fn verify(&self, request: WebhookRequest) -> Result<()> {
        self.verifier.verify(&request)
    }

    async fn parse(&self, body: Vec<u8>) -> Parsed {
        webhook::parse(&body)
    }
}

#[derive(Deserialize)]
struct Stored {
    id: String,
}

#[derive(Deserialize)]
struct WireNumber {
    display_phone_number: String,
    verified_name: Option<String>,
    quality_rating: Option<String>,
    throughput: Option<WireThroughput>,
    whatsapp_business_manager_messaging_limit: Option<String>,
}

#[derive(Deserialize)]
struct WireThroughput {
    level: Option<String>,
}

fn bearer(token: &Secret) -> Result<HeaderValue> {
    let text = zeroize::Zeroizing::new(format!("Bearer {}", token.expose()));
    let mut value = HeaderValue::from_str(&text).ok().filter(|_| !token.is_empty()).ok_or_else(|| {
        Error::invalid("access_token", "must be a token as Meta gives it, without spaces or line breaks")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn is_path_segment(id: &str) -> bool {
    !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_digit())
}

fn unreadable(what: &str) -> Error {
    Error::Transport { detail: format!("{what}: WhatsApp's answer cannot be read"), retry: Retry::Later }
}
