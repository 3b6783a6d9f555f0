//! What people say in their own language, and whom the suppression list knows.

use chrono::TimeDelta;
use conek_core::{
    Clock, Engine, PersonId, Purpose,
    consent::{ConsentEntry, ConsentSource, ConsentStatus},
    messaging::Content,
    people::NewContact,
};
use conek_simulator::Say;
use conek_tests::{World, consenting, offer};

const THANDI: &str = "+27832885137";
const OTHER: &str = "+27832885138";

async fn says(world: &World, engine: &Engine, body: &str) {
    world.simulator.say(THANDI, Say::text(body)).unwrap();
    world.settle(engine).await;
    world.clock.advance(std::time::Duration::from_secs(10));
    world.settle(engine).await;
}

async fn status(engine: &Engine, person: &PersonId) -> ConsentStatus {
    let consents = engine.consent().status(person.clone()).await.unwrap();
    consents.iter().find(|c| c.purpose == Purpose::Marketing).map_or(ConsentStatus::Unknown, |c| c.status)
}

async fn speaks(engine: &Engine, language: &str) {
    let new =
        NewContact { phone: Some(THANDI.into()), language: Some(language.into()), ..NewContact::default() };
    engine.contacts().upsert(new).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_the_persons_language_opts_out_and_is_confirmed_in_it() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    speaks(&engine, "zu-ZA").await;
    says(&world, &engine, "Misa!").await;
    assert_eq!(status(&engine, &person).await, ConsentStatus::Withdrawn);
    let sent = engine.messages().of_person(person, 10).await.unwrap();
    let [confirmation] = &sent[..] else { panic!("{sent:?}") };
    assert!(
        matches!(&confirmation.content, Some(Content::Text { body, .. }) if body.contains("imilayezo")),
        "{:?}",
        confirmation.content
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_word_from_anybody_else_suspends_marketing_and_asks_once() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    speaks(&engine, "de").await;
    says(&world, &engine, "misa").await;
    says(&world, &engine, "misa").await;
    assert_eq!(status(&engine, &person).await, ConsentStatus::Given);
    let refused = engine.messages().send(offer(&person)).await.unwrap_err();
    assert!(
        matches!(&refused, conek_core::Error::Denied { reasons, .. } if reasons == &["NEEDS_CLARIFICATION"]),
        "{refused:?}"
    );
    let asked = engine.messages().of_person(person.clone(), 10).await.unwrap();
    assert_eq!(asked.iter().filter(|m| matches!(m.content, Some(Content::Buttons { .. }))).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn yes_and_no_answer_the_request_for_consent() {
    for (answer, expected) in [
        ("Yes please", ConsentStatus::Given),
        ("No thanks", ConsentStatus::Refused),
        ("Are you open today?", ConsentStatus::Requested),
    ] {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let new = NewContact { phone: Some(THANDI.into()), ..NewContact::default() };
        let person = engine.contacts().upsert(new).await.unwrap().id;
        let entry = ConsentEntry::new(
            person.clone(),
            Purpose::Marketing,
            ConsentStatus::Requested,
            ConsentSource::ExplicitRequest,
        );
        engine.consent().record(entry).await.unwrap();
        says(&world, &engine, answer).await;
        assert_eq!(status(&engine, &person).await, expected, "{answer}");
        let suppressed = engine.contacts().get(person).await.unwrap().suppressed;
        assert_eq!(suppressed, expected == ConsentStatus::Refused, "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_dialogue_takes_cancel_and_never_stop() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    let until = world.clock.now() + TimeDelta::hours(1);
    engine
        .contacts()
        .open_dialogue(person.clone(), vec!["cancel".into(), "stop".into()], until)
        .await
        .unwrap();
    says(&world, &engine, "cancel").await;
    assert_eq!(status(&engine, &person).await, ConsentStatus::Given);
    says(&world, &engine, "stop").await;
    assert_eq!(status(&engine, &person).await, ConsentStatus::Withdrawn);
}

#[tokio::test(flavor = "multi_thread")]
async fn once_the_dialogue_is_over_cancel_opts_out() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    let until = world.clock.now() + TimeDelta::minutes(1);
    engine.contacts().open_dialogue(person.clone(), vec!["cancel".into()], until).await.unwrap();
    world.clock.advance(std::time::Duration::from_secs(61));
    says(&world, &engine, "cancel").await;
    assert_eq!(status(&engine, &person).await, ConsentStatus::Withdrawn);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_gets_a_suppressed_number_is_suppressed() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let bsuid = "ZA.13491208655302741918";
    let by_bsuid = NewContact { bsuid: Some(bsuid.into()), ..NewContact::default() };
    let person = engine.contacts().upsert(by_bsuid.clone()).await.unwrap().id;
    engine.consent().suppress(conek_core::Recipient::Phone { number: THANDI.into() }).await.unwrap();
    let both = NewContact { phone: Some(THANDI.into()), ..by_bsuid.clone() };
    let contact = engine.contacts().upsert(both).await.unwrap();
    assert_eq!((contact.id, contact.suppressed), (person, true));
    // Now the list knows the other address too, and a new number of theirs.
    let to = conek_core::Recipient::Bsuid { id: bsuid.into() };
    assert!(engine.consent().is_suppressed(to).await.unwrap());
    let moved = NewContact { phone: Some(OTHER.into()), ..by_bsuid };
    assert!(engine.contacts().upsert(moved).await.unwrap().suppressed);
    let to = conek_core::Recipient::Phone { number: OTHER.into() };
    assert!(engine.consent().is_suppressed(to).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_carried_to_a_database_that_does_not_know_who_opted_out_since() {
    let world = World::new(|_| {}).await;
    if world.has_no_file() {
        return;
    }
    let engine = world.engine().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    let other = consenting(&engine, OTHER).await.unwrap();
    let copy = world.path().with_file_name("copy.db");
    engine.backup(copy.display().to_string()).await.unwrap();
    says(&world, &engine, "STOP").await;
    let entries = engine.consent().suppressions(None, 1000).await.unwrap().entries;
    assert!(!entries.is_empty());
    engine.close().await.unwrap();
    // The older copy takes the database's place, and the journal, which would tell it, is lost.
    for end in ["", "-wal", "-shm", ".journal"] {
        let mut gone = world.path().into_os_string();
        gone.push(end);
        let _: std::io::Result<()> = std::fs::remove_file(gone);
    }
    std::fs::rename(copy, world.path()).unwrap();
    let engine = world.engine().await;
    assert!(!engine.contacts().get(person.clone()).await.unwrap().suppressed, "the copy does not know");
    let mut wrong = entries.clone();
    wrong[0].key.pop();
    assert_eq!(engine.consent().restore_suppressions(wrong).await.unwrap_err().code(), "invalid_input");
    assert_eq!(engine.consent().restore_suppressions(entries.clone()).await.unwrap(), 1);
    assert_eq!(engine.consent().restore_suppressions(entries).await.unwrap(), 0, "again, nothing changes");
    let refused = engine.messages().send(offer(&person)).await.unwrap_err();
    assert!(
        matches!(&refused, conek_core::Error::Denied { reasons, .. } if reasons[0] == "SUPPRESSED"),
        "{refused:?}"
    );
    engine.messages().send(offer(&other)).await.unwrap();
    assert_eq!(engine.resume().await.unwrap_err().code(), "conflict", "nobody knows who else is missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_contacts_were_is_kept_no_longer_than_a_merge_can_be_taken_back() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let keep = consenting(&engine, THANDI).await.unwrap();
    let new = NewContact {
        bsuid: Some("ZA.13491208655302741999".into()),
        name: Some("Thandi M.".into()),
        ..NewContact::default()
    };
    let other = engine.contacts().upsert(new).await.unwrap().id;
    engine.contacts().merge(keep.clone(), other.clone()).await.unwrap();
    world.clock.advance(std::time::Duration::from_secs(91 * 86_400));
    engine.retention().sweep(None).await.unwrap();
    assert_eq!(engine.contacts().unmerge(other.clone()).await.unwrap_err().code(), "not_found");
    assert_eq!(engine.contacts().get(other).await.unwrap().id, keep, "it still says where the contact went");
    assert!(engine.verify(true).await.unwrap().sound);
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_contacts_that_are_one_person_become_one_and_the_stricter_consent_holds() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let keep = consenting(&engine, THANDI).await.unwrap();
    engine.messages().send(offer(&keep)).await.unwrap();
    world.settle(&engine).await;
    let bsuid = "ZA.13491208655302741999";
    let new =
        NewContact { bsuid: Some(bsuid.into()), name: Some("Thandi M.".into()), ..NewContact::default() };
    let other = engine.contacts().upsert(new).await.unwrap().id;
    engine.consent().withdraw(other.clone(), Purpose::Marketing, ConsentSource::Agent).await.unwrap();
    let contact = engine.contacts().merge(keep.clone(), other.clone()).await.unwrap();
    assert!(contact.bsuids.contains(&bsuid.to_owned()));
    assert_eq!((contact.id.clone(), contact.phone.as_deref()), (keep.clone(), Some(THANDI)));
    assert!(contact.suppressed);
    assert_eq!(status(&engine, &keep).await, ConsentStatus::Withdrawn);
    // Both histories are one, and can be read.
    let history = engine.consent().history(keep.clone()).await.unwrap();
    assert!(history.iter().any(|e| e.status == ConsentStatus::Given));
    assert!(history.iter().any(|e| e.status == ConsentStatus::Withdrawn));
    assert_eq!(engine.messages().of_person(keep.clone(), 10).await.unwrap().len(), 1);
    assert!(engine.messages().send(offer(&keep)).await.is_err());
    for to in [
        conek_core::Recipient::Phone { number: THANDI.into() },
        conek_core::Recipient::Bsuid { id: bsuid.into() },
    ] {
        assert!(engine.consent().is_suppressed(to.clone()).await.unwrap());
        assert_eq!(engine.contacts().lookup(to).await.unwrap().unwrap().id, keep);
    }
    assert_eq!(engine.contacts().get(other.clone()).await.unwrap().id, keep);
    let again = engine.contacts().merge(keep.clone(), other.clone()).await;
    assert_eq!(again.unwrap_err().code(), "not_found");
    assert_eq!(
        engine.contacts().merge(keep.clone(), keep.clone()).await.unwrap_err().code(),
        "invalid_input"
    );
    // Two numbers are two people until one of them is given up.
    let third = consenting(&engine, OTHER).await.unwrap();
    assert_eq!(engine.contacts().merge(keep.clone(), third.clone()).await.unwrap_err().code(), "conflict");
    engine.messages().send(offer(&third)).await.unwrap();
    // Everything is there after the database was opened again, too.
    engine.close().await.unwrap();
    let engine = world.engine().await;
    assert_eq!(engine.consent().history(keep.clone()).await.unwrap().len(), history.len());
    assert!(
        engine
            .inbound()
            .events(None, 1000)
            .await
            .unwrap()
            .events
            .iter()
            .any(|e| e.person == Some(keep.clone()))
    );
    // It was a mistake: what belonged to each is theirs again, and the no holds for both.
    let messages = engine.messages().of_person(keep.clone(), 10).await.unwrap().len();
    let back = engine.contacts().unmerge(other.clone()).await.unwrap();
    assert_eq!(
        (back.id, back.bsuids, back.name.as_deref()),
        (other.clone(), vec![bsuid.into()], Some("Thandi M."))
    );
    let kept = engine.contacts().get(keep.clone()).await.unwrap();
    assert!(kept.bsuids.iter().all(|b| b != bsuid) && kept.name.as_deref() != Some("Thandi M."));
    assert_eq!(engine.messages().of_person(keep.clone(), 10).await.unwrap().len(), messages);
    let of_other = engine.consent().history(other.clone()).await.unwrap();
    assert_eq!(of_other.iter().map(|e| e.status).collect::<Vec<_>>(), [ConsentStatus::Withdrawn]);
    for person in [&keep, &other] {
        assert_eq!(status(&engine, person).await, ConsentStatus::Withdrawn);
    }
    assert_eq!(engine.contacts().unmerge(other).await.unwrap_err().code(), "not_found", "once");
}
