//! Bundles that memory cannot hold.

use std::io::{self, Write};

use super::*;
use crate::rights::bundle::spool::Spool;

#[test]
fn a_spool_gives_back_what_it_got_as_often_as_asked() {
    let mut spool = Spool::new();
    let mut expected = Vec::new();
    for n in 0..60_000u32 {
        let line = format!("{n}:{}\n", "x".repeat((n % 97) as usize));
        expected.extend_from_slice(line.as_bytes());
        spool.push(line.as_bytes(), None).unwrap();
    }
    assert!(expected.len() > 3 << 20);
    assert_eq!(spool.len(), expected.len() as u64);
    for _ in 0..2 {
        let mut got = Vec::new();
        spool.reader().unwrap().copy(|b| got.write_all(b).map_err(|_| unreachable!())).unwrap();
        assert!(got == expected);
        let (mut reader, mut line, mut lines) = (spool.reader().unwrap(), Vec::new(), 0u32);
        while reader.line(&mut line).unwrap() {
            assert!(line.starts_with(format!("{lines}:").as_bytes()));
            lines += 1;
        }
        assert_eq!(lines, 60_000);
    }
    // One push that is longer than several chunks.
    let (mut spool, long) = (Spool::new(), vec![7; (5 << 20) + 3]);
    spool.push(&long, None).unwrap();
    let mut got = Vec::new();
    spool.reader().unwrap().copy(|b| got.write_all(b).map_err(|_| unreachable!())).unwrap();
    assert!(got == long);
    assert!(Spool::new().reader().unwrap().bytes().unwrap().is_empty());
}

#[test]
fn a_directory_for_temporary_files_that_is_not_there_is_an_error_without_its_path() {
    let mut spool = Spool::new();
    let directory = std::path::Path::new("/nowhere/naledi");
    let error = spool.push(&vec![0; 2 << 20], Some(directory)).unwrap_err();
    assert_eq!(error.code(), "bundle_spool");
    assert!(!error.to_string().contains("naledi"));
}

/// Counts, and keeps nothing.
#[derive(Default)]
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn two_hundred_thousand_items_do_not_fill_memory() {
    let mut b = Bundle::new(Counted::default(), head(ExportKind::Access)).unwrap();
    b.section("received", None, &schemas::RECEIVED).unwrap();
    let mut item = map(json!({"id": "", "text": "x".repeat(60), "received_at": "2026-01-02T03:04:05Z"}));
    for n in 0..200_000 {
        item.insert("id".into(), json!(format!("message-{n}")));
        b.item(&item, true, "provided by the person").unwrap();
    }
    assert!(b.open.as_ref().unwrap().held() < 4 << 20);
    b.end_section().unwrap();
    assert!(b.page.held() < 4 << 20);
    let (written, manifest) = b.finish(sign, &public()).unwrap();
    let data = manifest.files.iter().find(|f| f.path == "data/received.json").unwrap();
    assert_eq!(data.records, Some(200_000));
    assert!(data.size > 25_000_000 && written.0 < data.size);
    assert!(manifest.files.iter().find(|f| f.path == "README.html").unwrap().size < 1 << 20);
}
