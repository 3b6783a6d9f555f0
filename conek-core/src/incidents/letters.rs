//! Letters about a breach, from what the case knows. What it does not know is left out and named: no letter has a
//! gap to fill in.

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use super::{
    case::is_to_people,
    contents::{BreachItem, BreachMissing, is_late, missing},
    deadlines::{BreachAudience, breach_deadlines},
    model::{BreachCase, BreachPhase, BreachText},
};
use crate::{
    consent::words::primary_language as primary,
    values::{
        error::{Error, Result},
        quiet::quiet_debug,
        time::Timestamp,
    },
};

mod words;

use words::{WORDS, Words};

/// The version of the letters' own words.
pub const LETTERS_VERSION: &str = "breach-letters/2026-11-28";

/// A part of a letter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterSection {
    /// What it says.
    pub item: BreachItem,
    /// Its heading.
    pub heading: String,
    /// Its text.
    pub text: String,
}

/// A letter about a breach.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachLetter {
    /// To whom.
    pub to: BreachAudience,
    /// In which language.
    pub language: String,
    /// Which of several.
    pub phase: BreachPhase,
    /// Its subject.
    pub subject: String,
    /// What stands before the sections.
    pub opening: Vec<String>,
    /// Its sections: for a form, field by field.
    pub sections: Vec<LetterSection>,
    /// All of it, as plain text.
    pub body: String,
    /// What it should say and cannot yet.
    pub missing: Vec<BreachMissing>,
    /// Whether nothing is missing.
    pub complete: bool,
    /// Whether an order says to wait: do not send it (POPIA s22(3)).
    pub held: bool,
    /// The version of the letters' own words.
    pub template_version: String,
}

quiet_debug! {
    LetterSection { item, heading }
    BreachLetter { to, language, phase, missing, complete, held, template_version }
}

/// Whether letters are written in it.
pub(super) fn is_language(language: &str) -> bool {
    WORDS.iter().any(|w| w.language == primary(language))
}

fn words_of(case: &BreachCase, language: Option<&str>) -> &'static Words {
    // A letter is in one language: that of what happened, even where the rest could be said in the reader's.
    let asked = case.details.text(language).map_or(language.unwrap_or_default(), |t| &t.language);
    WORDS.iter().find(|w| w.language == primary(asked)).unwrap_or(&WORDS[0])
}

/// The language in which somebody is written to who reads `language`.
pub(super) fn language_of(case: &BreachCase, language: Option<&str>) -> &'static str {
    words_of(case, language).language
}

/// What one letter is written with.
struct Pen<'a> {
    case: &'a BreachCase,
    to: BreachAudience,
    words: &'static Words,
    text: Option<&'a BreachText>,
    tz: chrono_tz::Tz,
}

impl Pen<'_> {
    fn day(&self, at: Timestamp) -> String {
        let local = at.with_timezone(&self.tz);
        if !is_to_people(self.to) {
            return local.format("%Y-%m-%d %H:%M (UTC%:z)").to_string();
        }
        let month = self.words.months[local.month0() as usize];
        let day = match local.day() {
            1 => self.words.first_day.to_owned(),
            day => format!("{day}{}", self.words.after_day),
        };
        format!("{day} {month} {}", local.year())
    }

    fn moment(&self) -> Option<String> {
        let d = &self.case.details;
        let fill = |sentence: &str, at| sentence.replace("{}", &self.day(at));
        let aware = d.aware_at.map(|at| fill(self.words.aware, at));
        let unknown = self.case.is_unknown(BreachItem::Moment).then(|| self.words.moment_unknown.to_owned());
        let ended = d.ended_at.map(|at| fill(self.words.ended, at));
        let happened = match (d.began_at, d.ended_at) {
            (Some(began), Some(ended)) if self.day(began) == self.day(ended) => {
                vec![fill(self.words.happened, began)]
            }
            (Some(began), _) => [fill(self.words.began, began)].into_iter().chain(ended).collect(),
            (None, _) => unknown.into_iter().chain(ended).collect(),
        };
        let all: Vec<_> = happened.into_iter().chain(aware).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }

    fn count(&self, count: Option<i64>, item: BreachItem) -> Option<String> {
        let unknown = || self.case.is_unknown(item).then(|| self.words.unknown.to_owned());
        count.map(|c| self.words.about.replace("{}", &c.to_string())).or_else(unknown)
    }

    fn told(&self) -> Option<String> {
        if self.case.is_unidentifiable() {
            return Some(self.words.unidentifiable.to_owned());
        }
        let ways = self.case.people_channels().into_iter().map(|c| self.words.channel(c).to_owned());
        list(ways)
    }

    /// What a section says; `None` where it is not known.
    fn value(&self, item: BreachItem) -> Option<String> {
        let d = &self.case.details;
        let said = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
        };
        let worded = |of: fn(&BreachText) -> &Option<String>| self.text.and_then(|t| said(of(t)));
        match item {
            BreachItem::Nature => worded(|t| &t.what_happened),
            BreachItem::Kind => list(d.kinds.iter().map(|k| self.words.kind(*k).to_owned())),
            BreachItem::Certainty => d
                .confirmed
                .map(|sure| if sure { self.words.confirmed } else { self.words.suspected }.to_owned()),
            BreachItem::Moment => self.moment(),
            BreachItem::DataCategories => {
                list(d.categories.iter().map(|c| self.words.category(c).to_owned()))
            }
            BreachItem::Whose => worded(|t| &t.whose)
                .or_else(|| self.case.is_unknown(item).then(|| self.words.unknown.to_owned())),
            BreachItem::PeopleCount => self.count(d.people, item),
            BreachItem::RecordCount => self.count(d.records, item),
            BreachItem::Consequences => worded(|t| &t.consequences),
            BreachItem::Measures => worded(|t| &t.measures),
            BreachItem::Advice => worded(|t| &t.advice),
            BreachItem::PeopleTold => self.told(),
            BreachItem::LateReasons => worded(|t| &t.late_reasons),
            BreachItem::Intruder => said(&d.intruder),
            BreachItem::Contact => said(&d.contact),
            BreachItem::Authority => said(&d.authority),
            BreachItem::Sender => said(&d.sender)
                .map(|name| said(&d.address).map_or(name.clone(), |address| format!("{name}\n{address}"))),
        }
    }
}

fn list(parts: impl Iterator<Item = String>) -> Option<String> {
    let lines: Vec<_> = parts.filter(|p| !p.trim().is_empty()).map(|p| format!("- {p}")).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A letter to somebody who reads `language`, going out at `at`. It is in that language if letters are and what
/// happened is said in it; otherwise in the first in which it is said. Only a letter without gaps is `final`.
///
/// # Errors
/// `invalid_input` for details that make no sense; `conflict` for somebody whom this account does not tell of this
/// case: another law's people, or anybody but the responsible party where the account processes for it.
pub fn letter(
    case: &BreachCase,
    to: BreachAudience,
    language: Option<&str>,
    at: Timestamp,
) -> Result<BreachLetter> {
    case.details.check(at)?;
    if breach_deadlines(&case.facts())?.iter().all(|d| d.audience != to) {
        return Err(Error::conflict("breach letter", "this account does not tell them of this case"));
    }
    let words = words_of(case, language);
    let text = case.details.text(language);
    let pen = Pen { case, to, words, text, tz: case.details.tz()? };
    let missing = missing(case, to, language, at);
    let (complete, late) = (missing.is_empty(), is_late(case, to, at));
    let again = case.counted(to).next().is_some();
    let phase = match (complete, again) {
        (true, _) => BreachPhase::Final,
        (false, true) => BreachPhase::Supplement,
        (false, false) => BreachPhase::Initial,
    };
    let people = is_to_people(to);
    let kind = words.letter(to);
    let mut opening = vec![kind.opening.to_owned()];
    if again {
        opening.push(if people { words.again_people } else { words.again_office }.to_owned());
    }
    if !complete {
        let open: Vec<_> = missing.iter().map(|m| words.heading(m.item, false)).collect();
        opening.push(match people {
            true => words.more_people.to_owned(),
            false => words.more_office.replace("{}", &open.join("; ")),
        });
    }
    let told = BreachItem::ALL.into_iter().filter(|item| item.is_told(to, late));
    let sections: Vec<_> = told
        .filter_map(|item| {
            let heading = words.heading(item, people).to_owned();
            pen.value(item).map(|text| LetterSection { item, heading, text })
        })
        .collect();
    let blocks = sections.iter().map(|s| format!("{}\n{}", s.heading, s.text));
    let body = [opening.join(" ")].into_iter().chain(blocks).collect::<Vec<_>>().join("\n\n");
    Ok(BreachLetter {
        to,
        language: words.language.to_owned(),
        phase,
        subject: kind.subject.to_owned(),
        opening,
        sections,
        body,
        missing,
        complete,
        held: case.is_held(to, at),
        template_version: LETTERS_VERSION.to_owned(),
    })
}

#[cfg(test)]
mod tests;
