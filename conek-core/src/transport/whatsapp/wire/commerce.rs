//! Products and orders. These are rare and deep: they are written as values, not borrowed.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::messaging::{Amount, Order, OrderKind, OrderStage, PaymentMethod, ProductSection, SavedAddress};

pub(super) fn sections(sections: &[ProductSection]) -> Json {
    let section = |s: &ProductSection| {
        let items: Vec<Json> = s.products.iter().map(|id| json!({ "product_retailer_id": id })).collect();
        let mut section = json!({ "product_items": items });
        if !s.title.is_empty() {
            section["title"] = s.title.as_str().into();
        }
        section
    };
    sections.iter().map(section).collect()
}

fn amount(amount: &Amount) -> Json {
    let mut told = json!({ "value": amount.hundredths, "offset": 100 });
    if let Some(description) = &amount.description {
        told["description"] = description.as_str().into();
    }
    told
}

/// The parameters of `review_and_pay`.
pub(super) fn order(order: &Order) -> Json {
    let items: Vec<Json> = order
        .items
        .iter()
        .map(|item| {
            let mut told = json!({
                "retailer_id": item.product_id, "name": item.name, "amount": amount(&item.price),
                "quantity": item.quantity,
            });
            if let Some(sale) = &item.sale_price {
                told["sale_amount"] = amount(sale);
            }
            told
        })
        .collect();
    let mut inner = json!({
        "status": "pending", "items": items, "subtotal": amount(&order.subtotal), "tax": amount(&order.tax),
    });
    if let Some(catalog) = &order.catalog_id {
        inner["catalog_id"] = catalog.as_str().into();
    }
    for (name, part) in [("shipping", &order.shipping), ("discount", &order.discount)] {
        if let Some(part) = part {
            inner[name] = amount(part);
        }
    }
    if let Some(until) = order.payable_until {
        inner["expiration"] = json!({ "timestamp": until.timestamp().to_string(), "description": "" });
    }
    json!({
        "reference_id": order.reference,
        "type": match order.kind { OrderKind::Digital => "digital-goods", OrderKind::Physical => "physical-goods" },
        "currency": order.currency,
        "total_amount": amount(&order.total),
        "payment_settings": order.payment.iter().map(payment).collect::<Vec<_>>(),
        "order": inner,
    })
}

fn payment(method: &PaymentMethod) -> Json {
    match method {
        PaymentMethod::Gateway { provider, configuration } => json!({
            "type": "payment_gateway",
            "payment_gateway": { "type": provider, "configuration_name": configuration },
        }),
        PaymentMethod::Link { url } => json!({ "type": "payment_link", "payment_link": { "uri": url } }),
        PaymentMethod::Pix { code, merchant, key, key_type } => json!({
            "type": "pix_dynamic_code",
            "pix_dynamic_code": { "code": code, "merchant_name": merchant, "key": key, "key_type": key_type },
        }),
        PaymentMethod::Boleto { line } => json!({ "type": "boleto", "boleto": { "digitable_line": line } }),
    }
}

/// The parameters of `review_order`.
pub(super) fn status(reference: &str, stage: OrderStage, description: Option<&str>) -> Json {
    let mut order = json!({ "status": match stage {
        OrderStage::Pending => "pending",
        OrderStage::Processing => "processing",
        OrderStage::PartiallyShipped => "partially-shipped",
        OrderStage::Shipped => "shipped",
        OrderStage::Completed => "completed",
        OrderStage::Canceled => "canceled",
    }});
    if let Some(description) = description {
        order["description"] = description.into();
    }
    json!({ "reference_id": reference, "order": order })
}

/// The parameters of `address_message`.
pub(super) fn address(
    country: &str,
    values: &BTreeMap<String, String>,
    saved: &[SavedAddress],
    errors: &BTreeMap<String, String>,
) -> Json {
    let mut told = json!({ "country": country });
    for (name, fields) in [("values", values), ("validation_errors", errors)] {
        if !fields.is_empty() {
            told[name] = json!(fields);
        }
    }
    if !saved.is_empty() {
        told["saved_addresses"] = saved.iter().map(|a| json!({ "id": a.id, "value": a.values })).collect();
    }
    told
}
