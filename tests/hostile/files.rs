//! Files of people, as they come.

use std::io::{Read, Write};

use conek_core::{
    Content, Engine, Error, Purpose, Recipient,
    campaigns::{Audience, CampaignSpec, Variable},
    people::{ImportOptions, ImportReport, csv_rows},
};
use conek_tests::{World, consenting, offer};

use crate::within_memory;

async fn import(engine: &Engine, csv: impl Into<Vec<u8>>) -> conek_core::Result<ImportReport> {
    engine.contacts().import_csv(csv.into(), ImportOptions::default()).await
}

fn field_of(error: &Error) -> &str {
    match error {
        Error::InvalidInput { field, .. } => field,
        other => panic!("another error: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_row_is_named_and_costs_itself_only() {
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let csv = "phone,name,country\n083 288 5101,Ann,ZA\nno number,Ben,ZA\n083 288 5103,Cee,ZZZ9\n083 288 5104,Dee,ZA\n,Eve,ZA\n083 288 5106,Fay,ZA\n";
        let report = import(&engine, csv).await.unwrap();
        assert_eq!((report.rows, report.rejected), (6, 2), "{report:?}");
        assert_eq!(report.created, 4);
        let rows: Vec<i64> = report.problems.iter().map(|p| p.row).collect();
        assert_eq!(rows, [3, 6]);
        assert!(report.problems.iter().all(|p| p.column.as_deref() == Some("phone")), "{report:?}");
        assert!(!format!("{report:?}").contains("Ben"), "a report repeats what a cell holds");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_encoding_is_named_and_a_row_in_another_one_costs_itself_only() {
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let text = "phone,name\n083 288 5101,Ann\n";
        for big in [true, false] {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            let utf16: Vec<u8> =
                units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
            let error = import(&engine, utf16).await.unwrap_err();
            assert_eq!(field_of(&error), "csv");
            assert!(error.to_string().contains("UTF-8"), "{error}");
        }
        assert_eq!(field_of(&import(&engine, &b"PK\x03\x04\x14\0\x06\0"[..]).await.unwrap_err()), "csv");
        let latin1 = b"phone,name\n083 288 5101,Ann\n083 288 5102,Ren\xe9\n083 288 5103,Cee\n";
        let report = import(&engine, &latin1[..]).await.unwrap();
        assert_eq!((report.created, report.rejected), (2, 1));
        assert_eq!((report.problems[0].row, report.problems[0].column.as_deref()), (3, Some("name")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_that_never_ends_costs_its_row_only() {
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let mut csv = "phone,name\n083 288 5100,\"Ann\n".to_owned();
        for n in 0..300 {
            csv.push_str(&format!("{},Person {n}\n", conek_tests::phone(n + 200)));
        }
        let report = import(&engine, csv).await.unwrap();
        assert_eq!((report.created, report.rejected), (300, 1), "{:?}", report.problems);
        assert_eq!((report.problems[0].row, report.problems[0].column.as_deref()), (2, Some("name")));
    })
    .await;
}

/// So many commas, made as they are read.
struct Commas(usize);

impl Read for Commas {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = out.len().min(self.0);
        out[..n].fill(b',');
        self.0 -= n;
        Ok(n)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_of_commas_are_one_bad_row() {
    within_memory(async {
        let reader = (&b"phone,name\n"[..]).chain(Commas(100 << 20)).chain(&b"\n083 288 5101,Ann\n"[..]);
        let mut rows = csv_rows::CsvRows::open(reader).unwrap();
        let mut row = csv_rows::Row::default();
        let problem = rows.next_row(&mut row).unwrap().unwrap_err();
        assert_eq!(problem.row, 2);
        assert_eq!(rows.next_row(&mut row), Some(Ok(())));
        assert_eq!((row.get(0), row.get(1)), ("083 288 5101", "Ann"));
        assert!(rows.next_row(&mut row).is_none());
        // The header itself may be the attack.
        let error = csv_rows::CsvRows::open(Commas(100 << 20)).unwrap_err();
        assert_eq!(field_of(&error), "csv");

        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let path = world.dir.path().join("people.csv");
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
        file.write_all(b"phone,name\n").unwrap();
        std::io::copy(&mut Commas(100 << 20), &mut file).unwrap();
        file.write_all(b"\n083 288 5101,Ann\n").unwrap();
        drop(file);
        let options = ImportOptions::default();
        let report = engine.contacts().import_file(path.display().to_string(), options).await.unwrap();
        assert_eq!((report.rows, report.created, report.rejected), (2, 1, 1));
        assert_eq!(report.problems[0].row, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_short_rows_of_rubbish_keep_the_first_thousand_problems() {
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let rubbish = "x,y\n".repeat(200_000);
        let report = import(&engine, format!("phone,name\n{rubbish}083 288 5101,Ann\n")).await.unwrap();
        assert_eq!((report.rows, report.rejected, report.created), (200_001, 200_000, 1));
        assert_eq!(report.problems.len(), 1_000);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_formula_is_text_and_is_made_harmless_on_its_way_out() {
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let formula = "=HYPERLINK(\"http://evil.example\")";
        let csv = format!("phone,name\n083 288 5101,\"{}\"\n", formula.replace('"', "\"\""));
        assert_eq!(import(&engine, csv).await.unwrap().created, 1);
        let to = Recipient::Phone { number: "083 288 5101".into() };
        let name = engine.contacts().lookup(to).await.unwrap().unwrap().name.unwrap();
        assert_eq!(name, formula);
        assert_eq!(csv_rows::safe_cell(&name), format!("'{formula}"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_number_in_all_the_ways_people_write_it_is_one_person() {
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let ways = [
            "+27832885137",
            "+27 83 288 5137",
            "+27 (0)83 288-5137",
            "0027 83 288 5137",
            "27832885137",
            "083 288 5137",
            "083-288-5137",
            "(083) 288 5137",
            "083.288.5137",
            "tel:+27832885137",
            "\u{feff}083\u{a0}288\u{2009}5137",
            "\u{202a}+27 83 288 5137\u{202c}",
            "０８３ ２８８ ５１３７",
            "832885137",
        ];
        let csv = ways.iter().fold("phone\n".to_owned(), |csv, way| csv + way + "\n");
        let report = import(&engine, csv).await.unwrap();
        assert_eq!((report.created, report.duplicates), (1, ways.len() as i64 - 1), "{:?}", report.problems);
        let bad = [
            "12",
            "2.78E+10",
            "+999 83 288 5137",
            "083 288 5137 / 083 288 5138",
            "thabo@example.com",
            "0800 FLOWERS",
        ];
        let csv = bad.iter().fold("phone\n".to_owned(), |csv, way| csv + way + "\n");
        let report = import(&engine, csv).await.unwrap();
        assert_eq!((report.created, report.rejected), (0, bad.len() as i64), "{report:?}");
        for (problem, way) in report.problems.iter().zip(bad) {
            assert!(!problem.detail.contains(way), "{problem:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_with_missing_variables_is_refused_before_anything_is_stored() {
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let person = consenting(&engine, "083 288 5101").await.unwrap();
        let mut draft = offer(&person);
        if let Content::Template { body, .. } = &mut draft.content {
            body.clear();
        }
        let error = engine.messages().send(draft).await.unwrap_err();
        assert_eq!(error.code(), "invalid_input", "{error}");
        assert!(engine.messages().of_person(person.clone(), 10).await.unwrap().is_empty());
        let spec = |variables| CampaignSpec {
            name: "Spring".into(),
            audience: Audience::Everyone {},
            template: "spring_offer".into(),
            language: "en".into(),
            variables,
            purpose: Purpose::Marketing,
            sender: None,
            not_before: None,
            expires_at: None,
            goods: None,
        };
        let error = engine.campaigns().plan(spec(Vec::new())).await.unwrap_err();
        assert_eq!(field_of(&error), "variables");
        // A person without the value is left out, with the reason, and the others get it.
        let variable = Variable::Attribute { name: String::new(), attribute: "town".into(), fallback: None };
        let plan = engine.campaigns().plan(spec(vec![variable])).await.unwrap();
        assert_eq!((plan.planned, plan.denied), (1, 1));
        assert_eq!(plan.denied_by[0].reason.code, "MISSING_VARIABLE");
    })
    .await;
}
