//! The ways out that people have beside their words, and the notices they consented under.

use std::{collections::BTreeMap, time::Duration};

use conek_core::{
    Engine, PersonId, Purpose,
    campaigns::{Audience, CampaignSpec, Variable},
    consent::{ConsentEntry, ConsentSource, ConsentStatus, Evidence, NewNotice, NoticePurpose},
    inbound::HttpRequest,
    messaging::{Template, TemplateCategory},
    policy::LegalBasis,
};
use conek_simulator::Say;
use conek_tests::{World, consenting, offer};

const THANDI: &str = "+27832885137";

async fn world() -> (World, Engine, PersonId) {
    let world = World::new(|_| {}).await;
    let mut config = world.config();
    config.public_url = Some("https://shop.example/conek/".into());
    let engine = Engine::open(config, world.ports()).await.unwrap();
    engine.templates().put(conek_tests::spring_offer()).await.unwrap();
    let person = consenting(&engine, THANDI).await.unwrap();
    (world, engine, person)
}

async fn http(
    engine: &Engine,
    method: &str,
    path: &str,
    body: &str,
) -> (i32, String, BTreeMap<String, String>) {
    let request = HttpRequest {
        method: method.into(),
        path: path.into(),
        headers: BTreeMap::new(),
        body: body.as_bytes().to_vec(),
    };
    let answer = engine.inbound().handle_http(request).await.unwrap();
    (answer.status, String::from_utf8(answer.body).unwrap(), answer.headers)
}

async fn path(engine: &Engine, person: &PersonId) -> String {
    let link = engine.consent().preference_link(person.clone()).await.unwrap();
    link.strip_prefix("https://shop.example").unwrap().to_owned()
}

async fn status(engine: &Engine, person: &PersonId) -> ConsentStatus {
    let all = engine.consent().status(person.clone()).await.unwrap();
    all.into_iter().find(|c| c.purpose == Purpose::Marketing).map_or(ConsentStatus::Unknown, |c| c.status)
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_asks_about_their_data_on_their_page_and_in_a_message_once() {
    use conek_core::{
        inbound::Happening,
        rights::{IdentityState, RequestChannel, RightKind},
    };
    let (world, engine, person) = world().await;
    *world.receiver.write().await = Some(engine.clone());
    let path = path(&engine, &person).await;
    for _ in 0..2 {
        let (code, page, _) = http(&engine, "POST", &path, "action=show").await;
        assert_eq!(code, 200);
        assert!(page.contains("role=\"status\"") && page.contains("name=\"marketing\" checked"), "{page}");
    }
    let phone = engine.contacts().get(person.clone()).await.unwrap().phone.unwrap();
    assert_eq!(status(&engine, &person).await, ConsentStatus::Given, "asking to see them withdraws nothing");
    let before = world.simulator.ledger().len();
    for words in ["What data do you have about me?", "Please delete my data.", "Please, delete my DATA!"] {
        world.simulator.say(&phone, Say::text(words)).unwrap();
        world.settle(&engine).await;
        // One person gets a message every six seconds.
        world.clock.advance(Duration::from_secs(10));
        world.settle(&engine).await;
    }
    let requests = engine.rights().requests(Some(person.clone()), None, 10).await.unwrap().requests;
    let asked: Vec<_> = requests.iter().map(|r| (r.rights[0].right, r.channel, r.identity)).collect();
    assert_eq!(
        asked,
        [
            (RightKind::Access, RequestChannel::PreferencePage, IdentityState::ByChannel),
            (RightKind::Erasure, RequestChannel::Whatsapp, IdentityState::ByChannel),
        ],
        "what is open is not opened again"
    );
    assert_eq!(requests[1].details.as_deref(), Some("Please delete my data."));
    assert!(engine.contacts().get(person.clone()).await.is_ok(), "a human erases");
    let told = world.simulator.ledger().len() - before;
    assert_eq!(told, 2, "by when there is an answer, and that the offers ended; each once");
    let events = engine.inbound().events(None, 1000).await.unwrap().events;
    let heard = events.iter().filter(|e| matches!(e.happening, Happening::RightAsked { .. }));
    assert_eq!(heard.count(), 2);
    assert_eq!(status(&engine, &person).await, ConsentStatus::Withdrawn, "no data, no offers");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_shows_on_get_and_acts_on_post_as_often_as_it_is_sent() {
    let (_world, engine, person) = world().await;
    let path = path(&engine, &person).await;
    for method in ["GET", "HEAD", "get"] {
        let (code, page, headers) = http(&engine, method, &path, "").await;
        assert_eq!(code, 200);
        assert!(page.contains("Karoo Coffee") && page.contains("name=\"marketing\" checked"), "{page}");
        assert!(!page.contains("832885137"), "nothing of the person stands on the page");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["referrer-policy"], "no-referrer");
    }
    assert_eq!(status(&engine, &person).await, ConsentStatus::Given, "looking changes nothing");
    for _ in 0..2 {
        let (code, page, _) = http(&engine, "POST", &path, "action=unsubscribe").await;
        assert_eq!(code, 200);
        assert!(!page.contains("name=\"marketing\" checked"), "{page}");
    }
    assert_eq!(status(&engine, &person).await, ConsentStatus::Withdrawn);
    assert!(engine.contacts().get(person.clone()).await.unwrap().suppressed);
    assert!(engine.messages().send(offer(&person)).await.is_err());
    let withdrawn = engine.consent().history(person.clone()).await.unwrap();
    let withdrawn: Vec<_> = withdrawn.into_iter().filter(|e| e.status == ConsentStatus::Withdrawn).collect();
    assert_eq!(withdrawn.len(), 1, "the second time says nothing new");
    assert_eq!(withdrawn[0].source, ConsentSource::PreferencePage);
    // The same page takes them back.
    http(&engine, "POST", &path, "action=save&marketing=on").await;
    assert_eq!(status(&engine, &person).await, ConsentStatus::Given);
    engine.messages().send(offer(&person)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_and_a_broken_form_end_everything() {
    for body in
        ["List-Unsubscribe=One-Click", "", "\u{0}%%%&&&=", "marketing=on", "action=other&marketing=on"]
    {
        let (_world, engine, person) = world().await;
        let path = path(&engine, &person).await;
        let (code, _, _) = http(&engine, "POST", &path, body).await;
        assert_eq!((code, status(&engine, &person).await), (200, ConsentStatus::Withdrawn), "{body:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_opens_the_page_of_somebody_else() {
    let (_world, engine, person) = world().await;
    let path = path(&engine, &person).await;
    let other = consenting(&engine, "+27832885138").await.unwrap();
    let (before, token) = path.rsplit_once('/').unwrap();
    let (_, tag) = token.split_once('.').unwrap();
    let mut guessed = path.clone();
    guessed.pop();
    for wrong in [
        format!("{before}/{other}.{tag}"),
        guessed,
        format!("{before}/x"),
        format!("{before}/."),
        format!("{path}0"),
    ] {
        let (code, page, _) = http(&engine, "POST", &wrong, "action=unsubscribe").await;
        assert_eq!(code, 404, "{wrong}");
        assert!(!page.contains("Karoo"));
    }
    for id in [&person, &other] {
        assert_eq!(status(&engine, id).await, ConsentStatus::Given);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_carries_each_persons_own_link_and_that_is_its_way_out() {
    let (world, engine, person) = world().await;
    let body = "Spring is here at Karoo Coffee. Your choice: {{1}} .";
    let template = Template::new("spring_link", "en", TemplateCategory::Marketing, body);
    engine.templates().put(template).await.unwrap();
    let spec = CampaignSpec {
        name: "Spring".into(),
        audience: Audience::People { ids: vec![person.clone()] },
        template: "spring_link".into(),
        language: "en".into(),
        variables: vec![Variable::PreferenceLink { name: String::new() }],
        purpose: Purpose::Marketing,
        goods: None,
        sender: None,
        not_before: None,
        expires_at: None,
    };
    let plan = engine.campaigns().preview(spec.clone()).await.unwrap();
    assert_eq!((plan.planned, plan.denied, plan.id.as_str()), (1, 0, ""), "{plan:?}");
    assert!(engine.campaigns().list().await.unwrap().is_empty(), "a preview stores nothing");
    drop(world);
}

async fn publish(engine: &Engine, change: impl FnOnce(&mut NewNotice)) -> conek_core::consent::Notice {
    let mut notice = NewNotice {
        language: "en".into(),
        title: "Your data".into(),
        text: "We keep your number.".into(),
        summary: "What changed.".into(),
        effective_from: None,
        contents: conek_core::doctest::notice_contents(),
        material: false,
    };
    change(&mut notice);
    engine.notices().publish(notice).await.unwrap()
}

async fn consents_under(engine: &Engine, person: &PersonId, notice: &conek_core::consent::Notice) {
    let entry = ConsentEntry {
        notice: Some(notice.id.clone()),
        evidence: Evidence { reference: Some("form 1".into()), ..Evidence::default() },
        ..ConsentEntry::new(person.clone(), Purpose::Marketing, ConsentStatus::Renewed, ConsentSource::Form)
    };
    engine.consent().record(entry).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_material_change_asks_again_and_a_small_one_does_not() {
    let (_world, engine, person) = world().await;
    let first = publish(&engine, |_| {}).await;
    consents_under(&engine, &person, &first).await;
    let small = publish(&engine, |n| n.contents.retention = Some("one year".into())).await;
    assert!(!small.material && small.changes.len() == 1, "{:?}", small.changes);
    engine.messages().send(offer(&person)).await.unwrap();
    assert!(engine.notices().needs_renewal(None).await.unwrap().people.is_empty());
    let material = publish(&engine, |n| n.contents.recipients.push("Partner Ltd".into())).await;
    assert!(material.material, "a new recipient is material whatever is said");
    let refused = engine.messages().send(offer(&person)).await.unwrap_err();
    assert!(
        matches!(&refused, conek_core::Error::Denied { reasons, .. } if reasons == &["NOTICE_CHANGED"]),
        "{refused:?}"
    );
    assert_eq!(engine.notices().needs_renewal(None).await.unwrap().people, std::slice::from_ref(&person));
    // To be shown the new one is not to agree.
    engine.notices().acknowledge(person.clone(), material.id.clone()).await.unwrap();
    assert!(engine.messages().send(offer(&person)).await.is_err());
    assert_eq!(engine.notices().acknowledged(person.clone()).await.unwrap()[0].notice, material.id);
    consents_under(&engine, &person, &material).await;
    engine.messages().send(offer(&person)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_under_a_notice_that_does_not_name_marketing_allows_none() {
    let (_world, engine, person) = world().await;
    let notice = publish(&engine, |n| {
        n.contents.purposes = vec![NoticePurpose {
            code: "service.support".into(),
            basis: LegalBasis::Contract,
            interest: None,
        }];
    })
    .await;
    consents_under(&engine, &person, &notice).await;
    let refused = engine.messages().send(offer(&person)).await.unwrap_err();
    assert!(
        matches!(&refused, conek_core::Error::Denied { reasons, .. }
            if reasons == &["PURPOSE_NOT_IN_CONSENTED_NOTICE"]),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_tells_the_whole_history_and_names_nobody() {
    let (_world, engine, person) = world().await;
    let notice = publish(&engine, |_| {}).await;
    consents_under(&engine, &person, &notice).await;
    engine.consent().withdraw(person.clone(), Purpose::Marketing, ConsentSource::Agent).await.unwrap();
    let receipt = engine.consent().receipt(person.clone(), Purpose::Marketing).await.unwrap();
    for told in ["dpv:ConsentGiven", "dpv:RenewedConsentGiven", "dpv:ConsentWithdrawn", "dpv:DirectMarketing"]
    {
        assert!(receipt.contains(told), "{told} in {receipt}");
    }
    let json: serde_json::Value = serde_json::from_str(&receipt).unwrap();
    assert_eq!(json["dpv:hasConsentStatus"], "dpv:ConsentWithdrawn");
    assert_eq!(json["conek:events"].as_array().unwrap().len(), 3);
    assert!(!receipt.contains("832885137") && !receipt.contains("Thandi"));
    let none = engine.consent().receipt(person, Purpose::Feedback).await.unwrap_err();
    assert_eq!(none.code(), "not_found");
}
