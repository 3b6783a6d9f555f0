//! Striking: how a fault changes the course of one request.

use std::sync::Arc;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{connection::Ending, faults::Fault, ledger::Answer, refusal::Refusal, running::Running};

/// The fault that waits until a request was carried out, if there is one.
#[derive(Debug)]
pub(crate) struct Strike(Option<Fault>);

impl Strike {
    /// How the request will end, for the ledger.
    pub(crate) fn answer(&self) -> Answer {
        match &self.0 {
            Some(Fault::CloseAfter) => Answer::Closed,
            Some(Fault::ResetAfter) => Answer::Reset,
            Some(Fault::HangAfter { .. }) => Answer::Hung,
            Some(Fault::ErrorAfter) => Answer::Error,
            Some(Fault::GarbageAfter) => Answer::Garbage,
            Some(Fault::NoIdAfter) => Answer::NoId,
            Some(Fault::RedirectAfter) => Answer::Redirected,
            Some(Fault::TruncateAfter { .. }) => Answer::Truncated,
            _ => Answer::Answered,
        }
    }
}

/// Lets a fault strike before anything is done: `Err` is the end of the request.
pub(crate) async fn before(
    running: &Arc<Running>,
    fault: Option<Fault>,
    ending: &Ending,
) -> Result<Strike, Response> {
    match fault {
        Some(Fault::Refuse { code, http }) => {
            let mut refusal = Refusal::new(code, "A fault rule of the simulator refuses this request.");
            refusal.http = http.unwrap_or(refusal.http);
            Err(refusal.into_response())
        }
        Some(Fault::TooManyRequests) => {
            let mut refusal = Refusal::new(4, "Application request limit reached");
            refusal.http = 429;
            Err(refusal.into_response())
        }
        Some(Fault::ErrorBefore) => Err(Refusal::new(131000, "Something went wrong").into_response()),
        Some(Fault::ResetBefore) => Err(reset(ending)),
        Some(Fault::CloseBefore) => Err(close(ending)),
        Some(Fault::HangBefore { for_ms }) => {
            hang(running, for_ms).await;
            Err(close(ending))
        }
        after => Ok(Strike(after)),
    }
}

/// Lets a fault strike after a request was carried out: what of the true answer reaches the other side.
pub(crate) async fn after(
    running: &Arc<Running>,
    strike: Strike,
    answer: Response,
    ending: &Ending,
    here: &str,
) -> Response {
    match strike.0 {
        Some(Fault::CloseAfter) => close(ending),
        Some(Fault::ResetAfter) => reset(ending),
        Some(Fault::HangAfter { for_ms }) => {
            if hang(running, for_ms).await {
                answer
            } else {
                close(ending)
            }
        }
        Some(Fault::ErrorAfter) => Refusal::new(131000, "Something went wrong").into_response(),
        Some(Fault::GarbageAfter) => (
            [(header::CONTENT_TYPE, "text/html")],
            "<!DOCTYPE html><html><body>Sorry, something went wrong.</body></html>",
        )
            .into_response(),
        Some(Fault::NoIdAfter) => (
            [(header::CONTENT_TYPE, "application/json")],
            r#"{"messaging_product":"whatsapp","contacts":[],"messages":[]}"#,
        )
            .into_response(),
        Some(Fault::RedirectAfter) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, here.to_owned())]).into_response()
        }
        Some(Fault::TruncateAfter { bytes }) => {
            ending.close_after(bytes);
            answer
        }
        _ => answer,
    }
}

// The response of a connection that was ended never reaches the wire.
fn close(ending: &Ending) -> Response {
    ending.close();
    StatusCode::NO_CONTENT.into_response()
}
fn reset(ending: &Ending) -> Response {
    ending.reset();
    StatusCode::NO_CONTENT.into_response()
}

/// Waits for so long, or for ever; false when the simulator stops meanwhile.
async fn hang(running: &Arc<Running>, for_ms: Option<u64>) -> bool {
    let mut stop = running.stop.subscribe();
    let until = for_ms
        .and_then(|ms| chrono::TimeDelta::try_milliseconds(i64::try_from(ms).ok()?))
        .map(|d| running.clock.now() + d);
    let wait = async {
        match until {
            Some(at) => running.clock.sleep_until(at).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = wait => true,
        _ = stop.wait_for(|stopped| *stopped) => false,
    }
}
