//! What happens to templates, numbers, the account, groups and flows: kept where the engine acts by it, and told.

use super::Work;
use crate::{
    inbound::Happening,
    transport::{TemplateEvent, Update},
    values::error::Result,
};

impl Work<'_> {
    pub(super) async fn told(&mut self, update: &Update) -> Result<()> {
        let (at, happening) = match update {
            Update::Template { name, language, event } => {
                self.template(name, language, event).await?;
                let (name, language) = (name.clone(), language.clone());
                (self.now, Happening::Template { name, language, event: event.clone() })
            }
            Update::Number { id, display, at, event } => {
                let at = self.moment(*at);
                let number = self.engine.number_told(id.as_deref(), display.as_deref(), at, event).await?;
                (at, Happening::Number { number, display: display.clone(), event: event.clone() })
            }
            Update::Account { account, display, at, event } => {
                let at = self.moment(*at);
                self.engine.account_told(account.as_deref(), display.as_deref(), at, event).await?;
                let (account, display) = (account.clone(), display.clone());
                (at, Happening::Account { account, display, event: event.clone() })
            }
            Update::Group { number, group, at, event } => {
                let (number, group) = (number.clone(), group.clone());
                (self.moment(*at), Happening::Group { number, group, event: event.clone() })
            }
            Update::Flow { flow, at, event } => {
                (self.moment(*at), Happening::Flow { flow: flow.clone(), event: event.clone() })
            }
            _ => return Ok(()),
        };
        self.tell(None, at, happening).await
    }

    async fn template(&self, name: &str, language: &str, event: &TemplateEvent) -> Result<()> {
        match event {
            TemplateEvent::Status { status, reason, .. } => {
                self.engine.template_status(name, language, status, reason.as_deref()).await
            }
            TemplateEvent::Quality { quality, .. } => {
                self.engine.template_quality(name, language, quality).await
            }
            TemplateEvent::Category { category, .. } => {
                self.engine.template_category(name, language, category).await
            }
            TemplateEvent::CategoryAnnounced { .. }
            | TemplateEvent::Misclassified { .. }
            | TemplateEvent::Components { .. } => Ok(()),
        }
    }
}
