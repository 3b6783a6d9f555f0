//! A campaign is planned and counted.

use std::collections::BTreeMap;

use ring::digest;
use serde::{Deserialize, Serialize};

use super::{
    audience::{self, Pages, by_frequency},
    model::{
        CampaignPlan, CampaignProgress, CampaignSpec, CampaignState, Cost, LaterCount, ReasonCount, Variable,
    },
    stage,
};
use crate::{
    engine::Inner,
    messaging::{
        Content, MessageState, Parameter, TemplateCategory,
        compose::price_category,
        fits::{self, placeholders},
        outbox::Composed,
        row::Row,
    },
    policy::{Decision, Reason, rules},
    storage::{Index, Record, Write},
    values::{
        error::{Error, Result},
        hex,
        ids::CampaignId,
    },
    vault::Sealed,
};

/// Messages looked at together.
const TOGETHER: i32 = 1000;

/// What is kept of a campaign.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) spec: CampaignSpec,
    pub(crate) plan: CampaignPlan,
    /// The actor who planned it.
    #[serde(default)]
    pub(crate) planned_by: String,
    /// The other one who approved it.
    #[serde(default)]
    pub(crate) approved_by: Option<String>,
}

impl Inner {
    pub(crate) async fn campaign(&self, id: &CampaignId) -> Result<(Record, Kept)> {
        let record = self
            .get("campaign", id.as_str())
            .await?
            .ok_or_else(|| Error::not_found("campaign", id.as_str()))?;
        let kept = self
            .vault
            .open_sealed(Sealed { person: "", kind: "campaign", id: &record.id }, &record.sealed)?;
        Ok((record, kept))
    }

    pub(super) fn campaign_record(&self, id: &str, state: &str, kept: &Kept) -> Result<Record> {
        let mut record = Record::new(&self.account, "campaign", id);
        record.state = state.to_owned();
        record.retention = "marketing".to_owned();
        record.sealed = self.vault.seal(Sealed { person: "", kind: "campaign", id }, kept)?;
        Ok(record)
    }

    /// Refuses a campaign that could reach nobody, before anybody is looked at.
    fn check_campaign(&self, spec: &CampaignSpec) -> Result<()> {
        if spec.name.trim().is_empty() {
            return Err(Error::invalid("name", "must not be empty"));
        }
        self.sender(spec.sender.as_deref())?;
        if spec.variables.iter().any(|v| matches!(v, Variable::PreferenceLink { .. })) {
            // Without an address to begin it with there is no link for anybody.
            self.preference_link(&crate::PersonId::from(String::new()))?;
        }
        let content = Content::Template {
            name: spec.template.clone(),
            language: spec.language.clone(),
            header: None,
            // A stand-in for every variable shows whether names and number fit the template.
            body: spec.variables.iter().map(stand_in).collect(),
            buttons: Vec::new(),
            cards: Vec::new(),
            offer_ends_at: None,
        };
        let Some(template) = self.template_of(&content)? else { return Ok(()) };
        let wanted = placeholders(&template.body);
        fits::check(&template, &content).map_err(|e| match e {
            // A campaign fills the body and nothing else.
            Error::InvalidInput { field, detail } if !field.starts_with("content.body") => {
                Error::invalid("template", format!("{detail}; a campaign fills the body only"))
            }
            Error::InvalidInput { detail, .. } => Error::invalid(
                "variables",
                format!("{detail} (the template's placeholders: {})", wanted.join(", ")),
            ),
            other => other,
        })
    }

    pub(crate) async fn plan_campaign(&self, spec: CampaignSpec, actor: &str) -> Result<CampaignPlan> {
        let id = CampaignId::from(self.new_id()?);
        let plan = self.preview_campaign(&spec, id.clone()).await?;
        let kept = Kept { spec, plan: plan.clone(), planned_by: actor.to_owned(), approved_by: None };
        let record = self.campaign_record(id.as_str(), stage::PLANNED, &kept)?;
        self.commit_all(vec![Write::Insert { record }], "campaign").await?;
        Ok(plan)
    }

    /// What a campaign would come to. Nothing is stored.
    pub(crate) async fn preview_campaign(&self, spec: &CampaignSpec, id: CampaignId) -> Result<CampaignPlan> {
        self.check_campaign(spec)?;
        let now = self.clock.now();
        let mut tally = Tally::default();
        let mut pages = Pages::of(&spec.audience);
        while let Some(people) = pages.next(self, &spec.audience).await? {
            let composed = audience::compose(self, &id, spec, &people, now).await?;
            for (person, c) in people.iter().zip(&composed) {
                tally.add(self, c, person.country.as_deref());
            }
        }
        let sender = self.sender(spec.sender.as_deref())?;
        Ok(tally.plan(id, spec, self.rate_of(&sender)))
    }

    pub(crate) async fn campaign_progress(&self, id: &CampaignId) -> Result<CampaignProgress> {
        let (record, kept) = self.campaign(id).await?;
        let group = Index::Group { group: id.as_str().to_owned() };
        // From the end to the beginning, and everybody at last: a message that goes on meanwhile is missed, never
        // counted twice, and whoever was missed was waiting or on the way when the counting began.
        let mut counts = BTreeMap::new();
        let begun = MessageState::ALL.into_iter().rev();
        for state in begun.filter(|s| !matches!(s, MessageState::Held | MessageState::Queued)) {
            let mut query = self.query("message", group.clone(), 1);
            query.state = Some(state.code().to_owned());
            counts.insert(state, self.storage.count(query).await?);
        }
        let planned = self.storage.count(self.query("message", group.clone(), 1)).await?;
        let of = |state: MessageState| counts.get(&state).copied().unwrap_or(0);
        let mut p = CampaignProgress {
            id: id.clone(),
            name: kept.spec.name.clone(),
            state: stage::shown(&record.state),
            planned,
            waiting: (planned - counts.values().sum::<i64>()).max(0),
            sending: of(MessageState::Claimed) + of(MessageState::Dispatching),
            sent: of(MessageState::Accepted),
            delivered: 0,
            read: 0,
            replied: 0,
            opted_out: 0,
            failed: 0,
            refused: of(MessageState::Refused),
            denied: of(MessageState::Suppressed),
            dropped: of(MessageState::Cancelled) + of(MessageState::Expired),
            in_doubt: of(MessageState::InDoubt),
            unresolved: of(MessageState::Unresolved),
            denied_by: Vec::new(),
            next_due_at: None,
            stopped_by: Vec::new(),
            needs_approval: kept.approved_by.is_none() && self.needs_approval(kept.plan.planned),
            approved_by: kept.approved_by.clone(),
        };
        if p.state == CampaignState::Planned {
            p.planned = kept.plan.planned;
        } else if record.state == stage::RUNNING && p.waiting + p.sending + p.in_doubt == 0 {
            p.state = CampaignState::Completed;
        }
        self.count_deliveries(&group, &mut p).await?;
        p.denied_by = self.count_reasons(&group).await?;
        if matches!(p.state, CampaignState::Planned | CampaignState::Running | CampaignState::Paused) {
            p.stopped_by = self.campaign_stops(&kept.spec);
        }
        if p.waiting > 0 {
            p.next_due_at = self.next_due().await?;
        }
        Ok(p)
    }

    /// What stands between a campaign and its people, whoever they are.
    fn campaign_stops(&self, spec: &CampaignSpec) -> Vec<Reason> {
        let template = self.template(&spec.template, &spec.language);
        let marketing = spec.purpose.is_direct_marketing()
            || template.as_ref().is_some_and(|t| t.category == TemplateCategory::Marketing);
        // A number that is not the account's any more sends nothing, and stops nothing.
        let mut stops = match self.sender(spec.sender.as_deref()) {
            Ok(sender) => self.stops_of(&sender, marketing),
            Err(_) => Vec::new(),
        };
        if template.is_some_and(|t| !t.status.eq_ignore_ascii_case("APPROVED")) {
            stops.push(rules::reason(rules::TEMPLATE_NOT_APPROVED));
        }
        stops
    }

    async fn count_deliveries(&self, group: &Index, p: &mut CampaignProgress) -> Result<()> {
        let mut query = self.query("delivery", group.clone(), 10_000);
        loop {
            let page = self.find(query.clone()).await?;
            for record in &page.records {
                for letter in record.state.chars() {
                    match letter {
                        'd' => p.delivered += 1,
                        'r' => p.read += 1,
                        'a' => p.replied += 1,
                        'o' => p.opted_out += 1,
                        'f' => p.failed += 1,
                        _ => {}
                    }
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(()),
            }
        }
    }

    async fn count_reasons(&self, group: &Index) -> Result<Vec<ReasonCount>> {
        let mut query = self.query("message", group.clone(), TOGETHER);
        query.state = Some(MessageState::Suppressed.code().to_owned());
        let mut counts: BTreeMap<String, (Reason, i64)> = BTreeMap::new();
        loop {
            let page = self.find(query.clone()).await?;
            for record in page.records {
                let row = Row::read(record)?;
                if let Some(reason) = row.clear.decision.reasons().first() {
                    counts.entry(reason.code.clone()).or_insert_with(|| (reason.clone(), 0)).1 += 1;
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(ranked(counts)),
            }
        }
    }
}

fn ranked(counts: BTreeMap<String, (Reason, i64)>) -> Vec<ReasonCount> {
    let mut ranked: Vec<ReasonCount> =
        counts.into_values().map(|(reason, people)| ReasonCount { reason, people }).collect();
    ranked.sort_by_key(|r| std::cmp::Reverse(r.people));
    ranked
}

/// Adds up what was decided for everybody.
#[derive(Default)]
struct Tally {
    planned: i64,
    now: i64,
    later: BTreeMap<crate::Timestamp, i64>,
    denied: BTreeMap<String, (Reason, i64)>,
    denied_people: i64,
    cost: BTreeMap<String, i64>,
    unpriced: i64,
    hash: Option<digest::Context>,
}

impl Tally {
    fn add(&mut self, engine: &Inner, c: &Composed, country: Option<&str>) {
        self.planned += 1;
        let hash = self.hash.get_or_insert_with(|| digest::Context::new(&digest::SHA256));
        hash.update(c.person.as_str().as_bytes());
        match &c.clear.decision {
            Decision::Allow { .. } if c.due_at <= c.clear.created_at => {
                hash.update(b"+");
                self.now += 1;
            }
            Decision::Allow { .. } | Decision::Defer { .. } => {
                hash.update(b">");
                *self.later.entry(c.due_at).or_default() += 1;
            }
            Decision::Deny { reasons } | Decision::Ask { reasons, .. } => {
                let reason = reasons.first().cloned().unwrap_or_else(|| rules::reason(rules::POLICY_FAILED));
                hash.update(b"-");
                hash.update(reason.code.as_bytes());
                self.denied_people += 1;
                self.denied.entry(reason.code.clone()).or_insert_with(|| (reason, 0)).1 += 1;
                return;
            }
        }
        let template = c.body.content.as_ref().and_then(|content| engine.template_of(content).ok().flatten());
        match engine.price(country, price_category(c.clear.purpose, template.as_deref())) {
            Some(rate) => *self.cost.entry(rate.currency.clone()).or_default() += rate.micros,
            None => self.unpriced += 1,
        }
    }

    fn plan(self, id: CampaignId, spec: &CampaignSpec, per_second: i32) -> CampaignPlan {
        let later = self.later.values().sum();
        let rate = i64::from(per_second.max(1));
        let hash = self.hash.unwrap_or_else(|| digest::Context::new(&digest::SHA256)).finish();
        let mut later_at: Vec<LaterCount> = by_frequency(self.later)
            .into_iter()
            .map(|(until, people)| LaterCount { until, people })
            .collect();
        later_at.sort_by_key(|l| l.until);
        CampaignPlan {
            id,
            name: spec.name.clone(),
            planned: self.planned,
            now: self.now,
            later,
            denied: self.denied_people,
            later_at,
            denied_by: ranked(self.denied),
            duration_s: (self.now + rate - 1) / rate,
            cost: self.cost.into_iter().map(|(currency, micros)| Cost { currency, micros }).collect(),
            unpriced: self.unpriced,
            hash: hex(hash.as_ref()),
        }
    }
}

/// A value in place of a variable's, which is nobody's.
fn stand_in(variable: &Variable) -> Parameter {
    match variable {
        Variable::Literal { name, text } => Parameter::named(name, text),
        Variable::Attribute { name, .. } | Variable::PreferenceLink { name } => Parameter::named(name, "x"),
    }
}
