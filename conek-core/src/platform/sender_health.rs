//! How the senders stand with WhatsApp: quality, speed, limits, and what is stopped because of them.

use serde::{Deserialize, Serialize};

use super::{Platform, numbers};
use crate::{
    audit::Scope,
    engine::Inner,
    messaging::{TemplateCategory, health::ReadNumber},
    policy::Reason,
    transport::{AccountRestriction, call::Call},
    values::{error::Result, time::Timestamp},
};

/// How a number stands with WhatsApp.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberHealth {
    /// The phone number id.
    pub id: String,
    /// The number as people see it, in digits, once WhatsApp has told it.
    pub display: Option<String>,
    /// How people take its messages: `GREEN`, `YELLOW`, `RED`, `NA` or `UNKNOWN`; `None` before WhatsApp has told it.
    /// Yellow halves its speed; red stops marketing too.
    pub quality: Option<String>,
    /// `STANDARD` (80 messages a second, in and out together), `HIGH` (1,000) or `NOT_APPLICABLE`.
    pub throughput: Option<String>,
    /// `CONNECTED`, `FLAGGED`, `RESTRICTED`, `BANNED`, ...
    pub status: Option<String>,
    /// Messages a second that it sends at most now.
    pub per_second: i32,
    /// What its lane does: `sending`, `paused`, `stopped` or `closed` (a restored copy).
    pub lane: String,
    /// The error code that stopped it, or with which WhatsApp would refuse what it sent.
    pub code: Option<i32>,
    /// Why marketing by it, or everything, waits.
    pub stopped_by: Vec<Reason>,
}

/// How a template stands with WhatsApp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateHealth {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// Its category.
    pub category: TemplateCategory,
    /// `APPROVED`, `PAUSED`, `DISABLED`, ...; only an approved one is sent.
    pub status: String,
    /// How people take it: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality: Option<String>,
}

/// How the senders stand with WhatsApp, as webhooks told it and as it was read last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SenderHealth {
    /// The account's numbers.
    pub numbers: Vec<NumberHealth>,
    /// The templates, by name and language.
    pub templates: Vec<TemplateHealth>,
    /// The business's messaging limit in WhatsApp's words, for example `TIER_2K`.
    pub messaging_limit: Option<String>,
    /// The same as a number of people within 24 hours; `None` for no limit, and where none is known.
    pub people_limit: Option<i64>,
    /// How many people these numbers wrote to first within the last 24 hours: outside the 24 hours after a message of
    /// theirs. Others who send for the business are not counted.
    pub people_written_to: i64,
    /// Why the whole account is stopped: `DISABLE`, `DELETED`, `OFFBOARDED` or `REJECTED`.
    pub ban: Option<String>,
    /// What the account may not do at present.
    pub restrictions: Vec<AccountRestriction>,
    /// When WhatsApp was asked last.
    pub read_at: Option<Timestamp>,
}

impl Inner {
    /// Asks WhatsApp how the numbers stand.
    pub(crate) async fn read_health(&self) -> Result<()> {
        let mut read = Vec::with_capacity(self.numbers.len());
        for number in &self.numbers {
            let call = Call::get(number.id.clone()).with("fields", numbers::FIELDS);
            let told = numbers::number(&self.graph(numbers::WHAT, call).await?)?;
            read.push(ReadNumber {
                id: number.id.clone(),
                display: told.display_phone_number,
                quality: told.quality,
                throughput: told.throughput,
                status: told.status,
                limit: told.messaging_limit,
            });
        }
        self.numbers_read(read, self.clock.now()).await
    }

    fn sender_health(&self) -> SenderHealth {
        let now = self.clock.now();
        let known = self.health.known().clone();
        let numbers = self.lanes().iter().map(|lane| {
            let told = known.numbers.get(&lane.sender).cloned().unwrap_or_default();
            NumberHealth {
                id: lane.sender.clone(),
                display: told.display,
                quality: told.quality,
                throughput: told.throughput,
                status: told.status,
                per_second: lane.rate(),
                lane: lane.state_name(now).to_owned(),
                code: lane.stopped(),
                stopped_by: self.stops_of(&lane.sender, true),
            }
        });
        let mut templates: Vec<TemplateHealth> = self
            .all_templates()
            .iter()
            .map(|t| TemplateHealth {
                name: t.name.clone(),
                language: t.language.clone(),
                category: t.category,
                status: t.status.clone(),
                quality: t.quality.clone(),
            })
            .collect();
        templates.sort_by(|a, b| (&a.name, &a.language).cmp(&(&b.name, &b.language)));
        SenderHealth {
            numbers: numbers.collect(),
            templates,
            people_limit: self.people_limit(),
            people_written_to: self.health.recipients.count(now),
            messaging_limit: known.limit,
            ban: known.ban,
            restrictions: known
                .restrictions
                .into_iter()
                .filter(|r| r.until.is_none_or(|u| now < u))
                .collect(),
            read_at: known.read_at,
        }
    }
}

impl Platform {
    /// How the senders stand with WhatsApp: each number's quality, speed and what is stopped because of them, the
    /// messaging limit and how much of it is used, restrictions, and the templates' states. WhatsApp is not asked: this
    /// is what webhooks told and what was read last, within the last six hours where it could be.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let health = engine.platform().sender_health().await?;
    /// assert_eq!((health.numbers[0].lane.as_str(), health.people_written_to), ("sending", 0));
    /// assert!(health.numbers[0].stopped_by.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// None but `closed`.
    pub async fn sender_health(&self) -> Result<SenderHealth> {
        self.engine.allow("platform.sender_health", Scope::AccountAdmin)?;
        Ok(self.engine.sender_health())
    }

    /// The same, after WhatsApp was asked how the numbers stand. What it answers takes effect at once.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let health = engine.platform().refresh_sender_health().await?;
    /// assert_eq!(health.numbers[0].quality.as_deref(), Some("GREEN"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `transport`; `unsupported` with a transport that has no Graph API behind it.
    pub async fn refresh_sender_health(&self) -> Result<SenderHealth> {
        self.engine.admit("platform.refresh_sender_health", Scope::AccountAdmin, None)?;
        let engine = self.engine.inner();
        self.engine
            .run(async move {
                engine.read_health().await?;
                Ok(engine.sender_health())
            })
            .await
    }
}
