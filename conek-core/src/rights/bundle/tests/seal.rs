//! Who a bundle can be sealed to. That it opens with their key alone, an age of another make shows in the tests of
//! the Python binding.

use super::*;

/// The example key of age's own documentation.
const THEIRS: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

#[test]
fn a_sealed_bundle_shows_nothing_and_never_the_same_bytes() {
    let sealed = || {
        let mut b = Bundle::new(Sealed::new(Vec::new(), THEIRS).unwrap(), head(ExportKind::Access)).unwrap();
        b.vcard(&card()).unwrap();
        b.finish(sign, &public()).unwrap().0.finish().unwrap()
    };
    let (one, two) = (sealed(), sealed());
    assert!(one.starts_with(b"age-encryption.org/v1\n"));
    assert!(!one.windows(11).any(|w| w == b"contact.vcf"));
    assert_ne!(one, two);
}

#[test]
fn a_recipient_that_is_none_is_refused_without_repeating_it() {
    let mut typo = THEIRS.as_bytes().to_vec();
    typo[20] = if typo[20] == b'q' { b'p' } else { b'q' };
    let typo = String::from_utf8(typo).unwrap();
    for wrong in [
        "",
        "age1",
        "naledi@karoo.example",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA",
        &THEIRS[..61],
        &typo,
        "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
    ] {
        let error = Sealed::new(Vec::new(), wrong).unwrap_err();
        assert_eq!(error.code(), "bundle_recipient", "{wrong}");
        assert!(wrong.len() < 5 || !error.to_string().contains(wrong));
    }
    assert!(Sealed::new(Vec::new(), &format!(" {THEIRS}\n")).is_ok());
}
