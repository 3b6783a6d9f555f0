//! The bundle that a person gets who asks for their data (GDPR 15 and 20, POPIA s23): a signed ZIP, for people to
//! read and for programs to take over, written in bounded memory.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    path::PathBuf,
};

use serde::Serialize;
use serde_json::{Map, Value};

use super::export::ExportKind;
use crate::values::{quiet::quiet_debug, time::Timestamp};

mod close;
mod csv;
mod error;
mod names;
mod page;
pub mod schemas;
mod sealed;
mod section;
mod sink;
mod spool;
#[cfg(test)]
mod tests;
mod vcard;
mod words;

pub use error::{BundleError, Result};
pub use schemas::Schema;
pub use sealed::Sealed;
pub use vcard::Card;

use page::Entry;
use section::Section;
use sink::Archive;
use spool::Spool;
use words::Words;

/// The form of the bundle, as its manifest names it.
pub const FORMAT: &str = "conek-dsr/1";

/// The field that tells whether portability covers an item.
const PORTABLE: &str = "portable";
/// The field that tells why.
const REASON: &str = "portable_reason";

/// What a bundle says of itself.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct BundleHead {
    /// How the business refers to the person. Not their name or number: the manifest may be shown to others.
    pub subject: String,
    /// Which right it answers.
    pub kind: ExportKind,
    /// When it is made; also the time of every file in it.
    pub generated_at: Timestamp,
    /// Whose law applies, for example `ZA`.
    pub jurisdiction: String,
    /// The language of the page (BCP 47).
    pub language: String,
    /// Who answers.
    pub business: String,
    /// Where the person can write about their data.
    pub privacy_contact: String,
    /// The authority to which the person can complain, with its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
}
quiet_debug! { BundleHead { kind, generated_at, jurisdiction, language } }

/// A file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BundleFile {
    /// Its path.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of it, hexadecimal.
    pub sha256: String,
    /// How many items it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// How many items portability left out of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<u64>,
    /// The `$id` of its schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
}

/// What a bundle holds, as `manifest.json` lists it. The manifest and its signature are not in the list.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// What the bundle says of itself.
    #[serde(flatten)]
    pub head: BundleHead,
    /// Every other file, in the order written.
    pub files: Vec<BundleFile>,
}
quiet_debug! { Manifest { format, head } }

/// Writes a bundle, part by part.
///
/// The same calls write the same bytes. Memory holds about a megabyte of a section; the rest waits in a temporary
/// file, sealed under a key that dies with the process. A bundle that is dropped unfinished is no ZIP.
pub struct Bundle<W: Write> {
    head: BundleHead,
    words: &'static Words,
    archive: Archive<W>,
    /// The page's sections.
    page: Spool,
    entries: Vec<Entry>,
    open: Option<Section>,
    /// Every path so far, in lower case: some file systems do not tell the cases apart.
    taken: BTreeSet<String>,
    /// The folders of the caller's files.
    folders: BTreeSet<String>,
    directory: Option<PathBuf>,
}

impl<W: Write> Bundle<W> {
    /// Begins a bundle.
    ///
    /// # Errors
    /// `bundle_head` when the reference, the business, its contact or the jurisdiction is empty.
    pub fn new(writer: W, head: BundleHead) -> Result<Self> {
        for (field, value) in [
            ("subject", &head.subject),
            ("business", &head.business),
            ("privacy_contact", &head.privacy_contact),
            ("jurisdiction", &head.jurisdiction),
        ] {
            if value.trim().is_empty() {
                return Err(BundleError::Head { field });
            }
        }
        Ok(Self {
            words: Words::of(&head.language),
            archive: Archive::new(writer, head.generated_at),
            head,
            page: Spool::new(),
            entries: Vec::new(),
            open: None,
            taken: BTreeSet::new(),
            folders: BTreeSet::new(),
            directory: None,
        })
    }

    /// Where temporary files are made, instead of in the system's directory for them: Android gives apps none.
    pub fn spool_in(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// Begins a section: `data/<name>.json` and what mirrors it. Without a title of the caller's, the page has its
    /// own for the names of [`schemas::ALL`], in its language.
    ///
    /// # Errors
    /// `bundle_name` for a name that is taken or has anything but `a-z`, `0-9`, `_` and `-`; `bundle_state` while
    /// another section is open.
    pub fn section(&mut self, name: &str, title: Option<&str>, schema: &Schema) -> Result<()> {
        self.closed()?;
        names::section(name)?;
        if self.taken.contains(&format!("data/{name}.json")) {
            return Err(BundleError::Name { detail: "there is a section of this name already" });
        }
        let title = title.filter(|t| !t.trim().is_empty()).unwrap_or_else(|| self.words.section(name));
        self.open = Some(Section::new(name, title, *schema));
        Ok(())
    }

    /// Adds an item to the open section, and says whether it is in: a portability bundle has only what portability
    /// covers. `reason` is why it does or does not.
    ///
    /// # Errors
    /// `bundle_item` for an item with fields named `portable` or `portable_reason`, or nested deeper than 64;
    /// `bundle_state` without an open section.
    pub fn item(&mut self, item: &Map<String, Value>, portable: bool, reason: &str) -> Result<bool> {
        self.alive()?;
        let Some(section) = &mut self.open else {
            return Err(BundleError::State { detail: "begin a section before its items" });
        };
        section::check(item)?;
        if self.head.kind == ExportKind::Portability && !portable {
            section.left_out += 1;
            return Ok(false);
        }
        section
            .add(item, portable, reason, self.directory.as_deref())
            .inspect_err(|_| self.archive.lose())?;
        Ok(true)
    }

    /// Ends the open section and writes it: JSON, CSV, schema, and its part of the page.
    ///
    /// # Errors
    /// `bundle_state` without an open section; `bundle_io` and `bundle_spool`.
    pub fn end_section(&mut self) -> Result<()> {
        self.alive()?;
        let Some(mut section) = self.open.take() else {
            return Err(BundleError::State { detail: "no section is open" });
        };
        section
            .write(&mut self.archive, self.words, &mut self.page, self.directory.as_deref())
            .inspect_err(|_| self.archive.lose())?;
        self.taken.extend(section.paths().map(|p| p.to_ascii_lowercase()));
        self.entries.push(Entry { name: section.name, title: section.title, records: section.records });
        Ok(())
    }

    /// Writes `contact.vcf`.
    ///
    /// # Errors
    /// `bundle_name` the second time; `bundle_state` while a section is open; `bundle_io`.
    pub fn vcard(&mut self, card: &Card) -> Result<()> {
        self.closed()?;
        self.take("contact.vcf")?;
        self.whole("contact.vcf", card.text().as_bytes())
    }

    /// Writes a file of the caller's, for example `receipts/marketing.jsonld`. Portability does not filter it.
    ///
    /// # Errors
    /// `bundle_name` for a path that is taken, the bundle's own, leaves the bundle, or has anything but ASCII
    /// letters, digits, `.`, `_`, `-` and `/`; `bundle_state` while a section is open; `bundle_io`.
    pub fn file(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.file_from(name, &mut &*bytes)
    }

    /// The same, read from a source of any length.
    ///
    /// # Errors
    /// As [`Self::file`]; `bundle_io` also when the source fails.
    pub fn file_from(&mut self, name: &str, source: &mut dyn Read) -> Result<()> {
        self.closed()?;
        names::file(name)?;
        self.take(name)?;
        if let Some((folder, _)) = name.split_once('/') {
            self.folders.insert(format!("{folder}/"));
        }
        self.archive.file(name, u64::MAX, |put| {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                match source.read(&mut buffer) {
                    Ok(0) => return Ok(()),
                    Ok(n) => put(&buffer[..n])?,
                    Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(e) => return Err(BundleError::Io(e.kind())),
                }
            }
        })?;
        Ok(())
    }

    fn whole(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        self.archive.file(path, bytes.len() as u64, |put| put(bytes)).map(|_| ())
    }

    fn alive(&self) -> Result<()> {
        if self.archive.is_lost() {
            return Err(BundleError::State { detail: "an earlier call failed: make the bundle anew" });
        }
        Ok(())
    }

    fn closed(&self) -> Result<()> {
        self.alive()?;
        if self.open.is_some() {
            return Err(BundleError::State { detail: "end the open section first" });
        }
        Ok(())
    }

    fn take(&mut self, path: &str) -> Result<()> {
        let path = path.to_ascii_lowercase();
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        let inside = format!("{path}/");
        let is_folder = self.taken.range(inside.clone()..).next().is_some_and(|p| p.starts_with(&inside));
        if is_folder || self.taken.contains(&path) || folders.into_iter().any(|f| self.taken.contains(f)) {
            return Err(BundleError::Name { detail: "there is a file or folder of this name already" });
        }
        self.taken.insert(path);
        Ok(())
    }
}
