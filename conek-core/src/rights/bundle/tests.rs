//! The promise of the bundle, case by case.

use std::io::{Cursor, Read};

use ring::{
    digest::{SHA256, digest},
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use serde_json::{Map, Value, json};

use super::*;

mod files;
mod forms;
mod long;
mod page;
mod seal;

/// The signing key of every test.
fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn public() -> [u8; 32] {
    key().public_key().as_ref().try_into().unwrap()
}

fn sign(bytes: &[u8]) -> Result<[u8; 64]> {
    Ok(key().sign(bytes).as_ref().try_into().unwrap())
}

fn head(kind: ExportKind) -> BundleHead {
    BundleHead {
        subject: "person-7f3a".into(),
        kind,
        generated_at: "2026-11-24T09:30:15Z".parse().unwrap(),
        jurisdiction: "ZA".into(),
        language: "en".into(),
        business: "Karoo Coffee".into(),
        privacy_contact: "privacy@karoo.example".into(),
        authority: Some("Information Regulator (South Africa), https://inforegulator.org.za".into()),
    }
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

fn card() -> Card {
    Card {
        uid: "0192f0c4-7b1e-7cc3-98c4-dc0c0c07398f".into(),
        name: Some("Naledi Mokoena".into()),
        phones: vec!["+27821234567".into()],
        ..Card::default()
    }
}

/// A bundle with something of everything.
fn small(kind: ExportKind) -> Vec<u8> {
    let mut b = Bundle::new(Vec::new(), head(kind)).unwrap();
    b.section("person", None, &schemas::PERSON).unwrap();
    let person = json!({
        "id": "p1", "name": "Naledi", "phone": "+27821234567", "attributes": {"city": "Cape Town"},
        "created_at": "2026-01-02T03:04:05Z", "zodiac": "leo", "born": null,
    });
    b.item(&map(person), true, "provided by the person").unwrap();
    b.end_section().unwrap();
    b.section("messages", None, &schemas::MESSAGES).unwrap();
    for n in 0..3 {
        let message =
            json!({"id": format!("m{n}"), "content": {"type": "text", "text": "Hello"}, "attempts": n});
        b.item(&map(message), n == 1, "sent by the business").unwrap();
    }
    b.end_section().unwrap();
    b.section("notices", None, &schemas::NOTICES).unwrap();
    b.end_section().unwrap();
    b.vcard(&card()).unwrap();
    b.file("receipts/marketing.jsonld", b"{\"@context\":\"https://w3id.org/dpv\"}").unwrap();
    b.finish(sign, &public()).unwrap().0
}

fn open(zip: &[u8]) -> zip::ZipArchive<Cursor<&[u8]>> {
    zip::ZipArchive::new(Cursor::new(zip)).unwrap()
}

fn bytes(zip: &[u8], path: &str) -> Vec<u8> {
    let mut out = Vec::new();
    open(zip).by_name(path).unwrap().read_to_end(&mut out).unwrap();
    out
}

fn text(zip: &[u8], path: &str) -> String {
    String::from_utf8(bytes(zip, path)).unwrap()
}

fn value(zip: &[u8], path: &str) -> Value {
    serde_json::from_slice(&bytes(zip, path)).unwrap()
}

#[test]
fn the_same_calls_write_the_same_bytes() {
    for kind in [ExportKind::Access, ExportKind::Portability] {
        assert_eq!(small(kind), small(kind));
    }
    assert_ne!(small(ExportKind::Access), small(ExportKind::Portability));
}

#[test]
fn every_file_has_the_size_and_hash_of_the_manifest_and_no_file_is_missing_from_it() {
    let zip = small(ExportKind::Access);
    let manifest = value(&zip, "manifest.json");
    assert_eq!(manifest["format"], "conek-dsr/1");
    assert_eq!(manifest["kind"], "access");
    assert_eq!(manifest["generated_at"], "2026-11-24T09:30:15Z");
    let mut listed: Vec<String> = Vec::new();
    for file in manifest["files"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        let content = bytes(&zip, path);
        assert_eq!(file["size"], content.len(), "{path}");
        assert_eq!(file["sha256"], crate::values::hex(digest(&SHA256, &content).as_ref()), "{path}");
        listed.push(path.to_owned());
    }
    listed.extend(["manifest.json".to_owned(), "manifest.sig".to_owned()]);
    listed.sort();
    let mut there: Vec<String> = open(&zip).file_names().map(|n| n.unwrap().into_owned()).collect();
    there.sort();
    assert_eq!(listed, there);
    let count = |path: &str| {
        let files = manifest["files"].as_array().unwrap().iter();
        files.filter(|f| f["path"] == path).map(|f| f["records"].clone()).next().unwrap()
    };
    assert_eq!(count("data/messages.json"), 3);
    assert_eq!(count("csv/messages.csv"), 3);
    assert_eq!(count("data/notices.json"), 0);
    assert_eq!(count("README.html"), Value::Null);
}

#[test]
fn the_returned_manifest_is_the_one_in_the_bundle() {
    let b = Bundle::new(Vec::new(), head(ExportKind::Access)).unwrap();
    let (zip, manifest) = b.finish(sign, &public()).unwrap();
    assert_eq!(serde_json::to_value(&manifest).unwrap(), value(&zip, "manifest.json"));
}

#[test]
fn the_signature_is_over_the_manifest_and_by_the_key_in_the_bundle() {
    let zip = small(ExportKind::Access);
    let (manifest, signature) = (bytes(&zip, "manifest.json"), bytes(&zip, "manifest.sig"));
    UnparsedPublicKey::new(&ED25519, public()).verify(&manifest, &signature).unwrap();
    let pem = text(&zip, "public_key.pem");
    let lines: Vec<&str> = pem.lines().collect();
    assert_eq!((lines[0], lines[2]), ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"));
    use base64::Engine as _;
    let der = base64::prelude::BASE64_STANDARD.decode(lines[1]).unwrap();
    assert_eq!(der[12..], public());
    let mut other = manifest;
    other[10] ^= 1;
    assert!(UnparsedPublicKey::new(&ED25519, public()).verify(&other, &signature).is_err());
}

#[test]
fn a_signature_that_does_not_fit_the_key_makes_no_bundle() {
    let new = || Bundle::new(Vec::new(), head(ExportKind::Access)).unwrap();
    let code = |r: Result<(Vec<u8>, Manifest)>| r.unwrap_err().code();
    assert_eq!(code(new().finish(|_| Ok([0; 64]), &public())), "bundle_signature");
    assert_eq!(code(new().finish(sign, &[9; 32])), "bundle_signature");
    assert_eq!(code(new().finish(|_| Err(BundleError::Signature), &public())), "bundle_signature");
}

#[test]
fn every_file_has_the_time_of_the_bundle_and_the_same_rights() {
    let zip = small(ExportKind::Access);
    let mut archive = open(&zip);
    for n in 0..archive.len() {
        let file = archive.by_index(n).unwrap();
        let at = file.last_modified().unwrap();
        assert_eq!((at.year(), at.month(), at.day(), at.hour(), at.minute()), (2026, 11, 24, 9, 30));
        assert_eq!(file.unix_mode().unwrap() & 0o777, 0o644);
    }
}

#[test]
fn a_portability_bundle_has_only_what_is_portable_and_says_how_much_is_not() {
    let zip = small(ExportKind::Portability);
    let messages = value(&zip, "data/messages.json");
    assert_eq!(messages.as_array().unwrap().len(), 1);
    assert_eq!(messages[0]["id"], "m1");
    assert!(!text(&zip, "csv/messages.csv").contains("m0"));
    assert!(!text(&zip, "README.html").contains("m0"));
    let manifest = value(&zip, "manifest.json");
    let files = manifest["files"].as_array().unwrap();
    let data = files.iter().find(|f| f["path"] == "data/messages.json").unwrap();
    assert_eq!((&data["records"], &data["left_out"]), (&json!(1), &json!(2)));
    assert!(text(&zip, "README.html").contains("does not cover it: 2."));
    for message in value(&small(ExportKind::Access), "data/messages.json").as_array().unwrap() {
        assert_eq!(message["portable"], message["id"] == "m1");
        assert_eq!(message["portable_reason"], "sent by the business");
    }
}

#[test]
fn items_come_back_as_they_were_given() {
    let zip = small(ExportKind::Access);
    let person = &value(&zip, "data/person.json")[0];
    assert_eq!(person["attributes"]["city"], "Cape Town");
    assert_eq!(person["zodiac"], "leo");
    assert_eq!(person["born"], Value::Null);
    assert_eq!(text(&zip, "data/notices.json"), "[\n\n]\n");
    assert_eq!(value(&zip, "data/notices.json"), json!([]));
}

#[test]
fn calls_out_of_order_are_refused_and_harm_nothing() {
    let mut b = Bundle::new(Vec::new(), head(ExportKind::Access)).unwrap();
    let state = |r: Result<()>| assert_eq!(r.unwrap_err().code(), "bundle_state");
    state(b.end_section());
    state(b.item(&Map::new(), true, "").map(|_| ()));
    b.section("person", None, &schemas::PERSON).unwrap();
    state(b.section("messages", None, &schemas::MESSAGES));
    state(b.vcard(&card()));
    state(b.file("receipts/a.json", b"{}"));
    b.end_section().unwrap();
    assert_eq!(b.section("person", None, &schemas::PERSON).unwrap_err().code(), "bundle_name");
    let (zip, _) = b.finish(sign, &public()).unwrap();
    assert_eq!(value(&zip, "data/person.json"), json!([]));
    let mut b = Bundle::new(Vec::new(), head(ExportKind::Access)).unwrap();
    b.section("person", None, &schemas::PERSON).unwrap();
    state(b.finish(sign, &public()).map(|_| ()));
}

#[test]
fn an_item_cannot_claim_what_the_bundle_says_of_it() {
    let mut b = Bundle::new(Vec::new(), head(ExportKind::Access)).unwrap();
    b.section("other", None, &schemas::OTHER).unwrap();
    for field in ["portable", "portable_reason"] {
        let error = b.item(&map(json!({field: true})), false, "no").unwrap_err();
        assert_eq!(error.code(), "bundle_item");
    }
    let mut deep = json!("end");
    for _ in 0..64 {
        deep = json!([deep]);
    }
    assert_eq!(b.item(&map(json!({ "deep": deep })), true, "").unwrap_err().code(), "bundle_item");
    assert!(b.item(&map(json!({ "deep": deep[0] })), true, "").unwrap());
    b.end_section().unwrap();
    b.finish(sign, &public()).unwrap();
}

#[test]
fn a_head_without_its_parts_is_refused() {
    for empty in 0..4 {
        let mut head = head(ExportKind::Access);
        let field =
            [&mut head.subject, &mut head.business, &mut head.privacy_contact, &mut head.jurisdiction];
        *field.into_iter().nth(empty).unwrap() = " ".into();
        assert_eq!(Bundle::new(Vec::new(), head).err().map(|e| e.code()), Some("bundle_head"));
    }
}

#[test]
fn nothing_printed_for_debugging_shows_a_person() {
    let shown = format!("{:?}{:?}", head(ExportKind::Access), card());
    assert!(!shown.contains("7f3a") && !shown.contains("Naledi") && !shown.contains("+27"), "{shown}");
}
