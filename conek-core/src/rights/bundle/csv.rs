//! The mirror of a section for spreadsheets: RFC 4180, and no cell that a spreadsheet would run as a formula.

use serde_json::{Map, Value};

/// Without it, Excel reads the file in the code page of the computer.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What spreadsheets begin a formula with, also as wide or small forms that some of them fold.
const FORMULA: &[char] = &['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '−'];

/// Not seen, and skipped by some spreadsheets before they look for a formula.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n']) || text.trim_start_matches(is_unseen).starts_with(FORMULA)
}

/// Adds text as a cell.
fn cell(out: &mut Vec<u8>, text: &str) {
    let guard = if is_formula(text) { "'" } else { "" };
    // A semicolon or tab divides cells where the spreadsheet expects it; there too the quotes must hold.
    let quote =
        text.contains(['"', ',', ';', '\t', '\r', '\n']) || text.starts_with(' ') || text.ends_with(' ');
    // Readers written in C end at a NUL.
    let text = text.replace('\0', "\u{FFFD}");
    if quote {
        out.push(b'"');
        out.extend_from_slice(guard.as_bytes());
        out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(guard.as_bytes());
        out.extend_from_slice(text.as_bytes());
    }
}

/// Adds the line of headings.
pub(super) fn header(out: &mut Vec<u8>, columns: &[String]) {
    for (n, column) in columns.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        cell(out, column);
    }
    out.extend_from_slice(b"\r\n");
}

/// Adds the line of an item: numbers as they are, nested values as JSON.
pub(super) fn row(out: &mut Vec<u8>, columns: &[String], item: &Map<String, Value>) {
    for (n, column) in columns.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        match item.get(column) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => cell(out, text),
            // A number is never a formula, and with an apostrophe it would be a number no more.
            Some(Value::Number(number)) => out.extend_from_slice(number.to_string().as_bytes()),
            Some(other) => cell(out, &other.to_string()),
        }
    }
    out.extend_from_slice(b"\r\n");
}
