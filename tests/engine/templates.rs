//! Templates at WhatsApp: what is submitted, edited, removed and read from there, and what that means for sends.

use conek_core::{Engine, Error, messaging::*};
use conek_tests::{World, consenting, filled, offer, phone};
use serde_json::{Value, json};

fn s(text: &str) -> String {
    text.to_owned()
}

async fn world() -> (World, Engine) {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    (world, engine)
}

fn autumn() -> Template {
    Template {
        name: s("autumn_offer"),
        body: s("Hello {{1}}, autumn is here at Karoo Coffee."),
        ..conek_tests::spring_offer()
    }
}

fn examples() -> TemplateExamples {
    TemplateExamples { body: [(s("1"), s("Thandi"))].into(), ..TemplateExamples::default() }
}

async fn status(engine: &Engine, name: &str) -> String {
    engine.templates().get(s(name), s("en")).await.unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_submitted_and_sent_once_it_is_approved() {
    let (world, engine) = world().await;
    let person = consenting(&engine, &phone(1)).await.unwrap();
    engine.templates().put(Template { status: s("DRAFT"), ..autumn() }).await.unwrap();
    let draft = || Draft { content: filled("autumn_offer", "Thandi"), ..offer(&person) };
    assert!(engine.messages().send(draft()).await.is_err(), "nobody has approved it");
    let submitted = engine.templates().submit(s("autumn_offer"), s("en"), examples()).await.unwrap();
    assert_eq!((submitted.status.as_str(), submitted.id.is_some()), ("APPROVED", true));
    engine.messages().send(draft()).await.unwrap();
    world.settle(&engine).await;
    assert_eq!(world.simulator.ledger().len(), 1);
    let again = engine.templates().submit(s("autumn_offer"), s("en"), examples()).await.unwrap_err();
    assert!(again.to_string().contains("subcode 2388024"), "{again}");
    let unknown = engine.templates().submit(s("winter_offer"), s("en"), examples()).await.unwrap_err();
    assert_eq!(unknown.code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_law_has_against_a_template_whatsapp_never_sees() {
    let (_world, engine) = world().await;
    let silent = Template { body: s("Hello {{1}}, autumn is here."), footer: None, ..autumn() };
    engine.templates().put(silent.clone()).await.unwrap();
    let submitted = engine.templates().submit(s("autumn_offer"), s("en"), examples()).await.unwrap_err();
    let edited = engine.templates().edit(silent, examples()).await.unwrap_err();
    for error in [submitted, edited] {
        let Error::Denied { reasons, .. } = error else { panic!("{error:?}") };
        assert_eq!(reasons, ["MISSING_SENDER_IDENTITY", "MISSING_OPT_OUT"]);
    }
    let report = engine.templates().sync().await.unwrap();
    assert_eq!(report.seen, 2, "the two that were there");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_read_and_kept_as_it_stands_at_whatsapp() {
    let many = |options: &mut conek_simulator::Options| {
        options.templates.extend((0..230).map(|n| {
            json!({"name": format!("notice_{n}"), "language": "en_US", "category": "UTILITY", "components": [
                {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["1"]}},
                {"type": "BODY", "text": "It is on its way.", "example": {}},
                {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Track it",
                    "url": "https://karoo.example/{{1}}", "example": ["https://karoo.example/1"]}]}]})
        }));
        options
            .templates
            .push(json!({"name": "odd", "language": "en", "category": "UTILITY", "components": [
            {"type": "BODY", "text": "Hello."}, {"type": "HOLOGRAM"}]}));
    };
    let world = World::new(many).await;
    let engine = world.engine().await;
    let report = engine.templates().sync().await.unwrap();
    // hello_world, the spring offer, the notices, and the one that conek cannot keep.
    assert_eq!((report.seen, report.added, report.changed, report.gone), (233, 231, 1, 0));
    assert_eq!(report.unread.len(), 1);
    assert_eq!(report.unread[0].name, "odd");
    let notice = engine.templates().get(s("notice_229"), s("en_US")).await.unwrap();
    assert_eq!((notice.category, notice.quality.as_deref()), (TemplateCategory::Utility, Some("GREEN")));
    assert!(notice.id.is_some() && notice.buttons.len() == 1);
    let again = engine.templates().sync().await.unwrap();
    assert_eq!((again.added, again.changed), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_whatsapp_paused_or_rejected_is_not_sent_after_a_sync() {
    for there in ["PAUSED", "DISABLED", "REJECTED"] {
        let (world, engine) = world().await;
        let person = consenting(&engine, &phone(1)).await.unwrap();
        // Its webhook does not arrive.
        *world.receiver.write().await = None;
        assert!(world.simulator.set_template_status("spring_offer", there));
        assert_eq!(status(&engine, "spring_offer").await, "APPROVED");
        let report = engine.templates().sync().await.unwrap();
        assert_eq!((report.changed, status(&engine, "spring_offer").await.as_str()), (1, there));
        let Err(Error::Denied { reasons, .. }) = engine.messages().send(offer(&person)).await else {
            panic!("{there}: it was sent")
        };
        assert!(reasons.iter().any(|r| r.contains("TEMPLATE")), "{reasons:?}");
        assert!(world.simulator.ledger().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_waits_stays_here_when_its_template_is_paused_meanwhile() {
    let (world, engine) = world().await;
    let person = consenting(&engine, &phone(1)).await.unwrap();
    let later = conek_core::Clock::now(&*world.clock) + chrono::TimeDelta::minutes(30);
    let sent = engine.messages().send(Draft { not_before: Some(later), ..offer(&person) }).await.unwrap();
    *world.receiver.write().await = None;
    world.simulator.set_template_status("spring_offer", "PAUSED");
    engine.templates().sync().await.unwrap();
    world.clock.advance(std::time::Duration::from_secs(1_900));
    assert!(engine.settle(60_000).await.unwrap());
    let message = engine.messages().get(sent.id).await.unwrap();
    assert_eq!(message.state, MessageState::Suppressed, "{message:?}");
    assert!(world.simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_lifted_where_there_is_one() {
    let (world, engine) = world().await;
    let templates = engine.templates();
    let lift = || templates.unpause(s("spring_offer"), s("en"));
    assert_eq!(lift().await.unwrap_err().code(), "transport", "it is not paused");
    world.simulator.set_template_status("spring_offer", "PAUSED");
    world.settle(&engine).await;
    assert_eq!(status(&engine, "spring_offer").await, "PAUSED");
    let lifted = lift().await.unwrap();
    assert_eq!((lifted.status.as_str(), lifted.quality.as_deref()), ("APPROVED", Some("GREEN")));
    assert_eq!(status(&engine, "spring_offer").await, "APPROVED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_reaches_whatsapp_and_stays_here() {
    let (world, engine) = world().await;
    let wanted =
        Template { body: s("Hello {{1}}, spring is back at Karoo Coffee."), ..conek_tests::spring_offer() };
    let edited = engine.templates().edit(wanted.clone(), examples()).await.unwrap();
    assert_eq!((edited.body, edited.status.as_str()), (wanted.body.clone(), "APPROVED"));
    let report = engine.templates().sync().await.unwrap();
    assert_eq!(report.changed, 0, "both say the same");
    let missing = engine.templates().edit(wanted.clone(), TemplateExamples::default()).await.unwrap_err();
    assert_eq!(missing.code(), "invalid_input");
    // Stored here alone, it is nothing that could be edited.
    engine.templates().put(autumn()).await.unwrap();
    assert_eq!(engine.templates().edit(autumn(), examples()).await.unwrap_err().code(), "not_found");
    let person = consenting(&engine, &phone(1)).await.unwrap();
    engine.messages().send(offer(&person)).await.unwrap();
    world.settle(&engine).await;
    let ledger: Vec<Value> = world.simulator.ledger().iter().map(|e| json!(e.content)).collect();
    assert_eq!(ledger.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_removed_is_kept_and_not_sent() {
    let (world, engine) = world().await;
    let person = consenting(&engine, &phone(1)).await.unwrap();
    engine.templates().put(autumn()).await.unwrap();
    engine.templates().submit(s("autumn_offer"), s("en"), examples()).await.unwrap();
    engine.templates().remove(s("autumn_offer"), Some(s("en"))).await.unwrap();
    assert_eq!(status(&engine, "autumn_offer").await, "DELETED");
    engine.templates().remove(s("spring_offer"), None).await.unwrap();
    assert_eq!(engine.messages().send(offer(&person)).await.unwrap_err().code(), "denied");
    let report = engine.templates().sync().await.unwrap();
    assert_eq!((report.seen, report.gone), (1, 0));
    let gone = engine.templates().remove(s("autumn_offer"), Some(s("en"))).await.unwrap_err();
    assert_eq!(gone.code(), "not_found");
    // Somebody removed it in WhatsApp Manager.
    engine.templates().put(autumn()).await.unwrap();
    assert_eq!(engine.templates().sync().await.unwrap().gone, 1);
    assert_eq!(status(&engine, "autumn_offer").await, "DELETED");
    assert!(world.simulator.ledger().is_empty());
}
