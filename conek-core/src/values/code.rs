//! The word by which a value of a closed set is stored and told.

use serde::Serialize;

/// The code of a variant without fields, as serde writes it; empty for anything else.
pub(crate) fn code_of(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}
