//! What people can ask, what their time brings, and the proof of both.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use conek_core::{
    Clock, Config, Content, Draft, Engine, PersonId, Purpose, Recipient,
    audit::{Actor, AuditOutcome, AuditQuery, FieldMask, Scope},
    consent::{ConsentEntry, ConsentSource, ConsentStatus, Declaration, Evidence, Statement},
    messaging::MessageState,
    people::{NewContact, Provenance, ProvenanceContext},
    policy::{ObjectionScope, RecipientClass, SharingFacts},
    registers::NewDisclosure,
    retention::LegalHold,
    rights::{
        ErasureOptions, IdentityCheck, IdentityState, NewRequest, RefusalGround, RequestChannel,
        RequestState, RightKind,
    },
    storage::{Batch, Index, Query, Record, Write},
};
use conek_simulator::Say;
use conek_tests::{World, consenting, offer};

const THANDI: &str = "+27832885137";
const SIPHO: &str = "+27832885138";
const LERATO: &str = "+27832885139";

fn query(kind: &str, index: Index) -> Query {
    Query {
        account: "main".into(),
        kind: kind.into(),
        index,
        state: None,
        after: None,
        limit: 10_000,
        descending: false,
    }
}

pub async fn stored(world: &World, kind: &str, index: Index) -> Vec<Record> {
    let storage = world.storage().await;
    let records = storage.find(query(kind, index)).await.unwrap().records;
    storage.close().await.unwrap();
    records
}

pub async fn of_person(world: &World, person: &PersonId) -> Vec<Record> {
    stored(world, "", Index::Subject { person: person.as_str().to_owned() }).await
}

pub fn transactional(to: &PersonId, body: &str) -> Draft {
    Draft::new(
        Recipient::Person { id: to.clone() },
        Content::Text { body: body.into(), preview_url: false },
        Purpose::Transactional,
    )
}

pub async fn close(world: &World, engine: Engine) {
    *world.receiver.write().await = None;
    engine.close().await.unwrap();
    drop(engine);
}

/// A person of whom every kind of record exists that this engine keeps of people.
pub async fn with_everything(world: &World, engine: &Engine, phone: &str) -> PersonId {
    let person = consenting(engine, phone).await.unwrap();
    let by_bsuid = NewContact { bsuid: Some("ZA.13491208655302741918".into()), ..NewContact::default() };
    let other = engine.contacts().upsert(by_bsuid).await.unwrap().id;
    engine.contacts().merge(person.clone(), other).await.unwrap();
    engine.messages().send(offer(&person)).await.unwrap();
    world.settle(engine).await;
    world.simulator.say(phone, Say::text("Where is my order?")).unwrap();
    world.settle(engine).await;
    engine.messages().send(transactional(&person, "Your order 4711 is on its way.")).await.unwrap();
    world.clock.advance(Duration::from_secs(10));
    world.settle(engine).await;
    let declaration = Declaration {
        person: person.clone(),
        statement: Statement::Objects { scope: ObjectionScope::LegitimateInterests },
        source: ConsentSource::Agent,
        evidence: Evidence::default(),
        acted_at: None,
    };
    engine.consent().declare(declaration).await.unwrap();
    let disclosure = NewDisclosure {
        recipient: "Karoo Couriers".into(),
        facts: SharingFacts {
            recipient: RecipientClass::ServiceProvider,
            purpose: Some("service.operate".into()),
            contract: Some("contract 3".into()),
            ..SharingFacts::default()
        },
        categories: vec!["contact".into()],
        person: Some(person.clone()),
        at: None,
        count: None,
    };
    engine.registers().disclose(disclosure).await.unwrap();
    let request = NewRequest {
        person: Some(person.clone()),
        rights: vec![RightKind::Access],
        details: Some("What do you know of me?".into()),
        ..NewRequest::default()
    };
    engine.rights().open(request).await.unwrap();
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_leaves_nothing_but_what_names_nobody_and_what_a_law_wants() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = with_everything(&world, &engine, THANDI).await;
    close(&world, engine).await;
    let kinds: BTreeSet<String> = of_person(&world, &person).await.into_iter().map(|r| r.kind).collect();
    for kind in [
        "contact",
        "key",
        "consent",
        "message",
        "attempt",
        "delivery",
        "received",
        "event",
        "declaration",
        "disclosure",
        "request",
        "merged",
    ] {
        assert!(kinds.contains(kind), "the test fills no {kind}: {kinds:?}");
    }

    let engine = world.engine().await;
    let proof = engine.rights().erase(person.clone(), ErasureOptions::default()).await.unwrap();
    assert!(proof.done && proof.suppressed, "{proof:?}");
    assert_eq!(proof.recipients, ["Karoo Couriers"], "GDPR 19: who must be told");
    assert_eq!(
        proof.retained.iter().map(|r| (r.retention.as_str(), r.count)).collect::<Vec<_>>(),
        [("transaction", 1)]
    );
    assert_eq!(engine.contacts().get(person.clone()).await.unwrap_err().code(), "not_found");
    let retained = engine.rights().retained(None, 10).await.unwrap().items;
    assert_eq!((retained.len(), retained[0].phone.clone()), (1, None));
    let opened = engine.rights().open_retained(retained[0].id.clone(), "tax audit".into()).await.unwrap();
    assert_eq!(opened.phone.as_deref(), Some(THANDI));
    assert!(opened.content.unwrap().contains("order 4711"));
    // The request is accounted for without the person.
    let requests = engine.rights().requests(None, None, 10).await.unwrap().requests;
    assert_eq!((requests.len(), requests[0].person.clone(), requests[0].details.clone()), (1, None, None));
    // The log still verifies, and the number is still not written to.
    assert_eq!(engine.audit().verify(None).await.unwrap().problems, Vec::<String>::new());
    let again = NewContact { phone: Some(THANDI.into()), ..NewContact::default() };
    let back = engine.contacts().upsert(again).await.unwrap();
    assert!(back.suppressed, "the list outlives the person");
    close(&world, engine).await;

    assert!(of_person(&world, &person).await.is_empty());
    for file in std::fs::read_dir(world.dir.path()).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|e| e == "key") {
            continue;
        }
        let bytes = std::fs::read(&file).unwrap();
        for canary in ["832885137", "order 4711", "Where is my order", "What do you know", "Thandi"] {
            let found = bytes.windows(canary.len()).any(|w| w == canary.as_bytes());
            assert!(!found, "{canary} is in {}", file.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_copy_undoes_no_erasure_and_no_opt_out() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let thandi = consenting(&engine, THANDI).await.unwrap();
    let sipho = consenting(&engine, SIPHO).await.unwrap();
    let lerato = consenting(&engine, LERATO).await.unwrap();
    let copy = world.dir.path().join("copy.db").display().to_string();
    engine.backup(copy.clone()).await.unwrap();
    // After the copy: one is erased, one opts out in words, one objects to something else.
    engine.rights().erase(thandi.clone(), ErasureOptions::default()).await.unwrap();
    world.simulator.say(SIPHO, Say::text("STOP")).unwrap();
    world.settle(&engine).await;
    let declaration = Declaration {
        person: lerato.clone(),
        statement: Statement::Objects { scope: ObjectionScope::LegitimateInterests },
        source: ConsentSource::Agent,
        evidence: Evidence::default(),
        acted_at: None,
    };
    engine.consent().declare(declaration).await.unwrap();
    close(&world, engine).await;

    let open = async |key: String, config: &Config| {
        let config = Config { key_file: Some(key), ..config.clone() };
        Engine::open(config, world.ports()).await.unwrap()
    };
    let key = format!("{}.key", world.path().display());
    // Without the journal nothing is resumed: nobody could know whom it would bring back.
    let elsewhere = world.dir.path().join("elsewhere.key").display().to_string();
    std::fs::copy(&key, &elsewhere).unwrap();
    let second = world.dir.path().join("second.db").display().to_string();
    std::fs::copy(&copy, &second).unwrap();
    let second = world.copied(&second).await;
    let blind = open(elsewhere.clone(), &second).await;
    let refused = blind.resume().await.unwrap_err();
    assert_eq!(refused.code(), "conflict");
    assert!(refused.to_string().contains("journal"), "{refused}");
    // A no of today begins a new journal, and makes up for nothing.
    blind.consent().withdraw(lerato.clone(), Purpose::Marketing, ConsentSource::Agent).await.unwrap();
    blind.close().await.unwrap();
    let blind = open(elsewhere.clone(), &second).await;
    assert_eq!(blind.resume().await.unwrap_err().code(), "conflict");
    blind.close().await.unwrap();
    let lost = format!("{}.journal", world.path().display());
    std::fs::copy(lost, elsewhere.replace(".key", ".journal")).unwrap();
    let put_back = open(elsewhere, &second).await;
    assert!(put_back.contacts().get(sipho.clone()).await.unwrap().suppressed);
    assert_eq!(put_back.contacts().get(thandi.clone()).await.unwrap_err().code(), "not_found");
    put_back.resume().await.unwrap();
    put_back.close().await.unwrap();

    let restored = open(key, &world.copied(&copy).await).await;
    assert_eq!(restored.contacts().get(thandi).await.unwrap_err().code(), "not_found", "erased again");
    assert!(restored.contacts().get(sipho.clone()).await.unwrap().suppressed);
    let stands = restored.consent().status(sipho.clone()).await.unwrap();
    assert_eq!(stands[0].status, ConsentStatus::Withdrawn);
    let objections = restored.contacts().get(lerato).await.unwrap().objections;
    assert_eq!(objections, [ObjectionScope::LegitimateInterests]);
    restored.resume().await.unwrap();
    restored.templates().put(conek_tests::spring_offer()).await.unwrap();
    assert_eq!(restored.messages().send(offer(&sipho)).await.unwrap_err().code(), "denied");
    restored.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_who_did_what_and_finds_every_change() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let clerk = engine
        .session(Actor {
            id: "clerk 7".into(),
            scopes: vec![Scope::ContactsRead],
            purpose: Some("orders by phone".into()),
            masks: vec![FieldMask::Phone, FieldMask::Name],
        })
        .unwrap();
    let person = consenting(&engine, THANDI).await.unwrap();
    let seen = clerk.contacts().get(person.clone()).await.unwrap();
    assert_eq!((seen.phone.as_deref(), seen.name), (Some("••••••••5137"), None));
    let refused = clerk.rights().erase(person.clone(), ErasureOptions::default()).await.unwrap_err();
    assert_eq!(refused.code(), "forbidden");
    let more = Actor { id: "x".into(), scopes: vec![Scope::KeysRotate], purpose: None, masks: Vec::new() };
    assert_eq!(clerk.session(more).unwrap_err().code(), "forbidden", "nobody gives what they do not have");
    for i in 0..50 {
        engine.contacts().get(person.clone()).await.unwrap();
        if i == 20 {
            engine.audit().head().await.unwrap();
        }
    }
    let all = AuditQuery { person: Some(person.clone()), ..AuditQuery::default() };
    let entries = engine.audit().entries(all, 1000).await.unwrap().entries;
    assert_eq!(entries.iter().filter(|e| e.operation == "contacts.get").count(), 51);
    let by_clerk: Vec<_> = entries.iter().filter(|e| e.actor == "clerk 7").collect();
    assert_eq!(by_clerk.len(), 2);
    assert_eq!(by_clerk[0].purpose.as_deref(), Some("orders by phone"));
    assert_eq!(by_clerk[1].outcome, AuditOutcome::Refused);
    let head = engine.audit().head().await.unwrap().unwrap();
    close(&world, engine).await;

    // What somebody with the file alone could do.
    let entries = stored(&world, "audit", Index::Id {}).await;
    let checkpoints = stored(&world, "audit_checkpoint", Index::Id {}).await;
    assert!(entries.len() > 50 && checkpoints.len() >= 2, "{} {}", entries.len(), checkpoints.len());
    let middle = entries[entries.len() / 2].clone();
    let mut swapped = [entries[5].clone(), entries[6].clone()];
    let sealed = std::mem::take(&mut swapped[0].sealed);
    let other = std::mem::replace(&mut swapped[1].sealed, sealed);
    swapped[0].sealed = other;
    let changed =
        Record { sealed: [&middle.sealed[..middle.sealed.len() - 1], &[0]].concat(), ..middle.clone() };
    let last = checkpoints.last().unwrap();
    let cut: Vec<Write> = entries
        .iter()
        .filter(|e| e.id > checkpoints[checkpoints.len() - 2].id)
        .chain([last])
        .map(|r| Write::Delete { key: r.key(), version: r.version })
        .collect();
    let tampered: Vec<(&str, Vec<Write>)> = vec![
        ("an entry removed", vec![Write::Delete { key: middle.key(), version: middle.version }]),
        ("an entry changed", vec![Write::Put { record: changed }]),
        ("two entries swapped", swapped.into_iter().map(|record| Write::Put { record }).collect()),
        (
            "a checkpoint removed",
            vec![Write::Delete { key: checkpoints[0].key(), version: checkpoints[0].version }],
        ),
        ("the end cut off", cut),
    ];
    if world.has_no_file() {
        return;
    }
    let original = std::fs::read(world.path()).unwrap();
    for (what, writes) in tampered {
        std::fs::write(world.path(), &original).unwrap();
        let storage = world.storage().await;
        storage.commit(vec![Batch { writes }]).await.unwrap();
        storage.close().await.unwrap();
        let engine = Engine::open(world.config(), world.ports()).await.unwrap();
        let report = engine.audit().verify(Some(head.clone())).await.unwrap();
        assert!(!report.problems.is_empty(), "{what} was not found");
        engine.close().await.unwrap();
    }
    std::fs::write(world.path(), &original).unwrap();
    let engine = Engine::open(world.config(), world.ports()).await.unwrap();
    assert_eq!(engine.audit().verify(Some(head)).await.unwrap().problems, Vec::<String>::new());
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_rotate_while_work_goes_on_and_the_old_key_file_opens_nothing_more() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let mut csv = String::from("phone,name\n");
    for i in 0..1_500 {
        csv.push_str(&format!("+2783{:07},Person {i}\n", 2_000_000 + i));
    }
    engine.contacts().import_csv(csv.into(), Default::default()).await.unwrap();
    let person = consenting(&engine, THANDI).await.unwrap();
    let key = format!("{}.key", world.path().display());
    let old = std::fs::read(&key).unwrap();
    // The engine goes away in the middle; the next one goes on.
    let keys = engine.keys();
    let rotating = tokio::spawn(async move { keys.rotate().await });
    while engine.keys().rotation().await.unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    close(&world, engine).await;
    let _ = rotating.await.unwrap();

    let engine = world.engine().await;
    let sent = engine.messages().send(offer(&person)).await.unwrap();
    let mut report = engine.keys().rotation().await.unwrap().unwrap();
    for _ in 0..500 {
        if report.ended_at.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        report = engine.keys().rotation().await.unwrap().unwrap();
    }
    assert!(report.ended_at.is_some() && report.left == 0 && report.new == 2, "{report:?}");
    world.settle(&engine).await;
    assert_eq!(engine.messages().get(sent.id).await.unwrap().state, MessageState::Accepted);
    let again = engine.keys().rotate().await.unwrap();
    assert_eq!((again.old, again.new, again.left), (2, 3, 0));
    assert!(again.rewrapped >= 1_501, "{again:?}");
    close(&world, engine).await;

    let engine = world.engine().await;
    assert_eq!(engine.contacts().get(person).await.unwrap().phone.as_deref(), Some(THANDI));
    close(&world, engine).await;
    let new = std::fs::read(&key).unwrap();
    assert_eq!(new.len(), old.len(), "one key is left in the file");
    std::fs::write(&key, &old).unwrap();
    assert_eq!(Engine::open(world.config(), world.ports()).await.unwrap_err().code(), "key");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_copied_before_the_keys_were_replaced_opens_only_with_the_key_file_of_its_time() {
    let world = World::new(|_| {}).await;
    let mut config = world.config();
    config.rotate_keys_after_days = Some(30);
    let open = || async { Engine::open(config.clone(), world.ports()).await.unwrap() };
    let engine = open().await;
    engine.templates().put(conek_tests::spring_offer()).await.unwrap();
    let erased = consenting(&engine, THANDI).await.unwrap();
    // The wrapping key that is in use once the daily look at it has been.
    let rotated = async |new: i32| {
        for _ in 0..2_000 {
            let report = engine.keys().rotation().await.unwrap();
            if report.as_ref().is_some_and(|r| r.new >= new && r.ended_at.is_some()) {
                return report.unwrap().new;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the keys were not replaced: {:?}", engine.keys().rotation().await);
    };
    assert_eq!(rotated(2).await, 2, "nobody knows how old the first key is");
    let copy = world.path().with_extension("copy").display().to_string();
    engine.backup(copy.clone()).await.unwrap();
    let key = format!("{}.key", world.path().display());
    let then = std::fs::read(&key).unwrap();
    engine.rights().erase(erased.clone(), Default::default()).await.unwrap();
    world.clock.advance_to(world.clock.now() + TimeDelta::days(31));
    assert_eq!(rotated(3).await, 3);
    close(&world, engine).await;

    let mut restored = world.copied(&copy).await;
    restored.key_file = Some(key.clone());
    let today = Engine::open(restored.clone(), world.ports()).await.unwrap_err();
    assert_eq!(today.code(), "key", "{today}");
    std::fs::write(&key, &then).unwrap();
    let engine = Engine::open(restored, world.ports()).await.unwrap();
    assert_eq!(
        engine.contacts().get(erased).await.unwrap_err().code(),
        "not_found",
        "the journal erased again"
    );
    close(&world, engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_runs_on_its_clock_from_receipt_to_answer() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    let rights = engine.rights();
    let request = rights
        .open(NewRequest {
            person: Some(person.clone()),
            rights: vec![RightKind::Rectification, RightKind::Withdrawal],
            corrections: [("name".to_owned(), "Thandiwe".to_owned())].into(),
            ..NewRequest::default()
        })
        .await
        .unwrap();
    assert_eq!(request.identity, IdentityState::Pending);
    assert!(request.rights[1].at_once, "a withdrawal waits for nobody");
    let contact = engine.contacts().get(person.clone()).await.unwrap();
    assert!(
        contact.restricted && contact.suppressed,
        "GDPR 18(1)(a): not used while accuracy is in question"
    );
    let draft = transactional(&person, "hello");
    assert_eq!(engine.messages().send(draft).await.unwrap_err().code(), "denied");
    let id = request.id.clone();
    let early = rights.fulfil(id.clone(), RightKind::Rectification, None).await.unwrap_err();
    assert_eq!(early.code(), "conflict", "it is not known who asks");
    let check = IdentityCheck { method: "code to the number".into(), passed: true, evidence: None };
    rights.check_identity(id.clone(), check).await.unwrap();
    // 24 November: half, four fifths, all of 30 days.
    for (day, alarm, overdue) in [(14, 0, false), (16, 50, false), (25, 80, false), (31, 100, true)] {
        let due = rights.due(Some(world.clock.now() + TimeDelta::days(day))).await.unwrap();
        assert_eq!(
            (due.items.len(), due.items[0].alarm, due.items[0].overdue),
            (1, alarm, overdue),
            "day {day}"
        );
    }
    let done = rights.fulfil(id.clone(), RightKind::Rectification, None).await.unwrap();
    assert_eq!(done.state, RequestState::Fulfilled);
    let contact = engine.contacts().get(person.clone()).await.unwrap();
    assert_eq!((contact.name.as_deref(), contact.restricted), (Some("Thandiwe"), false));
    assert!(rights.due(None).await.unwrap().items.is_empty());
    assert_eq!(rights.extend(id, "late".into()).await.unwrap_err().code(), "conflict", "it has ended");

    // Nothing stands against an objection to marketing; other grounds need theirs.
    let objection = |scope| NewRequest {
        person: Some(person.clone()),
        rights: vec![RightKind::Objection],
        channel: RequestChannel::Whatsapp,
        objects_to: scope,
        ..NewRequest::default()
    };
    let marketing = rights.open(objection(None)).await.unwrap();
    assert_eq!(marketing.state, RequestState::Fulfilled);
    let other = rights.open(objection(Some(ObjectionScope::LegitimateInterests))).await.unwrap();
    assert_eq!(other.state, RequestState::Accepted);
    let refuse = |ground| rights.refuse(other.id.clone(), RightKind::Objection, ground, "why".into());
    assert_eq!(refuse(RefusalGround::Accurate).await.unwrap_err().code(), "invalid_input");
    let no_grounds = refuse(RefusalGround::CompellingGrounds).await.unwrap_err();
    assert!(no_grounds.to_string().contains("POPIA"), "{no_grounds}");
    assert!(engine.contacts().get(person.clone()).await.unwrap().restricted, "pending: GDPR 18(1)(d)");
    refuse(RefusalGround::LegalClaims).await.unwrap();
    assert!(!engine.contacts().get(person).await.unwrap().restricted);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daily_sweep_comes_also_where_no_process_lives_a_day() {
    let world = World::new(|_| {}).await;
    world.clock.set_speed(0.0);
    let engine = world.engine().await;
    let new = NewContact { phone: Some(THANDI.into()), ..NewContact::default() };
    let person = engine.contacts().upsert(new).await.unwrap().id;
    for hours in [365 * 2 * 24, 20, 20] {
        close(&world, engine.clone()).await;
        world.clock.advance(Duration::from_secs(hours * 3600));
        let engine = Engine::open(world.config(), world.ports()).await.unwrap();
        engine.resume().await.unwrap();
        engine.close().await.unwrap();
    }
    let engine = Engine::open(world.config(), world.ports()).await.unwrap();
    for _ in 0..100 {
        if engine.contacts().get(person.clone()).await.is_err() {
            break;
        }
        world.clock.advance(Duration::from_secs(600));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(engine.contacts().get(person).await.unwrap_err().code(), "not_found");
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_see_a_field_does_not_see_it_anywhere() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = with_everything(&world, &engine, THANDI).await;
    let masked = |masks: Vec<FieldMask>| Actor {
        id: "clerk 7".into(),
        scopes: Scope::ALL.to_vec(),
        purpose: Some("orders by phone".into()),
        masks,
    };
    let clerk = engine.session(masked(vec![FieldMask::Content, FieldMask::Phone])).unwrap();
    let messages = clerk.messages().of_person(person.clone(), 100).await.unwrap();
    assert!(!messages.is_empty());
    assert!(messages.iter().all(|m| m.content.is_none() && m.wamid.is_none()));
    let waited = clerk.messages().wait(messages[0].id.clone(), 10).await.unwrap();
    assert_eq!((waited.content, waited.wamid), (None, None));
    let request = engine.rights().requests(Some(person.clone()), None, 10).await.unwrap().requests.remove(0);
    let refusals = [
        clerk.inbound().events(None, 10).await.map(drop),
        clerk.inbound().next_events(None, 10, 10).await.map(drop),
        clerk.consent().history(person.clone()).await.map(drop),
        clerk.consent().declarations(person.clone()).await.map(drop),
        clerk.rights().requests(None, None, 10).await.map(drop),
        clerk.rights().get(request.id).await.map(drop),
        clerk.rights().statements(person.clone()).await.map(drop),
        clerk.rights().open_retained("any".into(), "tax audit".into()).await.map(drop),
    ];
    for (n, refusal) in refusals.into_iter().enumerate() {
        assert_eq!(refusal.unwrap_err().code(), "forbidden", "the {n}. way");
    }
    let refused = AuditQuery { refused_only: true, ..AuditQuery::default() };
    assert_eq!(
        engine.audit().entries(refused, 100).await.unwrap().entries.len(),
        8,
        "each refusal is logged"
    );
    close(&world, engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_ends_what_is_kept_and_a_hold_keeps_it() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let plain = |phone: &str| NewContact {
        phone: Some(phone.into()),
        name: Some("Somebody".into()),
        ..NewContact::default()
    };
    let quiet = engine.contacts().upsert(plain(THANDI)).await.unwrap().id;
    let held = engine.contacts().upsert(plain(SIPHO)).await.unwrap().id;
    let active = engine.contacts().upsert(plain(LERATO)).await.unwrap().id;
    let from_a_form = NewContact {
        provenance: Some(Provenance {
            source: "competition".into(),
            context: ProvenanceContext::Form,
            obtained_at: None,
            objection_offered: true,
            goods: Vec::new(),
            evidence: None,
        }),
        ..plain("+27832885140")
    };
    engine.contacts().upsert(from_a_form).await.unwrap();
    let proven = consenting(&engine, "+27832885140").await.unwrap();
    // Where nobody says that it was for marketing alone, a withdrawal ends marketing and nothing else.
    let customer = consenting(&engine, "+27832885141").await.unwrap();
    for person in [&proven, &customer] {
        let name = NewContact { name: Some("Somebody".into()), ..NewContact::default() };
        let phone = engine.contacts().get(person.clone()).await.unwrap().phone;
        engine.contacts().upsert(NewContact { phone, ..name }).await.unwrap();
    }
    let withdrawn = ConsentEntry::new(
        customer.clone(),
        Purpose::Marketing,
        ConsentStatus::Withdrawn,
        ConsentSource::Agent,
    );
    engine.consent().record(withdrawn).await.unwrap();
    let entry =
        ConsentEntry::new(proven.clone(), Purpose::Marketing, ConsentStatus::Withdrawn, ConsentSource::Agent);
    let hold =
        LegalHold { reference: "case 12/2026".into(), person: Some(held.clone()), until: None, since: None };
    engine.retention().hold(hold).await.unwrap();
    assert!(engine.retention().preview().await.unwrap().items.is_empty());
    let days = |n: u64| world.clock.advance(Duration::from_secs(n * 86_400));
    world.clock.set_speed(0.0);
    // The engine's own daily sweep must not come before this test's.
    engine.retention().record_activity(active.clone(), None).await.unwrap();
    engine.consent().record(entry).await.unwrap();
    let report = engine.retention().sweep(None).await.unwrap();
    assert!(report.complete && report.people == 0, "{report:?}");
    let contact = engine.contacts().get(proven.clone()).await.unwrap();
    assert_eq!((contact.name, contact.suppressed), (None, true), "only the proof of the no is kept");
    let contact = engine.contacts().get(customer).await.unwrap();
    assert_eq!((contact.name.as_deref(), contact.suppressed), (Some("Somebody"), true));

    days(400);
    engine.retention().record_activity(active.clone(), None).await.unwrap();
    days(335);
    for _ in 0..20 {
        if engine.contacts().get(quiet.clone()).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        days(1);
    }
    assert_eq!(engine.contacts().get(quiet).await.unwrap_err().code(), "not_found", "the daily sweep");
    assert!(engine.contacts().get(active).await.is_ok(), "active a year ago");
    assert!(engine.contacts().get(held.clone()).await.is_ok(), "a hold keeps");
    assert!(engine.contacts().get(proven.clone()).await.is_ok(), "the proof is kept three years");
    let asked = engine.rights().erase(held.clone(), ErasureOptions::default()).await.unwrap();
    assert!(!asked.done && engine.contacts().get(held.clone()).await.unwrap().restricted);
    engine.retention().lift_hold("case 12/2026".into()).await.unwrap();
    engine.retention().sweep(None).await.unwrap();
    assert_eq!(engine.contacts().get(held).await.unwrap_err().code(), "not_found");
    days(365);
    engine.retention().sweep(None).await.unwrap();
    assert_eq!(engine.contacts().get(proven).await.unwrap_err().code(), "not_found");
    assert_eq!(engine.audit().verify(None).await.unwrap().problems, Vec::<String>::new());
}
