//! The forms in which a text can hide.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};

/// Needles with what they are.
pub(crate) struct Forms(Vec<(String, Vec<u8>)>);

impl Forms {
    /// Each canary as it is, in UTF-16, in hexadecimal and in base64 at any offset.
    pub(crate) fn of(canaries: &[(&str, String)]) -> Self {
        let mut all = Vec::new();
        for (what, text) in canaries {
            let bytes = text.as_bytes();
            let mut add = |form: &str, needle: Vec<u8>| all.push((format!("{what} ({form})"), needle));
            add("plain", bytes.to_vec());
            add("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect());
            add("hex", bytes.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect());
            add("HEX", bytes.iter().flat_map(|b| format!("{b:02X}").into_bytes()).collect());
            // Percent-encoded, as in an address.
            add(
                "JSON",
                serde_json::to_string(text).unwrap_or_default().trim_matches('"').as_bytes().to_vec(),
            );
            for offset in 0..3 {
                let padded: Vec<u8> =
                    std::iter::repeat_n(b'-', offset).chain(bytes.iter().copied()).collect();
                // The first and the last group depend on what stands beside.
                let whole = |encoded: String| {
                    let from = if offset == 0 { 0 } else { 4 };
                    let to = padded.len() / 3 * 4;
                    encoded.as_bytes()[from..to].to_vec()
                };
                add("base64", whole(BASE64_STANDARD.encode(&padded)));
                add("base64url", whole(BASE64_URL_SAFE.encode(&padded)));
            }
        }
        all.sort();
        all.dedup();
        Self(all)
    }
    /// Which of them are in `bytes`.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        // A text of one byte per character lets the standard library search fast.
        let hay: String = bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '\u{1}' }).collect();
        let ascii = |n: &[u8]| -> String {
            n.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '\u{1}' }).collect()
        };
        self.0
            .iter()
            .filter(|(_, needle)| hay.contains(&ascii(needle)))
            .map(|(what, _)| what.as_str())
            .collect()
    }
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(what, needle)| (what.as_str(), needle.as_slice()))
    }
}
