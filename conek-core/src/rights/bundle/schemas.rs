//! What each section of a bundle is made of: published as JSON Schema, and the order of the columns.

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{PORTABLE, REASON};

mod tables;
pub use tables::{
    CONSENTS, DECLARATIONS, DELIVERIES, DISCLOSURES, EVENTS, MESSAGES, NOTICES, OTHER, PERSON, RECEIVED,
    REQUESTS,
};

/// Where the schemas are published.
const BASE: &str = "https://conek.dev/schemas/export/v1/";

/// What a field holds; each may also be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Text.
    Text,
    /// A moment, RFC 3339.
    Time,
    /// A day, `YYYY-MM-DD`.
    Day,
    /// A whole number.
    Whole,
    /// Yes or no.
    Truth,
    /// A list.
    List,
    /// An object.
    Object,
    /// Text or an object.
    Mixed,
}

impl Kind {
    fn types(self) -> &'static [&'static str] {
        match self {
            Self::Text | Self::Time | Self::Day => &["string", "null"],
            Self::Whole => &["integer", "null"],
            Self::Truth => &["boolean", "null"],
            Self::List => &["array", "null"],
            Self::Object => &["object", "null"],
            Self::Mixed => &["string", "object", "null"],
        }
    }
    fn format(self) -> Option<&'static str> {
        match self {
            Self::Time => Some("date-time"),
            Self::Day => Some("date"),
            _ => None,
        }
    }
}

/// A field that a section's items may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it means, in English.
    pub about: &'static str,
}

/// What the items of a section look like. Items may have further fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The last part of its address.
    pub name: &'static str,
    /// Its English title.
    pub title: &'static str,
    /// What the items are, in English.
    pub about: &'static str,
    /// The known fields, in the order of the columns.
    pub fields: &'static [Field],
}

impl Schema {
    #[cfg(test)]
    /// The schema for a section of this name; [`OTHER`] for a name of the host's own.
    pub fn of(section: &str) -> &'static Self {
        ALL.iter().find(|s| s.name == section).unwrap_or(&OTHER)
    }
    /// Its `$id`.
    pub fn id(&self) -> String {
        format!("{BASE}{}.json", self.name)
    }
    /// As JSON Schema 2020-12.
    pub fn json(&self) -> String {
        let document = Document {
            schema: "https://json-schema.org/draft/2020-12/schema",
            id: self.id(),
            title: self.title,
            description: self.about,
            kind: "array",
            items: Items {
                kind: "object",
                properties: self.fields,
                required: [PORTABLE, REASON],
                additional_properties: true,
            },
        };
        // Strings and lists of strings always serialize.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }
    pub(super) fn kind(&self, field: &str) -> Option<Kind> {
        self.fields.iter().find(|f| f.name == field).map(|f| f.kind)
    }
}

#[derive(Serialize)]
struct Document {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "$id")]
    id: String,
    title: &'static str,
    description: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    items: Items,
}

#[derive(Serialize)]
struct Items {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(serialize_with = "properties")]
    properties: &'static [Field],
    required: [&'static str; 2],
    #[serde(rename = "additionalProperties")]
    additional_properties: bool,
}

#[derive(Serialize)]
struct Property {
    #[serde(rename = "type")]
    types: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    description: &'static str,
}

#[derive(Serialize)]
struct Flag {
    #[serde(rename = "type")]
    kind: &'static str,
    description: &'static str,
}

fn properties<S: Serializer>(fields: &[Field], to: S) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(fields.len() + 2))?;
    for f in fields {
        let property = Property { types: f.kind.types(), format: f.kind.format(), description: f.about };
        map.serialize_entry(f.name, &property)?;
    }
    let flag = Flag { kind: "boolean", description: "Whether the right to portability covers the item." };
    map.serialize_entry(PORTABLE, &flag)?;
    map.serialize_entry(REASON, &Flag { kind: "string", description: "Why it does or does not." })?;
    map.end()
}

#[cfg(test)]
/// Every schema, in the order in which sections are best written.
pub const ALL: [Schema; 11] = [
    PERSON,
    MESSAGES,
    RECEIVED,
    CONSENTS,
    DECLARATIONS,
    DELIVERIES,
    EVENTS,
    NOTICES,
    DISCLOSURES,
    REQUESTS,
    OTHER,
];
