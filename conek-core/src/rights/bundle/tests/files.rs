//! Names, failures, and what becomes of a bundle that is given up.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use super::*;

#[test]
fn a_file_cannot_leave_the_bundle_nor_take_the_place_of_its_own() {
    let mut b = Bundle::new(Vec::new(), head(ExportKind::Access)).unwrap();
    let long = "a".repeat(181);
    let hostile = [
        "",
        "/",
        "/etc/passwd",
        "../up",
        "receipts/../../up",
        "receipts/..",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "a\\b",
        "..\\up",
        "C:/a",
        "C:a",
        "~/a b",
        "a\0b",
        "a\nb",
        "ä.json",
        "a\u{202E}b",
        "a：b",
        ".hidden",
        "a/.git",
        "ends.",
        "con",
        "receipts/NUL.json",
        "COM1.txt",
        "lpt9",
        "data/person.json",
        "DATA/x.json",
        "csv/x.csv",
        "schemas/x.json",
        "manifest.json",
        "Manifest.SIG",
        "README.html",
        "README.html/x",
        "public_key.pem",
        "contact.vcf",
        &long,
    ];
    for name in hostile {
        let error = b.file(name, b"x").expect_err(name);
        assert_eq!(error.code(), "bundle_name", "{name:?}");
        assert!(name.len() < 3 || !error.to_string().contains(name), "the error repeats {name:?}");
    }
    for name in ["receipts/a.jsonld", "media/2026/photo_1.jpg", "console.txt", "com.txt", "com10", "a..b"] {
        b.file(name, name.as_bytes()).unwrap();
    }
    for name in ["receipts/A.jsonld", "receipts", "receipts/a.jsonld/b", "media/2026"] {
        assert_eq!(b.file(name, b"x").expect_err(name).code(), "bundle_name");
    }
    b.vcard(&card()).unwrap();
    assert_eq!(b.vcard(&card()).unwrap_err().code(), "bundle_name");
    let (zip, _) = b.finish(sign, &public()).unwrap();
    assert_eq!(bytes(&zip, "media/2026/photo_1.jpg"), b"media/2026/photo_1.jpg");
    assert_eq!(open(&zip).len(), 6 + 1 + 4);
}

#[test]
fn a_section_has_a_plain_name() {
    let mut b = Bundle::new(Vec::new(), head(ExportKind::Access)).unwrap();
    for name in ["", "../x", "a/b", "A", "1", "a b", "a.b", "ü", "nul", "<script>", &"a".repeat(65)] {
        assert_eq!(b.section(name, None, &schemas::OTHER).unwrap_err().code(), "bundle_name", "{name:?}");
    }
    b.section("orders-2026_x", Some("Orders"), Schema::of("orders-2026_x")).unwrap();
    b.end_section().unwrap();
}

/// Takes some bytes, then fails.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 < bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0 -= bytes.len();
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn try_all(writer: Full) -> Result<()> {
    let mut b = Bundle::new(writer, head(ExportKind::Access))?;
    b.section("messages", None, &schemas::MESSAGES)?;
    for n in 0..100 {
        b.item(&map(json!({"id": n.to_string(), "content": "x".repeat(50)})), true, "")?;
    }
    b.end_section()?;
    b.vcard(&card())?;
    b.finish(sign, &public()).map(|_| ())
}

#[test]
fn a_full_disk_is_an_error_wherever_it_strikes() {
    let mut writes = 0;
    for room in (0..12_000).step_by(97) {
        match try_all(Full(room)) {
            Ok(()) => writes += 1,
            Err(e) => assert_eq!(e, BundleError::Io(io::ErrorKind::StorageFull), "{room}"),
        }
    }
    assert!(writes > 0);
}

#[test]
fn after_a_failure_nothing_goes_on() {
    let mut b = Bundle::new(Full(10), head(ExportKind::Access)).unwrap();
    assert_eq!(b.vcard(&card()).unwrap_err().code(), "bundle_io");
    assert_eq!(b.file("a", b"x").unwrap_err().code(), "bundle_state");
    assert_eq!(b.section("person", None, &schemas::PERSON).unwrap_err().code(), "bundle_state");
    assert_eq!(b.finish(sign, &public()).err().map(|e| e.code()), Some("bundle_state"));
}

#[test]
fn a_source_that_fails_loses_the_bundle() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let mut b = Bundle::new(Vec::new(), head(ExportKind::Access)).unwrap();
    let error = b.file_from("media/photo.jpg", &mut Broken).unwrap_err();
    assert_eq!(error, BundleError::Io(io::ErrorKind::ConnectionReset));
    assert_eq!(b.finish(sign, &public()).err().map(|e| e.code()), Some("bundle_state"));
}

/// A writer whose bytes can be seen after it is gone.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<u8>>>);

impl Write for Seen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_bundle_that_is_dropped_unfinished_is_no_zip() {
    let seen = Seen::default();
    let mut b = Bundle::new(seen.clone(), head(ExportKind::Access)).unwrap();
    b.vcard(&card()).unwrap();
    drop(b);
    let bytes = seen.0.lock().unwrap().clone();
    assert!(!bytes.is_empty());
    assert!(zip::ZipArchive::new(Cursor::new(bytes)).is_err());
}
