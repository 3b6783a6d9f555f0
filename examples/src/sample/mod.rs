//! The sample: a file of made-up people as a shop would have it, with everything that is wrong in such files.

mod dice;
mod names;
mod numbers;

use std::collections::BTreeSet;

use self::{
    dice::Dice,
    names::{GROUPS, Group},
    numbers::Number,
};

/// The first line of the file.
pub const HEADER: &str = "phone,name,language,time_zone,country,city,source,context,obtained_at,objection_offered,consent,consent_evidence,consent_at,goods";

/// Different people in the file.
pub const PEOPLE: usize = 10_080;
/// Rows that name one of them again, with the number written in another way.
pub const DUPLICATES: usize = 200;
/// Rows with something wrong.
pub const ODD_ROWS: usize = 120;

/// How the person came into the file, and so whether marketing may go to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Consent, and what proves it.
    Consent,
    /// Consent that nothing proves.
    ConsentWithoutEvidence,
    /// A customer who could object when they bought.
    Customer,
    /// A customer who could not.
    CustomerNotAsked,
    /// From a list that was bought.
    List,
    /// Filled in a form and left the box empty.
    NoTick,
    /// Asked to be left alone.
    OptedOut,
}

/// What a row should become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// This number, in E.164.
    Person(String),
    /// A person of an earlier row again.
    Duplicate(String),
    /// The person is taken, and one cell is reported.
    WithProblem(String),
    /// The row cannot be taken.
    Rejected,
}

/// A row and what it should become.
#[derive(Debug, Clone)]
pub struct SampleRow {
    /// The row as it stands in the file, without the line's end. One kind is not valid UTF-8.
    pub bytes: Vec<u8>,
    /// What it should become.
    pub truth: Truth,
    /// How the person came into the file; `None` for a row that cannot be taken.
    pub standing: Option<Standing>,
}

struct Cells {
    phone: String,
    name: String,
    rest: [String; 12],
}

impl Cells {
    fn bytes(&self) -> Vec<u8> {
        let cells = [&self.phone, &self.name].into_iter().chain(&self.rest);
        cells.map(|cell| quoted(cell)).collect::<Vec<_>>().join(",").into_bytes()
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) || cell.starts_with(' ') {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// Every row of the file, in order: always the same.
pub fn rows() -> Vec<SampleRow> {
    let mut dice = Dice::new(2026);
    let mut taken = BTreeSet::new();
    let mut rows = Vec::with_capacity(PEOPLE + DUPLICATES + ODD_ROWS);
    let mut people = Vec::with_capacity(PEOPLE);
    for _ in 0..PEOPLE {
        let person = Person::draw(&mut taken, &mut dice);
        let cells = person.cells(&mut dice);
        rows.push(SampleRow {
            bytes: cells.bytes(),
            truth: Truth::Person(person.number.e164()),
            standing: Some(person.standing),
        });
        people.push(person);
    }
    let mut more: Vec<(usize, SampleRow)> = Vec::new();
    for i in 0..DUPLICATES {
        let of = i * PEOPLE / DUPLICATES + dice.below(40) as usize;
        let person = &people[of.min(PEOPLE - 1)];
        // Lists are merged: the second row is from somewhere else and knows less.
        let mut cells = person.cells(&mut dice);
        cells.name = dice.pick(&[person.first, ""]).to_owned();
        let truth = Truth::Duplicate(person.number.e164());
        let after = of + 1 + dice.below(60) as usize;
        more.push((after, SampleRow { bytes: cells.bytes(), truth, standing: Some(person.standing) }));
    }
    for i in 0..ODD_ROWS {
        let at = i * PEOPLE / ODD_ROWS + dice.below(80) as usize;
        more.push((at, odd(i, &mut taken, &mut dice)));
    }
    more.sort_by_key(|(at, _)| *at);
    for (at, row) in more.into_iter().rev() {
        rows.insert(at.min(rows.len()), row);
    }
    rows
}

/// The whole file: UTF-8 but for the rows that are not, lines end with LF.
pub fn file() -> Vec<u8> {
    let mut bytes = HEADER.as_bytes().to_vec();
    for row in rows() {
        bytes.push(b'\n');
        bytes.extend(row.bytes);
    }
    bytes.push(b'\n');
    bytes
}

struct Person {
    group: &'static Group,
    first: &'static str,
    last: &'static str,
    number: Number,
    standing: Standing,
}

impl Person {
    fn draw(taken: &mut BTreeSet<String>, dice: &mut Dice) -> Self {
        let groups: Vec<(u64, &Group)> = GROUPS.iter().map(|g| (g.weight, g)).collect();
        let group = dice.weighted(&groups);
        let number = loop {
            let number = Number::draw(group.country, dice);
            if taken.insert(number.e164()) {
                break number;
            }
        };
        let standing = dice.weighted(&[
            (60, Standing::Consent),
            (6, Standing::ConsentWithoutEvidence),
            (14, Standing::Customer),
            (3, Standing::CustomerNotAsked),
            (11, Standing::List),
            (2, Standing::NoTick),
            (4, Standing::OptedOut),
        ]);
        Self { group, first: dice.pick(group.first), last: dice.pick(group.last), number, standing }
    }

    fn cells(&self, dice: &mut Dice) -> Cells {
        let g = self.group;
        // Some South Africans live abroad, and their hours are those of where they live.
        let (zone, town) = match dice.below(100) {
            0..3 if g.country == "ZA" => ("Europe/London", "London"),
            3 if g.country == "ZA" => ("Australia/Sydney", "Sydney"),
            4..35 => (g.zone, dice.pick(g.towns)),
            // A country with several zones says nothing about hours.
            _ if g.country == "US" => (g.zone, dice.pick(g.towns)),
            _ => ("", dice.pick(g.towns)),
        };
        let country = match dice.below(10) {
            0 if g.country == "ZA" => "",
            1 if g.country == "ZA" => "South Africa",
            2 => &g.country.to_lowercase(),
            _ => g.country,
        };
        let name = match dice.below(20) {
            0 => self.first.to_owned(),
            1 => format!("{}, {}", self.last, self.first),
            2 => format!("{} {}", self.first.to_uppercase(), self.last.to_uppercase()),
            3 => String::new(),
            _ => format!("{} {}", self.first, self.last),
        };
        let [source, context, obtained, objection, consent, evidence, consent_at] = self.provenance(dice);
        let language = if dice.chance(85) { dice.pick(g.languages) } else { "" };
        let text = str::to_owned;
        Cells {
            phone: self.number.written(country.len() == 2 || g.country == "ZA", dice),
            name,
            rest: [
                text(language),
                text(zone),
                text(country),
                text(town),
                source,
                context,
                obtained,
                objection,
                consent,
                evidence,
                consent_at,
                // What the shop sold: its offers are of the same kind.
                match self.standing {
                    Standing::Customer | Standing::CustomerNotAsked => "coffee".to_owned(),
                    _ => String::new(),
                },
            ],
        }
    }

    /// source, context, obtained_at, objection_offered, consent, consent_evidence, consent_at
    fn provenance(&self, dice: &mut Dice) -> [String; 7] {
        let yes = |dice: &mut Dice| {
            dice.pick(&["yes", "yes", "Yes", "TRUE", "1", "x", "ja", "given", "opted-in"]).to_owned()
        };
        let day = date(dice);
        let none = String::new;
        let text = str::to_owned;
        match self.standing {
            Standing::Consent => {
                let form = dice.pick(&["form", "loyalty-card", "checkout", "market-sheet", "wa-reply"]);
                let source = dice.pick(&[
                    "newsletter form",
                    "loyalty card",
                    "web shop checkout",
                    "market stall sheet",
                    "WhatsApp sign-up",
                ]);
                let evidence = format!("{form}-{:06}", dice.below(1_000_000));
                [text(source), text("form"), day.clone(), text("yes"), yes(dice), evidence, day]
            }
            Standing::ConsentWithoutEvidence => [
                text("spreadsheet of the old shop"),
                text("other"),
                none(),
                none(),
                yes(dice),
                none(),
                none(),
            ],
            Standing::Customer => {
                let source = dice.pick(&["till receipt", "web shop checkout", "phone order"]);
                [
                    text(source),
                    text("sale"),
                    day,
                    dice.pick(&["yes", "true", "1", "ja"]).to_owned(),
                    none(),
                    none(),
                    none(),
                ]
            }
            Standing::CustomerNotAsked => [
                text("till receipt"),
                text("sale"),
                day,
                dice.pick(&["no", "", "false"]).to_owned(),
                none(),
                none(),
                none(),
            ],
            Standing::List => {
                let source = dice.pick(&["list bought in 2023", "trade fair badges", "business directory"]);
                [text(source), text("list"), day, none(), none(), none(), none()]
            }
            Standing::NoTick => {
                [text("newsletter form"), text("form"), day, text("yes"), none(), none(), none()]
            }
            Standing::OptedOut => {
                let said =
                    dice.pick(&["no", "STOP", "unsubscribed", "opted out", "nee", "withdrawn"]).to_owned();
                [text("newsletter form"), text("form"), day, text("yes"), said, none(), none()]
            }
        }
    }
}

/// A day between 2022 and the autumn of 2026, in one of the ways that import reads.
fn date(dice: &mut Dice) -> String {
    let (year, month, day) = (2022 + dice.below(5), 1 + dice.below(10), 1 + dice.below(28));
    let (hour, minute) = (8 + dice.below(12), dice.below(60));
    match dice.below(4) {
        0 => format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00Z"),
        1 => format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}"),
        2 => format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00+02:00"),
        _ => format!("{year}-{month:02}-{day:02}"),
    }
}

/// A row with something wrong: each kind in turn.
fn odd(i: usize, taken: &mut BTreeSet<String>, dice: &mut Dice) -> SampleRow {
    let mut person = Person::draw(taken, dice);
    person.standing = Standing::Consent;
    let mut cells = person.cells(dice);
    let taken_as = |truth, bytes| SampleRow { bytes, truth, standing: Some(Standing::Consent) };
    let rejected = |bytes| SampleRow { bytes, truth: Truth::Rejected, standing: None };
    // Seven and twenty have no factor in common: every kind comes, well mixed.
    match (i * 7 + 5) % 20 {
        0 | 1 => {
            cells.rest[10] = dice.pick(&["31/02/2024", "soon", "2024-13-45"]).to_owned();
            taken_as(Truth::WithProblem(person.number.e164()), cells.bytes())
        }
        2 => {
            cells.name = "=HYPERLINK(\"http://prize.example\",\"Click me\")".to_owned();
            taken_as(Truth::Person(person.number.e164()), cells.bytes())
        }
        3 => {
            let mut bytes = cells.bytes();
            bytes.extend(b",one cell,too many");
            rejected(bytes)
        }
        4 => {
            // "Zoë" as an old spreadsheet writes it.
            cells.name = "Zo# Daniels".to_owned();
            rejected(cells.bytes().into_iter().map(|b| if b == b'#' { 0xeb } else { b }).collect())
        }
        kind => {
            let kind = [0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 5][kind - 5];
            cells.phone = numbers::broken(kind, dice);
            // Some of them are numbers elsewhere.
            cells.rest[2] = "ZA".to_owned();
            rejected(cells.bytes())
        }
    }
}
