//! Calls become events of whoever called or was called; a person's own call opens the window, as their message does.

use super::{CLOCKS_DIFFER, Work};
use crate::{
    inbound::Happening,
    transport::{CallEvent, Update},
    values::error::Result,
};

impl Work<'_> {
    pub(super) async fn call(&mut self, update: &Update) -> Result<()> {
        let Update::Call { number, call, wa_id, user_id, profile_name, at, event } = update else {
            return Ok(());
        };
        let at = self.moment(*at).min(self.now + CLOCKS_DIFFER);
        let happening = Happening::Call { number: number.clone(), call: call.clone(), event: event.clone() };
        let person = self.writer(wa_id.as_deref(), user_id.as_deref(), profile_name.as_deref()).await?;
        let Some(person) = person else {
            // Nobody is named: kept whole.
            return self.tell(None, at, happening).await;
        };
        let theirs = matches!(event, CallEvent::Connect { by_business: false, .. });
        if let Some(p) = self.people.get_mut(person.as_str()).filter(|_| theirs) {
            let last = p.value.inbound.entry(number.clone()).or_insert(at);
            *last = (*last).max(at);
            p.dirty = true;
        }
        self.event(Some(person), None, at, happening)
    }
}
