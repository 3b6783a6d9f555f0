//! The letters' own words. Short sentences, no terms of law for people.

use super::super::{
    channels::BreachChannel, contents::BreachItem, deadlines::BreachAudience, model::BreachKind,
};

mod afrikaans;
mod dutch;
mod english;
mod french;
mod german;

/// How a letter to somebody begins.
pub(super) struct Kind {
    pub(super) subject: &'static str,
    pub(super) opening: &'static str,
}

/// All words in one language. `{}` is what the sentence is about.
pub(super) struct Words {
    /// ISO 639.
    pub(super) language: &'static str,
    pub(super) people: Kind,
    pub(super) authority_eu: Kind,
    pub(super) regulator_za: Kind,
    pub(super) responsible_party: Kind,
    /// It is not the first letter.
    pub(super) again_people: &'static str,
    pub(super) again_office: &'static str,
    /// Not all is known.
    pub(super) more_people: &'static str,
    pub(super) more_office: &'static str,
    pub(super) happened: &'static str,
    pub(super) began: &'static str,
    pub(super) ended: &'static str,
    pub(super) aware: &'static str,
    pub(super) moment_unknown: &'static str,
    pub(super) about: &'static str,
    pub(super) unknown: &'static str,
    pub(super) confirmed: &'static str,
    pub(super) suspected: &'static str,
    pub(super) unidentifiable: &'static str,
    /// The first day of a month, and what stands after the number of any other.
    pub(super) first_day: &'static str,
    pub(super) after_day: &'static str,
    pub(super) months: [&'static str; 12],
    /// For offices, in the order of `BreachItem::ALL`.
    pub(super) headings: [&'static str; 17],
    /// For people, where they are spoken to in other words.
    pub(super) headings_people: &'static [(BreachItem, &'static str)],
    /// In the order of `BreachKind`.
    pub(super) kinds: [&'static str; 6],
    /// In the order of `BreachChannel::ALL`.
    pub(super) channels: [&'static str; 9],
    /// In the order of `CATEGORIES`.
    pub(super) categories: [&'static str; 19],
}

/// English first: it is for everybody whose language is not here.
pub(super) const WORDS: &[Words] =
    &[english::WORDS, afrikaans::WORDS, dutch::WORDS, german::WORDS, french::WORDS];

/// The categories that letters have words for. Any other is said as it was given.
pub(super) const CATEGORIES: [&str; 19] = [
    "identity",
    "contact",
    "business_identity",
    "address",
    "payment",
    "contact_list",
    "message_content",
    "campaign",
    "preference",
    "usage",
    "device",
    "approx_location",
    "performance",
    "cookie",
    "delivery_status",
    "verification",
    "survey",
    "special",
    "child",
];

impl Words {
    pub(super) fn letter(&self, to: BreachAudience) -> &Kind {
        match to {
            BreachAudience::ResponsibleParty => &self.responsible_party,
            BreachAudience::AuthorityEu => &self.authority_eu,
            BreachAudience::RegulatorZa => &self.regulator_za,
            BreachAudience::SubjectEu | BreachAudience::SubjectZa | BreachAudience::SubjectPromise => {
                &self.people
            }
        }
    }
    pub(super) fn heading(&self, item: BreachItem, people: bool) -> &'static str {
        let own = self.headings_people.iter().find(|(i, _)| people && *i == item);
        own.map_or(self.headings[item as usize], |(_, heading)| heading)
    }
    pub(super) fn kind(&self, kind: BreachKind) -> &'static str {
        self.kinds[kind as usize]
    }
    pub(super) fn channel(&self, channel: BreachChannel) -> &'static str {
        self.channels[channel as usize]
    }
    pub(super) fn category<'a>(&self, code: &'a str) -> &'a str {
        CATEGORIES.iter().position(|c| *c == code.trim()).map_or(code.trim(), |i| self.categories[i])
    }
}
