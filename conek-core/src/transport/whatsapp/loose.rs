//! Pieces of JSON in the many shapes in which WhatsApp sends them.

use std::{collections::HashMap, fmt};

use chrono::DateTime;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::value::RawValue;

use crate::values::time::Timestamp;

/// A piece of the body, as it was written.
pub(super) type Raw<'a> = Option<&'a RawValue>;

/// The typed form of a piece, where it has that form.
pub(super) fn typed<'a, T: Deserialize<'a>>(raw: Raw<'a>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

/// The elements of an array, each as it was written; `None` when the piece is no array.
pub(super) fn array<'a>(raw: Raw<'a>) -> Option<Vec<&'a RawValue>> {
    typed(raw)
}

/// The things in a list; an object that stands alone is a list of one.
pub(super) fn items(raw: &RawValue) -> Vec<&RawValue> {
    let alone = || if raw.get().starts_with('{') { vec![raw] } else { Vec::new() };
    array(Some(raw)).unwrap_or_else(alone)
}

/// The first element of an array.
pub(super) fn first<'a>(raw: Raw<'a>) -> Raw<'a> {
    array(raw)?.into_iter().next()
}

/// The text of a string, also of one that holds half a surrogate pair; that half becomes U+FFFD.
pub(super) fn string(raw: Raw<'_>) -> Option<String> {
    let text = raw?.get();
    // Nearly every string has no escape: then it stands there already.
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(inner.to_owned());
    }
    match serde_json::from_str::<String>(text) {
        Ok(text) => Some(text),
        Err(_) => serde_json::from_str::<Lossy>(text).ok().map(|lossy| lossy.0),
    }
}

/// A text that says something.
pub(super) fn word(raw: Raw<'_>) -> Option<String> {
    string(raw).filter(|text| !text.is_empty())
}

/// An id: a string, or a number written as one.
pub(super) fn id(raw: Raw<'_>) -> Option<String> {
    word(raw).or_else(|| {
        let digits = raw?.get();
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.to_owned())
    })
}

/// A whole number: a number, or a string that holds one.
pub(super) fn integer(raw: Raw<'_>) -> Option<i64> {
    raw?.get().trim_matches('"').parse().ok()
}

/// What stands for a moment that cannot be read: old enough to prove nothing new.
pub(super) const NO_TIME: Timestamp = DateTime::UNIX_EPOCH;

/// A moment in seconds, or in milliseconds when it is that large; [`NO_TIME`] outside 2009 to 2100.
pub(super) fn time(raw: Raw<'_>) -> Timestamp {
    moment(integer(raw))
}

/// The same of a number that is read already.
pub(super) fn moment(number: Option<i64>) -> Timestamp {
    const WHATSAPP_BEGAN: i64 = 1_230_768_000;
    const YEAR_2100: i64 = 4_102_444_800;
    let moment = match number {
        Some(seconds @ WHATSAPP_BEGAN..=YEAR_2100) => DateTime::from_timestamp(seconds, 0),
        Some(millis) if (WHATSAPP_BEGAN..=YEAR_2100).contains(&(millis / 1000)) => {
            DateTime::from_timestamp_millis(millis)
        }
        _ => None,
    };
    moment.unwrap_or(NO_TIME)
}

/// A person as two identifiers, either of which can be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) wa_id: Option<String>,
    pub(super) user_id: Option<String>,
}

impl Identity {
    /// From a field for a WhatsApp id and one for a business-scoped id. The first sometimes holds the second.
    pub(super) fn of(number: Option<String>, user: Option<String>) -> Self {
        let is_number = |text: &String| text.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit());
        match number {
            Some(number) if is_number(&number) => {
                let digits = number.trim_start_matches('+');
                let wa_id = if digits.len() == number.len() { number } else { digits.to_owned() };
                Self { wa_id: Some(wa_id).filter(|n| !n.is_empty()), user_id: user }
            }
            Some(bsuid) if bsuid.contains('.') => Self { wa_id: None, user_id: user.or(Some(bsuid)) },
            _ => Self { wa_id: None, user_id: user },
        }
    }
    fn keys(&self) -> impl Iterator<Item = &String> {
        [&self.wa_id, &self.user_id].into_iter().flatten()
    }
    pub(super) fn is_empty(&self) -> bool {
        self.wa_id.is_none() && self.user_id.is_none()
    }
}

/// So many contacts are looked through; more are looked up, so that a hostile list costs no square.
const FEW: usize = 8;

/// The `contacts` beside messages, statuses and preferences, found by either identifier.
#[derive(Default)]
pub(super) struct Contacts {
    all: Vec<Contact>,
    by_id: HashMap<String, usize>,
}

#[derive(Clone, Default)]
pub(super) struct Contact {
    pub(super) identity: Identity,
    pub(super) name: Option<String>,
}

impl Contacts {
    pub(super) fn read(raw: Raw<'_>) -> Self {
        #[derive(serde::Deserialize)]
        struct Fields<'a> {
            #[serde(borrow, default)]
            wa_id: Raw<'a>,
            #[serde(borrow, default)]
            user_id: Raw<'a>,
            #[serde(borrow, default)]
            profile: Raw<'a>,
        }
        #[derive(serde::Deserialize)]
        struct Profile<'a> {
            #[serde(borrow, default)]
            name: Raw<'a>,
        }
        let mut contacts = Self::default();
        for raw in array(raw).unwrap_or_default() {
            let Some(fields) = typed::<Fields>(Some(raw)) else { continue };
            let identity = Identity::of(id(fields.wa_id), word(fields.user_id));
            let name = typed::<Profile>(fields.profile).and_then(|p| word(p.name));
            contacts.all.push(Contact { identity, name });
        }
        if contacts.all.len() > FEW {
            for (i, contact) in contacts.all.iter().enumerate() {
                for key in contact.identity.keys() {
                    contacts.by_id.entry(key.clone()).or_insert(i);
                }
            }
        }
        contacts
    }

    /// The contact that an identity belongs to; the only one when the identity says nothing.
    pub(super) fn find(&self, identity: &Identity) -> Option<&Contact> {
        if self.all.is_empty() {
            return None;
        }
        if identity.is_empty() {
            return if self.all.len() == 1 { self.all.first() } else { None };
        }
        let place = identity.keys().find_map(|key| match self.all.len() {
            0..=FEW => self.all.iter().position(|c| c.identity.keys().any(|k| k == key)),
            _ => self.by_id.get(key).copied(),
        });
        place.and_then(|i| self.all.get(i))
    }

    /// The identity with what its contact knows beside it.
    pub(super) fn complete(&self, identity: Identity) -> (Identity, Option<String>) {
        match self.find(&identity) {
            None => (identity, None),
            Some(contact) => {
                let Contact { identity: known, name } = contact.clone();
                let wa_id = identity.wa_id.or(known.wa_id);
                let user_id = identity.user_id.or(known.user_id);
                (Identity { wa_id, user_id }, name)
            }
        }
    }
}

struct Lossy(String);

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Lossy;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Lossy, E> {
                Ok(Lossy(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
