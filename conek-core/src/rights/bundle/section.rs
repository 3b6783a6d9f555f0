//! A section on its way: its items wait until all are there, because only then the columns are known.

use std::{collections::BTreeSet, io::Write, path::Path};

use serde_json::{Map, Value};

use super::{
    PORTABLE, REASON, csv,
    error::{BundleError, Result},
    page::{Part, SHOWN},
    schemas::Schema,
    sink::Archive,
    spool::Spool,
    words::Words,
};

/// How deep an item may be nested: serde_json reads back no deeper than 127.
const DEEPEST: usize = 64;

pub(super) struct Section {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) records: u64,
    pub(super) left_out: u64,
    schema: Schema,
    /// One item a line.
    items: Spool,
    /// The fields that occur.
    seen: BTreeSet<String>,
}

fn fits(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(list) => depth > 0 && list.iter().all(|v| fits(v, depth - 1)),
        Value::Object(map) => depth > 0 && map.values().all(|v| fits(v, depth - 1)),
        _ => true,
    }
}

/// Checks whether an item can be written.
pub(super) fn check(item: &Map<String, Value>) -> Result<()> {
    if item.contains_key(PORTABLE) || item.contains_key(REASON) {
        return Err(BundleError::Item {
            detail: "the fields portable and portable_reason are the bundle's own",
        });
    }
    if !item.values().all(|v| fits(v, DEEPEST - 1)) {
        return Err(BundleError::Item { detail: "it is nested deeper than 64" });
    }
    Ok(())
}

fn json(out: &mut Vec<u8>, value: &impl serde::Serialize) -> Result<()> {
    serde_json::to_writer(out, value).map_err(|_| BundleError::Item { detail: "it is no JSON" })
}

/// A line of the spool as an item.
fn parse(line: &[u8]) -> Result<Map<String, Value>> {
    let line = line.strip_suffix(b",").unwrap_or(line);
    serde_json::from_slice(line).map_err(|_| BundleError::Spool(std::io::ErrorKind::InvalidData))
}

impl Section {
    pub(super) fn new(name: &str, title: &str, schema: Schema) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            records: 0,
            left_out: 0,
            schema,
            items: Spool::new(),
            seen: BTreeSet::new(),
        }
    }

    /// Adds an item: known fields first, in the order of the schema, then the others by name.
    pub(super) fn add(
        &mut self,
        item: &Map<String, Value>,
        portable: bool,
        reason: &str,
        directory: Option<&Path>,
    ) -> Result<()> {
        let known = self.schema.fields.iter().filter_map(|f| item.get_key_value(f.name));
        let mut others: Vec<_> = item.iter().filter(|(k, _)| self.schema.kind(k).is_none()).collect();
        others.sort_by_key(|(k, _)| *k);
        let mut line = if self.records > 0 { b",\n{".to_vec() } else { b"{".to_vec() };
        for (key, value) in known.chain(others) {
            if !self.seen.contains(key) {
                self.seen.insert(key.clone());
            }
            json(&mut line, key)?;
            line.push(b':');
            json(&mut line, value)?;
            line.push(b',');
        }
        line.extend_from_slice(format!("\"{PORTABLE}\":{portable},\"{REASON}\":").as_bytes());
        json(&mut line, &reason)?;
        line.push(b'}');
        self.items.push(&line, directory)?;
        self.records += 1;
        Ok(())
    }

    /// How many bytes of it are in memory.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.items.held()
    }

    /// The files that it becomes.
    pub(super) fn paths(&self) -> impl Iterator<Item = String> {
        let name = &self.name;
        [format!("data/{name}.json"), format!("csv/{name}.csv"), format!("schemas/{name}.schema.json")]
            .into_iter()
    }

    fn others(&self) -> impl Iterator<Item = String> {
        self.seen.iter().filter(|s| self.schema.kind(s).is_none()).cloned()
    }

    /// Writes its files, and its part of the page into `page`.
    pub(super) fn write<W: Write>(
        &mut self,
        archive: &mut Archive<W>,
        words: &'static Words,
        page: &mut Spool,
        directory: Option<&Path>,
    ) -> Result<()> {
        self.write_json(archive)?;
        self.write_csv(archive)?;
        let (path, schema) = (format!("schemas/{}.schema.json", self.name), self.schema.json());
        archive.file(&path, schema.len() as u64, |put| put(schema.as_bytes()))?;
        self.write_page(words, page, directory)
    }

    fn write_json<W: Write>(&mut self, archive: &mut Archive<W>) -> Result<()> {
        let items = &mut self.items;
        let bound = items.len() + 16;
        let file = archive.file(&format!("data/{}.json", self.name), bound, |put| {
            put(b"[\n")?;
            items.reader()?.copy(&mut *put)?;
            put(b"\n]\n")
        })?;
        file.records = Some(self.records);
        file.left_out = Some(self.left_out).filter(|n| *n > 0);
        file.schema = Some(self.schema.id());
        Ok(())
    }

    fn write_csv<W: Write>(&mut self, archive: &mut Archive<W>) -> Result<()> {
        // Known columns stand even when empty, so that two bundles can be laid side by side.
        let mut columns: Vec<String> = self.schema.fields.iter().map(|f| f.name.to_owned()).collect();
        columns.extend(self.others());
        columns.extend([PORTABLE.to_owned(), REASON.to_owned()]);
        // Quotes at most double an item, and each cell has at most a comma, two quotes and an apostrophe.
        let headings: u64 = columns.iter().map(|c| 2 * c.len() as u64 + 4).sum();
        let bound = 2 * self.items.len() + (self.records + 1) * (4 * columns.len() as u64 + 2) + headings + 3;
        let items = &mut self.items;
        let file = archive.file(&format!("csv/{}.csv", self.name), bound, |put| {
            let mut out = csv::BOM.to_vec();
            csv::header(&mut out, &columns);
            put(&out)?;
            let (mut reader, mut line) = (items.reader()?, Vec::new());
            while reader.line(&mut line)? {
                out.clear();
                csv::row(&mut out, &columns, &parse(&line)?);
                put(&out)?;
            }
            Ok(())
        })?;
        file.records = Some(self.records);
        file.left_out = Some(self.left_out).filter(|n| *n > 0);
        Ok(())
    }

    fn write_page(
        &mut self,
        words: &'static Words,
        page: &mut Spool,
        directory: Option<&Path>,
    ) -> Result<()> {
        let known = self.schema.fields.iter().filter(|f| self.seen.contains(f.name));
        let mut columns: Vec<String> = known.map(|f| f.name.to_owned()).collect();
        columns.extend(self.others());
        let part = Part {
            words,
            name: &self.name,
            title: &self.title,
            schema: &self.schema,
            columns: &columns,
            records: self.records,
            left_out: self.left_out,
        };
        page.push(part.begin().as_bytes(), directory)?;
        let (mut reader, mut line, mut shown) = (self.items.reader()?, Vec::new(), 0);
        while shown < SHOWN && reader.line(&mut line)? {
            page.push(part.item(&parse(&line)?).as_bytes(), directory)?;
            shown += 1;
        }
        page.push(part.end().as_bytes(), directory)
    }
}
