//! Templates beside each other, and templates of another account.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{definition::Template, templates::Templates};
use crate::{
    audit::Scope,
    transport::call::{Call, check_id, items, list, text, texts},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

const COMPARISON: &str = "template comparison";
const MIGRATION: &str = "template migration";
/// How far WhatsApp looks back.
const DAYS: [i32; 4] = [7, 30, 60, 90];
/// Meta's limit of one call.
const MOST: usize = 500;

/// A template beside another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedTemplate {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// WhatsApp's id of it.
    pub id: String,
    /// How often it was sent.
    pub sends: Option<i64>,
    /// Why people blocked the business most often after it: `NO_LONGER_NEEDED`, `NO_REASON`, `NO_REASON_GIVEN`,
    /// `NO_SIGN_UP`, `OFFENSIVE_MESSAGES`, `OTHER`, `OTP_DID_NOT_REQUEST`, `SPAM` or `UNKNOWN_BLOCK_REASON`.
    pub top_block_reason: Option<String>,
}

/// Two templates beside each other (Meta: Template comparison).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateComparison {
    /// From when on their messages were counted.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// The two, in the order in which they were named.
    pub templates: Vec<ComparedTemplate>,
    /// Their ids, the one first after which people block the business less often for each message.
    pub by_block_rate: Vec<String>,
}

/// Templates of another account of the same business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateSource {
    /// The id of the other account.
    pub account: String,
    /// Which: at most 500 of WhatsApp's ids. All, if none are named.
    #[serde(default)]
    pub template_ids: Vec<String>,
    /// Which page of all, from 0; the first, if it is left out.
    pub page: Option<i32>,
    /// How many a page has: 1 to 500. 500, if it is left out; fewer where WhatsApp takes longer than half a minute.
    pub count: Option<i32>,
}

/// A template that was not copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnmigratedTemplate {
    /// Its id in the other account.
    pub id: String,
    /// Why, in WhatsApp's words: for example `Incorrect category`.
    pub reason: String,
}

/// What a migration of templates came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TemplateMigration {
    /// The ids of the copies, in this account.
    pub migrated: Vec<String>,
    /// Those that were not copied.
    pub failed: Vec<UnmigratedTemplate>,
}

/// What a metric says of each template.
fn metric<'a>(answer: &'a Json, name: &str) -> Option<&'a Json> {
    items(answer).iter().find(|m| m["metric"] == name)
}

/// What a metric says of one template.
fn value<'a>(metric: Option<&'a Json>, kind: &str, id: &str) -> Option<&'a Json> {
    list(metric?, kind).iter().find(|v| text(v, "key").as_deref() == Some(id)).map(|v| &v["value"])
}

fn compared(template: &Template, id: String, answer: &Json) -> ComparedTemplate {
    let sends = value(metric(answer, "MESSAGE_SENDS"), "number_values", &id);
    let reason = value(metric(answer, "TOP_BLOCK_REASON"), "string_values", &id);
    ComparedTemplate {
        name: template.name.clone(),
        language: template.language.clone(),
        sends: sends.and_then(Json::as_i64),
        top_block_reason: reason.and_then(Json::as_str).map(str::to_owned),
        id,
    }
}

fn whole(field: &str, given: Option<i32>, least: i32, most: i32) -> Result<Option<i32>> {
    match given {
        Some(n) if !(least..=most).contains(&n) => {
            Err(Error::invalid(field, format!("must lie between {least} and {most}")))
        }
        given => Ok(given),
    }
}

impl Templates {
    /// Puts two templates beside each other over the last 7, 30, 60 or 90 days: how often each was sent, after which
    /// of them people blocked the business less often, and why. Both must have been sent a thousand times.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::template(&engine).await?;
    /// use conek_core::messaging::Template;
    /// let spring = engine.templates().get("spring_offer".into(), "en".into()).await?;
    /// let spring = Template { id: Some("900000000000001".into()), ..spring };
    /// engine.templates().put(spring.clone()).await?;
    /// let autumn =
    ///     Template { name: "autumn_offer".into(), id: Some("900000000000002".into()), ..spring };
    /// engine.templates().put(autumn).await?;
    /// let (one, other) = ("spring_offer".into(), "autumn_offer".into());
    /// let comparison = engine.templates().compare(one, "en".into(), other, "en".into(), 30).await?;
    /// assert_eq!(comparison.templates[0].sends, Some(1273));
    /// assert_eq!(comparison.by_block_rate[0], "900000000000002");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for other days, or a template beside itself; `not_found` for one that is not stored, or not at
    /// WhatsApp; `transport` for one that was sent less often.
    pub async fn compare(
        &self,
        name: String,
        language: String,
        other_name: String,
        other_language: String,
        days: i32,
    ) -> Result<TemplateComparison> {
        self.engine.allow("templates.compare", Scope::AccountAdmin)?;
        if !DAYS.contains(&days) {
            return Err(Error::invalid("days", "must be 7, 30, 60 or 90"));
        }
        let one = self.engine.known_template(&name, &language)?;
        let other = self.engine.known_template(&other_name, &other_language)?;
        let (id, other_id) = (self.engine.template_id(&one).await?, self.engine.template_id(&other).await?);
        if id == other_id {
            return Err(Error::invalid("other_name", "must be another template"));
        }
        let end = self.engine.clock.now();
        let start = end - chrono::TimeDelta::days(days.into());
        let call = Call::get(format!("{id}/compare"))
            .with("template_ids", format!("[{other_id}]"))
            .with("start", start.timestamp().to_string())
            .with("end", end.timestamp().to_string());
        let answer = self.engine.graph(COMPARISON, call).await?;
        let by_block_rate =
            metric(&answer, "BLOCK_RATE").map(|m| texts(m, "order_by_relative_metric")).unwrap_or_default();
        let templates = vec![compared(&one, id, &answer), compared(&other, other_id, &answer)];
        Ok(TemplateComparison { start, end, templates, by_block_rate })
    }

    /// Copies templates of another account of the same business into this one: those that are named, or a page of all.
    /// Of all, ask page after page until one comes back empty. Only approved ones of green or unknown quality are
    /// copied. `sync` reads the copies afterwards (Meta: Template migration).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::messaging::TemplateSource;
    /// let source = TemplateSource {
    ///     account: "200000000000009".into(),
    ///     template_ids: vec![],
    ///     page: None,
    ///     count: None,
    /// };
    /// let migration = engine.templates().migrate(source).await?;
    /// assert_eq!(migration.failed[0].reason, "Incorrect category");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for more than 500 templates, or a page or a count that is none; `transport`. A template that is
    /// not copied is no error: see `failed`.
    pub async fn migrate(&self, source: TemplateSource) -> Result<TemplateMigration> {
        self.engine.admit("templates.migrate", Scope::AccountAdmin, None)?;
        let mut body = json!({"source_waba_id": check_id("account", source.account)?});
        if source.template_ids.len() > MOST {
            return Err(Error::invalid("template_ids", format!("must be at most {MOST}")));
        }
        if !source.template_ids.is_empty() {
            let ids = source.template_ids.into_iter().map(|id| check_id("template_ids", id));
            body["template_ids"] = ids.collect::<Result<Vec<_>>>()?.into();
        }
        if let Some(page) = whole("page", source.page, 0, 1_000)? {
            body["page_number"] = page.into();
        }
        if let Some(count) = whole("count", source.count, 1, 500)? {
            body["count"] = count.into();
        }
        let path = format!("{}/migrate_message_templates", self.engine.business_account()?);
        let engine = self.engine.inner();
        let migrate = async move { engine.graph(MIGRATION, Call::post(path, &body)).await };
        let answer = self.engine.run(migrate).await?;
        // Where none failed, an empty list stands in place of the map.
        let failed = answer["failed_templates"].as_object().into_iter().flatten();
        let failed = failed.map(|(id, reason)| UnmigratedTemplate {
            id: id.clone(),
            reason: reason.as_str().unwrap_or_default().to_owned(),
        });
        // Ids are numbers at times.
        let id = |id: &Json| id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        Ok(TemplateMigration {
            migrated: list(&answer, "migrated_templates").iter().map(id).collect(),
            failed: failed.collect(),
        })
    }
}
