//! From a draft to what the gate looks at: who is meant, what it says, whether the template fits.

use std::sync::Arc;

use super::{
    content::{Content, Header, Parameter},
    model::{Template, TemplateCategory},
    row::Clear,
};
use crate::{
    engine::Inner,
    messaging::Purpose,
    people::Person,
    policy::{Facts, TemplateFacts},
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

/// Words by which a message tells people how to stop, in the languages of conek's first users.
const OPT_OUT_WORDS: &[&str] = &[
    "stop",
    "opt out",
    "opt-out",
    "unsubscribe",
    "afmelden",
    "afmeld",
    "uitteken",
    "abmelden",
    "arret",
    "arrêt",
    "désabonner",
    "baja",
    "cancelar",
    "sair",
    "parar",
    "disiscriviti",
    "misa",
    "yeka",
    "emisa",
];

/// What a message says, as far as the law asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Says {
    pub(crate) has_opt_out: bool,
    pub(crate) names_sender: bool,
}

impl Inner {
    /// The template that a content names, as WhatsApp holds it.
    pub(crate) fn template_of(&self, content: &Content) -> Result<Option<Arc<Template>>> {
        let Content::Template { name, language, .. } = content else { return Ok(None) };
        match self.template(name, language) {
            Some(template) => Ok(Some(template)),
            None => Err(Error::invalid(
                "content.name",
                format!(
                    "no template {name:?} in language {language:?} is known; store it with templates.put"
                ),
            )),
        }
    }

    /// What a content says, with its template's fixed words.
    pub(crate) fn says(&self, content: &Content, template: Option<&Template>) -> Says {
        let business = self.business.to_lowercase();
        let mut says = Says { has_opt_out: false, names_sender: false };
        each_text(content, template, &mut |text| {
            let text = text.to_lowercase();
            says.has_opt_out |= OPT_OUT_WORDS.iter().any(|w| text.contains(w));
            says.names_sender |= text.contains(&business);
        });
        says
    }

    /// Everything that the decision about one message to one person rests on.
    pub(crate) fn facts(
        &self,
        person: &Person,
        clear: &Clear,
        template: Option<&Template>,
        now: Timestamp,
    ) -> Facts {
        let standing = person.standing(clear.purpose);
        Facts {
            now,
            person: person.id.clone(),
            purpose: clear.purpose,
            template: template.map(|t| TemplateFacts {
                category: t.category.code().to_owned(),
                approved: t.status.eq_ignore_ascii_case("APPROVED"),
            }),
            has_opt_out: clear.has_opt_out,
            names_sender: clear.names_sender,
            expires_at: clear.void_at,
            country: person.country.clone(),
            zone: person.zone.clone(),
            us_number: person.us_number,
            consent: person.consent(clear.purpose),
            consent_demonstrable: standing.is_some_and(|s| s.demonstrable),
            consent_valid_until: standing.and_then(|s| s.valid_until),
            consent_requests: person.consent_requests,
            obtained_in_sale: person.is_from_sale(),
            objection_offered: person.provenance.as_ref().is_some_and(|p| p.objection_offered),
            suppressed: person.suppressed,
            platform_stop: person.platform_stop,
            awaiting_clarification: person.unclear,
            last_inbound_at: person.inbound.get(&clear.sender).copied(),
            hours_agreed: person.hours_agreed,
            declared_holidays: self.holidays(),
        }
    }
}

fn each_text(content: &Content, template: Option<&Template>, see: &mut dyn FnMut(&str)) {
    let mut header = |h: &Option<Header>| {
        if let Some(Header::Text { text }) = h {
            see(text);
        }
    };
    match content {
        Content::Text { body, .. } => see(body),
        Content::Template { header: h, body, .. } => {
            header(h);
            for p in body {
                see(&p.text);
            }
            if let Some(t) = template {
                for text in t.header.iter().chain(Some(&t.body)).chain(&t.footer).chain(&t.buttons) {
                    see(text);
                }
            }
        }
        Content::Image { caption, .. } | Content::Document { caption, .. } => {
            if let Some(caption) = caption {
                see(caption);
            }
        }
        Content::Buttons { body, header: h, footer, buttons } => {
            header(h);
            see(body);
            if let Some(footer) = footer {
                see(footer);
            }
            for b in buttons {
                see(&b.title);
            }
        }
        Content::List { body, header, footer, .. } => {
            for text in header.iter().chain(Some(body)).chain(footer) {
                see(text);
            }
        }
        Content::Reaction { .. } => {}
    }
}

/// The placeholders of a template's text, in order of first appearance: `1`, `2` or names.
pub(crate) fn placeholders(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        rest = &rest[start + 2..];
        let Some(end) = rest.find("}}") else { break };
        let name = rest[..end].trim();
        if !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
        rest = &rest[end + 2..];
    }
    found
}

/// Checks that the values fill the template: every placeholder one value, and none left over.
pub(crate) fn check_parameters(template: &Template, given: &[Parameter]) -> Result<()> {
    let wanted = placeholders(&template.body);
    let named = wanted.iter().any(|w| w.parse::<u32>().is_err());
    if named {
        for name in &wanted {
            if !given.iter().any(|p| p.name == *name) {
                return Err(missing(template, name));
            }
        }
        if let Some(extra) = given.iter().find(|p| !wanted.contains(&p.name.as_str())) {
            return Err(Error::invalid(
                "content.body",
                format!("the template {} has no placeholder {{{{{}}}}}", template.name, extra.name),
            ));
        }
    } else {
        if let Some(name) = wanted.get(given.len()) {
            return Err(missing(template, name));
        }
        if given.len() > wanted.len() {
            return Err(Error::invalid(
                "content.body",
                format!(
                    "the template {} takes {} values, and {} were given",
                    template.name,
                    wanted.len(),
                    given.len()
                ),
            ));
        }
    }
    for (i, p) in given.iter().enumerate() {
        let field = || format!("content.body[{i}]");
        if p.text.trim().is_empty() {
            return Err(Error::invalid(field(), "must not be empty"));
        }
        if p.text.contains(['\n', '\t']) || p.text.contains("     ") {
            return Err(Error::invalid(
                field(),
                "must not hold line breaks, tabs or more than four spaces in a row (Meta: error 132018)",
            ));
        }
    }
    Ok(())
}

fn missing(template: &Template, name: &str) -> Error {
    Error::invalid("content.body", format!("the template {} needs a value for {{{{{name}}}}}", template.name))
}

/// The purposes a template's category may serve is the gate's question; which price class a
/// message falls into is this one.
pub(crate) fn price_category(purpose: Purpose, template: Option<&Template>) -> &'static str {
    match template.map(|t| t.category) {
        Some(TemplateCategory::Marketing) => "marketing",
        Some(TemplateCategory::Utility) => "utility",
        Some(TemplateCategory::Authentication) => "authentication",
        None if purpose == Purpose::Authentication => "authentication",
        None => "service",
    }
}
