//! `README.html`: the bundle for people, without script, and nothing in it can become markup.

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, FixedOffset};
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};

use super::{
    BundleHead, ExportKind, PORTABLE, REASON,
    schemas::{Kind, Schema},
    words::Words,
};

/// How many items of a section the page shows; a phone cannot hold them all.
pub(super) const SHOWN: u64 = 200;
/// How deep nested values are laid out; below that they are JSON.
const DEEP: usize = 6;

/// With more fields than this an item is a card, on a wide screen too.
const WIDEST: usize = 7;

const STYLE: &str = "
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem;overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.2}
h2{margin-top:2.5rem;border-bottom:2px solid}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:start;vertical-align:top;padding:.35rem .5rem;border-bottom:1px solid #8886}
td.t{white-space:pre-wrap}
dl{margin:0}
dt{font-weight:600}
dd{margin:0 0 .3rem 1rem}
ul{margin:0;padding-inline-start:1.2rem}
pre{overflow:auto;padding:.6rem;background:#8882}
small{display:block}
.w{overflow-x:auto}
.c thead,.c .n{display:none}
.c,.c tbody,.c tr,.c td{display:block;overflow-wrap:anywhere}
.c tr{margin-bottom:1rem;border:1px solid #8886;border-radius:.4rem;break-inside:avoid}
.c td::before{content:attr(data-label);display:block;font-weight:600}
@media(max-width:45rem),print{
.i thead,.i .n{display:none}
.i,.i tbody,.i tr,.i td{display:block;overflow-wrap:anywhere}
.i tr{margin-bottom:1rem;border:1px solid #8886;border-radius:.4rem;break-inside:avoid}
.i td::before{content:attr(data-label);display:block;font-weight:600}
}
@media screen and (min-width:60rem){
.c tbody{columns:2}
}
@media print{
body{max-width:none;padding:0;font-size:.8rem}
.w{overflow:visible}
pre{white-space:pre-wrap;break-inside:avoid}
}
";

/// Text as markup. Control characters show as the sign for what cannot be shown.
pub(super) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\r' => {}
            c if c.is_control() => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&mut out, text);
    out
}

/// Text within a sentence: its direction stays its own.
fn apart(text: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(text))
}

/// A sentence with markup in the place of `{}`.
fn with(sentence: &str, markup: &str) -> String {
    escaped(sentence).replace("{}", markup)
}

/// A moment as people read it, in the offset that it was given in.
fn readable(at: &DateTime<FixedOffset>) -> String {
    let zone = if at.offset().local_minus_utc() == 0 {
        "UTC".to_owned()
    } else {
        format!("(UTC{})", at.format("%:z"))
    };
    format!(
        "<time datetime=\"{}\">{} {zone}</time>",
        at.format("%Y-%m-%dT%H:%M:%S%:z"),
        at.format("%Y-%m-%d %H:%M:%S")
    )
}

/// A value; `None` for a field that no schema knows.
fn value(out: &mut String, words: &Words, kind: Option<Kind>, value: &Value, depth: usize) {
    match value {
        Value::Null => out.push('–'),
        Value::Bool(yes) => out.push_str(&escaped(if *yes { words.yes } else { words.no })),
        Value::Number(n) => out.push_str(&n.to_string()),
        Value::String(text) => {
            let may_be_time = kind.is_none_or(|k| k != Kind::Text) && text.len() >= 20;
            match DateTime::parse_from_rfc3339(text) {
                Ok(at) if may_be_time => out.push_str(&readable(&at)),
                _ => escape(out, text),
            }
        }
        nested if depth >= DEEP => escape(out, &nested.to_string()),
        Value::Array(list) => {
            out.push_str("<ul>");
            for v in list {
                out.push_str("<li dir=\"auto\">");
                self::value(out, words, None, v, depth + 1);
                out.push_str("</li>");
            }
            out.push_str("</ul>");
        }
        Value::Object(map) => {
            out.push_str("<dl>");
            for (key, v) in map {
                let _ = write!(out, "<dt dir=\"auto\">{}</dt><dd dir=\"auto\">", escaped(&words.field(key)));
                self::value(out, words, None, v, depth + 1);
                out.push_str("</dd>");
            }
            out.push_str("</dl>");
        }
    }
}

/// A section of the page.
pub(super) struct Part<'p> {
    pub(super) words: &'static Words,
    pub(super) name: &'p str,
    pub(super) title: &'p str,
    pub(super) schema: &'p Schema,
    /// The fields that occur.
    pub(super) columns: &'p [String],
    pub(super) records: u64,
    pub(super) left_out: u64,
}

impl Part<'_> {
    /// What stands before the items.
    pub(super) fn begin(&self) -> String {
        let (words, name) = (self.words, self.name);
        let mut out = format!(
            "<section id=\"s-{name}\"><h2 dir=\"auto\">{} ({})</h2>",
            escaped(self.title),
            self.records
        );
        if self.left_out > 0 {
            let _ = write!(out, "<p>{}</p>", with(words.left_out, &self.left_out.to_string()));
        }
        if self.records == 0 {
            let _ = write!(out, "<p>{}</p>", escaped(words.empty));
            return out;
        }
        if self.records > SHOWN {
            let file = format!("<a href=\"csv/{name}.csv\">csv/{name}.csv</a>");
            let sentence = escaped(words.first)
                .replace("{0}", &SHOWN.to_string())
                .replace("{1}", &self.records.to_string())
                .replace("{2}", &file);
            let _ = write!(out, "<p>{sentence}</p>");
        }
        let class = if self.columns.len() > WIDEST { "c" } else { "i" };
        let _ = write!(out, "<div class=\"w\"><table class=\"{class}\"><thead><tr>");
        for column in self.columns {
            let _ = write!(out, "<th scope=\"col\" dir=\"auto\">{}</th>", escaped(&words.field(column)));
        }
        let _ = writeln!(out, "<th scope=\"col\">{}</th></tr></thead><tbody>", escaped(words.portable));
        out
    }

    /// An item.
    pub(super) fn item(&self, item: &Map<String, Value>) -> String {
        let words = self.words;
        let mut out = "<tr>".to_owned();
        for column in self.columns {
            let label = escaped(&words.field(column));
            let found = item.get(column).unwrap_or(&Value::Null);
            let class = if found.is_null() { "n" } else { "t" };
            let _ = write!(out, "<td class=\"{class}\" dir=\"auto\" data-label=\"{label}\">");
            value(&mut out, words, self.schema.kind(column), found, 0);
            out.push_str("</td>");
        }
        let _ = write!(out, "<td data-label=\"{}\">", escaped(words.portable));
        value(&mut out, words, None, item.get(PORTABLE).unwrap_or(&Value::Null), 0);
        if let Some(reason) = item.get(REASON).and_then(Value::as_str) {
            let _ = write!(out, "<small dir=\"auto\">{}</small>", escaped(reason));
        }
        out.push_str("</td></tr>\n");
        out
    }

    /// What stands after the items.
    pub(super) fn end(&self) -> &'static str {
        if self.records == 0 { "</section>\n" } else { "</tbody></table></div></section>\n" }
    }
}

/// A line of the table of contents.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) records: u64,
}

/// What stands before the sections.
pub(super) fn begin(words: &Words, head: &BundleHead, entries: &[Entry]) -> String {
    let hash = BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes()).as_ref());
    let business = apart(&head.business);
    let which = usize::from(head.kind == ExportKind::Portability);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; \
         base-uri 'none'; form-action 'none'\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"referrer\" content=\"no-referrer\"><title>{}</title><style>{STYLE}</style></head><body>\n",
        words.language,
        with(words.title, &escaped(&head.business)),
    );
    let _ = write!(out, "<header><h1>{}</h1>", with(words.title, &business));
    let _ = write!(out, "<p>{}</p><table><tbody>", with(words.intro[which], &business));
    let facts = [
        business,
        apart(&head.privacy_contact),
        apart(&head.subject),
        escaped(words.kinds[which]),
        readable(&head.generated_at.fixed_offset()),
        apart(&head.jurisdiction),
    ];
    for (label, fact) in words.labels.iter().zip(facts) {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th><td>{fact}</td></tr>", escaped(label));
    }
    let _ = write!(out, "</tbody></table></header>\n<nav><h2>{}</h2><ul>", escaped(words.contents));
    for e in entries {
        let title = escaped(&e.title);
        let _ = write!(out, "<li dir=\"auto\"><a href=\"#s-{}\">{title}</a> ({})</li>", e.name, e.records);
    }
    for (id, title) in [("rights", words.rights), ("files", words.files), ("check", words.check)] {
        let _ = write!(out, "<li><a href=\"#{id}\">{}</a></li>", escaped(title));
    }
    out.push_str("</ul></nav>\n<main>\n");
    out
}

/// What the end of the page needs to know.
pub(super) struct Close<'c> {
    pub(super) has_sections: bool,
    pub(super) has_card: bool,
    /// The folders of the caller's files.
    pub(super) folders: &'c [String],
    /// SHA-256 of the public key, hexadecimal.
    pub(super) fingerprint: &'c str,
}

/// What stands after the sections: rights, files, and how to check them.
pub(super) fn end(words: &Words, head: &BundleHead, close: &Close) -> String {
    let mut out = format!("</main>\n<section id=\"rights\"><h2>{}</h2><ul>", escaped(words.rights));
    for may in words.may {
        let _ = write!(out, "<li>{}</li>", escaped(may));
    }
    let _ = write!(out, "</ul><p>{}</p>", with(words.write, &apart(&head.privacy_contact)));
    let authority = head.authority.as_deref().map(|a| format!(": {}", apart(a))).unwrap_or_default();
    let _ = writeln!(out, "<p>{}{authority}.</p></section>", escaped(words.complain));
    let _ = write!(out, "<section id=\"files\"><h2>{}</h2><table><tbody>", escaped(words.files));
    let mut row = |path: &str, about: usize| {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
            escaped(path),
            escaped(words.file[about])
        );
    };
    if close.has_sections {
        row("data/", 0);
        row("csv/", 1);
        row("schemas/", 5);
    }
    if close.has_card {
        row("contact.vcf", 2);
    }
    for folder in close.folders {
        row(folder, if folder == "receipts/" { 3 } else { 4 });
    }
    row("manifest.json", 6);
    row("manifest.sig, public_key.pem", 7);
    let commands = [
        "sha256sum FILE\nshasum -a 256 FILE\ncertutil -hashfile FILE SHA256",
        "openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in manifest.json -sigfile manifest.sig",
        close.fingerprint,
    ];
    let _ =
        write!(out, "</tbody></table></section>\n<section id=\"check\"><h2>{}</h2>", escaped(words.check));
    for (check, command) in words.checks.iter().zip(commands) {
        let sentence = with(check, &apart(&head.business));
        let _ = write!(out, "<p>{sentence}</p><pre dir=\"ltr\">{}</pre>", escaped(command));
    }
    out.push_str("</section>\n</body></html>\n");
    out
}
