//! The engine's errors on their way to JavaScript.

use conek_core::Error;
use napi::Status;
use napi_derive::napi;

use crate::types;

/// Starts the text of every error that carries one of conek's own; JavaScript makes the class of it.
const MARK: &str = "conek:";

/// The engine's error as JSON behind a mark, the one way in which an async function can send fields.
pub fn raised(error: Error) -> napi::Error {
    napi::Error::new(Status::GenericFailure, format!("{MARK}{}", described(&error)))
}

fn described(error: &Error) -> serde_json::Value {
    let (variant, fields) = types::described(error);
    serde_json::json!({
        "variant": variant,
        "fields": fields,
        "code": error.code(),
        "retry": error.retry(),
        "text": error.to_string(),
    })
}

/// Code, retry and text of an error that JavaScript makes itself: the engine's own words for it.
#[napi(catch_unwind)]
pub fn describe_error(variant: String, fields: String) -> napi::Result<String> {
    let fields = serde_json::from_str(&fields)
        .map_err(|_| napi::Error::new(Status::InvalidArg, "the fields are not JSON".to_owned()))?;
    let error = types::error_of(&variant, &fields).ok_or_else(|| {
        napi::Error::new(Status::InvalidArg, format!("these are not the fields of {variant}"))
    })?;
    Ok(described(&error).to_string())
}
