//! Signatures: webhook bodies as Meta writes and signs them.

use ring::hmac;

/// `sha256=` and the HMAC-SHA256 of exactly these bytes, as in `X-Hub-Signature-256`.
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
    let mut out = String::with_capacity(71);
    out.push_str("sha256=");
    for byte in tag.as_ref() {
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    out
}

/// Writes JSON text as Meta does: signs beyond ASCII as `\uXXXX`, slashes as `\/`.
/// Both occur inside strings only, so the value stays the same.
pub(crate) fn escape(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 8);
    for c in json.chars() {
        match c {
            '/' => out.push_str("\\/"),
            c if c.is_ascii() => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str("\\u");
                    for shift in [12, 8, 4, 0] {
                        out.push(char::from_digit(u32::from(*unit >> shift) & 15, 16).unwrap_or('0'));
                    }
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_published_hmac() {
        // RFC 4231, test case 2.
        assert_eq!(
            sign("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn escaped_text_is_ascii_and_the_same_value() {
        let json = r#"{"body":"é 😀 a/b \"q\""}"#;
        let escaped = escape(json);
        assert_eq!(escaped, r#"{"body":"\u00e9 \ud83d\ude00 a\/b \"q\""}"#);
        let (a, b): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(json).unwrap(), serde_json::from_str(&escaped).unwrap());
        assert_eq!(a, b);
    }
}
