//! The field `calls`: a call that begins, rings, is taken, and ends.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::loose::{Contacts, Identity, Raw, first, id, integer, string, time, typed, word};
use crate::{
    transport::{CallEvent, CallSession, Update},
    values::time::Timestamp,
};

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow, default)]
    id: Raw<'a>,
    #[serde(borrow, default)]
    from: Raw<'a>,
    #[serde(borrow, default)]
    from_user_id: Raw<'a>,
    #[serde(borrow, default)]
    to: Raw<'a>,
    #[serde(borrow, default)]
    to_user_id: Raw<'a>,
    #[serde(borrow, default)]
    recipient_id: Raw<'a>,
    #[serde(borrow, default)]
    recipient_user_id: Raw<'a>,
    #[serde(borrow, default)]
    event: Raw<'a>,
    #[serde(borrow, default)]
    direction: Raw<'a>,
    #[serde(borrow, default)]
    timestamp: Raw<'a>,
    #[serde(borrow, default)]
    session: Raw<'a>,
    #[serde(borrow, default)]
    status: Raw<'a>,
    #[serde(borrow, default)]
    start_time: Raw<'a>,
    #[serde(borrow, default)]
    end_time: Raw<'a>,
    #[serde(borrow, default)]
    duration: Raw<'a>,
    #[serde(borrow, default)]
    biz_opaque_callback_data: Raw<'a>,
}

#[derive(Deserialize)]
struct Session<'a> {
    #[serde(borrow, default)]
    sdp_type: Raw<'a>,
    #[serde(borrow, default)]
    sdp: Raw<'a>,
}

/// What one of the lists `calls` and `statuses` holds; `None` for what is no call.
pub(super) fn read(
    list: &str,
    raw: &RawValue,
    number: &str,
    contacts: &Contacts,
    code: Option<i32>,
) -> Option<Update> {
    let call: Call = typed(Some(raw))?;
    let by_business = string(call.direction).is_some_and(|d| d == "BUSINESS_INITIATED");
    let event = match list {
        "statuses" => match string(call.status)?.to_ascii_uppercase().as_str() {
            "RINGING" => CallEvent::Ringing {},
            "ACCEPTED" => CallEvent::Accepted {},
            "REJECTED" => CallEvent::Rejected {},
            _ => return None,
        },
        _ => match string(call.event)?.to_ascii_lowercase().as_str() {
            "connect" => CallEvent::Connect { by_business, session: session(call.session) },
            "terminate" => CallEvent::Terminate {
                by_business,
                completed: string(call.status).is_some_and(|s| s.eq_ignore_ascii_case("COMPLETED")),
                started_at: moment(call.start_time),
                ended_at: moment(call.end_time),
                seconds: integer(call.duration).and_then(|n| i32::try_from(n).ok()),
                tracking: word(call.biz_opaque_callback_data),
                code,
            },
            _ => return None,
        },
    };
    let person = match list {
        "statuses" => Identity::of(id(call.recipient_id), word(call.recipient_user_id)),
        _ if by_business => Identity::of(id(call.to), word(call.to_user_id)),
        _ => Identity::of(id(call.from), word(call.from_user_id)),
    };
    let (identity, profile_name) = contacts.complete(person);
    Some(Update::Call {
        number: number.to_owned(),
        call: word(call.id)?,
        wa_id: identity.wa_id,
        user_id: identity.user_id,
        profile_name,
        at: time(call.timestamp),
        event,
    })
}

fn session(raw: Raw<'_>) -> Option<CallSession> {
    let session: Session = typed(raw)?;
    Some(CallSession { sdp_type: string(session.sdp_type)?, sdp: string(session.sdp)? })
}

fn moment(raw: Raw<'_>) -> Option<Timestamp> {
    Some(time(raw)).filter(|at| *at != Timestamp::UNIX_EPOCH)
}

/// The code of the first of the errors that stand beside the calls.
pub(super) fn code(errors: Raw<'_>) -> Option<i32> {
    #[derive(Deserialize)]
    struct Failure<'a> {
        #[serde(borrow, default)]
        code: Raw<'a>,
    }
    let failure: Failure = typed(first(errors))?;
    i32::try_from(integer(failure.code)?).ok()
}
