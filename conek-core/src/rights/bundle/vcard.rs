//! A person's contact details as a vCard 4.0 (RFC 6350), which every address book reads.

use crate::values::{quiet::quiet_debug, time::Timestamp};

/// The longest line in octets, without its end.
const LINE: usize = 75;

/// What goes into `contact.vcf`. What is empty or missing is left out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// The id that tells this person's cards from others'; required by address books that update.
    pub uid: String,
    /// The name as it is shown; the first number or address stands in for one that is missing.
    pub name: Option<String>,
    /// The given name.
    pub given: Option<String>,
    /// The family name.
    pub family: Option<String>,
    /// Phone numbers, E.164 where known.
    pub phones: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// The language (BCP 47).
    pub language: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// When the details were last changed.
    pub revised_at: Option<Timestamp>,
}
quiet_debug! { Card {} }

/// Text as a value: nothing in it can end the value or the line.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\\' | ',' | ';' => out.extend(['\\', c]),
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push_str("\\n"),
            '\t' => out.push('\t'),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Adds a line, folded where it is too long, and never inside of a character.
fn line(out: &mut String, text: &str) {
    let mut length = 0;
    for c in text.chars() {
        if length + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out.push_str("\r\n");
}

/// A number as `tel:` wants it; `None` where it is none.
fn tel(phone: &str) -> Option<String> {
    let digits: String = phone.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '/')).collect();
    let number = digits.strip_prefix('+')?;
    let fits = !number.is_empty() && number.len() <= 15 && number.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| format!("tel:+{number}"))
}

fn is_language(tag: &str) -> bool {
    !tag.is_empty() && tag.len() <= 35 && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn is_uuid(id: &str) -> bool {
    id.len() == 36
        && id.bytes().enumerate().all(|(n, b)| match n {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|t| !t.trim().is_empty())
}

impl Card {
    /// The name to show. RFC 6350 demands one.
    fn shown(&self) -> String {
        if let Some(name) = filled(&self.name) {
            return name.to_owned();
        }
        let parts = [filled(&self.given), filled(&self.family)];
        let joined = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if !joined.is_empty() {
            return joined;
        }
        let ways = self.phones.iter().chain(&self.emails).find(|w| !w.trim().is_empty());
        ways.unwrap_or(&self.uid).clone()
    }

    /// The card as text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        line(&mut out, "BEGIN:VCARD");
        line(&mut out, "VERSION:4.0");
        if is_uuid(&self.uid) {
            line(&mut out, &format!("UID:urn:uuid:{}", self.uid));
        } else if !self.uid.is_empty() {
            line(&mut out, &format!("UID;VALUE=text:{}", escaped(&self.uid)));
        }
        line(&mut out, &format!("FN:{}", escaped(&self.shown())));
        let [family, given] = [&self.family, &self.given].map(|p| filled(p).map(escaped).unwrap_or_default());
        // A name whose parts are not known stays whole: guessing them is wrong for half of the world.
        if !family.is_empty() || !given.is_empty() {
            line(&mut out, &format!("N:{family};{given};;;"));
        } else if let Some(name) = filled(&self.name) {
            line(&mut out, &format!("N:;{};;;", escaped(name)));
        }
        for phone in self.phones.iter().filter(|p| !p.trim().is_empty()) {
            match tel(phone) {
                Some(uri) => line(&mut out, &format!("TEL;VALUE=uri;TYPE=cell:{uri}")),
                None => line(&mut out, &format!("TEL;VALUE=text:{}", escaped(phone))),
            }
        }
        for email in self.emails.iter().filter(|e| !e.trim().is_empty()) {
            line(&mut out, &format!("EMAIL:{}", escaped(email)));
        }
        if let Some(tag) = self.language.as_deref().filter(|t| is_language(t)) {
            line(&mut out, &format!("LANG:{tag}"));
        }
        if let Some(note) = filled(&self.note) {
            line(&mut out, &format!("NOTE:{}", escaped(note)));
        }
        if let Some(at) = self.revised_at {
            line(&mut out, &format!("REV:{}", at.format("%Y%m%dT%H%M%SZ")));
        }
        line(&mut out, "END:VCARD");
        out
    }
}
