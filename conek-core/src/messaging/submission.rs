//! Templates on their way to WhatsApp and back: submitted, edited, removed, and read as they stand there.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{
    components::{self, TemplateExamples},
    definition::{self, Template},
    templates::Templates,
};
use crate::{
    audit::Scope,
    engine::Inner,
    transport::call::{Call, items, next_page, text},
    values::error::{Error, Result},
};

const WHAT: &str = "template";
pub(super) const FIELDS: &str = "id,name,language,category,status,components,quality_score,rejected_reason";
/// Of a template that is not at WhatsApp any more.
const DELETED: &str = "DELETED";
/// What a page of the list holds: with all components it has some hundred kilobytes.
const PAGE: i32 = 100;

/// A template at WhatsApp whose definition conek cannot keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadTemplate {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// Its status.
    pub status: String,
    /// Why, in words.
    pub detail: String,
}

/// What a look at WhatsApp's templates came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TemplateSync {
    /// How many there are at WhatsApp.
    pub seen: i32,
    /// How many of them were new here.
    pub added: i32,
    /// How many stood there otherwise than here.
    pub changed: i32,
    /// How many were approved here and are not there any more. They are kept as `DELETED` and not sent.
    pub gone: i32,
    /// Those whose definition conek cannot keep. Status, category and quality are kept of those that are known here.
    pub unread: Vec<UnreadTemplate>,
}

impl Inner {
    pub(super) fn known_template(&self, name: &str, language: &str) -> Result<Template> {
        let found = self.template(name, language).map(|t| (*t).clone());
        found.ok_or_else(|| Error::not_found(WHAT, format!("{language}/{name}")))
    }

    /// WhatsApp's id of a template, asked for where it is not known yet.
    pub(super) async fn template_id(&self, template: &Template) -> Result<String> {
        if let Some(id) = &template.id {
            return Ok(id.clone());
        }
        let call = Call::get(format!("{}/message_templates", self.business_account()?))
            .with("name", &*template.name)
            .with("fields", "id,name,language")
            .page(None, PAGE)?;
        let page = self.graph(WHAT, call).await?;
        // Asked for by a name, WhatsApp also tells those whose name has it inside.
        let same = |json: &&Json| {
            text(json, "name").as_deref() == Some(&*template.name)
                && text(json, "language").as_deref() == Some(&*template.language)
        };
        let absent =
            || Error::not_found("template at WhatsApp", format!("{}/{}", template.language, template.name));
        items(&page).iter().find(same).and_then(|json| text(json, "id")).ok_or_else(absent)
    }

    /// Keeps what WhatsApp says of a template now.
    async fn refresh_template(&self, mut template: Template, id: String) -> Result<Template> {
        let call = Call::get(&*id).with("fields", "id,status,category,quality_score,rejected_reason");
        let json = self.graph(WHAT, call).await?;
        template.id = Some(id);
        take(&mut template, &json);
        self.store_templates(vec![template.clone()]).await?;
        Ok(template)
    }

    /// The same after a change that has taken effect: that it cannot be looked at is no reason to repeat it.
    async fn refreshed(&self, template: Template, id: String) -> Result<Template> {
        match self.refresh_template(template.clone(), id).await {
            Err(Error::Transport { .. }) => Ok(template),
            looked => looked,
        }
    }

    async fn sync_templates(&self) -> Result<TemplateSync> {
        let path = format!("{}/message_templates", self.business_account()?);
        let (mut report, mut after) = (TemplateSync::default(), None);
        let mut seen: HashSet<(String, String)> = HashSet::new();
        loop {
            let call = Call::get(&*path).with("fields", FIELDS).page(after, PAGE)?;
            let page = self.graph(WHAT, call).await?;
            let mut news = Vec::new();
            for json in items(&page) {
                report.seen += 1;
                let name = text(json, "name").unwrap_or_default();
                let language = text(json, "language").unwrap_or_default();
                let known = self.template(&name, &language);
                seen.insert((name.clone(), language.clone()));
                let now = match (components::read(json), &known) {
                    (Ok(read), _) => read,
                    (Err(detail), known) => {
                        let status = text(json, "status").unwrap_or_default();
                        report.unread.push(UnreadTemplate {
                            name,
                            language,
                            status,
                            detail: detail.to_owned(),
                        });
                        let Some(known) = known else { continue };
                        let mut now = Template::clone(known);
                        take(&mut now, json);
                        now
                    }
                };
                match known {
                    None => report.added += 1,
                    Some(known) if *known != now => report.changed += 1,
                    Some(_) => continue,
                }
                news.push(now);
            }
            self.store_templates(news).await?;
            after = next_page(&page);
            if after.is_none() {
                break;
            }
        }
        let approved = |t: &Template| t.status.eq_ignore_ascii_case("APPROVED");
        let gone: Vec<Template> = self
            .all_templates()
            .iter()
            .filter(|t| approved(t) && !seen.contains(&(t.name.clone(), t.language.clone())))
            .map(|t| Template { status: DELETED.to_owned(), ..Template::clone(t) })
            .collect();
        report.gone = i32::try_from(gone.len()).unwrap_or(i32::MAX);
        self.store_templates(gone).await?;
        Ok(report)
    }
}

/// What WhatsApp says of a template beside its definition.
fn take(template: &mut Template, json: &Json) {
    if let Some(status) = text(json, "status") {
        template.status = status.to_ascii_uppercase();
    }
    if let Some(category) = components::category(json) {
        template.category = category;
    }
    if let Some(quality) = text(&json["quality_score"], "score") {
        template.quality = Some(quality);
    }
    if json.get("rejected_reason").is_some() {
        template.rejected_reason = text(json, "rejected_reason").filter(|reason| reason != "NONE");
    }
}

impl Templates {
    /// What the law has against a template is said before WhatsApp sees it.
    async fn pass(&self, template: &Template) -> Result<()> {
        let reasons = self.check(template.clone()).await?;
        if reasons.is_empty() {
            return Ok(());
        }
        Err(Error::Denied {
            id: String::new(),
            detail: reasons.iter().map(|r| r.text.as_str()).collect::<Vec<_>>().join("; "),
            reasons: reasons.into_iter().map(|r| r.code).collect(),
        })
    }

    /// Submits a stored template to WhatsApp for review, with examples in place of its values. It is kept with the
    /// status that WhatsApp answers, and is sent once that is `APPROVED`: a webhook tells, or `sync`. WhatsApp takes
    /// 100 new templates an hour.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::template(&engine).await?;
    /// use conek_core::messaging::TemplateExamples;
    /// let body = [("1".to_owned(), "Thandi".to_owned())].into();
    /// let examples = TemplateExamples { body, ..TemplateExamples::default() };
    /// let submitted = engine.templates().submit("spring_offer".into(), "en".into(), examples).await?;
    /// assert_eq!(submitted.status, "PENDING");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for a template that is not stored; `denied` for one that the law has something against;
    /// `invalid_input` where an example is missing; `transport`, for one that exists already with subcode 2388024.
    pub async fn submit(
        &self,
        name: String,
        language: String,
        examples: TemplateExamples,
    ) -> Result<Template> {
        self.engine.admit("templates.submit", Scope::AccountAdmin, None)?;
        let mut template = self.engine.known_template(&name, &language)?;
        self.pass(&template).await?;
        let body = components::submission(&template, &examples)?;
        let call = Call::post(format!("{}/message_templates", self.engine.business_account()?), &body);
        let engine = self.engine.inner();
        let submit = async move {
            let answer = engine.graph(WHAT, call).await?;
            template.id = text(&answer, "id");
            "PENDING".clone_into(&mut template.status);
            (template.quality, template.rejected_reason) = (None, None);
            // WhatsApp may class it otherwise at once.
            take(&mut template, &answer);
            engine.store_templates(vec![template.clone()]).await?;
            Ok(template)
        };
        self.engine.run(submit).await
    }

    /// Changes a template at WhatsApp: all its components, and of one that is not approved the category too. It is
    /// kept as it was given, with the status that WhatsApp has for it then. An approved one can be edited once in 24
    /// hours and ten times in 30 days.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::template(&engine).await?;
    /// use conek_core::messaging::{Template, TemplateExamples};
    /// let known = engine.templates().get("spring_offer".into(), "en".into()).await?;
    /// let wanted = Template { body: "Spring is here at Karoo Coffee.".into(), ..known };
    /// let edited = engine.templates().edit(wanted, TemplateExamples::default()).await?;
    /// assert_eq!(edited.status, "PENDING");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for a template that is not stored, or not at WhatsApp; `denied`, `invalid_input` and `transport` as
    /// for `submit`.
    pub async fn edit(&self, template: Template, examples: TemplateExamples) -> Result<Template> {
        self.engine.admit("templates.edit", Scope::AccountAdmin, None)?;
        let known = self.engine.known_template(&template.name, &template.language)?;
        definition::check(&template)?;
        self.pass(&template).await?;
        let submission = components::submission(&template, &examples)?;
        let mut body = json!({ "components": submission["components"] });
        if let Some(ttl) = submission.get("message_send_ttl_seconds") {
            body["message_send_ttl_seconds"] = ttl.clone();
        }
        if !known.status.eq_ignore_ascii_case("APPROVED") {
            body["category"] = submission["category"].clone();
        }
        let engine = self.engine.inner();
        let edit = async move {
            let id = engine.template_id(&known).await?;
            engine.graph(WHAT, Call::post(&*id, &body)).await?;
            // Kept at once as one that is looked at again: what was approved was another text.
            let pending = Template {
                id: Some(id.clone()),
                status: "PENDING".to_owned(),
                quality: known.quality,
                rejected_reason: None,
                ..template
            };
            engine.store_templates(vec![pending.clone()]).await?;
            engine.refreshed(pending, id).await
        };
        self.engine.run(edit).await
    }

    /// Removes a template from WhatsApp: in one language, or in all. It is kept here as `DELETED`, so that what was
    /// sent with it can be read, and is not sent any more. WhatsApp keeps the name of an approved one for 30 days.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::template(&engine).await?;
    /// engine.templates().remove("spring_offer".into(), None).await?;
    /// let kept = engine.templates().get("spring_offer".into(), "en".into()).await?;
    /// assert_eq!(kept.status, "DELETED");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for a language in which it is not stored, or not at WhatsApp; `transport`.
    pub async fn remove(&self, name: String, language: Option<String>) -> Result<()> {
        self.engine.admit("templates.remove", Scope::AccountAdmin, None)?;
        let account = self.engine.business_account()?.to_owned();
        let one = language.map(|language| self.engine.known_template(&name, &language)).transpose()?;
        let engine = self.engine.inner();
        let remove = async move {
            let mut call = Call::delete(format!("{account}/message_templates")).with("name", &*name);
            if let Some(one) = &one {
                call = call.with("hsm_id", engine.template_id(one).await?);
            }
            engine.graph(WHAT, call).await?;
            let of = |t: &Template| t.name == name && one.as_ref().is_none_or(|o| o.language == t.language);
            let removed = engine.all_templates().into_iter().filter(|t| of(t));
            let removed =
                removed.map(|t| Template { status: DELETED.to_owned(), id: None, ..Template::clone(&t) });
            engine.store_templates(removed.collect()).await
        };
        self.engine.run(remove).await
    }

    /// Lifts the pause of a template that WhatsApp's pacing paused, and says how it stands then.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::template(&engine).await?;
    /// let lifted = engine.templates().unpause("spring_offer".into(), "en".into()).await?;
    /// assert!(lifted.id.is_some());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for a template that is not stored, or not at WhatsApp; `transport` for one that is not paused.
    pub async fn unpause(&self, name: String, language: String) -> Result<Template> {
        self.engine.admit("templates.unpause", Scope::AccountAdmin, None)?;
        let known = self.engine.known_template(&name, &language)?;
        let engine = self.engine.inner();
        let unpause = async move {
            let id = engine.template_id(&known).await?;
            engine.graph(WHAT, Call::act(format!("{id}/unpause"))).await?;
            engine.refreshed(known, id).await
        };
        self.engine.run(unpause).await
    }

    /// Reads all of the account's templates from WhatsApp and keeps them as they stand there: definition, status,
    /// category and quality. One that is paused, disabled or rejected there, or not there any more, is not sent from
    /// that moment on, also where messages with it wait.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let report = engine.templates().sync().await?;
    /// assert_eq!((report.seen, report.added), (1, 1));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without a `business_account` in the configuration; `transport`. What was read before stays.
    pub async fn sync(&self) -> Result<TemplateSync> {
        self.engine.admit("templates.sync", Scope::AccountAdmin, None)?;
        let engine = self.engine.inner();
        self.engine.run(async move { engine.sync_templates().await }).await
    }
}
