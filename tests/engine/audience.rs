//! A campaign to the people of one file.

use conek_core::{
    Purpose,
    campaigns::{Audience, CampaignSpec},
    people::ImportOptions,
};
use conek_tests::{World, offer, phone};

fn to(id: &str) -> CampaignSpec {
    let conek_core::Content::Template { name, language, .. } = offer(&"nobody".to_owned().into()).content
    else {
        panic!("the offer is a template")
    };
    CampaignSpec {
        name: "Spring".into(),
        audience: Audience::Import { id: id.to_owned() },
        template: name,
        language,
        variables: vec![conek_core::campaigns::Variable::Literal { name: String::new(), text: "you".into() }],
        purpose: Purpose::Marketing,
        goods: None,
        sender: None,
        not_before: None,
        expires_at: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imports_people_are_those_it_created_or_brought_up_to_date() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let file = |people: &[usize]| {
        people.iter().fold("phone\n".to_owned(), |csv, n| csv + &phone(*n) + "\n").into_bytes()
    };
    let import = |people: &'static [usize]| {
        let engine = engine.clone();
        async move { engine.contacts().import_csv(file(people), ImportOptions::default()).await.unwrap() }
    };
    let first = import(&[1, 2, 3]).await;
    let second = import(&[3, 4, 4]).await;
    assert_ne!(first.id, second.id);
    assert_eq!((second.created, second.updated, second.duplicates), (1, 1, 1));
    for (id, people) in [(&first.id, 2), (&second.id, 2), (&String::new(), 0)] {
        assert_eq!(engine.campaigns().plan(to(id)).await.unwrap().planned, people);
    }
    let trial = ImportOptions { dry_run: true, ..ImportOptions::default() };
    assert_eq!(engine.contacts().import_csv(file(&[5]), trial).await.unwrap().id, "");
}
