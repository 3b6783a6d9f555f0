//! One call of every operation at least, in an order in which each of them works.

use serde_json::{Value, json};

use super::{
    NUMBER, THANDI, WABA,
    probing::{
        Given::{self, Bytes, Form, Json, Nothing},
        Probing,
    },
};
use conek_simulator::{Persona, Say};

const APP: &str = "300000000000001";
const BUSINESS: &str = "310000000000001";

pub async fn all(p: &mut Probing) {
    p.b.sim.say(THANDI, Say::text("Good morning")).unwrap();
    signups(p).await;
    numbers(p).await;
    settings(p).await;
    media(p).await;
    templates(p).await;
    messages(p).await;
    account(p).await;
    qr_codes(p).await;
    people(p).await;
    flows(p).await;
    groups(p).await;
    p.b.sim.run_until_idle().await;
    history(p).await;
    p.webhooks();
}

fn text(of: &Value, key: &str) -> String {
    of[key].as_str().unwrap().to_owned()
}

fn product(mut with: Value) -> Given {
    with["messaging_product"] = "whatsapp".into();
    Json(with)
}

async fn numbers(p: &mut Probing) {
    let numbers = format!("{WABA}/phone_numbers");
    let add = json!({"cc": "27", "phone_number": "215550177", "verified_name": "Karoo Coffee"});
    let made = text(&p.call("POST /{WABA-ID}/phone_numbers", &numbers, Json(add)).await, "id");
    let code = json!({"code_method": "SMS", "language": "en_US"});
    p.call("POST /{Phone-Number-ID}/request_code", &format!("{made}/request_code"), Json(code)).await;
    let told = p.b.client.get(format!("{}/_sim/numbers", p.b.sim.base_url())).send().await.unwrap();
    let told: Value = told.json().await.unwrap();
    let code = told["numbers"].as_array().unwrap().iter().find_map(|n| n["code"].as_str()).unwrap();
    let code = json!({ "code": code });
    p.call("POST /{Phone-Number-ID}/verify_code", &format!("{made}/verify_code"), Json(code)).await;
    let pin = product(json!({"pin": "123456"}));
    p.call("POST /{Phone-Number-ID}/register", &format!("{made}/register"), pin).await;
    p.call("POST /{Phone-Number-ID}/deregister", &format!("{made}/deregister"), Nothing).await;
    p.call("GET /{WABA-ID}/phone_numbers", &format!("{numbers}?limit=1"), Nothing).await;
    let change = json!({"new_display_name": "Karoo", "pin": "654321", "search_visibility": "VISIBLE",
        "webhook_configuration": {"override_callback_uri": p.b.hook.url, "verify_token": "simulator-verify-token"}});
    p.call("POST /{Phone-Number-ID}", NUMBER, Json(change)).await;
    p.call("POST /{Phone-Number-ID}", &format!("{NUMBER}/"), Json(json!({"pin": "654321"}))).await;
    let bot = json!({"enable_welcome_message": true, "prompts": ["When?"],
        "commands": [{"command_name": "hours", "command_description": "When we are open"}]});
    let path = format!("{NUMBER}/conversational_automation");
    p.call("POST /{Phone-Number-ID}/conversational_automation", &path, Json(bot)).await;
    p.call("GET /{Phone-Number-ID}", &format!("{NUMBER}/"), Nothing).await;
    let name = format!("{NUMBER}/username");
    p.call("GET /{Phone-Number-ID}/username_suggestions", &format!("{NUMBER}/username_suggestions"), Nothing)
        .await;
    let wish = json!({"username": "karoocoffee", "transfer_action": "none"});
    p.call("POST /{Phone-Number-ID}/username", &name, Json(wish)).await;
    p.call("GET /{Phone-Number-ID}/username", &name, Nothing).await;
    p.call("DELETE /{Phone-Number-ID}/username", &name, Nothing).await;
}

async fn settings(p: &mut Probing) {
    let path = format!("{NUMBER}/settings");
    let calls = json!({"calling": {"status": "ENABLED"}});
    p.call("POST /{Phone-Number-ID}/settings", &path, Json(calls)).await;
    p.call("GET /{Phone-Number-ID}/settings", &path, Nothing).await;
    let path = format!("{NUMBER}/whatsapp_commerce_settings");
    let shop = "?is_cart_enabled=true&is_catalog_visible=true";
    p.call("POST /{Phone-Number-ID}/whatsapp_commerce_settings", &format!("{path}{shop}"), Nothing).await;
    p.call("GET /{Phone-Number-ID}/whatsapp_commerce_settings", &path, Nothing).await;
    let path = format!("{NUMBER}/whatsapp_business_encryption");
    let key = "A".repeat(392);
    let key = format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n");
    let form = Form(vec![("business_public_key", key)], None);
    p.call("POST /{Phone-Number-ID}/whatsapp_business_encryption", &path, form).await;
    p.call("GET /{Phone-Number-ID}/whatsapp_business_encryption", &path, Nothing).await;

    let begin = format!("{APP}/uploads?file_name=a.png&file_length=3&file_type=image/png");
    let session = text(&p.call("POST /{Application-ID}/uploads", &begin, Nothing).await, "id");
    p.call("GET /upload:{Session}", &session, Nothing).await;
    let handle = text(&p.call("POST /upload:{Session}", &session, Bytes(b"abc")).await, "h");
    let path = format!("{NUMBER}/whatsapp_business_profile");
    let profile =
        product(json!({"about": "Coffee", "address": "12 Church Street", "email": "shop@karoo.example",
        "description": "From the Karoo", "vertical": "RETAIL", "websites": ["https://karoo.example"],
        "profile_picture_handle": handle}));
    p.call("POST /{Phone-Number-ID}/whatsapp_business_profile", &path, profile).await;
    p.call("GET /{Phone-Number-ID}/whatsapp_business_profile", &path, Nothing).await;
}

async fn media(p: &mut Probing) {
    let form = Form(vec![("messaging_product", "whatsapp".into())], Some(("image/png", b"a picture")));
    let id = text(&p.call("POST /{Phone-Number-ID}/media", &format!("{NUMBER}/media"), form).await, "id");
    let url = text(&p.call("GET /{Media-ID}", &id, Nothing).await, "url");
    p.call("GET /{Media-URL}", &url, Nothing).await;
    p.call("DELETE /{Media-ID}", &format!("{id}/"), Nothing).await;
}

async fn templates(p: &mut Probing) {
    let path = format!("{WABA}/message_templates");
    let new = |name: &str, category: &str| {
        json!({"name": name, "language": "en", "category": category, "allow_category_change": true,
            "components": [{"type": "BODY", "text": "Hello"}]})
    };
    let made = p.call("POST /{WABA-ID}/message_templates", &path, Json(new("spring", "MARKETING"))).await;
    let other = p.call("POST /{WABA-ID}/message_templates", &path, Json(new("autumn", "UTILITY"))).await;
    let (id, other) = (text(&made, "id"), text(&other, "id"));
    p.call("GET /{WABA-ID}/message_templates", &format!("{path}?limit=1&name=spring"), Nothing).await;
    p.call("GET /{TEMPLATE_ID}", &id, Nothing).await;
    let edit = json!({"category": "MARKETING", "components": [{"type": "BODY", "text": "Hello there"}]});
    p.call("POST /{TEMPLATE_ID}", &id, Json(edit)).await;
    assert!(p.b.sim.set_template_status("spring", "PAUSED"));
    p.call("POST /{TEMPLATE_ID}/unpause", &format!("{id}/unpause"), Nothing).await;
    let path_of = |noun: &str| format!("{WABA}/{noun}");
    let upsert = json!({"name": "code", "category": "AUTHENTICATION", "languages": ["en"],
        "components": [{"type": "BODY"}]});
    let path_of_upsert = path_of("upsert_message_templates");
    p.call("POST /{WABA-ID}/upsert_message_templates", &path_of_upsert, Json(upsert)).await;
    let from = json!({"source_waba_id": WABA});
    let migrate = path_of("migrate_message_templates");
    p.call("POST /{WABA-ID}/migrate_message_templates", &migrate, Json(from)).await;
    let found = "message_template_library?search=order";
    p.call("GET /message_template_library", found, Nothing).await;
    let now = conek_core::Clock::now(&*p.b.clock).timestamp();
    let since = now - 7 * 86_400;
    // Templates are compared once they were sent a thousand times, which this test does not do.
    let compare = format!("{id}/compare?template_ids=[{other}]&start={since}&end={now}");
    let (status, _) = p.try_call("GET /{TEMPLATE_ID}/compare", &compare, Nothing).await;
    assert_eq!(status, 400);
    p.call("POST /{WABA-ID}", WABA, Json(json!({"is_enabled_for_insights": true}))).await;
    let counted = path_of("template_analytics");
    let asked = format!("{counted}?start={since}&end={now}&granularity=DAILY&template_ids=[{id}]");
    p.call("GET /{WABA-ID}/template_analytics", &asked, Nothing).await;
    p.call("DELETE /{WABA-ID}/message_templates", &format!("{path}?name=autumn&hsm_id={other}"), Nothing)
        .await;
}

async fn messages(p: &mut Probing) {
    let path = format!("{NUMBER}/messages");
    let to = format!("+{THANDI}");
    let link = json!({"link": "https://shop.example/a.jpg"});
    let answered = p.b.sim.say(THANDI, Say::text("Are you open?")).unwrap();
    let words = json!({"text": "Shall we?"});
    let interactive = |kind: &str, action: Value| {
        ("interactive", json!({"type": kind, "body": words, "footer": words, "action": action}))
    };
    let contents = [
        ("text", json!({"body": "Good morning", "preview_url": true})),
        ("image", link.clone()),
        ("audio", link.clone()),
        ("video", link.clone()),
        ("sticker", link.clone()),
        ("document", link.clone()),
        (
            "location",
            json!({"latitude": -32.25, "longitude": 24.54, "name": "Shop", "address": "12 Church St"}),
        ),
        (
            "contacts",
            json!([{"name": {"formatted_name": "Johan Botha", "first_name": "Johan"},
            "phones": [{"phone": "+27832885138", "type": "CELL"}]}]),
        ),
        ("reaction", json!({"message_id": answered, "emoji": "👍"})),
        interactive("button", json!({"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Yes"}}]})),
        interactive(
            "list",
            json!({"button": "Choose", "sections": [{"title": "Days",
            "rows": [{"id": "mon", "title": "Monday", "description": "Until five"}]}]}),
        ),
        interactive(
            "cta_url",
            json!({"name": "cta_url",
            "parameters": {"display_text": "Look", "url": "https://shop.example"}}),
        ),
        interactive(
            "flow",
            json!({"name": "flow", "parameters": {"flow_message_version": "3", "flow_id": "7",
            "flow_token": "t", "flow_cta": "Book", "flow_action": "navigate"}}),
        ),
        ("template", json!({"name": "hello_world", "language": {"code": "en_US"}})),
    ];
    for (kind, content) in contents {
        let mut message = json!({"recipient_type": "individual", "to": to, "type": kind,
            "context": {"message_id": answered}, "biz_opaque_callback_data": "order-4711"});
        message[kind] = content;
        p.call("POST /{Phone-Number-ID}/messages", &path, product(message)).await;
    }
    let read = json!({"status": "read", "message_id": answered, "typing_indicator": {"type": "text"}});
    p.call("POST /{Phone-Number-ID}/messages", &path, product(read)).await;
    p.b.sim.set_persona("27825550102", Persona::NotOnWhatsapp);
    for number in [to.as_str(), "+27825550102"] {
        let offer = json!({"recipient_type": "individual", "to": number, "type": "template",
            "product_policy": "CLOUD_API_FALLBACK", "template": {"name": "spring", "language": {"code": "en"}}});
        let marketing = format!("{NUMBER}/marketing_messages");
        p.call("POST /{Phone-Number-ID}/marketing_messages", &marketing, product(offer)).await;
    }
    p.b.sim.say(THANDI, Say::Preference { value: "stop".into() }).unwrap();
}

async fn account(p: &mut Probing) {
    let apps = format!("{WABA}/subscribed_apps");
    let to = json!({"override_callback_uri": p.b.hook.url, "verify_token": "simulator-verify-token"});
    p.call("POST /{WABA-ID}/subscribed_apps", &apps, Json(to)).await;
    p.call("GET /{WABA-ID}/subscribed_apps", &apps, Nothing).await;
    p.call("DELETE /{WABA-ID}/subscribed_apps", &apps, Nothing).await;
    p.call("POST /{WABA-ID}/subscribed_apps", &apps, Nothing).await;
    p.call("GET /{WABA-ID}", WABA, Nothing).await;
    p.call("POST /{WABA-ID}", WABA, Json(json!({"name": "Karoo", "timezone_id": "1"}))).await;
    for noun in ["owned_whatsapp_business_accounts", "client_whatsapp_business_accounts"] {
        p.call(&format!("GET /{{Business-ID}}/{noun}"), &format!("{BUSINESS}/{noun}"), Nothing).await;
    }
    let secret = format!("client_id={APP}&client_secret=simulator-app-secret&grant_type=client_credentials");
    let token = p.call("GET /oauth/access_token", &format!("oauth/access_token?{secret}"), Nothing).await;
    let token = text(&token, "access_token").replace('|', "%7C");
    let path = format!("{APP}/subscriptions?access_token={token}");
    let groups = ["lifecycle", "participants", "settings"];
    let wish = json!({"object": "whatsapp_business_account", "callback_url": p.b.hook.url,
        "verify_token": "simulator-verify-token",
        "fields": format!("messages,user_preferences,calls,group_{}_update", groups.join("_update,group_"))});
    p.call("POST /{Application-ID}/subscriptions", &path, Json(wish)).await;
    p.call("GET /{Application-ID}/subscriptions", &path, Nothing).await;
}

async fn signups(p: &mut Probing) {
    let path = format!("{WABA}/signups");
    let terms = "https://www.facebook.com/legal/ads-manager-marketing-messages-terms";
    let new = json!({"signup_message": "Offers", "confirmation_message": "{{promo_code}}", "promo_code": "A1",
        "privacy_policy_url": "https://karoo.example", "policy": {"tos": terms, "accepted": true}});
    let made = text(&p.call("POST /{WABA-ID}/signups", &path, Json(new)).await, "id");
    p.call("GET /{WABA-ID}/signups", &path, Nothing).await;
    let one = format!("signups/{made}");
    p.call("GET /signups/{Signup-ID}", &one, Nothing).await;
    p.call("POST /signups/{Signup-ID}", &one, Json(json!({"status": "DISABLED"}))).await;
}

async fn qr_codes(p: &mut Probing) {
    let path = format!("{NUMBER}/message_qrdls");
    let new = json!({"prefilled_message": "Open?", "generate_qr_image": "SVG"});
    let made = p.call("POST /{Phone-Number-ID}/message_qrdls", &path, Json(new)).await;
    let code = text(&made, "code");
    let again = json!({"prefilled_message": "Open on Sunday?", "code": code});
    p.call("POST /{Phone-Number-ID}/message_qrdls", &format!("{path}/"), Json(again)).await;
    let again = json!({"prefilled_message": "Open on Monday?"});
    p.call("POST /{Phone-Number-ID}/message_qrdls", &format!("{path}/{code}"), Json(again)).await;
    for path in [path.clone(), format!("{path}/")] {
        p.call("GET /{Phone-Number-ID}/message_qrdls", &path, Nothing).await;
    }
    let one = format!("{path}/{code}");
    p.call("GET /{Phone-Number-ID}/message_qrdls/{QR-Code-ID}", &one, Nothing).await;
    p.call("DELETE /{Phone-Number-ID}/message_qrdls/{QR-Code-ID}", &one, Nothing).await;
    // Pictures are fetched without a token.
    let picture = text(&made, "qr_image_url");
    assert_eq!(p.b.client.get(&picture).send().await.unwrap().status(), 200);
    p.called.insert(("GET".into(), picture));
}

async fn people(p: &mut Probing) {
    let permissions = format!("{NUMBER}/call_permissions?user_wa_id={THANDI}");
    p.b.sim.permit_calls(THANDI, true).unwrap();
    p.call("GET /{Phone-Number-ID}/call_permissions", &permissions, Nothing).await;
    let calls = format!("{NUMBER}/calls");
    let session = json!({"sdp_type": "offer", "sdp": "v=0\r\n"});
    let call =
        json!({"to": THANDI, "action": "connect", "session": session, "biz_opaque_callback_data": "c"});
    let made = p.call("POST /{Phone-Number-ID}/calls", &calls, product(call)).await;
    let end = json!({"call_id": made["calls"][0]["id"], "action": "terminate"});
    p.call("POST /{Phone-Number-ID}/calls", &calls, product(end)).await;
    let whom = || json!({"block_users": [{"user": THANDI}]});
    for path in
        [p.b.url(&format!("{NUMBER}/block_users")), format!("{}/{NUMBER}/block_users", p.b.sim.base_url())]
    {
        p.call("POST /{Phone-Number-ID}/block_users", &path, product(whom())).await;
        p.call("GET /{Phone-Number-ID}/block_users", &path, Nothing).await;
        p.call("DELETE /{Phone-Number-ID}/block_users", &path, product(whom())).await;
    }
    let nobody = json!({"block_users": [{"user": "27825550199"}]});
    let path = format!("{NUMBER}/block_users");
    p.call("POST /{Phone-Number-ID}/block_users", &path, product(nobody)).await;
}

async fn flows(p: &mut Probing) {
    let path = format!("{WABA}/flows");
    let new =
        |name: &str| Form(vec![("name", name.to_owned()), ("categories", r#"["SURVEY"]"#.to_owned())], None);
    let id = text(&p.call("POST /{WABA-ID}/flows", &path, new("Survey")).await, "id");
    let file: &[u8] = br#"{"version": "7.0", "screens": [{"id": "A", "layout": {}}]}"#;
    let assets = format!("{id}/assets");
    let fields = vec![("name", "flow.json".to_owned()), ("asset_type", "FLOW_JSON".to_owned())];
    p.call("POST /{Flow-ID}/assets", &assets, Form(fields, Some(("application/json", file)))).await;
    p.call("GET /{Flow-ID}/assets", &assets, Nothing).await;
    let change = vec![
        ("name", "Survey 2".to_owned()),
        ("categories", r#"["SURVEY"]"#.to_owned()),
        ("endpoint_uri", "https://shop.example/flow".to_owned()),
    ];
    p.call("POST /{Flow-ID}", &id, Form(change, None)).await;
    p.call("GET /{Flow-ID}", &id, Nothing).await;
    p.call("GET /{WABA-ID}/flows", &path, Nothing).await;
    p.call("POST /{Flow-ID}/publish", &format!("{id}/publish"), Nothing).await;
    p.call("POST /{Flow-ID}/deprecate", &format!("{id}/deprecate"), Nothing).await;
    let draft = text(&p.call("POST /{WABA-ID}/flows", &path, new("Draft")).await, "id");
    p.call("DELETE /{Flow-ID}", &draft, Nothing).await;
    let from = vec![("source_waba_id", WABA.to_owned()), ("source_flow_names", r#"["Survey 2"]"#.to_owned())];
    p.call("POST /{WABA-ID}/migrate_flows", &format!("{WABA}/migrate_flows"), Form(from, None)).await;
}

async fn groups(p: &mut Probing) {
    let path = format!("{NUMBER}/groups");
    let new =
        json!({"subject": "Harvest", "description": "Who helps", "join_approval_mode": "approval_required"});
    p.call("POST /{Phone-Number-ID}/groups", &path, product(new)).await;
    let page = p.call("GET /{Phone-Number-ID}/groups", &path, Nothing).await;
    let id = text(&page["data"]["groups"][0], "id");
    let link = format!("{id}/invite_link");
    p.call("GET /{group_id}/invite_link", &link, Nothing).await;
    let fresh = p.call("POST /{group_id}/invite_link", &link, product(json!({}))).await;
    let fresh = text(&fresh, "invite_link");
    let requests = format!("{id}/join_requests");
    for (operation, person) in
        [("POST /{group_id}/join_requests", THANDI), ("DELETE /{group_id}/join_requests", "27825550103")]
    {
        p.b.sim.join_group(person, &fresh).unwrap();
        let waiting = p.call("GET /{group_id}/join_requests", &requests, Nothing).await;
        let decided = json!({"join_requests": [text(&waiting["data"][0], "join_request_id")]});
        p.call(operation, &requests, product(decided)).await;
    }
    p.call("GET /{group_id}", &id, Nothing).await;
    p.call("POST /{group_id}", &id, product(json!({"subject": "Harvest 2026", "description": "All"}))).await;
    let gone = json!({"participants": [{"user": THANDI}]});
    p.call("DELETE /{group_id}/participants", &format!("{id}/participants"), product(gone)).await;
    p.call("DELETE /{group_id}", &id, Nothing).await;
}

async fn history(p: &mut Probing) {
    p.call("GET /{Phone-Number-ID}/message_history", &format!("{NUMBER}/message_history?limit=2"), Nothing)
        .await;
}
