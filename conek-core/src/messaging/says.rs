//! What a message says, as far as the law asks: how to stop, who sends it, whether it promotes.

use std::sync::{Arc, PoisonError};

use super::{
    content::{CardAction, Content, Header, TemplateButton, TemplateCard},
    definition::{ButtonDefinition, Template, TemplateHeader},
};
use crate::engine::Inner;

/// Words by which a message tells people how to stop, in the languages of conek's first users.
const OPT_OUT_WORDS: &[&str] = &[
    "stop",
    "opt out",
    "opt-out",
    "unsubscribe",
    "afmelden",
    "afmeld",
    "uitteken",
    "abmelden",
    "arret",
    "arrêt",
    "désabonner",
    "baja",
    "cancelar",
    "sair",
    "parar",
    "disiscriviti",
    "misa",
    "yeka",
    "emisa",
];

/// What a message says, as far as the law asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Says {
    pub(crate) has_opt_out: bool,
    pub(crate) names_sender: bool,
    /// Whether it reads as an offer. Asked only where that may not be.
    pub(crate) promotes: bool,
}

/// Words of offers, in the languages of conek's first users. They are looked for in requests for consent
/// and confirmations of opt-outs alone, which must not promote.
const OFFER_WORDS: &[&str] = &[
    "% off",
    "discount",
    "special offer",
    "sale ends",
    "on sale",
    "promo code",
    "voucher",
    "coupon",
    "free gift",
    "buy now",
    "shop now",
    "order now",
    "limited time",
    "don't miss",
    "save up to",
    "afslag",
    "spesiale aanbod",
    "korting",
    "aanbieding",
    "rabatt",
    "angebot",
    "sonderangebot",
    "remise",
    "promotion",
    "soldes",
    "descuento",
    "oferta",
    "desconto",
    "promoção",
    "sconto",
    "offerta",
    "isaphulelo",
];

impl Inner {
    /// What a content says, with its template's fixed words.
    pub(crate) fn says(&self, content: &Content, template: Option<&Arc<Template>>) -> Says {
        let mut says = template.map_or_else(Says::default, |t| self.template_says(t));
        each_text(content, &mut |seen| self.listen(seen, &mut says));
        says
    }

    /// What a template's own words say. A campaign asks again and again about the same one.
    fn template_says(&self, template: &Arc<Template>) -> Says {
        let last = self.last_says.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, says)) = last.filter(|(t, _)| Arc::ptr_eq(t, template)) {
            return says;
        }
        let mut says = Says::default();
        each_fixed_text(template, &mut |seen| self.listen(seen, &mut says));
        *self.last_says.write().unwrap_or_else(PoisonError::into_inner) = Some((template.clone(), says));
        says
    }

    fn listen(&self, seen: Seen<'_>, says: &mut Says) {
        let (Seen::Words(text) | Seen::Address(text)) = seen;
        let text = text.to_lowercase();
        let has = |word: &str| text.contains(word);
        says.has_opt_out = says.has_opt_out || self.link_start.as_deref().is_some_and(has);
        if let Seen::Words(_) = seen {
            says.has_opt_out = says.has_opt_out || OPT_OUT_WORDS.iter().any(|w| has(w));
            says.names_sender = says.names_sender || has(&self.business_lower);
            says.promotes = says.promotes || OFFER_WORDS.iter().any(|w| has(w));
        }
    }
}

/// What a person sees of a message.
#[derive(Clone, Copy)]
enum Seen<'a> {
    /// Words.
    Words(&'a str),
    /// What a button opens. Nobody reads it: the page of preferences behind it counts, a word in it does not.
    Address(&'a str),
}

type See<'s> = &'s mut dyn FnMut(Seen<'_>);

/// The words of a template that are the same for everybody.
fn each_fixed_text(template: &Template, see: See<'_>) {
    let Template { header, body, footer, buttons, cards, offer, .. } = template;
    if let Some(TemplateHeader::Text { text }) = header {
        see(Seen::Words(text));
    }
    see(Seen::Words(body));
    for text in footer.iter().chain(offer.iter().map(|o| &o.text)).chain(cards.iter().flat_map(|c| &c.body)) {
        see(Seen::Words(text));
    }
    for button in buttons.iter().chain(cards.iter().flat_map(|c| &c.buttons)) {
        see(Seen::Words(button.text()));
        if let ButtonDefinition::Url { url, .. } = button {
            see(Seen::Address(url));
        }
    }
}

fn each_text(content: &Content, see: See<'_>) {
    match content {
        Content::Text { body, .. } => see(Seen::Words(body)),
        Content::Template { header, body, buttons, cards, .. } => {
            above(header.as_ref(), see);
            for p in body.iter().chain(cards.iter().flat_map(|c| &c.body)) {
                see(Seen::Words(&p.text));
            }
            let of_cards = cards.iter().flat_map(|TemplateCard { buttons, .. }| buttons);
            for button in buttons.iter().chain(of_cards) {
                if let TemplateButton::Url { suffix, .. } = button {
                    see(Seen::Address(suffix));
                }
            }
        }
        Content::Image { caption, .. }
        | Content::Video { caption, .. }
        | Content::Document { caption, .. } => {
            all([caption], see);
        }
        Content::Location { place } => all([&place.name, &place.address], see),
        Content::Contacts { contacts } => {
            for card in contacts {
                see(Seen::Words(&card.name.formatted_name));
                all(card.organisation.iter().map(|o| &o.company), see);
            }
        }
        Content::Buttons { body, header, footer, buttons } => {
            above(header.as_ref(), see);
            see(Seen::Words(body));
            all([footer], see);
            buttons.iter().for_each(|b| see(Seen::Words(&b.title)));
        }
        Content::List { body, header, footer, .. } => {
            see(Seen::Words(body));
            all([header, footer], see);
        }
        Content::UrlButton { body, header, footer, button, url } => {
            above(header.as_ref(), see);
            see(Seen::Words(body));
            all([footer], see);
            see(Seen::Words(button));
            see(Seen::Address(url));
        }
        Content::Flow { body, header, footer, button, .. } => {
            above(header.as_ref(), see);
            see(Seen::Words(body));
            all([footer], see);
            see(Seen::Words(button));
        }
        Content::LocationRequest { body }
        | Content::ContactInfoRequest { body }
        | Content::CallPermissionRequest { body } => see(Seen::Words(body)),
        Content::VoiceCall { body, button, .. } => {
            see(Seen::Words(body));
            all([button], see);
        }
        Content::Product { body, footer, .. } => all([body, footer], see),
        Content::ProductList { header, body, footer, sections, .. } => {
            for text in [header, body].into_iter().chain(sections.iter().map(|s| &s.title)) {
                see(Seen::Words(text));
            }
            all([footer], see);
        }
        Content::Catalog { body, footer, .. }
        | Content::AddressRequest { body, footer, .. }
        | Content::OrderDetails { body, footer, .. } => {
            see(Seen::Words(body));
            all([footer], see);
        }
        Content::OrderStatus { body, footer, description, .. } => {
            see(Seen::Words(body));
            all([footer, description], see);
        }
        Content::Carousel { body, cards } => {
            see(Seen::Words(body));
            for card in cards {
                all([&card.body], see);
                match &card.action {
                    CardAction::Url { button, url } => {
                        see(Seen::Words(button));
                        see(Seen::Address(url));
                    }
                    CardAction::Replies { buttons } => {
                        buttons.iter().for_each(|b| see(Seen::Words(&b.title)));
                    }
                }
            }
        }
        Content::Raw { payload, .. } => {
            if let Ok(value) = serde_json::from_str(payload) {
                shown(&value, see);
            }
        }
        Content::Audio { .. } | Content::Sticker { .. } | Content::Reaction { .. } => {}
    }
}

fn above(header: Option<&Header>, see: See<'_>) {
    if let Some(Header::Text { text } | Header::NamedText { text, .. }) = header {
        see(Seen::Words(text));
    }
}

fn all<'a>(texts: impl IntoIterator<Item = &'a Option<String>>, see: See<'_>) {
    texts.into_iter().flatten().for_each(|text| see(Seen::Words(text)));
}

/// Where WhatsApp's messages have what people read. An id or a payload is not read by anybody.
const READ: [&str; 8] =
    ["text", "body", "caption", "title", "description", "display_text", "flow_cta", "fallback_value"];

fn shown(value: &serde_json::Value, see: See<'_>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                match value {
                    serde_json::Value::String(text) if READ.contains(&key.as_str()) => {
                        see(Seen::Words(text));
                    }
                    serde_json::Value::String(text) if key == "url" => see(Seen::Address(text)),
                    other => shown(other, see),
                }
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| shown(value, see)),
        _ => {}
    }
}
