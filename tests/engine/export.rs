//! An export has everything of a person, and nobody gets it who may not.

use std::{collections::BTreeSet, io::Read};

use conek_core::{
    audit::{Actor, FieldMask, Scope},
    rights::{ExportKind, ExportOptions},
};
use conek_tests::World;
use serde_json::Value;

use crate::rights::{close, of_person, with_everything};

const THANDI: &str = "+27832885137";

fn read(path: &std::path::Path, name: &str) -> String {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn ids(path: &std::path::Path) -> BTreeSet<String> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let names: Vec<String> =
        zip.file_names().map(|n| n.unwrap().into_owned()).filter(|n| n.starts_with("data/")).collect();
    let mut ids = BTreeSet::new();
    for name in names {
        let mut text = String::new();
        zip.by_name(&name).unwrap().read_to_string(&mut text).unwrap();
        let items: Vec<Value> = serde_json::from_str(&text).unwrap();
        ids.extend(items.iter().filter_map(|i| i["id"].as_str()).map(str::to_owned));
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_that_names_a_person_is_in_their_export() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let person = with_everything(&world, &engine, THANDI).await;
    let to = |name: &str| world.dir.path().join(name);
    let path = |name: &str| to(name).display().to_string();
    let all =
        engine.rights().export(person.clone(), ExportOptions::default(), path("all.zip")).await.unwrap();
    assert_eq!(all.sections["person"], 1);
    for section in [
        "messages",
        "received",
        "consents",
        "declarations",
        "deliveries",
        "events",
        "disclosures",
        "requests",
        "other",
    ] {
        assert!(all.sections[section] > 0, "{section} is empty");
    }
    assert!(read(&to("all.zip"), "data/messages.json").contains("Your order 4711 is on its way."));
    assert!(read(&to("all.zip"), "data/received.json").contains("Where is my order?"));
    assert!(read(&to("all.zip"), "data/requests.json").contains("What do you know of me?"));
    assert!(read(&to("all.zip"), "contact.vcf").contains("+27832885137"));
    assert!(read(&to("all.zip"), "consents/marketing.jsonld").contains("dpv:ConsentRecord"));

    let provided = ExportOptions { kind: ExportKind::Portability, ..ExportOptions::default() };
    let less = engine.rights().export(person.clone(), provided, path("mine.zip")).await.unwrap();
    assert!(less.left_out > 0 && less.sections["messages"] == 0 && less.sections["received"] > 0);

    let again = engine.rights().export(person.clone(), ExportOptions::default(), path("all.zip")).await;
    assert_eq!(again.unwrap_err().code(), "conflict", "nothing is written over");
    let nobody = ExportOptions { recipient: Some("age1nobody".into()), ..ExportOptions::default() };
    let refused = engine.rights().export(person.clone(), nobody, path("none.zip")).await.unwrap_err();
    assert_eq!(refused.code(), "invalid_input");
    assert!(!to("none.zip").exists() && !to("none.zip.partial").exists(), "nothing is left of it");
    let nowhere = world.dir.path().join("no such folder/all.zip").display().to_string();
    let refused = engine.rights().export(person.clone(), ExportOptions::default(), nowhere).await;
    assert_eq!(refused.unwrap_err().code(), "invalid_input");
    for (scopes, masks) in
        [(vec![Scope::ContactsRead], Vec::new()), (Scope::ALL.to_vec(), vec![FieldMask::Attributes])]
    {
        let clerk = Actor { id: "clerk".into(), scopes, purpose: None, masks };
        let clerk = engine.session(clerk).unwrap();
        let refused =
            clerk.rights().export(person.clone(), ExportOptions::default(), path("clerk.zip")).await;
        assert_eq!(refused.unwrap_err().code(), "forbidden");
    }
    close(&world, engine).await;
    let exported = ids(&to("all.zip"));
    for record in of_person(&world, &person).await {
        // What came after the export: its own entries. A data key is no datum of the person.
        assert!(
            record.kind == "key" || exported.contains(&record.id),
            "a {} is not in the export",
            record.kind
        );
    }
}
