//! The fields of the WhatsApp Business app beside the Cloud API.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{code, part, small, text, when};
use crate::{
    transport::{
        AppEvent, HistoryChat, HistoryMessage, Update,
        whatsapp::{
            around::Around,
            loose::{Identity, NO_TIME, Raw, array, id, typed, word},
            replies::Message,
            webhook::Origin,
        },
    },
    values::phone::digits,
};

/// An entry of `message_echoes`.
pub(super) fn sent(raw: &RawValue, around: &Around) -> Option<Update> {
    let message: Message = typed(Some(raw))?;
    let (wamid, at, said) = message.said(raw)?;
    let to = Identity::of(id(message.to), word(message.to_user_id));
    let (to, _) = around.contacts.complete(to);
    Some(about(around, to, at, AppEvent::Sent { wamid, said }))
}

/// An entry of `state_sync`.
pub(super) fn contact(v: &Value, around: &Around, of: &Origin) -> Option<Update> {
    let contact = part(v, "contact").filter(|_| text(v, "type").is_none_or(|kind| kind == "contact"))?;
    let removed = match text(v, "action")?.to_ascii_lowercase().as_str() {
        "remove" => true,
        "add" | "edit" => false,
        _ => return None,
    };
    let person = Identity::of(text(contact, "phone_number"), text(contact, "user_id"));
    let at = part(v, "metadata").and_then(|m| when(m, "timestamp")).unwrap_or(of.at);
    let event = AppEvent::Contact {
        name: text(contact, "full_name"),
        first_name: text(contact, "first_name"),
        username: text(contact, "username"),
        removed,
    };
    Some(about(around, person, at, event))
}

/// An entry of `history`. Every message in it must be readable, or it is kept whole.
pub(super) fn history(raw: &RawValue, around: &Around, of: &Origin) -> Option<Update> {
    #[derive(Deserialize)]
    struct Piece<'a> {
        #[serde(borrow, default)]
        metadata: Raw<'a>,
        #[serde(borrow, default)]
        threads: Raw<'a>,
        #[serde(borrow, default)]
        errors: Raw<'a>,
    }
    let piece: Piece = typed(Some(raw))?;
    let at: Value = match piece.metadata {
        None => Value::Null,
        metadata => typed(metadata)?,
    };
    let errors: Value = match piece.errors {
        None => Value::Null,
        errors => typed(errors)?,
    };
    let chats = match piece.threads {
        None => Vec::new(),
        threads => array(threads)?.into_iter().map(|t| chat(t, around)).collect::<Option<_>>()?,
    };
    let event = AppEvent::History {
        phase: small(&at, "phase"),
        chunk: small(&at, "chunk_order"),
        progress: small(&at, "progress"),
        chats,
        code: code(&serde_json::json!({ "errors": errors })),
    };
    match &event {
        // Neither a place in the history nor a reason why there is none.
        AppEvent::History { phase: None, chunk: None, progress: None, chats, code: None }
            if chats.is_empty() =>
        {
            None
        }
        _ => Some(about(around, Identity::default(), of.at, event)),
    }
}

fn chat(raw: &RawValue, around: &Around) -> Option<HistoryChat> {
    #[derive(Deserialize)]
    struct Thread<'a> {
        #[serde(borrow, default)]
        id: Raw<'a>,
        #[serde(borrow, default)]
        context: Raw<'a>,
        #[serde(borrow, default)]
        messages: Raw<'a>,
    }
    let thread: Thread = typed(Some(raw))?;
    let context: Value = match thread.context {
        None => Value::Null,
        context => typed(context)?,
    };
    let number = id(thread.id).or_else(|| text(&context, "wa_id"));
    let Identity { wa_id, user_id } = Identity::of(number, text(&context, "user_id"));
    let messages = match thread.messages {
        None => Vec::new(),
        messages => array(messages)?
            .into_iter()
            .map(|m| {
                let message: Message = typed(Some(m))?;
                // Only what the business wrote says to whom, where the numbers do not tell.
                let from = id(message.from);
                let by_business = match (&from, &around.display) {
                    (Some(from), Some(display)) => digits(from) == digits(display),
                    _ => message.to.is_some() || message.to_user_id.is_some(),
                };
                past(m, &message, by_business)
            })
            .collect::<Option<_>>()?,
    };
    Some(HistoryChat { wa_id, user_id, username: text(&context, "username"), messages })
}

fn past(raw: &RawValue, message: &Message<'_>, by_business: bool) -> Option<HistoryMessage> {
    let context: Value = match message.history_context {
        None => Value::Null,
        context => typed(context)?,
    };
    let (wamid, at, said) = message.said(raw)?;
    Some(HistoryMessage { wamid, by_business, at, status: super::upper(&context, "status"), said })
}

/// The file of a message that the history told of before.
pub(super) fn file(raw: &RawValue, by_business: bool, around: &Around, of: &Origin) -> Option<Update> {
    let message: Message = typed(Some(raw))?;
    let person = match by_business {
        true => Identity::of(id(message.to), word(message.to_user_id)),
        false => Identity::of(id(message.from), word(message.from_user_id)),
    };
    let (person, _) = around.contacts.complete(person);
    let message = past(raw, &message, by_business)?;
    let at = Some(message.at).filter(|at| *at != NO_TIME).unwrap_or(of.at);
    Some(about(around, person, at, AppEvent::HistoryFile { message }))
}

fn about(around: &Around, person: Identity, at: crate::Timestamp, event: AppEvent) -> Update {
    let Identity { wa_id, user_id } = person;
    Update::App { number: around.phone_number_id.clone(), wa_id, user_id, at, event }
}
