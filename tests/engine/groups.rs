//! Groups, from the wish for one to its end: who is in them, who waits, who was turned away.

use conek_core::{
    Engine, Recipient,
    audit::{Actor, AuditQuery, FieldMask, Scope},
    inbound::Happening,
    platform::*,
    transport::GroupEvent,
};
use conek_tests::{World, consenting};

const THANDI: &str = "+27832885137";
const SIPHO: &str = "+27832885138";

fn named(subject: &str) -> NewGroup {
    NewGroup { subject: subject.into(), ..NewGroup::default() }
}

fn by(number: &str) -> Recipient {
    Recipient::Phone { number: number.into() }
}

/// What webhooks told of groups, and of which.
async fn told(world: &World, engine: &Engine) -> Vec<(String, GroupEvent)> {
    world.settle(engine).await;
    let events = engine.inbound().events(None, 1000).await.unwrap().events;
    let of = |happening: Happening| match happening {
        Happening::Group { group, event, .. } => Some((group.unwrap_or_default(), event)),
        _ => None,
    };
    events.into_iter().filter_map(|e| of(e.happening)).collect()
}

/// Makes a group and waits until it is told.
async fn make(world: &World, engine: &Engine, new: NewGroup) -> (String, String) {
    let request = engine.platform().create_group(new, None).await.unwrap();
    let made = told(world, engine).await.into_iter().find_map(|(group, event)| match event {
        GroupEvent::Created { request: Some(asked), invite_link: Some(link), .. } if asked == request => {
            Some((group, link))
        }
        _ => None,
    });
    made.expect("it is told")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_made_joined_changed_and_deleted() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let platform = engine.platform();
    let thandi = consenting(&engine, THANDI).await.unwrap();
    let (id, link) = make(&world, &engine, named(" Harvest ")).await;
    assert_eq!(platform.group_invite_link(id.clone()).await.unwrap(), link);
    assert!(world.simulator.join_group(THANDI, &link).unwrap(), "nobody has to be asked");

    let group = platform.group(id.clone()).await.unwrap();
    assert_eq!((&*group.subject, group.join_approval.as_deref()), ("Harvest", Some("auto_approve")));
    assert_eq!((group.member_count, group.members[0].person.as_ref()), (Some(1), Some(&thandi)));
    assert_eq!(group.members[0].phone.as_deref(), Some(THANDI));
    assert!(group.created_at <= Some(conek_core::Clock::now(&*world.clock)) && group.created_at.is_some());
    assert!(!group.suspended);
    let joined = told(&world, &engine).await.into_iter().find_map(|(group, event)| match event {
        GroupEvent::Joined { people, .. } if group == id => Some(people),
        _ => None,
    });
    assert_eq!(joined.expect("it is told")[0].wa_id.as_deref(), Some(&THANDI[1..]));

    let update = GroupUpdate { description: Some("Who picks when".into()), ..GroupUpdate::default() };
    platform.update_group(id.clone(), update).await.unwrap();
    let update = GroupUpdate { subject: Some("Harvest 2027".into()), ..GroupUpdate::default() };
    platform.update_group(id.clone(), update).await.unwrap();
    let group = platform.group(id.clone()).await.unwrap();
    assert_eq!((&*group.subject, group.description.as_deref()), ("Harvest 2027", Some("Who picks when")));

    let (other, _) = make(&world, &engine, named("Tasting")).await;
    let page = platform.groups(None, 1, None).await.unwrap();
    assert_eq!((&*page.groups[0].id, page.groups.len()), (&*id, 1));
    let rest = platform.groups(page.next, 1, None).await.unwrap();
    assert_eq!((&*rest.groups[0].id, rest.next), (&*other, None));
    platform.delete_group(id.clone()).await.unwrap();
    let told = told(&world, &engine).await;
    let renamed = told.iter().any(|(group, event)| match event {
        GroupEvent::Changed { settings, .. } => {
            *group == id && settings[0].text.as_deref() == Some("Harvest 2027")
        }
        _ => false,
    });
    let deleted =
        told.iter().any(|(group, event)| matches!(event, GroupEvent::Deleted { .. }) && *group == id);
    assert!(renamed && deleted, "{told:?}");
    assert_eq!(platform.group(id.clone()).await.unwrap_err().code(), "not_found");
    assert_eq!(platform.group_invite_link(id).await.unwrap_err().code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_to_be_in_a_group_is_let_in_or_turned_away() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let platform = engine.platform();
    let thandi = consenting(&engine, THANDI).await.unwrap();
    let (id, link) = make(&world, &engine, NewGroup { approve_joins: true, ..named("Harvest") }).await;
    for number in [THANDI, SIPHO] {
        assert!(!world.simulator.join_group(number, &link).unwrap(), "they wait");
    }
    let first = platform.join_requests(id.clone(), None, 1).await.unwrap();
    let second = platform.join_requests(id.clone(), first.next, 1).await.unwrap();
    let (first, second) = (first.requests[0].clone(), second.requests[0].clone());
    assert_eq!((first.member.person, second.member.person), (Some(thandi.clone()), None));
    assert!(first.created_at.is_some());

    let both = vec![first.id.clone(), "unknown".into()];
    let report = platform.approve_join_requests(id.clone(), both).await.unwrap();
    assert_eq!(report.done, [first.id]);
    assert_eq!((&*report.refused[0].id, report.refused[0].code), ("unknown", Some(131_203)));
    let report = platform.reject_join_requests(id.clone(), vec![second.id.clone()]).await.unwrap();
    assert_eq!((report.done, report.refused), (vec![second.id], vec![]));
    assert!(platform.join_requests(id.clone(), None, 100).await.unwrap().requests.is_empty());
    let members = platform.group(id.clone()).await.unwrap().members;
    assert_eq!(members.iter().map(|m| m.person.as_ref()).collect::<Vec<_>>(), [Some(&thandi)]);

    let query = AuditQuery { person: Some(thandi), ..AuditQuery::default() };
    let entries = engine.audit().entries(query, 1000).await.unwrap().entries;
    for operation in ["platform.join_requests", "platform.group"] {
        assert!(entries.iter().any(|e| e.operation == operation), "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_business_takes_out_is_out_and_an_old_link_works_no_more() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let platform = engine.platform();
    let (id, link) = make(&world, &engine, named("Harvest")).await;
    for number in [THANDI, SIPHO] {
        assert!(world.simulator.join_group(number, &link).unwrap());
    }
    platform.remove_group_members(id.clone(), vec![by(THANDI)]).await.unwrap();
    let left = platform.group(id.clone()).await.unwrap().members;
    assert_eq!(left.iter().map(|m| m.phone.as_deref()).collect::<Vec<_>>(), [Some(SIPHO)]);
    let absent = platform.remove_group_members(id.clone(), vec![by(THANDI)]).await.unwrap_err();
    assert!(absent.to_string().contains("code 131202"), "{absent}");

    let anew = platform.reset_group_invite_link(id.clone()).await.unwrap();
    assert_ne!(anew, link);
    assert!(world.simulator.join_group(THANDI, &link).is_err());
    assert!(world.simulator.join_group("+27832885139", &anew).unwrap());

    for wrong in [vec![], vec![by(SIPHO); 9]] {
        let error = platform.remove_group_members(id.clone(), wrong).await.unwrap_err();
        assert_eq!(error.code(), "invalid_input");
    }
    let long = platform.create_group(named(&"x".repeat(129)), None).await.unwrap_err();
    let empty = platform.create_group(named("  "), None).await.unwrap_err();
    let nothing = platform.update_group(id.clone(), GroupUpdate::default()).await.unwrap_err();
    let none = platform.approve_join_requests(id, vec![]).await.unwrap_err();
    let path = platform.delete_group("../me".into()).await.unwrap_err();
    for error in [long, empty, nothing, none, path] {
        assert_eq!(error.code(), "invalid_input", "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_for_who_administers_and_numbers_for_who_sees_them() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let thandi = consenting(&engine, THANDI).await.unwrap();
    let (id, link) = make(&world, &engine, named("Harvest")).await;
    world.simulator.join_group(THANDI, &link).unwrap();
    let scopes = Scope::ALL.into_iter().filter(|s| *s != Scope::AccountAdmin).collect();
    let clerk = engine.session(Actor { id: "clerk".into(), scopes, ..Actor::host() }).unwrap();
    let refused = [
        clerk.platform().groups(None, 1, None).await.map(drop),
        clerk.platform().group(id.clone()).await.map(drop),
        clerk.platform().create_group(named("x"), None).await.map(drop),
        clerk.platform().remove_group_members(id.clone(), vec![by(THANDI)]).await,
        clerk.platform().join_requests(id.clone(), None, 1).await.map(drop),
        clerk.platform().reset_group_invite_link(id.clone()).await.map(drop),
    ];
    for result in refused {
        assert_eq!(result.unwrap_err().code(), "forbidden");
    }
    let blind = Actor { id: "blind".into(), masks: vec![FieldMask::Phone], ..Actor::host() };
    let desk = engine.session(blind).unwrap();
    let seen = desk.platform().group(id).await.unwrap().members;
    assert_eq!((seen[0].person.as_ref(), seen[0].phone.as_ref()), (Some(&thandi), None));
}
