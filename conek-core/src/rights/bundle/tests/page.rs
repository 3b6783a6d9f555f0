//! The page: safe with hostile data, in the person's language, and complete.

use super::*;
use crate::rights::bundle::{page::SHOWN, words};

fn page_of(head: BundleHead, fill: impl FnOnce(&mut Bundle<Vec<u8>>)) -> String {
    let mut b = Bundle::new(Vec::new(), head).unwrap();
    fill(&mut b);
    text(&b.finish(sign, &public()).unwrap().0, "README.html")
}

const HOSTILE: &str =
    "<script>alert(1)</script>\"' onclick='x' &lt; \u{202E}evil\u{0}\u{1B}[31m]]>--><!--{}{0}";

/// The elements of a page; anything that is no tag of ours is a failure.
fn tags(page: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let after_style = page.split_once("</style>").unwrap().1;
    for part in after_style.split('<').skip(1) {
        let (tag, rest) = part.split_once('>').expect("a tag ends");
        assert!(!rest.contains('>'), "a bare > in {rest:?}");
        let name = tag.trim_start_matches('/').split(' ').next().unwrap();
        out.push(name);
        for attribute in tag.split('"').step_by(2) {
            let attribute = attribute.trim().trim_start_matches('/').trim_start_matches(name).trim();
            let key = attribute.trim_end_matches('=');
            assert!(
                ["", "id", "class", "dir", "href", "scope", "datetime", "data-label"].contains(&key),
                "attribute {key:?} in {tag:?}"
            );
        }
    }
    out
}

const KNOWN: &[&str] = &[
    "head", "body", "html", "header", "main", "nav", "section", "h1", "h2", "p", "ul", "li", "a", "bdi",
    "table", "thead", "tbody", "tr", "th", "td", "div", "dl", "dt", "dd", "pre", "small", "time",
];

#[test]
fn hostile_names_stay_text() {
    let mut hostile = head(ExportKind::Access);
    hostile.business = HOSTILE.into();
    hostile.subject = HOSTILE.into();
    hostile.privacy_contact = HOSTILE.into();
    hostile.authority = Some(HOSTILE.into());
    hostile.jurisdiction = HOSTILE.into();
    hostile.language = HOSTILE.into();
    let page = page_of(hostile, |b| {
        b.section("other", Some(HOSTILE), &schemas::OTHER).unwrap();
        b.item(
            &map(json!({HOSTILE: HOSTILE, "details": {HOSTILE: [HOSTILE, {HOSTILE: HOSTILE}]}})),
            true,
            HOSTILE,
        )
        .unwrap();
        b.end_section().unwrap();
    });
    for tag in tags(&page) {
        assert!(KNOWN.contains(&tag), "<{tag}>");
    }
    assert!(!page.contains('\0') && !page.contains('\u{1B}'));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("<html lang=\"en\">"));
    // Outside of cells, whose direction is their own, hostile text is set apart.
    let sentence = page.split("id=\"rights\"").nth(1).unwrap();
    assert!(sentence.contains("<bdi>&lt;script&gt;"));
}

#[test]
fn the_page_may_do_nothing_but_look_as_it_does() {
    let page = text(&small(ExportKind::Access), "README.html");
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    use base64::Engine as _;
    let hash = base64::prelude::BASE64_STANDARD.encode(digest(&SHA256, style.as_bytes()).as_ref());
    assert!(page.contains(&format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; "
    )));
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<link"));
    assert!(!page.contains("http://") && !page.contains("href=\"http"));
    assert!(page.contains("name=\"viewport\"") && style.contains("@media print"));
}

#[test]
fn every_language_has_every_word_and_the_others_are_told_in_english() {
    let english = words::Words::of("en");
    for words in words::ALL {
        let mut head = head(ExportKind::Portability);
        head.language = format!("{}-ZA", words.language.to_uppercase());
        let page = page_of(head, |b| {
            for s in schemas::ALL {
                b.section(s.name, None, &s).unwrap();
                b.item(&map(json!({"id": "1"})), false, "").unwrap();
                b.end_section().unwrap();
            }
        });
        assert!(page.contains(&format!("<html lang=\"{}\">", words.language)));
        assert!(!page.contains("{}") && !page.contains("{0}"), "{}", words.language);
        for s in schemas::ALL {
            let title = words.section(s.name);
            assert!(!title.is_empty() && page.contains(&title.replace('\'', "&#39;")), "{title}");
            assert!(words.language == "en" || title != english.section(s.name), "{title}");
        }
        for sentence in words.may.iter().chain(&words.file).chain([&words.rights, &words.complain]) {
            assert!(!sentence.trim().is_empty());
        }
        for (sentence, marks) in [(words.title, "{}"), (words.write, "{}"), (words.left_out, "{}")] {
            assert!(sentence.contains(marks), "{sentence}");
        }
        assert!(["{0}", "{1}", "{2}"].iter().all(|m| words.first.contains(m)));
        assert!(words.intro.iter().all(|i| i.contains("{}")) && words.checks[2].contains("{}"));
    }
    for other in ["ru", "", "xx-YY", "english", "zulu"] {
        assert_eq!(words::Words::of(other).language, "en");
    }
    assert_eq!(words::Words::of("pt_BR").language, "pt");
}

#[test]
fn the_page_tells_who_answers_what_one_may_do_and_how_to_check() {
    let page = text(&small(ExportKind::Access), "README.html");
    for part in [
        "Your data at <bdi>Karoo Coffee</bdi>",
        "privacy@karoo.example",
        "person-7f3a",
        "2026-11-24 09:30:15 UTC",
        "Have data corrected",
        "complain to the data protection authority: <bdi>Information Regulator",
        "sha256sum FILE",
        "openssl pkeyutl -verify",
        &crate::values::hex(digest(&SHA256, &public()).as_ref()),
        "Messages to you (3)",
        "Nothing is held here.",
        "receipts/",
        "contact.vcf",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn times_truths_and_nested_values_read_as_people_write_them() {
    let page = page_of(head(ExportKind::Access), |b| {
        b.section("received", None, &schemas::RECEIVED).unwrap();
        let item = json!({
            "text": "2026-11-24T09:30:15Z", "sent_at": "2026-11-24T11:30:15.5+02:00", "flag": true,
            "content": {"media_kind": "image", "sizes": [1, 2]}, "received_at": null,
        });
        b.item(&map(item), true, "provided").unwrap();
        b.end_section().unwrap();
    });
    assert!(page.contains(">2026-11-24T09:30:15Z</td>"), "a text is left as it is");
    assert!(page.contains(">2026-11-24 11:30:15 (UTC+02:00)</time>"));
    assert!(page.contains("<dt dir=\"auto\">Media kind</dt><dd dir=\"auto\">image</dd>"));
    assert!(page.contains("<ul><li dir=\"auto\">1</li><li dir=\"auto\">2</li></ul>"));
    assert!(page.contains(">yes</td>"));
}

#[test]
fn a_long_section_shows_its_beginning_and_says_where_the_rest_is() {
    let page = page_of(head(ExportKind::Access), |b| {
        b.section("messages", None, &schemas::MESSAGES).unwrap();
        for n in 0..SHOWN + 50 {
            b.item(&map(json!({ "id": format!("id-{n}-") })), true, "").unwrap();
        }
        b.end_section().unwrap();
    });
    assert!(page.contains("Shown here: 200 of 250. All are in <a href=\"csv/messages.csv\">"));
    assert!(page.contains("id-199-") && !page.contains("id-200-"));
}
