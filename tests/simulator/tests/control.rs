//! Control: what tests in other languages use, the page, the panel and the program.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod business;
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
};

use business::*;
use conek_simulator::Mix;
use serde_json::{Value, json};

async fn get(b: &Business, path: &str) -> Value {
    b.client.get(format!("{}{path}", b.sim.base_url())).send().await.unwrap().json().await.unwrap()
}
async fn post(b: &Business, path: &str, body: Value) -> (u16, Value) {
    let answer = b.client.post(format!("{}{path}", b.sim.base_url())).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_ledger_is_asked_by_echo_recipient_id_and_place() {
    let b = Business::open().await;
    let id = b.accepted(with_echo(template(THANDI, "hello_world"), "e1")).await;
    b.accepted(with_echo(template("27825550102", "hello_world"), "e2")).await;
    let seqs = |told: Value| {
        told["entries"].as_array().unwrap().iter().map(|e| e["seq"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(seqs(get(&b, "/_sim/ledger").await), [1, 2]);
    assert_eq!(seqs(get(&b, "/_sim/ledger?echo=e2").await), [2]);
    assert_eq!(seqs(get(&b, "/_sim/ledger?to=27825550101").await), [1]);
    assert_eq!(seqs(get(&b, "/_sim/ledger?after=1&limit=5").await), [2]);
    assert_eq!(
        seqs(get(&b, &format!("/_sim/ledger?wamid={}", id.replace('=', "%3D").replace('+', "%2B"))).await),
        [1]
    );
    let entry = &get(&b, "/_sim/ledger?echo=e1").await["entries"][0];
    assert_eq!(
        (&entry["wamid"], &entry["copies"], &entry["answer"]),
        (&json!(id), &json!(1), &json!("answered"))
    );
}

#[tokio::test]
async fn the_clock_is_driven_over_http() {
    let b = Business::open().await;
    b.accepted(template(THANDI, "hello_world")).await;
    assert_eq!(get(&b, "/_sim/idle").await["idle"], false);
    let (_, told) = post(&b, "/_sim/clock", json!({"to": "2026-11-24T10:00:00+02:00"})).await;
    assert_eq!(told["now"], "2026-11-24T08:00:00Z");
    let (_, told) = post(&b, "/_sim/clock", json!({"run_until_idle": true})).await;
    assert_eq!(told["idle"]["idle"], true);
    assert_eq!(get(&b, "/_sim/stats").await["read"], 1);
}

#[tokio::test]
async fn faults_webhooks_options_people_and_reset_are_set_over_http() {
    let b = Business::open().await;
    let rules = json!({"rules": [{"fault": {"kind": "refuse", "code": 131049}, "times": 1}]});
    assert_eq!(post(&b, "/_sim/faults", rules).await.0, 200);
    assert_eq!(b.refused(template(THANDI, "hello_world")).await, 131049);
    assert_eq!(get(&b, "/_sim/faults").await["rules"][0]["fired"], 1);
    assert_eq!(post(&b, "/_sim/webhooks", json!({"duplicate": 0.5})).await.0, 200);
    let told = get(&b, "/_sim/webhooks").await;
    assert_eq!((&told["options"]["duplicate"], &told["options"]["app_secret"]), (&json!(0.5), &Value::Null));
    assert_eq!(post(&b, "/_sim/webhooks", json!({"url": "http://10.1.1.1/"})).await.0, 400);
    assert_eq!(post(&b, "/_sim/webhooks", json!({"duplicate": 0.0})).await.0, 200);
    assert_eq!(
        post(
            &b,
            "/_sim/options",
            json!({"quirks": {"read_without_delivered": 1.0}, "pace": {"sent_ms": [5, 5]}})
        )
        .await
        .0,
        200
    );
    assert_eq!(
        post(&b, "/_sim/phones/27825550101", json!({"persona": "ignores", "name": "<b>Thandi</b>"})).await.0,
        200
    );
    let (_, said) =
        post(&b, "/_sim/say", json!({"from": "+27 82 555 0101", "say": {"kind": "text", "body": "Hi"}}))
            .await;
    assert!(said["id"].as_str().unwrap().starts_with("wamid."));
    b.sim.run_until_idle().await;
    let post_made = &b.hook.posts()[0];
    assert_eq!(post_made.signature.as_deref(), Some(signature(SECRET, &post_made.body).as_str()));
    let chat = get(&b, "/_sim/phones/27825550101").await;
    assert_eq!((&chat["name"], &chat["persona"]), (&json!("<b>Thandi</b>"), &json!("ignores")));
    assert_eq!(post(&b, "/_sim/reset", json!({})).await.0, 200);
    assert_eq!(get(&b, "/_sim/stats").await["people"], 0);
    assert!(get(&b, "/_sim/faults").await["rules"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn people_are_listed_page_by_page_and_only_when_something_changed() {
    let b = Business::with(|o| (o.numbers[0].mps, o.mix) = (0, Mix::town())).await;
    for i in 0..120 {
        b.accepted(template(&format!("2782555{i:04}"), "hello_world")).await;
    }
    let first = get(&b, "/_sim/phones").await;
    assert_eq!(
        (first["people"].as_array().unwrap().len(), &first["more"], &first["total"]),
        (50, &json!(true), &json!(120))
    );
    assert_eq!(first["people"][0]["number"], "27825550119");
    let last = get(&b, "/_sim/phones?skip=100&limit=50").await;
    assert_eq!((last["people"].as_array().unwrap().len(), &last["more"]), (20, &json!(false)));
    assert_eq!(get(&b, "/_sim/phones?search=5550007").await["people"][0]["number"], "27825550007");
    let same = get(&b, &format!("/_sim/phones?since={}", first["revision"])).await;
    assert_eq!(same["unchanged"], true);
    b.sim.run_until_idle().await;
    assert!(get(&b, &format!("/_sim/phones?since={}", first["revision"])).await["people"].is_array());
}

#[tokio::test]
async fn a_chat_shows_both_directions_with_ticks_and_the_filled_template() {
    let b = Business::open().await;
    let wish = json!({"name": "order", "language": "en", "category": "UTILITY", "components": [
        {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}"},
        {"type": "BODY", "text": "Dear {{1}}, it comes {{2}}."}, {"type": "FOOTER", "text": "Shop"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Thanks"}, {"type": "URL", "text": "Track", "url": "https://a.example/{{1}}"}]}]});
    assert_eq!(b.post(&format!("{WABA}/message_templates"), &wish).await.unwrap().0, 200);
    let p = |t: &str| json!({"type": "text", "text": t});
    let mut message = template(THANDI, "order");
    message["template"]["components"] = json!([
        {"type": "header", "parameters": [p("7")]}, {"type": "body", "parameters": [p("Thandi"), p("<script>today</script>")]},
        {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{"type": "payload", "payload": "thx"}]},
        {"type": "button", "sub_type": "url", "index": "1", "parameters": [p("abc")]}]);
    b.accepted(message).await;
    b.sim.run_until_idle().await;
    b.sim.say(THANDI, conek_simulator::Say::text("Hi")).unwrap();
    let chat = get(&b, "/_sim/phones/27825550101").await;
    let shown = &chat["chat"][0]["message"]["template"];
    assert_eq!(shown["header"]["text"], "Order 7");
    assert_eq!(shown["body"], "Dear Thandi, it comes <script>today</script>.");
    assert_eq!(shown["buttons"][0]["payload"], "thx");
    assert_eq!(shown["buttons"][1]["url"], "https://a.example/abc");
    assert_eq!((&chat["chat"][0]["tick"], &chat["chat"][1]["kind"]), (&json!("read"), &json!("in")));
}

#[tokio::test]
async fn the_page_works_alone_and_puts_no_text_in_as_html() {
    let b = Business::open().await;
    let page = b.client.get(b.sim.base_url()).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
    let html = page.text().await.unwrap();
    for id in ["person-list", "chat", "composer", "send", "stop"] {
        assert!(html.contains(&format!("data-testid=\"{id}\"")), "{id}");
    }
    let script = b
        .client
        .get(format!("{}/_sim/page.js", b.sim.base_url()))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for id in ["person", "bubble", "tick"] {
        assert!(script.contains(&format!("\"data-testid\": \"{id}\"")), "{id}");
    }
    for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
        assert!(!script.contains(way), "{way}");
    }
    assert!(!html.contains("http://") && !html.contains("https://"));
    assert_eq!(
        b.client.get(format!("{}/_sim/page.css", b.sim.base_url())).send().await.unwrap().status().as_u16(),
        200
    );
}

#[tokio::test]
async fn a_host_can_show_a_panel_and_take_its_buttons() {
    let b = Business::with(|o| {
        o.panel = Some(Arc::new(|phone| json!({"title": phone.unwrap_or_else(|| "all".into()), "rows": [{"label": "sent", "value": 3}]})));
        o.on_action = Some(Arc::new(|id, request| json!({"message": format!("{id} for {}", request["phone"])})));
    })
    .await;
    assert_eq!(get(&b, "/_sim/panel").await["title"], "all");
    assert_eq!(get(&b, "/_sim/panel?phone=27825550101").await["title"], THANDI);
    let (_, told) = post(&b, "/_sim/panel", json!({"id": "go", "phone": THANDI})).await;
    assert_eq!(told["message"], "go for \"27825550101\"");
    assert_eq!(get(&Business::open().await, "/_sim/panel").await, Value::Null);
}

#[tokio::test]
async fn a_number_and_its_templates_are_told() {
    let b = Business::open().await;
    let (_, number) = b.get(NUMBER).await;
    assert_eq!(
        (&number["quality_rating"], &number["throughput"]["level"]),
        (&json!("GREEN"), &json!("STANDARD"))
    );
    let (_, some) = b.get(&format!("{NUMBER}?fields=verified_name")).await;
    assert_eq!(some, json!({"id": NUMBER, "verified_name": "Simulated Business"}));
    b.template("spring", "MARKETING").await;
    let (_, found) = b.get(&format!("{WABA}/message_templates?name=spring")).await;
    assert_eq!(
        (&found["data"][0]["status"], found["data"].as_array().unwrap().len()),
        (&json!("APPROVED"), 1)
    );
    assert_eq!(b.get("12345").await.1["error"]["error_subcode"], 33);
    let no_version = b
        .client
        .get(format!("{}/latest/{NUMBER}", b.sim.base_url()))
        .bearer_auth(b.sim.token())
        .send()
        .await
        .unwrap();
    assert_eq!(no_version.status().as_u16(), 400);
}

#[cfg(unix)]
#[tokio::test]
async fn the_program_says_where_it_is_and_ends_when_told() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_conek-simulator"))
        .args(["--virtual", "2026-11-24T09:00:00Z", "--number", "555", "--seed", "7"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    let base = told["base_url"].as_str().unwrap();
    assert_eq!(told["page"], format!("{base}/"));
    let client = client();
    let clock: Value = client.get(format!("{base}/_sim/clock")).send().await.unwrap().json().await.unwrap();
    assert_eq!((&clock["now"], &clock["virtual"]), (&json!("2026-11-24T09:00:00Z"), &json!(true)));
    let number = client.get(format!("{base}/v25.0/555")).bearer_auth("simulator-token").send().await.unwrap();
    assert_eq!(number.status().as_u16(), 200);
    assert!(Command::new("kill").args(["-TERM", &program.id().to_string()]).status().unwrap().success());
    assert!(program.wait().unwrap().success());
}
