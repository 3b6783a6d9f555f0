//! Opening: ports are filled in, keys found, the store's life begun, and the tasks started.

use std::{
    future::Future,
    sync::{
        Arc, RwLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{Notify, mpsc, watch};

use super::{
    Config, DEFAULT_PER_SECOND, Inner, Ports,
    life::{HEARTBEAT, Life, MOST_LATENESS},
};
use crate::{
    audit::{
        Measured, Recorder,
        journal::{Backlog, Journal, Position},
    },
    flow_endpoint::{Exchanges, PrivateKeys},
    inbound,
    messaging::{
        MessageState, dispatch,
        lane::{Halted, Lane},
        outcome, recover,
        row::Row,
        templates::Shelf,
    },
    metrics::Meters,
    policy::gate::Gate,
    storage::{Batch, Committed, Index, Record, Sqlite, Storage, Write},
    transport::{
        Transport, WhatsApp,
        whatsapp::{DEFAULT_GRAPH_VERSION, Settings},
    },
    values::{
        error::{Error, Result},
        phone::check_region,
        random::{Random, SeededRandomness, SystemRandomness},
        secret::Secret,
        time::{Clock, SystemClock, Timestamp},
    },
    vault::{KeyFile, KeyProvider, Vault},
};

pub(crate) async fn open(config: Config, ports: Ports) -> Result<Arc<Inner>> {
    check(&config, &ports)?;
    let account = config.account_name().to_owned();
    let clock: Arc<dyn Clock> = ports.clock.clone().unwrap_or_else(|| Arc::new(SystemClock));
    let mut sqlite = None;
    let storage: Arc<dyn Storage> = match (ports.storage.clone(), &config.database) {
        (Some(storage), _) => storage,
        (None, Some(url)) => database(url, &account).await?,
        (None, None) => {
            let opened = Arc::new(Sqlite::open(config.path.clone().unwrap_or_default()).await?);
            sqlite = Some(opened.clone());
            opened
        }
    };
    match wire(config, ports, account, clock, storage.clone(), sqlite).await {
        Ok(inner) => Ok(inner),
        Err(e) => {
            // Whoever corrects the configuration finds the file free.
            let _ = storage.close().await;
            Err(e)
        }
    }
}

#[cfg(feature = "postgres")]
async fn database(url: &str, account: &str) -> Result<Arc<dyn Storage>> {
    Ok(Arc::new(crate::storage::Postgres::open_account(url, account).await?))
}

#[cfg(not(feature = "postgres"))]
async fn database(_: &str, _: &str) -> Result<Arc<dyn Storage>> {
    Err(Error::invalid(
        "database",
        "this conek was built without PostgreSQL; build it with the feature postgres",
    ))
}

async fn wire(
    mut config: Config,
    ports: Ports,
    account: String,
    clock: Arc<dyn Clock>,
    storage: Arc<dyn Storage>,
    sqlite: Option<Arc<Sqlite>>,
) -> Result<Arc<Inner>> {
    let system: Arc<dyn Random> = Arc::new(SystemRandomness::default());
    let place = config.database.as_deref().or(config.path.as_deref());
    let place = place.filter(|_| ports.storage.is_none()).map(Secret::from);
    let now = clock.now();
    let seeded = |boot: u32| -> Result<Arc<dyn Random>> {
        Ok(match config.seed {
            // Every life of the store draws other numbers, and the same ones when repeated.
            Some(seed) => {
                let seed = u64::from_le_bytes(seed.to_le_bytes()) ^ u64::from(boot).rotate_left(32);
                Arc::new(SeededRandomness::new(seed)?)
            }
            None => system.clone(),
        })
    };
    let life = Life::begin(&storage, &account, &*seeded(0)?, now).await?;
    let random = seeded(life.boot)?;
    let (keys, key_file) = key_provider(&config, &ports, &storage, &account, random.clone()).await?;
    let root = root_key(&storage, &account, &*keys, &*random).await?;
    let vault = Arc::new(Vault::open(&account, &*keys, root, random.clone()).await?);
    let journal = config.journal();
    let (journal, backlog) = match journal {
        Some(path) => {
            let position = storage.get(vec![store_key(&account, Position::ID)]).await?.pop().flatten();
            let position = position.map(|r| Position::read(&r)).transpose()?.unwrap_or_default();
            let has_none = position.n == 0;
            let (journal, mut backlog) = Journal::open(path, &vault, position, life.boot == 1)?;
            // A new journal in the place of a lost one does not make up for it.
            let lost = storage.get(vec![store_key(&account, Position::LOST)]).await?.pop().flatten();
            match lost.map(|r| Position::read(&r)).transpose()? {
                Some(lost) => backlog.is_behind |= !journal.holds(&lost).await,
                None => {
                    if let Some(lost) = &backlog.lost {
                        let write = lost.write_as(&account, Position::LOST)?;
                        storage.commit(vec![Batch { writes: vec![write] }]).await?;
                    }
                }
            }
            if has_none && journal.end().await.n == 0 {
                let begun = journal.begin(&vault).await?.write(&account)?;
                storage.commit(vec![Batch { writes: vec![begun] }]).await?;
            }
            (Some(journal), backlog)
        }
        None => (None, Backlog::default()),
    };
    // Later lives of the store sign under greater names.
    let writer = format!("{:08x}-{:05}-{:010}", life.instance, life.epoch, life.boot);
    let meters = Arc::new(Meters::new()?);
    let measured = Measured { meters: meters.clone(), clock: clock.clone() };
    let recorder = Arc::new(Recorder::new(storage, vault.clone(), &account, writer, journal, measured));
    let storage: Arc<dyn Storage> = recorder.clone();
    let flow_keys = PrivateKeys::open(std::mem::take(&mut config.flow_keys))?;
    let transport = transport(&config, &ports, clock.clone())?;
    let own = config.whatsapp.as_ref().filter(|_| ports.transport.is_none());
    let graph_version =
        own.map(|w| w.graph_version.clone().unwrap_or_else(|| DEFAULT_GRAPH_VERSION.to_owned()));
    let lanes: Vec<Arc<Lane>> = config
        .numbers
        .iter()
        .map(|n| Arc::new(Lane::new(&n.id, n.per_second.unwrap_or(DEFAULT_PER_SECOND), now)))
        .collect();
    for lane in &lanes {
        lane.closed.store(life.restored, Ordering::Release);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("conek")
        .enable_all()
        .build()
        .map_err(|e| Error::internal(format!("no threads for the engine: {}", e.kind())))?;
    let inner = Arc::new(Inner {
        account,
        business_lower: config.business.to_lowercase(),
        link_start: config
            .public_url
            .as_ref()
            .map(|url| format!("{}/preferences/", url.trim_end_matches('/').to_lowercase())),
        last_says: Default::default(),
        business: config.business,
        language: config.language,
        public_url: config.public_url,
        privacy_contact: config.privacy_contact,
        notices: crate::consent::NoticeTable::default(),
        region: config.region,
        concurrency: usize::try_from(config.concurrency.unwrap_or(64)).unwrap_or(64).clamp(1, 4096),
        numbers: config.numbers,
        business_account: config.business_account,
        flow_keys,
        exchanges: Exchanges::default(),
        graph_version,
        rates: config.rates,
        approval_above: config.approval_above,
        rotate_keys_after: config.rotate_keys_after_days.map(i64::from).map(chrono::TimeDelta::days),
        storage,
        recorder,
        meters,
        rotating: tokio::sync::Mutex::default(),
        place,
        sqlite,
        keys,
        key_file,
        retention: config.retention.unwrap_or_default(),
        scrub_due: AtomicBool::new(false),
        journal_is_behind: AtomicBool::new(backlog.is_behind),
        transport,
        gate: Gate::new(ports.policies),
        vault,
        clock,
        random,
        waiting_to_resume: AtomicBool::new(life.restored),
        life,
        templates: Shelf::default(),
        halted: Halted::default(),
        halted_for_all: Halted::default(),
        settings: crate::policy::account::Settings::default(),
        health: crate::messaging::health::Health::default(),
        webhooks: Arc::new(Notify::new()),
        reaper: Arc::new(Notify::new()),
        verify_token: config.whatsapp.map(|w| w.verify_token),
        holidays: RwLock::new(Vec::new()),
        lanes,
        changes: watch::channel(0).0,
        closing: AtomicBool::new(false),
        runtime: Some(runtime),
    });
    for day in config.declared_holidays {
        inner.add_holiday(day);
    }
    for record in inner.find_all(inner.query("holiday", Index::Id {}, 1000)).await? {
        inner.add_holiday(record.id);
    }
    inner.warn_of_graph_version();
    inner.load_templates().await?;
    inner.load_settings().await?;
    inner.load_health().await?;
    inner.load_notices().await?;
    inner.load_wrapping_keys().await?;
    inner.catch_up(backlog).await?;
    take_up(&inner, now).await?;
    start_tasks(&inner)?;
    let rotating = inner.clone();
    inner.spawn(async move {
        if let Err(e) = rotating.rotate_on().await
            && !matches!(e, Error::Closed {})
        {
            tracing::error!(code = e.code(), "an interrupted rotation of keys could not go on");
        }
    })?;
    let continuing = inner.clone();
    inner.spawn(async move {
        if let Err(e) = continuing.continue_campaigns().await {
            tracing::error!(code = e.code(), "an interrupted campaign could not go on");
        }
    })?;
    Ok(inner)
}

fn check(config: &Config, ports: &Ports) -> Result<()> {
    if config.path.is_none() && config.database.is_none() && ports.storage.is_none() {
        return Err(Error::invalid(
            "path",
            "must name the database file, unless a database or storage is given",
        ));
    }
    if config.path.is_some() && config.database.is_some() {
        return Err(Error::invalid("database", "stands beside a path; name one of them"));
    }
    if config.database.is_some()
        && ports.storage.is_none()
        && config.key_file.is_none()
        && config.journal_file.is_none()
    {
        return Err(Error::invalid(
            "journal_file",
            "must name the journal of erasures and opt-outs when neither a path nor a key file says where it lies",
        ));
    }
    if config.business.trim().is_empty() {
        return Err(Error::invalid("business", "must name the business as people know it"));
    }
    if config.privacy_contact.trim().is_empty() {
        return Err(Error::invalid(
            "privacy_contact",
            "must say whom people can ask about their data (POPIA s18(1), GDPR 13(1)(b))",
        ));
    }
    if let Some(rules) = &config.retention {
        rules.check()?;
    }
    if config.rotate_keys_after_days.is_some_and(|days| !(1..=3_650).contains(&days)) {
        return Err(Error::invalid("rotate_keys_after_days", "must be between 1 and 3650 days"));
    }
    if let Some(region) = &config.region {
        check_region("region", region)?;
    }
    for (i, number) in config.numbers.iter().enumerate() {
        if number.id.is_empty() || !number.id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Error::invalid(
                format!("numbers[{i}].id"),
                "must be Meta's phone number id, not the phone number",
            ));
        }
        if number.per_second.is_some_and(|r| r < 1) {
            return Err(Error::invalid(format!("numbers[{i}].per_second"), "must be at least 1"));
        }
        if config.numbers[..i].iter().any(|n| n.id == number.id) {
            return Err(Error::invalid(format!("numbers[{i}].id"), "stands in the list twice"));
        }
    }
    if config.business_account.as_ref().is_some_and(|id| !crate::transport::call::is_id(id)) {
        return Err(Error::invalid(
            "business_account",
            "must be Meta's id of the WhatsApp Business account: digits, as WhatsApp Manager shows it",
        ));
    }
    for (i, day) in config.declared_holidays.iter().enumerate() {
        if day.parse::<chrono::NaiveDate>().is_err() {
            return Err(Error::invalid(format!("declared_holidays[{i}]"), "must be a date, YYYY-MM-DD"));
        }
    }
    if config.whatsapp.is_none() && ports.transport.is_none() {
        return Err(Error::invalid(
            "whatsapp",
            "must hold the access to the WhatsApp Cloud API, unless a transport is given",
        ));
    }
    Ok(())
}

fn transport(config: &Config, ports: &Ports, clock: Arc<dyn Clock>) -> Result<Arc<dyn Transport>> {
    if let Some(transport) = &ports.transport {
        return Ok(transport.clone());
    }
    let Some(access) = &config.whatsapp else {
        return Err(Error::invalid("whatsapp", "is missing"));
    };
    let secrets = access.app_secrets.iter().map(|s| Secret::from(s.as_str())).collect();
    let mut settings = Settings::new(
        Secret::from(access.access_token.as_str()),
        secrets,
        Secret::from(access.verify_token.as_str()),
    );
    settings.phone_number_ids = config.numbers.iter().map(|n| n.id.clone()).collect();
    if let Some(url) = &access.base_url {
        settings.base_url.clone_from(url);
    }
    if let Some(version) = &access.graph_version {
        settings.graph_version.clone_from(version);
    }
    settings.extra_roots_pem.clone_from(&access.extra_roots_pem);
    Ok(Arc::new(WhatsApp::new(settings, clock)?))
}

async fn key_provider(
    config: &Config,
    ports: &Ports,
    storage: &Arc<dyn Storage>,
    account: &str,
    random: Arc<dyn Random>,
) -> Result<(Arc<dyn KeyProvider>, Option<Arc<KeyFile>>)> {
    if let Some(keys) = &ports.keys {
        return Ok((keys.clone(), None));
    }
    let path = match (&config.key_file, &config.path) {
        (Some(path), _) => path.clone(),
        (None, Some(path)) => format!("{path}.key"),
        (None, None) => {
            return Err(Error::invalid("key_file", "must name the key file, unless a key provider is given"));
        }
    };
    // A database with a root key needs the file that it was made with: a new one would only hide
    // that the old one is missing.
    let exists = storage.get(vec![root_record(account).key()]).await?.into_iter().next().flatten().is_some();
    let file =
        Arc::new(if exists { KeyFile::open(path, random)? } else { KeyFile::open_or_create(path, random)? });
    Ok((file.clone(), Some(file)))
}

fn store_key(account: &str, id: &str) -> crate::storage::Key {
    crate::storage::Key { account: account.to_owned(), kind: Position::KIND.to_owned(), id: id.to_owned() }
}

fn root_record(account: &str) -> Record {
    let mut record = Record::new(account, "root_key", "1");
    record.retention = "account".to_owned();
    record
}

/// The account's wrapped root key, made on first open.
async fn root_key(
    storage: &Arc<dyn Storage>,
    account: &str,
    keys: &dyn KeyProvider,
    random: &dyn Random,
) -> Result<Vec<u8>> {
    let mut record = root_record(account);
    for _ in 0..3 {
        if let Some(there) = storage.get(vec![record.key()]).await?.into_iter().next().flatten() {
            return Ok(there.sealed);
        }
        record.sealed = Vault::new_root(keys, random).await?;
        let insert = Batch { writes: vec![Write::Insert { record: record.clone() }] };
        if let Some(Committed::Done { .. }) = storage.commit(vec![insert]).await?.first() {
            return Ok(record.sealed);
        }
    }
    Err(Error::internal("the root key could not be stored"))
}

/// Takes up what the last engine left. The storage admits one engine, so that nobody holds what it
/// had claimed: every lease has ended.
async fn take_up(inner: &Arc<Inner>, now: Timestamp) -> Result<()> {
    if inner.life.newly_restored {
        inner.after_restore().await?;
        inner.note_restored().await?;
    }
    inner.tend(now, Timestamp::MAX_UTC).await?;
    if inner.life.was_silent {
        for lane in &inner.lanes {
            hold_overdue(inner, lane, now - MOST_LATENESS).await?;
        }
        inner.heartbeat().await?;
    }
    Ok(())
}

async fn hold_overdue(inner: &Arc<Inner>, lane: &Lane, until: Timestamp) -> Result<()> {
    loop {
        let index = Index::Due { queue: lane.queue.clone(), until };
        let records = inner.find(inner.query("message", index, 1000)).await?.records;
        if records.is_empty() {
            return Ok(());
        }
        let batches = records
            .into_iter()
            .map(|r| {
                let mut row = Row::read(r)?;
                row.clear.maybe = true;
                Ok(Batch { writes: vec![row.change(MessageState::Held, None, None)?] })
            })
            .collect::<Result<Vec<_>>>()?;
        inner.storage.commit(batches).await?;
    }
}

fn start_tasks(inner: &Arc<Inner>) -> Result<()> {
    let (to, outcomes) = mpsc::channel(4096);
    let weak = Arc::downgrade(inner);
    inner.spawn(outcome::run(weak.clone(), outcomes))?;
    for lane in &inner.lanes {
        let (lane, to) = (lane.clone(), to.clone());
        supervise(inner, move |engine| dispatch::run(engine, lane.clone(), to.clone()))?;
    }
    supervise(inner, recover::run)?;
    supervise(inner, inbound::run)?;
    supervise(inner, crate::audit::run)?;
    supervise(inner, sweep_daily)?;
    supervise(inner, raise_alarms)?;
    supervise(inner, watch_health)?;
    supervise(inner, beat)
}

/// Keeps a task running: a panic in it is logged, and it starts again.
fn supervise<F: Future<Output = ()> + Send + 'static>(
    inner: &Arc<Inner>,
    task: impl Fn(Weak<Inner>) -> F + Send + 'static,
) -> Result<()> {
    let engine = Arc::downgrade(inner);
    inner
        .spawn(async move {
            while tokio::spawn(task(engine.clone())).await.is_err() && engine.strong_count() > 0 {
                tracing::error!("a task of the engine failed and starts again; please report it");
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        })
        .map(drop)
}

/// Ends once a day what is over: a day after the last time, whatever process that was.
async fn sweep_daily(engine: Weak<Inner>) {
    loop {
        let Some(inner) = engine.upgrade() else { return };
        if inner.is_closing() {
            return;
        }
        let clock = inner.clock.clone();
        let at = match inner.next_sweep().await {
            Ok(at) => at,
            Err(e) => {
                tracing::warn!(code = e.code(), "it could not be read when the last retention sweep was");
                clock.now() + chrono::TimeDelta::hours(1)
            }
        };
        drop(inner);
        clock.sleep_until(at).await;
        let Some(inner) = engine.upgrade() else { return };
        inner.warn_of_graph_version();
        // A restored copy ends nothing before somebody has looked at it.
        if inner.is_waiting_to_resume() {
            drop(inner);
            clock.sleep_until(clock.now() + chrono::TimeDelta::hours(1)).await;
        } else if let Err(e) = inner.sweep_of_the_day().await {
            tracing::warn!(code = e.code(), "the retention sweep was interrupted; it goes on in an hour");
            drop(inner);
            clock.sleep_until(clock.now() + chrono::TimeDelta::hours(1)).await;
        }
    }
}

/// Tells of what runs out of time, every hour.
async fn raise_alarms(engine: Weak<Inner>) {
    loop {
        let Some(inner) = engine.upgrade() else { return };
        if inner.is_closing() {
            return;
        }
        let clock = inner.clock.clone();
        // From the beginning of this look: what runs out during it is seen by the next one.
        let next = clock.now() + super::alarms::EVERY;
        inner.meters.tidy();
        if let Err(e) = inner.raise_alarms().await {
            tracing::warn!(
                code = e.code(),
                "the deadlines could not be looked at; the next look is in an hour"
            );
        }
        drop(inner);
        clock.sleep_until(next).await;
    }
}

/// Asks WhatsApp how the numbers stand: some time after the opening, whenever a webhook says that something changed,
/// and now and then, as a webhook may be lost and tells no quality.
async fn watch_health(engine: Weak<Inner>) {
    let mut pause = chrono::TimeDelta::hours(1);
    loop {
        let Some(inner) = engine.upgrade() else { return };
        let clock = inner.clock.clone();
        let at = clock.now() + pause;
        let rung = inner.health.rung();
        drop(inner);
        tokio::select! {
            () = clock.sleep_until(at) => {}
            () = rung.notified() => {}
        }
        let Some(inner) = engine.upgrade() else { return };
        if inner.is_closing() {
            return;
        }
        pause = match inner.read_health().await {
            Ok(()) => chrono::TimeDelta::hours(6),
            Err(Error::Unsupported { .. }) => chrono::TimeDelta::hours(24),
            Err(e) => {
                tracing::debug!(code = e.code(), "WhatsApp could not be asked how the numbers stand");
                chrono::TimeDelta::minutes(15)
            }
        };
    }
}

async fn beat(engine: Weak<Inner>) {
    loop {
        let Some(inner) = engine.upgrade() else { return };
        if inner.is_closing() {
            return;
        }
        let clock = inner.clock.clone();
        let at = clock.now() + HEARTBEAT;
        drop(inner);
        clock.sleep_until(at).await;
        if let Some(inner) = engine.upgrade()
            && let Err(e) = inner.heartbeat().await
        {
            tracing::warn!(code = e.code(), "the heartbeat could not be stored");
        }
    }
}
