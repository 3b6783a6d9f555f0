//! Builders: each refuses what WhatsApp would refuse, before anything is queued.

use super::{
    Button, CarouselCard, ContactCard, Content, FlowRef, FlowStart, ListSection, Media, Order, OrderStage,
    Place, ProductSection,
};
use crate::values::error::Result;

/// # Builders
///
/// One for each kind, with what the kind must have; `with_*` adds the rest. Each returns `invalid_input` for what is
/// too long, empty or impossible, with the name of the field.
impl Content {
    /// Free text.
    ///
    /// ```
    /// use conek_core::Content;
    /// assert!(Content::text("Yes, until five.").is_ok());
    /// assert!(Content::text("é".repeat(4_097)).is_err());
    /// ```
    pub fn text(body: impl Into<String>) -> Result<Self> {
        Self::Text { body: body.into(), preview_url: false }.checked()
    }

    /// An approved template; `with_values`, `with_named`, `with_header`, `with_button`, `with_cards`
    /// and `with_offer_end` fill it.
    ///
    /// ```
    /// use conek_core::{Content, messaging::{Header, Media, TemplateButton}};
    /// # fn main() -> conek_core::Result<()> {
    /// Content::template("order_sent", "en")?
    ///     .with_header(Header::Image { media: Media::link("https://shop.example/box.jpg") })?
    ///     .with_values(["Thandi", "4711"])?
    ///     .with_button(TemplateButton::Url { index: 0, suffix: "4711".into() })?;
    /// # Ok(()) }
    /// ```
    pub fn template(name: impl Into<String>, language: impl Into<String>) -> Result<Self> {
        Self::Template {
            name: name.into(),
            language: language.into(),
            header: None,
            body: Vec::new(),
            buttons: Vec::new(),
            cards: Vec::new(),
            offer_ends_at: None,
        }
        .checked()
    }

    /// A picture.
    ///
    /// ```
    /// use conek_core::{Content, messaging::Media};
    /// # fn main() -> conek_core::Result<()> {
    /// Content::image(Media::link("https://shop.example/beans.jpg"))?.with_caption("The new beans")?;
    /// # Ok(()) }
    /// ```
    pub fn image(media: Media) -> Result<Self> {
        Self::Image { media, caption: None }.checked()
    }

    /// A film.
    ///
    /// ```
    /// use conek_core::{Content, messaging::Media};
    /// assert!(Content::video(Media::id("4490709327384033")).is_ok());
    /// ```
    pub fn video(media: Media) -> Result<Self> {
        Self::Video { media, caption: None }.checked()
    }

    /// A recording.
    ///
    /// ```
    /// use conek_core::{Content, messaging::Media};
    /// assert!(Content::audio(Media::id("4490709327384033")).is_ok());
    /// ```
    pub fn audio(media: Media) -> Result<Self> {
        Self::Audio { media, voice: false }.checked()
    }

    /// A voice message: OGG with Opus, mono.
    ///
    /// ```
    /// use conek_core::{Content, messaging::Media};
    /// assert!(Content::voice(Media::id("4490709327384033")).is_ok());
    /// ```
    pub fn voice(media: Media) -> Result<Self> {
        Self::Audio { media, voice: true }.checked()
    }

    /// A file under a name.
    ///
    /// ```
    /// use conek_core::{Content, messaging::Media};
    /// assert!(Content::document(Media::id("4490709327384033"), "invoice.pdf").is_ok());
    /// ```
    pub fn document(media: Media, filename: impl Into<String>) -> Result<Self> {
        Self::Document { media, caption: None, filename: Some(filename.into()) }.checked()
    }

    /// A sticker.
    ///
    /// ```
    /// use conek_core::{Content, messaging::Media};
    /// assert!(Content::sticker(Media::id("4490709327384033")).is_ok());
    /// ```
    pub fn sticker(media: Media) -> Result<Self> {
        Self::Sticker { media }.checked()
    }

    /// A place.
    ///
    /// ```
    /// use conek_core::{Content, messaging::Place};
    /// let shop = Place { latitude: -32.2522, longitude: 24.5408, name: Some("Karoo Coffee".into()), address: None };
    /// assert!(Content::location(shop).is_ok());
    /// ```
    pub fn location(place: Place) -> Result<Self> {
        Self::Location { place }.checked()
    }

    /// Contact cards.
    ///
    /// ```
    /// use conek_core::{Content, messaging::ContactCard};
    /// assert!(Content::contacts(vec![ContactCard::new("Johan Botha", "Johan", "+27832885137")]).is_ok());
    /// ```
    pub fn contacts(contacts: Vec<ContactCard>) -> Result<Self> {
        Self::Contacts { contacts }.checked()
    }

    /// Text with one to three quick replies, each with its id and its title.
    ///
    /// ```
    /// use conek_core::Content;
    /// # fn main() -> conek_core::Result<()> {
    /// Content::buttons("Shall we keep it for you?", [("keep", "Yes, please"), ("drop", "No, thanks")])?
    ///     .with_footer("Until Friday")?;
    /// # Ok(()) }
    /// ```
    pub fn buttons<I: Into<String>, T: Into<String>>(
        body: impl Into<String>,
        buttons: impl IntoIterator<Item = (I, T)>,
    ) -> Result<Self> {
        let buttons =
            buttons.into_iter().map(|(id, title)| Button { id: id.into(), title: title.into() }).collect();
        Self::Buttons { body: body.into(), header: None, footer: None, buttons }.checked()
    }

    /// Text with a list to choose from.
    ///
    /// ```
    /// use conek_core::{Content, messaging::{ListRow, ListSection}};
    /// let rows = vec![ListRow { id: "mon".into(), title: "Monday".into(), description: None }];
    /// let sections = vec![ListSection { title: "Days".into(), rows }];
    /// assert!(Content::list("When shall we deliver?", "Choose a day", sections).is_ok());
    /// ```
    pub fn list(
        body: impl Into<String>,
        button: impl Into<String>,
        sections: Vec<ListSection>,
    ) -> Result<Self> {
        Self::List { body: body.into(), header: None, footer: None, button: button.into(), sections }
            .checked()
    }

    /// Text with a button that opens an address.
    ///
    /// ```
    /// use conek_core::Content;
    /// assert!(Content::url_button("Your parcel is on its way.", "Track it", "https://shop.example/t/4711").is_ok());
    /// ```
    pub fn url_button(
        body: impl Into<String>,
        button: impl Into<String>,
        url: impl Into<String>,
    ) -> Result<Self> {
        let (body, button, url) = (body.into(), button.into(), url.into());
        Self::UrlButton { body, header: None, footer: None, button, url }.checked()
    }

    /// Text with a button that opens a form at its first screen.
    ///
    /// ```
    /// use conek_core::{Content, messaging::FlowRef};
    /// let flow = FlowRef::Name { name: "booking".into() };
    /// assert!(Content::flow("Book a table.", "Book", flow).is_ok());
    /// ```
    pub fn flow(body: impl Into<String>, button: impl Into<String>, flow: FlowRef) -> Result<Self> {
        Self::Flow {
            body: body.into(),
            header: None,
            footer: None,
            flow,
            button: button.into(),
            token: None,
            start: FlowStart::First {},
            draft: false,
        }
        .checked()
    }

    /// Asks for the person's location.
    ///
    /// ```
    /// use conek_core::Content;
    /// assert!(Content::location_request("Where shall we bring it?").is_ok());
    /// ```
    pub fn location_request(body: impl Into<String>) -> Result<Self> {
        Self::LocationRequest { body: body.into() }.checked()
    }

    /// Asks for the person's phone number.
    ///
    /// ```
    /// use conek_core::Content;
    /// assert!(Content::contact_info_request("May we have your number for the courier?").is_ok());
    /// ```
    pub fn contact_info_request(body: impl Into<String>) -> Result<Self> {
        Self::ContactInfoRequest { body: body.into() }.checked()
    }

    /// Asks whether the business may call.
    ///
    /// ```
    /// use conek_core::Content;
    /// assert!(Content::call_permission_request("May we call you about your order?").is_ok());
    /// ```
    pub fn call_permission_request(body: impl Into<String>) -> Result<Self> {
        Self::CallPermissionRequest { body: body.into() }.checked()
    }

    /// Text with a button that calls the business.
    ///
    /// ```
    /// use conek_core::Content;
    /// assert!(Content::voice_call("Questions? Call us.").is_ok());
    /// ```
    pub fn voice_call(body: impl Into<String>) -> Result<Self> {
        Self::VoiceCall { body: body.into(), button: None, ttl_minutes: None, payload: None }.checked()
    }

    /// One product of a catalog.
    ///
    /// ```
    /// use conek_core::Content;
    /// assert!(Content::product("194836987003835", "beans-1kg").is_ok());
    /// ```
    pub fn product(catalog_id: impl Into<String>, product_id: impl Into<String>) -> Result<Self> {
        let (catalog_id, product_id) = (catalog_id.into(), product_id.into());
        Self::Product { body: None, footer: None, catalog_id, product_id }.checked()
    }

    /// Up to 30 products of a catalog.
    ///
    /// ```
    /// use conek_core::{Content, messaging::ProductSection};
    /// let sections = vec![ProductSection { title: "Beans".into(), products: vec!["beans-1kg".into()] }];
    /// assert!(Content::product_list("New", "What we roasted this week.", "194836987003835", sections).is_ok());
    /// ```
    pub fn product_list(
        header: impl Into<String>,
        body: impl Into<String>,
        catalog_id: impl Into<String>,
        sections: Vec<ProductSection>,
    ) -> Result<Self> {
        let (header, body, catalog_id) = (header.into(), body.into(), catalog_id.into());
        Self::ProductList { header, body, footer: None, catalog_id, sections }.checked()
    }

    /// The whole catalog.
    ///
    /// ```
    /// use conek_core::Content;
    /// assert!(Content::catalog("All that we roast.").is_ok());
    /// ```
    pub fn catalog(body: impl Into<String>) -> Result<Self> {
        Self::Catalog { body: body.into(), footer: None, thumbnail: None }.checked()
    }

    /// Two to ten cards side by side.
    ///
    /// ```
    /// use conek_core::{Content, messaging::{CardAction, CarouselCard, Header, Media}};
    /// let card = |name: &str| CarouselCard {
    ///     header: Header::Image { media: Media::link(format!("https://shop.example/{name}.jpg")) },
    ///     body: Some(name.into()),
    ///     action: CardAction::Url { button: "Look".into(), url: format!("https://shop.example/{name}") },
    /// };
    /// assert!(Content::carousel("Our beans", vec![card("Sidamo"), card("Huila")]).is_ok());
    /// assert!(Content::carousel("Our beans", vec![card("Sidamo")]).is_err());
    /// ```
    pub fn carousel(body: impl Into<String>, cards: Vec<CarouselCard>) -> Result<Self> {
        Self::Carousel { body: body.into(), cards }.checked()
    }

    /// Asks for a postal address in a country, two letters.
    ///
    /// ```
    /// use conek_core::Content;
    /// assert!(Content::address_request("Where shall we send it?", "IN").is_ok());
    /// ```
    pub fn address_request(body: impl Into<String>, country: impl Into<String>) -> Result<Self> {
        Self::AddressRequest {
            body: body.into(),
            footer: None,
            country: country.into(),
            values: Default::default(),
            saved: Vec::new(),
            errors: Default::default(),
        }
        .checked()
    }

    /// An order that is to be reviewed and paid. Its sums must be right.
    ///
    /// ```
    /// use conek_core::{Content, messaging::{Amount, Order, OrderItem, OrderKind, PaymentMethod}};
    /// let money = |hundredths| Amount { hundredths, description: None };
    /// let order = Order {
    ///     reference: "order-4711".into(),
    ///     kind: OrderKind::Physical,
    ///     currency: "INR".into(),
    ///     items: vec![OrderItem {
    ///         product_id: "beans-1kg".into(), name: "Beans".into(), quantity: 2, price: money(45_000), sale_price: None,
    ///     }],
    ///     subtotal: money(90_000),
    ///     tax: money(4_500),
    ///     shipping: None,
    ///     discount: None,
    ///     total: money(94_500),
    ///     payment: vec![PaymentMethod::Link { url: "https://pay.example/4711".into() }],
    ///     catalog_id: None,
    ///     payable_until: None,
    /// };
    /// assert!(Content::order_details("Your order", order.clone()).is_ok());
    /// assert!(Content::order_details("Your order", Order { total: money(1), ..order }).is_err());
    /// ```
    pub fn order_details(body: impl Into<String>, order: Order) -> Result<Self> {
        Self::OrderDetails { body: body.into(), header: None, footer: None, order }.checked()
    }

    /// Where an order stands.
    ///
    /// ```
    /// use conek_core::{Content, messaging::OrderStage};
    /// assert!(Content::order_status("It is on its way.", "order-4711", OrderStage::Shipped).is_ok());
    /// ```
    pub fn order_status(
        body: impl Into<String>,
        reference: impl Into<String>,
        stage: OrderStage,
    ) -> Result<Self> {
        let (body, reference) = (body.into(), reference.into());
        Self::OrderStatus { body, footer: None, reference, stage, description: None }.checked()
    }

    /// An emoji on a message; an empty one takes it back.
    ///
    /// ```
    /// use conek_core::Content;
    /// assert!(Content::reaction("wamid.HBgLMjc4MzI4ODUxMzc", "👍").is_ok());
    /// ```
    pub fn reaction(message_id: impl Into<String>, emoji: impl Into<String>) -> Result<Self> {
        Self::Reaction { message_id: message_id.into(), emoji: emoji.into() }.checked()
    }

    /// A message of a kind that conek has no type for: the kind's name, and its object as JSON text.
    ///
    /// ```
    /// use conek_core::Content;
    /// assert!(Content::raw("poll", r#"{"question": "Which day?", "options": ["Monday", "Friday"]}"#).is_ok());
    /// // To whom it goes is not a question of content.
    /// assert!(Content::raw("to", r#"{"number": "+27832885137"}"#).is_err());
    /// ```
    pub fn raw(kind: impl Into<String>, payload: impl Into<String>) -> Result<Self> {
        Self::Raw { kind: kind.into(), payload: payload.into() }.checked()
    }
}
