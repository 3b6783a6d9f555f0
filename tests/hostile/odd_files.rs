//! Files that are nearly right: whatever can be read counts, and the rest is named by row and column.

use conek_core::{
    Error,
    people::{ImportOptions, ImportReport},
};
use conek_tests::World;

use crate::within_memory;

async fn import(csv: &[u8]) -> conek_core::Result<ImportReport> {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    engine.contacts().import_csv(csv.to_vec(), ImportOptions::default()).await
}

/// Imports a file and compares: how many people, and which rows and columns are named.
async fn gives(csv: &[u8], people: i64, problems: &[(i64, &str)]) {
    let report = import(csv).await.unwrap();
    let named: Vec<(i64, &str)> =
        report.problems.iter().map(|p| (p.row, p.column.as_deref().unwrap_or("-"))).collect();
    let text = String::from_utf8_lossy(&csv[..csv.len().min(200)]);
    assert_eq!((report.created, named.as_slice()), (people, problems), "{text:?} {report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_wrong_is_named_by_row_and_column_and_costs_itself() {
    within_memory(async {
        // A NUL byte, another encoding, letters, an extension.
        gives(b"phone,name\n083 288 5101,A\0B\n083 288 5102,C\n", 1, &[(2, "name")]).await;
        gives(b"phone,name\n083\x96288\x965101,A\n083 288 5102,C\n", 1, &[(2, "phone")]).await;
        gives(b"name,phone\nA,O83 288 5101\nB,083 288 5102\n", 1, &[(2, "phone")]).await;
        gives(b"name,phone\nA,083 288 5101 x2\nB,083 288 5102\n", 1, &[(2, "phone")]).await;
        // The country is wrong, not the number.
        gives(b"phone,country\n083 288 5101,XQ\n083 288 5102,ZA\n", 1, &[(2, "country")]).await;
        // Quotes that are not closed.
        gives(b"phone,name\n083 288 5101,\"A\n083 288 5102,B\n", 1, &[(2, "name")]).await;
        gives(b"phone,name\n\"083 288 5101,A\n083 288 5102,B\n", 1, &[(2, "phone")]).await;
        gives(
            b"phone,name\n083 288 5101,\"A\n083 288 5102,\"B\n083 288 5103,C\n",
            1,
            &[(2, "name"), (3, "name")],
        )
        .await;
        // Too few and too many cells.
        gives(b"name,phone\nA\nB,083 288 5102\n", 1, &[(2, "phone")]).await;
        gives(b"phone,name\n083 288 5101,A,x\n083 288 5102,B\n", 1, &[(2, "-")]).await;
        // A formula is text where text belongs and no number where a number does.
        gives(b"phone,name\n\"=HYPERLINK(\"\"x\"\")\",A\n+27 83 288 5102,=1+1\n", 1, &[(2, "phone")]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_layout_that_spreadsheets_write_reads_alike() {
    within_memory(async {
        for csv in [
            "phone;name\n083 288 5101;\"A;B\"\n083 288 5102;C\n",
            "phone\tname\n083 288 5101\tA\n083 288 5102\tC\n",
            "phone|name\n083 288 5101|A\n083 288 5102|C\n",
            "phone;name, first\n083 288 5101;A, B\n083 288 5102;C\n",
            "sep=;\r\nphone;name\r\n083 288 5101;A\r\n083 288 5102;C\r\n",
            "\u{feff}phone,name\r\n083 288 5101,A\n\r\n083 288 5102,C\r",
            "\n\n Phone Number , Name \n083 288 5101,A\n083 288 5102,C",
        ] {
            gives(csv.as_bytes(), 2, &[]).await;
        }
        for csv in ["phone,name", "phone,name\n", "phone,name\r\n\r\n,,\r\n"] {
            gives(csv.as_bytes(), 0, &[]).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_none_says_why_and_stores_nothing() {
    within_memory(async {
        for (csv, field, says) in [
            (&b""[..], "csv", "no header"),
            (b"\xef\xbb\xbf", "csv", "no header"),
            (b"\r\n\r\n", "csv", "no header"),
            (b"phone,name,name\n083 288 5101,A,B\n", "csv", "columns 2 and 3"),
            (b"phone,,name\n083 288 5101,x,A\n", "csv", "column 2"),
            (b"phone,\"name\n083 288 5101,B\n", "csv", "quote"),
            (b"083 288 5101,Ann\n083 288 5102,B\n", "csv", "no header"),
            (b"phone,pr\xe9nom\n083 288 5101,A\n", "csv", "UTF-8"),
            (b"p\0h\0o\0n\0e\0\n\0", "csv", "UTF-16"),
            (b"PK\x03\x04", "csv", "workbook"),
            (b"first,last\nA,B\n", "columns", "first, last"),
        ] {
            let error = import(csv).await.unwrap_err();
            let Error::InvalidInput { field: of, detail } = &error else { panic!("{error}") };
            assert_eq!(of, field, "{error}");
            assert!(detail.contains(says), "{error}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_is_none_is_refused_before_the_first_row() {
    let world = World::new(|_| {}).await;
    let engine = world.engine().await;
    let options = ImportOptions { region: Some("XQ".into()), ..ImportOptions::default() };
    let error = engine.contacts().import_csv(b"phone\n083 288 5101\n".to_vec(), options).await.unwrap_err();
    assert!(matches!(&error, Error::InvalidInput { field, .. } if field == "region"), "{error}");
    engine.close().await.unwrap();
    let mut config = world.config();
    config.region = Some("South Africa".into());
    let error = conek_core::Engine::open(config, world.ports()).await.unwrap_err();
    assert!(matches!(&error, Error::InvalidInput { field, .. } if field == "region"), "{error}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_ends_with_an_error_too() {
    within_memory(async {
        let world = World::new(|_| {}).await;
        let engine = world.engine().await;
        let missing = world.dir.path().join("missing.csv").display().to_string();
        let directory = world.dir.path().display().to_string();
        for path in ["/dev/zero", "/dev/null", "", "a\0b", &missing, &directory] {
            let error =
                engine.contacts().import_file(path.to_owned(), ImportOptions::default()).await.unwrap_err();
            assert_eq!(error.code(), "invalid_input", "{path}: {error}");
        }
        assert_eq!(engine.contacts().count().await.unwrap(), 0);
    })
    .await;
}
