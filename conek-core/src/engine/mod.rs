//! The engine: the only place that wires rooms together.

mod alarms;
mod config;
mod graph_version;
mod life;
mod moving;
mod open;
mod session;
mod status;
mod store;

use std::{
    future::Future,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ring::digest;
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

pub(crate) use alarms::Alarm;
pub use config::{
    Config, EngineStatus, GraphStatus, MarketingMessages, Number, StoppedNumber, WhatsAppAccess,
};
pub(crate) use life::Life;
pub(crate) use session::Session;
pub(crate) use store::KINDS;

use crate::{
    audit::{Actor, Audit, Recorder, Scope},
    campaigns::{Campaigns, Rate},
    consent::{Consent, Notices},
    flow_endpoint::{Exchanges, FlowEndpoint, PrivateKeys},
    inbound::Inbound,
    incidents::Incidents,
    inspection::StoreReport,
    messaging::{
        MediaLibrary, Messages, Purpose, Template, Templates,
        health::Health,
        lane::{Halted, Lane},
        says::Says,
        templates::Shelf,
    },
    metrics::Meters,
    people::Contacts,
    platform::Platform,
    policy::{ConsentPolicy, Policy, account::Settings, gate::Gate},
    registers::Registers,
    retention::{Retention, RetentionRules},
    rights::Rights,
    storage::{Index, Storage},
    transport::Transport,
    values::{
        error::{Error, Result},
        ids::PersonId,
        random::{Random, new_uuid},
        time::{Clock, Timestamp},
    },
    vault::{KeyProvider, Keys, Vault},
};

/// The ports a host brings itself; whatever is missing is conek's own.
#[derive(Debug, Clone, Default)]
pub struct Ports {
    /// Where records live, instead of SQLite at `Config::path`.
    pub storage: Option<Arc<dyn Storage>>,
    /// How messages leave, instead of the WhatsApp Cloud API.
    pub transport: Option<Arc<dyn Transport>>,
    /// Rules beside conek's own. They can tighten and never loosen.
    pub policies: Vec<Arc<dyn ConsentPolicy>>,
    /// Who wraps the account's key, instead of the key file.
    pub keys: Option<Arc<dyn KeyProvider>>,
    /// The time, instead of the computer's clock.
    pub clock: Option<Arc<dyn Clock>>,
}

/// What every room of an open engine works with.
pub(crate) struct Inner {
    pub(crate) account: String,
    pub(crate) business: String,
    pub(crate) language: Option<String>,
    pub(crate) public_url: Option<String>,
    /// How every link to a page of preferences begins, in lower case.
    pub(crate) link_start: Option<String>,
    pub(crate) business_lower: String,
    /// What the template that was asked about last says.
    pub(crate) last_says: RwLock<Option<(Arc<Template>, Says)>>,
    pub(crate) privacy_contact: String,
    pub(crate) notices: crate::consent::NoticeTable,
    pub(crate) region: Option<String>,
    pub(crate) numbers: Vec<Number>,
    /// Meta's id of the business account, where the host named it.
    pub(crate) business_account: Option<String>,
    /// For what phones encrypt while a flow is open.
    pub(crate) flow_keys: PrivateKeys,
    /// What they ask and were not yet answered.
    pub(crate) exchanges: Exchanges,
    /// The Graph API's version, where the transport is conek's own.
    pub(crate) graph_version: Option<String>,
    pub(crate) concurrency: usize,
    pub(crate) rates: Vec<Rate>,
    /// A campaign to more people needs a second person.
    pub(crate) approval_above: Option<i64>,
    /// How old the wrapping key may become.
    pub(crate) rotate_keys_after: Option<chrono::TimeDelta>,
    /// The storage; whatever is committed through it takes the audit log along.
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) meters: Arc<Meters>,
    /// Held by the rotation of keys that is under way.
    pub(crate) rotating: tokio::sync::Mutex<()>,
    /// Where the database is, path or URL, unless the host brought a storage of its own.
    pub(crate) place: Option<crate::values::secret::Secret>,
    /// The file, where the storage is conek's own.
    pub(crate) sqlite: Option<Arc<crate::storage::Sqlite>>,
    pub(crate) keys: Arc<dyn KeyProvider>,
    /// The key file, where the keys are conek's own.
    pub(crate) key_file: Option<Arc<crate::vault::KeyFile>>,
    pub(crate) retention: RetentionRules,
    /// Whether deleted bytes wait to be overwritten.
    pub(crate) scrub_due: AtomicBool,
    /// Whether the journal is missing something that this database has seen.
    pub(crate) journal_is_behind: AtomicBool,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) gate: Gate,
    pub(crate) vault: Arc<Vault>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) life: Life,
    pub(crate) templates: Shelf,
    pub(crate) halted: Halted,
    pub(crate) halted_for_all: Halted,
    pub(crate) settings: Settings,
    /// How the senders stand with WhatsApp.
    pub(crate) health: Health,
    pub(crate) webhooks: Arc<Notify>,
    pub(crate) reaper: Arc<Notify>,
    verify_token: Option<String>,
    holidays: RwLock<Vec<String>>,
    lanes: Vec<Arc<Lane>>,
    changes: watch::Sender<u64>,
    closing: AtomicBool,
    waiting_to_resume: AtomicBool,
    runtime: Option<tokio::runtime::Runtime>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("account", &self.account).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop_tasks();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Inner {
    /// A new id: sorts by time.
    pub(crate) fn new_id(&self) -> Result<String> {
        Ok(new_uuid(&*self.random, self.clock.now())?.hyphenated().to_string())
    }

    /// Runs something on a task of the engine's own.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<JoinHandle<T>> {
        match &self.runtime {
            Some(runtime) => Ok(runtime.spawn(work)),
            None => Err(Error::Closed {}),
        }
    }

    /// Runs something on a task of the engine's own and waits for it. Whoever waits may go away:
    /// the work goes on.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        if self.is_closing() {
            return Err(Error::Closed {});
        }
        self.spawn(work)?
            .await
            .map_err(|_| Error::internal("an operation was interrupted; please report it"))?
    }

    pub(crate) fn lane(&self, sender: &str) -> Option<&Arc<Lane>> {
        self.lanes.iter().find(|l| l.sender == sender)
    }

    pub(crate) fn lanes(&self) -> &[Arc<Lane>] {
        &self.lanes
    }

    pub(crate) fn wake_lanes(&self) {
        for lane in &self.lanes {
            lane.wake.notify_one();
        }
    }

    /// Tells everybody who waits that something was stored.
    pub(crate) fn changed(&self) {
        self.changes.send_modify(|n| *n = n.wrapping_add(1));
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub(crate) fn is_waiting_to_resume(&self) -> bool {
        self.waiting_to_resume.load(Ordering::Acquire)
    }

    /// No send to this person begins any more whose intent was stored before now.
    pub(crate) fn halt_sends_to(&self, person: &PersonId) {
        self.halted.halt(person.as_str(), self.clock.now());
    }

    /// The same for every purpose, not only for direct marketing.
    pub(crate) fn halt_everything_to(&self, person: &PersonId) {
        self.halted.halt(person.as_str(), self.clock.now());
        self.halted_for_all.halt(person.as_str(), self.clock.now());
    }

    /// Whether a send whose intent was stored at `intent_at` may not begin any more.
    pub(crate) fn is_halted(&self, person: &str, purpose: Purpose, intent_at: Timestamp) -> bool {
        // A withdrawal ends marketing; its own confirmation and what a contract needs go on.
        (purpose.is_direct_marketing() && self.halted.stops(person, intent_at))
            || self.halted_for_all.stops(person, intent_at)
    }

    pub(crate) fn holidays(&self) -> Vec<String> {
        self.holidays.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    pub(crate) fn add_holiday(&self, day: String) {
        let mut days = self.holidays.write().unwrap_or_else(|e| e.into_inner());
        if !days.contains(&day) {
            days.push(day);
            days.sort();
        }
    }

    /// What a message to a country costs, if the account's rates say.
    pub(crate) fn price(&self, country: Option<&str>, category: &str) -> Option<&Rate> {
        let of = |wanted: &str| {
            self.rates.iter().find(|r| r.category == category && r.country.eq_ignore_ascii_case(wanted))
        };
        country.and_then(of).or_else(|| of("*"))
    }

    /// How many messages a second a number sends at present.
    pub(crate) fn rate_of(&self, sender: &str) -> i32 {
        self.lane(sender).map_or(DEFAULT_PER_SECOND, |lane| lane.rate())
    }

    pub(crate) fn check_handshake(&self, mode: &str, token: &str) -> Result<()> {
        // Digests are compared, so that the time taken says nothing of the token.
        let same = |a: &str, b: &str| {
            digest::digest(&digest::SHA256, a.as_bytes()).as_ref()
                == digest::digest(&digest::SHA256, b.as_bytes()).as_ref()
        };
        match &self.verify_token {
            Some(expected) if mode == "subscribe" && same(expected, token) => Ok(()),
            _ => Err(Error::Signature { detail: "the handshake's mode or token is wrong".to_owned() }),
        }
    }

    /// When the next waiting message is due.
    pub(crate) async fn next_due(&self) -> Result<Option<Timestamp>> {
        let mut next: Option<Timestamp> = None;
        for lane in &self.lanes {
            let index = Index::Due { queue: lane.queue.clone(), until: Timestamp::MAX_UTC };
            let due = self.find(self.query("message", index, 1)).await?.records.pop().and_then(|r| r.due_at);
            next = match (next, due) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        Ok(next)
    }

    async fn waiting_in(&self, kind: &str, queue: &str, until: Timestamp) -> Result<i64> {
        let index = Index::Due { queue: queue.to_owned(), until };
        self.storage.count(self.query(kind, index, 1)).await
    }

    pub(crate) fn in_flight(&self) -> i64 {
        self.lanes.iter().map(|l| l.in_flight.load(Ordering::Acquire)).sum()
    }

    /// Stores what is noted from time to time, and stores and signs the rest of the audit log.
    async fn finish_log(&self) -> Result<()> {
        self.save_recipients().await?;
        self.recorder.flush().await?;
        self.recorder.checkpoint(self.clock.now()).await.map(drop)
    }

    async fn is_settled(&self) -> Result<bool> {
        let now = self.clock.now();
        if self.in_flight() > 0 || self.waiting_in("webhook", crate::inbound::QUEUE, now).await? > 0 {
            return Ok(false);
        }
        for lane in self.lanes.iter().filter(|l| l.is_open()) {
            if self.waiting_in("message", &lane.queue, now).await? > 0 {
                return Ok(false);
            }
        }
        Ok(self.in_flight() == 0)
    }

    fn stop_tasks(&self) {
        self.closing.store(true, Ordering::Release);
        for lane in &self.lanes {
            lane.wake.notify_one();
        }
        self.webhooks.notify_one();
        self.reaper.notify_one();
        self.health.wake.notify_one();
        self.changed();
    }
}

/// WhatsApp's throughput for a number that was not upgraded.
pub(crate) const DEFAULT_PER_SECOND: i32 = 80;

/// A messaging engine on one database.
///
/// Cheap to clone; the engine ends with its last clone and handle, or with [`Engine::close`].
#[derive(Debug, Clone)]
pub struct Engine {
    inner: Session,
}

impl Engine {
    /// Opens an engine. Whatever was on its way when the last one ended is taken up again, by the
    /// rules of the send protocol: nothing is lost and nothing that must not be is sent twice.
    ///
    /// ```
    /// # fn main() -> conek_core::Result<()> { tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let dir = std::env::temp_dir().join(format!("conek-doc-{}", std::process::id()));
    /// # std::fs::create_dir_all(&dir).unwrap();
    /// # let path = dir.join("open.db").display().to_string();
    /// use conek_core::{Config, Engine, Number, Ports, WhatsAppAccess};
    /// let mut config = Config::new(path, "Karoo Coffee", "privacy@karoo.example");
    /// config.numbers = vec![Number::new("1065551234")];
    /// config.whatsapp = Some(WhatsAppAccess {
    ///     access_token: "EAAG...".into(),
    ///     app_secrets: vec!["the app's secret".into()],
    ///     verify_token: "a word of your choice".into(),
    ///     base_url: None,
    ///     graph_version: None,
    ///     extra_roots_pem: None,
    /// });
    /// let engine = Engine::open(config, Ports::default()).await?;
    /// engine.close().await?;
    /// # std::fs::remove_dir_all(&dir).unwrap(); Ok(()) }) }
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for an incomplete configuration; `storage_*` when the database cannot be
    /// opened; `key` when the key file is missing or another one.
    pub async fn open(config: Config, ports: Ports) -> Result<Engine> {
        Ok(Engine { inner: Session::new(open::open(config, ports).await?, Arc::new(Actor::host())) })
    }
    /// The same engine as somebody sees it who may do less: every call is checked against their scopes, what they
    /// do not see is masked, and the audit log names them. The host authenticates; conek authorises.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::audit::{Actor, Scope};
    /// let clerk = Actor {
    ///     id: "clerk 7".into(),
    ///     scopes: vec![Scope::ContactsRead],
    ///     purpose: Some("orders by phone".into()),
    ///     masks: Vec::new(),
    /// };
    /// let desk = engine.session(clerk)?;
    /// assert_eq!(desk.contacts().count().await?, 0);
    /// let error = desk.backup("copy.db".into()).await.unwrap_err();
    /// assert_eq!(error.code(), "forbidden");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for an actor without an id; `forbidden` for one that may do more than the caller.
    pub fn session(&self, actor: Actor) -> Result<Engine> {
        if actor.id.trim().is_empty() {
            return Err(Error::invalid("actor.id", "must name who acts"));
        }
        if let Some(more) = actor.scopes.iter().find(|s| !self.inner.actor().scopes.contains(s)) {
            return Err(Error::Forbidden {
                operation: "engine.session".to_owned(),
                scope: more.code().to_owned(),
            });
        }
        let mut actor = actor;
        for mask in &self.inner.actor().masks {
            if !actor.masks.contains(mask) {
                actor.masks.push(*mask);
            }
        }
        Ok(Engine { inner: Session::new(self.inner.inner(), Arc::new(actor)) })
    }
    /// The rights of data subjects.
    pub fn rights(&self) -> Rights {
        Rights { engine: self.inner.clone() }
    }
    /// What is kept for how long.
    pub fn retention(&self) -> Retention {
        Retention { engine: self.inner.clone() }
    }
    /// The registers.
    pub fn registers(&self) -> Registers {
        Registers { engine: self.inner.clone() }
    }
    /// Breaches of personal data.
    pub fn incidents(&self) -> Incidents {
        Incidents { engine: self.inner.clone() }
    }
    /// The account's keys.
    pub fn keys(&self) -> Keys {
        Keys { engine: self.inner.clone() }
    }
    /// The audit log.
    pub fn audit(&self) -> Audit {
        Audit { engine: self.inner.clone() }
    }

    /// The account's contacts.
    pub fn contacts(&self) -> Contacts {
        Contacts { engine: self.inner.clone() }
    }
    /// The ledger of what people said.
    pub fn consent(&self) -> Consent {
        Consent { engine: self.inner.clone() }
    }
    /// Privacy notices.
    pub fn notices(&self) -> Notices {
        Notices { engine: self.inner.clone() }
    }
    /// The gate, for questions.
    pub fn policy(&self) -> Policy {
        Policy { engine: self.inner.clone() }
    }
    /// Messages.
    pub fn messages(&self) -> Messages {
        Messages { engine: self.inner.clone() }
    }
    /// Templates.
    pub fn templates(&self) -> Templates {
        Templates { engine: self.inner.clone() }
    }
    /// Files for people's phones.
    pub fn media(&self) -> MediaLibrary {
        MediaLibrary { engine: self.inner.clone() }
    }
    /// The account at WhatsApp: numbers, profile, codes, blocking, flows, webhooks.
    pub fn platform(&self) -> Platform {
        Platform { engine: self.inner.clone() }
    }
    /// The endpoint of flows.
    pub fn flow_endpoint(&self) -> FlowEndpoint {
        FlowEndpoint { engine: self.inner.clone() }
    }
    /// Campaigns.
    pub fn campaigns(&self) -> Campaigns {
        Campaigns { engine: self.inner.clone() }
    }
    /// What comes in.
    pub fn inbound(&self) -> Inbound {
        Inbound { engine: self.inner.clone() }
    }

    /// Waits until nothing is due, on its way or unapplied, at most `timeout_ms` milliseconds.
    /// Says whether it got there. Messages whose time has not come do not count.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.settle(1000).await?);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn settle(&self, timeout_ms: i32) -> Result<bool> {
        let mut changes = self.inner.changes();
        let until =
            tokio::time::Instant::now() + Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
        loop {
            changes.mark_unchanged();
            if self.inner.is_settled().await? {
                return Ok(true);
            }
            if tokio::time::Instant::now() >= until {
                return Ok(false);
            }
            // Not everything that settles is announced: a claim may simply find nothing.
            let _ = tokio::time::timeout(Duration::from_millis(20), changes.changed()).await;
        }
    }

    /// Lets numbers send again that WhatsApp stopped, by an error or by a webhook, or that wait because this
    /// database is a restored copy. Messages that were queued in the copy stay held: see `messages.held`.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.resume().await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn resume(&self) -> Result<()> {
        self.inner.admit("engine.resume", Scope::AccountAdmin, None)?;
        self.inner.resume().await
    }

    /// Writes a consistent copy of the database to a new file while work goes on. The copy knows
    /// that it is one: an engine that opens it holds everything back until it is resumed.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let to = std::env::temp_dir().join(format!("conek-backup-{}.db", std::process::id()));
    /// engine.backup(to.display().to_string()).await?;
    /// assert!(to.exists());
    /// # let _ = std::fs::remove_file(to);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` when the file exists; `storage_*` when it cannot be written.
    pub async fn backup(&self, to: String) -> Result<()> {
        self.inner.admit("engine.backup", Scope::AccountAdmin, None)?;
        let engine = self.inner.clone();
        self.inner.run(async move { engine.stamped_backup(to).await }).await
    }

    /// Looks over the store: the database's own structure, the audit log's chain, the clock, the journal; `deep`:
    /// every record too. It opens what is sealed, tells the ledger of consent again, and compares contacts with the
    /// indexes and the suppression list by which they are found, messages with their attempts and queues, keys with
    /// their owners. Nothing is changed.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// let report = engine.verify(true).await?;
    /// assert!(report.sound, "{:?}", report.problems);
    /// assert_eq!(report.records["contact"], 1);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `forbidden` without the scope `audit_read`. What is wrong is no error: the report names it.
    pub async fn verify(&self, deep: bool) -> Result<StoreReport> {
        self.inner.allow("engine.verify", Scope::AuditRead)?;
        self.inner.inspect(deep, false).await
    }

    /// Looks over the store deeply and mends what can be derived anew: the tokens by which contacts are found, the
    /// suppression list, the queues in which messages wait, attempts and deliveries without a message. What cannot
    /// be derived is named and left: restore a backup.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.repair().await?.sound);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `forbidden` without the scope `account_admin`; those of the storage.
    pub async fn repair(&self) -> Result<StoreReport> {
        self.inner.admit("engine.repair", Scope::AccountAdmin, None)?;
        let engine = self.inner.inner();
        self.inner.run(async move { engine.inspect(true, true).await }).await
    }

    /// Stops sending, waits until what is on its way is stored, and closes the database.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.close().await?;
    /// assert_eq!(engine.backup("late.db".into()).await.unwrap_err().code(), "closed");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn close(&self) -> Result<()> {
        self.inner.allow("engine.close", Scope::AccountAdmin)?;
        self.inner.stop_tasks();
        // A request ends by itself after 30 seconds at the latest.
        let until = tokio::time::Instant::now() + Duration::from_secs(35);
        while self.inner.in_flight() > 0 && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if let Err(e) = self.inner.finish_log().await
            && !matches!(e, Error::Closed {})
        {
            tracing::error!(code = e.code(), "the audit log could not be finished");
        }
        self.inner.storage.close().await
    }
}
