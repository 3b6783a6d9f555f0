//! The Cloud API's JSON for what leaves, borrowed from the message.

use serde::{Serialize, Serializer};

use crate::{
    messaging::{Button, Content, Header, ListRow, ListSection, Media, Parameter, TemplateButton},
    transport::{Address, Outgoing},
};

/// The body of `POST /{phone-number-id}/messages`.
#[derive(Serialize)]
pub(super) struct Request<'a> {
    messaging_product: &'static str,
    recipient_type: &'static str,
    // Only one of the two: `to` would win over `recipient`.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    biz_opaque_callback_data: &'a str,
    #[serde(flatten)]
    kind: Kind<'a>,
}

#[derive(Serialize)]
struct Context<'a> {
    message_id: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind<'a> {
    Text { text: Text<'a> },
    Template { template: Template<'a> },
    Image { image: File<'a> },
    Document { document: File<'a> },
    Interactive { interactive: Interactive<'a> },
    Reaction { reaction: Reaction<'a> },
}

#[derive(Serialize)]
struct Text<'a> {
    body: &'a str,
    preview_url: bool,
}

#[derive(Serialize)]
struct Reaction<'a> {
    message_id: &'a str,
    emoji: &'a str,
}

#[derive(Serialize, Default)]
struct File<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'a str>,
}

#[derive(Serialize)]
struct Template<'a> {
    name: &'a str,
    language: Language<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Component<'a>>,
}

#[derive(Serialize)]
struct Language<'a> {
    policy: &'static str,
    code: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Component<'a> {
    Header {
        parameters: [Value<'a>; 1],
    },
    Body {
        parameters: Vec<Value<'a>>,
    },
    Button {
        sub_type: &'a str,
        #[serde(serialize_with = "as_text")]
        index: i32,
        parameters: [Value<'a>; 1],
    },
}

/// A template's parameter; also what stands above an interactive message.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Value<'a> {
    Text {
        #[serde(skip_serializing_if = "str::is_empty")]
        parameter_name: &'a str,
        text: &'a str,
    },
    Payload {
        payload: &'a str,
    },
    Image {
        image: File<'a>,
    },
    Document {
        document: File<'a>,
    },
}

#[derive(Serialize)]
struct Interactive<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<Value<'a>>,
    body: Words<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    footer: Option<Words<'a>>,
    action: Choices<'a>,
}

#[derive(Serialize)]
struct Words<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Choices<'a> {
    Buttons { buttons: Vec<Reply<'a>> },
    List { button: &'a str, sections: Vec<Section<'a>> },
}

#[derive(Serialize)]
struct Reply<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    reply: Choice<'a>,
}

#[derive(Serialize)]
struct Choice<'a> {
    id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

#[derive(Serialize)]
struct Section<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    rows: Vec<Choice<'a>>,
}

/// The body that marks a message as read.
#[derive(Serialize)]
pub(super) struct MarkRead<'a> {
    messaging_product: &'static str,
    status: &'static str,
    message_id: &'a str,
}

impl<'a> MarkRead<'a> {
    pub(super) fn new(message_id: &'a str) -> Self {
        Self { messaging_product: "whatsapp", status: "read", message_id }
    }
}

impl<'a> Request<'a> {
    pub(super) fn new(message: &'a Outgoing) -> Self {
        let (to, recipient) = match &message.to {
            Address::Phone { number } => (Some(number.as_str()), None),
            Address::Bsuid { id } => (None, Some(id.as_str())),
        };
        Self {
            messaging_product: "whatsapp",
            recipient_type: "individual",
            to,
            recipient,
            context: message.reply_to.as_deref().map(|message_id| Context { message_id }),
            biz_opaque_callback_data: &message.echo,
            kind: kind(&message.content),
        }
    }
}

fn kind(content: &Content) -> Kind<'_> {
    match content {
        Content::Text { body, preview_url } => Kind::Text { text: Text { body, preview_url: *preview_url } },
        Content::Template { name, language, header, body, buttons } => Kind::Template {
            template: Template {
                name,
                language: Language { policy: "deterministic", code: language },
                components: components(header.as_ref(), body, buttons),
            },
        },
        Content::Image { media, caption } => {
            Kind::Image { image: File { caption: caption.as_deref(), ..file(media) } }
        }
        Content::Document { media, caption, filename } => Kind::Document {
            document: File { caption: caption.as_deref(), filename: filename.as_deref(), ..file(media) },
        },
        Content::Buttons { body, header, footer, buttons } => Kind::Interactive {
            interactive: Interactive {
                kind: "button",
                header: header.as_ref().map(above),
                body: Words { text: body },
                footer: footer.as_deref().map(|text| Words { text }),
                action: Choices::Buttons { buttons: buttons.iter().map(reply).collect() },
            },
        },
        Content::List { body, header, footer, button, sections } => Kind::Interactive {
            interactive: Interactive {
                kind: "list",
                header: header.as_deref().map(text),
                body: Words { text: body },
                footer: footer.as_deref().map(|text| Words { text }),
                action: Choices::List { button, sections: sections.iter().map(section).collect() },
            },
        },
        Content::Reaction { message_id, emoji } => {
            Kind::Reaction { reaction: Reaction { message_id, emoji } }
        }
    }
}

fn components<'a>(
    header: Option<&'a Header>,
    body: &'a [Parameter],
    buttons: &'a [TemplateButton],
) -> Vec<Component<'a>> {
    let mut out = Vec::with_capacity(2 + buttons.len());
    out.extend(header.map(|h| Component::Header { parameters: [above(h)] }));
    if !body.is_empty() {
        let parameters =
            body.iter().map(|p| Value::Text { parameter_name: &p.name, text: &p.text }).collect();
        out.push(Component::Body { parameters });
    }
    out.extend(buttons.iter().map(|b| Component::Button {
        sub_type: &b.kind,
        index: b.index,
        parameters: [if b.kind == "quick_reply" {
            Value::Payload { payload: &b.value }
        } else {
            text(&b.value)
        }],
    }));
    out
}

fn file(media: &Media) -> File<'_> {
    match media {
        Media::Id { id } => File { id: Some(id), ..File::default() },
        Media::Link { url } => File { link: Some(url), ..File::default() },
    }
}

fn text(text: &str) -> Value<'_> {
    Value::Text { parameter_name: "", text }
}

fn above(header: &Header) -> Value<'_> {
    match header {
        Header::Text { text: t } => text(t),
        Header::Image { media } => Value::Image { image: file(media) },
        Header::Document { media, filename } => {
            Value::Document { document: File { filename: filename.as_deref(), ..file(media) } }
        }
    }
}

fn reply(button: &Button) -> Reply<'_> {
    Reply { kind: "reply", reply: Choice { id: &button.id, title: &button.title, description: None } }
}

fn section(section: &ListSection) -> Section<'_> {
    Section { title: &section.title, rows: section.rows.iter().map(row).collect() }
}

fn row(row: &ListRow) -> Choice<'_> {
    Choice {
        id: &row.id,
        title: &row.title,
        description: row.description.as_deref().filter(|d| !d.is_empty()),
    }
}

fn as_text<S: Serializer>(value: &i32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
