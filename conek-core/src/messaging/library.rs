//! WhatsApp's library of templates: written and classed beforehand, and approved at once.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{
    components::{self, PasswordSettings},
    definition::{Template, TemplateCategory, check_name},
    submission::FIELDS,
    templates::Templates,
};
use crate::{
    audit::Scope,
    engine::Inner,
    transport::call::{Call, check_length, items, list, needed, next_page, text, texts},
    values::error::{Error, Result},
};

const WHAT: &str = "library template";

/// What of the library is looked for; what is left out leaves nothing out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LibraryQuery {
    /// Words of its name, header, body or footer.
    pub search: Option<String>,
    /// Its name in the library.
    pub name: Option<String>,
    /// For example `ORDER_MANAGEMENT` or `PAYMENTS`.
    pub topic: Option<String>,
    /// For example `SHIPMENT_CONFIRMATION` or `PAYMENT_OVERDUE`.
    pub use_case: Option<String>,
    /// `E_COMMERCE` or `FINANCIAL_SERVICES`.
    pub industry: Option<String>,
    /// For example `en_US`.
    pub language: Option<String>,
}

/// A button of a library template, with examples of what the business gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryButton {
    /// `URL`, `PHONE_NUMBER`, `QUICK_REPLY`, `FLOW`, `OTP` and others.
    pub kind: String,
    /// What it says.
    pub text: String,
    /// An address, where it opens one.
    pub url: Option<String>,
    /// A number, where it calls one.
    pub phone_number: Option<String>,
}

/// A template of the library (Meta: Template library). Its words are fixed; what stands in place of the placeholders
/// must be of their kind, or the send is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryTemplate {
    /// Its id.
    pub id: String,
    /// Its name in the library.
    pub name: String,
    /// Its language.
    pub language: String,
    /// `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    /// What it is about.
    pub topic: Option<String>,
    /// What it is for.
    pub use_case: Option<String>,
    /// Whom it is for.
    pub industries: Vec<String>,
    /// Its header.
    pub header: Option<String>,
    /// Its body, with placeholders.
    pub body: String,
    /// Its footer.
    pub footer: Option<String>,
    /// Examples in place of the body's placeholders.
    pub body_examples: Vec<String>,
    /// Of what kind they must be: `TEXT`, `AMOUNT`, `DATE`, `ADDRESS`, `NUMBER` and others.
    pub body_kinds: Vec<String>,
    /// Its buttons.
    pub buttons: Vec<LibraryButton>,
}

/// A page of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryPage {
    /// The templates.
    pub templates: Vec<LibraryTemplate>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// What the business gives a button of a library template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LibraryButtonInput {
    /// An address to open.
    Url {
        /// With or without a placeholder at its end: `https://karoo.example/orders/{{1}}`.
        base_url: String,
        /// A whole address as it may become, where there is a placeholder.
        example: Option<String>,
    },
    /// A number to call.
    PhoneNumber {
        /// In E.164.
        number: String,
    },
}

/// A template to be made from one of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFromLibrary {
    /// The name that it gets: `[a-z0-9_]`, at most 512 characters.
    pub name: String,
    /// The language.
    pub language: String,
    /// Utility or authentication.
    pub category: TemplateCategory,
    /// Its name in the library.
    pub library_name: String,
    /// What its buttons are given, in their order; needed where it has buttons that open or call.
    #[serde(default)]
    pub buttons: Vec<LibraryButtonInput>,
    /// Whether it says at which number the business can be asked.
    #[serde(default)]
    pub contact_number: bool,
    /// Whether it says where more can be read. Not every account has that.
    #[serde(default)]
    pub learn_more_link: bool,
    /// Whether it says where a parcel is. Not every account has that.
    #[serde(default)]
    pub track_package_link: bool,
    /// What an authentication template says and does besides; copying, if missing.
    pub password: Option<PasswordSettings>,
}

/// A template that was made from one of the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MadeFromLibrary {
    /// WhatsApp's id of it.
    pub id: String,
    /// Its status: `APPROVED` at once, unless WhatsApp looks at it.
    pub status: String,
    /// The template as it is kept here and can be sent; `None` where it exists, but could not be read. Then `sync`
    /// reads it.
    pub template: Option<Template>,
}

fn library_template(json: &Json) -> Result<LibraryTemplate> {
    let words = |of: &Json, key: &str| text(of, key).unwrap_or_default();
    let button = |b: &Json| LibraryButton {
        kind: words(b, "type"),
        text: words(b, "text"),
        url: text(b, "url"),
        phone_number: text(b, "phone_number"),
    };
    Ok(LibraryTemplate {
        id: words(json, "id"),
        name: needed(WHAT, json, "name", true)?,
        language: words(json, "language"),
        category: words(json, "category"),
        topic: text(json, "topic"),
        use_case: text(json, "usecase"),
        industries: texts(json, "industry"),
        header: text(json, "header"),
        body: words(json, "body"),
        footer: text(json, "footer"),
        body_examples: texts(json, "body_params"),
        body_kinds: texts(json, "body_param_types"),
        buttons: list(json, "buttons").iter().map(button).collect(),
    })
}

fn button_input(at: usize, input: &LibraryButtonInput) -> Result<Json> {
    match input {
        LibraryButtonInput::Url { base_url, example } => {
            check_length(&format!("buttons[{at}].base_url"), base_url, 1, 2_000)?;
            let mut url = json!({ "base_url": base_url });
            match (base_url.contains("{{"), example) {
                (true, None) => {
                    let needed = "must say what the address may become";
                    return Err(Error::invalid(format!("buttons[{at}].example"), needed));
                }
                (_, Some(example)) => url["url_suffix_example"] = example.as_str().into(),
                (false, None) => {}
            }
            Ok(json!({"type": "URL", "url": url}))
        }
        LibraryButtonInput::PhoneNumber { number } => {
            check_length(&format!("buttons[{at}].number"), number, 1, 20)?;
            Ok(json!({"type": "PHONE_NUMBER", "phone_number": number}))
        }
    }
}

fn body(new: &NewFromLibrary) -> Result<Json> {
    check_name(&new.name)?;
    check_length("language", &new.language, 2, 10)?;
    check_length("library_name", &new.library_name, 1, 512)?;
    let category = match new.category {
        TemplateCategory::Utility => "UTILITY",
        TemplateCategory::Authentication => "AUTHENTICATION",
        TemplateCategory::Marketing => {
            return Err(Error::invalid(
                "category",
                "must be utility or authentication: the library has no other",
            ));
        }
    };
    let mut buttons: Vec<Json> =
        new.buttons.iter().enumerate().map(|(at, b)| button_input(at, b)).collect::<Result<_>>()?;
    let mut says = serde_json::Map::new();
    for (key, on) in [
        ("add_contact_number", new.contact_number),
        ("add_learn_more_link", new.learn_more_link),
        ("add_track_package_link", new.track_package_link),
    ] {
        if on {
            says.insert(key.to_owned(), true.into());
        }
    }
    match (&new.password, new.category) {
        (settings, TemplateCategory::Authentication) => {
            let settings = settings.clone().unwrap_or_default();
            buttons.push(components::password_button(&settings)?);
            says.insert("add_security_recommendation".to_owned(), settings.security_recommendation.into());
            if let Some(minutes) = components::expiry(&settings)? {
                says.insert("code_expiration_minutes".to_owned(), minutes.into());
            }
        }
        (Some(_), _) => return Err(Error::invalid("password", "is for authentication templates only")),
        (None, _) => {}
    }
    let mut body = json!({"name": new.name, "language": new.language, "category": category,
        "library_template_name": new.library_name});
    // Both are texts with JSON in them there.
    if !buttons.is_empty() {
        body["library_template_button_inputs"] = Json::from(buttons).to_string().into();
    }
    if !says.is_empty() {
        body["library_template_body_inputs"] = Json::Object(says).to_string().into();
    }
    Ok(body)
}

impl Inner {
    /// Reads and keeps a template that WhatsApp has now.
    async fn keep_template(&self, id: &str) -> Result<Option<Template>> {
        let looked = self.graph(WHAT, Call::get(id).with("fields", FIELDS)).await;
        // It was made: that it cannot be looked at, or not be kept, is no reason to make it again.
        let Some(template) = looked.ok().and_then(|json| components::read(&json).ok()) else {
            return Ok(None);
        };
        self.store_templates(vec![template.clone()]).await?;
        Ok(Some(template))
    }
}

impl Templates {
    /// What WhatsApp's library has, at most `limit` (1 to 100) of it; the next page begins at `after`.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::messaging::LibraryQuery;
    /// let query = LibraryQuery { topic: Some("ORDER_MANAGEMENT".into()), ..LibraryQuery::default() };
    /// let page = engine.templates().library(query, None, 100).await?;
    /// assert_eq!(page.templates[0].name, "parcel_on_its_way");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `transport` with code 100 for a topic, use case or industry that there is not.
    pub async fn library(
        &self,
        query: LibraryQuery,
        after: Option<String>,
        limit: i32,
    ) -> Result<LibraryPage> {
        self.engine.allow("templates.library", Scope::AccountAdmin)?;
        let mut call = Call::get("message_template_library").page(after, limit)?;
        for (key, wanted) in [
            ("search", query.search),
            ("name", query.name),
            ("topic", query.topic),
            ("usecase", query.use_case),
            ("industry", query.industry),
            ("language", query.language),
        ] {
            if let Some(wanted) = wanted {
                call = call.with(key, wanted);
            }
        }
        let page = self.engine.graph(WHAT, call).await?;
        Ok(LibraryPage {
            templates: items(&page).iter().map(library_template).collect::<Result<_>>()?,
            next: next_page(&page),
        })
    }

    /// Makes a template from one of the library. Its words are those of the library; the business gives addresses and
    /// numbers of buttons. It is approved at once as a rule, and kept here as it stands at WhatsApp then.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::messaging::{LibraryButtonInput, NewFromLibrary, TemplateCategory};
    /// let made = engine.templates().create_from_library(NewFromLibrary {
    ///     name: "parcel".into(),
    ///     language: "en_US".into(),
    ///     category: TemplateCategory::Utility,
    ///     library_name: "parcel_on_its_way".into(),
    ///     buttons: vec![LibraryButtonInput::Url {
    ///         base_url: "https://karoo.example/{{1}}".into(),
    ///         example: Some("https://karoo.example/4711".into()),
    ///     }],
    ///     contact_number: false,
    ///     learn_more_link: false,
    ///     track_package_link: false,
    ///     password: None,
    /// }).await?;
    /// assert_eq!(engine.templates().get("spring_offer".into(), "en".into()).await?.id, Some(made.id));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for what WhatsApp would refuse; `transport` with code 100 for one that the library does not
    /// have, with subcode 2388024 for a name that is taken.
    pub async fn create_from_library(&self, template: NewFromLibrary) -> Result<MadeFromLibrary> {
        self.engine.admit("templates.create_from_library", Scope::AccountAdmin, None)?;
        let body = body(&template)?;
        let path = format!("{}/message_templates", self.engine.business_account()?);
        let engine = self.engine.inner();
        let create = async move {
            let answer = engine.graph(WHAT, Call::post(path, &body)).await?;
            let id = needed(WHAT, &answer, "id", false)?;
            let template = engine.keep_template(&id).await?;
            let told = text(&answer, "status").unwrap_or_else(|| "PENDING".to_owned());
            let status = template.as_ref().map_or(told, |t| t.status.clone());
            Ok(MadeFromLibrary { id, status, template })
        };
        self.engine.run(create).await
    }
}
