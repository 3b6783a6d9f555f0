//! A running world: the lock around it, the clock that moves it, and the tasks that carry webhooks.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, atomic::Ordering},
    time::Duration,
};

use conek_core::{Clock, Error, Result, VirtualClock};
use serde::Serialize;
use tokio::sync::{Notify, watch};

use crate::{
    ledger::moment,
    options::{OnAction, Options, Panel},
    signature,
    webhooks::{Delivery, Next},
    world::{Event, World},
};

/// How many due events happen under one lock.
const EVENTS_AT_ONCE: usize = 256;
/// How long a webhook may take, in real time.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(10);

/// What is still to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Idle {
    /// Nothing is scheduled, waiting or under way.
    pub idle: bool,
    /// Statuses, replies and webhook POSTs that will happen at a later moment.
    pub scheduled: usize,
    /// Webhook POSTs under way.
    pub in_flight: usize,
    /// Updates and POSTs that wait for a free place.
    pub waiting: usize,
    /// When the next scheduled thing is due.
    pub next_due: Option<chrono::DateTime<chrono::Utc>>,
    /// Something goes on without the clock moving.
    #[serde(skip)]
    pub(crate) busy: bool,
}

/// What every task of a simulator shares.
pub(crate) struct Running {
    world: Mutex<World>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) virtual_clock: Option<Arc<VirtualClock>>,
    pub(crate) token: String,
    pub(crate) base_url: String,
    pub(crate) panel: Option<Panel>,
    pub(crate) on_action: Option<OnAction>,
    client: reqwest::Client,
    sooner: Notify,
    /// What the clock task waits for, in milliseconds.
    armed: Mutex<i64>,
    pub(crate) stop: watch::Sender<bool>,
    tasks: tokio::runtime::Handle,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Running {
    pub(crate) fn new(options: Options, base_url: String) -> Result<Arc<Self>> {
        let running = Arc::new(Self {
            world: Mutex::new(World::new(&options)),
            clock: options.clock,
            virtual_clock: options.virtual_clock,
            token: options.token,
            base_url,
            panel: options.panel,
            on_action: options.on_action,
            client: client()?,
            sooner: Notify::new(),
            armed: Mutex::new(i64::MAX),
            stop: watch::channel(false).0,
            tasks: tokio::runtime::Handle::current(),
        });
        tokio::spawn(Self::keep_time(running.clone(), running.stop.subscribe()));
        Ok(running)
    }
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(|e| e.into_inner())
    }
    /// Now, in milliseconds.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }
    /// Changes the world, then sets going what that made due.
    pub(crate) fn change<T>(self: &Arc<Self>, change: impl FnOnce(&mut World, i64) -> T) -> T {
        let now = self.now();
        let (result, next) = {
            let mut world = self.world();
            let result = change(&mut world, now);
            (result, world.schedule.next_due())
        };
        let armed = *self.armed.lock().unwrap_or_else(|e| e.into_inner());
        if next.is_some_and(|at| at < armed) {
            self.sooner.notify_one();
        }
        self.pump();
        result
    }

    /// Lets due events happen, and waits for the next.
    async fn keep_time(this: Arc<Self>, mut stop: watch::Receiver<bool>) {
        loop {
            let now = this.now();
            let next = {
                let mut world = this.world();
                for _ in 0..EVENTS_AT_ONCE {
                    match world.schedule.take_due(now) {
                        Some((at, event)) => world.happen(at, event),
                        None => break,
                    }
                }
                let next = world.schedule.next_due();
                // Under the world's lock, so that no earlier event slips in between.
                *this.armed.lock().unwrap_or_else(|e| e.into_inner()) = next.unwrap_or(i64::MAX);
                next
            };
            this.pump();
            if next.is_some_and(|at| at <= now) {
                tokio::task::yield_now().await;
                continue;
            }
            let due = async {
                match next {
                    Some(at) => this.clock.sleep_until(moment(at)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => {}
                () = this.sooner.notified() => {}
                _ = stop.changed() => return,
            }
        }
    }

    /// Starts as many webhook POSTs as may run.
    pub(crate) fn pump(self: &Arc<Self>) {
        while let Some(delivery) = self.next_delivery() {
            let this = self.clone();
            self.tasks.spawn(async move {
                let mut next = Some(delivery);
                while let Some(delivery) = next {
                    this.attempt(&delivery).await;
                    next = this.next_delivery();
                }
            });
        }
    }
    fn next_delivery(&self) -> Option<Arc<Delivery>> {
        let now = self.now();
        let mut world = self.world();
        let world = &mut *world;
        loop {
            let (delivery, at, copy) = world.outbox.next(now, &world.numbers)?;
            if let Some(copy) = copy {
                world.schedule.add(copy, Event::Post(delivery.clone()));
                self.sooner.notify_one();
            }
            if at <= now {
                world.outbox.in_flight += 1;
                return Some(delivery);
            }
            world.schedule.add(at, Event::Post(delivery));
            self.sooner.notify_one();
        }
    }
    /// Makes one POST; the caller has counted it as in flight.
    pub(crate) async fn attempt(self: &Arc<Self>, delivery: &Arc<Delivery>) {
        let before = delivery.attempts.fetch_add(1, Ordering::Relaxed);
        let (url, secret) = {
            let world = self.world();
            let options = &world.outbox.options;
            (delivery.url.clone().or_else(|| options.url.clone()), options.app_secret.clone())
        };
        let http = match url {
            None => 0,
            Some(url) => {
                let signature = match &delivery.first_signature {
                    Some(other) if before == 0 => other.clone(),
                    _ => Some(signature::sign(&secret, &delivery.body)),
                };
                let mut request = self
                    .client
                    .post(url)
                    .header("content-type", "application/json")
                    .body(delivery.body.clone());
                if let Some(signature) = signature {
                    request = request.header("x-hub-signature-256", signature);
                }
                match request.send().await {
                    Ok(answer) => {
                        let status = answer.status().as_u16();
                        // Read to the end, so that the connection can serve the next one.
                        let _ = answer.bytes().await;
                        status
                    }
                    Err(_) => 0,
                }
            }
        };
        let mut armed_later = false;
        {
            let now = self.now();
            let mut world = self.world();
            world.outbox.in_flight = world.outbox.in_flight.saturating_sub(1);
            if delivery.generation == world.outbox.generation {
                if let Next::RetryAt(at) = world.outbox.attempted(delivery, before, http, now) {
                    world.schedule.add(at, Event::Post(delivery.clone()));
                    armed_later = true;
                }
                if (200..300).contains(&http) {
                    for (entry, status) in &delivery.of {
                        world.ledger.all[*entry as usize].told |= 1 << (*status as u8);
                    }
                }
            }
        }
        if armed_later {
            self.sooner.notify_one();
        }
    }

    /// Posts a signed body; says the status, 0 where nobody answered, and what came back.
    pub(crate) async fn post(&self, url: &str, signature: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
        let request = self.client.post(url).header("content-type", "application/json").body(body);
        match request.header("x-hub-signature-256", signature).send().await {
            Ok(answer) => (answer.status().as_u16(), answer.bytes().await.map(Vec::from).unwrap_or_default()),
            Err(_) => (0, Vec::new()),
        }
    }

    pub(crate) fn idle(&self) -> Idle {
        let now = self.now();
        let world = self.world();
        let next_due = world.schedule.next_due();
        let (scheduled, in_flight) = (world.schedule.len(), world.outbox.in_flight);
        let waiting = world.outbox.waiting.len() + world.outbox.ready.len();
        Idle {
            idle: scheduled + in_flight + waiting == 0,
            scheduled,
            in_flight,
            waiting,
            next_due: next_due.map(moment),
            busy: in_flight > 0 || world.outbox.has_due(now) || next_due.is_some_and(|at| at <= now),
        }
    }
    /// Waits until nothing is to come, moving a frozen clock from one due moment to the next, but not past `until`.
    pub(crate) async fn run_until_idle(&self, until: Option<chrono::DateTime<chrono::Utc>>) -> Idle {
        loop {
            let idle = self.idle();
            let late = until.is_some_and(|until| idle.next_due.is_some_and(|at| at > until));
            if idle.idle || (late && !idle.busy) {
                return idle;
            }
            match (&self.virtual_clock, idle.next_due) {
                (Some(clock), Some(at)) if !idle.busy => clock.advance_to(at),
                // Sockets, not the clock, decide when this ends.
                _ => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
    }
    /// Makes the GET of the handshake; says whether the challenge came back.
    pub(crate) async fn handshake(&self) -> Result<bool> {
        let (url, token) = {
            let world = self.world();
            (world.outbox.options.url.clone(), world.outbox.options.verify_token.clone())
        };
        let url = url.ok_or_else(|| Error::invalid("webhooks.url", "set an address first"))?;
        self.challenge(&url, &token).await
    }
    /// The same at any address, with any token.
    pub(crate) async fn challenge(&self, url: &str, token: &str) -> Result<bool> {
        let challenge = (self.world().dice.draw("challenge", url, 0) % 1_000_000_000).to_string();
        let mut url: reqwest::Url = url.parse().map_err(|_| Error::invalid("webhooks.url", "not a URL"))?;
        url.query_pairs_mut()
            .append_pair("hub.mode", "subscribe")
            .append_pair("hub.challenge", &challenge)
            .append_pair("hub.verify_token", token);
        let Ok(answer) = self.client.get(url).send().await else { return Ok(false) };
        let ok = answer.status().is_success();
        Ok(ok && answer.text().await.is_ok_and(|body| body == challenge))
    }
}

fn client() -> Result<reqwest::Client> {
    let internal = |_| Error::internal("the simulator's HTTP client");
    // Only http:// is ever called; the client wants a TLS configuration all the same.
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::internal("the simulator's TLS configuration"))?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .resolve("localhost", std::net::SocketAddr::from(([127, 0, 0, 1], 0)))
        .timeout(WEBHOOK_TIMEOUT)
        .build()
        .map_err(internal)
}

/// Refuses a webhook address that is not on this machine.
pub(crate) fn check_target(url: &str) -> Result<()> {
    let refuse =
        || Error::invalid("webhooks.url", "the simulator calls http:// addresses of this machine only");
    let url: reqwest::Url = url.parse().map_err(|_| refuse())?;
    if url.scheme() == "http" && url.host_str().is_some_and(is_loopback) { Ok(()) } else { Err(refuse()) }
}

/// Whether a host name is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_called() {
        for good in
            ["http://127.0.0.1:80/hook", "http://localhost:3000", "http://[::1]:1/x", "http://127.9.9.9/"]
        {
            assert!(check_target(good).is_ok(), "{good}");
        }
        for bad in [
            "https://127.0.0.1/",
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://10.0.0.1/",
            "ftp://localhost/",
            "x",
        ] {
            assert!(check_target(bad).is_err(), "{bad}");
        }
    }
}
