//! Every record of a storage as a line of JSON: the form in which records go from one storage into another.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Lines, Write},
    path::Path,
};

use ring::digest::{SHA256, digest};
use serde::Deserialize;

use super::Record;
use crate::values::{
    error::{Error, Result, StorageFault},
    hex,
};

/// The record that says which life a store lives; see [`super::migrate`].
pub(super) const LIFE: (&str, &str) = ("store", "life");
/// Before the state of a store that has not arrived yet: no engine works on it.
pub(super) const ARRIVING: &str = "arriving ";

fn foreign() -> Error {
    Error::storage(StorageFault::NotOurs, "this file is no backup of a storage")
}

/// A record for which there is no room beside the others of its dump.
pub(super) fn twice() -> Error {
    Error::storage(StorageFault::NotOurs, "this file is no backup: a record is in it twice")
}

/// A file that only its owner may read, and that is not there yet.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Begins a dump: how far appending has come.
pub(super) fn begin(out: &mut impl Write, appended: i64) -> io::Result<()> {
    writeln!(out, "{appended}")
}

/// One record more.
pub(super) fn put(out: &mut impl Write, record: &Record) -> io::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    out.write_all(b"\n")
}

/// Reads a dump.
pub(super) struct Reader {
    /// How far appending had come.
    pub(super) appended: i64,
    lines: Lines<BufReader<File>>,
    /// The stores in it are marked as arriving.
    moving: bool,
}

impl Reader {
    pub(super) fn open(from: &str, moving: bool) -> Result<Self> {
        let file = File::open(from).map_err(|_| Error::not_found("backup", from))?;
        let mut lines = BufReader::new(file).lines();
        let appended = match lines.next() {
            Some(Ok(line)) => line.parse().map_err(|_| foreign())?,
            _ => return Err(foreign()),
        };
        Ok(Self { appended, lines, moving })
    }

    /// At most so many records; none at the end.
    pub(super) fn some(&mut self, most: usize) -> Result<Vec<Record>> {
        let moving = self.moving;
        let read = |line: io::Result<String>| {
            let read = line.ok().and_then(|l| serde_json::from_str::<Record>(&l).ok());
            let mut record = read.ok_or_else(foreign)?;
            if moving && (record.kind.as_str(), record.id.as_str()) == LIFE {
                record.state.insert_str(0, ARRIVING);
            }
            Ok(record)
        };
        self.lines.by_ref().take(most).map(read).collect()
    }
}

/// What a dump holds, whatever the order of its records: how many of each kind, and a fingerprint of all.
///
/// The fingerprint is the sum of the SHA-256 of every record. The records of the stores' lives are not in it, as
/// moving a store changes them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    line: Vec<u8>,
    begun: bool,
    unreadable: bool,
    sum: [u64; 4],
    pub(super) kinds: BTreeMap<String, i64>,
}

/// What is counted by.
#[derive(Deserialize)]
struct Name<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

impl Tally {
    fn count(&mut self) {
        // The first line says how far appending has come, which the storages may count differently.
        if !std::mem::replace(&mut self.begun, true) {
            return;
        }
        let Ok(name) = serde_json::from_slice::<Name<'_>>(&self.line) else {
            self.unreadable = true;
            return;
        };
        if (&*name.kind, &*name.id) != LIFE {
            let hash = digest(&SHA256, &self.line);
            for (lane, bytes) in self.sum.iter_mut().zip(hash.as_ref().chunks_exact(8)) {
                let mut eight = [0; 8];
                eight.copy_from_slice(bytes);
                *lane = lane.wrapping_add(u64::from_be_bytes(eight));
            }
        }
        *self.kinds.entry(name.kind.into_owned()).or_default() += 1;
    }

    pub(super) fn fingerprint(&self) -> String {
        let bytes: Vec<u8> = self.sum.iter().flat_map(|lane| lane.to_be_bytes()).collect();
        hex(&bytes)
    }

    /// Whether every line was a record, and the last one whole.
    pub(super) fn is_whole(&self) -> bool {
        self.begun && !self.unreadable && self.line.is_empty()
    }
}

impl Write for Tally {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|b| *b == b'\n') {
            match part.split_last() {
                Some((b'\n', rest)) => {
                    self.line.extend_from_slice(rest);
                    self.count();
                    self.line.clear();
                }
                _ => self.line.extend_from_slice(part),
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
