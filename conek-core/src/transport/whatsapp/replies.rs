//! A message's content, of either side.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::loose::{Raw, id, string, time, typed, word};
use crate::{transport::Reply, values::time::Timestamp};

/// A message as it stands in a list.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow, default)]
    pub(super) id: Raw<'a>,
    #[serde(borrow, default)]
    pub(super) from: Raw<'a>,
    #[serde(borrow, default)]
    pub(super) from_user_id: Raw<'a>,
    #[serde(borrow, default)]
    pub(super) timestamp: Raw<'a>,
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Raw<'a>,
    #[serde(borrow, default)]
    pub(super) context: Raw<'a>,
    #[serde(borrow, default)]
    text: Raw<'a>,
    #[serde(borrow, default)]
    button: Raw<'a>,
    #[serde(borrow, default)]
    interactive: Raw<'a>,
    #[serde(borrow, default)]
    reaction: Raw<'a>,
    #[serde(borrow, default)]
    image: Raw<'a>,
    #[serde(borrow, default)]
    document: Raw<'a>,
    #[serde(borrow, default)]
    audio: Raw<'a>,
    #[serde(borrow, default)]
    video: Raw<'a>,
    #[serde(borrow, default)]
    sticker: Raw<'a>,
    /// Of a `system` message.
    #[serde(borrow, default)]
    pub(super) system: Raw<'a>,
    #[serde(borrow, default)]
    pub(super) identity: Raw<'a>,
    /// Of a message of the business.
    #[serde(borrow, default)]
    pub(super) to: Raw<'a>,
    #[serde(borrow, default)]
    pub(super) to_user_id: Raw<'a>,
    #[serde(borrow, default)]
    pub(super) history_context: Raw<'a>,
}

/// Whatever stands inside the part of a message that its type names.
#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    id: Raw<'a>,
    #[serde(borrow, default)]
    body: Raw<'a>,
    #[serde(borrow, default)]
    text: Raw<'a>,
    #[serde(borrow, default)]
    payload: Raw<'a>,
    #[serde(borrow, default)]
    title: Raw<'a>,
    #[serde(borrow, default)]
    emoji: Raw<'a>,
    #[serde(borrow, default)]
    message_id: Raw<'a>,
    #[serde(borrow, default)]
    mime_type: Raw<'a>,
    #[serde(borrow, default)]
    caption: Raw<'a>,
    #[serde(borrow, default)]
    button_reply: Raw<'a>,
    #[serde(borrow, default)]
    list_reply: Raw<'a>,
}

impl Message<'_> {
    /// Its id, when it was written, and what it says; kinds without a type of their own as they are.
    pub(super) fn said(&self, raw: &RawValue) -> Option<(String, Timestamp, Reply)> {
        let kind = string(self.kind).unwrap_or_default();
        let said = reply(self, &kind).unwrap_or_else(|| Reply::Other { kind, json: raw.get().to_owned() });
        Some((word(self.id)?, time(self.timestamp), said))
    }
}

/// The message that this one answers.
pub(super) fn answered(context: Raw<'_>) -> Option<String> {
    typed::<Part>(context).and_then(|c| word(c.id).or_else(|| word(c.message_id)))
}

fn reply(message: &Message<'_>, kind: &str) -> Option<Reply> {
    match kind {
        "text" => Some(Reply::Text { body: string(typed::<Part>(message.text)?.body)? }),
        "button" => {
            let part: Part = typed(message.button)?;
            let title = string(part.text).unwrap_or_default();
            Some(Reply::Choice { id: string(part.payload).unwrap_or_else(|| title.clone()), title })
        }
        "interactive" => {
            let part: Part = typed(message.interactive)?;
            let chosen: Part = typed(part.button_reply.or(part.list_reply))?;
            Some(Reply::Choice { id: string(chosen.id)?, title: string(chosen.title).unwrap_or_default() })
        }
        "reaction" => {
            let part: Part = typed(message.reaction)?;
            Some(Reply::Reaction {
                message_id: word(part.message_id)?,
                emoji: string(part.emoji).unwrap_or_default(),
            })
        }
        "image" => media(kind, message.image),
        "document" => media(kind, message.document),
        "audio" => media(kind, message.audio),
        "video" => media(kind, message.video),
        "sticker" => media(kind, message.sticker),
        _ => None,
    }
}

fn media(kind: &str, raw: Raw<'_>) -> Option<Reply> {
    let part: Part = typed(raw)?;
    Some(Reply::Media {
        kind: kind.to_owned(),
        media_id: id(part.id)?,
        mime: string(part.mime_type).unwrap_or_default(),
        caption: word(part.caption),
    })
}
