//! Templates as WhatsApp holds them, kept at hand so that every send is checked against them.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use super::{
    components,
    content::Content,
    definition::{self, Template, TemplateCategory},
};
use crate::{
    audit::Scope,
    engine::Inner,
    policy::Reason,
    storage::{Index, Record, Write},
    values::error::{Error, Result},
    vault::Sealed,
};

/// Every template of the account, in memory: a send asks for one each time.
#[derive(Debug, Default)]
pub(crate) struct Shelf(RwLock<ByName>);

/// By name, then by language.
type ByName = HashMap<String, HashMap<String, Arc<Template>>>;

impl Shelf {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, ByName> {
        self.0.read().unwrap_or_else(|e| e.into_inner())
    }
    fn put(&self, template: Template) {
        let (name, language) = (template.name.clone(), template.language.clone());
        let mut all = self.0.write().unwrap_or_else(|e| e.into_inner());
        all.entry(name).or_default().insert(language, Arc::new(template));
    }
}

impl Inner {
    /// The template of a name and language.
    pub(crate) fn template(&self, name: &str, language: &str) -> Option<Arc<Template>> {
        self.templates.read().get(name)?.get(language).cloned()
    }

    /// Reads every template at start.
    pub(crate) async fn load_templates(&self) -> Result<()> {
        for record in self.find_all(self.query("template", Index::Id {}, 1000)).await? {
            let place = Sealed { person: "", kind: "template", id: &record.id };
            self.templates.put(self.vault.open_sealed(place, &record.sealed)?);
        }
        Ok(())
    }

    async fn store_template(&self, template: Template) -> Result<()> {
        self.store_templates(vec![template]).await
    }

    /// Stores templates in one commit, in place of what was known of them.
    pub(super) async fn store_templates(&self, templates: Vec<Template>) -> Result<()> {
        let mut writes = Vec::with_capacity(templates.len());
        for template in &templates {
            let id = format!("{}/{}", template.language, template.name);
            let mut record = Record::new(&self.account, "template", id);
            record.state = template.status.to_lowercase();
            record.retention = "account".to_owned();
            record.sealed =
                self.vault.seal(Sealed { person: "", kind: "template", id: &record.id }, template)?;
            writes.push(Write::Put { record });
        }
        if !writes.is_empty() {
            self.commit_all(writes, "template").await?;
        }
        for template in templates {
            self.templates.put(template);
        }
        Ok(())
    }

    /// Every template, in no order.
    pub(crate) fn all_templates(&self) -> Vec<Arc<Template>> {
        self.templates.read().values().flat_map(HashMap::values).cloned().collect()
    }

    /// Those of a name and a language, however WhatsApp spells it.
    fn templates_told(&self, name: &str, language: &str) -> Vec<Arc<Template>> {
        let same = |l: &str| l.replace('-', "_").eq_ignore_ascii_case(&language.replace('-', "_"));
        let all = self.templates.read();
        all.get(name).into_iter().flat_map(HashMap::values).filter(|t| same(&t.language)).cloned().collect()
    }

    /// Changes what WhatsApp says of a template. One that is not known here needs nothing.
    async fn change_told(
        &self,
        name: &str,
        language: &str,
        change: impl Fn(&mut Template) + Send,
    ) -> Result<()> {
        for template in self.templates_told(name, language) {
            let mut now = Template::clone(&template);
            change(&mut now);
            if now != *template {
                self.store_template(now).await?;
            }
        }
        Ok(())
    }

    /// WhatsApp changed a template's status.
    pub(crate) async fn template_status(
        &self,
        name: &str,
        language: &str,
        status: &str,
        reason: Option<&str>,
    ) -> Result<()> {
        // One that is let off may be sent again, whatever had been against it.
        let status = if status == "REINSTATED" { "APPROVED" } else { status };
        self.change_told(name, language, |t| {
            status.clone_into(&mut t.status);
            match status {
                "REJECTED" => t.rejected_reason = reason.map(str::to_owned),
                "APPROVED" => t.rejected_reason = None,
                _ => {}
            }
        })
        .await
    }

    /// People take a template better or worse.
    pub(crate) async fn template_quality(&self, name: &str, language: &str, quality: &str) -> Result<()> {
        self.change_told(name, language, |t| t.quality = Some(quality.to_owned())).await
    }

    /// WhatsApp has put a template into another category: the gate decides by it from now on.
    pub(crate) async fn template_category(&self, name: &str, language: &str, category: &str) -> Result<()> {
        let Some(category) = components::category_of(category) else { return Ok(()) };
        self.change_told(name, language, |t| t.category = category).await
    }

    /// WhatsApp counts a template as marketing now, whatever it was.
    pub(crate) async fn template_is_marketing(&self, name: &str, language: &str) -> Result<()> {
        match self.template(name, language) {
            Some(t) if t.category != TemplateCategory::Marketing => {
                tracing::warn!("WhatsApp counts a template as marketing; it is treated as that from now on");
                self.store_template(Template { category: TemplateCategory::Marketing, ..(*t).clone() }).await
            }
            _ => Ok(()),
        }
    }
}

/// The account's templates.
#[derive(Debug, Clone)]
pub struct Templates {
    pub(crate) engine: crate::engine::Session,
}

impl Templates {
    /// What the law has against a template, before it is submitted to WhatsApp: marketing has to name the sender
    /// and say how it ends (POPIA s69(4), ePrivacy 13(4)). The same is looked at again before each message.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::messaging::{Template, TemplateCategory};
    /// let body = "Hello {{1}}, spring is here.";
    /// let template = Template::new("spring_offer", "en", TemplateCategory::Marketing, body);
    /// let codes: Vec<_> = engine.templates().check(template).await?.into_iter().map(|r| r.code).collect();
    /// assert_eq!(codes, ["MISSING_SENDER_IDENTITY", "MISSING_OPT_OUT"]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for what WhatsApp itself would refuse.
    pub async fn check(&self, template: Template) -> Result<Vec<Reason>> {
        definition::check(&template)?;
        if template.category != TemplateCategory::Marketing {
            return Ok(Vec::new());
        }
        let content = Content::Template {
            name: template.name.clone(),
            language: template.language.clone(),
            header: None,
            body: Vec::new(),
            buttons: Vec::new(),
            cards: Vec::new(),
            offer_ends_at: None,
        };
        let says = self.engine.says(&content, Some(&Arc::new(template)));
        Ok(crate::policy::rules::template(says.names_sender, says.has_opt_out))
    }

    /// Stores a template as WhatsApp holds it, in place of what was known under its name and language. Nothing is told
    /// to WhatsApp: see `submit` and `edit`.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::messaging::{Template, TemplateCategory};
    /// let body = "Hello {{1}}, spring is here at Karoo Coffee.";
    /// engine.templates().put(Template {
    ///     footer: Some("Reply STOP to opt out".into()),
    ///     ..Template::new("spring_offer", "en", TemplateCategory::Marketing, body)
    /// }).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a component that WhatsApp would refuse; the error names it, for example
    /// `cards[1].buttons[0].url`.
    pub async fn put(&self, template: Template) -> Result<Template> {
        self.engine.admit("templates.put", Scope::AccountAdmin, None)?;
        definition::check(&template)?;
        let mut template = template;
        // What WhatsApp told of it does not go with a new definition.
        if let Some(known) = self.engine.template(&template.name, &template.language) {
            template.id = template.id.or_else(|| known.id.clone());
            template.quality = template.quality.or_else(|| known.quality.clone());
        }
        self.engine.store_template(template.clone()).await?;
        Ok(template)
    }

    /// Reads a template.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert_eq!(engine.templates().get("none".into(), "en".into()).await.unwrap_err().code(), "not_found");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, name: String, language: String) -> Result<Template> {
        self.engine
            .template(&name, &language)
            .map(|t| (*t).clone())
            .ok_or_else(|| Error::not_found("template", format!("{language}/{name}")))
    }

    /// Every template, by name and language.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.templates().list().await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// None but `closed`.
    pub async fn list(&self) -> Result<Vec<Template>> {
        let mut all: Vec<Template> = self.engine.all_templates().iter().map(|t| (**t).clone()).collect();
        all.sort_by(|a, b| (&a.name, &a.language).cmp(&(&b.name, &b.language)));
        Ok(all)
    }
}
