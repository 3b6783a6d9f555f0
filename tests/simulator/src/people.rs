//! People: the users behind the numbers, their personas, and what their phones show.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use crate::{
    dice::Dice,
    options::{Mix, Persona},
    rates::PairRate,
};

/// A place in the list of people.
pub(crate) type PersonAt = u32;

/// One user of WhatsApp.
#[derive(Debug)]
pub(crate) struct Person {
    /// The number in digits.
    pub(crate) number: String,
    /// The business-scoped user id.
    pub(crate) user_id: String,
    pub(crate) name: String,
    pub(crate) persona: Persona,
    /// Webhooks tell the user id only.
    pub(crate) hides_number: bool,
    pub(crate) stopped_marketing: bool,
    pub(crate) blocked: bool,
    pub(crate) asked_to_stop: bool,
    pub(crate) replies: u32,
    pub(crate) unread: u32,
    pub(crate) lines: Vec<Line>,
    pub(crate) revision: u64,
    /// How many message ids were made for this person.
    pub(crate) made: u64,
    /// What a search looks through.
    found_by: String,
    active: u64,
    pairs: Vec<(usize, Pair)>,
}

/// What is between one person and one number of the business.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) rate: PairRate,
    /// When the person last wrote.
    pub(crate) wrote_at: Option<i64>,
    /// Since when the number blocks the person, if it does.
    pub(crate) barred_at: Option<i64>,
}

/// One line of a chat.
#[derive(Debug)]
pub(crate) enum Line {
    /// From the business: the place in the ledger.
    Out(u32),
    /// From the person.
    In(Box<Incoming>),
    /// What WhatsApp itself says.
    System { at: i64, text: String },
}

/// A message that a person wrote.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) wamid: String,
    pub(crate) at: i64,
    pub(crate) number: usize,
    /// The message object of the webhook.
    pub(crate) json: String,
    pub(crate) read: bool,
    pub(crate) typing: bool,
}

const DAY_MS: i64 = 24 * 3_600_000;

impl Person {
    pub(crate) fn pair(&mut self, number: usize) -> &mut Pair {
        let at = match self.pairs.iter().position(|p| p.0 == number) {
            Some(at) => at,
            None => {
                self.pairs.push((number, Pair::default()));
                self.pairs.len() - 1
            }
        };
        &mut self.pairs[at].1
    }
    /// Whether the person wrote to this number within 24 hours.
    pub(crate) fn window_open(&self, number: usize, now: i64) -> bool {
        self.pairs.iter().any(|(n, p)| *n == number && p.wrote_at.is_some_and(|at| now - at < DAY_MS))
    }
    /// Since when the number blocks the person, if it does.
    pub(crate) fn barred_at(&self, number: usize) -> Option<i64> {
        self.pairs.iter().find(|(n, _)| *n == number).and_then(|(_, p)| p.barred_at)
    }
    /// The places in the ledger of what was sent to this person.
    pub(crate) fn sent(&self) -> Vec<u32> {
        let out = |line: &Line| match line {
            Line::Out(at) => Some(*at),
            _ => None,
        };
        self.lines.iter().filter_map(out).collect()
    }
    fn matches(&self, needle: &str) -> bool {
        self.found_by.contains(needle)
    }
}

/// Everybody.
#[derive(Debug)]
pub(crate) struct People {
    all: Vec<Person>,
    by_number: HashMap<String, PersonAt>,
    by_user_id: HashMap<String, PersonAt>,
    /// Numbers that somebody gave up, and how many message ids were made for them.
    given_up: HashMap<String, u64>,
    recent: BTreeSet<(Reverse<u64>, PersonAt)>,
    /// Grows with every change.
    pub(crate) revision: u64,
    pub(crate) mix: Mix,
    fixed: BTreeMap<String, Persona>,
    dice: Dice,
}

impl People {
    pub(crate) fn new(dice: Dice, mix: Mix, fixed: BTreeMap<String, Persona>) -> Self {
        Self {
            all: Vec::new(),
            by_number: HashMap::new(),
            by_user_id: HashMap::new(),
            given_up: HashMap::new(),
            recent: BTreeSet::new(),
            revision: 1,
            mix,
            fixed,
            dice,
        }
    }
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }
    pub(crate) fn get(&self, at: PersonAt) -> &Person {
        &self.all[at as usize]
    }
    pub(crate) fn get_mut(&mut self, at: PersonAt) -> &mut Person {
        &mut self.all[at as usize]
    }
    pub(crate) fn find(&self, number: &str) -> Option<PersonAt> {
        self.by_number.get(number).copied()
    }
    pub(crate) fn find_user(&self, user_id: &str) -> Option<PersonAt> {
        self.by_user_id.get(user_id).copied()
    }
    /// The people whom a number blocks, in the order in which it did.
    pub(crate) fn barred_from(&self, number: usize) -> Vec<PersonAt> {
        let barred = |(at, p): (usize, &Person)| Some((p.barred_at(number)?, at as PersonAt));
        let mut found: Vec<_> = self.all.iter().enumerate().filter_map(barred).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, at)| at).collect()
    }
    /// The person with this number (digits), who may turn up now for the first time.
    pub(crate) fn meet(&mut self, number: &str) -> PersonAt {
        if let Some(at) = self.find(number) {
            return at;
        }
        let at = self.all.len() as PersonAt;
        // Whoever has a number after somebody else is another person, with ids of their own.
        let made = self.given_up.get(number).copied().unwrap_or_default();
        let user_id =
            format!("{}.{}", country(number).0, self.dice.text("user", number, made, b"0123456789", 17));
        let persona = self
            .fixed
            .get(number)
            .copied()
            .unwrap_or_else(|| self.mix.pick(self.dice.draw("persona", number, 0)));
        let name = name(self.dice, number);
        self.by_number.insert(number.to_owned(), at);
        self.by_user_id.insert(user_id.clone(), at);
        self.all.push(Person {
            number: number.to_owned(),
            found_by: found_by(number, &name, &user_id),
            user_id,
            name,
            persona,
            hides_number: false,
            stopped_marketing: false,
            blocked: false,
            asked_to_stop: false,
            replies: 0,
            unread: 0,
            lines: Vec::new(),
            revision: 0,
            made,
            active: 0,
            pairs: Vec::new(),
        });
        self.recent.insert((Reverse(0), at));
        self.touch(at);
        at
    }
    /// Marks a change of a chat.
    pub(crate) fn touch(&mut self, at: PersonAt) {
        self.revision += 1;
        self.all[at as usize].revision = self.revision;
    }
    /// Adds a line and moves the chat to the top.
    pub(crate) fn add_line(&mut self, at: PersonAt, line: Line) {
        self.touch(at);
        let revision = self.revision;
        let person = &mut self.all[at as usize];
        person.lines.push(line);
        let before = std::mem::replace(&mut person.active, revision);
        self.recent.remove(&(Reverse(before), at));
        self.recent.insert((Reverse(revision), at));
    }
    /// A page of people, the liveliest first. An empty search matches everybody.
    pub(crate) fn page(&self, search: &str, skip: usize, limit: usize) -> Vec<&Person> {
        let needle = search.trim().trim_start_matches('+').to_lowercase();
        let found = self
            .recent
            .iter()
            .map(|(_, at)| self.get(*at))
            .filter(|p| needle.is_empty() || p.matches(&needle));
        found.skip(skip).take(limit).collect()
    }
    pub(crate) fn rename(&mut self, at: PersonAt, name: &str) {
        let person = self.get_mut(at);
        name.clone_into(&mut person.name);
        person.found_by = found_by(&person.number, name, &person.user_id);
    }
    /// Gives somebody another number (digits) and, as WhatsApp does then, another user id. Not a number that somebody
    /// has.
    pub(crate) fn change_number(&mut self, at: PersonAt, number: &str) -> bool {
        if self.by_number.contains_key(number) {
            return false;
        }
        let user_id =
            format!("{}.{}", country(number).0, self.dice.text("moved to", number, 0, b"0123456789", 17));
        self.by_number.insert(number.to_owned(), at);
        self.by_user_id.insert(user_id.clone(), at);
        let person = &mut self.all[at as usize];
        let before = std::mem::replace(&mut person.number, number.to_owned());
        let id_before = std::mem::replace(&mut person.user_id, user_id);
        person.found_by = found_by(number, &person.name, &person.user_id);
        self.given_up.insert(before.clone(), person.made.max(1));
        self.by_number.remove(&before);
        self.by_user_id.remove(&id_before);
        self.touch(at);
        true
    }
    pub(crate) fn set_persona(&mut self, number: &str, persona: Persona) {
        self.fixed.insert(number.to_owned(), persona);
        if let Some(at) = self.find(number) {
            self.get_mut(at).persona = persona;
            self.touch(at);
        }
    }
    /// Forgets everybody but the fixed personas.
    pub(crate) fn clear(&mut self) {
        let revision = self.revision + 1;
        *self = Self::new(self.dice, self.mix, std::mem::take(&mut self.fixed));
        self.revision = revision;
    }
}

/// The country and the language that a number stands for; enough of them to look like a world.
pub(crate) fn country(number: &str) -> (&'static str, &'static str) {
    const PREFIXES: [(&str, &str, &str); 22] = [
        ("27", "ZA", "en"),
        ("264", "NA", "af"),
        ("267", "BW", "en"),
        ("263", "ZW", "en"),
        ("258", "MZ", "pt"),
        ("254", "KE", "en"),
        ("234", "NG", "en"),
        ("44", "GB", "en"),
        ("49", "DE", "de"),
        ("43", "AT", "de"),
        ("41", "CH", "de"),
        ("33", "FR", "fr"),
        ("32", "BE", "fr"),
        ("31", "NL", "nl"),
        ("34", "ES", "es"),
        ("351", "PT", "pt"),
        ("353", "IE", "en"),
        ("39", "IT", "it"),
        ("52", "MX", "es"),
        ("55", "BR", "pt"),
        ("91", "IN", "en"),
        ("1", "US", "en"),
    ];
    PREFIXES.iter().find(|p| number.starts_with(p.0)).map_or(("XX", "en"), |p| (p.1, p.2))
}

fn found_by(number: &str, name: &str, user_id: &str) -> String {
    format!("{number}\n{name}\n{user_id}").to_lowercase()
}

fn name(dice: Dice, number: &str) -> String {
    const FIRST: [&str; 28] = [
        "Thandi", "Sipho", "Lerato", "Johan", "Annelie", "Naledi", "Kabelo", "Zanele", "Pieter", "Ayesha",
        "Imraan", "Grace", "Tendai", "Aisha", "Emma", "Jürgen", "Chloé", "João", "María", "Sanne", "Priya",
        "Bongani", "Nomsa", "Riaan", "Fatima", "Liam", "Zoë", "Themba",
    ];
    const LAST: [&str; 24] = [
        "Nkosi",
        "Dlamini",
        "van der Merwe",
        "Botha",
        "Mokoena",
        "Khumalo",
        "Naidoo",
        "Adams",
        "Petersen",
        "Moyo",
        "Okafor",
        "Wanjiru",
        "Müller",
        "Dubois",
        "Silva",
        "García",
        "de Vries",
        "Patel",
        "Smith",
        "Zulu",
        "Jacobs",
        "Fourie",
        "Sithole",
        "O’Brien",
    ];
    let pick =
        |purpose, all: &[&'static str]| all[(dice.draw(purpose, number, 0) % all.len() as u64) as usize];
    format!("{} {}", pick("first name", &FIRST), pick("last name", &LAST))
}

/// What somebody answers the `turn`th time, in the language of the number.
pub(crate) fn answer(dice: Dice, number: &str, turn: u32) -> &'static str {
    let all: &[&str] = match country(number).1 {
        "de" => &[
            "Danke, schön!",
            "Wann habt ihr geöffnet?",
            "Das nehme ich gern 👍",
            "Was kostet der Versand?",
            "Bis morgen.",
        ],
        "fr" => &[
            "Merci beaucoup !",
            "À quelle heure ouvrez-vous ?",
            "Très bien, je prends 👍",
            "C’est combien ?",
            "À bientôt.",
        ],
        "es" => {
            &["¡Muchas gracias!", "¿A qué hora abren?", "Me lo llevo 👍", "¿Cuánto cuesta?", "Hasta mañana."]
        }
        "pt" => &["Muito obrigado!", "A que horas abrem?", "Está ótimo 👍", "Quanto custa?", "Até amanhã."],
        "nl" => &["Dank je wel!", "Hoe laat zijn jullie open?", "Prima 👍", "Wat kost dat?", "Tot morgen."],
        "it" => &["Grazie mille!", "A che ora aprite?", "Va bene 👍", "Quanto costa?", "A domani."],
        "af" => &["Baie dankie!", "Hoe laat maak julle oop?", "Dis reg so 👍", "Wat kos dit?", "Tot siens."],
        _ => &[
            "Thank you!",
            "Ngiyabonga kakhulu 🙏",
            "Yes please 👍",
            "What are your hours?",
            "Baie dankie, sien julle môre.",
        ],
    };
    all[((dice.draw("answer", number, 0) + u64::from(turn)) % all.len() as u64) as usize]
}

/// How somebody asks to be left alone, in the language of the number.
pub(crate) fn stop_word(dice: Dice, number: &str) -> &'static str {
    let all: &[&str] = match country(number).1 {
        "de" => &["STOP", "Stopp", "abmelden"],
        "fr" => &["STOP", "Arrêt", "désabonner"],
        "es" => &["STOP", "Baja", "cancelar"],
        "pt" => &["PARAR", "sair", "cancelar"],
        "nl" => &["STOP", "afmelden"],
        "it" => &["STOP", "annulla"],
        "af" => &["STOP", "Stop asseblief", "uitteken"],
        _ => &["STOP", "stop", "Stop.", "Unsubscribe", "opt out"],
    };
    all[(dice.draw("stop", number, 0) % all.len() as u64) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_people_whatever_the_order() {
        let crowd = |numbers: &[&str]| {
            let mut p = People::new(Dice::new(9), Mix::town(), BTreeMap::new());
            for n in numbers {
                p.meet(n);
            }
            let mut seen: Vec<_> = p
                .all
                .iter()
                .map(|x| (x.number.clone(), x.user_id.clone(), x.name.clone(), x.persona))
                .collect();
            seen.sort_by(|a, b| a.0.cmp(&b.0));
            seen
        };
        assert_eq!(crowd(&["27821", "4477", "551"]), crowd(&["551", "27821", "4477"]));
    }

    #[test]
    fn a_mix_of_people_is_met_in_its_proportions() {
        let mut p = People::new(Dice::new(1), Mix::town(), BTreeMap::new());
        for n in 0..4_000 {
            p.meet(&format!("2782{n:07}"));
        }
        let reads = p.all.iter().filter(|x| x.persona == Persona::Reads).count();
        assert!((1_850..2_150).contains(&reads), "{reads}");
    }

    #[test]
    fn the_liveliest_chat_is_first_and_a_search_finds_by_name_and_number() {
        let mut p = People::new(Dice::new(1), Mix::default(), BTreeMap::new());
        let (a, b) = (p.meet("27820000001"), p.meet("27820000002"));
        p.add_line(b, Line::System { at: 0, text: String::new() });
        p.add_line(a, Line::System { at: 0, text: String::new() });
        let numbers = |found: Vec<&Person>| found.iter().map(|x| x.number.clone()).collect::<Vec<_>>();
        assert_eq!(numbers(p.page("", 0, 10)), ["27820000001", "27820000002"]);
        assert_eq!(numbers(p.page("+2782 0000002".replace(' ', "").as_str(), 0, 10)), ["27820000002"]);
        let name = p.get(a).name.to_uppercase();
        assert!(numbers(p.page(&name, 0, 10)).contains(&"27820000001".to_owned()));
    }
}
