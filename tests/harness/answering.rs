//! A WhatsApp that accepts everything at once and notes it: for tests of what happens inside the engine.

use std::{fs::File, io::Write as _, path::Path, sync::Mutex};

use async_trait::async_trait;
use conek_core::{
    Clock, Result, Transport,
    policy::SendPermit,
    transport::{Outgoing, Parsed, SendOutcome, Upload, WebhookRequest, WhatsApp, whatsapp::Settings},
};

use crate::{APP_SECRET, NUMBER, VERIFY_TOKEN};

/// See the module. Webhooks are read as those of the real one.
#[derive(Debug)]
pub struct Answering {
    reads: WhatsApp,
    ledger: Option<Mutex<File>>,
}

impl Answering {
    /// Notes what was sent at the end of `ledger`, a line each, before it answers.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn new(ledger: Option<&Path>, clock: std::sync::Arc<dyn Clock>) -> Result<Self> {
        let mut settings = Settings::new("token".into(), vec![APP_SECRET.into()], VERIFY_TOKEN.into());
        settings.phone_number_ids = vec![NUMBER.into()];
        let open = |path| std::fs::OpenOptions::new().append(true).create(true).open(path);
        let ledger = ledger.map(|path| Mutex::new(open(path).expect("a ledger")));
        Ok(Self { reads: WhatsApp::new(settings, clock)?, ledger })
    }
}

#[async_trait]
impl Transport for Answering {
    async fn send(&self, _: SendPermit, message: Outgoing) -> SendOutcome {
        if let Some(ledger) = &self.ledger {
            let line = serde_json::to_string(&message.content).unwrap_or_default() + "\n";
            let mut ledger = ledger.lock().unwrap_or_else(|e| e.into_inner());
            ledger.write_all(line.as_bytes()).expect("the ledger is kept");
        }
        SendOutcome::Accepted {
            wamid: format!("wamid.{}", message.echo),
            status: String::new(),
            wa_id: None,
            user_id: None,
        }
    }
    async fn upload(&self, upload: Upload) -> Result<String> {
        self.reads.upload(upload).await
    }
    async fn mark_read(&self, _: String, _: String) -> Result<()> {
        Ok(())
    }
    async fn verify(&self, request: WebhookRequest) -> Result<()> {
        self.reads.verify(request).await
    }
    async fn parse(&self, body: Vec<u8>) -> Parsed {
        self.reads.parse(body).await
    }
}
