//! How an engine is opened.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{
    campaigns::Rate, flow_endpoint::FlowPrivateKey, retention::RetentionRules, values::quiet::quiet_debug,
};

/// A WhatsApp number that sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// Meta's phone number id.
    pub id: String,
    /// Messages per second, in and out together; 80 unless WhatsApp has upgraded the number.
    pub per_second: Option<i32>,
    /// That the number was onboarded for WhatsApp's marketing messages: then marketing templates leave by
    /// `/marketing_messages`. `None`: everything leaves by `/messages`.
    #[serde(default)]
    pub marketing: Option<MarketingMessages>,
}

impl Number {
    /// A number at WhatsApp's usual speed.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), per_second: None, marketing: None }
    }
}

/// How marketing templates leave by `/marketing_messages`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MarketingMessages {
    /// Whether a message is not sent at all where that way cannot send it (`STRICT`); otherwise WhatsApp sends it
    /// like any other template (`CLOUD_API_FALLBACK`).
    pub strict: bool,
    /// Whether Meta may use what people do with the messages to choose its audiences. That shares personal data
    /// beyond the sending: it needs a ground and a word in the notice, and is off unless it is asked for.
    pub share_activity: bool,
}

/// Access to the WhatsApp Cloud API.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WhatsAppAccess {
    /// The system user's token. Goes into the Authorization header and nowhere else.
    pub access_token: String,
    /// The app's secret; several while it is being changed. Webhooks are checked against each.
    pub app_secrets: Vec<String>,
    /// What Meta sends back when it verifies the webhook's address.
    pub verify_token: String,
    /// Another address of the API, for example a simulator on loopback.
    pub base_url: Option<String>,
    /// The Graph API's version; `v25.0` if missing.
    pub graph_version: Option<String>,
    /// Certificates in PEM to trust beside the public roots, for an address of your own.
    pub extra_roots_pem: Option<String>,
}

/// How to open an engine.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// The database file; made if it is missing. Not needed with `database` or a storage of the host's own.
    pub path: Option<String>,
    /// A PostgreSQL database instead of a file, as a URL: `postgres://user:password@host:port/database`. Beyond
    /// this machine the server must speak TLS. It is a secret, as the password is in it.
    pub database: Option<String>,
    /// The file that holds the wrapping key; `<path>.key` if missing, and needed with `database` unless a key
    /// provider is given. Made on first open, readable by its owner alone. Whoever loses it loses every
    /// person's data in the database.
    pub key_file: Option<String>,
    /// The file that keeps what people ended, beside the database: erasures and opt-outs. It belongs into no
    /// backup, so that a restored database cannot undo them. By default beside the key file, with `.journal` at
    /// its end; none with a storage of the host's own. Two accounts need two.
    pub journal_file: Option<String>,
    /// The account's name within the database; `main` if missing.
    pub account: Option<String>,
    /// The business as it names itself to people. Marketing must name it (POPIA s69(4)(a)).
    pub business: String,
    /// Whom people can ask about their data: an e-mail address or a page (POPIA s18(1), GDPR 13(1)(b)).
    pub privacy_contact: String,
    /// The language in which the account writes (BCP 47). Words of that language opt out beside those of the
    /// person's own, and it is the language of conek's answers to people whose own is not known.
    pub language: Option<String>,
    /// Where people reach `handle_http`, for example `https://shop.example/conek`: the links to their preferences
    /// begin with it.
    pub public_url: Option<String>,
    /// Region of phone numbers without a country code, ISO 3166-1 alpha-2.
    pub region: Option<String>,
    /// The numbers that send; the first is the default.
    pub numbers: Vec<Number>,
    /// Access to WhatsApp. Not needed with a transport of the host's own.
    pub whatsapp: Option<WhatsAppAccess>,
    /// Meta's id of the WhatsApp Business account (WABA) that the numbers belong to. Templates, numbers, flows and
    /// subscriptions are managed by it; nothing else needs it.
    #[serde(default)]
    pub business_account: Option<String>,
    /// The private keys of the endpoint of flows (`flow_endpoint`): the present one, and former ones while phones still
    /// have their public halves; 4 at most. They are secrets.
    #[serde(default)]
    pub flow_keys: Vec<FlowPrivateKey>,
    /// Messages on their way at once; 64 if missing.
    pub concurrency: Option<i32>,
    /// What messages cost, for plans.
    pub rates: Vec<Rate>,
    /// Days declared public holidays in South Africa, `YYYY-MM-DD`, beyond those the Act fixes.
    pub declared_holidays: Vec<String>,
    /// What is kept for how long, instead of the periods that conek has.
    pub retention: Option<RetentionRules>,
    /// A campaign to more people than this starts only when a second person has approved it; missing: none needs it.
    pub approval_above: Option<i64>,
    /// Days after which the wrapping key is replaced without being asked for (`keys.rotate`), looked at once a day
    /// and for the first time at once; missing: only on request. An older backup opens no more without the key file
    /// of its time: whoever keeps copies of key files for 30 days and rotates every 30 has nothing left, after 60,
    /// that could open what was erased. The log says `keys.rotated`: copy the key file then.
    pub rotate_keys_after_days: Option<i32>,
    /// Repeats every id and key from this seed. Only for tests: such keys protect nothing.
    pub seed: Option<i64>,
}
quiet_debug! { WhatsAppAccess { base_url, graph_version } Config { account, region, numbers, concurrency } }

impl Config {
    /// The least that an engine needs, on the file at `path`.
    pub fn new(
        path: impl Into<String>,
        business: impl Into<String>,
        privacy_contact: impl Into<String>,
    ) -> Self {
        Self {
            path: Some(path.into()),
            database: None,
            key_file: None,
            journal_file: None,
            account: None,
            business: business.into(),
            privacy_contact: privacy_contact.into(),
            language: None,
            public_url: None,
            region: None,
            numbers: Vec::new(),
            whatsapp: None,
            business_account: None,
            flow_keys: Vec::new(),
            concurrency: None,
            rates: Vec::new(),
            declared_holidays: Vec::new(),
            retention: None,
            approval_above: None,
            rotate_keys_after_days: None,
            seed: None,
        }
    }

    /// The account's name within the database.
    pub fn account_name(&self) -> &str {
        self.account.as_deref().unwrap_or("main")
    }

    /// Where the journal of erasures and opt-outs lies: beside the key file, as neither belongs into a backup.
    /// `None` with a storage of the host's own, unless `journal_file` says where.
    pub fn journal(&self) -> Option<PathBuf> {
        if let Some(path) = &self.journal_file {
            return Some(path.into());
        }
        let beside = match (&self.key_file, &self.path) {
            (Some(key), _) if self.path.is_some() || self.database.is_some() => {
                key.strip_suffix(".key").unwrap_or(key)
            }
            (_, Some(path)) => path,
            _ => return None,
        };
        Some(match self.account_name() {
            "main" => format!("{beside}.journal").into(),
            account => format!("{beside}.{}.journal", account.replace(['/', '\\'], "_")).into(),
        })
    }
}

/// What the engine is doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EngineStatus {
    /// Messages waiting for their time or turn.
    pub queued: i64,
    /// Messages taken by a worker or on their way.
    pub in_flight: i64,
    /// Messages that may have been accepted.
    pub in_doubt: i64,
    /// Stored webhooks that are not applied yet.
    pub webhooks: i64,
    /// When the next waiting message is due.
    pub next_due_at: Option<crate::values::time::Timestamp>,
    /// Numbers that were stopped, with the error code that stopped them.
    pub stopped: Vec<StoppedNumber>,
    /// How often this database was restored from a copy.
    pub store_epoch: i32,
    /// Whether this database is a restored copy that sends nothing until `resume` is called.
    pub waiting_to_resume: bool,
    /// The Graph API's version that is used; `None` with a transport of the host's own.
    pub graph: Option<GraphStatus>,
}

/// The Graph API's version that is used, and how long it works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphStatus {
    /// For example `v25.0`.
    pub version: String,
    /// The day on which it stops working, `YYYY-MM-DD`; `None` while Meta has not announced it, or where this conek
    /// does not know the version.
    pub works_until: Option<String>,
    /// How many days that is from today; negative once it is over.
    pub days_left: Option<i64>,
}

/// A number that does not send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoppedNumber {
    /// The phone number id.
    pub id: String,
    /// WhatsApp's error code.
    pub code: i32,
    /// What it means and what to do.
    pub detail: String,
}
