//! Products, orders and addresses.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::values::{quiet::quiet_debug, time::Timestamp};

/// A titled group of products.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProductSection {
    /// At most 24 characters; may be empty where there is one section only.
    pub title: String,
    /// The products' ids in the catalog; at most 30 in all sections together.
    pub products: Vec<String>,
}

/// An address that is known and offered again.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedAddress {
    /// Comes back when it is chosen.
    pub id: String,
    /// Its fields by WhatsApp's names, for example `city`.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

/// An amount of money in the order's currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Amount {
    /// In hundredths: 12.50 is 1,250. Whatever the currency, as WhatsApp demands it.
    pub hundredths: i64,
    /// What it is for; at most 60 characters. For tax, shipping and discount only.
    pub description: Option<String>,
}

/// A line of an order.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderItem {
    /// The product's id, in the catalog where the order names one.
    pub product_id: String,
    /// What it is called; at most 60 characters.
    pub name: String,
    /// How many.
    pub quantity: i32,
    /// The price of one.
    pub price: Amount,
    /// The reduced price of one, less than the price.
    pub sale_price: Option<Amount>,
}

/// Whether what was ordered has to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// Nothing is delivered.
    Digital,
    /// Something is delivered.
    Physical,
}

/// A way to pay. Which of them work depends on the country of the account and of the person.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PaymentMethod {
    /// Through a payment gateway that is connected with the account (India, Singapore).
    Gateway {
        /// The gateway, for example `razorpay`, `payu`, `stripe`.
        provider: String,
        /// The name of the payment configuration.
        configuration: String,
    },
    /// A link at which to pay.
    Link {
        /// The address.
        url: String,
    },
    /// A Pix code (Brazil).
    Pix {
        /// The dynamic code.
        code: String,
        /// Who is paid.
        merchant: String,
        /// The Pix key.
        key: String,
        /// `CPF`, `CNPJ`, `EMAIL`, `PHONE` or `EVP`.
        key_type: String,
    },
    /// A boleto (Brazil).
    Boleto {
        /// Its digits.
        line: String,
    },
}

/// An order that is to be reviewed and paid.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The account's own name for the order: 1 to 35 of letters, digits, `-`, `_` and `.`. Once per order.
    pub reference: String,
    /// Whether something is delivered.
    pub kind: OrderKind,
    /// The currency, three letters (ISO 4217).
    pub currency: String,
    /// What is ordered.
    pub items: Vec<OrderItem>,
    /// What the items come to.
    pub subtotal: Amount,
    /// The tax.
    pub tax: Amount,
    /// What the delivery costs.
    pub shipping: Option<Amount>,
    /// What is taken off.
    pub discount: Option<Amount>,
    /// What is to be paid: subtotal, tax and shipping without the discount.
    pub total: Amount,
    /// How it can be paid.
    pub payment: Vec<PaymentMethod>,
    /// The catalog that the items are from.
    pub catalog_id: Option<String>,
    /// Until when it can be paid.
    pub payable_until: Option<Timestamp>,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStage {
    /// It is not paid.
    Pending,
    /// It is paid or accepted, and worked on.
    Processing,
    /// Some of it is on its way.
    PartiallyShipped,
    /// All of it is on its way.
    Shipped,
    /// Nothing more will happen.
    Completed,
    /// It is called off. WhatsApp refuses this once it was paid.
    Canceled,
}

quiet_debug! { SavedAddress {} OrderItem {} PaymentMethod {} Order { kind, currency } }
