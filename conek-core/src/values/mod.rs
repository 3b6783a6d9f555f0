//! The floor everything stands on: ids, phone numbers, time, chance and errors.

pub(crate) mod code;
pub mod error;
pub mod ids;
pub mod phone;
pub(crate) mod quiet;
pub mod random;
pub mod secret;
pub mod time;

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for b in bytes {
        out.push(char::from(DIGITS[usize::from(b >> 4)]));
        out.push(char::from(DIGITS[usize::from(b & 15)]));
    }
    out
}
