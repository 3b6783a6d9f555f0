//! What WhatsApp counted reads back as it happened, step by step and told apart as asked.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use conek_core::{
    Clock, Engine, Ports, Purpose, Result, Transport,
    audit::{Actor, Scope},
    messaging::Draft,
    platform::*,
    policy::SendPermit,
    transport::{GraphAnswer, GraphCall, Outgoing, Parsed, SendOutcome, Upload, WebhookRequest},
};
use conek_simulator::{Say, SayRequest};
use conek_tests::{BUSINESS_ACCOUNT, World, consenting, filled, offer, phone, text};
use serde_json::json;

use crate::account::code;

const A_MINUTE: std::time::Duration = std::time::Duration::from_secs(60);
const A_DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

fn at(moment: &str) -> DateTime<Utc> {
    moment.parse().unwrap()
}

/// The Tuesday of the world, and the days around it.
fn range(granularity: Granularity) -> AnalyticsRange {
    AnalyticsRange { start: at("2026-11-20T00:00:00Z"), end: at("2026-12-05T00:00:00Z"), granularity }
}

/// Three offers, a greeting and the answer to it, and a day later one more offer.
async fn busy() -> (World, Engine) {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let mut people = Vec::new();
    for n in 1..=3 {
        people.push(consenting(&engine, &phone(n)).await.unwrap());
    }
    for person in &people {
        engine.messages().send(offer(person)).await.unwrap();
    }
    world.settle(&engine).await;
    world.simulator.say(&phone(1), Say::text("When are you open?")).unwrap();
    world.settle(&engine).await;
    // Two messages to one person want six seconds between them.
    world.clock.advance(A_MINUTE);
    engine.messages().send(text(&people[0], "Until five.")).await.unwrap();
    world.settle(&engine).await;
    world.clock.advance(A_DAY);
    engine.messages().send(offer(&people[1])).await.unwrap();
    world.settle(&engine).await;
    (world, engine)
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_counted_by_day_month_and_kind() {
    let (_world, engine) = busy().await;
    let platform = engine.platform();
    let counted = async |granularity, filter| -> Vec<(i64, i64)> {
        let points = platform.messaging_analytics(range(granularity), filter).await.unwrap();
        points.iter().map(|p| (p.sent, p.delivered)).collect()
    };
    assert_eq!(counted(Granularity::Day, MessagingFilter::default()).await, [(4, 4), (1, 1)]);
    assert_eq!(counted(Granularity::Month, MessagingFilter::default()).await, [(5, 5)]);
    let only = |messages| MessagingFilter { messages: vec![messages], ..MessagingFilter::default() };
    assert_eq!(counted(Granularity::Month, only(CountedMessages::Templates)).await, [(4, 4)]);
    assert_eq!(counted(Granularity::Month, only(CountedMessages::FreeForm)).await, [(1, 1)]);
    assert_eq!(counted(Granularity::Month, only(CountedMessages::Incoming)).await, [(1, 1)]);
    let from = |countries: &[&str], phone_numbers: &[&str]| MessagingFilter {
        countries: countries.iter().map(|c| (*c).to_owned()).collect(),
        phone_numbers: phone_numbers.iter().map(|n| (*n).to_owned()).collect(),
        ..MessagingFilter::default()
    };
    assert_eq!(counted(Granularity::Month, from(&["ZA", "DE"], &["+27215550100"])).await, [(5, 5)]);
    assert!(counted(Granularity::Month, from(&["DE"], &[])).await.is_empty());
    assert!(counted(Granularity::Month, from(&[], &["+27215550199"])).await.is_empty());

    let days =
        platform.messaging_analytics(range(Granularity::Day), MessagingFilter::default()).await.unwrap();
    let first = (days[0].start, days[0].end);
    assert_eq!(first, (at("2026-11-24T00:00:00Z"), at("2026-11-25T00:00:00Z")));
    let halves = platform.messaging_analytics(range(Granularity::HalfHour), MessagingFilter::default()).await;
    assert!(halves.unwrap().iter().all(|p| p.end - p.start == TimeDelta::minutes(30)));
    let early = AnalyticsRange { end: at("2026-11-24T00:00:00Z"), ..range(Granularity::Day) };
    assert!(platform.messaging_analytics(early, MessagingFilter::default()).await.unwrap().is_empty());

    let backwards = AnalyticsRange { end: at("2026-11-20T00:00:00Z"), ..range(Granularity::Day) };
    let error = platform.messaging_analytics(backwards, MessagingFilter::default()).await.unwrap_err();
    assert_eq!(error.code(), "invalid_input");
    // Whoever could close a bracket could ask for something else.
    for wrong in [from(&["za"], &[]), from(&["Z)"], &[]), from(&[], &["1]).end(2"]), from(&[], &["12"])] {
        let error = platform.messaging_analytics(range(Granularity::Day), wrong).await.unwrap_err();
        assert_eq!(error.code(), "invalid_input");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_and_charges_are_told_apart_as_asked() {
    let (_world, engine) = busy().await;
    let platform = engine.platform();
    let month = range(Granularity::Month);
    let whole = platform.pricing_analytics(month, PricingFilter::default()).await.unwrap();
    assert_eq!((whole.len(), whole[0].volume, whole[0].cost), (1, 5, Some(0.16)));
    assert_eq!((&whole[0].category, &whole[0].country, &whole[0].tier), (&None, &None, &None));
    let apart = PricingFilter {
        dimensions: vec![
            PricingDimension::Category,
            PricingDimension::Kind,
            PricingDimension::Country,
            PricingDimension::Phone,
            PricingDimension::Tier,
        ],
        ..PricingFilter::default()
    };
    let mut points = platform.pricing_analytics(month, apart.clone()).await.unwrap();
    points.sort_by_key(|p| p.volume);
    let point = |volume, cost, category: &str, kind: &str, tier: Option<&str>| PricingPoint {
        start: at("2026-11-01T00:00:00Z"),
        end: at("2026-12-01T00:00:00Z"),
        volume,
        cost: Some(cost),
        category: Some(category.into()),
        kind: Some(kind.into()),
        country: Some("ZA".into()),
        phone_number: Some("27215550100".into()),
        tier: tier.map(str::to_owned),
    };
    let expected = [
        point(1, 0.0, "SERVICE", "FREE_CUSTOMER_SERVICE", None),
        point(4, 0.16, "MARKETING", "REGULAR", Some("0:MAX")),
    ];
    assert_eq!(points, expected);
    let free = PricingFilter { kinds: vec!["FREE_CUSTOMER_SERVICE".into()], ..apart };
    assert_eq!(platform.pricing_analytics(month, free).await.unwrap(), expected[..1]);

    let apart = ConversationFilter {
        dimensions: vec![ConversationDimension::Category, ConversationDimension::Direction],
        ..ConversationFilter::default()
    };
    let mut points = platform.conversation_analytics(month, apart.clone()).await.unwrap();
    points.sort_by_key(|p| p.conversations);
    let told: Vec<_> =
        points.iter().map(|p| (p.conversations, p.category.as_deref(), p.direction.as_deref())).collect();
    assert_eq!(
        told,
        [(1, Some("SERVICE"), Some("USER_INITIATED")), (4, Some("MARKETING"), Some("BUSINESS_INITIATED"))]
    );
    assert_eq!(points[1].country, None, "it was not asked for");
    let marketing = ConversationFilter { categories: vec!["MARKETING".into()], ..apart };
    assert_eq!(platform.conversation_analytics(month, marketing).await.unwrap(), points[1..]);
    let wrong = PricingFilter { categories: vec!["marketing".into()], ..PricingFilter::default() };
    assert_eq!(platform.pricing_analytics(month, wrong).await.unwrap_err().code(), "invalid_input");
    let wrong = ConversationFilter { kinds: vec![String::new()], ..ConversationFilter::default() };
    assert_eq!(platform.conversation_analytics(month, wrong).await.unwrap_err().code(), "invalid_input");
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_counted_once_that_was_asked_for_and_every_page_is_read() {
    let world = World::new(|options| {
        options.templates.extend((0..9).map(|n| {
            json!({"name": format!("notice_{n}"), "language": "en", "category": "UTILITY", "components": [
                {"type": "BODY", "text": "Order {{1}} is on its way.", "example": {"body_text": [["1"]]}}]})
        }));
    })
    .await;
    let engine = world.engine().await;
    engine.templates().sync().await.unwrap();
    let platform = engine.platform();
    let mut ids = Vec::new();
    for template in engine.templates().list().await.unwrap() {
        if template.name != "hello_world" {
            ids.push(template.id.unwrap());
        }
    }
    assert_eq!(ids.len(), 10);
    let query = |template_ids: Vec<String>| TemplateAnalyticsQuery {
        template_ids,
        start: world.clock.now() - TimeDelta::days(7),
        end: world.clock.now(),
        product: None,
    };
    assert_eq!(code(platform.template_analytics(query(ids.clone())).await.unwrap_err()), "200007");
    platform.enable_template_analytics().await.unwrap();
    assert!(platform.template_analytics(query(ids.clone())).await.unwrap().is_empty());

    let mut people = Vec::new();
    for n in 0..10 {
        people.push(consenting(&engine, &phone(n)).await.unwrap());
    }
    for _ in 0..3 {
        engine.messages().send(offer(&people[9])).await.unwrap();
        for (n, person) in people[..9].iter().enumerate() {
            let content = filled(&format!("notice_{n}"), "4711");
            let notice = Draft { content, purpose: Purpose::Transactional, ..offer(person) };
            engine.messages().send(notice).await.unwrap();
        }
        world.settle(&engine).await;
        world.clock.advance(A_DAY);
    }
    let sent = world.simulator.ledger();
    let first = sent.iter().find(|e| e.template.as_deref() == Some("spring_offer")).unwrap();
    let pressed = SayRequest {
        from: phone(9),
        to: None,
        context: Some(first.wamid.clone()),
        say: Say::Button { text: "Tell me more".into(), payload: None },
    };
    world.simulator.say_as(&pressed).unwrap();
    world.settle(&engine).await;

    let days = platform.template_analytics(query(ids.clone())).await.unwrap();
    let counted: i64 = days.iter().map(|d| d.sent).sum();
    assert_eq!((sent.len(), counted), (30, 30));
    assert!(days.len() > 25, "more than a page has");
    let spring = ids.iter().find(|id| {
        days.iter().any(|d| d.template_id == **id && d.clicks.iter().any(|c| c.button == "Tell me more"))
    });
    let spring = platform.template_analytics(query(vec![spring.unwrap().clone()])).await.unwrap();
    let first = &spring[0];
    assert_eq!((first.sent, first.delivered, first.read), (1, 1, 1));
    let spent = TemplateCost { kind: "amount_spent".into(), amount: Some(0.04) };
    assert!(first.costs.contains(&spent), "{:?}", first.costs);
    let clicks: i64 = spring.iter().flat_map(|d| &d.clicks).map(|c| c.clicks).sum();
    assert_eq!(clicks, 1);
    let elsewhere =
        TemplateAnalyticsQuery { product: Some(TemplateProduct::MarketingMessages), ..query(ids.clone()) };
    assert!(platform.template_analytics(elsewhere).await.unwrap().is_empty());
    ids.push("900000000000099".into());
    for wrong in [query(ids), query(vec![]), query(vec!["../me".into()])] {
        assert_eq!(platform.template_analytics(wrong).await.unwrap_err().code(), "invalid_input");
    }
}

/// A WhatsApp that answers each page by a cursor; the cursor `again` leads to itself.
#[derive(Debug)]
struct Pages;

#[async_trait]
impl Transport for Pages {
    async fn send(&self, _: SendPermit, _: Outgoing) -> SendOutcome {
        SendOutcome::NotSent { detail: "nothing is sent here".into() }
    }
    async fn upload(&self, _: Upload) -> Result<String> {
        Ok(String::new())
    }
    async fn mark_read(&self, _: String, _: String) -> Result<()> {
        Ok(())
    }
    async fn manage(&self, call: GraphCall) -> Result<GraphAnswer> {
        assert_eq!(call.path, BUSINESS_ACCOUNT);
        let fields = &call.query["fields"];
        let field = fields.split('.').next().unwrap();
        let (volume, next) = match fields.split_once(".after(") {
            None if field == "pricing_analytics" => (1, Some("second")),
            None => (1, Some("again")),
            Some((_, "second)")) => (2, None),
            Some(_) => (3, Some("again")),
        };
        let mut page = json!({"data": [{"data_points": [{"start": 1, "end": 2, "volume": volume}]}]});
        if let Some(next) = next {
            page["paging"] = json!({"cursors": {"after": next}, "next": "https://graph.facebook.com/"});
        }
        let json = json!({ field: page }).to_string();
        Ok(GraphAnswer { status: 200, json, used_percent: None, regain_minutes: None })
    }
    async fn verify(&self, _: WebhookRequest) -> Result<()> {
        Ok(())
    }
    async fn parse(&self, body: Vec<u8>) -> Parsed {
        conek_core::transport::whatsapp::parse(&body)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_in_pages_are_read_to_the_end_and_not_in_a_circle() {
    let world = World::new(|_| {}).await;
    let ports = Ports { transport: Some(Arc::new(Pages)), ..world.ports() };
    let engine = Engine::open(world.config(), ports).await.unwrap();
    let month = range(Granularity::Month);
    let points = engine.platform().pricing_analytics(month, PricingFilter::default()).await.unwrap();
    assert_eq!(points.iter().map(|p| p.volume).collect::<Vec<_>>(), [1, 2]);
    let circle = engine.platform().conversation_analytics(month, ConversationFilter::default()).await;
    assert_eq!(circle.unwrap_err().code(), "transport");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_administers_the_account_sees_what_was_counted() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let scopes = Scope::ALL.into_iter().filter(|s| *s != Scope::AccountAdmin).collect();
    let clerk = engine.session(Actor { id: "clerk".into(), scopes, ..Actor::host() }).unwrap();
    let day = range(Granularity::Day);
    let refused = [
        clerk.platform().messaging_analytics(day, MessagingFilter::default()).await.map(drop),
        clerk.platform().conversation_analytics(day, ConversationFilter::default()).await.map(drop),
        clerk.platform().pricing_analytics(day, PricingFilter::default()).await.map(drop),
        clerk.platform().enable_template_analytics().await,
    ];
    for result in refused {
        assert_eq!(result.unwrap_err().code(), "forbidden");
    }
}
