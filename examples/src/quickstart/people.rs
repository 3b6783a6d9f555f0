//! The file of people: the sample or the user's own, whole or its first rows.

use std::{fs::File, io::Read, path::Path};

use conek_core::{
    Engine, Error, Result,
    people::{
        ImportOptions, ImportReport,
        csv_rows::{CsvRows, Row},
    },
};

/// The made-up people, as `make-contacts` writes them.
pub(super) const SAMPLE: &[u8] = include_bytes!("../../data/contacts.csv");

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
        (Some(file), None) => {
            engine.contacts().import_file(file.to_string_lossy().into_owned(), options).await
        }
        (Some(file), Some(limit)) => {
            let length = end_of_row(open(file)?, limit)?;
            engine.contacts().import_csv(head(file, length)?, options).await
        }
        (None, limit) => {
            let end = match limit {
                Some(limit) => usize::try_from(end_of_row(SAMPLE, limit)?).unwrap_or(usize::MAX),
                None => SAMPLE.len(),
            };
            engine.contacts().import_csv(SAMPLE[..end.min(SAMPLE.len())].to_vec(), options).await
        }
    }
}

/// Where the row after the header with this number ends, in bytes.
fn end_of_row(reader: impl Read, row: u64) -> Result<u64> {
    let mut rows = CsvRows::open(reader)?;
    let mut cells = Row::default();
    let mut left = row;
    while left > 0 && rows.next_row(&mut cells).is_some() {
        left -= 1;
    }
    Ok(rows.bytes_read())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_are_whole_rows() {
        let csv = "phone,name\n1,\"a\nb\"\n2,c\n3,d\n";
        let cut = |n| &csv[..end_of_row(csv.as_bytes(), n).unwrap() as usize];
        assert_eq!(cut(0), "phone,name\n");
        assert_eq!(cut(1), "phone,name\n1,\"a\nb\"\n");
        assert_eq!(cut(2), "phone,name\n1,\"a\nb\"\n2,c\n");
        assert_eq!(cut(99), csv);
    }
}
