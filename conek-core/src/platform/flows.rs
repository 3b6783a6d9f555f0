//! Flows: forms that people fill in inside WhatsApp. A draft may change; a published one may only be deprecated.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::Platform;
use crate::{
    audit::Scope,
    transport::{
        GraphPayload,
        call::{Call, check_id, check_length, items, list, needed, next_page, text, texts},
    },
    values::{
        error::{Error, Result},
        quiet::quiet_debug,
        time::Timestamp,
    },
};

const WHAT: &str = "flow";
const IN_LISTS: &str = "id,name,status,categories,validation_errors";
const FIELDS: &str = "id,name,status,categories,validation_errors,json_version,data_api_version,endpoint_uri,\
                      preview.invalidate(false),updated_at";
/// A flow's file may have 10 MB.
const MOST_BYTES: usize = 10 << 20;

/// What is wrong with a flow's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowError {
    /// Its name, for example `INVALID_PROPERTY`.
    pub error: String,
    /// Its kind, for example `FLOW_JSON_ERROR`.
    pub kind: String,
    /// In words.
    pub message: String,
    /// The line on which it begins, from 1.
    pub line: Option<i32>,
    /// The column at which it begins, from 1.
    pub column: Option<i32>,
}

/// A form (Meta: WhatsApp Flows > Flows API).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Its id.
    pub id: String,
    /// Its name, which people do not see.
    pub name: String,
    /// `DRAFT`, `PUBLISHED`, `DEPRECATED`, `BLOCKED` or `THROTTLED`.
    pub status: String,
    /// What it is for.
    pub categories: Vec<String>,
    /// What is wrong with its file. One with errors is not published.
    pub errors: Vec<FlowError>,
    /// The version of its file's language. Not in lists.
    pub json_version: Option<String>,
    /// The version of the protocol with its endpoint. Not in lists.
    pub data_api_version: Option<String>,
    /// Where its data comes from, if not from the file alone. Not in lists.
    pub endpoint: Option<String>,
    /// Where it can be looked at. Whoever has the address can, so that it is not for everybody. Not in lists.
    pub preview_url: Option<String>,
    /// Until when. Not in lists.
    pub preview_until: Option<Timestamp>,
    /// When it was changed last. Not in lists.
    pub updated_at: Option<Timestamp>,
}

/// A page of the account's flows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowPage {
    /// The flows.
    pub flows: Vec<Flow>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// A flow to make. It begins as a draft.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewFlow {
    /// Its name, unlike that of every other flow of the account.
    pub name: String,
    /// At least one of `SIGN_UP`, `SIGN_IN`, `APPOINTMENT_BOOKING`, `LEAD_GENERATION`, `CONTACT_US`,
    /// `CUSTOMER_SUPPORT`, `SURVEY` and `OTHER`.
    pub categories: Vec<String>,
    /// Its file, as JSON text.
    pub flow_json: Option<String>,
    /// The flow whose file it begins with instead.
    pub clone_of: Option<String>,
    /// Where its data comes from, `https://...`.
    pub endpoint: Option<String>,
}

/// What is to be changed of a flow; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowUpdate {
    /// Its name. Of a draft only.
    pub name: Option<String>,
    /// What it is for, in place of what was said. Of a draft only.
    pub categories: Option<Vec<String>>,
    /// Where its data comes from.
    pub endpoint: Option<String>,
    /// Meta's id of the app that the endpoint belongs to.
    pub application: Option<String>,
}

/// A flow that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowMade {
    /// Its id.
    pub id: String,
    /// What is wrong with the file that it was made with. The flow exists all the same.
    pub errors: Vec<FlowError>,
}

/// A file of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowAsset {
    /// Its name: `flow.json`.
    pub name: String,
    /// What it is: `FLOW_JSON`.
    pub kind: String,
    /// Where it can be fetched for a while, without a token.
    pub download_url: Option<String>,
}

quiet_debug! { NewFlow { name, categories, clone_of, endpoint } }

fn errors(of: &Json) -> Vec<FlowError> {
    let number = |of: &Json, key: &str| of[key].as_i64().and_then(|n| i32::try_from(n).ok());
    list(of, "validation_errors")
        .iter()
        .map(|e| FlowError {
            error: text(e, "error").unwrap_or_default(),
            kind: text(e, "error_type").unwrap_or_default(),
            message: text(e, "message").unwrap_or_default(),
            line: number(e, "line_start"),
            column: number(e, "column_start"),
        })
        .collect()
}

/// A moment, which Meta spells without a colon in the offset.
fn moment(of: &Json, key: &str) -> Option<Timestamp> {
    let text = text(of, key)?;
    let read = chrono::DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%z");
    read.or_else(|_| chrono::DateTime::parse_from_rfc3339(&text)).ok().map(|at| at.to_utc())
}

fn read(json: &Json) -> Result<Flow> {
    Ok(Flow {
        id: needed(WHAT, json, "id", true)?,
        name: text(json, "name").unwrap_or_default(),
        status: text(json, "status").unwrap_or_default(),
        categories: texts(json, "categories"),
        errors: errors(json),
        json_version: text(json, "json_version"),
        data_api_version: text(json, "data_api_version"),
        endpoint: text(json, "endpoint_uri"),
        preview_url: text(&json["preview"], "preview_url"),
        preview_until: moment(&json["preview"], "expires_at"),
        updated_at: moment(json, "updated_at"),
    })
}

fn check_categories(categories: &[String]) -> Result<()> {
    let word = |c: &String| !c.is_empty() && c.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    match !categories.is_empty() && categories.iter().all(word) {
        true => Ok(()),
        false => Err(Error::invalid("categories", "must be one or more of Meta's, such as SURVEY")),
    }
}

fn check_file(flow_json: &str) -> Result<()> {
    if flow_json.len() > MOST_BYTES {
        return Err(Error::invalid("flow_json", "must have at most 10 MB"));
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(flow_json) {
        Ok(_) => Ok(()),
        Err(e) => {
            Err(Error::invalid("flow_json", format!("is not JSON: line {}, column {}", e.line(), e.column())))
        }
    }
}

impl Platform {
    /// The account's flows, at most `limit` (1 to 100) of them; the next page begins at `after`.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let page = engine.platform().flows(None, 100).await?;
    /// assert_eq!(page.flows[0].status, "DRAFT");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without a `business_account` in the configuration; `transport`.
    pub async fn flows(&self, after: Option<String>, limit: i32) -> Result<FlowPage> {
        self.engine.allow("platform.flows", Scope::AccountAdmin)?;
        let call = Call::get(format!("{}/flows", self.engine.business_account()?));
        let page = self.engine.graph(WHAT, call.with("fields", IN_LISTS).page(after, limit)?).await?;
        Ok(FlowPage { flows: items(&page).iter().map(read).collect::<Result<_>>()?, next: next_page(&page) })
    }

    /// A flow, with where it can be looked at.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let flow = engine.platform().flow("510000000000001".into()).await?;
    /// assert_eq!(flow.name, "Survey");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn flow(&self, id: String) -> Result<Flow> {
        self.engine.allow("platform.flow", Scope::AccountAdmin)?;
        let call = Call::get(check_id("id", id)?).with("fields", FIELDS);
        read(&self.engine.graph(WHAT, call).await?)
    }

    /// Makes a flow, as a draft.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::NewFlow;
    /// let survey =
    ///     NewFlow { name: "Survey".into(), categories: vec!["SURVEY".into()], ..NewFlow::default() };
    /// let made = engine.platform().create_flow(survey).await?;
    /// assert!(made.errors.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a flow without a name or category, or a file that is no JSON; `transport` with code 100 for
    /// a name that another flow has.
    pub async fn create_flow(&self, flow: NewFlow) -> Result<FlowMade> {
        self.engine.admit("platform.create_flow", Scope::AccountAdmin, None)?;
        check_length("name", &flow.name, 1, 200)?;
        check_categories(&flow.categories)?;
        let mut body = json!({"name": flow.name, "categories": flow.categories});
        if let Some(file) = &flow.flow_json {
            check_file(file)?;
            body["flow_json"] = file.as_str().into();
        }
        if let Some(id) = flow.clone_of {
            body["clone_flow_id"] = check_id("clone_of", id)?.into();
        }
        if let Some(endpoint) = flow.endpoint {
            body["endpoint_uri"] = endpoint.into();
        }
        let path = format!("{}/flows", self.engine.business_account()?);
        let engine = self.engine.inner();
        // `success` is about the file there: the flow is made either way.
        let call = Call::post(path, &body);
        let answer = self.engine.run(async move { engine.graph_made(WHAT, call).await }).await?;
        Ok(FlowMade { id: needed(WHAT, &answer, "id", false)?, errors: errors(&answer) })
    }

    /// Changes a flow's name, categories, endpoint or app.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::FlowUpdate;
    /// let update = FlowUpdate { name: Some("Questions".into()), ..FlowUpdate::default() };
    /// engine.platform().update_flow("510000000000001".into(), update).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for nothing to change; `not_found`; `transport` with code 139001 for a flow that was published.
    pub async fn update_flow(&self, id: String, update: FlowUpdate) -> Result<()> {
        self.engine.admit("platform.update_flow", Scope::AccountAdmin, None)?;
        let mut body = Map::new();
        if let Some(name) = update.name {
            check_length("name", &name, 1, 200)?;
            body.insert("name".to_owned(), name.into());
        }
        if let Some(categories) = update.categories {
            check_categories(&categories)?;
            body.insert("categories".to_owned(), categories.into());
        }
        for (key, value) in [("endpoint_uri", update.endpoint), ("application_id", update.application)] {
            if let Some(value) = value {
                body.insert(key.to_owned(), value.into());
            }
        }
        if body.is_empty() {
            return Err(Error::invalid("update", "must change something"));
        }
        self.change(WHAT, Call::post(check_id("id", id)?, &Json::Object(body))).await.map(drop)
    }

    /// Gives a draft its file, in place of the one that it had, and says what is wrong with it. A file with errors is
    /// kept and cannot be published.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let file = r#"{"version": "7.0", "screens": [{"id": "A", "layout": {}}]}"#;
    /// let errors = engine.platform().upload_flow_json("510000000000001".into(), file.into()).await?;
    /// assert!(errors.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for what is no JSON or has more than 10 MB; `not_found`; `transport`.
    pub async fn upload_flow_json(&self, id: String, flow_json: String) -> Result<Vec<FlowError>> {
        self.engine.admit("platform.upload_flow_json", Scope::AccountAdmin, None)?;
        check_file(&flow_json)?;
        let named = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let payload = GraphPayload::Form {
            fields: BTreeMap::from([("name", "flow.json"), ("asset_type", "FLOW_JSON")].map(named)),
            filename: "flow.json".to_owned(),
            mime: "application/json".to_owned(),
            bytes: flow_json.into_bytes(),
        };
        let call = Call::send(format!("{}/assets", check_id("id", id)?), payload);
        let engine = self.engine.inner();
        let answer = self.engine.run(async move { engine.graph_made(WHAT, call).await }).await?;
        Ok(errors(&answer))
    }

    /// A flow's files, and where they can be fetched.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let files = engine.platform().flow_assets("510000000000001".into()).await?;
    /// assert_eq!(files[0].name, "flow.json");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn flow_assets(&self, id: String) -> Result<Vec<FlowAsset>> {
        self.engine.allow("platform.flow_assets", Scope::AccountAdmin)?;
        let call = Call::get(format!("{}/assets", check_id("id", id)?));
        let answer = self.engine.graph(WHAT, call).await?;
        let asset = |json: &Json| FlowAsset {
            name: text(json, "name").unwrap_or_default(),
            kind: text(json, "asset_type").unwrap_or_default(),
            download_url: text(json, "download_url"),
        };
        Ok(items(&answer).iter().map(asset).collect())
    }

    /// Publishes a draft, so that it can be sent to everybody. It cannot be changed any more.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().publish_flow("510000000000001".into()).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport` with code 139002 for one without a file, or with errors in it.
    pub async fn publish_flow(&self, id: String) -> Result<()> {
        self.engine.admit("platform.publish_flow", Scope::AccountAdmin, None)?;
        let path = format!("{}/publish", check_id("id", id)?);
        self.change(WHAT, Call::act(path)).await.map(drop)
    }

    /// Takes a published flow out of use: it can no longer be sent or opened.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().deprecate_flow("510000000000001".into()).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport` with code 139003 for one that is not published.
    pub async fn deprecate_flow(&self, id: String) -> Result<()> {
        self.engine.admit("platform.deprecate_flow", Scope::AccountAdmin, None)?;
        let path = format!("{}/deprecate", check_id("id", id)?);
        self.change(WHAT, Call::act(path)).await.map(drop)
    }

    /// Deletes a draft.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().delete_flow("510000000000001".into()).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport` with code 139004 for one that was published.
    pub async fn delete_flow(&self, id: String) -> Result<()> {
        self.engine.admit("platform.delete_flow", Scope::AccountAdmin, None)?;
        self.change(WHAT, Call::delete(check_id("id", id)?)).await.map(drop)
    }
}
