//! CSV rows: files made by people, read row by row in bounded memory.

use std::{
    borrow::Cow,
    fmt,
    io::{ErrorKind, Read},
};

use self::scan::{DELIMITERS, Field, Scan, count_lines, line_end, scan, sniff};
use crate::values::error::{Error, Result};

/// Longest record in bytes, with its quotes and delimiters.
pub const RECORD_MAX: usize = 64 * 1024;
/// Most fields in a record.
pub const FIELDS_MAX: usize = 256;
/// Longest field in bytes, as written between its quotes.
pub const FIELD_MAX: usize = 8 * 1024;
/// Most rows in a file, wrong ones included.
pub const ROWS_MAX: u64 = 5_000_000;

const BUFFER: usize = 4 * RECORD_MAX;
/// A whole record and the two bytes that may end it.
const WINDOW: usize = RECORD_MAX + 2;

/// One row, reused for the next: the buffers stay.
#[derive(Default, Clone)]
pub struct Row {
    number: i64,
    text: String,
    cells: Vec<(usize, usize)>,
}

impl Row {
    /// The line of the file, from 1, on which the row begins. A spreadsheet shows the same number
    /// unless cells further up hold line breaks.
    pub fn number(&self) -> i64 {
        self.number
    }
    /// The text of a column, from 0; empty where the row is shorter. Cells such as `=1+1` are
    /// plain text, never evaluated.
    pub fn get(&self, index: usize) -> &str {
        self.cells.get(index).and_then(|(from, to)| self.text.get(*from..*to)).unwrap_or("")
    }
    /// How many columns the row has.
    pub fn len(&self) -> usize {
        self.cells.len()
    }
    /// Whether nothing was read into it yet.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({}, {} cells)", self.number, self.cells.len())
    }
}

/// What is wrong with a row. It never holds what a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The line of the file, from 1, on which the row begins.
    pub row: i64,
    /// The header's name of the column, where one can be named.
    pub column: Option<String>,
    /// What is wrong and what would be right.
    pub detail: String,
}

/// Reads the rows of a CSV file whose first line names the columns.
///
/// # Behavior
/// - Memory stays below 400 kB, whatever the file.
/// - A wrong row costs itself only. After a quote that is never closed, reading goes on with the
///   line after the one on which the row began.
/// - Lines without any content are passed over; a short row has empty cells at its end.
pub struct CsvRows<R> {
    reader: R,
    buffer: Vec<u8>,
    /// What is not yet parsed lies between `at` and `filled`.
    at: usize,
    filled: usize,
    ended: bool,
    consumed: u64,
    line: i64,
    rows: u64,
    delimiter: u8,
    header: Vec<String>,
    fields: Vec<Field>,
    stopped: Option<Error>,
}

impl<R> fmt::Debug for CsvRows<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CsvRows(line {}, {} columns)", self.line, self.header.len())
    }
}

impl<R: Read> CsvRows<R> {
    /// Reads the header: strips a byte order mark and finds out the delimiter (`,` `;` tab `|`).
    ///
    /// # Errors
    /// `invalid_input` when this is no UTF-8 text (a workbook, UTF-16), when the header is
    /// missing, nameless or ambiguous, and when the reader fails.
    pub fn open(reader: R) -> Result<Self> {
        let mut rows = Self {
            reader,
            buffer: vec![0; BUFFER],
            at: 0,
            filled: 0,
            ended: false,
            consumed: 0,
            line: 1,
            rows: 0,
            delimiter: b',',
            header: Vec::new(),
            fields: Vec::new(),
            stopped: None,
        };
        rows.fill();
        if let Some(error) = rows.stopped {
            return Err(error);
        }
        rows.read_header()?;
        Ok(rows)
    }

    /// The names of the columns, trimmed.
    pub fn header(&self) -> &[String] {
        &self.header
    }
    /// The character between two fields.
    pub fn delimiter(&self) -> char {
        char::from(self.delimiter)
    }
    /// How many bytes of the file the rows so far took, for showing progress.
    pub fn bytes_read(&self) -> u64 {
        self.consumed
    }
    /// Whether the whole file was read; ask when there is no next row.
    ///
    /// # Errors
    /// `invalid_input` when reading stopped early: the reader failed, or there are too many rows.
    pub fn finish(&self) -> Result<()> {
        self.stopped.clone().map_or(Ok(()), Err)
    }

    /// Reads the next row into `row`, or says what is wrong with it; `None` at the end.
    /// After an error `row` is empty and the next call goes on behind the wrong row.
    pub fn next_row(&mut self, row: &mut Row) -> Option<Result<(), RowError>> {
        loop {
            row.text.clear();
            row.cells.clear();
            row.number = self.line;
            if self.stopped.is_some() {
                return None;
            }
            self.fill();
            if let Some(error) = &self.stopped {
                let detail = error.to_string();
                return Some(Err(RowError { row: self.line, column: None, detail }));
            }
            if self.at == self.filled {
                return None;
            }
            let outcome = self.take(row);
            if matches!(outcome, Ok(false)) {
                continue;
            }
            self.rows += 1;
            if self.rows > ROWS_MAX {
                let detail = "more than 5,000,000 rows: split the file";
                self.stopped = Some(Error::invalid("csv", detail));
                let (number, detail) = (row.number, detail.to_owned());
                *row = Row { number, ..Row::default() };
                return Some(Err(RowError { row: number, column: None, detail }));
            }
            return Some(outcome.map(drop));
        }
    }

    /// Takes one record; `false` when it holds nothing.
    fn take(&mut self, row: &mut Row) -> Result<bool, RowError> {
        let data = &self.buffer[self.at..self.filled];
        let (len, next, quoted) = match scan(data, self.delimiter, &mut self.fields) {
            Scan::Record { len, next, quoted } => (len, next, quoted),
            Scan::Quote { field, closed } => {
                let detail = if closed {
                    "text follows a closing quote: double the quotes inside a quoted cell"
                } else {
                    "a quote opens in this row and is never closed, or only after 64 kB"
                };
                let error = self.error(row.number, Some(field), detail);
                self.skip_line();
                return Err(error);
            }
            Scan::Long => {
                let error = self.error(row.number, None, "longer than 64 kB");
                self.line += count_lines(&data[..RECORD_MAX]);
                self.advance(RECORD_MAX);
                self.skip_line();
                return Err(error);
            }
        };
        let lines = if quoted { count_lines(&data[..next]).max(1) } else { 1 };
        match fit(&data[..len], &self.fields, self.header.len(), row) {
            Ok(filled) => {
                self.line += lines;
                self.advance(next);
                Ok(filled)
            }
            Err((field, detail)) => {
                row.text.clear();
                row.cells.clear();
                let surplus = field.is_some_and(|field| field >= self.header.len());
                let error = self.error(row.number, field, detail);
                if surplus && lines > 1 {
                    // Perhaps a stray quote has joined two rows: the second one must not be lost.
                    self.skip_line();
                } else {
                    self.line += lines;
                    self.advance(next);
                }
                Err(error)
            }
        }
    }

    fn error(&self, row: i64, field: Option<usize>, detail: &str) -> RowError {
        let column = field.and_then(|field| self.header.get(field)).cloned();
        RowError { row, column, detail: detail.to_owned() }
    }

    fn advance(&mut self, by: usize) {
        self.at += by;
        self.consumed += by as u64;
    }

    /// Goes on to the next line, however far it is.
    fn skip_line(&mut self) {
        loop {
            self.fill();
            let data = &self.buffer[self.at..self.filled];
            if let Some(at) = data.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
                if at + 1 == data.len() && !self.ended {
                    // The LF of a CR LF may still be to come.
                    self.advance(at);
                    continue;
                }
                let next = line_end(data, at);
                self.advance(next);
                self.line += 1;
                return;
            }
            let all = data.len();
            self.advance(all);
            if self.ended || self.stopped.is_some() {
                return;
            }
        }
    }

    /// Reads on until a whole record must lie in the buffer, or the file ends.
    fn fill(&mut self) {
        while !self.ended && self.stopped.is_none() && self.filled - self.at < WINDOW {
            if self.at == self.filled {
                (self.at, self.filled) = (0, 0);
            } else if self.filled == self.buffer.len() {
                self.buffer.copy_within(self.at..self.filled, 0);
                self.filled -= self.at;
                self.at = 0;
            }
            match self.reader.read(&mut self.buffer[self.filled..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.filled = (self.filled + count).min(self.buffer.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    let detail = format!("the file could not be read to its end ({})", error.kind());
                    self.stopped = Some(Error::invalid("csv", detail));
                }
            }
        }
    }

    fn read_header(&mut self) -> Result<()> {
        let refuse = |detail: &str| Error::invalid("csv", detail);
        let start = &self.buffer[..self.filled];
        if start.starts_with(b"PK\x03\x04") {
            return Err(refuse("this is a workbook, not CSV: save it as \"CSV UTF-8\""));
        }
        const NO_TEXT: &str = "this is UTF-16 or no text: save the file as \"CSV UTF-8\"";
        if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
            return Err(refuse(NO_TEXT));
        }
        if start.starts_with("\u{feff}".as_bytes()) {
            self.advance(3);
        }
        let rest = &self.buffer[self.at..self.filled];
        let told = match rest {
            [s, e, p, b'=', delimiter, b'\r' | b'\n', ..]
                if [s, e, p].map(u8::to_ascii_lowercase) == *b"sep" && DELIMITERS.contains(delimiter) =>
            {
                Some(*delimiter)
            }
            _ => None,
        };
        if told.is_some() {
            self.skip_line();
        }
        let missing = || refuse("there is no header: the first line must name the columns");
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        loop {
            self.fill();
            let rest = &self.buffer[self.at..self.filled];
            let line = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
            if rest.is_empty() {
                return Err(missing());
            }
            // Half of UTF-16 is such bytes, also without its mark.
            if rest[..line].contains(&0) {
                return Err(refuse(NO_TEXT));
            }
            if !rest[..line].iter().all(blank) {
                break;
            }
            self.skip_line();
        }
        let rest = &self.buffer[self.at..self.filled];
        self.delimiter = told.unwrap_or_else(|| sniff(rest));
        let Scan::Record { len, next, .. } = scan(rest, self.delimiter, &mut self.fields) else {
            return Err(refuse("the header is longer than 64 kB or holds a quote that is not closed"));
        };
        let mut row = Row::default();
        fit(&rest[..len], &self.fields, FIELDS_MAX, &mut row)
            .map_err(|(_, detail)| refuse(&format!("header: {detail}")))?;
        self.line += count_lines(&rest[..next]).max(1);
        self.advance(next);
        self.header = name_columns(&row)?;
        Ok(())
    }
}

/// Puts a record's fields into `row`; `false` when all are blank. Fields beyond `columns` must be.
fn fit(
    record: &[u8],
    fields: &[Field],
    columns: usize,
    row: &mut Row,
) -> Result<bool, (Option<usize>, &'static str)> {
    if fields.len() > FIELDS_MAX {
        return Err((None, "more than 256 columns"));
    }
    if let Some(long) = fields.iter().position(|field| field.to - field.from > FIELD_MAX) {
        return Err((Some(long), "longer than 8 kB"));
    }
    let text = std::str::from_utf8(record).map_err(|error| {
        let column = fields.iter().position(|field| error.valid_up_to() < field.to);
        (column, "not UTF-8: save the file as \"CSV UTF-8\"")
    })?;
    if let Some(at) = record.iter().position(|byte| *byte == 0) {
        let column = fields.iter().position(|field| at < field.to);
        return Err((column, "holds a NUL byte: the file is damaged here, export it again"));
    }
    if fields.iter().any(|field| field.doubled) {
        for field in fields {
            let from = row.text.len();
            let written = &text[field.from..field.to];
            if field.doubled {
                for (at, piece) in written.split("\"\"").enumerate() {
                    row.text.push_str(if at > 0 { "\"" } else { "" });
                    row.text.push_str(piece);
                }
            } else {
                row.text.push_str(written);
            }
            row.cells.push((from, row.text.len()));
        }
    } else {
        row.text.push_str(text);
        row.cells.extend(fields.iter().map(|field| (field.from, field.to)));
    }
    let last = (0..row.len()).rev().find(|index| !row.get(*index).trim().is_empty());
    match last {
        Some(last) if last >= columns => {
            Err((Some(last), "more cells than the header has: quote cells that hold the delimiter"))
        }
        last => {
            row.cells.truncate(columns);
            Ok(last.is_some())
        }
    }
}

fn name_columns(row: &Row) -> Result<Vec<String>> {
    let refuse = |detail: String| Err(Error::invalid("csv", detail));
    let mut names: Vec<String> = (0..row.len()).map(|index| row.get(index).trim().to_owned()).collect();
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    for (index, name) in names.iter().enumerate() {
        let column = index + 1;
        if name.is_empty() {
            return refuse(format!("column {column} has no name in the header"));
        }
        let digits = name.chars().filter(char::is_ascii_digit).count();
        if name.contains('@') || (digits >= 7 && !name.contains(char::is_alphabetic)) {
            return refuse(
                "there is no header: the first line holds data, but must name the columns".to_owned(),
            );
        }
    }
    for (index, name) in names.iter().enumerate() {
        let folded = name.to_lowercase();
        if let Some(first) = names[..index].iter().position(|other| other.to_lowercase() == folded) {
            return refuse(format!("columns {} and {} have the same name", first + 1, index + 1));
        }
    }
    Ok(names)
}

/// A cell as it may be written to CSV for people: what a spreadsheet would run as a formula gets
/// an apostrophe in front. Quoting is the writer's work.
///
/// ```
/// # use conek_core::people::csv_rows::safe_cell;
/// assert_eq!(safe_cell("=HYPERLINK(A1)"), "'=HYPERLINK(A1)");
/// assert_eq!(safe_cell("Thabo"), "Thabo");
/// ```
pub fn safe_cell(text: &str) -> Cow<'_, str> {
    // Some spreadsheets fold the full-width signs.
    let risky = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.starts_with(risky) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

mod scan;
#[cfg(test)]
mod tests;
