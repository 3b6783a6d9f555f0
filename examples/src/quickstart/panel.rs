//! The side panel of the page: the campaign's numbers, a button for the next one, and why the
//! chosen person gets it or not.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use conek_core::{
    CampaignId, Draft, Engine, PersonId, Purpose, Recipient, Result,
    campaigns::{Audience, CampaignProgress},
    messaging::{Content, Parameter, Template},
    people::Contact,
    policy::Reason,
};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::{report, shop};

/// What the panel works with. Its methods block, and are called where that is allowed.
pub(super) struct Shop {
    engine: Engine,
    template: Template,
    tasks: Handle,
    latest: Mutex<Latest>,
    /// Held while a campaign is planned and started, so that two presses are two campaigns.
    starting: tokio::sync::Mutex<()>,
}

/// The campaign that the panel shows.
struct Latest {
    id: CampaignId,
    /// Campaigns started so far.
    count: usize,
    /// Who was left out, and how many the campaign said they were when they were read.
    left_out: (i64, Arc<HashMap<PersonId, Vec<Reason>>>),
}

impl Shop {
    /// Must be called within a runtime.
    pub(super) fn new(engine: Engine, template: Template, first: CampaignId) -> Self {
        let latest = Latest { id: first, count: 1, left_out: (0, Arc::default()) };
        Self {
            engine,
            template,
            tasks: Handle::current(),
            latest: Mutex::new(latest),
            starting: tokio::sync::Mutex::default(),
        }
    }

    /// What the panel shows for this phone, or for nobody.
    pub(super) fn panel(&self, phone: Option<String>) -> Value {
        match self.tasks.block_on(self.told(phone)) {
            Ok(told) => told,
            Err(error) => json!({"title": "conek", "lines": [error.to_string()]}),
        }
    }

    /// Runs a button.
    pub(super) fn act(&self, id: &str) -> Value {
        if id != "next" {
            return json!({"message": "There is no such button."});
        }
        let message = match self.tasks.block_on(self.next()) {
            Ok(message) => message,
            Err(error) => error.to_string(),
        };
        json!({ "message": message })
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(|e| e.into_inner())
    }

    async fn next(&self) -> Result<String> {
        let _one = self.starting.lock().await;
        let count = self.latest().count;
        let plan = self
            .engine
            .campaigns()
            .plan(shop::campaign(&self.template, count, Audience::Everyone {}))
            .await?;
        self.engine.campaigns().start(plan.id.clone()).await?;
        *self.latest() = Latest { id: plan.id, count: count + 1, left_out: (0, Arc::default()) };
        Ok(format!(
            "\"{}\" is on its way: {} people get it now, {} later, {} not.",
            plan.name, plan.now, plan.later, plan.denied
        ))
    }

    async fn told(&self, phone: Option<String>) -> Result<Value> {
        let id = self.latest().id.clone();
        let p = self.engine.campaigns().progress(id).await?;
        let mut rows = vec![json!({"label": "campaign", "value": p.name})];
        rows.extend(report::numbers(&p).into_iter().map(|(label, n)| json!({"label": label, "value": n})));
        let mut lines = match phone {
            Some(phone) => self.person(&format!("+{phone}"), &p).await?,
            None => vec!["Choose a phone to see where its owner's consent stands.".to_owned()],
        };
        lines.extend(p.denied_by.iter().map(|r| format!("Left out by {}: {}", r.reason.code, r.people)));
        Ok(json!({
            "title": format!("{} with conek", shop::BUSINESS),
            "rows": rows,
            "lines": lines,
            "actions": [{"id": "next", "label": "Send the next campaign"}],
        }))
    }

    async fn person(&self, number: &str, p: &CampaignProgress) -> Result<Vec<String>> {
        let Some(contact) =
            self.engine.contacts().lookup(Recipient::Phone { number: number.to_owned() }).await?
        else {
            return Ok(vec!["Not a contact of the shop.".to_owned()]);
        };
        let mut lines =
            vec![format!("{}: {}", contact.name.as_deref().unwrap_or("No name"), standing(&contact))];
        let link = self.engine.consent().preference_link(contact.id.clone()).await?;
        lines.push(format!("Their page of preferences: {link}"));
        if let Some(reasons) = self.left_out(p).await?.get(&contact.id) {
            lines.push(format!("Left out of \"{}\": {}", p.name, why(reasons)));
        }
        let check = self.engine.policy().check(self.draft(&contact)).await?;
        lines.push(format!("The next campaign: {}", check.text));
        Ok(lines)
    }

    /// Everybody who was left out of the campaign; read again when there are more.
    async fn left_out(&self, p: &CampaignProgress) -> Result<Arc<HashMap<PersonId, Vec<Reason>>>> {
        {
            let latest = self.latest();
            if latest.id == p.id && latest.left_out.0 == p.denied {
                return Ok(latest.left_out.1.clone());
            }
        }
        let mut all = HashMap::new();
        let mut after = None;
        loop {
            let page = self.engine.campaigns().left_out(p.id.clone(), after, 1000).await?;
            all.extend(page.people.into_iter().map(|l| (l.person, l.reasons)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let all = Arc::new(all);
        let mut latest = self.latest();
        if latest.id == p.id {
            latest.left_out = (p.denied, all.clone());
        }
        Ok(all)
    }

    /// The campaign's message to one person.
    fn draft(&self, contact: &Contact) -> Draft {
        let text = |text: &str| Parameter::text(text);
        let mut body = vec![text(contact.name.as_deref().unwrap_or("there"))];
        if self.template.body.contains("{{2}}") {
            body.push(text("an offer"));
        }
        Draft {
            to: Recipient::Person { id: contact.id.clone() },
            content: Content::Template {
                name: self.template.name.clone(),
                language: self.template.language.clone(),
                header: None,
                body,
                buttons: Vec::new(),
                cards: Vec::new(),
                offer_ends_at: None,
            },
            purpose: Purpose::Marketing,
            sender: None,
            reply_to: None,
            not_before: None,
            expires_at: None,
            dedupe_key: None,
            goods: Some("coffee".to_owned()),
        }
    }
}

/// Where a person's consent to marketing stands, in words.
fn standing(contact: &Contact) -> String {
    let marketing = contact.consents.iter().find(|c| c.purpose == Purpose::Marketing);
    match marketing {
        _ if contact.suppressed => "asked not to be contacted".to_owned(),
        Some(c) if c.status.is_valid() => format!("consented on {}", c.since.format("%Y-%m-%d")),
        Some(c) => format!("consent is {:?}", c.status).to_lowercase(),
        None => "never consented".to_owned(),
    }
}

fn why(reasons: &[Reason]) -> String {
    reasons.iter().map(|r| format!("{}: {} ({})", r.code, r.text, r.provision)).collect::<Vec<_>>().join("; ")
}
