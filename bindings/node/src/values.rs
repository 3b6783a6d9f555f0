//! The two plain values that JavaScript and Rust hold differently: bytes and moments.

use chrono::{DateTime, Utc};
use napi::{
    Error, Result, Status, ValueType,
    bindgen_prelude::{Buffer, FromNapiValue, ToNapiValue, TypeName, ValidateNapiValue},
    sys,
};

/// Bytes: a `Buffer` or `Uint8Array` on the other side.
///
/// They are copied while JavaScript stands still, so that nothing changes them under a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct Bytes(pub Vec<u8>);

impl TypeName for Bytes {
    fn type_name() -> &'static str {
        "Bytes"
    }
    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl ValidateNapiValue for Bytes {}

impl FromNapiValue for Bytes {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        Ok(Self(unsafe { Buffer::from_napi_value(env, value) }?.to_vec()))
    }
}

impl ToNapiValue for Bytes {
    unsafe fn to_napi_value(env: sys::napi_env, value: Self) -> Result<sys::napi_value> {
        unsafe { Buffer::to_napi_value(env, Buffer::from(value.0)) }
    }
}

/// A moment: a `Date` on the other side.
///
/// An invalid `Date` is an error. Read as a number it would be 1970, and a message that should
/// wait would leave at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment(pub DateTime<Utc>);

impl TypeName for Moment {
    fn type_name() -> &'static str {
        "Date"
    }
    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl ValidateNapiValue for Moment {}

impl FromNapiValue for Moment {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        let mut millis = f64::NAN;
        let status = unsafe { sys::napi_get_date_value(env, value, &mut millis) };
        let at = (status == sys::Status::napi_ok && millis.is_finite())
            .then(|| DateTime::from_timestamp_millis(millis as i64))
            .flatten();
        at.map(Self).ok_or_else(|| {
            Error::new(Status::DateExpected, "Failed to convert into rust type `Date`".to_owned())
        })
    }
}

impl ToNapiValue for Moment {
    unsafe fn to_napi_value(env: sys::napi_env, value: Self) -> Result<sys::napi_value> {
        unsafe { DateTime::<Utc>::to_napi_value(env, value.0) }
    }
}
