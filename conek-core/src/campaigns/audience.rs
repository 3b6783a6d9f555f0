//! Who a campaign is for, a page at a time, and what it would say to each.

use std::collections::BTreeMap;

use super::model::{Audience, CampaignSpec, Variable};
use crate::{
    engine::Inner,
    messaging::{Content, Draft, Parameter, Recipient, outbox::Composed},
    people::Person,
    policy::{Decision, rules},
    storage::Index,
    values::{error::Result, ids::CampaignId, time::Timestamp},
};

/// People looked at together.
const PAGE: i32 = 1000;

/// Reads an audience page by page.
pub(crate) struct Pages {
    after: Option<String>,
    listed: Vec<String>,
    done: bool,
}

impl Pages {
    pub(crate) fn of(audience: &Audience) -> Self {
        let listed = match audience {
            Audience::People { ids } => {
                let mut ids: Vec<String> = ids.iter().map(|id| id.as_str().to_owned()).collect();
                ids.sort_unstable();
                ids.dedup();
                ids.reverse();
                ids
            }
            _ => Vec::new(),
        };
        Self { after: None, listed, done: false }
    }

    /// The next people; `None` at the end.
    pub(crate) async fn next(&mut self, engine: &Inner, audience: &Audience) -> Result<Option<Vec<Person>>> {
        if self.done {
            return Ok(None);
        }
        if let Audience::People { .. } = audience {
            let at = self.listed.len().saturating_sub(PAGE as usize);
            let ids: Vec<String> = self.listed.split_off(at).into_iter().rev().collect();
            self.done = ids.is_empty();
            if self.done {
                return Ok(None);
            }
            return Ok(Some(engine.people(&ids).await?.into_iter().flatten().map(|(p, _)| p).collect()));
        }
        let mut query = engine.query("contact", Index::Id {}, PAGE);
        query.after = self.after.take();
        let page = engine.find(query).await?;
        self.done = page.next.is_none();
        self.after = page.next;
        engine.load_keys(page.records.iter().map(|r| r.id.as_str())).await?;
        let mut people = Vec::with_capacity(page.records.len());
        for record in &page.records {
            let (person, _) = engine.open_person(record)?;
            if matches(audience, &person) {
                people.push(person);
            }
        }
        Ok(Some(people))
    }
}

fn matches(audience: &Audience, person: &Person) -> bool {
    match audience {
        Audience::Attribute { name, value } => field(person, name).is_some_and(|v| v == value),
        Audience::Import { id } => person.import.as_deref() == Some(id.as_str()),
        Audience::Everyone {} | Audience::People { .. } => true,
    }
}

/// A contact's field or attribute by name.
fn field<'p>(person: &'p Person, name: &str) -> Option<&'p String> {
    match name {
        "name" => person.name.as_ref(),
        "language" => person.language.as_ref(),
        "country" => person.country.as_ref(),
        "zone" => person.zone.as_ref(),
        other => person.attributes.get(other),
    }
}

/// What the campaign says to a person; `None` when a value is missing and has no fallback.
fn parameters(engine: &Inner, spec: &CampaignSpec, person: &Person) -> Option<Vec<Parameter>> {
    spec.variables
        .iter()
        .map(|v| match v {
            Variable::Literal { name, text } => Some(Parameter::named(name, text)),
            Variable::Attribute { name, attribute, fallback } => {
                let text = field(person, attribute).or(fallback.as_ref())?;
                // Meta refuses line breaks, tabs and long runs of spaces in values (132018).
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                (!text.is_empty()).then(|| Parameter::named(name, text))
            }
            Variable::PreferenceLink { name } => {
                let text = engine.preference_link(&person.id).ok()?;
                Some(Parameter::named(name, text))
            }
        })
        .collect()
}

/// Composes and decides for a page of people, with the very code that sending uses.
pub(crate) async fn compose(
    engine: &Inner,
    campaign: &CampaignId,
    spec: &CampaignSpec,
    people: &[Person],
    now: Timestamp,
) -> Result<Vec<Composed>> {
    let mut composed = Vec::with_capacity(people.len());
    let mut missing = Vec::new();
    let template = engine.template(&spec.template, &spec.language);
    // One value that is too long would make WhatsApp refuse, and pause the template for everybody.
    let fit = |values: &Vec<Parameter>| {
        template.as_ref().is_none_or(|t| crate::messaging::fits::check_parameters(t, values).is_ok())
    };
    for person in people {
        let values = parameters(engine, spec, person).filter(fit);
        if values.is_none() {
            missing.push(composed.len());
        }
        let draft = Draft {
            to: Recipient::Person { id: person.id.clone() },
            content: Content::Template {
                name: spec.template.clone(),
                language: spec.language.clone(),
                header: None,
                body: values.unwrap_or_default(),
                buttons: Vec::new(),
                cards: Vec::new(),
                offer_ends_at: None,
            },
            purpose: spec.purpose,
            sender: spec.sender.clone(),
            reply_to: None,
            not_before: spec.not_before,
            expires_at: spec.expires_at,
            dedupe_key: Some(format!("campaign/{campaign}/{}", person.id)),
            goods: spec.goods.clone(),
        };
        composed.push(engine.before_gate(draft, person, now)?);
    }
    engine.decide(&mut composed.iter_mut().collect::<Vec<_>>()).await;
    for i in missing {
        let why = rules::reason(rules::MISSING_VARIABLE);
        match &mut composed[i].clear.decision {
            Decision::Deny { reasons } => reasons.push(why),
            other => *other = Decision::Deny { reasons: vec![why] },
        }
    }
    Ok(composed)
}

/// Counts by a key, the most frequent first.
pub(crate) fn by_frequency<K: Ord>(counts: BTreeMap<K, i64>) -> Vec<(K, i64)> {
    let mut counts: Vec<(K, i64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts
}
