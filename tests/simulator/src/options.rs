//! Options: what kind of WhatsApp the simulator plays.

use std::{
    collections::BTreeMap,
    fmt::{self, Debug},
    net::SocketAddr,
    sync::Arc,
};

use conek_core::{Clock, SystemClock, VirtualClock};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Says what the side panel of the page shows, for the chosen phone or (with `None`) for nobody.
pub type Panel = Arc<dyn Fn(Option<String>) -> Value + Send + Sync>;
/// Runs when somebody presses a button of the side panel: the action's id and the whole request.
pub type OnAction = Arc<dyn Fn(String, Value) -> Value + Send + Sync>;

/// How the simulator behaves. `Options::default()` is the quickest honest one: everybody reads,
/// WhatsApp's own rates hold, nothing fails.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one. Only loopback addresses are taken.
    pub bind: SocketAddr,
    /// The clock of everything: windows, rates, statuses, replies, retries.
    pub clock: Arc<dyn Clock>,
    /// The same clock, where it may be driven through [`crate::Simulator`] and `/_sim/clock`.
    pub virtual_clock: Option<Arc<VirtualClock>>,
    /// The same seed gives the same ids, people, delays and dice.
    pub seed: u64,
    /// The bearer token that requests must carry. One that looks real is refused.
    pub token: String,
    /// The numbers of the business.
    pub numbers: Vec<BusinessNumber>,
    /// Approved templates to begin with, in the form of `POST /{waba}/message_templates`.
    pub templates: Vec<Value>,
    /// What people are like who were not named in `personas`.
    pub mix: Mix,
    /// People whose persona is fixed, by number in digits.
    pub personas: BTreeMap<String, Persona>,
    /// How long statuses and replies take.
    pub pace: Pace,
    /// Rare but true behaviour of statuses.
    pub quirks: Quirks,
    /// How webhooks travel.
    pub webhooks: WebhookOptions,
    /// What happens to a free-form message outside the 24-hour window.
    pub closed_window: ClosedWindow,
    /// Feeds the side panel of the page.
    pub panel: Option<Panel>,
    /// Takes the side panel's buttons.
    pub on_action: Option<OnAction>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            clock: Arc::new(SystemClock),
            virtual_clock: None,
            seed: 1,
            token: "simulator-token".into(),
            numbers: vec![BusinessNumber::default()],
            templates: Vec::new(),
            mix: Mix::default(),
            personas: BTreeMap::new(),
            pace: Pace::default(),
            quirks: Quirks::default(),
            webhooks: WebhookOptions::default(),
            closed_window: ClosedWindow::default(),
            panel: None,
            on_action: None,
        }
    }
}

impl Options {
    /// Puts everything on a clock that can be driven.
    pub fn on(mut self, clock: Arc<VirtualClock>) -> Self {
        self.clock = clock.clone();
        self.virtual_clock = Some(clock);
        self
    }
}

impl Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("bind", &self.bind).field("seed", &self.seed).finish_non_exhaustive()
    }
}

/// One WhatsApp number of the business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BusinessNumber {
    /// The phone number id, digits.
    pub id: String,
    /// The WhatsApp Business Account it belongs to, digits.
    pub waba: String,
    /// The number as people see it.
    pub display: String,
    /// The name as people see it.
    pub verified_name: String,
    /// `GREEN`, `YELLOW`, `RED` or `NA`.
    pub quality: String,
    /// Messages per second, in and out together; 0 knows no limit, 1,000 and more is throughput level `HIGH`.
    pub mps: u32,
    /// The portfolio's messaging limit as the API spells it. It is told, not enforced.
    pub messaging_limit: String,
}

impl Default for BusinessNumber {
    fn default() -> Self {
        Self {
            id: "100000000000001".into(),
            waba: "200000000000001".into(),
            display: "+27 21 555 0100".into(),
            verified_name: "Simulated Business".into(),
            quality: "GREEN".into(),
            mps: 80,
            messaging_limit: "TIER_UNLIMITED".into(),
        }
    }
}

/// What a person does with messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Persona {
    /// Reads what arrives.
    Reads,
    /// Reads and answers, five times at most.
    Answers,
    /// Reads the first template and asks to be left alone, in words.
    WritesStop,
    /// Reads the first template and blocks the business: later messages stay `sent`.
    Blocks,
    /// Reads the first marketing template and stops marketing with WhatsApp's own switch.
    StopsMarketing,
    /// Has no WhatsApp: messages fail with 131026.
    NotOnWhatsapp,
    /// Receives and never reads.
    Ignores,
}

/// How many people of each kind there are, as weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mix {
    /// Weight of [`Persona::Reads`].
    pub reads: u32,
    /// Weight of [`Persona::Answers`].
    pub answers: u32,
    /// Weight of [`Persona::WritesStop`].
    pub writes_stop: u32,
    /// Weight of [`Persona::Blocks`].
    pub blocks: u32,
    /// Weight of [`Persona::StopsMarketing`].
    pub stops_marketing: u32,
    /// Weight of [`Persona::NotOnWhatsapp`].
    pub not_on_whatsapp: u32,
    /// Weight of [`Persona::Ignores`].
    pub ignores: u32,
}

impl Default for Mix {
    fn default() -> Self {
        Self { reads: 1, ..Self::NOBODY }
    }
}

impl Mix {
    const NOBODY: Self = Self {
        reads: 0,
        answers: 0,
        writes_stop: 0,
        blocks: 0,
        stops_marketing: 0,
        not_on_whatsapp: 0,
        ignores: 0,
    };
    /// People as they are: most read, some answer, a few want to be left alone.
    pub fn town() -> Self {
        Self {
            reads: 50,
            answers: 17,
            writes_stop: 3,
            blocks: 2,
            stops_marketing: 2,
            not_on_whatsapp: 6,
            ignores: 20,
        }
    }
    pub(crate) fn pick(&self, dice: u64) -> Persona {
        let weights = [
            (self.reads, Persona::Reads),
            (self.answers, Persona::Answers),
            (self.writes_stop, Persona::WritesStop),
            (self.blocks, Persona::Blocks),
            (self.stops_marketing, Persona::StopsMarketing),
            (self.not_on_whatsapp, Persona::NotOnWhatsapp),
            (self.ignores, Persona::Ignores),
        ];
        let total: u64 = weights.iter().map(|w| u64::from(w.0)).sum();
        let mut left = dice % total.max(1);
        for (weight, persona) in weights {
            match left.checked_sub(u64::from(weight)) {
                Some(rest) => left = rest,
                None => return persona,
            }
        }
        Persona::Reads
    }
}

/// How long things take, each as `[least, most]` milliseconds of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// From the acceptance to `sent` or `failed`.
    pub sent_ms: [u64; 2],
    /// From `sent` to `delivered`.
    pub delivered_ms: [u64; 2],
    /// From `delivered` to `read`.
    pub read_ms: [u64; 2],
    /// From `read` to the person's own message.
    pub reply_ms: [u64; 2],
}

impl Default for Pace {
    fn default() -> Self {
        Self { sent_ms: [20, 100], delivered_ms: [50, 400], read_ms: [200, 2_000], reply_ms: [500, 3_000] }
    }
}

impl Pace {
    /// Everything at once, in the right order.
    pub fn instant() -> Self {
        Self { sent_ms: [0, 0], delivered_ms: [0, 0], read_ms: [0, 0], reply_ms: [0, 0] }
    }
    /// As people are: seconds to deliver, minutes to read, longer to answer. For a driven clock.
    pub fn human() -> Self {
        Self {
            sent_ms: [200, 900],
            delivered_ms: [500, 20_000],
            read_ms: [5_000, 3_600_000],
            reply_ms: [10_000, 900_000],
        }
    }
}

/// Rare but true behaviour of statuses, each as a chance between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quirks {
    /// `read` comes and `delivered` never does.
    pub read_without_delivered: f64,
    /// `sent` comes and then `failed` (131000).
    pub failed_after_sent: f64,
    /// After a `failed`, another device of the person still receives it: `delivered`.
    pub delivered_after_failed: f64,
    /// Whether `failed` carries `biz_opaque_callback_data` as the other statuses do.
    pub echo_on_failed: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            read_without_delivered: 0.0,
            failed_after_sent: 0.0,
            delivered_after_failed: 0.0,
            echo_on_failed: true,
        }
    }
}

/// What happens to a free-form message outside the 24-hour window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedWindow {
    /// Accepted, then a `failed` status with 131047: what the Cloud API does.
    #[default]
    FailLater,
    /// Refused at once with 131047.
    RefuseNow,
}

/// How webhooks travel. Chances are between 0 and 1 and come from the seed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookOptions {
    /// Where they go: a loopback `http://` address. Without one they are kept for `redeliver`.
    pub url: Option<String>,
    /// Signs the bodies.
    #[serde(skip_serializing)]
    pub app_secret: String,
    /// Sent in the handshake.
    #[serde(skip_serializing)]
    pub verify_token: String,
    /// Updates per POST at most, 1 to 1,000.
    pub batch_max: usize,
    /// How long an update may wait for others to share its POST.
    pub batch_window_ms: u64,
    /// POSTs at the same time at most. 1 keeps them in order.
    pub concurrency: usize,
    /// Each POST is late by `[least, most]` milliseconds, 7 days at most.
    pub delay_ms: [u64; 2],
    /// Each POST is late by up to this much more, so that they overtake each other; batches are shuffled.
    pub reorder_within_ms: u64,
    /// Chance that a POST is made twice.
    pub duplicate: f64,
    /// Chance that an update is lost for ever.
    pub drop: f64,
    /// Updates of these kinds are lost for ever: `sent`, `delivered`, `read`, `failed`, `message`, `preference`.
    pub drop_kinds: Vec<String>,
    /// Chance that the first attempt of a POST carries a wrong signature.
    pub bad_signature: f64,
    /// Chance that the first attempt of a POST carries no signature.
    pub missing_signature: f64,
    /// The `sent` status arrives and is answered before the send itself is answered.
    pub echo_first: bool,
    /// How many finished POSTs are kept with their bodies.
    pub keep: usize,
}

impl Default for WebhookOptions {
    fn default() -> Self {
        Self {
            url: None,
            app_secret: "simulator-app-secret".into(),
            verify_token: "simulator-verify-token".into(),
            batch_max: 1,
            batch_window_ms: 0,
            concurrency: 4,
            delay_ms: [0, 0],
            reorder_within_ms: 0,
            duplicate: 0.0,
            drop: 0.0,
            drop_kinds: Vec::new(),
            bad_signature: 0.0,
            missing_signature: 0.0,
            echo_first: false,
            keep: 10_000,
        }
    }
}

impl Debug for WebhookOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookOptions")
            .field("url", &self.url)
            .field("batch_max", &self.batch_max)
            .finish_non_exhaustive()
    }
}
