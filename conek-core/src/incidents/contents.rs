//! What a letter about a breach has to say to whom: GDPR 33(3) and 34(2), POPIA s22(5), the Regulator's form, and the
//! account's promise. People are told the union: what one law tells some, all are told.

use serde::{Deserialize, Serialize};

use super::{
    case::is_said,
    deadlines::{BreachAudience, breach_deadlines},
    model::{BreachCase, BreachText},
};
use crate::values::time::Timestamp;

/// Something that a letter says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachItem {
    /// What happened.
    Nature,
    /// What was done to the data.
    Kind,
    /// Whether it is confirmed or suspected.
    Certainty,
    /// When it happened.
    Moment,
    /// Which kinds of data.
    DataCategories,
    /// Whose data.
    Whose,
    /// About how many people.
    PeopleCount,
    /// About how many records.
    RecordCount,
    /// What is likely to follow.
    Consequences,
    /// What was done and will be done.
    Measures,
    /// What the people can do.
    Advice,
    /// How the people are told.
    PeopleTold,
    /// Why the letter is late.
    LateReasons,
    /// Who did it.
    Intruder,
    /// Whom to ask.
    Contact,
    /// Where people can complain.
    Authority,
    /// Who writes.
    Sender,
}

/// Whether a letter says something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// It does not, known or not.
    Silent,
    /// It does, where it is known.
    Told,
    /// It must, where it is known.
    IfKnown(&'static str),
    /// It must, where it is late.
    IfLate(&'static str),
    /// It must.
    Must(&'static str),
}

/// Something that a letter says, and who demands it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachContent {
    /// To whom.
    pub to: BreachAudience,
    /// What.
    pub item: BreachItem,
    /// Whether the letter is incomplete without it, known or not. A reason for lateness counts where it is late.
    pub required: bool,
    /// What demands it; empty: nothing, it is said where it is known.
    pub provision: String,
    /// What it is, in plain words.
    pub text: String,
}

/// Something that a letter has to say and does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachMissing {
    /// What.
    pub item: BreachItem,
    /// What demands it.
    pub provision: String,
    /// What is missing, in plain words.
    pub text: String,
}

/// Everybody, authorities first.
pub(super) const AUDIENCES: [BreachAudience; 6] = [
    BreachAudience::AuthorityEu,
    BreachAudience::RegulatorZa,
    BreachAudience::SubjectEu,
    BreachAudience::SubjectZa,
    BreachAudience::SubjectPromise,
    BreachAudience::ResponsibleParty,
];

const PORTAL: &str = "POPIA s22(1)(a); the Regulator's form";
const PROMISE: &str = "the account's promise";
const UNION: &str = "no provision for these people: what one law tells some, all are told";
const AT_ONCE: &str = "GDPR art 33(2); POPIA s21(2)";

impl BreachItem {
    /// All of them, in the order in which letters say them.
    pub const ALL: [Self; 17] = [
        Self::Nature,
        Self::Kind,
        Self::Certainty,
        Self::Moment,
        Self::DataCategories,
        Self::Whose,
        Self::PeopleCount,
        Self::RecordCount,
        Self::Consequences,
        Self::Measures,
        Self::Advice,
        Self::PeopleTold,
        Self::LateReasons,
        Self::Intruder,
        Self::Contact,
        Self::Authority,
        Self::Sender,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nature => "nature",
            Self::Kind => "kind",
            Self::Certainty => "certainty",
            Self::Moment => "moment",
            Self::DataCategories => "data_categories",
            Self::Whose => "whose",
            Self::PeopleCount => "people_count",
            Self::RecordCount => "record_count",
            Self::Consequences => "consequences",
            Self::Measures => "measures",
            Self::Advice => "advice",
            Self::PeopleTold => "people_told",
            Self::LateReasons => "late_reasons",
            Self::Intruder => "intruder",
            Self::Contact => "contact",
            Self::Authority => "authority",
            Self::Sender => "sender",
        }
    }
    /// What it is, in plain words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Nature => "what happened",
            Self::Kind => "what was done to the data",
            Self::Certainty => "whether it is confirmed or suspected",
            Self::Moment => "when it happened",
            Self::DataCategories => "which kinds of data",
            Self::Whose => "whose data",
            Self::PeopleCount => "about how many people",
            Self::RecordCount => "about how many records",
            Self::Consequences => "what is likely to follow",
            Self::Measures => "what was done and will be done",
            Self::Advice => "what the people can do",
            Self::PeopleTold => "how the people are told",
            Self::LateReasons => "why it is late",
            Self::Intruder => "who did it",
            Self::Contact => "whom to ask",
            Self::Authority => "where people can complain",
            Self::Sender => "who writes",
        }
    }
    /// Whether a letter may say that it cannot be found out.
    pub(super) fn may_be_unknown(self) -> bool {
        matches!(self, Self::Moment | Self::Whose | Self::PeopleCount | Self::RecordCount)
    }

    fn rule(self, to: BreachAudience) -> Rule {
        use Rule::*;
        // Authority and people in the EU; Regulator and people in South Africa; the promise; whom the account works for.
        let [eu, eu_people, za, za_people, promise, principal] = match self {
            Self::Nature => [
                Must("GDPR art 33(3)(a)"),
                Must("GDPR art 34(2)"),
                Must(PORTAL),
                Must("POPIA s22(5)"),
                Must(PROMISE),
                Must(AT_ONCE),
            ],
            Self::Kind | Self::Certainty => [Told, Silent, Must(PORTAL), Silent, Silent, Told],
            Self::Moment => [Told, Must(UNION), Must(PORTAL), Must(UNION), Must(UNION), Told],
            Self::DataCategories => [
                Must("GDPR art 33(3)(a)"),
                Must("GDPR art 34(2)"),
                Must(PORTAL),
                Must("POPIA s22(5)"),
                Must(PROMISE),
                Told,
            ],
            Self::Whose => [Must("GDPR art 33(3)(a)"), Silent, Told, Silent, Silent, Told],
            Self::PeopleCount => [Must("GDPR art 33(3)(a)"), Silent, Must(PORTAL), Silent, Silent, Told],
            Self::RecordCount => [Must("GDPR art 33(3)(a)"), Silent, Told, Silent, Silent, Told],
            Self::Consequences => [
                Must("GDPR art 33(3)(c)"),
                Must("GDPR art 34(2), 33(3)(c)"),
                Must(PORTAL),
                Must("POPIA s22(5)(a)"),
                Must(PROMISE),
                Told,
            ],
            Self::Measures => [
                Must("GDPR art 33(3)(d)"),
                Must("GDPR art 34(2), 33(3)(d)"),
                Must(PORTAL),
                Must("POPIA s22(5)(b)"),
                Must(PROMISE),
                Told,
            ],
            Self::Advice => {
                [Told, Must("GDPR recital 86"), Told, Must("POPIA s22(5)(c)"), Must(PROMISE), Told]
            }
            Self::PeopleTold => [Told, Silent, Must(PORTAL), Silent, Silent, Silent],
            Self::LateReasons => [IfLate("GDPR art 33(1)"), Silent, IfLate(PORTAL), Silent, Silent, Silent],
            // Who did it is a person too: only where a law wants it said.
            Self::Intruder => [Silent, Silent, Told, IfKnown("POPIA s22(5)(d)"), Silent, Told],
            Self::Contact => [
                Must("GDPR art 33(3)(b)"),
                Must("GDPR art 34(2), 33(3)(b)"),
                Must(PORTAL),
                Must(UNION),
                Must(UNION),
                Told,
            ],
            Self::Authority => [Silent, Told, Silent, Told, Told, Silent],
            Self::Sender => [
                Must("GDPR art 33(1)"),
                Must("GDPR art 34(1)"),
                Must("POPIA s22(1)(a)"),
                Must("POPIA s22(1)(b)"),
                Must(PROMISE),
                Must(AT_ONCE),
            ],
        };
        match to {
            BreachAudience::AuthorityEu => eu,
            BreachAudience::SubjectEu => eu_people,
            BreachAudience::RegulatorZa => za,
            BreachAudience::SubjectZa => za_people,
            BreachAudience::SubjectPromise => promise,
            BreachAudience::ResponsibleParty => principal,
        }
    }

    /// Whether a letter says it, where it is known. Reasons are no excuse in a letter that is in time.
    pub(super) fn is_told(self, to: BreachAudience, late: bool) -> bool {
        match self.rule(to) {
            Rule::Silent => false,
            Rule::IfLate(_) => late,
            Rule::Told | Rule::IfKnown(_) | Rule::Must(_) => true,
        }
    }

    /// Whether the case says it, or says that it cannot be found out.
    pub(super) fn is_known(self, case: &BreachCase, words: Option<&BreachText>) -> bool {
        let d = &case.details;
        let said = |text: &Option<String>| text.as_deref().is_some_and(is_said);
        let worded = |of: fn(&BreachText) -> &Option<String>| words.is_some_and(|w| said(of(w)));
        let known = match self {
            Self::Nature => worded(|w| &w.what_happened),
            Self::Kind => !d.kinds.is_empty(),
            Self::Certainty => d.confirmed.is_some(),
            Self::Moment => d.began_at.is_some(),
            Self::DataCategories => d.categories.iter().any(|c| is_said(c)),
            Self::Whose => worded(|w| &w.whose),
            Self::PeopleCount => d.people.is_some(),
            Self::RecordCount => d.records.is_some(),
            Self::Consequences => worded(|w| &w.consequences),
            Self::Measures => worded(|w| &w.measures),
            Self::Advice => worded(|w| &w.advice),
            Self::PeopleTold => !case.people_channels().is_empty() || case.is_unidentifiable(),
            Self::LateReasons => worded(|w| &w.late_reasons),
            Self::Intruder => said(&d.intruder),
            Self::Contact => said(&d.contact),
            Self::Authority => said(&d.authority),
            Self::Sender => said(&d.sender),
        };
        known || case.is_unknown(self)
    }
}

/// Whether a letter to an authority that goes out at `at` comes too late: nothing reached it within 72 hours.
pub(super) fn is_late(case: &BreachCase, to: BreachAudience, at: Timestamp) -> bool {
    let first = case.counted(to).map(|n| n.sent_at).min().map_or(at, |first| first.min(at));
    let deadlines = breach_deadlines(&case.facts()).unwrap_or_default();
    // Where nobody has to be told, nobody is told late.
    deadlines.iter().any(|d| d.audience == to && d.due_at.is_some_and(|due| first > due))
}

/// What a letter to somebody, in a language, going out at `at`, has to say and cannot yet.
pub fn missing(
    case: &BreachCase,
    to: BreachAudience,
    language: Option<&str>,
    at: Timestamp,
) -> Vec<BreachMissing> {
    let words = case.details.text(language);
    let late = is_late(case, to, at);
    let open = BreachItem::ALL.into_iter().filter_map(|item| match item.rule(to) {
        Rule::Must(provision) => Some((item, provision)),
        Rule::IfLate(provision) if late => Some((item, provision)),
        _ => None,
    });
    open.filter(|(item, _)| !item.is_known(case, words))
        .map(|(item, provision)| BreachMissing {
            item,
            provision: provision.to_owned(),
            text: item.text().to_owned(),
        })
        .collect()
}

/// Everything that letters say, by audience.
pub fn breach_contents() -> Vec<BreachContent> {
    let rows = AUDIENCES.into_iter().flat_map(|to| BreachItem::ALL.map(|item| (to, item)));
    rows.filter_map(|(to, item)| {
        let (required, provision) = match item.rule(to) {
            Rule::Silent => return None,
            Rule::Told => (false, ""),
            Rule::IfKnown(provision) => (false, provision),
            Rule::IfLate(provision) | Rule::Must(provision) => (true, provision),
        };
        Some(BreachContent {
            to,
            item,
            required,
            provision: provision.to_owned(),
            text: item.text().to_owned(),
        })
    })
    .collect()
}

#[cfg(test)]
mod tests;
