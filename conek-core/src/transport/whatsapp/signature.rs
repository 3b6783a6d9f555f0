//! Whether a webhook comes from WhatsApp.

use ring::hmac;

use crate::{
    transport::WebhookRequest,
    values::{
        error::{Error, Result},
        secret::Secret,
    },
};

/// The longest webhook body that is looked at, in bytes: 3 MB, WhatsApp's own limit.
pub const MAX_BODY: usize = 3 * 1024 * 1024;

const HEADER: &str = "x-hub-signature-256";

/// The app's secrets, ready to verify with.
pub(super) struct Verifier {
    keys: Vec<hmac::Key>,
    verify_token: Secret,
}

impl Verifier {
    pub(super) fn new(secrets: &[Secret], verify_token: Secret) -> Result<Self> {
        // With an empty secret anybody could sign.
        if secrets.iter().any(Secret::is_empty) {
            return Err(Error::invalid("app_secrets", "must not hold an empty secret"));
        }
        let keys = secrets.iter().map(|s| hmac::Key::new(hmac::HMAC_SHA256, s.expose().as_bytes())).collect();
        Ok(Self { keys, verify_token })
    }

    /// Checks the signature over the raw bytes, with each secret, in constant time.
    pub(super) fn verify(&self, request: &WebhookRequest) -> Result<()> {
        if request.body.len() > MAX_BODY {
            return refuse("the body is longer than 3 MB");
        }
        if self.keys.is_empty() {
            return refuse("no app secret is configured; set app_secrets");
        }
        let mut values = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(HEADER));
        let (Some((_, value)), None) = (values.next(), values.next()) else {
            return refuse("the header X-Hub-Signature-256 is missing or there twice");
        };
        let Some(tag) = value.trim().strip_prefix("sha256=").and_then(decode_hex) else {
            return refuse("the header X-Hub-Signature-256 is not sha256= and 64 hexadecimal digits");
        };
        match self.keys.iter().any(|key| hmac::verify(key, &request.body, &tag).is_ok()) {
            true => Ok(()),
            false => refuse("the body was not signed with any of the app secrets; pass the raw bytes"),
        }
    }

    /// Answers WhatsApp's registration of the webhook's address with the challenge to return.
    pub(super) fn handshake(&self, mode: &str, token: &str, challenge: &str) -> Result<String> {
        // A comparison of tags takes the same time wherever two tokens differ.
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"verify token");
        let expected = hmac::sign(&key, self.verify_token.expose().as_bytes());
        let same = hmac::verify(&key, token.as_bytes(), expected.as_ref()).is_ok();
        if mode != "subscribe" || !same || self.verify_token.is_empty() {
            return refuse("the verify token is wrong");
        }
        // It is returned to a browser-reachable address: nothing that could be markup.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if challenge.is_empty() || challenge.len() > 256 || !challenge.chars().all(plain) {
            return refuse("the challenge is not one of WhatsApp's");
        }
        Ok(challenge.to_owned())
    }
}

fn refuse<T>(detail: &str) -> Result<T> {
    Err(Error::Signature { detail: detail.to_owned() })
}

fn decode_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut out = [0u8; 32];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(secret: &str, body: &[u8]) -> String {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
        let hex: String = tag.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        format!("sha256={hex}")
    }

    fn verifier() -> Verifier {
        Verifier::new(&[Secret::from("new"), Secret::from("old")], Secret::from("welcome")).unwrap()
    }

    fn check(header: Option<(&str, &str)>, body: &[u8]) -> Result<()> {
        let headers = header.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        verifier().verify(&WebhookRequest { headers, body: body.to_vec() })
    }

    #[test]
    fn a_known_vector_verifies() {
        // RFC 4231, test case 2.
        let verifier = Verifier::new(&[Secret::from("Jefe")], Secret::from("")).unwrap();
        let value = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let headers = [("X-Hub-Signature-256".to_owned(), value.to_owned())].into();
        let body = b"what do ya want for nothing?".to_vec();
        assert_eq!(verifier.verify(&WebhookRequest { headers, body }), Ok(()));
    }

    #[test]
    fn either_secret_and_any_case_of_the_header_will_do() {
        let body = br#"{"text":"caf\u00e9"}"#;
        for secret in ["new", "old"] {
            for name in ["X-Hub-Signature-256", "x-hub-signature-256", "X-HUB-SIGNATURE-256"] {
                assert_eq!(check(Some((name, &signature(secret, body))), body), Ok(()));
            }
        }
        let loud = signature("new", body).to_uppercase().replace("SHA256", "sha256");
        assert_eq!(check(Some(("X-Hub-Signature-256", &loud)), body), Ok(()));
    }

    #[test]
    fn a_missing_malformed_or_wrong_signature_is_refused() {
        let good = signature("new", b"body");
        let other = signature("stolen", b"body");
        let cases: &[Option<&str>] = &[
            None,
            Some(""),
            Some("sha256="),
            Some("sha1=0000"),
            Some(&good[7..]),
            Some(&good[..good.len() - 2]),
            Some(&other),
            Some("sha256=zz"),
            Some(
                "sha256=\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
            ),
        ];
        for value in cases {
            let error = check(value.map(|v| ("X-Hub-Signature-256", v)), b"body").unwrap_err();
            assert_eq!(error.code(), "signature", "{value:?}");
        }
        assert!(check(Some(("X-Hub-Signature", &good)), b"body").is_err());
        assert!(check(Some(("X-Hub-Signature-256", &good)), b"bodY").is_err());
    }

    #[test]
    fn two_signatures_are_one_too_many() {
        let good = signature("new", b"body");
        let headers =
            [("X-Hub-Signature-256".to_owned(), good.clone()), ("x-hub-signature-256".to_owned(), good)]
                .into();
        assert!(verifier().verify(&WebhookRequest { headers, body: b"body".to_vec() }).is_err());
    }

    #[test]
    fn a_body_above_the_limit_is_refused_even_when_it_is_signed() {
        let at_limit = vec![b' '; MAX_BODY];
        assert_eq!(check(Some(("X-Hub-Signature-256", &signature("new", &at_limit))), &at_limit), Ok(()));
        let above = vec![b' '; MAX_BODY + 1];
        assert!(check(Some(("X-Hub-Signature-256", &signature("new", &above))), &above).is_err());
    }

    #[test]
    fn without_a_secret_nothing_verifies_and_an_empty_one_is_no_secret() {
        let none = Verifier::new(&[], Secret::from("v")).unwrap();
        let headers = [("X-Hub-Signature-256".to_owned(), signature("", b"body"))].into();
        assert!(none.verify(&WebhookRequest { headers, body: b"body".to_vec() }).is_err());
        assert!(Verifier::new(&[Secret::from("")], Secret::from("v")).is_err());
    }

    #[test]
    fn the_handshake_returns_the_challenge_for_the_right_word_only() {
        assert_eq!(verifier().handshake("subscribe", "welcome", "1158201444"), Ok("1158201444".to_owned()));
        for (mode, token, challenge) in [
            ("unsubscribe", "welcome", "1"),
            ("subscribe", "welcom", "1"),
            ("subscribe", "welcome!", "1"),
            ("subscribe", "", "1"),
            ("subscribe", "welcome", ""),
            ("subscribe", "welcome", "<script>"),
        ] {
            assert!(verifier().handshake(mode, token, challenge).is_err(), "{mode} {token} {challenge}");
        }
        let open = Verifier::new(&[], Secret::from("")).unwrap();
        assert!(open.handshake("subscribe", "", "1").is_err());
    }
}
