//! Everything about a person in one file that they can read and take along: by the index of people, so that no kind
//! of record can be forgotten.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{BufWriter, Write},
    path::PathBuf,
};

use ring::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    bundle::{Bundle, BundleError, BundleHead, Card, Schema, Sealed as Aged, schemas},
    case::{self, Case},
};
use crate::{
    consent::{Notice, standing},
    engine::{Inner, KINDS},
    inbound::event,
    people::Person,
    registers,
    storage::{Index, Record},
    values::{
        error::{Error, Result},
        hex,
        ids::PersonId,
        time::Timestamp,
    },
    vault::Sealed,
};

/// What an export answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportKind {
    /// Everything that is held (GDPR 15, POPIA s23).
    #[default]
    Access,
    /// What the person provided, to take along (GDPR 20).
    Portability,
}

/// How to export a person's data.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportOptions {
    /// What it answers.
    pub kind: ExportKind,
    /// A public key of age (`age1...`): only its owner can open the file then. Missing: a plain ZIP.
    pub recipient: Option<String>,
    /// The language of the page (BCP 47); the person's own, if missing.
    pub language: Option<String>,
}
crate::values::quiet::quiet_debug! { ExportOptions { kind, language } }

/// What an export holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportReport {
    /// How many items, by section.
    pub sections: BTreeMap<String, i64>,
    /// How many items portability left out.
    pub left_out: i64,
    /// The file's size in bytes.
    pub bytes: i64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

/// Sections in their order, each with the kinds of record in it. What is in none is in `other`.
const SECTIONS: [(&Schema, &[&str]); 10] = [
    (&schemas::PERSON, &["contact"]),
    (&schemas::MESSAGES, &["message"]),
    (&schemas::RECEIVED, &["received"]),
    (&schemas::CONSENTS, &["consent"]),
    (&schemas::DECLARATIONS, &["declaration"]),
    (&schemas::DELIVERIES, &["delivery"]),
    (&schemas::EVENTS, &["event"]),
    (&schemas::NOTICES, &["acknowledgement"]),
    (&schemas::DISCLOSURES, &[registers::DISCLOSURE]),
    (&schemas::REQUESTS, &[case::KIND]),
];
/// Records read together.
const PAGE: i32 = 500;

/// What is written is counted and hashed.
struct Counted {
    file: BufWriter<File>,
    hash: digest::Context,
    bytes: i64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hash.update(&bytes[..n]);
        self.bytes += i64::try_from(n).unwrap_or(0);
        Ok(n)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

enum Out {
    Plain(Box<Counted>),
    Sealed(Box<Aged<Counted>>),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Sealed(out) => out.write(bytes),
        }
    }
    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Sealed(out) => out.flush(),
        }
    }
}

/// A file that is there under its name only when it is whole.
struct Target {
    to: PathBuf,
    partial: PathBuf,
}

impl Target {
    fn begin(to: &str) -> Result<(Self, File)> {
        let to = PathBuf::from(to);
        if to.symlink_metadata().is_ok() {
            return Err(Error::conflict("export", "a file is there already; choose another path"));
        }
        let partial = PathBuf::from(format!("{}.partial", to.display()));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&partial).map_err(|e| unwritable(e.kind()))?;
        Ok((Self { to, partial }, file))
    }
    fn end(self, file: File) -> Result<()> {
        file.sync_all().map_err(|e| unwritable(e.kind()))?;
        std::fs::rename(&self.partial, &self.to).map_err(|e| unwritable(e.kind()))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // After a rename there is nothing under this name any more.
        let _ = std::fs::remove_file(&self.partial);
    }
}

fn unwritable(kind: std::io::ErrorKind) -> Error {
    Error::invalid("to", format!("cannot be written: {kind}"))
}

fn failed(e: BundleError) -> Error {
    match e {
        BundleError::Recipient { detail } => Error::invalid("recipient", detail),
        BundleError::Io(kind) => unwritable(kind),
        other => Error::internal(format!("the export, {}: {other}", other.code())),
    }
}

impl Inner {
    /// Writes everything about a person to a new file.
    pub(super) async fn export(
        &self,
        id: &PersonId,
        options: &ExportOptions,
        to: &str,
    ) -> Result<ExportReport> {
        let (person, _) = self.person(id).await?;
        let notice = self.newest_notice().await?;
        let (target, file) = Target::begin(to)?;
        let counted =
            Counted { file: BufWriter::new(file), hash: digest::Context::new(&digest::SHA256), bytes: 0 };
        let out = match &options.recipient {
            Some(recipient) => Out::Sealed(Box::new(Aged::new(counted, recipient).map_err(failed)?)),
            None => Out::Plain(Box::new(counted)),
        };
        let head = BundleHead {
            subject: self.pseudonym(id),
            kind: options.kind,
            generated_at: self.clock.now(),
            jurisdiction: person.country.clone().unwrap_or_else(|| "ZA".to_owned()),
            language: options
                .language
                .clone()
                .or_else(|| person.language.clone())
                .or_else(|| self.language.clone())
                .unwrap_or_else(|| "en".to_owned()),
            business: self.business.clone(),
            privacy_contact: self.privacy_contact.clone(),
            authority: notice.and_then(|n| n.contents.authority),
        };
        // Long sections wait where the file is to be: there is room, and no other place has to hold them.
        let place =
            target.to.parent().filter(|p| !p.as_os_str().is_empty()).map_or(".".into(), PathBuf::from);
        let mut bundle = Bundle::new(out, head).map_err(failed)?.spool_in(place);
        let mut sections = BTreeMap::new();
        let mut left_out = 0;
        for (schema, kinds) in SECTIONS {
            self.section(&mut bundle, &person, schema, kinds, &mut sections, &mut left_out).await?;
        }
        let named: Vec<&str> = SECTIONS.iter().flat_map(|(_, kinds)| kinds.iter().copied()).collect();
        // A data key is no datum of the person; what it opens is all here.
        let others: Vec<&str> = KINDS.into_iter().filter(|k| *k != "key" && !named.contains(k)).collect();
        self.section(&mut bundle, &person, &schemas::OTHER, &others, &mut sections, &mut left_out).await?;
        bundle.vcard(&card(&person, self.clock.now())).map_err(failed)?;
        for (name, receipt) in self.receipts(id).await? {
            bundle.file(&format!("consents/{name}.jsonld"), receipt.as_bytes()).map_err(failed)?;
        }
        let key: [u8; 32] =
            self.vault.public_key().try_into().map_err(|_| Error::internal("a key of another length"))?;
        let sign = |bytes: &[u8]| {
            let signature = self.vault.sign(bytes).map_err(|_| BundleError::Signature)?;
            signature.try_into().map_err(|_| BundleError::Signature)
        };
        let (out, _) = bundle.finish(sign, &key).map_err(failed)?;
        let counted = match out {
            Out::Plain(out) => *out,
            Out::Sealed(out) => out.finish().map_err(failed)?,
        };
        let Counted { file, hash, bytes } = counted;
        let file = file.into_inner().map_err(|e| unwritable(e.error().kind()))?;
        target.end(file)?;
        Ok(ExportReport {
            sections,
            left_out,
            bytes,
            sha256: hex(hash.finish().as_ref()),
            encrypted: options.recipient.is_some(),
        })
    }

    async fn newest_notice(&self) -> Result<Option<Notice>> {
        let mut query = self.query("notice", Index::Id {}, 1);
        query.descending = true;
        let Some(record) = self.find(query).await?.records.pop() else { return Ok(None) };
        let place = Sealed { person: "", kind: "notice", id: &record.id };
        self.vault.open_sealed(place, &record.sealed).map(Some)
    }

    async fn section(
        &self,
        bundle: &mut Bundle<Out>,
        person: &Person,
        schema: &Schema,
        kinds: &[&str],
        sections: &mut BTreeMap<String, i64>,
        left_out: &mut i64,
    ) -> Result<()> {
        bundle.section(schema.name, None, schema).map_err(failed)?;
        let mut written = 0;
        for kind in kinds {
            let index = Index::Subject { person: person.id.as_str().to_owned() };
            let mut query = self.query(kind, index, PAGE);
            loop {
                let page = self.find(query.clone()).await?;
                for item in self.items(person, kind, page.records).await? {
                    let (portable, reason) = portability(kind, person);
                    let put = match bundle.item(&item, portable, reason) {
                        // Whatever it is, it is the person's: as text, where it has no form.
                        Err(BundleError::Item { .. }) => {
                            let text = Value::Object(item).to_string();
                            let plain = Map::from_iter([("details".to_owned(), Value::String(text))]);
                            bundle.item(&plain, portable, reason).map_err(failed)?
                        }
                        other => other.map_err(failed)?,
                    };
                    if put {
                        written += 1;
                    } else {
                        *left_out += 1;
                    }
                }
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
        }
        if *schema.name == *schemas::DISCLOSURES.name {
            for disclosure in self.general_disclosures().await? {
                let (portable, reason) = portability(registers::DISCLOSURE, person);
                if bundle.item(&object(&disclosure)?, portable, reason).map_err(failed)? {
                    written += 1;
                } else {
                    *left_out += 1;
                }
            }
        }
        bundle.end_section().map_err(failed)?;
        sections.insert(schema.name.to_owned(), written);
        Ok(())
    }

    /// Records as the person reads them.
    async fn items(
        &self,
        person: &Person,
        kind: &str,
        records: Vec<Record>,
    ) -> Result<Vec<Map<String, Value>>> {
        if kind == "message" {
            return self.views(records).await?.iter().map(object).collect();
        }
        let mut items = Vec::with_capacity(records.len());
        for record in records {
            items.push(match kind {
                "contact" => {
                    let mut item = object(&person.clone().view())?;
                    item.insert("statements".into(), json!(person.statements));
                    item.insert("born".into(), json!(person.born));
                    item
                }
                "consent" => object(&standing::open_event(self, person, &record)?)?,
                case::KIND => object(&Case::open(self, record)?.view())?,
                registers::DISCLOSURE => object(&registers::open(self, &record)?)?,
                "event" => match event::open(self, &record).await? {
                    Some(event) => {
                        let mut item = object(&event)?;
                        if let Some(id) = item.remove("cursor") {
                            item.insert("id".into(), id);
                        }
                        item
                    }
                    None => continue,
                },
                "acknowledgement" => self.shown_notice(&record).await?,
                _ => self.plain(person, &record)?,
            });
        }
        Ok(items)
    }

    /// The notice that the person was shown.
    async fn shown_notice(&self, record: &Record) -> Result<Map<String, Value>> {
        let mut item = parsed(&record.clear);
        if let Some(at) = item.remove("at") {
            item.insert("presented_at".into(), at);
        }
        item.insert("id".into(), json!(record.id));
        let notice = record.group.as_deref().and_then(|g| g.strip_prefix("notice/"));
        if let Some(id) = notice
            && let Some(shown) = self.get("notice", id).await?
        {
            let place = Sealed { person: "", kind: "notice", id: &shown.id };
            let notice: Notice = self.vault.open_sealed(place, &shown.sealed)?;
            for (name, value) in object(&notice)? {
                if !matches!(name.as_str(), "id" | "contents" | "changes" | "material") {
                    item.insert(name, value);
                }
            }
        }
        Ok(item)
    }

    /// A record as it is: its clear fields, and what is sealed for the person.
    fn plain(&self, person: &Person, record: &Record) -> Result<Map<String, Value>> {
        let mut item = parsed(&record.clear);
        let theirs = record.subjects.first().is_some_and(|s| s == person.id.as_str());
        if theirs && !record.sealed.is_empty() {
            let place = Sealed { person: person.id.as_str(), kind: &record.kind, id: &record.id };
            match self.vault.open_sealed::<Value>(place, &record.sealed)? {
                Value::Object(sealed) => item.extend(sealed),
                other => drop(item.insert("content".into(), other)),
            }
        }
        for (name, value) in &mut item {
            if let (true, Some(millis)) = (is_moment(name), value.as_i64()) {
                let at = chrono::DateTime::from_timestamp_millis(millis);
                *value = at.map_or(Value::Null, |at| json!(at));
            }
        }
        item.insert("id".into(), json!(record.id));
        item.entry("kind").or_insert_with(|| json!(record.kind));
        if !record.state.is_empty() {
            item.entry("state").or_insert_with(|| json!(record.state));
        }
        Ok(item)
    }
}

fn is_moment(name: &str) -> bool {
    name == "at" || name == "since" || name == "until" || name.ends_with("_at") || name.ends_with("_until")
}

fn parsed(clear: &str) -> Map<String, Value> {
    match serde_json::from_str(clear) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn object(value: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(Error::internal("an item of an export has no fields")),
    }
}

/// Whether portability covers a kind of record, and why (GDPR 20(1): provided by the person, on consent or a
/// contract, by automated means; what is observed of their use counts as provided).
fn portability(kind: &str, person: &Person) -> (bool, &'static str) {
    use crate::people::ProvenanceContext as P;
    match kind {
        "contact" if person.provenance.as_ref().is_some_and(|p| p.context == P::List) => {
            (false, "it comes from somebody else (GDPR 20(1))")
        }
        "contact" | "received" | "consent" | "declaration" | case::KIND => {
            (true, "you provided it (GDPR 20(1))")
        }
        "delivery" | "event" => (true, "it was observed from your use (GDPR 20(1))"),
        "message" => (false, "the business wrote it (GDPR 20(1))"),
        _ => (false, "the business made it (GDPR 20(1))"),
    }
}

fn card(person: &Person, now: Timestamp) -> Card {
    Card {
        uid: format!("urn:uuid:{}", person.id),
        name: person.name.clone(),
        given: None,
        family: None,
        phones: person.phone.iter().cloned().collect(),
        emails: Vec::new(),
        language: person.language.clone(),
        note: None,
        revised_at: Some(now),
    }
}
