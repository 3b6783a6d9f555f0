//! The end of a CSV record and the fields in it, found in a window of bytes.

use super::{FIELDS_MAX, RECORD_MAX};

/// What may stand between two fields.
pub(super) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A field as it lies in the record, without its outer quotes.
pub(super) struct Field {
    pub(super) from: usize,
    pub(super) to: usize,
    /// It holds doubled quotes.
    pub(super) doubled: bool,
}

/// What follows from a window of bytes.
pub(super) enum Scan {
    /// A record of `len` bytes; the next one begins at `next`.
    Record { len: usize, next: usize, quoted: bool },
    /// The quote that opened in this field is not closed, or text follows where it closes.
    Quote { field: usize, closed: bool },
    /// No end within [`RECORD_MAX`].
    Long,
}

/// Splits the first record off `data`. `fields` gets [`FIELDS_MAX`] + 1 of them at most.
pub(super) fn scan(data: &[u8], delimiter: u8, fields: &mut Vec<Field>) -> Scan {
    fields.clear();
    let limit = data.len().min(RECORD_MAX);
    let ends_here = data.len() <= RECORD_MAX;
    let (mut at, mut count, mut any_quoted) = (0, 0, false);
    loop {
        let blank = data[at..limit].iter().take_while(|byte| **byte == b' ').count();
        let quoted = data[at..limit].get(blank) == Some(&b'"');
        let field = if quoted {
            any_quoted = true;
            at += blank + 1;
            let (from, mut doubled) = (at, false);
            loop {
                match data[at..limit].iter().position(|byte| *byte == b'"') {
                    None => return Scan::Quote { field: count, closed: false },
                    Some(ahead) => at += ahead,
                }
                if data.get(at + 1) != Some(&b'"') {
                    break;
                }
                doubled = true;
                at = (at + 2).min(limit);
            }
            let to = at;
            at += 1;
            while at < limit && (data[at] == b' ' || (data[at] == b'\t' && delimiter != b'\t')) {
                at += 1;
            }
            if at < limit && data[at] != delimiter && !matches!(data[at], b'\r' | b'\n') {
                return Scan::Quote { field: count, closed: true };
            }
            Field { from, to, doubled }
        } else {
            let from = at;
            at = data[at..limit]
                .iter()
                .position(|byte| *byte == delimiter || matches!(byte, b'\r' | b'\n'))
                .map_or(limit, |ahead| from + ahead);
            Field { from, to: at, doubled: false }
        };
        count += 1;
        if fields.len() <= FIELDS_MAX {
            fields.push(field);
        }
        if at >= limit {
            // A record may fill the limit exactly and end there.
            return match data.get(at) {
                None if ends_here => Scan::Record { len: at, next: at, quoted: any_quoted },
                Some(b'\r' | b'\n') => Scan::Record { len: at, next: line_end(data, at), quoted: any_quoted },
                _ => Scan::Long,
            };
        }
        if data[at] != delimiter {
            return Scan::Record { len: at, next: line_end(data, at), quoted: any_quoted };
        }
        at += 1;
    }
}

/// The byte behind the line break at `at`.
pub(super) fn line_end(data: &[u8], at: usize) -> usize {
    if data[at] == b'\r' && data.get(at + 1) == Some(&b'\n') { at + 2 } else { at + 1 }
}

/// How many line breaks there are: LF, CR LF or CR.
pub(super) fn count_lines(data: &[u8]) -> i64 {
    let mut lines = 0;
    for (at, byte) in data.iter().enumerate() {
        if *byte == b'\n' || (*byte == b'\r' && data.get(at + 1) != Some(&b'\n')) {
            lines += 1;
        }
    }
    lines
}

/// The delimiter that the header holds most often outside quotes. One with a space behind it counts half:
/// it may be a comma in a name.
pub(super) fn sniff(data: &[u8]) -> u8 {
    let (mut counts, mut quoted) = ([0usize; DELIMITERS.len()], false);
    for (at, byte) in data.iter().enumerate().take(RECORD_MAX) {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => break,
            byte if !quoted => {
                if let Some(which) = DELIMITERS.iter().position(|delimiter| delimiter == byte) {
                    counts[which] += if data.get(at + 1) == Some(&b' ') { 1 } else { 2 };
                }
            }
            _ => {}
        }
    }
    let mut best = 0;
    for which in 1..DELIMITERS.len() {
        if counts[which] > counts[best] {
            best = which;
        }
    }
    DELIMITERS[best]
}
