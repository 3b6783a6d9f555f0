//! Managing an account: what is changed reads back so, has its effect, and is refused where Meta refuses it.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod business;
use business::*;
use conek_simulator::{FaultRule, Say, Target};
use serde_json::{Value, json};

const APP: &str = "300000000000001";

#[tokio::test]
async fn a_profile_reads_back_as_it_was_changed() {
    let b = Business::open().await;
    let path = format!("{NUMBER}/whatsapp_business_profile");
    let with = |mut change: Value| {
        change["messaging_product"] = "whatsapp".into();
        change
    };
    let good = json!({"about": "Coffee", "email": "shop@karoo.example", "vertical": "RETAIL",
        "websites": ["https://karoo.example"], "address": "1 Long Street"});
    assert_eq!(b.change(&path, with(good)).await, 0);
    assert_eq!(b.change(&path, with(json!({"address": ""}))).await, 0);
    let (_, read) = b.get(&format!("{path}?fields=about,email,vertical,websites,address")).await;
    assert_eq!(
        read["data"][0],
        json!({"messaging_product": "whatsapp", "about": "Coffee", "email": "shop@karoo.example",
            "vertical": "RETAIL", "websites": ["https://karoo.example"]})
    );
    for bad in [
        json!({"about": "x".repeat(140)}),
        json!({"about": ""}),
        json!({"email": "nobody"}),
        json!({"vertical": "PIRACY"}),
        json!({"websites": ["https://a.example", "https://b.example", "https://c.example"]}),
        json!({"websites": ["a.example"]}),
        json!({"profile_picture_handle": "4::nothing"}),
    ] {
        assert_eq!(b.change(&path, with(bad.clone())).await, 100, "{bad}");
    }
    assert_eq!(b.change(&path, json!({"about": "No product"})).await, 100);
}

#[tokio::test]
async fn an_upload_in_two_pieces_becomes_the_profile_picture() {
    let b = Business::open().await;
    let begin = format!("{APP}/uploads?file_name=a.png&file_length=6&file_type=image/png");
    let (_, session) = b.post(&begin, &json!({})).await.unwrap();
    let url = b.url(session["id"].as_str().unwrap());
    let piece = async |offset: usize, bytes: &'static [u8]| -> Value {
        let request = b.client.post(&url).bearer_auth(b.sim.token()).header("file_offset", offset);
        request.body(bytes).send().await.unwrap().json().await.unwrap()
    };
    assert_eq!(piece(0, b"abc").await["file_offset"], 3);
    assert_eq!(piece(0, b"def").await["error"]["code"], 100);
    assert_eq!(b.get(session["id"].as_str().unwrap()).await.1["file_offset"], 3);
    let handle = piece(3, b"def").await["h"].take();
    let path = format!("{NUMBER}/whatsapp_business_profile");
    let change = json!({"messaging_product": "whatsapp", "profile_picture_handle": handle});
    assert_eq!(b.change(&path, change).await, 0);
    let (_, read) = b.get(&path).await;
    let picture =
        b.client.get(read["data"][0]["profile_picture_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(picture.bytes().await.unwrap(), &b"abcdef"[..]);
}

#[tokio::test]
async fn a_number_is_added_verified_registered_and_taken_away_again() {
    let b = Business::open().await;
    let add = json!({"cc": "27", "phone_number": "215550177", "verified_name": "Karoo Coffee"});
    let (_, made) = b.post(&format!("{WABA}/phone_numbers"), &add).await.unwrap();
    let id = made["id"].as_str().unwrap();
    assert_eq!(b.change(&format!("{WABA}/phone_numbers"), add).await, 100, "it is there already");
    let status = async || b.get(&format!("{id}?fields=status")).await.1["status"].take();
    assert_eq!(status().await, "PENDING");
    let at = |what: &str| format!("{id}/{what}");
    let pin = |pin: &str| json!({"messaging_product": "whatsapp", "pin": pin});
    let hello = json!({"messaging_product": "whatsapp", "to": THANDI, "type": "text", "text": {"body": "a"}});
    assert_eq!(b.change(&at("messages"), hello.clone()).await, 133_010);
    assert_eq!(b.change(&at("register"), pin("123456")).await, 133_006);
    assert_eq!(b.change(&at("verify_code"), json!({"code": "000000"})).await, 136_025);
    assert_eq!(b.change(&at("request_code"), json!({"code_method": "SMS", "language": "en_US"})).await, 0);
    let numbers: Value = {
        let url = format!("{}/_sim/numbers", b.sim.base_url());
        b.client.get(url).send().await.unwrap().json().await.unwrap()
    };
    assert_eq!(b.change(&at("verify_code"), json!({"code": numbers["numbers"][1]["code"]})).await, 0);
    assert_eq!(
        b.change(&at("request_code"), json!({"code_method": "SMS", "language": "en_US"})).await,
        136_024
    );
    assert_eq!(b.change(&at("register"), pin("12345")).await, 100);
    assert_eq!(b.change(&at("register"), pin("123456")).await, 0);
    assert_eq!(b.change(&at("register"), pin("654321")).await, 133_005);
    assert_eq!(status().await, "CONNECTED");
    b.sim.say(THANDI, Say::text("Hello?")).unwrap();
    assert_eq!(b.change(&at("messages"), hello.clone()).await, 0);
    assert_eq!(b.change(&at("deregister"), json!({})).await, 0);
    assert_eq!(b.change(&at("deregister"), json!({})).await, 133_010);
    assert_eq!(b.change(&at("messages"), hello).await, 133_010);
    assert_eq!(status().await, "DISCONNECTED");
    for _ in 0..6 {
        assert_eq!(b.change(&at("register"), pin("123456")).await, 0);
    }
    assert_eq!(b.change(&at("register"), pin("123456")).await, 133_016, "ten times within 72 hours");
}

#[tokio::test]
async fn a_numbers_name_pin_and_greeting_are_changed() {
    let b = Business::open().await;
    assert_eq!(
        b.change(&format!("{NUMBER}/"), json!({"new_display_name": "Karoo", "pin": "111222"})).await,
        0
    );
    let automation = json!({"prompts": ["Order", "Hours"], "enable_welcome_message": true,
        "commands": "[{\"command_name\": \"menu\", \"command_description\": \"What there is\"}]"});
    let path = format!("{NUMBER}/conversational_automation");
    assert_eq!(b.change(&path, automation).await, 0);
    let wanted = "new_name_status,is_pin_enabled,conversational_automation";
    let (_, number) = b.get(&format!("{NUMBER}?fields={wanted}")).await;
    assert_eq!(
        number,
        json!({"id": NUMBER, "new_name_status": "PENDING_REVIEW", "is_pin_enabled": true,
            "conversational_automation": {"id": NUMBER, "prompts": ["Order", "Hours"], "enable_welcome_message": true,
                "commands": [{"command_name": "menu", "command_description": "What there is"}]}})
    );
    for bad in
        [json!({}), json!({"pin": "1"}), json!({"new_display_name": "K"}), json!({"search_visibility": "NO"})]
    {
        assert_eq!(b.change(NUMBER, bad.clone()).await, 100, "{bad}");
    }
    for bad in [
        json!({"prompts": ["x".repeat(81)]}),
        json!({"prompts": ["a", "b", "c", "d"]}),
        json!({"commands": 7}),
    ] {
        assert_eq!(b.change(&path, bad.clone()).await, 100, "{bad}");
    }
}

#[tokio::test]
async fn settings_shop_and_key_of_a_number_are_changed() {
    let b = Business::open().await;
    let settings = format!("{NUMBER}/settings");
    assert_eq!(b.change(&settings, json!({"calling": {"status": "ENABLED"}})).await, 0);
    let (_, read) = b.get(&format!("{settings}?fields=calling")).await;
    assert_eq!(
        (
            &read["calling"]["status"],
            &read["calling"]["call_icon_visibility"],
            read.get("storage_configuration")
        ),
        (&json!("ENABLED"), &json!("DEFAULT"), None)
    );
    for bad in [json!({}), json!({"calling": {"status": "MAYBE"}}), json!({"colour": {"status": "ENABLED"}})]
    {
        assert_eq!(b.change(&settings, bad.clone()).await, 100, "{bad}");
    }
    let shop = format!("{NUMBER}/whatsapp_commerce_settings");
    assert_eq!(b.change(&format!("{shop}?is_catalog_visible=true"), json!({})).await, 0);
    assert_eq!(b.change(&format!("{shop}?is_cart_enabled=perhaps"), json!({})).await, 100);
    let (_, read) = b.get(&shop).await;
    assert_eq!(read["data"][0]["is_catalog_visible"], true);
    let key = format!("{NUMBER}/whatsapp_business_encryption");
    assert_eq!(b.change(&key, json!({"business_public_key": "not a key"})).await, 100);
    assert_eq!(b.get(&key).await.1, json!({"data": []}));
}

#[tokio::test]
async fn a_qr_code_is_listed_changed_drawn_and_deleted() {
    let b = Business::open().await;
    let path = format!("{NUMBER}/message_qrdls");
    let wish = json!({"prefilled_message": "Two coffees", "generate_qr_image": "PNG"});
    let (_, made) = b.post(&path, &wish).await.unwrap();
    let code = made["code"].as_str().unwrap();
    assert_eq!((code.len(), &made["deep_link_url"]), (14, &json!(format!("https://wa.me/message/{code}"))));
    let image = b.client.get(made["qr_image_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(image.headers()["content-type"], "image/png");
    assert!(image.bytes().await.unwrap().starts_with(b"\x89PNG"));
    assert_eq!(b.change(&path, json!({"code": code, "prefilled_message": "Three coffees"})).await, 0);
    assert_eq!(b.change(&format!("{path}/{code}?prefilled_message=Four"), json!({})).await, 0);
    let (_, one) =
        b.get(&format!("{path}/{code}?fields=code,prefilled_message,qr_image_url.format(SVG)")).await;
    assert_eq!(one["data"][0]["prefilled_message"], "Four");
    assert!(one["data"][0]["qr_image_url"].as_str().unwrap().ends_with(".svg"));
    assert_eq!(b.get(&format!("{path}/")).await.1["data"].as_array().unwrap().len(), 1);
    for bad in [
        json!({}),
        json!({"prefilled_message": "x".repeat(141)}),
        json!({"prefilled_message": "a", "generate_qr_image": "GIF"}),
        json!({"prefilled_message": "a", "code": "AAAAAAAAAAAAAA"}),
    ] {
        assert_eq!(b.change(&path, bad.clone()).await, 100, "{bad}");
    }
    assert_eq!(b.delete(&format!("{path}/{code}"), &json!({})).await.0, 200);
    assert_eq!(b.delete(&format!("{path}/{code}"), &json!({})).await.1["error"]["code"], 100);
    assert_eq!(b.get(&path).await.1["data"], json!([]));
}

#[tokio::test]
async fn a_blocked_person_is_neither_written_to_nor_heard() {
    let b = Business::open().await;
    let path = format!("{NUMBER}/block_users");
    let whom = json!({"messaging_product": "whatsapp", "block_users": [{"user": format!("+{THANDI}")}]});
    let (_, early) = b.post(&path, &whom).await.unwrap();
    assert_eq!(early["errors"]["code"], 139_100, "nobody is blocked who has not written");
    assert_eq!(early["block_users"]["failed_users"][0]["errors"][0]["code"], 131_047);
    b.sim.say(THANDI, Say::text("Hello?")).unwrap();
    b.sim.run_until_idle().await;
    let (_, done) = b.post(&path, &whom).await.unwrap();
    assert_eq!(done["block_users"]["added_users"][0]["wa_id"], THANDI);
    assert_eq!(b.get(&path).await.1["data"][0]["wa_id"], THANDI);
    assert_eq!(b.refused(text(THANDI, "Are you there?")).await, 130_403);
    b.sim.say(THANDI, Say::text("Why not?")).unwrap();
    b.sim.run_until_idle().await;
    assert_eq!(b.hook.updates("messages").len(), 1, "what a blocked person writes is not told");
    // A path that clients call without a version too.
    let url = format!("{}/{path}", b.sim.base_url());
    let lifted = b.client.delete(url).bearer_auth(b.sim.token()).json(&whom).send().await.unwrap();
    assert_eq!(lifted.status().as_u16(), 200);
    assert_eq!(b.get(&path).await.1["data"], json!([]));
    b.accepted(text(THANDI, "Welcome back")).await;
    assert_eq!(b.change(&path, json!({"messaging_product": "whatsapp", "block_users": []})).await, 100);
}

#[tokio::test]
async fn a_flow_goes_from_draft_to_deprecated_and_only_forwards() {
    let b = Business::open().await;
    let flows = format!("{WABA}/flows");
    let wish = json!({"name": "Survey", "categories": ["SURVEY"]});
    let (_, made) = b.post(&flows, &wish).await.unwrap();
    let id = made["id"].as_str().unwrap();
    assert_eq!(b.change(&flows, wish).await, 100, "the name is taken");
    assert_eq!(b.change(&flows, json!({"name": "Other", "categories": ["FUN"]})).await, 100);
    let upload = async |file: &str| {
        let part = reqwest::multipart::Part::text(file.to_owned()).file_name("flow.json");
        let form = reqwest::multipart::Form::new()
            .part("file", part)
            .text("name", "flow.json")
            .text("asset_type", "FLOW_JSON");
        let request =
            b.client.post(b.url(&format!("{id}/assets"))).bearer_auth(b.sim.token()).multipart(form);
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert_eq!(b.change(&format!("{id}/publish"), json!({})).await, 139_002, "there is nothing in it");
    for wrong in
        ["{", "{}", r#"{"version": "7.0", "screens": []}"#, r#"{"version": "7.0", "screens": [{"id": "A"}]}"#]
    {
        assert_eq!(upload(wrong).await["validation_errors"].as_array().unwrap().len(), 1, "{wrong}");
    }
    assert_eq!(b.change(&format!("{id}/publish"), json!({})).await, 139_002, "it has errors");
    let file = r#"{"version": "7.0", "screens": [{"id": "A", "layout": {}}]}"#;
    assert_eq!(upload(file).await["validation_errors"], json!([]));
    let (_, assets) = b.get(&format!("{id}/assets")).await;
    let there = b.client.get(assets["data"][0]["download_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(there.text().await.unwrap(), file);
    assert_eq!(b.change(id, json!({"name": "Questions"})).await, 0);
    assert_eq!(b.change(&format!("{id}/deprecate"), json!({})).await, 139_003);
    assert_eq!(b.change(&format!("{id}/publish"), json!({})).await, 0);
    assert_eq!(b.change(id, json!({"name": "Late"})).await, 139_001);
    assert_eq!(upload(file).await["error"]["code"], 139_001);
    assert_eq!(b.delete(id, &json!({})).await.1["error"]["code"], 139_004);
    assert_eq!(b.change(&format!("{id}/deprecate"), json!({})).await, 0);
    let (_, read) = b.get(&format!("{id}?fields=name,status,json_version")).await;
    assert_eq!(read, json!({"id": id, "name": "Questions", "status": "DEPRECATED", "json_version": "7.0"}));
    let (_, second) = b
        .post(&flows, &json!({"name": "Draft", "categories": ["OTHER"], "clone_flow_id": id}))
        .await
        .unwrap();
    assert_eq!(b.get(&flows).await.1["data"].as_array().unwrap().len(), 2);
    assert_eq!(b.delete(second["id"].as_str().unwrap(), &json!({})).await.0, 200);
    assert_eq!(b.get(&flows).await.1["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn webhooks_follow_the_callback_of_a_number_then_of_its_account_then_of_the_app() {
    let b = Business::open().await;
    let (account, number) = (Hook::open().await, Hook::open().await);
    let named = |url: &str, token: &str| json!({"override_callback_uri": url, "verify_token": token});
    let apps = format!("{WABA}/subscribed_apps");
    assert_eq!(b.change(&apps, named(&account.url, "wrong")).await, 2200, "the challenge comes first");
    assert_eq!(b.change(&apps, named("https://elsewhere.example/", "simulator-verify-token")).await, 100);
    assert_eq!(b.change(&apps, named(&account.url, "simulator-verify-token")).await, 0);
    let told = async |text: &str| {
        b.sim.say(THANDI, Say::text(text)).unwrap();
        b.sim.run_until_idle().await;
        [&b.hook, &account, &number].map(|hook| hook.updates("messages").len())
    };
    assert_eq!(told("one").await, [0, 1, 0]);
    let of_number = json!({"webhook_configuration": named(&number.url, "simulator-verify-token")});
    assert_eq!(b.change(NUMBER, of_number).await, 0);
    assert_eq!(told("two").await, [0, 1, 1]);
    let (_, read) = b.get(&format!("{NUMBER}?fields=webhook_configuration")).await;
    assert_eq!(
        read["webhook_configuration"],
        json!({"phone_number": number.url, "whatsapp_business_account": account.url})
    );
    assert_eq!(b.change(NUMBER, json!({"webhook_configuration": {"override_callback_uri": ""}})).await, 0);
    assert_eq!(b.change(&apps, json!({})).await, 0);
    assert_eq!(told("three").await, [1, 1, 1]);
    assert_eq!(b.delete(&apps, &json!({})).await.0, 200);
    assert_eq!(told("four").await, [1, 1, 1], "nobody is subscribed");
    assert_eq!(b.get(&apps).await.1, json!({"data": []}));
}

#[tokio::test]
async fn an_app_subscribes_with_its_own_token_to_the_fields_it_wants() {
    let b = Business::open().await;
    let secret = format!("oauth/access_token?grant_type=client_credentials&client_id={APP}&client_secret=");
    assert_eq!(b.get(&format!("{secret}guessed")).await.1["error"]["code"], 101);
    let (_, token) = b.get(&format!("{secret}{SECRET}")).await;
    let hook = Hook::open().await;
    let mut wish = json!({"object": "whatsapp_business_account", "callback_url": hook.url, "fields": "account_update",
        "verify_token": "simulator-verify-token", "access_token": b.sim.token()});
    let path = format!("{APP}/subscriptions");
    assert_eq!(b.change(&path, wish.clone()).await, 190, "the token of a user is not enough");
    wish["access_token"] = token["access_token"].clone();
    assert_eq!(b.change(&path, wish.clone()).await, 0);
    b.sim.say(THANDI, Say::text("Hello?")).unwrap();
    b.sim.run_until_idle().await;
    assert_eq!(hook.posts().len(), 0, "messages were not subscribed to");
    wish["fields"] = "account_update,messages".into();
    assert_eq!(b.change(&path, wish).await, 0);
    b.sim.say(THANDI, Say::text("Hello?")).unwrap();
    b.sim.run_until_idle().await;
    assert_eq!((hook.updates("messages").len(), b.hook.posts().len()), (1, 0));
}

#[tokio::test]
async fn an_account_is_renamed_and_may_send_marketing_one_way_only() {
    let b = Business::open().await;
    b.template("spring", "MARKETING").await;
    let change = json!({"name": "Karoo", "disable_marketing_messages_on_cloud_api": true});
    assert_eq!(b.change(WABA, change).await, 0);
    assert_eq!(b.get(&format!("{WABA}?fields=name")).await.1, json!({"id": WABA, "name": "Karoo"}));
    assert_eq!(b.refused(template(THANDI, "spring")).await, 131_063);
    let path = format!("{NUMBER}/marketing_messages");
    assert_eq!(b.post(&path, &template(THANDI, "spring")).await.unwrap().0, 200);
    for bad in [json!({}), json!({"name": ""}), json!({"timezone_id": "Johannesburg"})] {
        assert_eq!(b.change(WABA, bad.clone()).await, 100, "{bad}");
    }
}

#[tokio::test]
async fn templates_are_filtered_counted_changed_and_unpaused() {
    let b = Business::open().await;
    b.template("spring", "MARKETING").await;
    let list = format!("{WABA}/message_templates?summary=total_count&category=MARKETING");
    let (_, found) = b.get(&list).await;
    assert_eq!((&found["data"][0]["name"], &found["summary"]["total_count"]), (&json!("spring"), &json!(1)));
    assert_eq!(found["summary"]["message_template_count"], 2, "with hello_world");
    let id = found["data"][0]["id"].as_str().unwrap().to_owned();
    let (_, changed) =
        b.post(&id, &json!({"category": "UTILITY", "message_send_ttl_seconds": 60})).await.unwrap();
    assert_eq!(changed, json!({"success": true, "id": id, "name": "spring", "category": "UTILITY"}));
    assert_eq!(b.get(&id).await.1["message_send_ttl_seconds"], 60);
    assert_eq!(b.post(&format!("{id}/unpause"), &json!({})).await.unwrap().1["success"], false);
    b.sim.set_template_status("spring", "PAUSED");
    assert_eq!(b.post(&format!("{id}/unpause"), &json!({})).await.unwrap().1["success"], true);
    b.accepted(template(THANDI, "spring")).await;
    let codes = json!({"name": "code", "category": "AUTHENTICATION", "languages": ["en", "de"],
        "components": [{"type": "BODY"}]});
    let upsert = format!("{WABA}/upsert_message_templates");
    let (_, first) = b.post(&upsert, &codes).await.unwrap();
    let (_, again) = b.post(&upsert, &codes).await.unwrap();
    assert_eq!(
        (first["data"].as_array().unwrap().len(), &first),
        (2, &again),
        "they are changed, not doubled"
    );
}

#[tokio::test]
async fn a_fault_strikes_managing_too() {
    let b = Business::open().await;
    b.sim.set_faults(vec![
        FaultRule::new(conek_simulator::Fault::TooManyRequests).target(Target::Other).times(1),
    ]);
    let (status, _) = b.get(&format!("{NUMBER}/message_qrdls")).await;
    assert_eq!((status, b.get(&format!("{NUMBER}/message_qrdls")).await.0), (429, 200));
}

#[tokio::test]
async fn a_sign_up_over_http_hands_out_a_code_that_works_once() {
    let b = Business::open().await;
    let url = format!("{}/_sim/signups", b.sim.base_url());
    let made: Value = b.client.post(url).send().await.unwrap().json().await.unwrap();
    let code = made["code"].as_str().unwrap();
    let path = format!("oauth/access_token?client_id={APP}&client_secret={SECRET}&code={code}");
    assert_eq!(b.get(&path).await.1["access_token"], b.sim.token());
    let (_, used) = b.get(&path).await;
    assert_eq!((&used["error"]["code"], &used["error"]["error_subcode"]), (&json!(100), &json!(36_009)));
}
