//! One call to the Graph API as the engine sees it: built, made, read, and classed where it was refused.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::{
    engine::Inner,
    transport::{
        Action, GraphAnswer, GraphCall, GraphMethod, GraphPayload,
        whatsapp::{self, GraphError},
    },
    values::error::{Error, Result, Retry},
};

/// WhatsApp's code for a sign-up that does not exist.
const NO_SIGNUP: i32 = 2_494_164;
/// From here on the hour's quota of calls is worth a warning, in percent.
const NEARLY_USED: i32 = 80;

/// A call that is being put together.
pub(crate) struct Call(GraphCall);

impl Call {
    fn new(method: GraphMethod, path: String, payload: GraphPayload) -> Self {
        Self(GraphCall { method, path, query: BTreeMap::new(), payload })
    }
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(GraphMethod::Get, path.into(), GraphPayload::Empty {})
    }
    pub(crate) fn post(path: impl Into<String>, json: &Json) -> Self {
        Self::new(GraphMethod::Post, path.into(), GraphPayload::Json { json: json.to_string() })
    }
    /// A POST that carries nothing: what is done stands in the path.
    pub(crate) fn act(path: impl Into<String>) -> Self {
        Self::send(path, GraphPayload::Empty {})
    }
    pub(crate) fn send(path: impl Into<String>, payload: GraphPayload) -> Self {
        Self::new(GraphMethod::Post, path.into(), payload)
    }
    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self::new(GraphMethod::Delete, path.into(), GraphPayload::Empty {})
    }
    /// The same with JSON: some things are taken away by naming them in the body.
    pub(crate) fn delete_these(path: impl Into<String>, json: &Json) -> Self {
        Self::new(GraphMethod::Delete, path.into(), GraphPayload::Json { json: json.to_string() })
    }
    /// A parameter of the query.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.query.insert(name.to_owned(), value.into());
        self
    }
    /// One page of a list.
    pub(crate) fn page(self, after: Option<String>, limit: i32) -> Result<Self> {
        if !(1..=100).contains(&limit) {
            return Err(Error::invalid("limit", "must lie between 1 and 100"));
        }
        let call = self.with("limit", limit.to_string());
        Ok(match after {
            Some(cursor) => call.with("after", cursor),
            None => call,
        })
    }
}

impl Inner {
    /// Makes a call and answers what came, also where it was refused.
    pub(crate) async fn graph_answer(&self, call: Call) -> Result<GraphAnswer> {
        let answer = self.transport.manage(call.0).await?;
        if let Some(percent) = answer.used_percent.filter(|percent| *percent >= NEARLY_USED) {
            tracing::warn!(percent, "the calls that WhatsApp allows within an hour are nearly used up");
        }
        Ok(answer)
    }

    /// Makes a call about a thing and reads its answer.
    pub(crate) async fn graph(&self, what: &str, call: Call) -> Result<Json> {
        let json = self.graph_made(what, call).await?;
        match &json["success"] {
            Json::Bool(false) => Err(fail(what, "WhatsApp did not do it", Retry::Never)),
            _ => Ok(json),
        }
    }

    /// The same where `success` is about something else.
    pub(crate) async fn graph_made(&self, what: &str, call: Call) -> Result<Json> {
        let reads = call.0.method == GraphMethod::Get;
        let id = id_of(&call.0.path).to_owned();
        let answer = self.graph_answer(call).await?;
        if !(200..300).contains(&answer.status) {
            return Err(refusal(what, &id, &answer, reads));
        }
        serde_json::from_str(&answer.json).map_err(|_| unreadable(what, reads))
    }

    /// The id of the business account.
    pub(crate) fn business_account(&self) -> Result<&str> {
        self.business_account.as_deref().ok_or_else(|| {
            Error::invalid(
                "business_account",
                "must be named in the configuration for what belongs to the account",
            )
        })
    }
}

/// The id in a path. A few nouns stand before it.
fn id_of(path: &str) -> &str {
    let path = path.strip_prefix("signups/").unwrap_or(path);
    path.split('/').next().unwrap_or_default()
}

fn fail(what: &str, detail: impl std::fmt::Display, retry: Retry) -> Error {
    Error::Transport { detail: format!("{what}: {detail}"), retry }
}

/// An answer that says that something worked, and not what.
pub(crate) fn unreadable(what: &str, reads: bool) -> Error {
    fail(what, "WhatsApp's answer cannot be read", if reads { Retry::Later } else { Retry::Unknown })
}

/// The error that a refusal is, by the table of codes. Its texts may be about people and are not repeated.
pub(crate) fn refusal(what: &str, id: &str, answer: &GraphAnswer, reads: bool) -> Error {
    let server = answer.status >= 500;
    // Where it may have been carried out, a change is not to be repeated unseen.
    let doubtful = if reads { Retry::Later } else { Retry::Unknown };
    let Some(error) = GraphError::read(answer.json.as_bytes()) else {
        let retry = match answer.status {
            429 => Retry::Later,
            408 | 425 => doubtful,
            _ if server => doubtful,
            _ => Retry::Never,
        };
        return fail(what, format!("HTTP {}", answer.status), retry);
    };
    let GraphError { code, subcode, is_transient } = error;
    if code == 33 || (code == 100 && subcode == Some(33)) || [Some(code), subcode].contains(&Some(NO_SIGNUP))
    {
        return Error::not_found(what, id);
    }
    let known = whatsapp::meaning(code);
    let action = whatsapp::action(code);
    let retry = match action {
        Action::Retry | Action::RetryPair | Action::Defer => Retry::Later,
        Action::Doubt if known.is_some() => doubtful,
        _ if is_transient || server => doubtful,
        _ => Retry::Never,
    };
    let meaning = match action {
        // The table speaks of messages there.
        Action::Doubt if known.is_some() => "WhatsApp had a problem of its own.",
        _ => subcode.and_then(whatsapp::meaning).or(known).unwrap_or("See WhatsApp's list of error codes."),
    };
    let subcode = subcode.map(|n| format!(", subcode {n}")).unwrap_or_default();
    let wait =
        answer.regain_minutes.map(|n| format!(" Calls work again in {n} minutes.")).unwrap_or_default();
    fail(what, format!("code {code}{subcode}. {meaning}{wait}"), retry)
}

/// Where the next page begins, if there is one.
pub(crate) fn next_page(page: &Json) -> Option<String> {
    let more = page["paging"]["next"].as_str().is_some_and(|next| !next.is_empty());
    text(&page["paging"]["cursors"], "after").filter(|_| more)
}

/// What stands in a list; nothing where there is none.
pub(crate) fn list<'a>(of: &'a Json, key: &str) -> &'a [Json] {
    of[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What stands in a page of a list.
pub(crate) fn items(page: &Json) -> &[Json] {
    list(page, "data")
}

/// A text of an answer; ids are spelled as numbers at times.
pub(crate) fn text(of: &Json, key: &str) -> Option<String> {
    match &of[key] {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The texts of a list.
pub(crate) fn texts(of: &Json, key: &str) -> Vec<String> {
    list(of, key).iter().filter_map(|t| t.as_str().map(str::to_owned)).collect()
}

/// A text that must be there.
pub(crate) fn needed(what: &str, of: &Json, key: &str, reads: bool) -> Result<String> {
    text(of, key).ok_or_else(|| unreadable(what, reads))
}

/// Whether a text can be one of Meta's ids: it becomes part of a path.
pub(crate) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// An id that is one.
pub(crate) fn check_id(field: &str, id: String) -> Result<String> {
    match is_id(&id) {
        true => Ok(id),
        false => Err(Error::invalid(field, "must be Meta's id: letters and digits")),
    }
}

/// A text within its length, in characters.
pub(crate) fn check_length(field: &str, text: &str, least: usize, most: usize) -> Result<()> {
    match (least..=most).contains(&text.chars().count()) {
        true => Ok(()),
        false => Err(Error::invalid(field, format!("must have {least} to {most} characters"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: i32, json: &str, reads: bool) -> Error {
        let answer = GraphAnswer { status, json: json.into(), used_percent: None, regain_minutes: Some(7) };
        refusal("flow", "4711", &answer, reads)
    }

    #[test]
    fn a_change_that_may_have_worked_is_not_to_be_repeated_unseen() {
        for (status, json) in [
            (500, r#"{"error": {"code": 131000}}"#),
            (400, r#"{"error": {"code": 2}}"#),
            (400, r#"{"error": {"code": 100, "is_transient": true}}"#),
            (503, "<html>"),
            (408, ""),
        ] {
            assert_eq!(refused(status, json, false).retry(), Retry::Unknown, "{status} {json}");
            assert_eq!(refused(status, json, true).retry(), Retry::Later, "{status} {json}");
        }
    }

    #[test]
    fn what_was_only_too_much_may_be_tried_later_and_what_is_wrong_never() {
        for (status, json) in [(400, r#"{"error": {"code": 80007}}"#), (429, "")] {
            assert_eq!(refused(status, json, false).retry(), Retry::Later, "{json}");
        }
        for json in [r#"{"error": {"code": 100}}"#, r#"{"error": {"code": 4711001}}"#, "{}"] {
            assert_eq!(refused(400, json, false).retry(), Retry::Never, "{json}");
        }
    }

    #[test]
    fn a_refusal_says_code_meaning_and_wait_and_none_of_whatsapps_words() {
        let json = r#"{"error": {"code": 133005, "message": "+27832885137", "error_user_msg": "Thandi"}}"#;
        let said = refused(400, json, false).to_string();
        let expected = "transport: flow: code 133005. The two-step PIN is wrong. Check it. Calls work again in 7 minutes.";
        assert_eq!(said, expected);
        let json = r#"{"error": {"code": 100, "error_subcode": 2388024}}"#;
        assert!(refused(400, json, false).to_string().contains("exists in this language already"));
    }

    #[test]
    fn an_act_carries_nothing_and_a_path_names_its_id() {
        assert_eq!(Call::act("7/publish").0.payload, GraphPayload::Empty {});
        assert_eq!((id_of("7/publish"), id_of("signups/8"), id_of("9")), ("7", "8", "9"));
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for json in [
            r#"{"error": {"code": 100, "error_subcode": 33}}"#,
            r#"{"error": {"code": "33"}}"#,
            r#"{"error": {"code": 100, "error_subcode": 2494164}}"#,
            r#"{"error": {"code": 2494164}}"#,
        ] {
            assert_eq!(refused(400, json, false), Error::not_found("flow", "4711"));
        }
    }
}
