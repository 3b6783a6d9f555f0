//! News: what WhatsApp tells of numbers, templates and people beside what is said in chats.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    people::Line,
    refusal::Refusal,
    simulator::digits,
    webhooks::{Told, Update},
    world::World,
};

/// A change of how WhatsApp rates a number of the business.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NumberChange {
    /// `GREEN`, `YELLOW`, `RED` or `NA`. The API tells it; webhooks tell that a number is flagged and that it is not any
    /// more, when it turns red and when it is better.
    pub quality: Option<String>,
    /// The messaging limit of the whole account, as the API spells it; `business_capability_update` tells it.
    pub messaging_limit: Option<String>,
    /// Messages a second; from 1,000 on a webhook tells the upgrade.
    pub mps: Option<u32>,
}

impl World {
    /// Tells anything at all: a value under a field.
    pub(crate) fn tell_field(
        &mut self,
        field: &str,
        value: &Value,
        number: Option<&str>,
        now: i64,
    ) -> Result<(), Refusal> {
        let number = match number {
            Some(id) => self.number(id).ok_or_else(|| Refusal::no_object(id))?,
            None => 0,
        };
        let told = Told::Other { field: field.to_owned().into(), value: value.to_string() };
        self.tell(Update { number, told, of: None }, now);
        Ok(())
    }

    /// Changes how a number of the business is rated, and tells it.
    pub(crate) fn change_business_number(
        &mut self,
        id: &str,
        change: &NumberChange,
        now: i64,
    ) -> Result<(), Refusal> {
        let at = self.number(id).ok_or_else(|| Refusal::no_object(id))?;
        let (display, waba) = (digits(&self.numbers[at].display), self.numbers[at].waba.clone());
        let quality = |event: &str| json!({"display_phone_number": display, "event": event});
        let mut news = Vec::new();
        if let Some(to) = &change.quality {
            let before = std::mem::replace(&mut self.numbers[at].quality, to.clone());
            match (before == "RED", to == "RED") {
                (false, true) => news.push(("phone_number_quality_update", quality("FLAGGED"))),
                (true, false) => news.push(("phone_number_quality_update", quality("UNFLAGGED"))),
                _ => {}
            }
        }
        if let Some(limit) = &change.messaging_limit {
            for number in self.numbers.iter_mut().filter(|n| n.waba == waba) {
                number.messaging_limit.clone_from(limit);
            }
            let told =
                json!({"max_daily_conversations_per_business": limit, "max_phone_numbers_per_waba": 25});
            news.push(("business_capability_update", told));
        }
        if let Some(mps) = change.mps {
            let before = std::mem::replace(&mut self.numbers[at].mps, mps);
            self.throughput[at] = crate::rates::Throughput::new(mps);
            if mps >= 1_000 && before != 0 && before < 1_000 {
                let mut told = quality("THROUGHPUT_UPGRADE");
                told["max_daily_conversations_per_business"] = "TIER_UNLIMITED".into();
                news.push(("phone_number_quality_update", told));
            }
        }
        for (field, value) in news {
            self.tell_field(field, &value, Some(id), now)?;
        }
        Ok(())
    }

    /// Changes a template's quality and category, and tells it. Says how many there are of the name.
    pub(crate) fn rate_template(
        &mut self,
        name: &str,
        quality: Option<&str>,
        category: Option<&str>,
        now: i64,
    ) -> usize {
        let before: Vec<_> =
            self.templates.change(|t| t.name == name, |_| {}).iter().map(|t| (**t).clone()).collect();
        for template in &before {
            let about = |members: Value| {
                let mut value = json!({
                    "message_template_id": template.id.parse::<u64>().unwrap_or_default(),
                    "message_template_name": template.name, "message_template_language": template.language,
                });
                for (key, member) in members.as_object().into_iter().flatten() {
                    value[key] = member.clone();
                }
                value
            };
            let number = self.numbers.iter().find(|n| n.waba == template.waba).map(|n| n.id.clone());
            let mut news = Vec::new();
            if let Some(quality) = quality.filter(|q| *q != template.quality) {
                self.templates.change(|t| t.id == template.id, |t| quality.clone_into(&mut t.quality));
                let told = json!({"previous_quality_score": template.quality, "new_quality_score": quality});
                news.push(("message_template_quality_update", about(told)));
            }
            if let Some(category) = category.filter(|c| *c != template.category) {
                self.templates.change(|t| t.id == template.id, |t| category.clone_into(&mut t.category));
                let told = json!({"previous_category": template.category, "new_category": category});
                news.push(("template_category_update", about(told)));
            }
            for (field, value) in news {
                // A number of the account was found: there is no template without one.
                let _ = self.tell_field(field, &value, number.as_deref(), now);
            }
        }
        before.len()
    }

    /// Somebody changes their number: the chat says so, and the user id is another one.
    pub(crate) fn change_number(&mut self, from: &str, to: &str, now: i64) -> Result<String, Refusal> {
        let (from, to) = (digits(from), digits(to));
        let person = self.people.find(&from).ok_or_else(|| Refusal::new(100, "nobody has this number"))?;
        let id_before = self.people.get(person).user_id.clone();
        if !(7..=15).contains(&to.len()) || !self.people.change_number(person, &to) {
            return Err(Refusal::new(100, "not a phone number, or somebody's"));
        }
        let (id, name, made) = {
            let person = self.people.get_mut(person);
            person.made += 1;
            (person.user_id.clone(), person.name.clone(), person.made)
        };
        let text = format!("{name} changed from {from} to {to}");
        self.people.add_line(person, Line::System { at: now, text: text.clone() });
        let seconds = (now / 1_000).to_string();
        let number = self.numbers[0].clone();
        let around = |list: &str, item: Value| {
            json!({"messaging_product": "whatsapp", list: [item],
                "metadata": {"display_phone_number": digits(&number.display), "phone_number_id": number.id}})
        };
        let wamid = crate::wamid::incoming(self.dice, &to, made);
        let system = json!({"from": from, "id": wamid, "timestamp": seconds, "type": "system",
            "system": {"body": text, "wa_id": to, "type": "user_changed_number"}});
        let ids = json!({"wa_id": to, "detail": "the number was changed", "timestamp": seconds,
            "user_id": {"previous": id_before, "current": id}});
        self.tell_field("messages", &around("messages", system), None, now)?;
        self.tell_field("user_id_update", &around("user_id_update", ids), None, now)?;
        Ok(id)
    }
}
