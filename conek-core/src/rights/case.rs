//! A request with its record: where each right stands, and what is owed until when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    DueItem, IdentityState, RequestChannel, RequestState, RequestStep, RightStatus, RightsRequest,
    deadlines::{RequestDeadlines, RightKind},
};
use crate::{
    engine::Inner,
    policy::{ObjectionScope, Regime},
    storage::Record,
    values::{
        error::{Error, Result},
        ids::PersonId,
        time::Timestamp,
    },
    vault::Sealed,
};

/// The kind of a request.
pub(crate) const KIND: &str = "request";
/// Where open requests wait for their time.
pub(crate) const QUEUE: &str = "rights";

/// What is in clear: nothing of the person.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Clear {
    pub(super) rights: Vec<RightStatus>,
    pub(super) channel: RequestChannel,
    pub(super) identity: IdentityState,
    pub(super) regimes: Vec<Regime>,
    pub(super) country: Option<String>,
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub(super) received_at: Timestamp,
    #[serde(with = "chrono::serde::ts_milliseconds_option", default)]
    pub(super) extended_at: Option<Timestamp>,
    #[serde(with = "chrono::serde::ts_milliseconds_option", default)]
    pub(super) ended_at: Option<Timestamp>,
    pub(super) objects_to: Option<ObjectionScope>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Body {
    pub(super) details: Option<String>,
    pub(super) contact: Option<String>,
    pub(super) corrections: BTreeMap<String, String>,
    pub(super) evidence: Option<String>,
    pub(super) steps: Vec<RequestStep>,
}

/// A request with its record.
#[derive(Clone)]
pub(crate) struct Case {
    pub(super) record: Record,
    pub(super) clear: Clear,
    pub(super) body: Body,
}

fn alarm(d: &RequestDeadlines, now: Timestamp) -> i32 {
    [(100, d.alarm_100), (80, d.alarm_80), (50, d.alarm_50)]
        .into_iter()
        .find(|(_, at)| now >= *at)
        .map_or(0, |(percent, _)| percent)
}

impl Case {
    pub(crate) fn open(engine: &Inner, record: Record) -> Result<Self> {
        let clear = serde_json::from_str(&record.clear)
            .map_err(|_| Error::internal("a request has a shape this version does not know"))?;
        let person = record.subjects.first().map_or("", String::as_str);
        let place = Sealed { person, kind: KIND, id: &record.id };
        let body = if record.sealed.is_empty() {
            Body::default()
        } else {
            engine.vault.open_sealed(place, &record.sealed)?
        };
        Ok(Self { record, clear, body })
    }

    pub(super) fn person(&self) -> Option<PersonId> {
        self.record.subjects.first().map(|s| s.as_str().into())
    }

    pub(super) fn is_open(&self, right: RightKind) -> bool {
        self.clear.rights.iter().any(|r| r.right == right && !r.state.is_final())
    }

    pub(super) fn due_at(&self) -> Option<Timestamp> {
        let open = self.clear.rights.iter().filter(|r| !r.state.is_final());
        open.map(|r| due_of(r, self.clear.extended_at)).min()
    }

    /// The state of the whole, from its parts.
    pub(super) fn fold(&mut self, now: Timestamp) {
        let parts: Vec<RequestState> = self.clear.rights.iter().map(|r| r.state).collect();
        let all = |s: RequestState| parts.iter().all(|p| *p == s);
        let state = if parts.iter().all(|p| p.is_final()) {
            match () {
                () if all(RequestState::Fulfilled) => RequestState::Fulfilled,
                () if all(RequestState::Withdrawn) => RequestState::Withdrawn,
                () if all(RequestState::Duplicate) => RequestState::Duplicate,
                () if parts.contains(&RequestState::Fulfilled) => RequestState::PartiallyFulfilled,
                () => RequestState::Refused,
            }
        } else if self.clear.identity == IdentityState::Pending {
            RequestState::IdentityPending
        } else if parts.iter().any(|p| p.is_final()) {
            RequestState::InProgress
        } else {
            parts.iter().copied().filter(|p| !p.is_final()).min().unwrap_or(RequestState::Received)
        };
        state.code().clone_into(&mut self.record.state);
        if state.is_final() {
            self.clear.ended_at.get_or_insert(now);
            (self.record.queue, self.record.due_at) = (None, None);
        } else {
            self.record.queue = Some(QUEUE.to_owned());
            self.record.due_at = self.due_at();
        }
    }

    pub(super) fn step(&mut self, at: Timestamp, actor: &str, step: &str, note: Option<String>) {
        self.body.steps.push(RequestStep { at, actor: actor.to_owned(), step: step.to_owned(), note });
    }

    /// The record as it now is.
    pub(super) fn record(&mut self, engine: &Inner) -> Result<Record> {
        let now = engine.clock.now();
        self.fold(now);
        self.record.clear = crate::messaging::row::encode(&self.clear)?;
        let person = self.record.subjects.first().map_or("", String::as_str);
        let place = Sealed { person, kind: KIND, id: &self.record.id };
        self.record.sealed = engine.vault.seal(place, &self.body)?;
        if let Some(ended) = self.clear.ended_at {
            self.record.expires_at = engine.retention_rules().request_until(ended);
        }
        Ok(self.record.clone())
    }

    pub(crate) fn view(self) -> RightsRequest {
        let state = state_of(&self.record.state);
        RightsRequest {
            due_at: self.due_at(),
            id: self.record.id.clone(),
            person: self.person(),
            state,
            rights: self.clear.rights,
            channel: self.clear.channel,
            identity: self.clear.identity,
            regimes: self.clear.regimes,
            country: self.clear.country,
            received_at: self.clear.received_at,
            extended_at: self.clear.extended_at,
            ended_at: self.clear.ended_at,
            details: self.body.details,
            contact: self.body.contact,
            objects_to: self.clear.objects_to,
            corrections: self.body.corrections,
            evidence: self.body.evidence,
            steps: self.body.steps,
        }
    }

    /// What of it a human must do.
    pub(super) fn due(&self, now: Timestamp) -> Vec<DueItem> {
        let state = state_of(&self.record.state);
        let open = self.clear.rights.iter().filter(|r| !r.state.is_final());
        open.map(|r| {
            let due_at = due_of(r, self.clear.extended_at);
            let extended = self.clear.extended_at.is_some();
            DueItem {
                request: self.record.id.clone(),
                right: r.right,
                state,
                action: action(r.right, self.clear.identity).to_owned(),
                due_at,
                alarm: if extended {
                    alarm_between(self.clear.received_at, due_at, now)
                } else {
                    alarm(&r.deadlines, now)
                },
                overdue: now > due_at,
                extension_notice_by: r
                    .deadlines
                    .extension_notice_by
                    .filter(|_| !extended && r.deadlines.extension_possible),
            }
        })
        .collect()
    }
}

fn alarm_between(from: Timestamp, to: Timestamp, now: Timestamp) -> i32 {
    let (gone, all) = ((now - from).num_milliseconds(), (to - from).num_milliseconds().max(1));
    match gone.saturating_mul(100) / all {
        100.. => 100,
        80.. => 80,
        50.. => 50,
        _ => 0,
    }
}

fn due_of(right: &RightStatus, extended_at: Option<Timestamp>) -> Timestamp {
    match (extended_at, right.deadlines.extended_due) {
        (Some(_), Some(later)) => later,
        _ => right.deadlines.due,
    }
}

fn state_of(code: &str) -> RequestState {
    use RequestState as S;
    [
        S::Received,
        S::IdentityPending,
        S::Accepted,
        S::InProgress,
        S::Fulfilled,
        S::PartiallyFulfilled,
        S::Refused,
        S::Withdrawn,
        S::Duplicate,
    ]
    .into_iter()
    .find(|s| s.code() == code)
    .unwrap_or(S::Received)
}

fn action(right: RightKind, identity: IdentityState) -> &'static str {
    if identity == IdentityState::Pending {
        return "ask who they are, in a way that fits the risk, and record the check";
    }
    match right {
        RightKind::Access | RightKind::Portability => "make the export, give it to the person, and close",
        RightKind::Rectification => {
            "correct the data or attach the person's statement, and tell the recipients"
        }
        RightKind::Erasure => "erase, and tell the recipients",
        RightKind::Restriction => "check that nothing but storage goes on, and close",
        RightKind::Objection => "stop, or set compelling grounds against it, and answer",
        RightKind::Withdrawal => "confirm that it ended",
        RightKind::Inquiry => "answer",
    }
}
