//! The day: everything the engine does with people, once, and everything it shows.

use std::{collections::BTreeMap, fmt::Debug, time::Duration};

use conek_core::{
    Config, Content, Draft, Engine, Error, PersonId, Phone, Purpose, Recipient, Result, Secret,
    campaigns::{Audience, CampaignSpec, Variable},
    consent::{ConsentEntry, ConsentSource, ConsentStatus, Evidence},
    messaging::{Button, Header, Parameter},
    people::{ImportOptions, NewContact, Provenance, ProvenanceContext, csv_rows},
    transport::{Address, Outgoing, Upload, WebhookRequest, whatsapp},
};
use conek_simulator::{Fault, FaultRule, Say};
use conek_tests::{NUMBER, World, code, code_at_whatsapp, code_template, offer, signed, spring_offer, text};
use serde_json::json;

pub(crate) const PHONE: &str = "+27832885137";
const WRITER: &str = "+27832885246";
const NAME: &str = "Kanarievoel Botterblom";
const TOWN: &str = "Verlorenkloof-am-Canary";
const REPLY: &str = "canary asks whether the shop is open on Reconciliation Day";
const ANSWER: &str = "canary answer: the shop is closed that day";
const SHOWN: &str = "canary consent wording in full";
const FORM: &str = "canary-form-reference-88131";
const BSUID: &str = "ZA.CANARYBSUID7731";
const TOKEN: &str = "canary-access-token-5521";
const APP: &str = "canary-app-secret-9914";
const VERIFY: &str = "canary-verify-token-3307";
const DEDUPE: &str = "canary-order-of-botterblom-17";
const MEDIA: &str = "canary-passport-scan.pdf";

pub(crate) struct Day {
    pub(crate) world: World,
    engine: Engine,
    seen: Vec<(String, String)>,
    wamids: Vec<String>,
    user_ids: Vec<String>,
}

impl Day {
    pub(crate) async fn begin() -> Self {
        let world = World::new(|o| {
            o.token = TOKEN.into();
            o.webhooks.app_secret = APP.into();
            o.webhooks.verify_token = VERIFY.into();
            o.templates.push(code_at_whatsapp());
        })
        .await;
        let config = Self::config(&world);
        let engine = Engine::open(config, world.ports()).await.unwrap();
        *world.receiver.write().await = Some(engine.clone());
        Self { world, engine, seen: Vec::new(), wamids: Vec::new(), user_ids: Vec::new() }
    }

    fn config(world: &World) -> Config {
        let mut config = world.config();
        let access = config.whatsapp.as_mut().unwrap();
        access.app_secrets = vec![APP.into()];
        access.verify_token = VERIFY.into();
        config
    }

    /// What must not be found, with what it is.
    pub(crate) fn canaries(&self) -> Vec<(&'static str, String)> {
        let mut all: Vec<(&str, String)> = vec![
            ("a name", NAME.into()),
            ("a surname", "Botterblom".into()),
            ("an attribute", TOWN.into()),
            ("a reply", REPLY.into()),
            ("an answer", ANSWER.into()),
            ("what was shown", SHOWN.into()),
            ("evidence", FORM.into()),
            ("a user id", BSUID.into()),
            ("the access token", TOKEN.into()),
            ("the app secret", APP.into()),
            ("the verify token", VERIFY.into()),
            ("a dedupe key", DEDUPE.into()),
            ("a file's name", MEDIA.into()),
        ];
        for number in [PHONE, WRITER] {
            let national = number.trim_start_matches("+27");
            all.push(("a phone number", national.into()));
            let spaced = format!("{} {} {}", &national[..2], &national[2..5], &national[5..]);
            all.push(("a phone number with spaces", spaced));
        }
        all.extend(
            self.wamids
                .iter()
                .map(|w| ("a message id of WhatsApp's", w.trim_start_matches("wamid.").to_owned())),
        );
        all.extend(self.user_ids.iter().map(|u| ("a user id of WhatsApp's", u.clone())));
        all
    }

    fn see(&mut self, what: &str, thing: &impl Debug) {
        self.seen.push((format!("Debug of {what}"), format!("{thing:?}\n{thing:#?}")));
    }
    fn fails<T: Debug>(&mut self, what: &str, result: Result<T>) {
        match result {
            Err(e) => self.error(what, &e),
            Ok(there) => panic!("{what} went well: {there:?}"),
        }
    }
    fn error(&mut self, what: &str, e: &Error) {
        self.seen.push((format!("the error of {what}"), format!("{e}\n{e:?}\n{}", e.code())));
    }

    /// What was shown on the way, and what can be shown at the end.
    pub(crate) async fn seen(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.seen)
    }

    pub(crate) async fn close(&mut self) {
        self.engine.close().await.unwrap();
    }

    async fn settle(&self) {
        self.world.settle(&self.engine).await;
    }

    pub(crate) async fn work(&mut self) {
        let e = self.engine.clone();
        e.templates().put(spring_offer()).await.unwrap();
        e.templates().put(code_template()).await.unwrap();
        // Logged for certain, so that a log without a line shows that none was captured.
        e.policy()
            .tighten(conek_core::policy::Tightening::MinAge { years: 18 }, String::new())
            .await
            .unwrap();
        let person = self.people(&e).await;
        self.sending(&e, &person).await;
        self.answering(&e).await;
        self.strange_webhooks(&e).await;
        self.failing(&e, &person).await;
        let copy = self.world.dir.path().join("copy.db").display().to_string();
        e.backup(copy.clone()).await.unwrap();
        let again = e.backup(copy).await;
        self.fails("a second backup", again);
        self.shown(&e, &person).await;
        self.settle().await;
        for entry in self.world.simulator.ledger() {
            self.wamids.push(entry.wamid);
            self.user_ids.push(entry.user_id);
        }
        self.user_ids.sort();
        self.user_ids.dedup();
        assert!(self.wamids.len() >= 5, "a day with little work");
    }

    async fn people(&mut self, e: &Engine) -> PersonId {
        let contact = NewContact {
            phone: Some("083 288 5137".into()),
            bsuid: Some(BSUID.into()),
            name: Some(NAME.into()),
            language: Some("af".into()),
            attributes: BTreeMap::from([("town".into(), TOWN.into())]),
            provenance: Some(Provenance {
                source: "web shop".into(),
                context: ProvenanceContext::Sale,
                obtained_at: None,
                objection_offered: true,
                evidence: None,
                goods: vec!["coffee".into()],
            }),
            ..NewContact::default()
        };
        self.see("NewContact", &contact);
        let contact = e.contacts().upsert(contact).await.unwrap();
        self.see("Contact", &contact);
        let entry = ConsentEntry {
            evidence: Evidence {
                kind: conek_core::consent::EvidenceKind::Form,
                reference: Some(FORM.into()),
                text_shown: Some(SHOWN.into()),
                reply: Some(REPLY.into()),
            },
            notice: None,
            acted_at: None,
            ..ConsentEntry::new(
                contact.id.clone(),
                Purpose::Marketing,
                ConsentStatus::Given,
                ConsentSource::Form,
            )
        };
        self.see("ConsentEntry", &entry);
        let view = e.consent().record(entry).await.unwrap();
        self.see("ConsentView", &view);
        let csv = format!(
            "phone,name,town,consent,consent_evidence\n{PHONE},{NAME},{TOWN},yes,{FORM}\n{WRITER}0,{NAME},{TOWN},maybe,\nx{PHONE},\"{NAME}\n"
        );
        let report = e.contacts().import_csv(csv.into_bytes(), ImportOptions::default()).await.unwrap();
        assert!(report.rejected >= 2, "{report:?}");
        self.see("ImportReport", &report);
        let headless =
            e.contacts().import_csv(format!("{PHONE},{TOWN}\n").into_bytes(), ImportOptions::default()).await;
        self.fails("a file without a header", headless);
        contact.id
    }

    async fn sending(&mut self, e: &Engine, person: &PersonId) {
        let spec = CampaignSpec {
            name: "Spring".into(),
            audience: Audience::Everyone {},
            template: "spring_offer".into(),
            language: "en".into(),
            variables: vec![Variable::Attribute {
                name: String::new(),
                attribute: "town".into(),
                fallback: None,
            }],
            purpose: Purpose::Marketing,
            sender: None,
            not_before: None,
            expires_at: None,
            goods: None,
        };
        let plan = e.campaigns().plan(spec).await.unwrap();
        self.see("CampaignPlan", &plan);
        // The proof comes by echo, and later the answer itself is lost in other ways.
        self.world.simulator.set_faults(vec![
            FaultRule::new(Fault::CloseAfter).nth(1),
            FaultRule::new(Fault::GarbageAfter).nth(2),
            FaultRule::new(Fault::Refuse { code: 131_056, http: None }).nth(2),
        ]);
        let progress = e.campaigns().start(plan.id.clone()).await.unwrap();
        self.see("CampaignProgress", &progress);
        self.settle().await;
        let mut draft = code(PHONE, Purpose::Transactional);
        draft.dedupe_key = Some(DEDUPE.into());
        if let Content::Template { body, .. } = &mut draft.content {
            body[0] = Parameter::text(NAME);
        }
        self.see("Draft", &draft);
        self.see("Content", &draft.content);
        let sent = e.messages().send(draft.clone()).await.unwrap();
        self.see("Sent", &sent);
        if let Content::Template { body, .. } = &mut draft.content {
            body[0].text = TOWN.into();
        }
        let other = e.messages().send(draft).await;
        self.fails("another message under a known key", other);
        for _ in 0..10 {
            self.world.clock.advance(Duration::from_secs(30));
            self.settle().await;
        }
        let to_user =
            Draft { to: Recipient::Bsuid { id: BSUID.into() }, ..code(PHONE, Purpose::Authentication) };
        self.see("Recipient", &to_user.to);
        let sent = e.messages().send(to_user).await.unwrap();
        self.settle().await;
        let message = e.messages().get(sent.id.clone()).await.unwrap();
        self.see("Message", &message);
        let why = e.policy().explain(sent.id).await.unwrap();
        self.see("Explanation", &why);
        self.seen.push(("the explanation's text".into(), why.text));
        let messages = e.messages().of_person(person.clone(), 100).await.unwrap();
        self.see("Message", &messages);
        let left_out = e.campaigns().left_out(plan.id, None, 100).await.unwrap();
        self.see("LeftOutPage", &left_out);
    }

    async fn answering(&mut self, e: &Engine) {
        let sim = &self.world.simulator;
        sim.say(WRITER, Say::Text { body: REPLY.into() }).unwrap();
        sim.say(PHONE, Say::Text { body: REPLY.into() }).unwrap();
        self.settle().await;
        let writer = e
            .contacts()
            .lookup(Recipient::Phone { number: WRITER.into() })
            .await
            .unwrap()
            .expect("who wrote is known");
        let answer = text(&writer.id, ANSWER);
        self.see("Draft", &answer);
        e.messages().send(answer).await.unwrap();
        for word in ["Stop please, canary asks whether the shop is open on Reconciliation Day", "STOP"] {
            self.world.simulator.say(WRITER, Say::Text { body: word.into() }).unwrap();
            self.settle().await;
            self.world.clock.advance(Duration::from_secs(20));
            self.settle().await;
        }
        let denied = e.messages().send(offer(&writer.id)).await;
        self.fails("an offer after a stop", denied);
        let history = e.consent().history(writer.id.clone()).await.unwrap();
        assert!(!history.is_empty());
        self.see("ConsentEvent", &history);
        let events = e.inbound().events(None, 1_000).await.unwrap();
        assert!(!events.events.is_empty());
        self.see("EventPage", &events);
    }

    async fn strange_webhooks(&mut self, e: &Engine) {
        let digits = PHONE.trim_start_matches('+');
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [
            {"field": "tomorrow", "value": {"who": digits, "name": NAME, "said": REPLY}},
            {"field": "messages", "value": {"metadata": {"phone_number_id": NUMBER},
                "contacts": [{"wa_id": digits, "profile": {"name": NAME}}],
                "messages": [{"from": digits, "id": "wamid.canary1", "timestamp": "1795676400", "type": "sticker5", "text": {"body": REPLY}}],
                "errors": [{"code": 1, "message": format!("{NAME} {PHONE}")}],
                "statuses": [{"id": "wamid.canary2", "status": "failed", "recipient_id": digits, "timestamp": "1795676400",
                    "errors": [{"code": 131_026, "title": NAME, "error_data": {"details": digits}}]}]}}]}]})
        .to_string();
        let parsed = whatsapp::parse(body.as_bytes());
        self.see("Parsed", &parsed);
        for secret in [APP, "wrong"] {
            let request = signed(body.as_bytes(), secret);
            self.see("HttpRequest", &request);
            let as_webhook = WebhookRequest { headers: request.headers.clone(), body: request.body.clone() };
            self.see("WebhookRequest", &as_webhook);
            let answer = e.inbound().handle_http(request).await.unwrap();
            self.see("HttpResponse", &answer);
            if secret != APP {
                let refused = e.inbound().handle_webhook(as_webhook).await;
                self.fails("a wrong signature", refused);
            }
        }
        // No JSON at all, with a person in it.
        let garbage = format!("{{{NAME} {PHONE} {REPLY}");
        e.inbound().handle_http(signed(garbage.as_bytes(), APP)).await.unwrap();
        let handshake = e.inbound().handshake("subscribe".into(), format!("{VERIFY}x"), "1".into()).await;
        self.fails("a handshake", handshake);
        self.settle().await;
        let events = e.inbound().events(None, 1_000).await.unwrap();
        self.see("EventPage", &events);
    }

    async fn failing(&mut self, e: &Engine, person: &PersonId) {
        let contact = |phone: &str| NewContact { phone: Some(phone.into()), ..NewContact::default() };
        let bad = e.contacts().upsert(contact(&format!("{PHONE}99{PHONE}"))).await;
        self.fails("a number that is none", bad);
        let bad = e.contacts().upsert(NewContact { zone: Some(NAME.into()), ..contact(PHONE) }).await;
        self.fails("a zone that is none", bad);
        let bad =
            e.contacts().upsert(NewContact { bsuid: Some(format!("{BSUID}!")), ..contact(PHONE) }).await;
        self.fails("a user id that is none", bad);
        let bad = e.contacts().upsert(NewContact { country: Some(NAME.into()), ..contact(PHONE) }).await;
        self.fails("a country that is none", bad);
        let merged = e.contacts().upsert(NewContact { bsuid: Some(BSUID.into()), ..contact(WRITER) }).await;
        self.fails("a number and a user id of two people", merged);
        let cold = e.messages().send(text(person, &format!("{ANSWER} {}", "x".repeat(5_000)))).await;
        self.fails("a text that is too long", cold);
        let buttons = Content::Buttons {
            body: ANSWER.into(),
            header: Some(Header::Text { text: NAME.repeat(9) }),
            footer: None,
            buttons: vec![Button { id: "1".into(), title: "yes".into() }],
        };
        let bad = e.messages().send(Draft { content: buttons, ..text(person, "") }).await;
        self.fails("a header that is too long", bad);
        let bad = e
            .messages()
            .send(Draft { to: Recipient::Phone { number: format!("{PHONE}1{NAME}") }, ..text(person, "x") })
            .await;
        self.fails("a recipient that is none", bad);
        let bad = Phone::parse(&format!("{PHONE}{PHONE}"), Some("ZA"));
        self.fails("Phone::parse", bad);
        let upload = Upload {
            sender: NUMBER.into(),
            mime: "application/x-unknown".into(),
            filename: MEDIA.into(),
            bytes: REPLY.into(),
        };
        self.see("Upload", &upload);
        let refused = e.media().upload(upload).await;
        self.fails("an upload", refused);
        let file = csv_rows::CsvRows::open(format!("{NAME}@x.example,{PHONE}\n").as_bytes()).map(drop);
        self.fails("CsvRows", file);
        // What WhatsApp refuses, it refuses in words that have the number in them.
        self.world
            .simulator
            .set_faults(vec![FaultRule::new(Fault::Refuse { code: 131_026, http: None }).times(1)]);
        let sent = e.messages().send(code(PHONE, Purpose::LegalNotice)).await.unwrap();
        self.world.clock.advance(Duration::from_secs(10));
        self.settle().await;
        let refused = e.messages().get(sent.id).await.unwrap();
        self.see("Message", &refused);
    }

    async fn shown(&mut self, e: &Engine, person: &PersonId) {
        let config = Self::config(&self.world);
        self.see("Config", &config);
        self.see("WhatsAppAccess", &config.whatsapp.clone().unwrap());
        self.see("Engine", e);
        self.see(
            "the engine's handles",
            &(
                e.contacts(),
                e.messages(),
                e.consent(),
                e.inbound(),
                e.policy(),
                e.campaigns(),
                e.templates(),
                e.media(),
            ),
        );
        let status = e.status().await.unwrap();
        self.see("EngineStatus", &status);
        let page = e.contacts().list(None, 1_000).await.unwrap();
        assert!(page.contacts.iter().any(|c| c.name.as_deref() == Some(NAME)), "the host itself sees people");
        self.see("ContactPage", &page);
        let contact = e.contacts().get(person.clone()).await.unwrap();
        self.see("Contact", &contact);
        self.see("Secret", &Secret::from(TOKEN));
        self.see("Phone", &Phone::parse(PHONE, None).unwrap());
        let to = Address::Phone { number: PHONE.into() };
        self.see("Address", &to);
        let content = Content::Text { body: ANSWER.into(), preview_url: false };
        self.see(
            "Outgoing",
            &Outgoing {
                sender: NUMBER.into(),
                to,
                content,
                reply_to: Some(REPLY.into()),
                echo: "ck1.x".into(),
                route: conek_core::transport::Route::Messages {},
            },
        );
        self.see("Address", &Address::Bsuid { id: BSUID.into() });
        let mut settings = whatsapp::Settings::new(TOKEN.into(), vec![APP.into()], VERIFY.into());
        settings.base_url = self.world.simulator.base_url().into();
        self.see("Settings", &settings);
        self.see(
            "Evidence",
            &Evidence { reference: Some(FORM.into()), text_shown: Some(SHOWN.into()), ..Evidence::default() },
        );
        let held = e.messages().held(None, 100).await.unwrap();
        self.see("MessagePage", &held);
    }
}
