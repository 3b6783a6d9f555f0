//! A breach from the first suspicion until everybody knows; and the second person before many are written to.

use std::time::Duration;

use conek_core::{
    Clock,
    audit::{Actor, FieldMask, Scope},
    incidents::{
        AffectedQuery, BreachAssessment, BreachAudience, BreachChannel, BreachDetails, BreachDutyState,
        BreachItem, BreachPhase, BreachRisk, BreachState, BreachText, BreachUnknown, NewBreachNotice,
    },
    policy::Regime,
};
use conek_tests::{World, consenting};

fn clerk(id: &str, scopes: Vec<Scope>) -> Actor {
    Actor { id: id.into(), scopes, purpose: Some("orders".into()), masks: Vec::<FieldMask>::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breach_runs_from_awareness_to_the_last_letter() {
    let world = World::new(|_| {}).await;
    world.clock.set_speed(0.0);
    let engine = world.engine().await;
    let seen = consenting(&engine, "+27832885137").await.unwrap();
    consenting(&engine, "+27832885138").await.unwrap();
    let since = world.clock.now();
    let stolen = engine.session(clerk("clerk 7", vec![Scope::ContactsRead])).unwrap();
    stolen.contacts().get(seen.clone()).await.unwrap();
    world.clock.advance(Duration::from_secs(3600));

    // Whose data the stolen account had in hand, from the log.
    let by_clerk =
        AffectedQuery { actor: Some("clerk 7".into()), since: Some(since), ..AffectedQuery::default() };
    let page = engine.incidents().affected(by_clerk.clone(), None, 1000).await.unwrap();
    assert_eq!((page.people, page.on_many, page.by_country["ZA"]), (vec![seen.clone()], 0, 1));
    let none = AffectedQuery { countries: vec!["DE".into()], ..by_clerk.clone() };
    assert!(engine.incidents().affected(none, None, 1000).await.unwrap().people.is_empty());
    stolen.contacts().list(None, 100).await.unwrap();
    let page = engine.incidents().affected(by_clerk, None, 1000).await.unwrap();
    assert_eq!(page.on_many, 1, "a list of many does not say of whom");

    let aware_at = world.clock.now();
    let details =
        BreachDetails { aware_at: Some(aware_at), regimes: vec![Regime::Popia], ..BreachDetails::default() };
    let case = engine.incidents().open(details.clone()).await.unwrap();
    assert_eq!(case.state, BreachState::Open);
    let tasks = engine.incidents().due(None).await.unwrap();
    let promised = tasks[0].duties.iter().find(|d| d.to == BreachAudience::SubjectPromise).unwrap();
    assert_eq!(promised.due_at, Some(aware_at + chrono::TimeDelta::hours(72)));
    let warned = engine.incidents().due(promised.warn_at).await.unwrap();
    assert!(warned[0].duties.iter().any(|d| d.state == BreachDutyState::Warned));
    world.clock.advance(Duration::from_secs(3600));

    let known = BreachDetails {
        kinds: vec![conek_core::incidents::BreachKind::Access],
        confirmed: Some(true),
        began_at: Some(since),
        ended_at: Some(aware_at),
        categories: vec!["contact".into()],
        people: Some(1),
        texts: vec![BreachText {
            language: "en".into(),
            what_happened: Some("Somebody used a stolen password of one of our clerks.".into()),
            whose: Some("customers".into()),
            consequences: Some("You may get calls from people who pretend to be us.".into()),
            measures: Some("We closed the account and changed every password.".into()),
            advice: Some("Give nobody a code that we sent you.".into()),
            late_reasons: None,
        }],
        unknown: vec![BreachUnknown { item: BreachItem::RecordCount, why: "the log counts people".into() }],
        sender: Some("Karoo Coffee".into()),
        address: Some("1 Long Street, Cape Town".into()),
        contact: Some("the information officer, privacy at karoo.example".into()),
        authority: Some("the Information Regulator, inforegulator.org.za".into()),
        planned_channels: vec![BreachChannel::Email],
        zone: Some("Africa/Johannesburg".into()),
        ..details
    };
    let case = engine.incidents().revise(case.id, known).await.unwrap();
    let high = BreachAssessment {
        risk: BreachRisk::High,
        reason: "Names and numbers were seen.".into(),
        ..BreachAssessment::default()
    };
    let case = engine.incidents().assess(case.id, high).await.unwrap();
    let refused = engine.incidents().close(case.id.clone()).await.unwrap_err();
    assert_eq!(refused.code(), "conflict");
    let audiences = [BreachAudience::RegulatorZa, BreachAudience::SubjectZa, BreachAudience::SubjectPromise];
    for to in audiences {
        let letter = engine.incidents().letter(case.id.clone(), to, Some("en".into())).await.unwrap();
        assert!(letter.complete, "{to:?} {:?}", letter.missing);
        assert!(letter.body.contains("stolen password") && !letter.body.contains("2885137"));
    }
    let notice = |to, channel| NewBreachNotice {
        to,
        channel,
        phase: BreachPhase::Final,
        language: Some("en".into()),
        sent_at: world.clock.now(),
        proof: "reference 4711".into(),
    };
    for to in audiences {
        let sent = notice(to, BreachChannel::Whatsapp);
        engine.incidents().record_notice(case.id.clone(), sent).await.unwrap();
    }
    let refused = engine.incidents().close(case.id.clone()).await.unwrap_err();
    assert!(refused.to_string().contains("channel_not_accepted"), "WhatsApp alone tells nobody: {refused}");
    for (to, channel) in [
        (BreachAudience::RegulatorZa, BreachChannel::Portal),
        (BreachAudience::SubjectZa, BreachChannel::Email),
        (BreachAudience::SubjectPromise, BreachChannel::Email),
    ] {
        engine.incidents().record_notice(case.id.clone(), notice(to, channel)).await.unwrap();
    }
    let closed = engine.incidents().close(case.id.clone()).await.unwrap();
    assert_eq!(closed.state, BreachState::Closed);
    assert!(engine.incidents().due(None).await.unwrap().is_empty());
    assert_eq!(engine.incidents().cases(None, 10).await.unwrap().cases, [closed], "the register keeps it");
    let refused = stolen.incidents().cases(None, 10).await.unwrap_err();
    assert_eq!(refused.code(), "forbidden");
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_written_to_only_when_a_second_person_has_looked() {
    let world = World::new(|_| {}).await;
    let mut config = world.config();
    config.approval_above = Some(2);
    let engine = conek_core::Engine::open(config, world.ports()).await.unwrap();
    engine.templates().put(conek_tests::spring_offer()).await.unwrap();
    let planner = engine.session(clerk("planner", Scope::ALL.to_vec())).unwrap();
    let (few, people) = conek_tests::campaign(&planner, 0..2).await;
    planner.campaigns().start(few).await.unwrap();
    let (many, _) = conek_tests::campaign(&planner, 2..5).await;
    assert!(planner.campaigns().progress(many.clone()).await.unwrap().needs_approval);
    let refused = planner.campaigns().start(many.clone()).await.unwrap_err();
    assert_eq!(refused.code(), "conflict");
    assert_eq!(
        planner.campaigns().approve(many.clone()).await.unwrap_err().code(),
        "conflict",
        "not oneself"
    );
    let only_reads = engine.session(clerk("reader", vec![Scope::MessagesRead])).unwrap();
    assert_eq!(only_reads.campaigns().approve(many.clone()).await.unwrap_err().code(), "forbidden");
    let second = engine.session(clerk("second", vec![Scope::CampaignApprove])).unwrap();
    let approved = second.campaigns().approve(many.clone()).await.unwrap();
    assert_eq!((approved.approved_by.as_deref(), approved.needs_approval), (Some("second"), false));
    assert_eq!(planner.campaigns().start(many).await.unwrap().planned, 3);
    drop(people);
    engine.close().await.unwrap();
}
