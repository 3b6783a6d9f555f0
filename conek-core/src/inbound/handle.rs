//! What comes in, open to the host.

use std::time::Duration;

use super::{Ack, EventPage, HttpRequest, HttpResponse, event, http, raw};
use crate::{
    audit::{FieldMask, Scope},
    people::contacts::limit_within,
    storage::Index,
    transport::WebhookRequest,
    values::error::{Error, Result},
};

/// What comes in.
#[derive(Debug, Clone)]
pub struct Inbound {
    pub(crate) engine: crate::engine::Session,
}

impl Inbound {
    /// Takes a webhook: verifies the signature over the raw bytes, stores them, answers. Applying
    /// follows at once on a task of the engine's own. Answer WhatsApp with 200 when this returns,
    /// and with 401 on a `signature` error: WhatsApp then sends it again.
    ///
    /// Safe to drop: what is stored stays stored.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::transport::WebhookRequest;
    /// let body = br#"{"object":"whatsapp_business_account","entry":[]}"#.to_vec();
    /// // The headers carry `x-hub-signature-256`; without the right one this is a `signature` error.
    /// let ack = engine.inbound().handle_webhook(WebhookRequest { headers: Default::default(), body }).await?;
    /// assert!(!ack.duplicate);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `signature` when it is missing or wrong; `invalid_input` over 3 MB; the storage's errors,
    /// on which WhatsApp must not be answered 200.
    pub async fn handle_webhook(&self, request: WebhookRequest) -> Result<Ack> {
        self.engine.allow("inbound.handle_webhook", Scope::InboundReceive)?;
        if request.body.len() > raw::LARGEST {
            return Err(Error::invalid("body", "is larger than the 3 MB that WhatsApp ever sends"));
        }
        let engine = self.engine.clone();
        let task = async move {
            let body = request.body.clone();
            engine.transport.verify(request).await?;
            let ack = engine.store_body(&body).await?;
            if !ack.duplicate {
                engine.webhooks.notify_one();
            }
            Ok(ack)
        };
        self.engine.run(task).await
    }

    /// Answers Meta's verification of the webhook's address: gives the challenge back when the
    /// token is the configured one.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let wrong = engine.inbound().handshake("subscribe".into(), "wrong".into(), "42".into()).await;
    /// assert_eq!(wrong.unwrap_err().code(), "signature");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `signature` for a wrong mode or token.
    pub async fn handshake(&self, mode: String, token: String, challenge: String) -> Result<String> {
        self.engine.allow("inbound.handshake", Scope::InboundReceive)?;
        self.engine.check_handshake(&mode, &token)?;
        Ok(challenge)
    }

    /// The whole HTTP surface without a framework: `GET` (handshake) and `POST` (webhook) on any
    /// path. Pass every request of the mounted path here and answer what comes back.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::inbound::HttpRequest;
    /// let answer = engine.inbound().handle_http(HttpRequest {
    ///     method: "GET".into(),
    ///     path: "/webhook?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1".into(),
    ///     headers: Default::default(),
    ///     body: Vec::new(),
    /// }).await?;
    /// assert_eq!(answer.status, 403);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// None but `closed`: whatever is wrong becomes a status code.
    pub async fn handle_http(&self, request: HttpRequest) -> Result<HttpResponse> {
        self.engine.allow("inbound.handle_http", Scope::InboundReceive)?;
        Ok(http::answer(self, request).await)
    }

    /// The events after a cursor, in order, at most 1,000. Each is delivered at least once: keep the
    /// cursor of the last one you have handled.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let page = engine.inbound().events(None, 100).await?;
    /// assert!(page.events.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000; `forbidden` for a session that does not see phones, names or
    /// content.
    pub async fn events(&self, after: Option<String>, limit: i32) -> Result<EventPage> {
        self.engine.unmasked("inbound.events", &[FieldMask::Phone, FieldMask::Name, FieldMask::Content])?;
        self.engine.admit("inbound.events", Scope::MessagesRead, None)?;
        limit_within(limit, 1000)?;
        let mut query = self.engine.query("event", Index::Id {}, limit);
        query.after.clone_from(&after);
        let records = self.engine.find(query).await?.records;
        let mut events = Vec::with_capacity(records.len());
        for record in &records {
            events.extend(event::open(&self.engine, record).await?);
        }
        Ok(EventPage { events, next: records.last().map(|r| r.id.clone()).or(after) })
    }

    /// As [`Inbound::events`], and waits up to `timeout_ms` milliseconds for the first one.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let page = engine.inbound().next_events(None, 100, 10).await?;
    /// assert!(page.events.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// As [`Inbound::events`].
    pub async fn next_events(&self, after: Option<String>, limit: i32, timeout_ms: i32) -> Result<EventPage> {
        self.engine.allow("inbound.next_events", Scope::MessagesRead)?;
        let mut changes = self.engine.changes();
        let until =
            tokio::time::Instant::now() + Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
        loop {
            changes.mark_unchanged();
            let page = self.events(after.clone(), limit).await?;
            if page.next != after || self.engine.is_closing() {
                return Ok(page);
            }
            if tokio::time::timeout_at(until, changes.changed()).await.is_err() {
                return Ok(page);
            }
        }
    }

    /// Marks a person's message as read: they see blue ticks.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.inbound().mark_read("1065551234".into(), "wamid.HBgLMjc4MzI4ODUxMzc".into()).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `transport` when WhatsApp refuses; `invalid_input` for a number that is not the account's.
    pub async fn mark_read(&self, receiver: String, wamid: String) -> Result<()> {
        self.engine.admit("inbound.mark_read", Scope::MessagesSend, None)?;
        let sender = self.engine.sender(Some(&receiver))?;
        self.engine.transport.mark_read(sender, wamid).await
    }
    /// Marks a person's message as read and shows them that an answer is being written: until it comes, and 25
    /// seconds at most. For answers that are really being written.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.inbound().show_typing("1065551234".into(), "wamid.HBgLMjc4MzI4ODUxMzc".into()).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// As [`Inbound::mark_read`].
    pub async fn show_typing(&self, receiver: String, wamid: String) -> Result<()> {
        self.engine.admit("inbound.show_typing", Scope::MessagesSend, None)?;
        let sender = self.engine.sender(Some(&receiver))?;
        self.engine.transport.show_typing(sender, wamid).await
    }
}
