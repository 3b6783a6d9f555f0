//! Wishes to join groups that let nobody in unasked.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{
    GroupMember, Platform,
    groups::{member, moment},
};
use crate::{
    audit::Scope,
    transport::call::{Call, check_id, items, list, needed, next_page, refusal, text, texts, unreadable},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

const WHAT: &str = "join request";
/// So many requests may be decided in one call.
const MOST_REQUESTS: usize = 100;

/// Somebody's wish to join a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequest {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub member: GroupMember,
    /// When they asked.
    pub created_at: Option<Timestamp>,
}

/// A page of what people wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequestPage {
    /// The requests.
    pub requests: Vec<JoinRequest>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// A request that could not be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequestRefusal {
    /// Its id.
    pub id: String,
    /// WhatsApp's code, where it said one.
    pub code: Option<i32>,
}

/// What became of a decision about requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequestReport {
    /// The ids of those that were decided.
    pub done: Vec<String>,
    /// Those that were not.
    pub refused: Vec<JoinRequestRefusal>,
}

impl Platform {
    /// Who waits to be let into a group, at most `limit` (1 to 100) of them; the next page begins at `after`.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let page = engine.platform().join_requests("Y2FwaV9ncm91cDox".into(), None, 100).await?;
    /// assert_eq!(page.requests[0].id, "MTpZMkZ3YVY5bmNtOTFjRG94");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn join_requests(
        &self,
        id: String,
        after: Option<String>,
        limit: i32,
    ) -> Result<JoinRequestPage> {
        self.engine.admit("platform.join_requests", Scope::AccountAdmin, None)?;
        let call = Call::get(format!("{}/join_requests", check_id("id", id)?)).page(after, limit)?;
        let page = self.engine.graph(WHAT, call).await?;
        let mut requests = Vec::new();
        for json in items(&page) {
            requests.push(JoinRequest {
                id: needed(WHAT, json, "join_request_id", true)?,
                member: member(&self.engine, "platform.join_requests", json).await?,
                created_at: moment(json, "creation_timestamp"),
            });
        }
        Ok(JoinRequestPage { requests, next: next_page(&page) })
    }

    /// Lets people into a group, by the ids of their requests, at most 100 in a call.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let requests = vec!["MTpZMkZ3YVY5bmNtOTFjRG94".into()];
    /// let report = engine.platform().approve_join_requests("Y2FwaV9ncm91cDox".into(), requests).await?;
    /// assert!(report.refused.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for none or more than 100; `not_found`; `transport`.
    pub async fn approve_join_requests(
        &self,
        id: String,
        requests: Vec<String>,
    ) -> Result<JoinRequestReport> {
        self.decide("platform.approve_join_requests", id, requests, true).await
    }

    /// Turns people away from a group, by the ids of their requests, at most 100 in a call.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let requests = vec!["MTpZMkZ3YVY5bmNtOTFjRG94".into()];
    /// let report = engine.platform().reject_join_requests("Y2FwaV9ncm91cDox".into(), requests).await?;
    /// assert_eq!(report.done.len(), 1);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for none or more than 100; `not_found`; `transport`.
    pub async fn reject_join_requests(&self, id: String, requests: Vec<String>) -> Result<JoinRequestReport> {
        self.decide("platform.reject_join_requests", id, requests, false).await
    }

    async fn decide(
        &self,
        operation: &str,
        id: String,
        requests: Vec<String>,
        approve: bool,
    ) -> Result<JoinRequestReport> {
        self.engine.admit_many(operation, Scope::AccountAdmin, None, requests.len())?;
        if requests.is_empty() || requests.len() > MOST_REQUESTS {
            return Err(Error::invalid("requests", "must be 1 to 100"));
        }
        let id = check_id("id", id)?;
        let path = format!("{id}/join_requests");
        let body = json!({"messaging_product": "whatsapp", "join_requests": requests});
        let (call, key) = match approve {
            true => (Call::post(path, &body), "approved_join_requests"),
            false => (Call::delete_these(path, &body), "rejected_join_requests"),
        };
        let engine = self.engine.inner();
        let answer = self.engine.run(async move { engine.graph_answer(call).await }).await?;
        // Where some failed, the status may be that of an error; which did not is said all the same.
        let json: Option<Json> = serde_json::from_str(&answer.json).ok();
        match json.filter(|json| json[key].is_array() || json["failed_join_requests"].is_array()) {
            Some(json) => Ok(decided(requests, &json, key)),
            None if (200..300).contains(&answer.status) => Err(unreadable(WHAT, false)),
            None => Err(refusal(WHAT, &id, &answer, false)),
        }
    }
}

fn decided(requests: Vec<String>, answer: &Json, key: &str) -> JoinRequestReport {
    let said = texts(answer, key);
    let failed = list(answer, "failed_join_requests");
    let (done, others): (Vec<_>, Vec<_>) = requests.into_iter().partition(|id| said.contains(id));
    // What is in neither list was not decided either.
    let refusal = |id: String| {
        let of = failed.iter().find(|f| text(f, "join_request_id").as_deref() == Some(&*id));
        let code = of.and_then(|f| f["errors"][0]["code"].as_i64()).and_then(|c| i32::try_from(c).ok());
        JoinRequestRefusal { id, code }
    };
    JoinRequestReport { done, refused: others.into_iter().map(refusal).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_is_reported_once() {
        let answer = json!({
            "approved_join_requests": ["a"],
            "failed_join_requests": [{"join_request_id": "b", "errors": [{"code": 131_203}]}],
        });
        let report = decided(["a", "b", "c"].map(str::to_owned).into(), &answer, "approved_join_requests");
        assert_eq!(report.done, ["a"]);
        let refused: Vec<_> = report.refused.iter().map(|r| (&*r.id, r.code)).collect();
        assert_eq!(refused, [("b", Some(131_203)), ("c", None)]);
    }
}
