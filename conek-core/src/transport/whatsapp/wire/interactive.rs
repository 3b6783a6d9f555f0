//! Interactive messages.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{Value, above, commerce, text};
use crate::messaging::{Button, CardAction, CarouselCard, Content, FlowRef, FlowStart, ListRow, ListSection};

#[derive(Serialize)]
pub(super) struct Interactive<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<Value<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Words<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    footer: Option<Words<'a>>,
    action: Action<'a>,
}

#[derive(Serialize)]
struct Words<'a> {
    text: &'a str,
}

/// What a person can do.
#[derive(Serialize)]
#[serde(untagged)]
enum Action<'a> {
    Buttons {
        buttons: Vec<Reply<'a>>,
    },
    List {
        button: &'a str,
        sections: Vec<Section<'a>>,
    },
    Cards {
        cards: Vec<Card<'a>>,
    },
    Products {
        catalog_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        product_retailer_id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        sections: Option<Json>,
    },
    Named {
        name: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        parameters: Option<Json>,
    },
}

/// A button of a message has a `reply`, one of a card a `quick_reply`.
#[derive(Serialize)]
struct Reply<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quick_reply: Option<Choice<'a>>,
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

#[derive(Serialize)]
struct Card<'a> {
    card_index: usize,
    #[serde(rename = "type")]
    kind: &'static str,
    header: Value<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Words<'a>>,
    action: Action<'a>,
}

fn named(name: &'static str, parameters: Json) -> Action<'static> {
    Action::Named { name, parameters: Some(parameters) }
}

fn bare(name: &'static str) -> Action<'static> {
    Action::Named { name, parameters: None }
}

/// Body, header and footer of those kinds that have them.
fn words(content: &Content) -> (Option<&str>, Option<Value<'_>>, Option<&str>) {
    match content {
        Content::Buttons { body, header, footer, .. }
        | Content::UrlButton { body, header, footer, .. }
        | Content::Flow { body, header, footer, .. }
        | Content::OrderDetails { body, header, footer, .. } => {
            (Some(body), header.as_ref().map(above), footer.as_deref())
        }
        Content::List { body, header, footer, .. } => {
            (Some(body), header.as_deref().map(text), footer.as_deref())
        }
        Content::ProductList { body, header, footer, .. } => {
            (Some(body), Some(text(header)), footer.as_deref())
        }
        Content::Product { body, footer, .. } => (body.as_deref(), None, footer.as_deref()),
        Content::Catalog { body, footer, .. }
        | Content::AddressRequest { body, footer, .. }
        | Content::OrderStatus { body, footer, .. } => (Some(body), None, footer.as_deref()),
        Content::LocationRequest { body }
        | Content::ContactInfoRequest { body }
        | Content::CallPermissionRequest { body }
        | Content::VoiceCall { body, .. }
        | Content::Carousel { body, .. } => (Some(body), None, None),
        _ => (None, None, None),
    }
}

pub(super) fn of(content: &Content) -> Interactive<'_> {
    let (body, header, footer) = words(content);
    let (kind, action) = kind(content);
    let words = |text| Words { text };
    Interactive { kind, header, body: body.map(words), footer: footer.map(words), action }
}

fn kind(content: &Content) -> (&'static str, Action<'_>) {
    match content {
        Content::Buttons { buttons, .. } => {
            ("button", Action::Buttons { buttons: buttons.iter().map(reply).collect() })
        }
        Content::List { button, sections, .. } => {
            ("list", Action::List { button, sections: sections.iter().map(section).collect() })
        }
        Content::UrlButton { button, url, .. } => {
            ("cta_url", named("cta_url", json!({ "display_text": button, "url": url })))
        }
        Content::Flow { flow, button, token, start, draft, .. } => {
            ("flow", named("flow", form(flow, button, token.as_deref(), start, *draft)))
        }
        Content::LocationRequest { .. } => ("location_request_message", bare("send_location")),
        Content::ContactInfoRequest { .. } => ("request_contact_info", bare("request_contact_info")),
        Content::CallPermissionRequest { .. } => ("call_permission_request", bare("call_permission_request")),
        Content::VoiceCall { button, ttl_minutes, payload, .. } => {
            let mut told = json!({});
            if let Some(button) = button {
                told["display_text"] = button.as_str().into();
            }
            if let Some(minutes) = ttl_minutes {
                told["ttl_minutes"] = (*minutes).into();
            }
            if let Some(payload) = payload {
                told["payload"] = payload.as_str().into();
            }
            ("voice_call", named("voice_call", told))
        }
        Content::Product { catalog_id, product_id, .. } => (
            "product",
            Action::Products { catalog_id, product_retailer_id: Some(product_id), sections: None },
        ),
        Content::ProductList { catalog_id, sections, .. } => (
            "product_list",
            Action::Products {
                catalog_id,
                product_retailer_id: None,
                sections: Some(commerce::sections(sections)),
            },
        ),
        Content::Catalog { thumbnail, .. } => {
            let shown = thumbnail.as_ref().map(|id| json!({ "thumbnail_product_retailer_id": id }));
            ("catalog_message", Action::Named { name: "catalog_message", parameters: shown })
        }
        Content::Carousel { cards, .. } => {
            ("carousel", Action::Cards { cards: cards.iter().enumerate().map(card).collect() })
        }
        Content::AddressRequest { country, values, saved, errors, .. } => {
            let told = commerce::address(country, values, saved, errors);
            ("address_message", named("address_message", told))
        }
        Content::OrderDetails { order, .. } => {
            ("order_details", named("review_and_pay", commerce::order(order)))
        }
        Content::OrderStatus { reference, stage, description, .. } => {
            let told = commerce::status(reference, *stage, description.as_deref());
            ("order_status", named("review_order", told))
        }
        // Every other kind is no interactive one and does not come here.
        _ => ("", bare("")),
    }
}

fn form(flow: &FlowRef, button: &str, token: Option<&str>, start: &FlowStart, draft: bool) -> Json {
    let mut told = json!({
        "flow_message_version": "3", "flow_token": token.unwrap_or("unused"), "flow_cta": button,
        "mode": if draft { "draft" } else { "published" },
        "flow_action": if matches!(start, FlowStart::Exchange {}) { "data_exchange" } else { "navigate" },
    });
    match flow {
        FlowRef::Id { id } => told["flow_id"] = id.as_str().into(),
        FlowRef::Name { name } => told["flow_name"] = name.as_str().into(),
    }
    if let FlowStart::Screen { screen, data } = start {
        told["flow_action_payload"] = json!({ "screen": screen });
        if let Some(data) = data.as_deref().and_then(|d| serde_json::from_str(d).ok()) {
            told["flow_action_payload"]["data"] = data;
        }
    }
    told
}

fn choice(button: &Button) -> Choice<'_> {
    Choice { id: &button.id, title: &button.title, description: None }
}

fn reply(button: &Button) -> Reply<'_> {
    Reply { kind: "reply", reply: Some(choice(button)), quick_reply: None }
}

fn card((card_index, card): (usize, &CarouselCard)) -> Card<'_> {
    let action = match &card.action {
        CardAction::Url { button, url } => named("cta_url", json!({ "display_text": button, "url": url })),
        CardAction::Replies { buttons } => Action::Buttons {
            buttons: buttons
                .iter()
                .map(|b| Reply { kind: "quick_reply", reply: None, quick_reply: Some(choice(b)) })
                .collect(),
        },
    };
    // Meta's own examples say `cta_url` on every card, whatever its buttons are.
    Card {
        card_index,
        kind: "cta_url",
        header: above(&card.header),
        body: card.body.as_deref().map(|text| Words { text }),
        action,
    }
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
