//! Message ids in WhatsApp's form: base64 of a small record with the user's number in it.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::dice::Dice;

const HEX: &[u8] = b"0123456789ABCDEF";

/// The id of the `n`th message from a number of the business to a user.
pub(crate) fn outgoing(dice: Dice, from: &str, user: &str, n: u64) -> String {
    wamid(user, 0x11, &dice.text(from, user, n, HEX, 18))
}

/// The id of the `n`th message from a user.
pub(crate) fn incoming(dice: Dice, user: &str, n: u64) -> String {
    wamid(user, 0x12, &dice.text("incoming", user, n, HEX, 20))
}

/// The user's number inside an id.
pub(crate) fn user(wamid: &str) -> Option<String> {
    let bytes = STANDARD.decode(wamid.strip_prefix("wamid.")?).ok()?;
    let len = usize::from(*bytes.get(2)?);
    String::from_utf8(bytes.get(3..3 + len)?.to_vec()).ok()
}

fn wamid(user: &str, direction: u8, id: &str) -> String {
    let mut bytes = vec![0x1c, 0x18, user.len() as u8];
    bytes.extend_from_slice(user.as_bytes());
    bytes.extend_from_slice(&[0x15, 0x02, 0x00, direction, 0x18, id.len() as u8]);
    bytes.extend_from_slice(id.as_bytes());
    bytes.push(0);
    format!("wamid.{}", STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_like_whatsapps_and_never_repeat() {
        let d = Dice::new(1);
        let id = outgoing(d, "100", "16505551234", 1);
        assert!(id.starts_with("wamid.HBgLMTY1MDU1NTEyMzQVAgARGB"), "{id}");
        assert_eq!(user(&id).as_deref(), Some("16505551234"));
        assert_eq!(user("wamid.AAAA"), Some(String::new()));
        assert!(incoming(d, "16505551234", 1).starts_with("wamid.HBgLMTY1MDU1NTEyMzQVAgASGB"));
        let many: std::collections::HashSet<_> =
            (0..10_000).map(|n| outgoing(d, "100", "16505551234", n)).collect();
        assert_eq!(many.len(), 10_000);
        assert_ne!(id, outgoing(d, "101", "16505551234", 1));
    }
}
