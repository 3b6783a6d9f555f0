//! The page behind the link in a message: what a person may be sent, and one button that ends it. GET shows
//! and changes nothing, because mail scanners and link previews follow links; POST acts, as often as it likes.

use std::collections::BTreeMap;

use super::{HttpResponse, event::NewEvent, http, model::Happening};
use crate::{
    consent::{
        ConsentEntry, ConsentSource, ConsentStatus, Evidence, EvidenceKind, standing,
        words::{primary_language, receipt},
    },
    engine::Inner,
    messaging::Purpose,
    people::Person,
    rights::{RequestChannel, RightKind},
    storage::{Committed, Write},
    values::{
        error::{Error, Result},
        ids::PersonId,
    },
};

/// The part of the path before the token.
const PLACE: &str = "preferences";
/// How much of a form is read, in bytes.
const FORM_MAX: usize = 4_096;

/// The page in one language.
struct Words {
    language: &'static str,
    /// `{}` is the business, in each of them.
    title: &'static str,
    marketing: &'static str,
    feedback: &'static str,
    essential: &'static str,
    save: &'static str,
    end: &'static str,
    done: &'static str,
    show: &'static str,
    erase: &'static str,
}

/// English first: it is for everybody whose language is not here.
const WORDS: &[Words] = &[
    Words {
        language: "en",
        title: "What may {} send you on WhatsApp?",
        marketing: "Offers and news",
        feedback: "Questions about how we did",
        essential: "What you need about an order or an agreement still reaches you.",
        save: "Save",
        end: "Stop all offers and questions",
        done: "Saved. It holds from now on.",
        show: "Show me what you know of me",
        erase: "Erase what you know of me",
    },
    Words {
        language: "af",
        title: "Wat mag {} vir jou op WhatsApp stuur?",
        marketing: "Aanbiedinge en nuus",
        feedback: "Vrae oor ons diens",
        essential: "Wat jy oor 'n bestelling of ooreenkoms moet weet, bereik jou steeds.",
        save: "Stoor",
        end: "Stop alle aanbiedinge en vrae",
        done: "Gestoor. Dit geld van nou af.",
        show: "Wys my wat julle van my weet",
        erase: "Wis uit wat julle van my weet",
    },
    Words {
        language: "nl",
        title: "Wat mag {} je via WhatsApp sturen?",
        marketing: "Aanbiedingen en nieuws",
        feedback: "Vragen over onze dienst",
        essential: "Wat je over een bestelling of overeenkomst moet weten, krijg je nog steeds.",
        save: "Opslaan",
        end: "Stop alle aanbiedingen en vragen",
        done: "Opgeslagen. Het geldt vanaf nu.",
        show: "Laat zien wat jullie van mij weten",
        erase: "Wis wat jullie van mij weten",
    },
    Words {
        language: "de",
        title: "Was darf {} Ihnen per WhatsApp senden?",
        marketing: "Angebote und Neuigkeiten",
        feedback: "Fragen zu unserem Service",
        essential: "Was Sie zu einer Bestellung oder einem Vertrag wissen müssen, erreicht Sie weiterhin.",
        save: "Speichern",
        end: "Alle Angebote und Fragen beenden",
        done: "Gespeichert. Es gilt ab jetzt.",
        show: "Zeigen Sie mir, was Sie über mich wissen",
        erase: "Löschen Sie, was Sie über mich wissen",
    },
    Words {
        language: "fr",
        title: "Que peut vous envoyer {} sur WhatsApp ?",
        marketing: "Offres et nouveautés",
        feedback: "Questions sur notre service",
        essential: "Ce qu'il faut savoir d'une commande ou d'un contrat vous parvient toujours.",
        save: "Enregistrer",
        end: "Arrêter toutes les offres et questions",
        done: "Enregistré. Cela vaut dès maintenant.",
        show: "Montrez-moi ce que vous savez de moi",
        erase: "Effacez ce que vous savez de moi",
    },
];

fn words_of(language: Option<&str>) -> &'static Words {
    let primary = primary_language(language.unwrap_or_default());
    WORDS.iter().find(|w| w.language == primary).unwrap_or(&WORDS[0])
}

/// What the page lets a person choose.
const CHOICES: [(Purpose, &str); 2] = [(Purpose::Marketing, "marketing"), (Purpose::Feedback, "feedback")];

impl Inner {
    /// The address of a person's page: nobody can make one for somebody else, and it tells nothing of them.
    pub(crate) fn preference_link(&self, person: &PersonId) -> Result<String> {
        let Some(base) = self.public_url.as_deref() else {
            return Err(Error::invalid(
                "public_url",
                "must be set in the configuration: the address at which handle_http answers people",
            ));
        };
        Ok(format!("{}/{PLACE}/{}", base.trim_end_matches('/'), self.preference_token(person)))
    }

    fn preference_token(&self, person: &PersonId) -> String {
        format!("{person}.{}", self.vault.fingerprint("preferences", person.as_str()))
    }

    /// Whose page a token opens. The same time is taken whether it is right or nearly so.
    fn whose_preferences(&self, token: &str) -> Option<PersonId> {
        let (id, tag) = token.split_once('.')?;
        let expected = self.vault.fingerprint("preferences", id);
        let same = expected.len() == tag.len()
            && expected.bytes().zip(tag.bytes()).fold(0, |d, (a, b)| d | (a ^ b)) == 0;
        same.then(|| PersonId::from(id))
    }
}

/// The token in a path, if it is that of the page.
pub(super) fn token_of(path: &str) -> Option<&str> {
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let (before, token) = path.rsplit_once('/')?;
    (before.rsplit('/').next() == Some(PLACE)).then_some(token)
}

/// Answers a request for the page.
pub(super) async fn answer(engine: &Inner, method: &str, token: &str, body: &[u8]) -> HttpResponse {
    let Some(mut id) = engine.whose_preferences(token) else { return gone(404) };
    // The link of a contact that was merged opens the page of the one it became.
    if let Ok(Some(now)) = engine.merged_into(&id).await {
        id = now;
    }
    let person = match engine.person(&id).await {
        Ok((person, _)) => person,
        // Erased: nothing is kept of them, so nothing can be sent either.
        Err(Error::NotFound { .. } | Error::Key { .. }) => return gone(404),
        Err(_) => return gone(503),
    };
    match method {
        "GET" | "HEAD" => page(engine, &person, None),
        "POST" if body.len() > FORM_MAX => gone(413),
        "POST" => {
            let form = http::form_of(&String::from_utf8_lossy(body));
            let right = match form.get("action").map(String::as_str) {
                Some("show") => Some(RightKind::Access),
                Some("erase") => Some(RightKind::Erasure),
                _ => None,
            };
            let words = words_of(person.language.as_deref().or(engine.language.as_deref()));
            let done = match right {
                Some(right) => engine.ask_on_page(&id, right).await.map(|said| (person, said)),
                None => engine.save_preferences(&id, &form).await.map(|p| (p, words.done.to_owned())),
            };
            match done {
                Ok((person, said)) => page(engine, &person, Some(&said)),
                Err(_) => gone(503),
            }
        }
        _ => gone(405),
    }
}

impl Inner {
    /// Opens a request that a person makes on their page; the same one twice is one.
    async fn ask_on_page(&self, id: &PersonId, right: RightKind) -> Result<String> {
        for _ in 0..50 {
            let (mut person, version) = self.person(id).await?;
            let now = self.clock.now();
            let channel = RequestChannel::PreferencePage;
            let asked = self.asked(&mut person, right, channel, None, now).await?;
            let language = person.language.clone().or_else(|| self.language.clone());
            let said = receipt(language.as_deref(), &asked.day());
            if !asked.is_new() {
                return Ok(said);
            }
            // The contact's version is what two requests at once collide at.
            let mut writes = vec![Write::Replace { record: person.record(self)?, version }];
            writes.extend(asked.writes);
            let happening = Happening::RightAsked { request: asked.id, right };
            writes
                .push(NewEvent { at: now, person: Some(id.clone()), message: None, happening }.write(self)?);
            if let Committed::Done { .. } = self.commit(writes).await? {
                self.changed();
                return Ok(said);
            }
        }
        Err(Error::conflict("contact", "it is being changed all the time; try again later"))
    }

    /// What a form says. Anything but the page's own "save" ends everything: that is what a one-click
    /// request means (RFC 8058), and what somebody wants whose form came broken.
    async fn save_preferences(&self, id: &PersonId, form: &BTreeMap<String, String>) -> Result<Person> {
        let saved = form.get("action").is_some_and(|a| a == "save");
        let wanted = |name: &str| saved && form.get(name).is_some_and(|v| v == "on");
        let mut withdrawn = false;
        let person = self
            .change_person(id, |p| {
                let mut writes = Vec::new();
                withdrawn = false;
                let words = words_of(p.language.as_deref().or(self.language.as_deref()));
                for (purpose, name) in CHOICES {
                    let stands = p.consent(purpose).is_valid();
                    let label = match purpose {
                        Purpose::Marketing => words.marketing,
                        _ => words.feedback,
                    };
                    let is_listed = purpose == Purpose::Marketing && p.suppressed;
                    let status = match (wanted(name), stands) {
                        (true, false) => ConsentStatus::Given,
                        // Said again, it changes nothing; never consented, it still is a no.
                        (false, true) => ConsentStatus::Withdrawn,
                        (false, false) if purpose == Purpose::Marketing && !is_listed => {
                            ConsentStatus::Withdrawn
                        }
                        _ => continue,
                    };
                    let evidence = Evidence {
                        kind: EvidenceKind::PreferencePage,
                        reference: Some("preference page".to_owned()),
                        text_shown: Some(format!(
                            "{} {label}",
                            words.title.replacen("{}", &self.business, 1)
                        )),
                        reply: Some(if status.is_valid() { "chosen" } else { "not chosen" }.to_owned()),
                    };
                    let entry = ConsentEntry {
                        evidence,
                        ..ConsentEntry::new(p.id.clone(), purpose, status, ConsentSource::PreferencePage)
                    };
                    withdrawn |= !status.is_valid();
                    writes.extend(standing::apply(self, p, &entry)?.1);
                }
                Ok((p.clone(), writes))
            })
            .await?;
        if withdrawn {
            self.halt_sends_to(id);
        }
        self.changed();
        Ok(person)
    }
}

fn page(engine: &Inner, person: &Person, said: Option<&str>) -> HttpResponse {
    let words = words_of(person.language.as_deref().or(engine.language.as_deref()));
    let title = escaped(&words.title.replacen("{}", &engine.business, 1));
    let boxes: String = CHOICES
        .iter()
        .map(|(purpose, name)| {
            let label = match purpose {
                Purpose::Marketing => words.marketing,
                _ => words.feedback,
            };
            let on =
                person.consent(*purpose).is_valid() && !(person.suppressed && *purpose == Purpose::Marketing);
            let checked = if on { " checked" } else { "" };
            format!("<label><input type=\"checkbox\" name=\"{name}\"{checked}> {}</label>", escaped(label))
        })
        .collect();
    let done = said.map_or_else(String::new, |said| {
        format!("<p role=\"status\"><strong>{}</strong></p>", escaped(said))
    });
    let contact = escaped(&engine.privacy_contact);
    let body = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}}\
         label{{display:block;margin:.7rem 0}}button{{font:inherit;padding:.5rem 1rem;margin:.5rem .5rem 0 0}}\
         </style></head><body><h1>{title}</h1>{done}<form method=\"post\">{boxes}\
         <button name=\"action\" value=\"save\">{save}</button>\
         <button name=\"action\" value=\"unsubscribe\">{end}</button></form>\
         <p>{essential}</p><form method=\"post\"><button name=\"action\" value=\"show\">{show}</button>\
         <button name=\"action\" value=\"erase\">{erase}</button></form>\
         <p>{contact}</p></body></html>",
        language = words.language,
        save = escaped(words.save),
        end = escaped(words.end),
        essential = escaped(words.essential),
        show = escaped(words.show),
        erase = escaped(words.erase),
    );
    html(200, body)
}

fn gone(status: i32) -> HttpResponse {
    let text = match status {
        404 => "This link does not work (any more).",
        503 => "Please try again in a moment.",
        413 => "Too large.",
        _ => "Not like this.",
    };
    html(status, format!("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><p>{text}</p></html>"))
}

fn html(status: i32, body: String) -> HttpResponse {
    let headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        // The address is the key to the page: no other page may learn it.
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
        (
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
        ),
    ];
    HttpResponse {
        status,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: body.into_bytes(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_the_last_part_behind_the_pages_own() {
        assert_eq!(token_of("/preferences/abc"), Some("abc"));
        assert_eq!(token_of("/shop/preferences/abc/?utm=1"), Some("abc"));
        assert_eq!(token_of("/webhook"), None);
        assert_eq!(token_of("/webhook/preferences"), None);
    }

    #[test]
    fn nothing_of_the_businesss_name_becomes_markup() {
        assert_eq!(escaped("<b>\"A&B\""), "&lt;b&gt;&quot;A&amp;B&quot;");
    }
}
