//! The `value` of a change: the lists that hold its updates, and what stands around them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::loose::{Contacts, Raw, id, items, typed};
use crate::transport::Update;

/// What stands around the lists of a `value`.
pub(super) struct Around {
    pub(super) phone_number_id: String,
    /// The number as people see it.
    pub(super) display: Option<String>,
    pub(super) contacts: Contacts,
}

impl Around {
    pub(super) fn read(metadata: Raw<'_>, contacts: Raw<'_>) -> Self {
        #[derive(Deserialize)]
        struct Metadata<'a> {
            #[serde(borrow, default)]
            phone_number_id: Raw<'a>,
            #[serde(borrow, default)]
            display_phone_number: Raw<'a>,
        }
        let metadata: Option<Metadata> = typed(metadata);
        let display = metadata.as_ref().and_then(|m| id(m.display_phone_number));
        let phone_number_id = metadata.and_then(|m| id(m.phone_number_id)).unwrap_or_default();
        Self { phone_number_id, display, contacts: Contacts::read(contacts) }
    }
}

/// One update for each entry of the lists that `read` knows, in their order. What it cannot read, and every entry of
/// another list but those in `beside`, is kept whole.
pub(super) fn each(
    field: &str,
    value: &RawValue,
    lists: &[&str],
    beside: &[&str],
    updates: &mut Vec<Update>,
    mut read: impl FnMut(&str, &RawValue, &Around) -> Option<Update>,
) {
    let Some(members) = typed::<Members>(Some(value)) else { return };
    let around = Around::read(members.find("metadata"), members.find("contacts"));
    for (name, list) in &members.0 {
        match name.as_ref() {
            "metadata" | "contacts" | "messaging_product" => {}
            name if beside.contains(&name) => {}
            name if lists.contains(&name) => {
                for raw in items(list) {
                    updates.push(read(name, raw, &around).unwrap_or_else(|| unknown(field, raw.get())));
                }
            }
            other => {
                let field = format!("{field}.{other}");
                updates.extend(items(list).into_iter().map(|raw| unknown(&field, raw.get())));
            }
        }
    }
}

/// An update that is kept whole.
pub(super) fn unknown(field: &str, json: &str) -> Update {
    Update::Unknown { field: field.to_owned(), json: json.to_owned() }
}

/// The members of an object in their order, doubles included.
pub(super) struct Members<'a>(pub(super) Vec<(std::borrow::Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    pub(super) fn find(&self, name: &str) -> Raw<'a> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| *value)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> serde::de::Visitor<'de> for Walk<'a> {
            type Value = Members<'a>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: serde::de::MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::with_capacity(4);
                while let Some(key) = map.next_key::<Key<'a>>()? {
                    members.push((key.0, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Walk(std::marker::PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>);
