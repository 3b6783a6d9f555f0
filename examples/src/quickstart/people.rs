//! The file of people: the sample or the user's own, whole or its first rows.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use conek_core::{Engine, Error, Result, people::{ImportOptions, ImportReport}};

use crate::sample;

/// The first bytes of a file.
pub(super) fn head(path: &Path, bytes: u64) -> Result<Vec<u8>> {
    let mut start = Vec::new();
    open(path)?.take(bytes).read_to_end(&mut start).map_err(|e| unreadable(path, &e))?;
    Ok(start)
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|e| unreadable(path, &e))
}

fn unreadable(path: &Path, e: &std::io::Error) -> Error {
    Error::invalid("--people", format!("{} cannot be read: {}", path.display(), e.kind()))
}

/// Imports the file, or the sample, or the first rows of either.
pub(super) async fn import(engine: &Engine, file: Option<&Path>, limit: Option<u64>) -> Result<ImportReport> {
    let options = ImportOptions {
        source: file.map(|f| f.file_name().unwrap_or_default().to_string_lossy().into_owned()),
        ..ImportOptions::default()
    };
    match (file, limit) {
        (Some(file), None) => engine.contacts().import_file(file.to_string_lossy().into_owned(), options).await,
        (Some(file), Some(limit)) => {
            let length = end_of_row(BufReader::new(open(file)?), limit);
            let length = u64::try_from(length).unwrap_or(u64::MAX);
            engine.contacts().import_csv(head(file, length)?, options).await
        }
        (None, limit) => {
            let mut bytes = sample::file();
            if let Some(limit) = limit {
                let end = end_of_row(bytes.as_slice(), limit);
                bytes.truncate(end);
            }
            engine.contacts().import_csv(bytes, options).await
        }
    }
}

/// Where the row after the header with this number ends, in bytes.
fn end_of_row(reader: impl Read, row: u64) -> usize {
    let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(reader);
    let mut record = csv::ByteRecord::new();
    let mut left = row.saturating_add(1);
    while left > 0 && rows.read_byte_record(&mut record).unwrap_or(false) {
        left -= 1;
    }
    usize::try_from(rows.position().byte()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_are_whole_rows() {
        let csv = "phone,name\n1,\"a\nb\"\n2,c\n3,d\n";
        let cut = |n| &csv[..end_of_row(csv.as_bytes(), n)];
        assert_eq!(cut(0), "phone,name\n");
        assert_eq!(cut(1), "phone,name\n1,\"a\nb\"\n");
        assert_eq!(cut(2), "phone,name\n1,\"a\nb\"\n2,c\n");
        assert_eq!(cut(99), csv);
    }
}
