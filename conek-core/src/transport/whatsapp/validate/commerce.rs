//! Products, orders and addresses.

use std::collections::{BTreeMap, HashSet};

use super::{above, at_most, different, id, optional, required, web_address, wrong};
use crate::{
    messaging::{Amount, Content, Header, Order, PaymentMethod, ProductSection},
    values::error::Result,
};

pub(super) fn validate(content: &Content) -> Result<()> {
    match content {
        Content::Product { body, footer, catalog_id, product_id } => {
            optional("body", body.as_deref(), 1024)?;
            optional("footer", footer.as_deref(), 60)?;
            catalog("catalog_id", catalog_id)?;
            product("product_id", product_id)
        }
        Content::ProductList { header, body, footer, catalog_id, sections } => {
            required("header", header, 60)?;
            required("body", body, 1024)?;
            optional("footer", footer.as_deref(), 60)?;
            catalog("catalog_id", catalog_id)?;
            products("sections", sections)
        }
        Content::Catalog { body, footer, thumbnail } => {
            required("body", body, 1024)?;
            optional("footer", footer.as_deref(), 60)?;
            thumbnail.as_deref().map_or(Ok(()), |t| product("thumbnail", t))
        }
        Content::AddressRequest { body, footer, country, values, saved, errors } => {
            required("body", body, 1024)?;
            optional("footer", footer.as_deref(), 60)?;
            if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
                return wrong("country", "must be two capital letters (ISO 3166), for example IN");
            }
            fields("values", values)?;
            fields("errors", errors)?;
            let mut ids = HashSet::new();
            for (i, address) in saved.iter().enumerate() {
                required(&format!("saved[{i}].id"), &address.id, 256)?;
                different(&format!("saved[{i}].id"), &mut ids, &address.id)?;
                if address.values.is_empty() {
                    return wrong(format!("saved[{i}].values"), "must not be empty");
                }
                fields(&format!("saved[{i}].values"), &address.values)?;
            }
            Ok(())
        }
        Content::OrderDetails { body, header, footer, order } => {
            required("body", body, 1024)?;
            optional("footer", footer.as_deref(), 60)?;
            match header {
                None => {}
                Some(header @ Header::Image { .. }) => above(header)?,
                Some(_) => return wrong("header", "must be an image here"),
            }
            self::order("order", order)
        }
        Content::OrderStatus { body, footer, reference, stage: _, description } => {
            required("body", body, 1024)?;
            optional("footer", footer.as_deref(), 60)?;
            self::reference("reference", reference)?;
            optional("description", description.as_deref(), 120)
        }
        _ => Ok(()),
    }
}

fn catalog(field: &str, catalog_id: &str) -> Result<()> {
    id(field, catalog_id, "must be Meta's id of the catalog")
}

pub(super) fn product(field: &str, product_id: &str) -> Result<()> {
    required(field, product_id, 100)
}

pub(super) fn products(field: &str, sections: &[ProductSection]) -> Result<()> {
    if !(1..=10).contains(&sections.len()) {
        return wrong(field, "must be one to ten");
    }
    if sections.iter().map(|s| s.products.len()).sum::<usize>() > 30 {
        return wrong(field, "must have at most 30 products in all");
    }
    for (i, section) in sections.iter().enumerate() {
        if sections.len() > 1 || !section.title.is_empty() {
            required(&format!("{field}[{i}].title"), &section.title, 24)?;
        }
        if section.products.is_empty() {
            return wrong(format!("{field}[{i}].products"), "must not be empty");
        }
        let mut seen = HashSet::new();
        for (j, id) in section.products.iter().enumerate() {
            let field = format!("{field}[{i}].products[{j}]");
            product(&field, id)?;
            different(&field, &mut seen, id)?;
        }
    }
    Ok(())
}

fn fields(field: &str, values: &BTreeMap<String, String>) -> Result<()> {
    for (name, value) in values {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            return wrong(field, "must have WhatsApp's names of address fields as keys, for example city");
        }
        required(&format!("{field}.{name}"), value, 1024)?;
        // WhatsApp's own limit of the one field that has any.
        if matches!(name.as_str(), "in_pin_code" | "sg_post_code") {
            at_most(&format!("{field}.{name}"), value, if field == "errors" { 1024 } else { 6 })?;
        }
    }
    Ok(())
}

fn reference(field: &str, reference: &str) -> Result<()> {
    let fits = (1..=35).contains(&reference.len())
        && reference.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if fits { Ok(()) } else { wrong(field, "must be 1 to 35 of letters, digits, -, _ and .") }
}

fn amount(field: &str, amount: &Amount, described: bool) -> Result<()> {
    if amount.hundredths < 0 {
        return wrong(format!("{field}.hundredths"), "must not be negative");
    }
    if !described && amount.description.is_some() {
        return wrong(format!("{field}.description"), "is for tax, shipping and discount only");
    }
    optional(&format!("{field}.description"), amount.description.as_deref(), 60)
}

/// An order whose sums are right: WhatsApp refuses one whose sums are not.
pub(super) fn order(at: &str, order: &Order) -> Result<()> {
    reference(&format!("{at}.reference"), &order.reference)?;
    if order.currency.len() != 3 || !order.currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return wrong(format!("{at}.currency"), "must be three capital letters (ISO 4217)");
    }
    if !(1..=999).contains(&order.items.len()) {
        return wrong(format!("{at}.items"), "must not be empty");
    }
    let mut items: i64 = 0;
    for (i, item) in order.items.iter().enumerate() {
        let field = |name: &str| format!("{at}.items[{i}].{name}");
        product(&field("product_id"), &item.product_id)?;
        required(&field("name"), &item.name, 60)?;
        if item.quantity < 1 {
            return wrong(field("quantity"), "must be at least 1");
        }
        amount(&field("price"), &item.price, false)?;
        let mut price = item.price.hundredths;
        if let Some(sale) = &item.sale_price {
            amount(&field("sale_price"), sale, false)?;
            if sale.hundredths >= price {
                return wrong(field("sale_price"), "must be less than the price");
            }
            price = sale.hundredths;
        }
        items = items.saturating_add(price.saturating_mul(i64::from(item.quantity)));
    }
    amount(&format!("{at}.subtotal"), &order.subtotal, false)?;
    amount(&format!("{at}.total"), &order.total, false)?;
    let mut sum = order.subtotal.hundredths;
    for (name, part, sign) in [
        ("tax", Some(&order.tax), 1),
        ("shipping", order.shipping.as_ref(), 1),
        ("discount", order.discount.as_ref(), -1),
    ] {
        let Some(part) = part else { continue };
        amount(&format!("{at}.{name}"), part, true)?;
        sum = sum.saturating_add(sign * part.hundredths);
    }
    if order.subtotal.hundredths != items {
        return wrong(format!("{at}.subtotal"), "must be what the items come to");
    }
    if order.total.hundredths != sum {
        return wrong(format!("{at}.total"), "must be subtotal, tax and shipping without the discount");
    }
    order.catalog_id.as_deref().map_or(Ok(()), |c| catalog(&format!("{at}.catalog_id"), c))?;
    if order.payment.is_empty() {
        return wrong(format!("{at}.payment"), "must not be empty");
    }
    order.payment.iter().enumerate().try_for_each(|(i, p)| payment(&format!("{at}.payment[{i}]"), p))
}

fn payment(at: &str, method: &PaymentMethod) -> Result<()> {
    match method {
        PaymentMethod::Gateway { provider, configuration } => {
            required(&format!("{at}.provider"), provider, 60)?;
            required(&format!("{at}.configuration"), configuration, 60)
        }
        PaymentMethod::Link { url } => web_address(&format!("{at}.url"), url),
        PaymentMethod::Pix { code, merchant, key, key_type } => {
            required(&format!("{at}.code"), code, 1024)?;
            required(&format!("{at}.merchant"), merchant, 60)?;
            required(&format!("{at}.key"), key, 256)?;
            if !["CPF", "CNPJ", "EMAIL", "PHONE", "EVP"].contains(&key_type.as_str()) {
                return wrong(format!("{at}.key_type"), "must be CPF, CNPJ, EMAIL, PHONE or EVP");
            }
            Ok(())
        }
        PaymentMethod::Boleto { line } => required(&format!("{at}.line"), line, 60),
    }
}
