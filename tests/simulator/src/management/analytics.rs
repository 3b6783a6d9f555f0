//! Analytics: what the account's messages came to, counted from the ledger.
//!
//! Days and months are those of UTC. The prices are the simulator's own.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, routing::MethodFilter};
use chrono::{Datelike, TimeZone, Utc};
use serde_json::{Map, Value, json};

use super::{Answer, Asked, on};
use crate::{
    ledger::{Entry, Status, moment},
    people::{Line, country},
    refusal::Refusal,
    running::Running,
    simulator::digits,
    world::World,
};

const FIELDS: [&str; 3] = ["analytics", "conversation_analytics", "pricing_analytics"];
const DAY: i64 = 86_400;
/// How many points a page of a template's analytics has.
const PAGE: usize = 25;

pub(super) fn routes() -> Router<Arc<Running>> {
    Router::new().route("/{version}/{id}/template_analytics", on(MethodFilter::GET, of_templates))
}

/// A field with what narrows it: `analytics.start(1).end(2).granularity(DAY)`.
struct Wanted {
    field: &'static str,
    filters: BTreeMap<String, String>,
}

impl Wanted {
    /// The one of the fields that are asked for that is analytics.
    fn read(fields: &str) -> Option<Self> {
        let field = FIELDS.into_iter().find(|f| {
            fields.split_once(f).is_some_and(|(before, after)| {
                (before.is_empty() || before.ends_with(',')) && after.starts_with('.')
            })
        })?;
        let mut rest = fields.split_once(field)?.1;
        let mut filters = BTreeMap::new();
        while let Some(filter) = rest.strip_prefix('.') {
            let (name, after) = filter.split_once('(')?;
            let (value, after) = after.split_once(')')?;
            filters.insert(name.to_owned(), value.to_owned());
            rest = after;
        }
        Some(Self { field, filters })
    }
    fn need(&self, key: &str) -> Result<&str, Refusal> {
        let refusal = || Refusal::new(100, format!("The parameter {}.{key} is required.", self.field));
        self.filters.get(key).map(String::as_str).filter(|v| !v.is_empty()).ok_or_else(refusal)
    }
    fn second(&self, key: &str) -> Result<i64, Refusal> {
        let refusal = |_| Refusal::new(100, format!("Param {key} must be a UNIX timestamp"));
        self.need(key)?.parse().map_err(refusal)
    }
    fn list(&self, key: &str) -> Vec<String> {
        let given = self.filters.get(key).map(String::as_str).unwrap_or_default();
        words(given)
    }
    /// Whether a value is among those that are asked for.
    fn takes(&self, key: &str, value: &str) -> bool {
        let wanted = self.list(key);
        wanted.is_empty() || wanted.iter().any(|w| w == value)
    }
}

/// `["A","B"]`, and the same without brackets or quotes.
fn words(list: &str) -> Vec<String> {
    let inner = list.trim().trim_start_matches('[').trim_end_matches(']');
    let word = |w: &str| w.trim().trim_matches(['"', '\'']).to_owned();
    inner.split(',').map(word).filter(|w| !w.is_empty()).collect()
}

/// The step that a second is in.
fn step(granularity: &str, at: i64) -> (i64, i64) {
    let every = |seconds: i64| (at - at.rem_euclid(seconds), at - at.rem_euclid(seconds) + seconds);
    match granularity {
        "HALF_HOUR" => every(1_800),
        "DAY" | "DAILY" => every(DAY),
        _ => {
            let day = moment(at * 1_000);
            let first = |year, month| {
                Utc.with_ymd_and_hms(year, month, 1, 0, 0, 0).single().map_or(at, |d| d.timestamp())
            };
            let next = if day.month() == 12 { (day.year() + 1, 1) } else { (day.year(), day.month() + 1) };
            (first(day.year(), day.month()), first(next.0, next.1))
        }
    }
}

/// What a message is charged as: the category, whether it is free, and the price.
fn charge(entry: &Entry) -> (&str, &'static str, f64) {
    match entry.template.as_deref() {
        None => ("SERVICE", "FREE_CUSTOMER_SERVICE", 0.0),
        Some(t) if t.category == "MARKETING" => ("MARKETING", "REGULAR", 0.04),
        Some(t) => (&t.category, "REGULAR", 0.01),
    }
}

/// What of an account is counted: a moment in seconds, and by what it is told apart.
struct Counted {
    at: i64,
    keys: Map<String, Value>,
    numbers: [i64; 2],
    cost: f64,
}

/// `GET /{waba_id}?fields=analytics...`, where analytics are asked for.
pub(super) fn look(world: &World, asked: &Asked) -> Option<Answer> {
    let wanted = Wanted::read(asked.text("fields")?)?;
    Some(answer(world, asked, &wanted))
}

fn answer(world: &World, asked: &Asked, wanted: &Wanted) -> Answer {
    let (start, end) = (wanted.second("start")?, wanted.second("end")?);
    if start >= end {
        return Err(Refusal::new(100, "Param end must lie behind start"));
    }
    let granularity = wanted.need("granularity")?;
    let known: &[&str] = match wanted.field {
        "analytics" => &["HALF_HOUR", "DAY", "MONTH"],
        _ => &["HALF_HOUR", "DAILY", "MONTHLY"],
    };
    if !known.contains(&granularity) {
        return Err(Refusal::new(100, format!("Param granularity must be one of {known:?}")));
    }
    let counted = match wanted.field {
        "analytics" => messages(world, asked, wanted),
        "conversation_analytics" => conversations(world, asked, wanted),
        _ => charges(world, asked, wanted),
    };
    let names = match wanted.field {
        "analytics" => ["sent", "delivered"],
        "conversation_analytics" => ["conversation", ""],
        _ => ["volume", ""],
    };
    let mut points: BTreeMap<(i64, String), Value> = BTreeMap::new();
    for c in counted.into_iter().filter(|c| (start..end).contains(&c.at)) {
        let (from, to) = step(granularity, c.at);
        let told = Value::Object(c.keys.clone()).to_string();
        let point = points.entry((from, told)).or_insert_with(|| {
            let mut point = Value::Object(c.keys);
            (point["start"], point["end"]) = (from.into(), to.into());
            point
        });
        for (name, n) in names.iter().zip(c.numbers).filter(|(name, _)| !name.is_empty()) {
            point[*name] = (point[*name].as_i64().unwrap_or(0) + n).into();
        }
        if wanted.field != "analytics" {
            // In hundredths, so that sums stay what they are.
            let cents = (point["cost"].as_f64().unwrap_or(0.0) * 100.0).round() + (c.cost * 100.0).round();
            point["cost"] = (cents / 100.0).into();
        }
    }
    let points: Vec<Value> = points.into_values().collect();
    let mut told = json!({ "id": asked.id });
    if wanted.field == "analytics" {
        let own = world.numbers.iter().filter(|n| n.waba == asked.id).map(|n| digits(&n.display));
        told["analytics"] = json!({"phone_numbers": own.collect::<Vec<_>>(), "granularity": granularity,
            "data_points": points});
    } else {
        told[wanted.field] = json!({"data": [{"data_points": points}]});
    }
    Ok(told)
}

/// The account's own messages whose number and country are asked for.
fn own<'a>(
    world: &'a World,
    asked: &'a Asked,
    wanted: &'a Wanted,
) -> impl Iterator<Item = (&'a Entry, String, &'static str)> {
    world.ledger.all.iter().filter_map(move |entry| {
        let number = &world.numbers[entry.number];
        let (phone, land) = (digits(&number.display), country(&world.people.get(entry.person).number).0);
        let fits = number.waba == asked.id
            && wanted.takes("phone_numbers", &phone)
            && wanted.takes("country_codes", land);
        fits.then_some((entry, phone, land))
    })
}

fn messages(world: &World, asked: &Asked, wanted: &Wanted) -> Vec<Counted> {
    let count = |at: i64, numbers| Counted { at: at / 1_000, keys: Map::new(), numbers, cost: 0.0 };
    // Without products all messages that were sent are counted, and none that came in.
    let wants = |product: &str| match wanted.list("product_types") {
        all if all.is_empty() => product != "100",
        some => some.iter().any(|p| p == product),
    };
    let mut all = Vec::new();
    for (entry, ..) in own(world, asked, wanted) {
        if wants(if entry.template.is_some() { "0" } else { "2" }) {
            all.extend(entry.when(Status::Sent).map(|at| count(at, [1, 0])));
            all.extend(entry.when(Status::Delivered).map(|at| count(at, [0, 1])));
        }
    }
    if wants("100") {
        for person in world.people.page("", 0, usize::MAX) {
            let came = person.lines.iter().filter_map(|line| match line {
                Line::In(incoming) => Some(incoming),
                _ => None,
            });
            let here = came.filter(|i| {
                let number = &world.numbers[i.number];
                number.waba == asked.id
                    && wanted.takes("phone_numbers", &digits(&number.display))
                    && wanted.takes("country_codes", country(&person.number).0)
            });
            all.extend(here.map(|i| count(i.at, [1, 1])));
        }
    }
    all
}

/// What was asked to be told apart.
fn keys<'a>(
    wanted: &Wanted,
    all: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>,
) -> Map<String, Value> {
    let dimensions = wanted.list("dimensions");
    let kept = all.into_iter().filter(|(dimension, ..)| dimensions.iter().any(|d| d == dimension));
    kept.map(|(_, key, value)| (key.to_owned(), value.into())).collect()
}

/// A conversation is one of a person and a number about one category on one day.
fn conversations(world: &World, asked: &Asked, wanted: &Wanted) -> Vec<Counted> {
    let mut seen = std::collections::HashSet::new();
    let mut all = Vec::new();
    for (entry, phone, land) in own(world, asked, wanted) {
        let Some(at) = entry.when(Status::Delivered) else { continue };
        let (category, _, cost) = charge(entry);
        let kind = if category == "SERVICE" { "FREE_TIER" } else { "REGULAR" };
        let direction = if category == "SERVICE" { "USER_INITIATED" } else { "BUSINESS_INITIATED" };
        let wants = wanted.takes("conversation_categories", category)
            && wanted.takes("conversation_types", kind)
            && wanted.takes("conversation_directions", direction);
        let person = world.people.get(entry.person).number.clone();
        if wants && seen.insert((person, phone.clone(), category, at / 1_000 / DAY)) {
            let keys = keys(
                wanted,
                [
                    ("CONVERSATION_CATEGORY", "conversation_category", category),
                    ("CONVERSATION_DIRECTION", "conversation_direction", direction),
                    ("CONVERSATION_TYPE", "conversation_type", kind),
                    ("COUNTRY", "country", land),
                    ("PHONE", "phone_number", &phone),
                ],
            );
            all.push(Counted { at: at / 1_000, keys, numbers: [1, 0], cost });
        }
    }
    all
}

fn charges(world: &World, asked: &Asked, wanted: &Wanted) -> Vec<Counted> {
    let mut all = Vec::new();
    for (entry, phone, land) in own(world, asked, wanted) {
        let Some(at) = entry.when(Status::Delivered) else { continue };
        let (category, kind, cost) = charge(entry);
        if wanted.takes("pricing_categories", category) && wanted.takes("pricing_types", kind) {
            let told = [
                ("PRICING_CATEGORY", "pricing_category", category),
                ("PRICING_TYPE", "pricing_type", kind),
                ("COUNTRY", "country", land),
                ("PHONE", "phone_number", phone.as_str()),
            ];
            let mut keys = keys(wanted, told);
            // Tiers belong to a category in a country; what is free is in none.
            let dimensions = wanted.list("dimensions");
            let tiered =
                ["TIER", "PRICING_CATEGORY", "COUNTRY"].iter().all(|d| dimensions.iter().any(|w| w == d));
            if tiered && kind == "REGULAR" {
                let tier = if category == "MARKETING" { "0:MAX" } else { "0:750000" };
                keys.insert("tier".to_owned(), tier.into());
            }
            all.push(Counted { at: at / 1_000, keys, numbers: [1, 0], cost });
        }
    }
    all
}

/// A day of a template.
#[derive(Default)]
struct Day {
    sent: u64,
    delivered: u64,
    read: u64,
    presses: BTreeMap<String, u64>,
}

fn of_templates(world: &mut World, asked: &Asked, _: i64) -> Answer {
    world.account_of(asked)?;
    if !world.management.counts_templates(&asked.id) {
        return Err(Refusal::new(200_007, "Template insights were not enabled for this account"));
    }
    let second = |key: &str| {
        let text = asked.need(key)?;
        text.parse::<i64>().map_err(|_| Refusal::new(100, format!("Param {key} must be a UNIX timestamp")))
    };
    let day = |at: i64| at - at.rem_euclid(DAY);
    let (start, end) = (day(second("start")?), second("end")?);
    if start >= end || !asked.need("granularity")?.eq_ignore_ascii_case("DAILY") {
        return Err(Refusal::new(100, "Takes a start before the end, and the granularity DAILY"));
    }
    let ids = words(asked.need("template_ids")?);
    if ids.is_empty() || ids.len() > 10 {
        return Err(Refusal::new(100, "Param template_ids takes 1 to 10"));
    }
    let product = asked.text("product_type").unwrap_or("CLOUD_API").to_ascii_uppercase();
    let marketing = product == "MARKETING_MESSAGES_API_FOR_WHATSAPP";
    let days = template_days(world, &asked.id, &ids, marketing);
    // The day that the end is in is the last one.
    let within = days.into_iter().filter(|((at, _), _)| (start..=day(end)).contains(at));
    let mut points: Vec<Value> = within.map(|((at, id), day)| point(world, at, &id, &day)).collect();
    let from = asked.text("after").and_then(|n| n.parse::<usize>().ok()).unwrap_or(0).min(points.len());
    let to = (from + PAGE).min(points.len());
    let more = to < points.len();
    let part = points.drain(from..to).collect::<Vec<_>>();
    let mut body = json!({
        "data": [{"granularity": "DAILY", "product_type": product.to_lowercase(), "data_points": part}],
        "paging": {"cursors": {"before": from.to_string(), "after": to.to_string()}},
    });
    if more {
        body["paging"]["next"] = format!("{}?after={to}", asked.here).into();
    }
    Ok(body)
}

fn template_days(world: &World, waba: &str, ids: &[String], marketing: bool) -> BTreeMap<(i64, String), Day> {
    let mut days: BTreeMap<(i64, String), Day> = BTreeMap::new();
    let mut of_message = BTreeMap::new();
    let at_day = |at: i64| at / 1_000 - (at / 1_000).rem_euclid(DAY);
    for entry in world.ledger.all.iter().filter(|e| e.marketing == marketing) {
        let Some(template) = entry.template.as_ref().filter(|t| t.waba == waba && ids.contains(&t.id)) else {
            continue;
        };
        of_message.insert(entry.wamid.as_str(), (template.id.clone(), template.category.as_str()));
        let mut count = |status, add: fn(&mut Day)| {
            if let Some(at) = entry.when(status) {
                add(days.entry((at_day(at), template.id.clone())).or_default());
            }
        };
        count(Status::Sent, |day| day.sent += 1);
        count(Status::Delivered, |day| day.delivered += 1);
        count(Status::Read, |day| day.read += 1);
    }
    for person in world.people.page("", 0, usize::MAX) {
        for line in &person.lines {
            let Line::In(incoming) = line else { continue };
            let message: Value = serde_json::from_str(&incoming.json).unwrap_or_default();
            let text = message["button"]["text"].as_str();
            let answered = message["context"]["id"].as_str().and_then(|id| of_message.get(id));
            if let (Some(text), Some((id, category))) = (text, answered)
                && *category != "AUTHENTICATION"
            {
                let day = days.entry((at_day(incoming.at), id.clone())).or_default();
                *day.presses.entry(text.to_owned()).or_default() += 1;
            }
        }
    }
    days
}

fn point(world: &World, at: i64, id: &str, day: &Day) -> Value {
    let mut point = json!({"template_id": id, "start": at, "end": at + DAY, "sent": day.sent,
        "delivered": day.delivered, "read": day.read});
    let marketing = world.templates.by_id(id).is_some_and(|t| t.is_marketing());
    let each = if marketing { 4 } else { 1 };
    let spent = (day.delivered * each) as f64 / 100.0;
    if day.delivered > 0 {
        point["cost"] = json!([{"type": "amount_spent", "value": spent},
            {"type": "cost_per_delivered", "value": each as f64 / 100.0}]);
    }
    if !day.presses.is_empty() {
        let press = |(text, n): (&String, &u64)| json!({"type": "quick_reply_button", "button_content": text, "count": n});
        point["clicked"] = day.presses.iter().map(press).collect();
    }
    point
}
