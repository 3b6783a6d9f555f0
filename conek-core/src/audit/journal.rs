//! The journal beside the database: what people ended, in the order in which they ended it. It is no part of a
//! backup, so that a restored database cannot undo an erasure or an opt-out: what it lacks is applied again
//! before it may send.
//!
//! A line holds keyed pseudonyms, or a record that is sealed with the person's own key. Each line's tag binds it to
//! the one before.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    storage::{Batch, Committed, Record, Write},
    values::error::{Error, Result},
    vault::Vault,
};

/// What a line tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Item {
    /// People were erased: pseudonyms of their ids.
    Erased(Vec<String>),
    /// An entry of the suppression list.
    Suppressed(Record),
    /// A person's no, as it is in the ledger: sealed with their own key.
    Stopped(Record),
}

#[derive(Serialize, Deserialize)]
struct Line {
    n: u64,
    items: Vec<Item>,
    /// Lines before it that came to nothing, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    void: Vec<u64>,
    tag: String,
}

/// How far a database has taken the journal in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) n: u64,
    pub(crate) offset: u64,
    pub(crate) tag: String,
}

impl Position {
    pub(crate) const KIND: &str = "store";
    pub(crate) const ID: &str = "journal";
    /// Where the place is kept that a lost journal had reached.
    pub(crate) const LOST: &str = "journal_lost";

    pub(crate) fn write(&self, account: &str) -> Result<Write> {
        self.write_as(account, Self::ID)
    }
    pub(crate) fn write_as(&self, account: &str, id: &str) -> Result<Write> {
        let mut record = Record::new(account, Self::KIND, id);
        record.retention = "account".to_owned();
        record.clear = serde_json::to_string(self).map_err(|_| Error::internal("the journal's position"))?;
        Ok(Write::Put { record })
    }
    pub(crate) fn read(record: &Record) -> Result<Self> {
        serde_json::from_str(&record.clear)
            .map_err(|_| Error::internal("the journal's position has a shape this version does not know"))
    }
}

/// What of these batches must survive a restore.
pub(crate) fn items(batches: &[Batch]) -> Vec<Item> {
    let mut items = Vec::new();
    for write in batches.iter().flat_map(|b| &b.writes) {
        let (Write::Insert { record } | Write::Put { record }) = write else { continue };
        match record.kind.as_str() {
            "suppression" if record.state != "lifted" => items.push(Item::Suppressed(record.clone())),
            "erasure" => {
                let pseudonyms: Pseudonyms = serde_json::from_str(&record.clear).unwrap_or_default();
                items.push(Item::Erased(pseudonyms.pseudonyms));
            }
            "consent"
                if matches!(record.state.as_str(), "withdrawn" | "refused" | "revoked" | "invalidated") =>
            {
                items.push(Item::Stopped(record.clone()));
            }
            "declaration" if is_stop(&record.state) => items.push(Item::Stopped(record.clone())),
            _ => {}
        }
    }
    items
}

/// Whether a declaration ends something.
fn is_stop(statement: &str) -> bool {
    matches!(
        statement,
        "objects" | "demands_desist" | "restricted" | "reported_as_child" | "number_reassigned" | "age"
    )
}

/// The part of an erasure's proof that the journal takes over.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Pseudonyms {
    pseudonyms: Vec<String>,
}

/// The journal's file.
#[derive(Debug)]
pub(crate) struct Journal {
    held: Mutex<Held>,
}

#[derive(Debug)]
pub(crate) struct Held {
    path: PathBuf,
    file: Option<File>,
    end: Position,
    /// The line written last, for the case that it comes to nothing.
    last: u64,
}

/// What a database lacks.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    pub(crate) items: Vec<Item>,
    /// The file is missing, or ends before the place that the database has seen.
    pub(crate) is_behind: bool,
    /// What was lost, to be remembered until it is back.
    pub(crate) lost: Option<Position>,
}

fn fault(path: &Path, e: &std::io::Error) -> Error {
    Error::storage(
        crate::values::error::StorageFault::Unavailable,
        format!("the journal {} cannot be used: {}", path.display(), e.kind()),
    )
}

impl Journal {
    /// The journal at `path`, and what a database at `position` lacks of it. `is_new`: the database was made just
    /// now, so that a journal which lies there is another one's.
    pub(crate) fn open(
        path: PathBuf,
        vault: &Vault,
        position: Position,
        is_new: bool,
    ) -> Result<(Self, Backlog)> {
        if is_new && position.n == 0 && path.exists() {
            let mut aside = path.clone().into_os_string();
            aside.push(".old");
            std::fs::rename(&path, &aside).map_err(|e| fault(&path, &e))?;
            tracing::warn!(
                "a journal of another database lay where this one's goes; it was put aside as .old"
            );
        }
        let mut backlog = Backlog::default();
        let mut end = Position::default();
        match File::open(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => backlog.is_behind = position.n > 0,
            Err(e) => return Err(fault(&path, &e)),
            Ok(file) => {
                let length = file.metadata().map_err(|e| fault(&path, &e))?.len();
                let known = position.n > 0
                    && position.offset <= length
                    && tag_before(&file, position.offset).is_some_and(|tag| tag == position.tag);
                let start = if known { position.clone() } else { Position::default() };
                let (lines, to) = read_from(&path, file, vault, start)?;
                backlog.is_behind = !known && to.n < position.n;
                let void: Vec<u64> = lines.iter().flat_map(|l| l.void.iter().copied()).collect();
                // Behind a known place; of another journal than the one last seen, everything: it does no harm twice.
                let lacking = lines.into_iter().filter(|l| !void.contains(&l.n));
                backlog.items = lacking.flat_map(|l| l.items).collect();
                end = to;
            }
        }
        backlog.lost = backlog.is_behind.then_some(position);
        let held = Held { path, file: None, last: end.n, end };
        Ok((Self { held: Mutex::new(held) }, backlog))
    }

    /// Whether a journal that was lost is back: the file holds the place that it had reached.
    pub(crate) async fn holds(&self, lost: &Position) -> bool {
        let path = self.held.lock().await.path.clone();
        File::open(path).is_ok_and(|file| tag_before(&file, lost.offset).is_some_and(|tag| tag == lost.tag))
    }

    /// Begins a journal for a database that has none, so that one that is lost later is missed.
    pub(crate) async fn begin(&self, vault: &Vault) -> Result<Position> {
        self.held.lock().await.append(vault, Vec::new()).await
    }

    pub(super) async fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().await
    }

    /// Where the journal ends.
    pub(crate) async fn end(&self) -> Position {
        self.held.lock().await.end.clone()
    }
}

/// The tag of the line that ends at `offset`.
fn tag_before(file: &File, offset: u64) -> Option<String> {
    let mut file = file;
    let back = offset.min(256);
    file.seek(SeekFrom::Start(offset - back)).ok()?;
    let mut bytes = vec![0; usize::try_from(back).ok()?];
    file.read_exact(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let text = text.strip_suffix("\"}\n")?;
    Some(text.rsplit_once('"')?.1.to_owned())
}

/// Reads the lines behind `from`. A last line without an end was never answered for, and is left out.
fn read_from(path: &Path, mut file: File, vault: &Vault, from: Position) -> Result<(Vec<Line>, Position)> {
    file.seek(SeekFrom::Start(from.offset)).map_err(|e| fault(path, &e))?;
    let mut reader = BufReader::new(file);
    let (mut lines, mut at) = (Vec::new(), from);
    loop {
        let mut text = String::new();
        let read = reader.read_line(&mut text).map_err(|e| fault(path, &e))?;
        if read == 0 || !text.ends_with('\n') {
            return Ok((lines, at));
        }
        let changed = || {
            Error::key(format!(
                "line {} of the journal {} was changed, or was written with another key",
                at.n + 1,
                path.display()
            ))
        };
        let line: Line = serde_json::from_str(&text).map_err(|_| changed())?;
        if line.n != at.n + 1 || tag(vault, &at.tag, &line)? != line.tag {
            return Err(changed());
        }
        at = Position { n: line.n, offset: at.offset + read as u64, tag: line.tag.clone() };
        lines.push(line);
    }
}

fn tag(vault: &Vault, before: &str, line: &Line) -> Result<String> {
    let items = serde_json::to_string(&(line.n, &line.items, &line.void))
        .map_err(|_| Error::internal("encoding a line of the journal"))?;
    Ok(vault.fingerprint("journal", &format!("{before}\n{items}")))
}

impl Held {
    /// Writes one line and waits until it is on the disk.
    pub(super) async fn append(&mut self, vault: &Vault, items: Vec<Item>) -> Result<Position> {
        self.line(vault, items, Vec::new())
    }

    /// The line written last came to nothing, where each of its batches did.
    pub(super) async fn void(&mut self, vault: &Vault, results: &[Committed]) -> Result<()> {
        if results.iter().all(|r| matches!(r, Committed::Conflict { .. })) {
            let last = self.last;
            self.line(vault, Vec::new(), vec![last])?;
        }
        Ok(())
    }

    fn line(&mut self, vault: &Vault, items: Vec<Item>, void: Vec<u64>) -> Result<Position> {
        let failed = |path: &Path, e: std::io::Error| fault(path, &e);
        let mut file = match self.file.take() {
            Some(file) => file,
            None => {
                let mut options = OpenOptions::new();
                options.read(true).append(true).create(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let file = options.open(&self.path).map_err(|e| failed(&self.path, e))?;
                // A line that a dying process left half written.
                if file.metadata().is_ok_and(|m| m.len() > self.end.offset) {
                    let (_, end) = read_from(
                        &self.path,
                        File::open(&self.path).map_err(|e| failed(&self.path, e))?,
                        vault,
                        self.end.clone(),
                    )?;
                    self.end = end;
                    file.set_len(self.end.offset).map_err(|e| failed(&self.path, e))?;
                }
                file
            }
        };
        let mut line = Line { n: self.end.n + 1, items, void, tag: String::new() };
        line.tag = tag(vault, &self.end.tag, &line)?;
        let mut text = serde_json::to_string(&line).map_err(|_| Error::internal("encoding a line"))?;
        text.push('\n');
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        if let Err(e) = written {
            // Whatever part of it was written goes again, or is cut off by the next opening.
            let _ = file.set_len(self.end.offset);
            return Err(failed(&self.path, e));
        }
        self.end = Position { n: line.n, offset: self.end.offset + text.len() as u64, tag: line.tag };
        self.last = self.end.n;
        self.file = Some(file);
        Ok(self.end.clone())
    }
}
