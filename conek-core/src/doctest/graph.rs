//! What the examples' WhatsApp answers to whoever manages an account.

use serde_json::{Value as Json, json};

use crate::transport::{GraphAnswer, GraphCall, GraphMethod, GraphPayload};

/// The one file that there is.
pub(super) const FILE: &[u8] = b"a picture";

pub(super) fn answer(call: &GraphCall) -> GraphAnswer {
    let json = json(call);
    GraphAnswer { status: 200, json: json.to_string(), used_percent: None, regain_minutes: None }
}

fn json(call: &GraphCall) -> Json {
    let (id, noun) = call.path.split_once('/').unwrap_or((&call.path, ""));
    let given: Json = match &call.payload {
        GraphPayload::Json { json } => serde_json::from_str(json).unwrap_or_default(),
        _ => Json::Null,
    };
    let list = |item: Json| json!({"data": [item], "paging": {"cursors": {"after": "end"}}});
    match (call.method, noun) {
        (GraphMethod::Get, "phone_numbers") => list(number()),
        (GraphMethod::Get, "message_templates") => list(template()),
        (GraphMethod::Get, "flows") => list(flow()),
        (GraphMethod::Get, "message_qrdls") => list(qr_code("Is the shop open?")),
        (GraphMethod::Get, "block_users") => {
            list(json!({"wa_id": "27832885137", "messaging_product": "whatsapp"}))
        }
        (GraphMethod::Get, "whatsapp_business_profile") => list(json!({"about": "Coffee from the Karoo"})),
        (GraphMethod::Get, "subscribed_apps") => {
            list(json!({"whatsapp_business_api_data": {"id": "300000000000001", "name": "Shop"}}))
        }
        (GraphMethod::Get, "whatsapp_commerce_settings") => {
            list(json!({"id": "527759822865714", "is_cart_enabled": true, "is_catalog_visible": false}))
        }
        (GraphMethod::Get, "whatsapp_business_encryption") => list(json!({
            "business_public_key": "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq...\n-----END PUBLIC KEY-----\n",
            "business_public_key_signature_status": "VALID",
        })),
        (GraphMethod::Get, "signups") => list(signup()),
        (GraphMethod::Get, _) if id == "signups" => signup(),
        (GraphMethod::Post, "signups") => json!({"id": "9876543210123456"}),
        (GraphMethod::Get, "username") => json!({"username": "karoocoffee", "status": "approved"}),
        (GraphMethod::Post, "username") => json!({"status": "reserved"}),
        (GraphMethod::Get, "username_suggestions") => {
            json!({"data": [{"username_suggestions": ["karoocoffee", "karoo.coffee"]}]})
        }
        (GraphMethod::Get, "template_analytics") => json!({"data": [{"data_points": [template_day()]}]}),
        (GraphMethod::Get, "compare") => comparison(),
        (GraphMethod::Get, "access_token") => json!({"access_token": "EAAJB", "token_type": "bearer"}),
        (GraphMethod::Get, "settings") => json!({"calling": {"status": "ENABLED"}}),
        (GraphMethod::Get, "call_permissions") => json!({"permission": {"status": "temporary"},
            "actions": [{"action_name": "start_call", "can_perform_action": true}]}),
        (GraphMethod::Get, "groups") => json!({"data": {"groups": [group(id)]}}),
        (GraphMethod::Get, "join_requests") => {
            list(json!({"join_request_id": "MTpZMkZ3YVY5bmNtOTFjRG94", "wa_id": "27832885137"}))
        }
        (GraphMethod::Get | GraphMethod::Post, "invite_link") => {
            json!({"invite_link": "https://chat.whatsapp.com/4O4YGZEG3RIVE1"})
        }
        (GraphMethod::Get, "assets") => list(json!({"name": "flow.json", "asset_type": "FLOW_JSON"})),
        (GraphMethod::Get, "") => node(id, call.query.get("fields").map_or("", String::as_str)),
        (GraphMethod::Post, "message_templates") => json!({"id": "900000000000001", "status": "PENDING"}),
        (GraphMethod::Post, "message_qrdls") => {
            qr_code(given["prefilled_message"].as_str().unwrap_or_default())
        }
        (GraphMethod::Post, "phone_numbers") => json!({"id": "1065551235"}),
        (GraphMethod::Post, "migrate_flows") => json!({"failed_flows": [], "migrated_flows": [
            {"source_name": "Survey", "source_id": "510000000000009", "migrated_id": "510000000000001"}]}),
        (GraphMethod::Post, "migrate_message_templates") => json!({"migrated_templates": ["900000000000001"],
            "failed_templates": {"900000000000008": "Incorrect category"}}),
        (GraphMethod::Post, "groups") => json!({"request_id": "784D93D0C468593037EA0B1ECA245D9C"}),
        (GraphMethod::Post, "join_requests") => json!({"approved_join_requests": given["join_requests"]}),
        (GraphMethod::Delete, "join_requests") => json!({"rejected_join_requests": given["join_requests"]}),
        (GraphMethod::Post, "flows") => json!({"id": "510000000000001"}),
        (GraphMethod::Post, "uploads") => json!({"id": "upload:600000000000001"}),
        (GraphMethod::Post, "") if id.starts_with("upload:") => json!({"h": "4::aW1hZ2U="}),
        (GraphMethod::Post | GraphMethod::Delete, "block_users") => {
            let users: Vec<Json> = given["block_users"]
                .as_array()
                .map(|all| all.iter().map(|user| json!({"input": user["user"]})).collect())
                .unwrap_or_default();
            let done = if call.method == GraphMethod::Post { "added_users" } else { "removed_users" };
            json!({"messaging_product": "whatsapp", "block_users": {done: users}})
        }
        _ => json!({"success": true}),
    }
}

fn node(id: &str, fields: &str) -> Json {
    match id {
        _ if fields == "conversational_automation" => {
            json!({"id": id, "conversational_automation": {"prompts": ["When are you open?"]}})
        }
        "message_template_library" => json!({"data": [library_template()]}),
        _ if fields.starts_with("analytics.") => json!({"id": id, "analytics": {"data_points": [
            {"start": 1_764_547_200, "end": 1_764_633_600, "sent": 12, "delivered": 11}]}}),
        _ if fields.starts_with("conversation_analytics.") => charged(
            id,
            "conversation_analytics",
            json!(
            {"conversation": 9, "conversation_category": "SERVICE", "cost": 0}),
        ),
        _ if fields.starts_with("pricing_analytics.") => charged(
            id,
            "pricing_analytics",
            json!(
            {"volume": 11, "pricing_category": "MARKETING", "country": "ZA", "tier": "0:MAX", "cost": 0.44}),
        ),
        _ if id.starts_with("510") => flow(),
        _ if id.starts_with("Y2Fw") => group(id),
        _ if id.starts_with("700") => json!({
            "id": id, "mime_type": "image/jpeg", "file_size": FILE.len(), "messaging_product": "whatsapp",
            "url": "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
            "sha256": "92b2fa58028958317e408bd84ecfa70f5ee35b121991dbc232c49d166353708b",
        }),
        _ if id.starts_with("900") => template(),
        _ => number(),
    }
}

fn number() -> Json {
    json!({"id": "1065551234", "display_phone_number": "+27 21 555 0100", "verified_name": "Karoo Coffee",
        "status": "CONNECTED", "quality_rating": "GREEN", "throughput": {"level": "STANDARD"}})
}

fn template() -> Json {
    json!({"id": "900000000000001", "name": "spring_offer", "language": "en", "category": "MARKETING",
        "status": "PENDING", "quality_score": {"score": "UNKNOWN"}, "components": [
            {"type": "BODY", "text": "Hello {{1}}, spring is here at Karoo Coffee."},
            {"type": "FOOTER", "text": "Reply STOP to opt out"}]})
}

fn flow() -> Json {
    json!({"id": "510000000000001", "name": "Survey", "status": "DRAFT", "categories": ["SURVEY"],
        "validation_errors": []})
}

/// A point of a field that WhatsApp counts.
fn charged(id: &str, field: &str, mut point: Json) -> Json {
    (point["start"], point["end"]) = (1_764_547_200.into(), 1_764_633_600.into());
    json!({"id": id, field: {"data": [{"data_points": [point]}]}})
}

fn template_day() -> Json {
    json!({"template_id": "900000000000001", "start": 1_764_547_200, "end": 1_764_633_600, "sent": 12,
        "delivered": 11, "read": 7, "cost": [{"type": "amount_spent", "value": 0.44}],
        "clicked": [{"type": "quick_reply_button", "button_content": "Stop", "count": 2}]})
}

fn comparison() -> Json {
    json!({"data": [
        {"metric": "BLOCK_RATE", "type": "RELATIVE",
            "order_by_relative_metric": ["900000000000002", "900000000000001"]},
        {"metric": "MESSAGE_SENDS", "type": "NUMBER_VALUES", "number_values": [
            {"key": "900000000000001", "value": 1273}, {"key": "900000000000002", "value": 1042}]},
        {"metric": "TOP_BLOCK_REASON", "type": "STRING_VALUES", "string_values": [
            {"key": "900000000000001", "value": "SPAM"}]},
    ]})
}

fn library_template() -> Json {
    json!({"id": "7147013345418927", "name": "parcel_on_its_way", "language": "en_US", "category": "UTILITY",
        "topic": "ORDER_MANAGEMENT", "usecase": "SHIPMENT_CONFIRMATION", "industry": ["E_COMMERCE"],
        "body": "Your order {{1}} has left our shop.", "body_params": ["4711"], "body_param_types": ["TEXT"],
        "buttons": [{"type": "URL", "text": "Follow it", "url": "https://www.example.com/"}]})
}

fn group(id: &str) -> Json {
    json!({"id": id, "subject": "Harvest", "join_approval_mode": "approval_required",
        "participants": [{"wa_id": "27832885137"}], "total_participant_count": 1})
}

fn signup() -> Json {
    json!({"id": "9876543210123456", "status": "ACTIVE", "promo_code": "SPRING10",
        "signup_message": "Offers of Karoo Coffee, about twice a month.",
        "confirmation_message": "You are in. Your code: {{promo_code}}",
        "privacy_policy_url": "https://karoo.example/privacy"})
}

fn qr_code(message: &str) -> Json {
    json!({"code": "4O4YGZEG3RIVE1", "prefilled_message": message,
        "deep_link_url": "https://wa.me/message/4O4YGZEG3RIVE1"})
}
