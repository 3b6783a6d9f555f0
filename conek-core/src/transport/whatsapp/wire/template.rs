//! Templates.

use serde::{Serialize, Serializer};
use serde_json::json;

use super::{Moment, Money, Offer, Value, above, commerce, text};
use crate::messaging::{Content, Header, Parameter, ParameterFormat, TemplateButton, TemplateCard};

#[derive(Serialize)]
pub(super) struct Template<'a> {
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
    LimitedTimeOffer {
        parameters: [Value<'a>; 1],
    },
    Carousel {
        cards: Vec<Card<'a>>,
    },
    Button {
        sub_type: &'static str,
        #[serde(serialize_with = "as_text")]
        index: i32,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        parameters: Vec<Value<'a>>,
    },
}

#[derive(Serialize)]
struct Card<'a> {
    card_index: usize,
    components: Vec<Component<'a>>,
}

pub(super) fn of(content: &Content) -> Template<'_> {
    let Content::Template { name, language, header, body, buttons, cards, offer_ends_at } = content else {
        return Template { name: "", language: Language { policy: "", code: "" }, components: Vec::new() };
    };
    let mut all = Vec::with_capacity(2 + buttons.len());
    push(&mut all, header.as_ref(), body);
    if let Some(at) = offer_ends_at {
        let offer = Offer { expiration_time_ms: at.timestamp_millis() };
        all.push(Component::LimitedTimeOffer {
            parameters: [Value::LimitedTimeOffer { limited_time_offer: offer }],
        });
    }
    all.extend(buttons.iter().map(button));
    if !cards.is_empty() {
        all.push(Component::Carousel { cards: cards.iter().enumerate().map(card).collect() });
    }
    Template { name, language: Language { policy: "deterministic", code: language }, components: all }
}

fn push<'a>(all: &mut Vec<Component<'a>>, header: Option<&'a Header>, body: &'a [Parameter]) {
    all.extend(header.map(|h| Component::Header { parameters: [above(h)] }));
    if !body.is_empty() {
        all.push(Component::Body { parameters: body.iter().map(parameter).collect() });
    }
}

fn card((card_index, card): (usize, &TemplateCard)) -> Card<'_> {
    let mut components = Vec::with_capacity(2 + card.buttons.len());
    push(&mut components, Some(&card.header), &card.body);
    components.extend(card.buttons.iter().map(button));
    Card { card_index, components }
}

fn parameter(p: &Parameter) -> Value<'_> {
    let (parameter_name, fallback_value) = (p.name.as_str(), p.text.as_str());
    match &p.format {
        None => Value::Text { parameter_name, text: &p.text },
        Some(ParameterFormat::Currency { code, thousandths }) => Value::Currency {
            parameter_name,
            currency: Money { fallback_value, code, amount_1000: *thousandths },
        },
        Some(ParameterFormat::DateTime {}) => {
            Value::DateTime { parameter_name, date_time: Moment { fallback_value } }
        }
    }
}

fn button(button: &TemplateButton) -> Component<'_> {
    let action = |action| vec![Value::Action { action }];
    let (sub_type, parameters) = match button {
        TemplateButton::QuickReply { payload, .. } => ("quick_reply", vec![Value::Payload { payload }]),
        TemplateButton::Url { suffix, .. } => ("url", vec![text(suffix)]),
        TemplateButton::CopyCode { code, .. } => ("copy_code", vec![Value::CouponCode { coupon_code: code }]),
        TemplateButton::Flow { token, data, .. } => {
            let mut given = json!({ "flow_token": token.as_deref().unwrap_or("unused") });
            if let Some(data) = data.as_deref().and_then(|d| serde_json::from_str(d).ok()) {
                given["flow_action_data"] = data;
            }
            ("flow", action(given))
        }
        TemplateButton::Catalog { thumbnail, .. } => {
            let shown = thumbnail.as_ref().map(|id| json!({ "thumbnail_product_retailer_id": id }));
            ("catalog", shown.map_or_else(Vec::new, action))
        }
        TemplateButton::Products { thumbnail, sections, .. } => {
            let sections = commerce::sections(sections);
            ("mpm", action(json!({ "thumbnail_product_retailer_id": thumbnail, "sections": sections })))
        }
        TemplateButton::VoiceCall { ttl_minutes, payload, .. } => {
            let ttl = ttl_minutes.map(|ttl_minutes| Value::TtlMinutes { ttl_minutes });
            let payload = payload.as_deref().map(|payload| Value::Payload { payload });
            ("voice_call", ttl.into_iter().chain(payload).collect())
        }
        TemplateButton::OrderDetails { order, .. } => {
            ("order_details", action(json!({ "order_details": commerce::order(order) })))
        }
    };
    Component::Button { sub_type, index: button.index(), parameters }
}

fn as_text<S: Serializer>(value: &i32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
