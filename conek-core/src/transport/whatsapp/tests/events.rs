//! Every documented field beside messages, calls and preferences has its type; what does not fit it is kept whole.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::transport::{
    AccountEvent, AccountRestriction, AppEvent, FlowEvent, GroupEvent, GroupPerson, GroupSetting,
    IdentityEvent, NumberEvent, Reply, TemplateEvent, Update,
    whatsapp::{loose::NO_TIME, parse},
};

/// The moment of every entry here, as seconds.
const AT: i64 = 1_743_451_903;

fn body(field: &str, value: &Value) -> Vec<u8> {
    json!({"object": "whatsapp_business_account", "entry": [
        {"id": "102290129340398", "time": AT, "changes": [{"field": field, "value": value}]}]})
    .to_string()
    .into_bytes()
}

fn updates(field: &str, value: &Value) -> Vec<Update> {
    parse(&body(field, value)).updates
}

fn one(field: &str, value: Value) -> Update {
    let mut all = updates(field, &value);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// A value whose list under `name` holds one entry.
fn listed(name: &str, item: Value) -> Value {
    json!({"messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
        name: [item]})
}

fn at(seconds: i64) -> crate::Timestamp {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap()
}

fn s(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Every documented shape: its field, the list that holds it, and one of it.
fn documented() -> Vec<(&'static str, Option<&'static str>, Value)> {
    let template = |members: Value| {
        let mut t = json!({"message_template_id": 806_312_974_732_579u64, "message_template_name": "order", "message_template_language": "en-US"});
        for (k, v) in members.as_object().unwrap() {
            t[k] = v.clone();
        }
        t
    };
    let group = |kind: &str, members: Value| {
        let mut g = json!({"timestamp": "1743451800", "group_id": "Y2FwaV9ncm91cDox", "type": kind, "request_id": "REQ"});
        for (k, v) in members.as_object().unwrap() {
            g[k] = v.clone();
        }
        g
    };
    let account = |event: &str, part: &str, members: Value| json!({"event": event, part: members});
    let person = json!({"wa_id": "16505551234", "user_id": "US.13491208655302741918", "username": "sheena"});
    let sample = json!({"from": "15550783881", "to": "16505551234", "id": "wamid.E", "timestamp": "1743451800", "type": "text", "text": {"body": "Here"}});
    vec![
        (
            "message_template_status_update",
            None,
            template(
                json!({"event": "PAUSED", "reason": null, "other_info": {"title": "FIRST_PAUSE", "description": "d"}}),
            ),
        ),
        (
            "message_template_quality_update",
            None,
            template(json!({"previous_quality_score": "GREEN", "new_quality_score": "YELLOW"})),
        ),
        (
            "message_template_components_update",
            None,
            template(
                json!({"message_template_element": "b", "message_template_title": "h", "message_template_footer": "f",
            "message_template_buttons": [{"message_template_button_type": "URL", "message_template_button_text": "Go", "message_template_button_url": "https://a.example"}]}),
            ),
        ),
        (
            "template_category_update",
            None,
            template(json!({"previous_category": "UTILITY", "new_category": "MARKETING"})),
        ),
        (
            "template_category_update",
            None,
            template(
                json!({"correct_category": "MARKETING", "new_category": "UTILITY", "category_update_timestamp": 1_760_711_433}),
            ),
        ),
        (
            "template_correct_category_detection",
            None,
            template(json!({"category": "UTILITY", "correct_category": "MARKETING"})),
        ),
        (
            "phone_number_quality_update",
            None,
            json!({"display_phone_number": "15550783881", "event": "FLAGGED", "current_limit": "TIER_10K"}),
        ),
        (
            "phone_number_quality_update",
            None,
            json!({"display_phone_number": "15550783881", "event": "THROUGHPUT_UPGRADE", "max_daily_conversations_per_business": "TIER_UNLIMITED"}),
        ),
        (
            "phone_number_name_update",
            None,
            json!({"display_phone_number": "15550783881", "decision": "REJECTED", "requested_verified_name": "Lucky", "rejection_reason": "NAME_NOT_CONSISTENT"}),
        ),
        (
            "business_username_update",
            None,
            json!({"display_phone_number": "15550783881", "username": "lucky", "status": "approved"}),
        ),
        (
            "business_username_updates",
            None,
            json!({"display_phone_number": "15550783881", "status": "deleted"}),
        ),
        (
            "security",
            None,
            json!({"display_phone_number": "15550783881", "event": "PIN_RESET_REQUEST", "requester": "61555822107539"}),
        ),
        (
            "account_settings_update",
            None,
            json!({"messaging_product": "whatsapp", "timestamp": "1743451800", "type": "phone_number_settings",
            "phone_number_settings": {"phone_number_id": "106540352242922", "calling": {"status": "ENABLED"}}}),
        ),
        (
            "business_capability_update",
            None,
            json!({"max_daily_conversations_per_business": 2000, "max_phone_numbers_per_waba": 25}),
        ),
        (
            "business_capability_update",
            None,
            json!({"max_daily_conversation_per_phone": 250, "max_phone_numbers_per_business": 2}),
        ),
        (
            "account_alerts",
            None,
            json!({"entity_type": "BUSINESS", "entity_id": "506914307656634", "alert_info": {"alert_severity": "WARNING", "alert_status": "ACTIVE",
            "alert_type": "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED", "alert_description": "d"}}),
        ),
        ("account_review_update", None, json!({"decision": "APPROVED"})),
        (
            "account_update",
            None,
            account(
                "ACCOUNT_RESTRICTION",
                "restriction_info",
                json!([{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1_743_538_303}]),
            ),
        ),
        (
            "account_update",
            None,
            account(
                "DISABLED_UPDATE",
                "ban_info",
                json!({"waba_ban_state": "DISABLE", "waba_ban_date": "April 17, 2025"}),
            ),
        ),
        (
            "account_update",
            None,
            account("ACCOUNT_VIOLATION", "violation_info", json!({"violation_type": "ADULT"})),
        ),
        ("account_update", None, json!({"event": "ACCOUNT_DELETED"})),
        ("account_update", None, json!({"event": "ACCOUNT_OFFBOARDED"})),
        ("account_update", None, json!({"event": "ACCOUNT_RECONNECTED"})),
        ("account_update", None, json!({"event": "VERIFIED_ACCOUNT", "phone_number": "15550783881"})),
        (
            "account_update",
            None,
            account(
                "PARTNER_REMOVED",
                "disconnection_info",
                json!({"reason": "PRIMARY_INACTIVITY", "initiated_by": "SYSTEM"}),
            ),
        ),
        (
            "account_update",
            None,
            account(
                "AD_ACCOUNT_LINKED",
                "waba_info",
                json!({"owner_business_id": "2329417887457253", "ad_account_linked": "980198427534243", "waba_id": "980198427658004"}),
            ),
        ),
        (
            "account_update",
            None,
            account(
                "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
                "partner_client_certification_info",
                json!({"client_business_id": "2729063490586005", "status": "APPROVED", "rejection_reasons": ["NONE"]}),
            ),
        ),
        (
            "account_update",
            None,
            account(
                "VOLUME_BASED_PRICING_TIER_UPDATE",
                "volume_tier_info",
                json!({"tier_update_time": AT, "pricing_category": "UTILITY", "tier": "25000001:50000000", "effective_month": "2025-11", "region": "India"}),
            ),
        ),
        (
            "account_update",
            None,
            account(
                "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
                "auth_international_rate_eligibility",
                json!({"exception_countries": [{"country_code": "ID", "start_time": 1_751_347_424}], "start_time": 1_748_780_624}),
            ),
        ),
        (
            "account_update",
            None,
            json!({"event": "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "country": "IN"}),
        ),
        (
            "payment_configuration_update",
            None,
            json!({"configuration_name": "c", "provider_name": "payu", "provider_mid": "m", "status": "Needs Testing", "updated_timestamp": AT}),
        ),
        (
            "partner_solutions",
            None,
            json!({"event": "SOLUTION_UPDATED", "solution_id": "1", "solution_status": "ACTIVE"}),
        ),
        (
            "flows",
            None,
            json!({"event": "FLOW_STATUS_CHANGE", "flow_id": "1", "old_status": "DRAFT", "new_status": "PUBLISHED", "message": "m"}),
        ),
        (
            "flows",
            None,
            json!({"event": "ENDPOINT_ERROR_RATE", "flow_id": "1", "alert_state": "ACTIVATED", "threshold": 10, "error_rate": 14.28, "requests_count": 34,
            "errors": [{"error_type": "TIMEOUT", "error_rate": 66.66, "error_count": 2}]}),
        ),
        (
            "messages",
            Some("errors"),
            json!({"code": 130_429, "title": "Rate limit hit", "message": "m", "error_data": {"details": "d"}}),
        ),
        (
            "messages",
            Some("messages"),
            json!({"from": "16505551234", "id": "wamid.N", "timestamp": "1743451800", "type": "system",
            "system": {"body": "User A changed from 16505551234 to 12195555358", "wa_id": "12195555358", "type": "user_changed_number"}}),
        ),
        (
            "messages",
            Some("messages"),
            json!({"from_user_id": "US.1", "id": "wamid.N", "timestamp": "1743451800", "type": "system",
            "system": {"body": "b", "user_id": "US.2", "parent_user_id": "US.ENT.3", "type": "user_changed_user_id"}}),
        ),
        (
            "messages",
            Some("messages"),
            json!({"from": "16505551234", "id": "wamid.N", "timestamp": "1743451800", "type": "system",
            "identity": {"acknowledged": true, "created_timestamp": "1743451800", "hash": "xyz"}, "system": {"body": "b", "type": "customer_identity_changed"}}),
        ),
        (
            "user_id_update",
            Some("user_id_update"),
            json!({"wa_id": "16505551234", "detail": "d", "user_id": {"previous": "US.1", "current": "US.2"},
            "parent_user_id": {"previous": "US.ENT.1", "current": "US.ENT.2"}, "timestamp": "1743451800"}),
        ),
        (
            "automatic_events",
            Some("automatic_events"),
            json!({"id": "wamid.P", "event_name": "Purchase", "timestamp": 1_743_451_800, "ctwa_clid": "c",
            "custom_data": {"currency": "USD", "value": 25000}}),
        ),
        (
            "group_lifecycle_update",
            Some("groups"),
            group(
                "group_create",
                json!({"subject": "Harvest", "description": "d", "invite_link": "https://chat.whatsapp.com/x", "join_approval_mode": "auto_approve"}),
            ),
        ),
        (
            "group_lifecycle_update",
            Some("groups"),
            json!({"timestamp": "1743451800", "type": "group_create", "request_id": "REQ", "errors": [{"code": 131_203, "message": "m"}]}),
        ),
        ("group_lifecycle_update", Some("groups"), group("group_delete", json!({}))),
        (
            "group_participants_update",
            Some("groups"),
            group("group_participants_add", json!({"reason": "invite_link", "added_participants": [person]})),
        ),
        (
            "group_participants_update",
            Some("groups"),
            group(
                "group_remove_participants",
                json!({"initiated_by": "business", "removed_participants": [person],
            "failed_participants": [{"input": "1", "errors": [{"code": 131_202}]}]}),
            ),
        ),
        (
            "group_participants_update",
            Some("groups"),
            group("group_join_request_created", json!({"join_request_id": "J", "wa_id": "16505551234"})),
        ),
        (
            "group_participants_update",
            Some("groups"),
            group("group_join_request_revoked", json!({"join_request_id": "J", "user_id": "US.1"})),
        ),
        (
            "group_settings_update",
            Some("groups"),
            group(
                "group_settings_update",
                json!({"group_subject": {"text": "Harvest 2027", "update_successful": true},
            "profile_picture": {"mime_type": "image/jpeg", "sha256": "h", "update_successful": false, "errors": [{"code": 131_000}]}}),
            ),
        ),
        ("group_status_update", Some("groups"), group("group_suspend", json!({}))),
        ("group_status_update", Some("groups"), group("group_suspend_cleared", json!({}))),
        ("smb_message_echoes", Some("message_echoes"), sample.clone()),
        ("message_echoes", Some("message_echoes"), sample.clone()),
        (
            "smb_message_echoes",
            Some("message_echoes"),
            json!({"from": "15550783881", "to_user_id": "US.1", "id": "wamid.R", "timestamp": "1743451800", "type": "revoke", "revoke": {"original_message_id": "wamid.E"}}),
        ),
        (
            "smb_app_state_sync",
            Some("state_sync"),
            json!({"type": "contact", "action": "add", "metadata": {"timestamp": "1743451800"},
            "contact": {"full_name": "Pablo Morales", "first_name": "Pablo", "phone_number": "16505551234"}}),
        ),
        (
            "smb_app_state_sync",
            Some("state_sync"),
            json!({"type": "contact", "action": "remove", "contact": {"user_id": "US.1"}}),
        ),
        (
            "history",
            Some("history"),
            json!({"metadata": {"phase": 1, "chunk_order": 2, "progress": 55}, "threads": [
            {"id": "16505551234", "context": {"user_id": "US.1", "username": "sheena"}, "messages": [
                {"from": "15550783881", "to": "16505551234", "id": "wamid.1", "timestamp": "1743451800", "type": "text", "text": {"body": "Hi"}, "history_context": {"status": "READ"}},
                {"from": "16505551234", "id": "wamid.2", "timestamp": "1743451801", "type": "media_placeholder"}]}]}),
        ),
        (
            "history",
            Some("history"),
            json!({"errors": [{"code": 2_593_109, "title": "t", "error_data": {"details": "d"}}]}),
        ),
        (
            "history",
            Some("messages"),
            json!({"from": "16505551234", "id": "wamid.2", "timestamp": "1743451801", "type": "image", "image": {"id": "9", "mime_type": "image/jpeg"}}),
        ),
        ("history", Some("message_echoes"), sample),
    ]
}

#[test]
fn every_documented_shape_has_its_type() {
    for (field, list, item) in documented() {
        let value = list.map_or(item.clone(), |list| listed(list, item.clone()));
        let found = updates(field, &value);
        assert_eq!(found.len(), 1, "{field}: {item}");
        assert!(!matches!(found[0], Update::Unknown { .. }), "{field} is not typed: {item}");
        // It stays the same through JSON, as every binding and the store see it.
        let again: Update = serde_json::from_value(serde_json::to_value(&found[0]).unwrap()).unwrap();
        assert_eq!(again, found[0]);
        let shown = format!("{:?}", found[0]);
        for secret in
            ["16505551234", "12195555358", "US.1", "sheena", "Pablo", "Here", "wamid", "chat.whatsapp.com"]
        {
            assert!(!shown.contains(secret), "{field} shows {secret}: {shown}");
        }
    }
}

#[test]
fn what_a_template_update_says() {
    let found =
        documented().into_iter().filter(|(_, list, v)| list.is_none() && !v["message_template_id"].is_null());
    let events: Vec<TemplateEvent> = found
        .map(|(field, _, value)| match one(field, value) {
            Update::Template { name, language, event } => {
                assert_eq!((name.as_str(), language.as_str()), ("order", "en_US"));
                event
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let paused = TemplateEvent::Status {
        status: "PAUSED".into(),
        reason: None,
        pause: s("FIRST_PAUSE"),
        detail: s("d"),
        recommendation: None,
    };
    assert_eq!(events[0], paused);
    assert_eq!(events[1], TemplateEvent::Quality { previous: s("GREEN"), quality: "YELLOW".into() });
    let TemplateEvent::Components { header, body, footer, buttons } = &events[2] else { panic!() };
    assert_eq!((header, body, footer), (&s("h"), &s("b"), &s("f")));
    assert_eq!(buttons[0].url, s("https://a.example"));
    assert_eq!(events[3], TemplateEvent::Category { previous: s("UTILITY"), category: "MARKETING".into() });
    let announced = TemplateEvent::CategoryAnnounced {
        category: s("UTILITY"),
        next: "MARKETING".into(),
        at: Some(at(1_760_711_433)),
    };
    assert_eq!(events[4], announced);
    assert_eq!(
        events[5],
        TemplateEvent::Misclassified { category: s("UTILITY"), correct: "MARKETING".into() }
    );
}

#[test]
fn what_a_number_update_says_and_of_which_number() {
    let quality = one(
        "phone_number_quality_update",
        json!({"display_phone_number": "+1 555-078-3881", "event": "downgrade", "old_limit": "TIER_10K", "current_limit": "TIER_2K"}),
    );
    let expected = Update::Number {
        id: None,
        display: s("15550783881"),
        at: at(AT),
        event: NumberEvent::Quality {
            event: "DOWNGRADE".into(),
            limit: s("TIER_2K"),
            previous_limit: s("TIER_10K"),
        },
    };
    assert_eq!(quality, expected);
    let found = one(
        "messages",
        listed("errors", json!({"code": 130_429, "title": "t", "error_data": {"details": "d"}})),
    );
    let expected = Update::Number {
        id: s("106540352242922"),
        display: s("15550783881"),
        at: NO_TIME,
        event: NumberEvent::Failure { code: 130_429, title: s("t"), details: s("d") },
    };
    assert_eq!(found, expected);
    let sold = json!({"id": "wamid.P", "event_name": "Purchase", "timestamp": 1_743_451_800, "custom_data": {"currency": "USD", "value": 25000.5}});
    let Update::Number { event: NumberEvent::Conversion { name, currency, value, .. }, at: when, .. } =
        one("automatic_events", listed("automatic_events", sold))
    else {
        panic!()
    };
    assert_eq!(
        (name.as_str(), currency, value, when),
        ("Purchase", s("USD"), Some(25000.5), at(1_743_451_800))
    );
}

#[test]
fn what_an_account_update_says() {
    let event = |field: &str, value: Value| match one(field, value) {
        Update::Account { account, event, .. } => {
            assert_eq!(account, s("102290129340398"));
            event
        }
        other => panic!("{other:?}"),
    };
    let restrictions = vec![AccountRestriction {
        kind: "RESTRICTED_BIZ_INITIATED_MESSAGING".into(),
        until: Some(at(1_743_538_303)),
        remediation: None,
    }];
    let told = json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1_743_538_303}]});
    assert_eq!(event("account_update", told), AccountEvent::Restricted { restrictions });
    let told = json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE", "waba_ban_date": "April 17, 2025"}});
    let expected = AccountEvent::Banned { state: "REINSTATE".into(), date: s("April 17, 2025") };
    assert_eq!(event("account_update", told), expected);
    for (limit, text) in [(json!(2000), "2000"), (json!("TIER_2K"), "TIER_2K"), (json!(-1), "-1")] {
        let expected = AccountEvent::Capability {
            messaging_limit: s(text),
            numbers_per_business: None,
            numbers_per_account: Some(25),
        };
        let told = json!({"max_daily_conversations_per_business": limit, "max_phone_numbers_per_waba": 25});
        assert_eq!(event("business_capability_update", told), expected);
    }
    let tomorrow = json!({"event": "SOMETHING_OF_TOMORROW", "x": {"y": 1}});
    let AccountEvent::Other { event, json } = event("account_update", tomorrow.clone()) else { panic!() };
    assert_eq!(
        (event.as_str(), serde_json::from_str::<Value>(&json).unwrap()),
        ("SOMETHING_OF_TOMORROW", tomorrow)
    );
}

#[test]
fn what_a_group_update_says() {
    let event = |kind: &str, members: Value| {
        let mut item = json!({"timestamp": 1_743_451_800, "group_id": "G", "type": kind});
        for (k, v) in members.as_object().unwrap() {
            item[k] = v.clone();
        }
        match one("group_settings_update", listed("groups", item)) {
            Update::Group { number, group, at: when, event } => {
                assert_eq!((number.as_str(), group, when), ("106540352242922", s("G"), at(1_743_451_800)));
                event
            }
            other => panic!("{other:?}"),
        }
    };
    let settings = |settings: Vec<GroupSetting>| GroupEvent::Changed { request: None, settings, code: None };
    let setting = |name: &str, text: Option<String>, changed, code| GroupSetting {
        setting: name.into(),
        text,
        changed,
        code,
    };
    assert_eq!(
        event("group_settings_update", json!({"subject": "Harvest"})),
        settings(vec![setting("subject", s("Harvest"), None, None)])
    );
    let two = json!({"group_description": {"text": "d", "update_successful": true},
        "profile_picture": {"update_successful": false, "errors": [{"code": 131_000}]}});
    let expected = settings(vec![
        setting("description", s("d"), Some(true), None),
        setting("profile_picture", None, Some(false), Some(131_000)),
    ]);
    assert_eq!(event("group_settings_update", two), expected);
    let person = |input: Option<String>, wa_id, code| GroupPerson {
        input,
        wa_id,
        user_id: None,
        username: None,
        code,
    };
    let left = json!({"initiated_by": "business", "removed_participants": [{"wa_id": "1650"}],
        "failed_participants": [{"input": "x", "errors": [{"code": "131202"}]}]});
    let expected = GroupEvent::Left {
        request: None,
        initiated_by: s("business"),
        people: vec![person(None, s("1650"), None)],
        failed: vec![person(s("x"), None, Some(131_202))],
        code: None,
    };
    assert_eq!(event("group_participants_remove", left), expected);
}

#[test]
fn a_change_of_number_or_id_says_from_what_to_what() {
    let changed = |item: Value| match one("messages", listed("messages", item)) {
        Update::Identity { wa_id, user_id, event, .. } => (wa_id, user_id, event),
        other => panic!("{other:?}"),
    };
    let system = |part: Value| json!({"from": "16505551234", "id": "wamid.N", "timestamp": "1743451800", "type": "system", "system": part});
    let number = IdentityEvent::Number { previous: s("16505551234"), current: "12195555358".into() };
    for kind in ["user_changed_number", "customer_changed_number"] {
        for key in ["wa_id", "new_wa_id"] {
            let found = changed(system(json!({"type": kind, key: "12195555358", "body": "b"})));
            assert_eq!(found, (s("16505551234"), None, number.clone()));
        }
    }
    let id = json!({"from_user_id": "US.1", "id": "wamid.N", "timestamp": "1", "type": "system", "system": {"type": "user_changed_user_id", "user_id": "US.2"}});
    let expected = IdentityEvent::UserId {
        previous: s("US.1"),
        current: "US.2".into(),
        previous_parent: None,
        current_parent: None,
    };
    assert_eq!(changed(id), (None, s("US.1"), expected));
}

#[test]
fn what_was_said_in_the_app_is_told_and_is_nobodys_message_to_us() {
    let echo = json!({"from": "15550783881", "to": "16505551234", "id": "wamid.E", "timestamp": "1743451800", "type": "text", "text": {"body": "Here"}});
    let expected = Update::App {
        number: "106540352242922".into(),
        wa_id: s("16505551234"),
        user_id: None,
        at: at(1_743_451_800),
        event: AppEvent::Sent { wamid: "wamid.E".into(), said: Reply::Text { body: "Here".into() } },
    };
    assert_eq!(one("smb_message_echoes", listed("message_echoes", echo)), expected);
    let past = documented().into_iter().find(|(field, ..)| *field == "history").unwrap().2;
    let Update::App { event: AppEvent::History { phase, chunk, progress, chats, code }, wa_id: None, .. } =
        one("history", listed("history", past.clone()))
    else {
        panic!()
    };
    assert_eq!((phase, chunk, progress, code), (Some(1), Some(2), Some(55), None));
    assert_eq!((&chats[0].wa_id, &chats[0].user_id), (&s("16505551234"), &s("US.1")));
    let messages = &chats[0].messages;
    assert_eq!((messages[0].by_business, messages[0].status.as_deref()), (true, Some("READ")));
    assert!(!messages[1].by_business && matches!(messages[1].said, Reply::Other { .. }));
    // One message that cannot be read keeps the piece whole: nothing of it is lost.
    let mut broken = past;
    broken["threads"][0]["messages"][1]["id"] = json!(7);
    let Update::Unknown { field, json } = one("history", listed("history", broken.clone())) else { panic!() };
    assert_eq!((field.as_str(), serde_json::from_str::<Value>(&json).unwrap()), ("history", broken));
    // What follows the history is never an update of the field `messages`.
    let file = json!({"from": "16505551234", "id": "wamid.2", "timestamp": "1743451801", "type": "text", "text": {"body": "STOP"}});
    let found = one("history", listed("messages", file));
    assert!(matches!(found, Update::App { event: AppEvent::HistoryFile { .. }, .. }));
}

#[test]
fn a_flow_tells_its_status_and_how_it_fares() {
    let told = json!({"event": "ENDPOINT_LATENCY", "flow_id": 691_244_242_662_581u64, "alert_state": "ACTIVATED", "threshold": "3000", "p90_latency": 8000.0, "requests_count": 34});
    let Update::Flow { flow, event: FlowEvent::Alert { kind, threshold, p90_latency, requests, .. }, .. } =
        one("flows", told)
    else {
        panic!()
    };
    assert_eq!((flow.as_str(), kind.as_str()), ("691244242662581", "ENDPOINT_LATENCY"));
    assert_eq!((threshold, p90_latency, requests), (Some(3000.0), Some(8000.0), Some(34)));
}

#[test]
fn whose_an_update_is_and_when_is_read_however_odd_the_entry() {
    let change = json!({"field": "account_review_update", "value": {"decision": "APPROVED"}});
    for (entry, account, when) in [
        (json!({"id": 1022, "time": "1743451903", "changes": [change]}), s("1022"), at(AT)),
        (json!({"changes": [change]}), None, NO_TIME),
        (json!({"id": {}, "time": [], "changes": [change]}), None, NO_TIME),
    ] {
        let found = parse(json!({ "entry": [entry] }).to_string().as_bytes()).updates;
        assert!(
            matches!(&found[..], [Update::Account { account: a, at: t, .. }] if *a == account && *t == when),
            "{found:?}"
        );
    }
    // Said twice, it is not known; what is inside counts all the same.
    let twice = format!(r#"{{"entry":[{{"id":"1","id":"2","changes":[{change}]}}]}}"#);
    let found = parse(twice.as_bytes()).updates;
    assert!(matches!(&found[..], [Update::Account { account: None, .. }]), "{found:?}");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z_]{1,10}", inner), 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

/// Puts `odd` in the place of the `n`th value inside.
fn bend(value: &mut Value, n: &mut usize, odd: &Value) {
    let inside: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(members) => members.values_mut().collect(),
        _ => return,
    };
    for child in inside {
        if *n == 0 {
            *child = odd.clone();
            *n = usize::MAX;
            return;
        }
        *n -= 1;
        bend(child, n, odd);
        if *n == usize::MAX {
            return;
        }
    }
}

proptest! {
    #[test]
    fn of_every_bent_shape_one_update_comes_out_and_what_does_not_fit_is_whole(
        which in 0..documented().len(), place in 0..12usize, odd in any_json(),
    ) {
        let (field, list, mut item) = documented().remove(which);
        let mut n = place;
        bend(&mut item, &mut n, &odd);
        let value = list.map_or(item.clone(), |list| listed(list, item.clone()));
        let found = updates(field, &value);
        prop_assert_eq!(found.len(), 1);
        if let Update::Unknown { field: kept, json } = &found[0] {
            prop_assert!(kept.starts_with(field));
            // Through text, as numbers are rounded on the way.
            let item: Value = serde_json::from_str(&item.to_string()).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(json).unwrap(), item);
        }
    }

    #[test]
    fn whatever_stands_under_a_known_field_comes_out(which in 0..documented().len(), odd in any_json()) {
        let (field, list, item) = documented().remove(which);
        prop_assert!(!updates(field, &odd).is_empty());
        if let Some(list) = list {
            let mut value = listed(list, item);
            value[list] = json!([value[list][0], odd, value[list][0]]);
            prop_assert_eq!(updates(field, &value).len(), 3);
        }
    }
}
