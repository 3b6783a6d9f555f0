//! What no queue outlives: a withdrawal, the hours of the law, a number's rate.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use conek_core::{
    Clock, Engine, Ports, Purpose, Result, Transport,
    consent::ConsentSource,
    messaging::MessageState,
    policy::SendPermit,
    transport::{
        Address, Outgoing, Parsed, SendOutcome, Upload, WebhookRequest, WhatsApp, whatsapp::Settings,
    },
};
use conek_simulator::{Fault, FaultRule};
use conek_tests::{APP_SECRET, NUMBER, VERIFY_TOKEN, World, campaign, consenting, offer, phone};

/// WhatsApp, and a note of every send that begins.
#[derive(Debug)]
struct Noted {
    inner: WhatsApp,
    begun: Mutex<Vec<String>>,
    sends: AtomicUsize,
}

impl Noted {
    fn new(world: &World) -> Arc<Self> {
        let mut settings =
            Settings::new(world.simulator.token().into(), vec![APP_SECRET.into()], VERIFY_TOKEN.into());
        settings.base_url = world.simulator.base_url().into();
        settings.phone_number_ids = vec![NUMBER.into()];
        let inner = WhatsApp::new(settings, world.clock.clone()).unwrap();
        Arc::new(Self { inner, begun: Mutex::default(), sends: AtomicUsize::new(0) })
    }
    fn begun(&self, phone: &str) -> usize {
        self.begun.lock().unwrap().iter().filter(|to| *to == phone).count()
    }
}

#[async_trait]
impl Transport for Noted {
    async fn send(&self, permit: SendPermit, message: Outgoing) -> SendOutcome {
        if let Address::Phone { number } = &message.to {
            self.begun.lock().unwrap().push(number.clone());
        }
        self.sends.fetch_add(1, Ordering::AcqRel);
        self.inner.send(permit, message).await
    }
    async fn upload(&self, upload: Upload) -> Result<String> {
        self.inner.upload(upload).await
    }
    async fn mark_read(&self, sender: String, wamid: String) -> Result<()> {
        self.inner.mark_read(sender, wamid).await
    }
    async fn verify(&self, request: WebhookRequest) -> Result<()> {
        self.inner.verify(request).await
    }
    async fn parse(&self, body: Vec<u8>) -> Parsed {
        self.inner.parse(body).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_withdraw_has_returned_no_send_to_that_person_begins_whatever_was_queued() {
    let world = World::new(|_| {}).await;
    let transport = Noted::new(&world);
    let ports = Ports { transport: Some(transport.clone()), ..world.ports() };
    // Slow answers and few requests at once: intents are stored whose request waits for its turn.
    world.simulator.set_faults(vec![FaultRule::new(Fault::HangAfter { for_ms: Some(4_000) })]);
    let mut config = world.config();
    config.concurrency = Some(4);
    let engine = Engine::open(config, ports).await.unwrap();
    engine.templates().put(conek_tests::spring_offer()).await.unwrap();
    *world.receiver.write().await = Some(engine.clone());
    let mut people = Vec::new();
    for n in 0..150 {
        people.push(consenting(&engine, &phone(n)).await.unwrap());
    }
    // Each person has many waiting: the pair limit lets one go every six seconds.
    let drafts: Vec<_> = (0..3_000).map(|i| offer(&people[i % people.len()])).collect();
    for some in drafts.chunks(1_000) {
        let sent = engine.messages().send_many(some.to_vec()).await.unwrap();
        assert!(sent.iter().all(|s| s.sent.is_some()));
    }
    while transport.sends.load(Ordering::Acquire) < 40 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut withdrawn = Vec::new();
    for (n, person) in people.iter().enumerate().step_by(3) {
        engine.consent().withdraw(person.clone(), Purpose::Marketing, ConsentSource::Agent).await.unwrap();
        let at = world.clock.now();
        // A send that had begun may be on its way from the engine's thread to the transport.
        tokio::time::sleep(Duration::from_millis(50)).await;
        withdrawn.push((n, transport.begun(&phone(n)), at));
    }
    // A minute more: whoever did not withdraw gets further offers.
    let before = world.simulator.ledger().len();
    let until = world.clock.now() + TimeDelta::seconds(60);
    world.clock.sleep_until(until).await;
    assert!(world.simulator.ledger().len() > before + 10, "nothing goes on");
    for (n, begun, at) in withdrawn {
        assert_eq!(
            transport.begun(&phone(n)),
            begun,
            "a send to person {n} began after withdraw had returned"
        );
        let to = phone(n);
        let mine: Vec<_> =
            world.simulator.ledger().into_iter().filter(|e| e.to == to.trim_start_matches('+')).collect();
        assert!(mine.len() <= begun, "more than had begun");
        // What had begun before may be accepted a moment later, while its answer was still awaited.
        assert!(mine.iter().all(|e| e.accepted_at < at + TimeDelta::seconds(30)), "person {n}");
        let waiting = engine.messages().of_person(people[n].clone(), 100).await.unwrap();
        assert!(
            waiting.iter().any(|m| m.state == MessageState::Suppressed || m.state == MessageState::Queued)
        );
    }
}

/// Sends a campaign to people in South Africa from a moment on, two messages a second; says when
/// each offer was accepted.
async fn accepted_from(start: &str, opens: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let world = World::at(start, |_| {}).await;
    world.clock.set_speed(0.0);
    let mut config = world.config();
    // Slow enough that the closing hour comes in the middle.
    config.numbers[0].per_second = Some(2);
    let engine = Engine::open(config, world.ports()).await.unwrap();
    engine.templates().put(conek_tests::spring_offer()).await.unwrap();
    *world.receiver.write().await = Some(engine.clone());
    let (id, _) = campaign(&engine, 0..40).await;
    engine.campaigns().start(id.clone()).await.unwrap();
    for _ in 0..60 {
        quiet(&engine).await;
        world.clock.advance(Duration::from_millis(500));
    }
    while world.clock.now() < opens - TimeDelta::seconds(2) {
        quiet(&engine).await;
        world.clock.advance_to((world.clock.now() + TimeDelta::hours(1)).min(opens - TimeDelta::seconds(2)));
    }
    for _ in 0..400 {
        quiet(&engine).await;
        world.clock.advance(Duration::from_millis(500));
        if world.simulator.ledger().len() == 40 {
            break;
        }
    }
    quiet(&engine).await;
    let p = engine.campaigns().progress(id).await.unwrap();
    assert_eq!((p.planned, p.sent), (40, 40), "all of them in the end: {p:?}");
    world.simulator.ledger().iter().map(|e| e.accepted_at).collect()
}

/// Waits, on a clock that stands still, until nothing is on its way.
async fn quiet(engine: &Engine) {
    let mut calm = 0;
    while calm < 3 {
        calm = if engine.status().await.unwrap().in_flight == 0 { calm + 1 } else { 0 };
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn local(at: &DateTime<Utc>) -> String {
    (*at + TimeDelta::hours(2)).format("%a %Y-%m-%d %H:%M:%S").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_offer_leaves_outside_the_hours_that_the_law_allows() {
    // Start, the last moment that is allowed, the first one again, and whether some leave before.
    let cases = [
        ("2026-11-24T19:59:50+02:00", "2026-11-24T20:00:00+02:00", "2026-11-25T08:00:00+02:00", true),
        ("2026-11-28T12:59:50+02:00", "2026-11-28T13:00:00+02:00", "2026-11-30T08:00:00+02:00", true),
        ("2026-12-15T19:59:50+02:00", "2026-12-15T20:00:00+02:00", "2026-12-17T08:00:00+02:00", true),
        ("2026-11-29T10:00:00+02:00", "2026-11-29T10:00:00+02:00", "2026-11-30T08:00:00+02:00", false),
    ];
    let time = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    for (start, closes, opens, some_before) in cases {
        let (closes, opens) = (time(closes), time(opens));
        let accepted = accepted_from(start, opens).await;
        for at in &accepted {
            // The clock may take its next step while a request is on its way.
            let on_its_way = TimeDelta::milliseconds(500);
            assert!(*at < closes + on_its_way || *at >= opens, "started {start}, sent {}", local(at));
        }
        assert_eq!(accepted.iter().any(|at| *at < closes), some_before, "{start}");
        assert!(accepted.iter().any(|at| *at >= opens), "{start}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_still_waits_for_its_turn_when_the_hours_end_waits_until_they_begin() {
    let world = World::at("2026-11-24T19:59:50+02:00", |_| {}).await;
    world.clock.set_speed(0.0);
    world.simulator.set_faults(vec![FaultRule::new(Fault::HangAfter { for_ms: Some(30_000) })]);
    let mut config = world.config();
    config.concurrency = Some(1);
    let engine = Engine::open(config, world.ports()).await.unwrap();
    engine.templates().put(conek_tests::spring_offer()).await.unwrap();
    *world.receiver.write().await = Some(engine.clone());
    let (id, _) = campaign(&engine, 0..3).await;
    engine.campaigns().start(id.clone()).await.unwrap();
    // One request is on its way, and the intent of the next is stored: it was allowed.
    while world.simulator.ledger().is_empty() || engine.status().await.unwrap().in_flight < 2 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    world.simulator.set_faults(Vec::new());
    world.clock.advance(Duration::from_secs(30));
    for _ in 0..10 {
        quiet(&engine).await;
        world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(
        world.simulator.ledger().len(),
        1,
        "sent at {}",
        local(&world.simulator.ledger()[0].accepted_at)
    );
    let opens = DateTime::parse_from_rfc3339("2026-11-25T08:00:00+02:00").unwrap().to_utc();
    world.clock.advance_to(opens);
    world.clock.set_speed(20.0);
    world.settle(&engine).await;
    let p = engine.campaigns().progress(id).await.unwrap();
    assert_eq!((p.planned, p.sent), (3, 3), "{p:?}");
    assert!(world.simulator.ledger()[1..].iter().all(|e| e.accepted_at >= opens));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_never_sends_faster_than_its_rate() {
    let world = World::new(|_| {}).await;
    let mut config = world.config();
    config.numbers[0].per_second = Some(20);
    let engine = Engine::open(config, world.ports()).await.unwrap();
    engine.templates().put(conek_tests::spring_offer()).await.unwrap();
    *world.receiver.write().await = Some(engine.clone());
    let (id, _) = campaign(&engine, 0..120).await;
    world.clock.set_speed(0.0);
    engine.campaigns().start(id.clone()).await.unwrap();
    let mut steps = 0;
    while world.simulator.ledger().len() < 120 && steps < 2_000 {
        let before = world.simulator.ledger().len();
        world.clock.advance(Duration::from_millis(50));
        steps += 1;
        // One message is due with each step; a busy machine may take its time over it, and the clock waits.
        for _ in 0..25 {
            quiet(&engine).await;
            if world.simulator.ledger().len() > before {
                break;
            }
        }
    }
    let times: Vec<_> = world.simulator.ledger().iter().map(|e| e.accepted_at).collect();
    assert_eq!(times.len(), 120);
    for from in &times {
        // A tenth of a second may come ahead of the schedule; a step of the clock may pass on the way.
        let within =
            times.iter().filter(|t| *t >= from && **t < *from + TimeDelta::milliseconds(950)).count();
        assert!(within <= 20 + 2 + 1, "{within} within a second");
    }
    assert!(times[119] - times[0] < TimeDelta::seconds(9), "the rate is used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_speed_slows_the_number_down_and_loses_nobody() {
    let world = World::new(|o| o.numbers[0].mps = 20).await;
    world
        .simulator
        .set_faults(vec![FaultRule::new(Fault::Refuse { code: 130_429, http: None }).every(7).times(6)]);
    let mut config = world.config();
    config.numbers[0].per_second = Some(20);
    let engine = Engine::open(config, world.ports()).await.unwrap();
    engine.templates().put(conek_tests::spring_offer()).await.unwrap();
    *world.receiver.write().await = Some(engine.clone());
    let (id, people) = campaign(&engine, 0..60).await;
    engine.campaigns().start(id.clone()).await.unwrap();
    for _ in 0..600 {
        if engine.campaigns().progress(id.clone()).await.unwrap().sent == 60 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(engine.campaigns().progress(id).await.unwrap().sent, 60);
    assert_eq!(world.simulator.ledger().len(), people.len());
}
