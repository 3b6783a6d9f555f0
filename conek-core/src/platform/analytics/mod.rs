//! Analytics of the account: what WhatsApp counted of its messages, and what all its counts have in common.

mod charges;
mod templates;

pub use charges::{
    ConversationDimension, ConversationFilter, ConversationPoint, PricingDimension, PricingFilter,
    PricingPoint,
};
pub use templates::{TemplateAnalyticsQuery, TemplateClicks, TemplateCost, TemplatePoint, TemplateProduct};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Platform;
use crate::{
    audit::Scope,
    transport::call::{Call, items, list, next_page, unreadable},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

const WHAT: &str = "analytics";
/// The business's numbers: more than this does not fit into an address.
const MOST_FILTERS: usize = 100;

/// How long the time is that one point stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// Half an hour.
    HalfHour,
    /// A day, in the account's time zone.
    Day,
    /// A month, in the account's time zone.
    Month,
}

/// From when to when, and in which steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyticsRange {
    /// The beginning. WhatsApp looks back a year.
    pub start: Timestamp,
    /// The end, which is no longer in it.
    pub end: Timestamp,
    /// The steps.
    pub granularity: Granularity,
}

/// Which messages are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedMessages {
    /// Templates that the business sent.
    Templates,
    /// Everything else that the business sent.
    FreeForm,
    /// What people wrote.
    Incoming,
}

/// What of the account's messages is counted; what is left out leaves nothing out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MessagingFilter {
    /// The business's numbers in E.164.
    pub phone_numbers: Vec<String>,
    /// The countries of people (ISO 3166-1 alpha-2).
    pub countries: Vec<String>,
    /// Which messages.
    pub messages: Vec<CountedMessages>,
}

/// Messages within a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagingPoint {
    /// When the step begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// How many messages were sent.
    pub sent: i64,
    /// How many arrived.
    pub delivered: i64,
}

/// A field of the account with what narrows it, as the Graph API spells both: `analytics.start(1).end(2)`.
struct Expression(String);

impl Expression {
    fn new(field: &str, range: AnalyticsRange, steps: [&str; 3]) -> Result<Self> {
        let (start, end) = seconds(range.start, range.end)?;
        let granularity = match range.granularity {
            Granularity::HalfHour => steps[0],
            Granularity::Day => steps[1],
            Granularity::Month => steps[2],
        };
        Ok(Self(format!("{field}.start({start}).end({end}).granularity({granularity})")))
    }
    /// A list. Its words must have been looked at: a bracket in one would be read as another filter.
    fn with<T: AsRef<str>>(mut self, name: &str, words: &[T]) -> Self {
        if !words.is_empty() {
            let words: Vec<String> = words.iter().map(|w| format!("\"{}\"", w.as_ref())).collect();
            self.0.push_str(&format!(".{name}([{}])", words.join(",")));
        }
        self
    }
}

/// A range in seconds.
fn seconds(start: Timestamp, end: Timestamp) -> Result<(i64, i64)> {
    match (start.timestamp(), end.timestamp()) {
        (start, end) if start < end => Ok((start, end)),
        _ => Err(Error::invalid("end", "must lie behind the start")),
    }
}

fn few(field: &str, words: &[String]) -> Result<()> {
    match words.len() <= MOST_FILTERS {
        true => Ok(()),
        false => Err(Error::invalid(field, format!("must be at most {MOST_FILTERS}"))),
    }
}

/// The business's numbers as WhatsApp counts by them: in digits.
fn numbers(given: &[String]) -> Result<Vec<String>> {
    few("phone_numbers", given)?;
    let digits = |number: &String| {
        let digits = number.strip_prefix('+').unwrap_or(number);
        let known = (5..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        known.then(|| digits.to_owned())
    };
    let all: Option<Vec<String>> = given.iter().map(digits).collect();
    all.ok_or_else(|| Error::invalid("phone_numbers", "must be numbers in E.164"))
}

fn check_countries(countries: &[String]) -> Result<()> {
    few("countries", countries)?;
    let code = |c: &String| c.len() == 2 && c.bytes().all(|b| b.is_ascii_uppercase());
    match countries.iter().all(code) {
        true => Ok(()),
        false => Err(Error::invalid("countries", "must be codes such as ZA (ISO 3166-1 alpha-2)")),
    }
}

fn check_words(field: &str, words: &[String]) -> Result<()> {
    few(field, words)?;
    let word = |w: &String| !w.is_empty() && w.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    match words.iter().all(word) {
        true => Ok(()),
        false => Err(Error::invalid(field, "must be Meta's words, such as MARKETING")),
    }
}

/// The moment of a point.
fn moment(point: &Json, key: &str) -> Result<Timestamp> {
    let seconds = point[key].as_i64();
    seconds.and_then(|s| Timestamp::from_timestamp(s, 0)).ok_or_else(|| unreadable(WHAT, true))
}

fn count(point: &Json, key: &str) -> i64 {
    point[key].as_i64().unwrap_or_default()
}

/// The points of a page: below `data`, or at once.
fn points(page: &Json) -> impl Iterator<Item = &Json> {
    list(page, "data_points").iter().chain(items(page).iter().flat_map(|part| list(part, "data_points")))
}

/// Where the next page begins. One that begins where this one did would be read for ever.
fn onward(page: &Json, after: Option<&str>) -> Result<Option<String>> {
    let next = next_page(page);
    let plain = |c: &str| c.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=".contains(&b));
    match next.as_deref() {
        Some(cursor) if Some(cursor) == after || !plain(cursor) => Err(unreadable(WHAT, true)),
        _ => Ok(next),
    }
}

impl Platform {
    /// Every point of a field, page after page.
    async fn counted<T>(
        &self,
        field: &str,
        asked: Expression,
        read: impl Fn(&Json) -> Result<T>,
    ) -> Result<Vec<T>> {
        let account = self.engine.business_account()?;
        let (mut all, mut after) = (Vec::new(), None::<String>);
        loop {
            let cursor = after.as_deref().map(|c| format!(".after({c})")).unwrap_or_default();
            let call = Call::get(account).with("fields", format!("{}{cursor}", asked.0));
            let answer = self.engine.graph(WHAT, call).await?;
            // Where nothing was counted, the field is missing.
            let page = &answer[field];
            for point in points(page) {
                all.push(read(point)?);
            }
            after = onward(page, after.as_deref())?;
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    /// How many messages the account sent and how many arrived, step by step (Meta: Analytics > Messaging analytics).
    /// Steps without a message may be missing.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::{AnalyticsRange, Granularity, MessagingFilter};
    /// let end = chrono::Utc::now();
    /// let range =
    ///     AnalyticsRange { start: end - chrono::TimeDelta::days(7), end, granularity: Granularity::Day };
    /// let days = engine.platform().messaging_analytics(range, MessagingFilter::default()).await?;
    /// assert_eq!((days[0].sent, days[0].delivered), (12, 11));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a range without time in it, or a filter that is none; `transport`.
    pub async fn messaging_analytics(
        &self,
        range: AnalyticsRange,
        filter: MessagingFilter,
    ) -> Result<Vec<MessagingPoint>> {
        self.engine.allow("platform.messaging_analytics", Scope::AccountAdmin)?;
        check_countries(&filter.countries)?;
        let product = |m: &CountedMessages| match m {
            CountedMessages::Templates => "0",
            CountedMessages::FreeForm => "2",
            CountedMessages::Incoming => "100",
        };
        let products: Vec<&str> = filter.messages.iter().map(product).collect();
        let asked = Expression::new("analytics", range, ["HALF_HOUR", "DAY", "MONTH"])?
            .with("phone_numbers", &numbers(&filter.phone_numbers)?)
            .with("product_types", &products)
            .with("country_codes", &filter.countries);
        let read = |p: &Json| {
            Ok(MessagingPoint {
                start: moment(p, "start")?,
                end: moment(p, "end")?,
                sent: count(p, "sent"),
                delivered: count(p, "delivered"),
            })
        };
        self.counted("analytics", asked, read).await
    }
}
