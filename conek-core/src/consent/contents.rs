//! What a privacy notice says, so that what it leaves out can be named, and what changed be told.

use serde::{Deserialize, Serialize};

use crate::{
    policy::{LawfulPair, LegalBasis, ProcessingPurpose, Regime},
    values::code::code_of,
};

/// A right that a notice tells people of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeRight {
    /// To see what is kept (POPIA s23, GDPR 15).
    Access,
    /// To have it corrected (POPIA s24, GDPR 16).
    Rectification,
    /// To have it deleted (POPIA s24, GDPR 17).
    Erasure,
    /// To have its use restricted (POPIA s14(6), GDPR 18).
    Restriction,
    /// To object (POPIA s11(3), GDPR 21).
    Objection,
    /// To take it elsewhere (GDPR 20).
    Portability,
    /// To withdraw consent at any time (POPIA s11(2)(b), GDPR 7(3)).
    Withdrawal,
    /// To complain to the authority (POPIA s74, GDPR 77).
    Complaint,
}

/// A purpose as a notice names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePurpose {
    /// Its code in the closed list, for example `comms.marketing`.
    pub code: String,
    /// On what it rests.
    pub basis: LegalBasis,
    /// The interest, where it rests on a legitimate one (GDPR 13(1)(d)).
    pub interest: Option<String>,
}

/// A transfer to another country as a notice names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeTransfer {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The level of protection there, and how to get a copy of the safeguards.
    pub safeguards: String,
}

/// What a privacy notice says. Everything left out is not said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticeContents {
    /// The laws it must satisfy; empty: POPIA and GDPR.
    pub regimes: Vec<Regime>,
    /// What is collected, by category (POPIA s18(1)(a), GDPR 14(1)(d)).
    pub categories: Vec<String>,
    /// Whether some of it comes from others than the person.
    pub from_others: bool,
    /// From whom, then (POPIA s18(1)(a), GDPR 14(2)(f)).
    pub source: Option<String>,
    /// The responsible party's name (POPIA s18(1)(b), GDPR 13(1)(a)).
    pub controller: Option<String>,
    /// Its address (POPIA s18(1)(b)).
    pub address: Option<String>,
    /// How to reach it (GDPR 13(1)(a)).
    pub contact: Option<String>,
    /// The information officer, or the data protection officer, and how to reach them (GDPR 13(1)(b)).
    pub officer: Option<String>,
    /// Why the data are used, and on what basis (POPIA s18(1)(c), GDPR 13(1)(c)).
    pub purposes: Vec<NoticePurpose>,
    /// Whether giving them is mandatory (POPIA s18(1)(d), GDPR 13(2)(e)).
    pub mandatory: Option<bool>,
    /// What follows from not giving them (POPIA s18(1)(e), GDPR 13(2)(e)).
    pub consequences: Option<String>,
    /// The law that requires them, where giving them is mandatory (POPIA s18(1)(f)).
    pub law: Option<String>,
    /// Who gets them (POPIA s18(1)(h)(i), GDPR 13(1)(e)).
    pub recipients: Vec<String>,
    /// Whether they go to another country (POPIA s18(1)(g), GDPR 13(1)(f)).
    pub transferred: Option<bool>,
    /// Where to, then, and how they are protected there.
    pub transfers: Vec<NoticeTransfer>,
    /// How long they are kept, or by what that is decided (GDPR 13(2)(a)).
    pub retention: Option<String>,
    /// The rights it tells of (POPIA s18(1)(h)(iii)-(v), GDPR 13(2)(b)-(d)).
    pub rights: Vec<NoticeRight>,
    /// The authority, and how to reach it (POPIA s18(1)(h)(v), GDPR 13(2)(d)).
    pub authority: Option<String>,
    /// Whether decisions with legal or similar effect are made by machine alone (POPIA s71, GDPR 13(2)(f)).
    pub automated_decisions: Option<bool>,
    /// How they are made and what they mean, then.
    pub automated_logic: Option<String>,
}

/// Something that a notice has to say and does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingContent {
    /// The field of `NoticeContents`.
    pub field: String,
    /// What demands it.
    pub provision: String,
    /// What is missing, in plain words.
    pub text: String,
}

/// Whether a notice says all that it has to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeReport {
    /// Whether nothing is missing.
    pub complete: bool,
    /// What is, in the order of the fields.
    pub missing: Vec<MissingContent>,
}

fn is_said(text: &Option<String>) -> bool {
    text.as_deref().is_some_and(|t| !t.trim().is_empty())
}

fn any_said(texts: &[String]) -> bool {
    texts.iter().any(|t| !t.trim().is_empty())
}

/// Looks for everything that the laws demand of a notice.
pub(crate) fn validate(c: &NoticeContents) -> NoticeReport {
    let binds = |regime| c.regimes.is_empty() || c.regimes.contains(&regime);
    let (popia, gdpr) = (binds(Regime::Popia), binds(Regime::Gdpr));
    let mut missing = Vec::new();
    let mut needs = |there: bool, field: &str, by_popia: &str, by_gdpr: &str, text: &str| {
        let by: Vec<&str> = [(popia, by_popia), (gdpr, by_gdpr)]
            .into_iter()
            .filter(|(binds, provision)| *binds && !provision.is_empty())
            .map(|(_, provision)| provision)
            .collect();
        if !there && !by.is_empty() {
            let (field, text) = (field.to_owned(), text.to_owned());
            missing.push(MissingContent { field, provision: by.join("; "), text });
        }
    };
    let indirect = if c.from_others { "GDPR art 14(1)(d)" } else { "" };
    needs(
        any_said(&c.categories),
        "categories",
        "POPIA s18(1)(a)",
        indirect,
        "which information is collected",
    );
    if c.from_others {
        needs(
            is_said(&c.source),
            "source",
            "POPIA s18(1)(a)",
            "GDPR art 14(2)(f)",
            "from whom the information comes, where it is not from the person",
        );
    }
    needs(is_said(&c.controller), "controller", "POPIA s18(1)(b)", "GDPR art 13(1)(a)", "who is responsible");
    needs(is_said(&c.address), "address", "POPIA s18(1)(b)", "", "the address of whoever is responsible");
    needs(is_said(&c.contact), "contact", "", "GDPR art 13(1)(a)", "how to reach whoever is responsible");
    needs(
        is_said(&c.officer),
        "officer",
        "POPIA s55, s17",
        "GDPR art 13(1)(b)",
        "the information officer or data protection officer and how to reach them",
    );
    needs(
        !c.purposes.is_empty(),
        "purposes",
        "POPIA s18(1)(c)",
        "GDPR art 13(1)(c)",
        "the purposes and what each rests on",
    );
    for purpose in &c.purposes {
        let code = &purpose.code;
        let Some(known) = ProcessingPurpose::of(code) else {
            needs(
                false,
                "purposes",
                "POPIA s13(1), s18(1)(c)",
                "GDPR art 5(1)(b), 13(1)(c)",
                &format!("{code} is no purpose of the closed list"),
            );
            continue;
        };
        // A notice for both laws names one basis; it must be lawful under one that knows it.
        let lawful = [(popia, Regime::Popia), (gdpr, Regime::Gdpr)]
            .into_iter()
            .any(|(binds, regime)| binds && LawfulPair::new(known, purpose.basis, regime).is_ok());
        needs(
            lawful,
            "purposes",
            "POPIA s11(1), s18(1)(c)",
            "GDPR art 6(1), 13(1)(c)",
            &format!("a lawful basis of {code}"),
        );
        if purpose.basis == LegalBasis::LegitimateInterest {
            needs(
                is_said(&purpose.interest),
                "purposes",
                "",
                "GDPR art 13(1)(d)",
                &format!("the legitimate interest on which {code} rests"),
            );
        }
    }
    needs(
        c.mandatory.is_some(),
        "mandatory",
        "POPIA s18(1)(d)",
        "GDPR art 13(2)(e)",
        "whether giving the information is voluntary or mandatory",
    );
    needs(
        is_said(&c.consequences),
        "consequences",
        "POPIA s18(1)(e)",
        "GDPR art 13(2)(e)",
        "what follows from not giving it",
    );
    if c.mandatory == Some(true) {
        needs(
            is_said(&c.law),
            "law",
            "POPIA s18(1)(f)",
            "GDPR art 13(2)(e)",
            "the law that requires the information",
        );
    }
    needs(
        any_said(&c.recipients),
        "recipients",
        "POPIA s18(1)(h)(i)",
        "GDPR art 13(1)(e)",
        "who gets the information",
    );
    needs(
        c.transferred.is_some() || !c.transfers.is_empty(),
        "transferred",
        "POPIA s18(1)(g)",
        "GDPR art 13(1)(f)",
        "whether the information goes to another country",
    );
    if c.transferred == Some(true) || !c.transfers.is_empty() {
        let told = !c.transfers.is_empty()
            && c.transfers.iter().all(|t| !t.country.trim().is_empty() && !t.safeguards.trim().is_empty());
        needs(
            told,
            "transfers",
            "POPIA s18(1)(g)",
            "GDPR art 13(1)(f)",
            "each country, and the level of protection there",
        );
    }
    needs(is_said(&c.retention), "retention", "", "GDPR art 13(2)(a)", "how long the information is kept");
    for (right, by_popia, by_gdpr, text) in [
        (NoticeRight::Access, "POPIA s18(1)(h)(iii)", "GDPR art 13(2)(b)", "the right of access"),
        (NoticeRight::Rectification, "POPIA s18(1)(h)(iii)", "GDPR art 13(2)(b)", "the right to rectify"),
        (NoticeRight::Erasure, "", "GDPR art 13(2)(b)", "the right to erasure"),
        (NoticeRight::Restriction, "", "GDPR art 13(2)(b)", "the right to restriction"),
        (NoticeRight::Objection, "POPIA s18(1)(h)(iv)", "GDPR art 13(2)(b), 21(4)", "the right to object"),
        (NoticeRight::Portability, "", "GDPR art 13(2)(b)", "the right to portability"),
        (NoticeRight::Complaint, "POPIA s18(1)(h)(v)", "GDPR art 13(2)(d)", "the right to complain"),
    ] {
        needs(c.rights.contains(&right), "rights", by_popia, by_gdpr, text);
    }
    let on_consent =
        c.purposes.iter().any(|p| matches!(p.basis, LegalBasis::Consent | LegalBasis::ExplicitConsent));
    if on_consent {
        needs(
            c.rights.contains(&NoticeRight::Withdrawal),
            "rights",
            "POPIA s11(2)(b)",
            "GDPR art 13(2)(c)",
            "the right to withdraw consent",
        );
    }
    needs(
        is_said(&c.authority),
        "authority",
        "POPIA s18(1)(h)(v)",
        "GDPR art 13(2)(d)",
        "the authority to complain to and how to reach it",
    );
    needs(
        c.automated_decisions.is_some(),
        "automated_decisions",
        "",
        "GDPR art 13(2)(f)",
        "whether decisions are made by machine alone",
    );
    if c.automated_decisions == Some(true) {
        needs(
            is_said(&c.automated_logic),
            "automated_logic",
            "POPIA s71(3)(b)",
            "GDPR art 13(2)(f)",
            "how such decisions are made and what they mean for the person",
        );
    }
    NoticeReport { complete: missing.is_empty(), missing }
}

/// What changed between two versions, one line each, in plain words.
pub(crate) fn diff(old: &NoticeContents, new: &NoticeContents) -> Vec<String> {
    let mut lines = Vec::new();
    let text = |lines: &mut Vec<String>, what: &str, old: &Option<String>, new: &Option<String>| {
        let said = |t: &Option<String>| t.as_deref().map(str::trim).unwrap_or_default().to_owned();
        match (said(old), said(new)) {
            (a, b) if a == b => {}
            (a, b) if a.is_empty() => lines.push(format!("{what}: now says \"{b}\"")),
            (_, b) if b.is_empty() => lines.push(format!("{what}: no longer said")),
            (a, b) => lines.push(format!("{what}: \"{b}\" instead of \"{a}\"")),
        }
    };
    let list = |lines: &mut Vec<String>, what: &str, old: &[String], new: &[String]| {
        for one in new.iter().filter(|one| !old.contains(one)) {
            lines.push(format!("{what}: {one} is new"));
        }
        for one in old.iter().filter(|one| !new.contains(one)) {
            lines.push(format!("{what}: {one} is gone"));
        }
    };
    list(&mut lines, "what is collected", &old.categories, &new.categories);
    text(&mut lines, "the source", &old.source, &new.source);
    text(&mut lines, "who is responsible", &old.controller, &new.controller);
    text(&mut lines, "the address", &old.address, &new.address);
    text(&mut lines, "the contact", &old.contact, &new.contact);
    text(&mut lines, "the officer", &old.officer, &new.officer);
    let named = |c: &NoticeContents| {
        c.purposes.iter().map(|p| format!("{} on {}", p.code, code_of(p.basis))).collect::<Vec<_>>()
    };
    list(&mut lines, "purposes", &named(old), &named(new));
    let flag = |lines: &mut Vec<String>, what: &str, old: Option<bool>, new: Option<bool>| {
        if old != new {
            let said = new.map_or("not said any more", |new| if new { "yes" } else { "no" });
            lines.push(format!("{what}: {said}"));
        }
    };
    flag(&mut lines, "giving the information is mandatory", old.mandatory, new.mandatory);
    text(&mut lines, "what follows from not giving it", &old.consequences, &new.consequences);
    text(&mut lines, "the law that requires it", &old.law, &new.law);
    list(&mut lines, "who gets it", &old.recipients, &new.recipients);
    flag(&mut lines, "it goes to other countries", old.transferred, new.transferred);
    let countries = |c: &NoticeContents| {
        c.transfers.iter().map(|t| format!("{} ({})", t.country, t.safeguards)).collect::<Vec<_>>()
    };
    list(&mut lines, "countries", &countries(old), &countries(new));
    text(&mut lines, "how long it is kept", &old.retention, &new.retention);
    let rights = |c: &NoticeContents| c.rights.iter().map(|r| code_of(*r)).collect::<Vec<_>>();
    list(&mut lines, "rights", &rights(old), &rights(new));
    text(&mut lines, "the authority", &old.authority, &new.authority);
    flag(&mut lines, "decisions by machine alone", old.automated_decisions, new.automated_decisions);
    text(&mut lines, "how such decisions are made", &old.automated_logic, &new.automated_logic);
    lines
}

/// Whether people who consented to the old version have to be asked again whatever the account says: a new
/// purpose, another basis, a new kind of information, another controller, a new recipient or country.
pub(crate) fn is_material(old: &NoticeContents, new: &NoticeContents) -> bool {
    let added = |old: &[String], new: &[String]| new.iter().any(|one| !old.contains(one));
    added(&old.categories, &new.categories)
        || added(&old.recipients, &new.recipients)
        || old.controller != new.controller
        || new.purposes.iter().any(|p| !old.purposes.iter().any(|o| o.code == p.code && o.basis == p.basis))
        || new.transfers.iter().any(|t| !old.transfers.iter().any(|o| o.country == t.country))
        || (new.automated_decisions == Some(true) && old.automated_decisions != Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctest::notice_contents;

    #[test]
    fn a_whole_notice_misses_nothing_and_an_empty_one_everything() {
        assert_eq!(validate(&notice_contents()).missing, []);
        let empty = validate(&NoticeContents::default());
        assert!(!empty.complete);
        let fields: Vec<_> = empty.missing.iter().map(|m| m.field.as_str()).collect();
        for field in [
            "categories",
            "controller",
            "address",
            "contact",
            "officer",
            "purposes",
            "mandatory",
            "consequences",
            "recipients",
            "transferred",
            "retention",
            "rights",
            "authority",
            "automated_decisions",
        ] {
            assert!(fields.contains(&field), "{field}");
        }
    }

    /// Each thing that a provision demands, and a notice without exactly that.
    #[test]
    fn each_thing_that_is_missing_is_named_with_its_provision_alone() {
        type Without = fn(&mut NoticeContents);
        let without: &[(&str, &str, &str, Without)] = &[
            ("categories", "POPIA s18(1)(a)", "", |c| c.categories.clear()),
            ("controller", "POPIA s18(1)(b)", "GDPR art 13(1)(a)", |c| c.controller = None),
            ("address", "POPIA s18(1)(b)", "", |c| c.address = Some(" ".into())),
            ("contact", "", "GDPR art 13(1)(a)", |c| c.contact = None),
            ("officer", "POPIA s55, s17", "GDPR art 13(1)(b)", |c| c.officer = None),
            ("purposes", "POPIA s18(1)(c)", "GDPR art 13(1)(c)", |c| c.purposes.clear()),
            ("mandatory", "POPIA s18(1)(d)", "GDPR art 13(2)(e)", |c| c.mandatory = None),
            ("consequences", "POPIA s18(1)(e)", "GDPR art 13(2)(e)", |c| c.consequences = None),
            ("law", "POPIA s18(1)(f)", "GDPR art 13(2)(e)", |c| c.mandatory = Some(true)),
            ("recipients", "POPIA s18(1)(h)(i)", "GDPR art 13(1)(e)", |c| c.recipients.clear()),
            ("transferred", "POPIA s18(1)(g)", "GDPR art 13(1)(f)", |c| {
                c.transferred = None;
                c.transfers.clear();
            }),
            ("transfers", "POPIA s18(1)(g)", "GDPR art 13(1)(f)", |c| c.transfers[0].safeguards.clear()),
            ("retention", "", "GDPR art 13(2)(a)", |c| c.retention = None),
            ("rights", "POPIA s18(1)(h)(iii)", "GDPR art 13(2)(b)", |c| {
                c.rights.retain(|r| *r != NoticeRight::Access)
            }),
            ("rights", "", "GDPR art 13(2)(b)", |c| c.rights.retain(|r| *r != NoticeRight::Portability)),
            ("rights", "POPIA s18(1)(h)(iv)", "GDPR art 13(2)(b), 21(4)", |c| {
                c.rights.retain(|r| *r != NoticeRight::Objection);
            }),
            ("rights", "POPIA s11(2)(b)", "GDPR art 13(2)(c)", |c| {
                c.rights.retain(|r| *r != NoticeRight::Withdrawal);
            }),
            ("authority", "POPIA s18(1)(h)(v)", "GDPR art 13(2)(d)", |c| c.authority = None),
            ("automated_decisions", "", "GDPR art 13(2)(f)", |c| c.automated_decisions = None),
            ("automated_logic", "POPIA s71(3)(b)", "GDPR art 13(2)(f)", |c| {
                c.automated_decisions = Some(true)
            }),
            ("source", "POPIA s18(1)(a)", "GDPR art 14(2)(f)", |c| {
                c.from_others = true;
                c.source = None;
            }),
        ];
        for (field, popia, gdpr, change) in without {
            let mut contents = notice_contents();
            change(&mut contents);
            for (regimes, provisions) in [
                (vec![Regime::Popia], vec![*popia]),
                (vec![Regime::Gdpr], vec![*gdpr]),
                (vec![], vec![*popia, *gdpr]),
            ] {
                contents.regimes = regimes;
                let provision: Vec<&str> = provisions.into_iter().filter(|p| !p.is_empty()).collect();
                let missing = validate(&contents).missing;
                let got: Vec<_> = missing.iter().map(|m| (m.field.as_str(), m.provision.as_str())).collect();
                if provision.is_empty() {
                    assert_eq!(got, [], "{field}");
                } else {
                    assert_eq!(got, [(*field, provision.join("; ").as_str())], "{field}");
                }
            }
        }
    }

    #[test]
    fn what_changed_is_told_and_what_matters_is_material() {
        let old = notice_contents();
        assert_eq!(diff(&old, &old), Vec::<String>::new());
        let mut new = old.clone();
        new.retention = Some("two years".into());
        assert!(!is_material(&old, &new));
        assert_eq!(diff(&old, &new).len(), 1);
        new.recipients.push("Advertisers".into());
        assert!(is_material(&old, &new));
        assert!(diff(&old, &new).contains(&"who gets it: Advertisers is new".to_owned()));
        assert!(!is_material(&new, &old), "less is no reason to ask again");
    }
}
