//! The suite for transports: what can be asked of any, without knowing what it speaks.

#[cfg(test)]
mod tests;

use std::{future::Future, pin::Pin, sync::Arc};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::storage::{Case, Failure, Report, quietly};
use crate::{
    messaging::Content,
    policy::SendPermit,
    transport::{Address, Outgoing, Route, SendOutcome, Transport, Update, Upload, WebhookRequest},
    values::{error::Error, time::Timestamp},
};

/// What stands at the other end of the transport while it is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FarSide {
    /// A stand-in that accepts every message, such as conek's simulator. **Never WhatsApp itself**: the
    /// suite sends to +1 202 555 0100, a number of nobody.
    Accepting,
    /// Nothing: no connection can be made.
    Dead,
}

/// What the suite must be told about the transport.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransportProbe {
    /// The other end. Check both: a promise that the other end cannot show is left out of the report.
    pub far_side: FarSide,
    /// A phone number id that the transport may send from.
    pub sender: String,
    /// The present moment on the transport's clock.
    pub now: Timestamp,
    /// A webhook that verifies, with a body of at least 2 bytes; without one, what needs it is left out.
    pub webhook: Option<WebhookRequest>,
    /// How many updates are in that webhook.
    pub updates: u32,
}

type Verdict = Result<(), String>;
type Checking = Pin<Box<dyn Future<Output = Verdict> + Send>>;
type Check = fn(Arc<dyn Transport>, TransportProbe) -> Checking;

/// What a case needs before it can show anything.
#[derive(Clone, Copy, PartialEq)]
enum Needs {
    Nothing,
    Webhook,
    Far(FarSide),
}

macro_rules! cases {
    ($($name:ident ($needs:expr): $promise:literal,)*) => {
        &[$((stringify!($name), $promise, $needs, |transport, probe| Box::pin($name(transport, probe)))),*]
    };
}

/// Every case, once. A check that is not listed here is dead code, and the compiler says so.
const CASES: &[(&str, &str, Needs, Check)] = cases![
    hostile_bytes_are_kept(Needs::Nothing): "parse never fails and never panics: what it does not know it returns as unknown",
    unsigned_is_refused(Needs::Nothing): "verify refuses a body without a signature",
    signed_is_taken(Needs::Webhook): "verify takes a body that is signed",
    changed_is_refused(Needs::Webhook): "verify refuses a body that is not the signed one, and looks at the raw bytes",
    every_update_once(Needs::Webhook): "parse returns every update of a webhook, the same ones each time",
    accepted_has_an_id(Needs::Far(FarSide::Accepting)): "an accepted message has WhatsApp's id",
    another_permit_sends_nothing(Needs::Far(FarSide::Accepting)): "a message without its own permit is not sent",
    late_permit_sends_nothing(Needs::Far(FarSide::Accepting)): "a message whose permit has run out is not sent",
    nothing_there_accepts_nothing(Needs::Far(FarSide::Dead)): "without a far side a send is not sent or unknown, never accepted and never refused",
    nothing_there_is_an_error(Needs::Far(FarSide::Dead)): "without a far side a read receipt and an upload are errors of the transport",
];

/// The cases of the suite, in the order in which they run.
pub fn transport_cases() -> Vec<Case> {
    CASES
        .iter()
        .map(|(name, promise, ..)| Case { name: (*name).into(), promise: (*promise).into() })
        .collect()
}

/// Runs every case that the probe allows. A case that it does not allow is in neither list.
pub async fn check_transport(transport: Arc<dyn Transport>, probe: TransportProbe) -> Report {
    let mut report = Report::default();
    for (name, promise, needs, check) in CASES {
        let possible = match needs {
            Needs::Nothing => true,
            Needs::Webhook => probe.webhook.is_some(),
            Needs::Far(side) => probe.far_side == *side,
        };
        if !possible {
            continue;
        }
        let seen = quietly(check(transport.clone(), probe.clone())).await;
        match seen.unwrap_or_else(|_| Err("the transport panicked".to_owned())) {
            Ok(()) => report.passed.push((*name).into()),
            Err(detail) => {
                report.failed.push(Failure { name: (*name).into(), promise: (*promise).into(), detail });
            }
        }
    }
    report
}

fn ensure(kept: bool, detail: impl FnOnce() -> String) -> Verdict {
    if kept { Ok(()) } else { Err(detail()) }
}

async fn hostile_bytes_are_kept(transport: Arc<dyn Transport>, _: TransportProbe) -> Verdict {
    let deep = "[".repeat(100_000);
    let nested = format!("{deep}{}", "]".repeat(100_000));
    let hostile: [&[u8]; 9] = [
        b"x",
        b"\0",
        b"\xff\xfe\xfd",
        b"{",
        b"null",
        br#"{"entry":[{"changes":[{"field":"messages","value":{"statuses":[{}]}}]}]}"#,
        br#""\ud800""#,
        deep.as_bytes(),
        nested.as_bytes(),
    ];
    for body in hostile {
        let parsed = transport.parse(body.to_vec()).await;
        let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        ensure(!parsed.updates.is_empty(), || format!("{start:?} disappeared"))?;
        let all_unknown = parsed.updates.iter().all(|u| matches!(u, Update::Unknown { .. }));
        ensure(all_unknown, || format!("{start:?} was taken for something known"))?;
    }
    transport.parse(Vec::new()).await;
    Ok(())
}

async fn refused(transport: &Arc<dyn Transport>, request: WebhookRequest, what: &str) -> Verdict {
    match transport.verify(request).await {
        Err(Error::Signature { .. }) => Ok(()),
        Ok(()) => Err(format!("{what} was taken")),
        Err(error) => Err(format!("{what} gave {}, not signature", error.code())),
    }
}

async fn unsigned_is_refused(transport: Arc<dyn Transport>, probe: TransportProbe) -> Verdict {
    let body = probe.webhook.map_or_else(|| b"{}".to_vec(), |w| w.body);
    refused(&transport, WebhookRequest { headers: Default::default(), body }, "a body without headers").await
}

async fn signed_is_taken(transport: Arc<dyn Transport>, probe: TransportProbe) -> Verdict {
    let Some(mut webhook) = probe.webhook else { return Ok(()) };
    transport.verify(webhook.clone()).await.map_err(|e| e.to_string())?;
    let loud = webhook.headers.iter().map(|(name, value)| (name.to_uppercase(), value.clone())).collect();
    webhook.headers = loud;
    transport.verify(webhook).await.map_err(|e| format!("with header names in capitals: {e}"))
}

async fn changed_is_refused(transport: Arc<dyn Transport>, probe: TransportProbe) -> Verdict {
    let Some(webhook) = probe.webhook else { return Ok(()) };
    let length = webhook.body.len();
    ensure(length >= 2, || "the probe's webhook has fewer than 2 bytes".to_owned())?;
    for at in [0, length / 2, length - 1] {
        let mut changed = webhook.clone();
        changed.body[at] ^= 1;
        refused(&transport, changed, &format!("a body with another byte at {at}")).await?;
    }
    let mut longer = webhook.clone();
    longer.body.push(b' ');
    refused(&transport, longer, "a body with a space behind it").await?;
    let mut shorter = webhook;
    shorter.body.pop();
    refused(&transport, shorter, "a body without its last byte").await
}

async fn every_update_once(transport: Arc<dyn Transport>, probe: TransportProbe) -> Verdict {
    let Some(webhook) = probe.webhook else { return Ok(()) };
    let first = transport.parse(webhook.body.clone()).await;
    let found = first.updates.len();
    ensure(u32::try_from(found) == Ok(probe.updates), || {
        format!("{found} updates instead of {}", probe.updates)
    })?;
    ensure(transport.parse(webhook.body).await == first, || "other updates the second time".to_owned())
}

/// A message to a number that is reserved for fiction.
fn message(probe: &TransportProbe, body: &str) -> Outgoing {
    Outgoing {
        sender: probe.sender.clone(),
        to: Address::Phone { number: "+12025550100".to_owned() },
        content: Content::Text { body: body.to_owned(), preview_url: false },
        reply_to: None,
        echo: "conformance".to_owned(),
        route: Route::Messages {},
    }
}

fn permit(message: &Outgoing, valid_until: Timestamp) -> Result<SendPermit, String> {
    let hash = message.body_hash().map_err(|e| e.to_string())?;
    Ok(SendPermit::mint("conformance".to_owned(), hash, valid_until))
}

async fn not_sent(transport: &Arc<dyn Transport>, permit: SendPermit, message: Outgoing) -> Verdict {
    match transport.send(permit, message).await {
        SendOutcome::NotSent { .. } => Ok(()),
        other => Err(format!("said {other:?}")),
    }
}

async fn accepted_has_an_id(transport: Arc<dyn Transport>, probe: TransportProbe) -> Verdict {
    let message = message(&probe, "accepted");
    let permit = permit(&message, probe.now + TimeDelta::minutes(1))?;
    match transport.send(permit, message).await {
        SendOutcome::Accepted { wamid, .. } => ensure(!wamid.is_empty(), || "its id is empty".to_owned()),
        other => Err(format!("said {other:?}")),
    }
}

async fn another_permit_sends_nothing(transport: Arc<dyn Transport>, probe: TransportProbe) -> Verdict {
    let allowed = message(&probe, "allowed");
    let others = [
        message(&probe, "another text"),
        Outgoing { to: Address::Phone { number: "+12025550101".to_owned() }, ..allowed.clone() },
        Outgoing { echo: "another echo".to_owned(), ..allowed.clone() },
    ];
    for other in others {
        let permit = permit(&allowed, probe.now + TimeDelta::minutes(1))?;
        not_sent(&transport, permit, other).await?;
    }
    Ok(())
}

async fn late_permit_sends_nothing(transport: Arc<dyn Transport>, probe: TransportProbe) -> Verdict {
    let message = message(&probe, "late");
    let permit = permit(&message, probe.now - TimeDelta::seconds(1))?;
    not_sent(&transport, permit, message).await
}

async fn nothing_there_accepts_nothing(transport: Arc<dyn Transport>, probe: TransportProbe) -> Verdict {
    let message = message(&probe, "nobody there");
    let permit = permit(&message, probe.now + TimeDelta::minutes(1))?;
    match transport.send(permit, message).await {
        SendOutcome::NotSent { .. } | SendOutcome::Unknown { .. } => Ok(()),
        other => Err(format!("said {other:?}")),
    }
}

async fn nothing_there_is_an_error(transport: Arc<dyn Transport>, probe: TransportProbe) -> Verdict {
    let wrong = |what: &str| format!("{what} gave no transport error");
    let read = transport.mark_read(probe.sender.clone(), "wamid.conformance".to_owned()).await;
    ensure(matches!(read, Err(Error::Transport { .. })), || wrong("mark_read"))?;
    let upload = Upload {
        sender: probe.sender,
        mime: "text/plain".to_owned(),
        filename: "conformance.txt".to_owned(),
        bytes: b"conformance".to_vec(),
    };
    ensure(matches!(transport.upload(upload).await, Err(Error::Transport { .. })), || wrong("upload"))
}
