//! The fields of each section.

use super::{Field, Kind, Schema};

const fn f(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, about }
}

const ID: Field = f("id", Kind::Text, "Its id in the business's records.");
const PURPOSE: Field = f("purpose", Kind::Text, "What the data were used for.");

/// Who the person is to the business.
pub const PERSON: Schema = Schema {
    name: "person",
    title: "Person",
    about: "What the business holds about who you are and how to reach you.",
    fields: &[
        ID,
        f("name", Kind::Text, "The name."),
        f("phone", Kind::Text, "The phone number, E.164."),
        f("bsuids", Kind::List, "WhatsApp's ids of the person at the business."),
        f("language", Kind::Text, "The language, BCP 47."),
        f("country", Kind::Text, "The country, ISO 3166-1 alpha-2."),
        f("zone", Kind::Text, "The time zone, IANA."),
        f("attributes", Kind::Object, "What else the business noted, by name."),
        f("provenance", Kind::Mixed, "Where the data come from."),
        f("consents", Kind::List, "Where consent stands, by purpose."),
        f("objections", Kind::List, "What the person objected to."),
        f("suppressed", Kind::Truth, "Whether the number is on the list of those who get no marketing."),
        f("restricted", Kind::Truth, "Whether the use of the data is restricted."),
        f("born", Kind::Day, "The latest day of birth that fits what is known."),
        f("statements", Kind::List, "What the person says of data that they contest."),
        f("last_inbound_at", Kind::Time, "When the person last wrote."),
        f("created_at", Kind::Time, "When the record was made."),
    ],
};

/// What the business sent, or decided not to.
pub const MESSAGES: Schema = Schema {
    name: "messages",
    title: "Messages to the person",
    about: "Messages that the business sent or meant to send to the person.",
    fields: &[
        ID,
        PURPOSE,
        f("sender", Kind::Text, "The id of the number that sent."),
        f("campaign", Kind::Text, "The campaign it belongs to."),
        f("content", Kind::Mixed, "What it said."),
        f("state", Kind::Text, "What became of it."),
        f("decision", Kind::Mixed, "Why it was or was not allowed."),
        f("attempts", Kind::Whole, "How often a send was tried."),
        f("wamid", Kind::Text, "WhatsApp's id of it."),
        f("error_code", Kind::Whole, "WhatsApp's error code."),
        f("created_at", Kind::Time, "When it was queued."),
        f("due_at", Kind::Time, "When it is due."),
        f("sent_at", Kind::Time, "When WhatsApp sent it on."),
        f("delivered_at", Kind::Time, "When it reached the phone."),
        f("read_at", Kind::Time, "When it was opened."),
        f("failed_at", Kind::Time, "When it failed."),
    ],
};

/// What the person wrote.
pub const RECEIVED: Schema = Schema {
    name: "received",
    title: "Messages from the person",
    about: "Messages that the person sent to the business.",
    fields: &[
        ID,
        f("wamid", Kind::Text, "WhatsApp's id of it."),
        f("number", Kind::Text, "The id of the number that received it."),
        f("kind", Kind::Text, "What kind of message it is."),
        f("text", Kind::Text, "What it says."),
        f("content", Kind::Mixed, "What else it holds."),
        f("replies_to", Kind::Text, "The message that it answers."),
        f("sent_at", Kind::Time, "When it was sent."),
        f("received_at", Kind::Time, "When it was received."),
    ],
};

/// What the person agreed to, refused and withdrew.
pub const CONSENTS: Schema = Schema {
    name: "consents",
    title: "Consents",
    about: "What the person agreed to, refused and withdrew, with the evidence.",
    fields: &[
        ID,
        PURPOSE,
        f("status", Kind::Text, "Where consent stood from then on."),
        f("source", Kind::Text, "By what way."),
        f("by", Kind::Text, "Who acted."),
        f("evidence", Kind::Mixed, "What proves it."),
        f("notice", Kind::Text, "The privacy notice that it was given under."),
        f("goods", Kind::List, "The goods or services that it covers; none named: any."),
        f("channels", Kind::List, "The channels that it covers; none named: WhatsApp."),
        f("acted_at", Kind::Time, "When the person acted."),
        f("interacted_at", Kind::Time, "When the person had the text before them."),
        f("confirmed_at", Kind::Time, "When it was confirmed."),
        f("recorded_at", Kind::Time, "When it was recorded."),
        f("valid_until", Kind::Time, "When it ends by itself."),
    ],
};

/// Objections, restrictions, demands, agreements.
pub const DECLARATIONS: Schema = Schema {
    name: "declarations",
    title: "Declarations",
    about: "Objections, restrictions, demands and agreements of the person.",
    fields: &[
        ID,
        f("statement", Kind::Mixed, "What was declared."),
        f("source", Kind::Text, "By what way."),
        f("by", Kind::Text, "Who declared it."),
        f("evidence", Kind::Mixed, "What proves it."),
        f("acted_at", Kind::Time, "When the person acted."),
        f("recorded_at", Kind::Time, "When it was recorded."),
    ],
};

/// What WhatsApp told of messages on their way.
pub const DELIVERIES: Schema = Schema {
    name: "deliveries",
    title: "Delivery reports",
    about: "What WhatsApp reported of messages to the person.",
    fields: &[
        ID,
        f("message", Kind::Text, "The id of the message."),
        f("wamid", Kind::Text, "WhatsApp's id of the message."),
        f("status", Kind::Text, "What was reported."),
        f("error_code", Kind::Whole, "WhatsApp's error code."),
        f("at", Kind::Time, "When it happened."),
        f("received_at", Kind::Time, "When it was reported."),
    ],
};

/// What else happened.
pub const EVENTS: Schema = Schema {
    name: "events",
    title: "Events",
    about: "What happened with the person's data, and what the person did.",
    fields: &[
        ID,
        f("kind", Kind::Text, "What happened."),
        f("at", Kind::Time, "When it happened."),
        f("actor", Kind::Mixed, "Who did it."),
        f("details", Kind::Mixed, "What more is known of it."),
    ],
};

/// The privacy notices the person was shown.
pub const NOTICES: Schema = Schema {
    name: "notices",
    title: "Privacy notices",
    about: "The privacy notices that the person was shown.",
    fields: &[
        ID,
        f("version", Kind::Whole, "1, 2, ... for each language."),
        f("language", Kind::Text, "The language, BCP 47."),
        f("title", Kind::Text, "Its title."),
        f("text", Kind::Text, "Its whole text."),
        f("summary", Kind::Text, "What changed since the version before."),
        f("sha256", Kind::Text, "SHA-256 of it, hexadecimal."),
        f("effective_from", Kind::Time, "From when it held."),
        f("published_at", Kind::Time, "When it was published."),
        f("presented_at", Kind::Time, "When the person was shown it."),
    ],
};

/// To whom the data went.
pub const DISCLOSURES: Schema = Schema {
    name: "disclosures",
    title: "Disclosures",
    about: "To whom the person's data went, what for and on what basis.",
    fields: &[
        ID,
        f("recipient", Kind::Text, "Who got the data."),
        f("recipient_class", Kind::Text, "What kind of recipient it is."),
        PURPOSE,
        f("categories", Kind::List, "Which kinds of data."),
        f("provision", Kind::Text, "The provision that it rests on."),
        f("contract", Kind::Text, "The contract with a service provider."),
        f("legal_reference", Kind::Text, "The law, order or request that an authority relied on."),
        f("first_at", Kind::Time, "The first time."),
        f("last_at", Kind::Time, "The last time."),
        f("count", Kind::Whole, "How often."),
    ],
};

/// What the person asked for before.
pub const REQUESTS: Schema = Schema {
    name: "requests",
    title: "Requests",
    about: "What the person asked about their data, and what was done.",
    fields: &[
        ID,
        f("rights", Kind::List, "Which rights, and where each stands."),
        f("state", Kind::Text, "Where the request stands."),
        f("channel", Kind::Text, "By what way it came."),
        f("identity", Kind::Text, "Whether it is known who asks."),
        f("details", Kind::Text, "What the person wrote."),
        f("corrections", Kind::Object, "What is wrong and what would be right."),
        f("steps", Kind::List, "What was done about it."),
        f("received_at", Kind::Time, "When it was received."),
        f("due_at", Kind::Time, "When the answer is due."),
        f("extended_at", Kind::Time, "When the person was told that it takes longer."),
        f("ended_at", Kind::Time, "When it ended."),
    ],
};

/// Anything else.
pub const OTHER: Schema = Schema {
    name: "other",
    title: "Other data",
    about: "Data of the person that belong to no other section.",
    fields: &[
        ID,
        f("kind", Kind::Text, "What it is."),
        f("details", Kind::Mixed, "What it says."),
        f("at", Kind::Time, "When it happened."),
        f("created_at", Kind::Time, "When the record was made."),
    ],
};
