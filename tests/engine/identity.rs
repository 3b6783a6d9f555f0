//! A person is more than a number: whoever changes number or id stays who they are, and nobody becomes anybody else.

use conek_core::{
    Clock, Engine, PersonId, Purpose, Recipient,
    consent::{ConsentSource, ConsentStatus},
    inbound::Happening,
    people::{Contact, NewContact},
    transport::IdentityEvent,
};
use conek_simulator::Say;
use conek_tests::{NUMBER, World, consenting, offer};
use serde_json::{Value, json};

const OLD: &str = "+27832885137";
const NEW: &str = "+27832885199";

fn around(list: &str, item: Value) -> Value {
    json!({"messaging_product": "whatsapp", list: [item],
        "metadata": {"display_phone_number": "27215550100", "phone_number_id": NUMBER}})
}

fn changed(from: &str, to: &str, at: chrono::DateTime<chrono::Utc>) -> Value {
    let system = json!({"from": from.trim_start_matches('+'), "id": format!("wamid.{from}"),
        "timestamp": at.timestamp().to_string(), "type": "system",
        "system": {"body": "changed", "wa_id": to.trim_start_matches('+'), "type": "user_changed_number"}});
    around("messages", system)
}

async fn by(engine: &Engine, number: &str) -> Option<Contact> {
    engine.contacts().lookup(Recipient::Phone { number: number.into() }).await.unwrap()
}

async fn marketing(engine: &Engine, id: &PersonId) -> ConsentStatus {
    let all = engine.consent().status(id.clone()).await.unwrap();
    all.iter().find(|c| c.purpose == Purpose::Marketing).map_or(ConsentStatus::Unknown, |c| c.status)
}

async fn tell(world: &World, engine: &Engine, field: &str, value: &Value) {
    world.simulator.tell(field, value, None).unwrap();
    world.settle(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_their_number_keeps_everything_and_is_reached_under_the_new_one() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let thandi = consenting(&engine, OLD).await.unwrap();
    world.simulator.say(OLD, Say::text("Hello")).unwrap();
    world.settle(&engine).await;
    let before = engine.contacts().get(thandi.clone()).await.unwrap();
    assert_eq!(before.bsuids.len(), 1, "WhatsApp tells it with the message");
    let user_id = world.simulator.change_number(OLD, NEW).unwrap();
    world.settle(&engine).await;
    let after = by(&engine, NEW).await.unwrap();
    assert_eq!((&after.id, &after.bsuids, by(&engine, OLD).await.is_none()), (&thandi, &vec![user_id], true));
    assert_eq!(marketing(&engine, &thandi).await, ConsentStatus::Given);
    engine.messages().send(offer(&thandi)).await.unwrap();
    world.settle(&engine).await;
    assert_eq!(world.simulator.ledger()[0].to, NEW[1..]);
    let told: Vec<_> = engine
        .inbound()
        .events(None, 100)
        .await
        .unwrap()
        .events
        .into_iter()
        .filter_map(|e| match e.happening {
            Happening::Identity { event } => Some((e.person, event)),
            _ => None,
        })
        .collect();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|(person, _)| person.as_ref() == Some(&thandi)));
    assert!(
        told.iter().any(|(_, e)| matches!(e, IdentityEvent::Number { current, .. } if *current == NEW[1..]))
    );
    // They write under the new number, and somebody else gets the old one.
    world.simulator.say(NEW, Say::text("It is me")).unwrap();
    world.simulator.say(OLD, Say::text("Who is this?")).unwrap();
    world.settle(&engine).await;
    assert_eq!(engine.contacts().count().await.unwrap(), 2);
    let stranger = by(&engine, OLD).await.unwrap().id;
    assert_ne!(stranger, thandi);
    assert_eq!(
        marketing(&engine, &stranger).await,
        ConsentStatus::Unknown,
        "the number's new owner consented to nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_the_new_number_brought_before_the_news_is_put_together_with_the_person() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let thandi = consenting(&engine, OLD).await.unwrap();
    let at = world.clock.now();
    world.simulator.say(NEW, Say::text("STOP")).unwrap();
    world.settle(&engine).await;
    let met = by(&engine, NEW).await.unwrap().id;
    assert_ne!(met, thandi);
    tell(&world, &engine, "messages", &changed(OLD, NEW, at)).await;
    let now = by(&engine, NEW).await.unwrap();
    assert_eq!((&now.id, now.suppressed), (&thandi, true), "the no of either is the no of both");
    assert_eq!(engine.contacts().get(met).await.unwrap().id, thandi);
    assert!(by(&engine, OLD).await.is_none());
    assert_eq!(engine.contacts().count().await.unwrap(), 1);
    assert_eq!(engine.messages().send(offer(&thandi)).await.unwrap_err().code(), "denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_somebody_else_had_before_makes_nobody_the_same_person() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let thandi = consenting(&engine, OLD).await.unwrap();
    let sipho = consenting(&engine, NEW).await.unwrap();
    engine.consent().withdraw(thandi.clone(), Purpose::Marketing, ConsentSource::Agent).await.unwrap();
    let at = world.clock.now() + chrono::TimeDelta::seconds(60);
    world.clock.advance_to(at);
    tell(&world, &engine, "messages", &changed(OLD, NEW, at)).await;
    let now = by(&engine, NEW).await.unwrap();
    assert_eq!((&now.id, engine.contacts().count().await.unwrap()), (&thandi, 2));
    let lost = engine.contacts().get(sipho.clone()).await.unwrap();
    assert_eq!((lost.phone, lost.name.is_some()), (None, true), "the rest stays theirs");
    assert_eq!(marketing(&engine, &sipho).await, ConsentStatus::Given);
    assert!(
        engine.messages().send(offer(&sipho)).await.is_err(),
        "nothing goes to a number that is not theirs"
    );
    assert_eq!(marketing(&engine, &thandi).await, ConsentStatus::Withdrawn);
    assert!(engine.verify(true).await.unwrap().sound);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_given_in_place_of_its_own_and_ids_of_others_stay() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let with = |bsuid: &str| NewContact {
        phone: Some(OLD.into()),
        bsuid: Some(bsuid.into()),
        ..NewContact::default()
    };
    let id = engine.contacts().upsert(with("ZA.1")).await.unwrap().id;
    engine.contacts().upsert(with("ZA.ENT.7")).await.unwrap();
    let update = |previous: &str, current: &str| {
        around(
            "user_id_update",
            json!({"wa_id": OLD[1..],
        "user_id": {"previous": previous, "current": current}, "timestamp": "1795676400"}),
        )
    };
    tell(&world, &engine, "user_id_update", &update("ZA.1", "ZA.2")).await;
    assert_eq!(engine.contacts().get(id.clone()).await.unwrap().bsuids, ["ZA.2", "ZA.ENT.7"]);
    // Told once more, and in another order, it is the same.
    let again = around("user_id_update", json!({"user_id": {"previous": "ZA.1", "current": "ZA.2"}}));
    tell(&world, &engine, "user_id_update", &again).await;
    assert_eq!(engine.contacts().get(id.clone()).await.unwrap().bsuids, ["ZA.2", "ZA.ENT.7"]);
    // Somebody who was met under the new id already is the same person: WhatsApp gives it to nobody else.
    let apart = NewContact { bsuid: Some("ZA.3".into()), ..NewContact::default() };
    let met = engine.contacts().upsert(apart).await.unwrap().id;
    engine.consent().withdraw(met.clone(), Purpose::Marketing, ConsentSource::Agent).await.unwrap();
    tell(&world, &engine, "user_id_update", &update("ZA.2", "ZA.3")).await;
    let one = engine.contacts().get(met).await.unwrap();
    assert_eq!((&one.id, one.bsuids.contains(&"ZA.2".to_owned()), one.suppressed), (&id, false, true));
    // An id of a form that is not known yet, and one of nobody, are told and change nothing.
    for value in [
        update("ZA.3", "something new"),
        around("user_id_update", json!({"user_id": {"previous": "ZA.8", "current": "ZA.9"}})),
    ] {
        tell(&world, &engine, "user_id_update", &value).await;
    }
    assert_eq!(engine.contacts().count().await.unwrap(), 1);
    let told = engine.inbound().events(None, 100).await.unwrap().events;
    assert_eq!(told.iter().filter(|e| matches!(e.happening, Happening::Identity { .. })).count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn brazilian_and_mexican_numbers_are_one_person_in_either_form() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    for (stored, told, moved) in [
        ("+5511987654321", "551187654321", "+5511976543210"),
        ("+525512345678", "5215512345678", "+525587654321"),
    ] {
        let id = consenting(&engine, stored).await.unwrap();
        let text = json!({"from": told, "id": format!("wamid.{told}"), "timestamp": "1795676400", "type": "text", "text": {"body": "Oi"}});
        tell(&world, &engine, "messages", &around("messages", text)).await;
        assert_eq!(by(&engine, stored).await.unwrap().id, id);
        // A change of number that names the other form finds them too.
        let at = world.clock.now();
        tell(&world, &engine, "messages", &changed(told, moved, at)).await;
        assert_eq!(by(&engine, moved).await.unwrap().id, id);
        assert!(by(&engine, stored).await.is_none());
    }
    assert_eq!(engine.contacts().count().await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_on_the_list_under_the_new_number_gets_no_offers_under_it() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let stranger = consenting(&engine, NEW).await.unwrap();
    engine.consent().withdraw(stranger, Purpose::Marketing, ConsentSource::Agent).await.unwrap();
    let thandi = consenting(&engine, OLD).await.unwrap();
    let at = world.clock.now() + chrono::TimeDelta::seconds(60);
    world.clock.advance_to(at);
    tell(&world, &engine, "messages", &changed(OLD, NEW, at)).await;
    assert!(engine.contacts().get(thandi.clone()).await.unwrap().suppressed);
    assert_eq!(engine.messages().send(offer(&thandi)).await.unwrap_err().code(), "denied");
    assert!(engine.verify(true).await.unwrap().sound);
}
