//! Templates, counted by WhatsApp once it was told to.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{WHAT, count, moment, onward, points, seconds};
use crate::{
    audit::Scope,
    platform::Platform,
    transport::call::{Call, check_id, list, needed, text},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

/// Meta's limit of one question.
const MOST_TEMPLATES: usize = 10;

/// By which of WhatsApp's two ways messages left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateProduct {
    /// `/messages`.
    CloudApi,
    /// `/marketing_messages`.
    MarketingMessages,
}

/// Which templates are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateAnalyticsQuery {
    /// One to ten of WhatsApp's ids, as [`Template::id`](crate::messaging::Template) has them.
    pub template_ids: Vec<String>,
    /// The beginning: the day in UTC that the moment is in. WhatsApp looks back 90 days.
    pub start: Timestamp,
    /// The end: the day in UTC that the moment is in.
    pub end: Timestamp,
    /// By which way they left: `/messages`, unless it is said.
    pub product: Option<TemplateProduct>,
}

/// How often a button was pressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateClicks {
    /// `quick_reply_button`, `url_button`, or `unique_url_button` for how many people.
    pub kind: String,
    /// What it says.
    pub button: String,
    /// How often.
    pub clicks: i64,
}

/// What a template cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateCost {
    /// `amount_spent`, `cost_per_delivered` or `cost_per_url_button_click`.
    pub kind: String,
    /// In the account's currency; `None` where nothing was spent.
    pub amount: Option<f64>,
}

/// A template on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplatePoint {
    /// The template's id.
    pub template_id: String,
    /// When the day begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// How many were sent.
    pub sent: i64,
    /// How many arrived.
    pub delivered: i64,
    /// How many were read. WhatsApp counts that for seven days after a message.
    pub read: i64,
    /// Presses of its buttons, of marketing and utility templates.
    pub clicks: Vec<TemplateClicks>,
    /// What it cost; nothing for an account that pays through a partner.
    pub costs: Vec<TemplateCost>,
}

fn read(point: &Json) -> Result<TemplatePoint> {
    let words = |of: &Json, key: &str| text(of, key).unwrap_or_default();
    let clicks = |c: &Json| TemplateClicks {
        kind: words(c, "type"),
        button: words(c, "button_content"),
        clicks: count(c, "count"),
    };
    let cost = |c: &Json| TemplateCost { kind: words(c, "type"), amount: c["value"].as_f64() };
    Ok(TemplatePoint {
        template_id: needed(WHAT, point, "template_id", true)?,
        start: moment(point, "start")?,
        end: moment(point, "end")?,
        sent: count(point, "sent"),
        delivered: count(point, "delivered"),
        read: count(point, "read"),
        clicks: list(point, "clicked").iter().map(clicks).collect(),
        costs: list(point, "cost").iter().map(cost).collect(),
    })
}

impl Platform {
    /// Has WhatsApp count what becomes of templates, from now on. It cannot be taken back, and by it the business
    /// tells Meta to follow the addresses behind buttons and to collect and anonymise data of its chats: that is
    /// processing which the privacy notice has to name (Meta: Analytics > Confirming template analytics).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().enable_template_analytics().await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without a `business_account` in the configuration; `transport`.
    pub async fn enable_template_analytics(&self) -> Result<()> {
        self.engine.admit("platform.enable_template_analytics", Scope::AccountAdmin, None)?;
        let call = Call::act(self.engine.business_account()?);
        self.change(WHAT, call.with("is_enabled_for_insights", "true")).await.map(drop)
    }

    /// How often templates were sent, arrived, were read and had their buttons pressed, and what they cost, day by day
    /// (Meta: Analytics > Template analytics). It must have been enabled. Accounts in the European Union, the United
    /// Kingdom and Japan, or with numbers from there, have none.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::TemplateAnalyticsQuery;
    /// let end = chrono::Utc::now();
    /// let query = TemplateAnalyticsQuery {
    ///     template_ids: vec!["900000000000001".into()],
    ///     start: end - chrono::TimeDelta::days(7),
    ///     end,
    ///     product: None,
    /// };
    /// let days = engine.platform().template_analytics(query).await?;
    /// assert_eq!((days[0].read, days[0].clicks[0].clicks), (7, 2));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a range without time in it, or for no template or more than ten; `transport` with code
    /// 200007 where it was not enabled.
    pub async fn template_analytics(&self, query: TemplateAnalyticsQuery) -> Result<Vec<TemplatePoint>> {
        self.engine.allow("platform.template_analytics", Scope::AccountAdmin)?;
        if !(1..=MOST_TEMPLATES).contains(&query.template_ids.len()) {
            return Err(Error::invalid("template_ids", format!("must be 1 to {MOST_TEMPLATES}")));
        }
        let ids: Result<Vec<String>> =
            query.template_ids.into_iter().map(|id| check_id("template_ids", id)).collect();
        let ids = format!("[{}]", ids?.join(","));
        let (start, end) = seconds(query.start, query.end)?;
        let path = format!("{}/template_analytics", self.engine.business_account()?);
        let (mut all, mut after) = (Vec::new(), None::<String>);
        loop {
            let mut call = Call::get(&*path)
                .with("start", start.to_string())
                .with("end", end.to_string())
                .with("granularity", "DAILY")
                .with("template_ids", &*ids);
            match query.product {
                Some(TemplateProduct::CloudApi) => call = call.with("product_type", "CLOUD_API"),
                Some(TemplateProduct::MarketingMessages) => {
                    call = call.with("product_type", "MARKETING_MESSAGES_API_FOR_WHATSAPP");
                }
                None => {}
            }
            if let Some(cursor) = &after {
                call = call.with("after", &**cursor);
            }
            let page = self.engine.graph(WHAT, call).await?;
            for point in points(&page) {
                all.push(read(point)?);
            }
            after = onward(&page, after.as_deref())?;
            if after.is_none() {
                return Ok(all);
            }
        }
    }
}
