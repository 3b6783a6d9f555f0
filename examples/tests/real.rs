//! Real WhatsApp is used with everything named and confirmed, and never by accident.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, path::PathBuf};

use clap::Parser;
use conek_examples::quickstart::{Args, Mode};

const ALL: [(&str, &str); 5] = [
    ("CONEK_WHATSAPP_TOKEN", "token"),
    ("CONEK_PHONE_NUMBER_ID", "106"),
    ("CONEK_APP_SECRET", "secret"),
    ("CONEK_BUSINESS_NAME", "Karoo Coffee"),
    ("CONEK_PRIVACY_CONTACT", "privacy@karoo.example"),
];

fn mode(args: &[&str], without: &[&str]) -> conek_core::Result<Mode> {
    let env: BTreeMap<&str, &str> = ALL.into_iter().filter(|(name, _)| !without.contains(name)).collect();
    let args = Args::parse_from(["quickstart"].iter().chain(args));
    args.mode(|name| env.get(name).map(|v| (*v).to_owned()))
}

fn own_file(home: &tempfile::TempDir) -> String {
    let path = home.path().join("people.csv");
    std::fs::write(&path, "phone,name\n+27 82 555 0101,Thandi\n").unwrap();
    path.display().to_string()
}

#[test]
fn without_credentials_everything_is_simulated() {
    let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(mode(&[], &names).unwrap(), Mode::Simulated);
    assert_eq!(mode(&["--yes"], &names).unwrap(), Mode::Simulated);
}

#[test]
fn a_part_of_the_credentials_is_a_mistake_and_not_a_simulation() {
    let home = tempfile::tempdir().unwrap();
    let people = own_file(&home);
    for (name, _) in ALL {
        let error = mode(&["--people", &people, "--yes"], &[name]).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn real_people_must_be_named_and_are_never_the_sample() {
    assert!(mode(&["--yes"], &[]).unwrap_err().to_string().contains("--people"));
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/data/contacts.csv");
    assert!(mode(&["--yes", "--people", sample], &[]).unwrap_err().to_string().contains("sample"));
    let home = tempfile::tempdir().unwrap();
    let part = home.path().join("part.csv");
    let bytes = std::fs::read(sample).unwrap();
    std::fs::write(&part, &bytes[..3000]).unwrap();
    assert!(mode(&["--yes", "--people", &part.display().to_string()], &[]).is_err(), "nor a part of it");
    assert!(mode(&["--people", "/nobody/here.csv"], &[]).is_err());
}

#[test]
fn it_is_metas_own_address_and_sends_only_when_told_to() {
    let home = tempfile::tempdir().unwrap();
    let people = own_file(&home);
    for (args, confirmed) in [(vec!["--people", &people], false), (vec!["--people", &people, "--yes"], true)]
    {
        let Mode::Real(real) = mode(&args, &[]).unwrap() else { panic!("real") };
        assert_eq!(real.confirmed, confirmed);
        assert_eq!(real.people, PathBuf::from(&people));
        let config = real.config(&Args::parse_from(["quickstart"]));
        assert_eq!(config.numbers[0].id, "106");
        assert_eq!(config.business, "Karoo Coffee");
        assert_eq!(config.whatsapp.unwrap().base_url, None, "no other address than Meta's");
        assert!(real.db.ends_with("conek.db"), "opt-outs are remembered");
    }
}
