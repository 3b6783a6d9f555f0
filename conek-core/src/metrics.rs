//! Numbers for operators: what was decided, sent, received and stored since the engine was opened, and how long it
//! took. None says anything of a person.
//!
//! Each engine keeps its own and gives them as Prometheus reads them ([`crate::Engine::metrics`]). Whatever recorder
//! the host has installed with the crate `metrics` before the engine is opened gets the same.

use std::{collections::HashMap, sync::Arc};

use metrics::{
    Counter, CounterFn, Histogram, HistogramFn, Key, KeyName, Label, Level, Metadata, Recorder, SharedString,
    Unit,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use crate::{
    policy::{Basis, Decision},
    transport::{SendOutcome, StatusKind, Update},
    values::{
        code::code_of,
        error::{Error, Result},
        time::Timestamp,
    },
};

const DECISIONS: &str = "conek_decisions_total";
const REASONS: &str = "conek_decision_reasons_total";
const SENDS: &str = "conek_sends_total";
const REFUSALS: &str = "conek_refusals_total";
const REQUEST: &str = "conek_request_seconds";
const WAIT: &str = "conek_wait_seconds";
const COMMIT: &str = "conek_commit_seconds";
const BATCHES: &str = "conek_committed_batches_total";
const WEBHOOKS: &str = "conek_webhooks_total";
const UPDATES: &str = "conek_updates_total";
const LAG: &str = "conek_webhook_lag_seconds";
const MESSAGES: &str = "conek_messages";
const QUEUE: &str = "conek_queue_depth";
const WAITING: &str = "conek_webhooks_waiting";
const LANE: &str = "conek_lane_state";
const HELD: &str = "conek_waiting_to_resume";

/// The states of a lane, as `Lane::state_name` has them.
const LANE_STATES: [&str; 4] = ["sending", "paused", "stopped", "closed"];

const META: Metadata<'static> = Metadata::new("conek", Level::INFO, Some("conek"));

/// Upper bounds in seconds: from a fast answer to a message that waits for the morning.
const BUCKETS: [f64; 15] =
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0, 3_600.0, 43_200.0];

const COUNTERS: [(&str, &str); 7] = [
    (DECISIONS, "Answers of the gate: when a message is queued, and again before it is sent."),
    (REASONS, "Reasons in those answers, by their codes; an allowed message has its legal basis."),
    (SENDS, "Requests to WhatsApp by what they came to: accepted, refused, not_sent, unknown."),
    (REFUSALS, "Refusals by WhatsApp's error code."),
    (BATCHES, "Changes stored as a whole, each of them or none."),
    (WEBHOOKS, "Bodies received: stored, duplicate, unreadable."),
    (UPDATES, "Updates applied, by kind; unknown ones are kept."),
];
const HISTOGRAMS: [(&str, &str); 4] = [
    (REQUEST, "From the beginning of a request to WhatsApp to its answer."),
    (WAIT, "From the moment at which a message was queued to its durable intent."),
    (COMMIT, "From the asking for a commit to its being durable."),
    (LAG, "From the storing of a webhook to its being applied."),
];
const GAUGES: [(&str, &str); 5] = [
    (MESSAGES, "Messages that are queued, in flight or in doubt."),
    (QUEUE, "Messages that wait for their time or turn, by phone number id."),
    (WAITING, "Stored webhooks that are not applied yet."),
    (
        LANE,
        "1 for the state that a number is in: sending, paused, stopped (by WhatsApp), closed (restored copy).",
    ),
    (HELD, "1 for a restored copy that sends nothing until resume."),
];

/// Where the engine counts.
pub(crate) struct Meters {
    own: PrometheusRecorder,
    handle: PrometheusHandle,
    request: Histogram,
    wait: Histogram,
    commit: Histogram,
    batches: Counter,
    lag: Histogram,
}

/// The same number in two places.
struct Both<T>(T, T);

impl CounterFn for Both<Counter> {
    fn increment(&self, value: u64) {
        self.0.increment(value);
        self.1.increment(value);
    }
    fn absolute(&self, value: u64) {
        self.0.absolute(value);
        self.1.absolute(value);
    }
}

impl HistogramFn for Both<Histogram> {
    fn record(&self, value: f64) {
        self.0.record(value);
        self.1.record(value);
    }
}

/// What operators see of the present; the rest is counted as it happens.
pub(crate) struct Present {
    pub(crate) queued: Vec<(String, i64)>,
    pub(crate) lanes: Vec<(String, &'static str)>,
    pub(crate) in_flight: i64,
    pub(crate) in_doubt: i64,
    pub(crate) webhooks: i64,
    pub(crate) waiting_to_resume: bool,
}

impl Present {
    /// Messages that wait, at whatever number.
    pub(crate) fn all_queued(&self) -> i64 {
        self.queued.iter().map(|(_, n)| n).sum()
    }
}

/// Why the gate answered as it did.
#[derive(PartialEq, Eq, Hash)]
enum Why<'d> {
    Basis(Basis),
    Code(&'d str),
}

fn kind(update: &Update) -> &'static str {
    match update {
        Update::Message { .. } => "message",
        Update::Status { kind: StatusKind::Sent, .. } => "sent",
        Update::Status { kind: StatusKind::Delivered, .. } => "delivered",
        Update::Status { kind: StatusKind::Read, .. } => "read",
        Update::Status { kind: StatusKind::Failed, .. } => "failed",
        Update::Preference { .. } => "preference",
        Update::Template { .. } => "template",
        Update::Number { .. } => "number",
        Update::Account { .. } => "account",
        Update::Group { .. } => "group",
        Update::Identity { .. } => "identity",
        Update::Flow { .. } => "flow",
        Update::App { .. } => "app",
        Update::Call { .. } => "call",
        Update::Unknown { .. } => "unknown",
    }
}

fn key(name: &'static str, labels: &[(&'static str, SharedString)]) -> Key {
    Key::from_parts(name, labels.iter().map(|(k, v)| Label::new(*k, v.clone())).collect::<Vec<_>>())
}

fn seconds(since: Timestamp, now: Timestamp) -> f64 {
    (now - since).as_seconds_f64().max(0.0)
}

impl Meters {
    pub(crate) fn new() -> Result<Self> {
        let own = PrometheusBuilder::new()
            .set_buckets(&BUCKETS)
            .map_err(|_| Error::internal("the bounds of a histogram"))?
            .build_recorder();
        let describe = |r: &dyn Recorder| {
            for (name, text) in COUNTERS {
                r.describe_counter(KeyName::from(name), Some(Unit::Count), text.into());
            }
            for (name, text) in HISTOGRAMS {
                r.describe_histogram(KeyName::from(name), Some(Unit::Seconds), text.into());
            }
            for (name, text) in GAUGES {
                r.describe_gauge(KeyName::from(name), Some(Unit::Count), text.into());
            }
        };
        describe(&own);
        metrics::with_recorder(|host| describe(host));
        Ok(Self {
            handle: own.handle(),
            request: histogram(&own, REQUEST),
            wait: histogram(&own, WAIT),
            commit: histogram(&own, COMMIT),
            lag: histogram(&own, LAG),
            batches: counter(&own, key(BATCHES, &[])),
            own,
        })
    }

    fn count(&self, name: &'static str, labels: &[(&'static str, SharedString)], many: u64) {
        counter(&self.own, key(name, labels)).increment(many);
    }

    /// The gate answered, when messages are queued (`queue`) or about to be sent (`send`). Messages come together, and
    /// most are answered alike: each answer is looked up once.
    pub(crate) fn decided<'d>(&self, at: &'static str, decisions: impl IntoIterator<Item = &'d Decision>) {
        let (mut answers, mut reasons) = (HashMap::new(), HashMap::new());
        for decision in decisions {
            let (answer, why) = match decision {
                Decision::Allow { basis } => {
                    *reasons.entry(("allow", Why::Basis(*basis))).or_default() += 1;
                    ("allow", &[][..])
                }
                Decision::Defer { reasons, .. } => ("defer", &reasons[..]),
                Decision::Deny { reasons } => ("deny", &reasons[..]),
                Decision::Ask { reasons, .. } => ("ask", &reasons[..]),
            };
            *answers.entry(answer).or_default() += 1;
            for reason in why {
                *reasons.entry((answer, Why::Code(&reason.code))).or_default() += 1;
            }
        }
        for (answer, many) in answers {
            self.count(DECISIONS, &[("at", at.into()), ("answer", answer.into())], many);
        }
        for ((answer, why), many) in reasons {
            let reason = match why {
                Why::Basis(basis) => code_of(basis),
                Why::Code(code) => code.to_owned(),
            };
            let labels = [("at", at.into()), ("answer", answer.into()), ("reason", reason.into())];
            self.count(REASONS, &labels, many);
        }
    }

    /// A message that was queued got its intent.
    pub(crate) fn intended(&self, queued: Timestamp, now: Timestamp) {
        self.wait.record(seconds(queued, now));
    }

    /// Requests ended: at which number, from when to when, as what. Without a beginning there was no request.
    pub(crate) fn sent<'o>(
        &self,
        ended: impl IntoIterator<Item = (&'o str, Option<Timestamp>, Timestamp, &'o SendOutcome)>,
    ) {
        let (mut results, mut refusals) = (HashMap::new(), HashMap::new());
        for (number, began, at, outcome) in ended {
            if let Some(began) = began {
                self.request.record(seconds(began, at));
            }
            let result = match outcome {
                SendOutcome::Accepted { .. } => "accepted",
                SendOutcome::Refused { code, .. } => {
                    *refusals.entry((number, *code)).or_default() += 1;
                    "refused"
                }
                SendOutcome::NotSent { .. } => "not_sent",
                SendOutcome::Unknown { .. } => "unknown",
            };
            *results.entry((number, result)).or_default() += 1;
        }
        let number = |id: &str| ("number", SharedString::from(id.to_owned()));
        for ((id, result), many) in results {
            self.count(SENDS, &[number(id), ("result", result.into())], many);
        }
        for ((id, code), many) in refusals {
            self.count(REFUSALS, &[number(id), ("code", code.to_string().into())], many);
        }
    }

    /// Batches became durable.
    pub(crate) fn committed(&self, batches: usize, asked: Timestamp, now: Timestamp) {
        self.batches.increment(batches as u64);
        self.commit.record(seconds(asked, now));
    }

    /// A webhook came in.
    pub(crate) fn received(&self, result: &'static str) {
        self.count(WEBHOOKS, &[("result", result.into())], 1);
    }

    /// Webhooks are applied: when each was stored, and what was in it.
    pub(crate) fn applied<'u>(
        &self,
        now: Timestamp,
        bodies: impl IntoIterator<Item = (Option<Timestamp>, &'u [Update])>,
    ) {
        let mut kinds = HashMap::new();
        for (stored, updates) in bodies {
            if let Some(stored) = stored {
                self.lag.record(seconds(stored, now));
            }
            for update in updates {
                *kinds.entry(kind(update)).or_default() += 1;
            }
        }
        for (kind, many) in kinds {
            self.count(UPDATES, &[("kind", kind.into())], many);
        }
    }

    /// Empties what histograms gathered into their buckets.
    pub(crate) fn tidy(&self) {
        self.handle.run_upkeep();
    }

    /// Everything, in Prometheus' text format.
    pub(crate) fn render(&self, present: &Present) -> String {
        let set = |name, labels: &[(&'static str, SharedString)], value: f64| {
            let key = key(name, labels);
            self.own.register_gauge(&key, &META).set(value);
            metrics::with_recorder(|host| host.register_gauge(&key, &META).set(value));
        };
        let queued = present.all_queued();
        for (state, n) in
            [("queued", queued), ("in_flight", present.in_flight), ("in_doubt", present.in_doubt)]
        {
            set(MESSAGES, &[("state", state.into())], n as f64);
        }
        for (number, n) in &present.queued {
            set(QUEUE, &[("number", number.clone().into())], *n as f64);
        }
        for (number, is) in &present.lanes {
            for state in LANE_STATES {
                let labels = [("number", SharedString::from(number.clone())), ("state", state.into())];
                set(LANE, &labels, f64::from(u8::from(state == *is)));
            }
        }
        set(WAITING, &[], present.webhooks as f64);
        set(HELD, &[], f64::from(u8::from(present.waiting_to_resume)));
        self.handle.render()
    }
}

fn counter(own: &PrometheusRecorder, key: Key) -> Counter {
    let host = metrics::with_recorder(|host| host.register_counter(&key, &META));
    Counter::from_arc(Arc::new(Both(own.register_counter(&key, &META), host)))
}

fn histogram(own: &PrometheusRecorder, name: &'static str) -> Histogram {
    let key = key(name, &[]);
    let host = metrics::with_recorder(|host| host.register_histogram(&key, &META));
    Histogram::from_arc(Arc::new(Both(own.register_histogram(&key, &META), host)))
}
