//! A day of work with people who do not exist: nothing of them may be found in a file, a log line,
//! an error or a debug text, in any form.
#![allow(clippy::unwrap_used, reason = "a test may panic, also in the functions it shares")]

mod day;
mod forms;

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use forms::Forms;

/// Keeps every log line.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, some: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).extend_from_slice(some);
        Ok(some.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Every file below a folder, with its name: names can tell too.
fn files(dir: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            let mut bytes = entry.file_name().to_string_lossy().into_owned().into_bytes();
            bytes.push(b'\n');
            bytes.extend(std::fs::read(entry.path()).unwrap());
            found.push((entry.path().display().to_string(), bytes));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_person_or_a_secret_is_found_anywhere() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let mut day = day::Day::begin().await;
    day.work().await;
    let canaries = Forms::of(&day.canaries());
    let found = |what: &str, bytes: &[u8]| {
        canaries.found_in(bytes).into_iter().map(|c| format!("{c} in {what}")).collect::<Vec<_>>()
    };

    // While the log of the database is still open beside it, and after it was folded in.
    let mut hits = Vec::new();
    let open = files(day.world.dir.path());
    assert!(
        open.iter().any(|(name, bytes)| name.ends_with("-wal") && bytes.len() > 4_096),
        "there is a log to look at"
    );
    let seen = day.seen().await;
    day.close().await;
    let closed = files(day.world.dir.path());
    assert!(closed.iter().any(|(name, _)| name.ends_with("copy.db")));
    for (name, bytes) in open.iter().chain(&closed) {
        hits.extend(found(name, bytes));
    }
    for (what, text) in &seen {
        hits.extend(found(what, text.as_bytes()));
    }
    let logged = lines.0.lock().unwrap().clone();
    for line in logged.split(|b| *b == b'\n') {
        for canary in canaries.found_in(line) {
            hits.push(format!("{canary} in the log line {}", String::from_utf8_lossy(line)));
        }
    }
    hits.sort();
    hits.dedup();
    assert!(hits.is_empty(), "{} hits:\n{}", hits.len(), hits.join("\n"));
    assert!(logged.windows(5).any(|w| w == b"conek"), "the log was captured");

    // The same search finds what is planted on purpose, in each of its forms.
    for (form, needle) in canaries.all() {
        let around = &closed[0].1[..closed[0].1.len().min(2_000)];
        let planted = [around, needle, around].concat();
        assert!(!canaries.found_in(&planted).is_empty(), "{form} is not found");
    }
    let phone = day::PHONE;
    tracing::trace!(phone, "planted on purpose");
    let logged = lines.0.lock().unwrap().clone();
    assert!(!canaries.found_in(&logged).is_empty(), "the log is not searched");
}
