//! Names of things. An id is opaque text: it identifies within one account and says nothing of a person.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);
        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl From<String> for $name { fn from(v: String) -> Self { Self(v) } }
        impl From<&str> for $name { fn from(v: &str) -> Self { Self(v.to_owned()) } }
        impl From<$name> for String { fn from(v: $name) -> Self { v.0 } }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
    )* };
}

id! {
    /// A contact: one data subject of the account.
    PersonId,
    /// A message that the engine took responsibility for.
    MessageId,
    /// A campaign.
    CampaignId,
    /// A version of a privacy notice.
    NoticeId,
}
