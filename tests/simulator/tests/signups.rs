//! In-App Signup: links by which people subscribe, as Meta keeps them.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod business;
use business::*;
use serde_json::{Value, json};

const DANA: &str = "12133734253";
const TERMS: &str = "https://www.facebook.com/legal/ads-manager-marketing-messages-terms";

async fn open() -> Business {
    Business::with(|options| options.numbers[0].display = "+1 213 373 4200".into()).await
}

fn new(with: Value) -> Value {
    let mut new = json!({"signup_message": "Offers", "confirmation_message": "Welcome",
        "privacy_policy_url": "https://karoo.example/privacy", "policy": {"tos": TERMS, "accepted": true}});
    for (key, value) in with.as_object().unwrap() {
        new[key] = value.clone();
    }
    new
}

#[tokio::test]
async fn a_webhook_tells_who_subscribed_by_which_link_and_marketing_goes_on() {
    let b = open().await;
    b.sim.say(DANA, conek_simulator::Say::Preference { value: "stop".into() }).unwrap();
    let (_, made) = b.post(&format!("{WABA}/signups"), &new(json!({}))).await.unwrap();
    let id = made["id"].as_str().unwrap();
    let join = json!({"from": DANA, "link": format!("https://wa.me/12133734200/signup/{id}")});
    let url = format!("{}/_sim/open_signup", b.sim.base_url());
    assert_eq!(b.client.post(&url).json(&join).send().await.unwrap().status(), 200);
    b.sim.run_until_idle().await;
    let told = b.hook.updates("user_preferences");
    assert_eq!((&told[1]["value"], &told[1]["signup_id"]), (&json!("signup"), &json!(id)));
    assert_eq!((&told[1]["category"], &told[1]["wa_id"]), (&json!("marketing_messages"), &json!(DANA)));
    let chat = b.sim.chat(DANA).unwrap();
    assert_eq!((&chat["stopped_marketing"], &chat["lines"]), (&json!(false), &json!(3)));
    for wrong in [
        json!({"from": "27825550101", "link": join["link"]}),
        json!({"from": DANA, "link": "https://wa.me/12133734200/signup/1"}),
        json!({"from": DANA, "link": format!("https://wa.me/12133734299/signup/{id}")}),
    ] {
        assert_eq!(b.client.post(&url).json(&wrong).send().await.unwrap().status(), 400, "{wrong}");
    }
}

#[tokio::test]
async fn each_refusal_has_its_code() {
    let b = open().await;
    let path = format!("{WABA}/signups");
    for (wrong, code) in [
        (json!({"policy": null}), 2_494_168),
        (json!({"policy": {"tos": TERMS, "accepted": false}}), 2_494_168),
        (json!({"policy": {"tos": "https://a.example", "accepted": true}}), 2_494_177),
        (json!({"confirmation_message": "Hi {{name}}"}), 2_494_166),
        (json!({"confirmation_message": "Hi {{promo_code}}"}), 2_494_167),
        (json!({"website_url": "http://karoo.example"}), 2_494_179),
        (json!({"privacy_policy_url": "karoo.example"}), 100),
        (json!({"promo_code": "A-1"}), 100),
        (json!({"signup_message": "é".repeat(301)}), 100),
    ] {
        assert_eq!(b.change(&path, new(wrong.clone())).await, code, "{wrong}");
    }
    let (_, made) = b.post(&path, &new(json!({}))).await.unwrap();
    assert_eq!(b.change(&path, new(json!({}))).await, 2_494_176, "once for the business");
    let one = format!("signups/{}", made["id"].as_str().unwrap());
    assert_eq!(b.change(&one, json!({"privacy_policy_url": "https://b.example"})).await, 100, "for good");
    assert_eq!(b.change(&one, json!({"status": "GONE"})).await, 100);
    assert_eq!(b.get("signups/1").await.1["error"]["code"], 2_494_164);
}

#[tokio::test]
async fn where_the_business_is_there_may_be_none() {
    let b = Business::open().await;
    assert_eq!(b.change(&format!("{WABA}/signups"), new(json!({}))).await, 2_494_165);
}
