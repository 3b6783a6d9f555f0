//! Templates: what the business had approved, and whether a message fits one.

mod check;
pub(crate) mod library;
mod render;

use std::{collections::HashMap, sync::Arc};

use serde_json::{Value, json};

use crate::refusal::Refusal;

/// One template in one language.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) id: String,
    pub(crate) waba: String,
    pub(crate) name: String,
    pub(crate) language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub(crate) category: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED` or `DISABLED`.
    pub(crate) status: String,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub(crate) quality: String,
    /// The `message_status` of a held send: `held_for_quality_assessment` or `paused`.
    pub(crate) pacing: Option<String>,
    pub(crate) components: Value,
    /// For how many seconds a message may wait for its phone.
    pub(crate) ttl: Option<i64>,
    pub(crate) made_at: i64,
}

impl Template {
    pub(crate) fn is_marketing(&self) -> bool {
        self.category == "MARKETING"
    }
    pub(crate) fn json(&self) -> Value {
        let mut json = json!({
            "id": self.id, "name": self.name, "language": self.language, "category": self.category,
            "status": self.status, "components": self.components,
            "parameter_format": if self.is_named() { "NAMED" } else { "POSITIONAL" },
            "quality_score": {"score": self.quality, "date": self.made_at / 1_000},
        });
        if let Some(ttl) = self.ttl {
            json["message_send_ttl_seconds"] = ttl.into();
        }
        json
    }
    fn part(&self, kind: &str) -> Option<&Value> {
        self.components
            .as_array()?
            .iter()
            .find(|c| c["type"].as_str().is_some_and(|t| t.eq_ignore_ascii_case(kind)))
    }
    fn text_of(&self, kind: &str) -> &str {
        self.part(kind).and_then(|c| c["text"].as_str()).unwrap_or_default()
    }
    fn is_named(&self) -> bool {
        let names = placeholders(self.text_of("BODY"));
        names.iter().any(|n| n.parse::<u32>().is_err())
    }
}

/// The names between `{{` and `}}`, each once, in order.
fn placeholders(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for piece in text.split("{{").skip(1) {
        if let Some((name, _)) = piece.split_once("}}") {
            let name = name.trim().to_owned();
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// All templates of all accounts.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    all: Vec<Arc<Template>>,
    by_name: HashMap<(String, String, String), usize>,
    created: u64,
}

impl Templates {
    /// Creates one, approved at once unless `status` says otherwise.
    pub(crate) fn create(&mut self, waba: &str, wish: &Value, now: i64) -> Result<Arc<Template>, Refusal> {
        let need = |key: &str| {
            wish[key]
                .as_str()
                .filter(|s| !s.is_empty())
                .ok_or_else(|| Refusal::new(100, format!("The parameter {key} is required.")))
        };
        let (name, language) = (need("name")?.to_owned(), need("language")?.to_owned());
        if name.len() > 512
            || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            return Err(Refusal::new(100, "Template names take a-z, 0-9 and _, 512 at most"));
        }
        let category = need("category")?.to_ascii_uppercase();
        if !["MARKETING", "UTILITY", "AUTHENTICATION"].contains(&category.as_str()) {
            return Err(Refusal::new(
                100,
                "Param category must be one of {AUTHENTICATION, MARKETING, UTILITY}",
            ));
        }
        if !wish["components"].is_array() {
            return Err(Refusal::new(100, "The parameter components is required."));
        }
        let key = (waba.to_owned(), name.clone(), language.clone());
        if self.by_name.contains_key(&key) {
            return Err(Refusal::new(100, "There is already content in this language for this template")
                .with_subcode(2388024));
        }
        self.created += 1;
        let template = Arc::new(Template {
            id: format!("{}", 900_000_000_000_000 + self.created),
            waba: waba.to_owned(),
            name,
            language,
            category,
            status: wish["status"].as_str().unwrap_or("APPROVED").to_owned(),
            pacing: None,
            quality: "GREEN".into(),
            components: wish["components"].clone(),
            ttl: wish["message_send_ttl_seconds"].as_i64(),
            made_at: now,
        });
        self.by_name.insert(key, self.all.len());
        self.all.push(template.clone());
        Ok(template)
    }
    pub(crate) fn find(&self, waba: &str, name: &str, language: &str) -> Option<&Arc<Template>> {
        self.by_name.get(&(waba.to_owned(), name.to_owned(), language.to_owned())).map(|i| &self.all[*i])
    }
    pub(crate) fn by_id(&self, id: &str) -> Option<&Arc<Template>> {
        self.all.iter().find(|t| t.id == id)
    }
    pub(crate) fn of(&self, waba: &str) -> impl Iterator<Item = &Arc<Template>> {
        self.all.iter().filter(move |t| t.waba == waba)
    }
    /// Changes those that `which` picks; says which they were.
    pub(crate) fn change(
        &mut self,
        which: impl Fn(&Template) -> bool,
        with: impl Fn(&mut Template),
    ) -> Vec<Arc<Template>> {
        let mut changed = Vec::new();
        for template in self.all.iter_mut().filter(|t| which(t)) {
            with(Arc::make_mut(template));
            changed.push(template.clone());
        }
        changed
    }
    /// Removes those that `which` picks; says how many they were.
    pub(crate) fn remove(&mut self, which: impl Fn(&Template) -> bool) -> usize {
        let before = self.all.len();
        self.all.retain(|t| !which(t));
        self.by_name = self
            .all
            .iter()
            .enumerate()
            .map(|(i, t)| ((t.waba.clone(), t.name.clone(), t.language.clone()), i))
            .collect();
        before - self.all.len()
    }
    /// The template that a send asks for, when it may be sent and its parameters fit.
    pub(crate) fn for_send(&self, waba: &str, content: &Value) -> Result<Arc<Template>, Refusal> {
        let name = content["name"].as_str().unwrap_or_default();
        let language = content["language"]["code"].as_str().unwrap_or_default();
        let absent = || Refusal::new(132001, format!("template name ({name}) does not exist in {language}"));
        let template = self.find(waba, name, language).ok_or_else(absent)?;
        match template.status.as_str() {
            "APPROVED" => template.check(&content["components"]).map(|()| template.clone()),
            "PAUSED" => Err(Refusal::new(132015, "Template is paused due to low quality")),
            "DISABLED" => {
                Err(Refusal::new(132016, "Template has been paused too many times and is disabled"))
            }
            _ => Err(absent()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spring() -> Templates {
        let mut all = Templates::default();
        all.create("1", &json!({"name": "spring", "language": "en", "category": "MARKETING", "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Hi {{1}}"},
            {"type": "BODY", "text": "{{1}} and {{2}} and {{1}}"},
            {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Go", "url": "https://a.example/{{1}}"}]},
        ]}), 0).unwrap();
        all
    }
    fn send(all: &Templates, components: Value) -> i64 {
        all.for_send("1", &json!({"name": "spring", "language": {"code": "en"}, "components": components}))
            .map_or_else(|e| e.code, |_| 0)
    }
    fn texts(kind: &str, n: usize) -> Value {
        json!({"type": kind, "parameters": vec![json!({"type": "text", "text": "x"}); n]})
    }

    #[test]
    fn the_parameters_must_be_as_many_as_the_template_has() {
        let all = spring();
        let button = json!({"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "t"}]});
        assert_eq!(send(&all, json!([texts("header", 1), texts("body", 2), button])), 0);
        assert_eq!(send(&all, json!([texts("header", 1), texts("body", 3), button])), 132000);
        assert_eq!(send(&all, json!([texts("body", 2), button])), 132000);
        assert_eq!(send(&all, json!([texts("header", 1), texts("body", 2)])), 131008);
    }

    #[test]
    fn only_an_approved_template_in_this_language_is_sent() {
        let mut all = spring();
        assert_eq!(
            all.for_send("1", &json!({"name": "spring", "language": {"code": "de"}})).unwrap_err().code,
            132001
        );
        for (status, code) in [("PAUSED", 132015), ("DISABLED", 132016), ("PENDING", 132001)] {
            all.change(|_| true, |t| t.status = status.into());
            assert_eq!(send(&all, json!([])), code);
        }
    }

    #[test]
    fn a_name_exists_once_per_language() {
        let mut all = spring();
        let again = json!({"name": "spring", "language": "en", "category": "UTILITY", "components": []});
        assert_eq!(all.create("1", &again, 0).unwrap_err().subcode, Some(2388024));
        assert_eq!(all.remove(|t| t.name == "spring"), 1);
        assert!(all.create("1", &again, 0).is_ok());
    }
}
