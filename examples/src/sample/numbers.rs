//! Made-up phone numbers in the many ways people write them.

use super::dice::Dice;

/// How a country's mobile numbers look. The middle is `555` where the country's plan allows it, so
/// that everybody sees that the numbers are made up.
pub(super) struct Plan {
    pub(super) country: &'static str,
    code: &'static str,
    /// What is dialled before the number within the country.
    trunk: &'static str,
    prefixes: &'static [&'static str],
    middle: &'static str,
    tail: u32,
}

pub(super) const PLANS: &[Plan] = &[
    plan(
        "ZA",
        "27",
        "0",
        &["60", "61", "62", "63", "71", "72", "73", "74", "76", "78", "79", "81", "82", "83", "84"],
        "555",
        4,
    ),
    plan("GB", "44", "0", &["7400", "7500", "7850", "7900", "7960"], "55", 4),
    plan("DE", "49", "0", &["160", "170", "171", "172", "175"], "555", 4),
    plan("FR", "33", "0", &["6", "7"], "5555", 4),
    plan("NL", "31", "0", &["6"], "1555", 4),
    plan("IT", "39", "", &["320", "333", "340", "347", "392"], "555", 4),
    plan("ES", "34", "", &["600", "612", "655", "666", "677"], "55", 4),
    plan("PT", "351", "", &["91", "92", "93", "96"], "555", 4),
    plan("IE", "353", "0", &["83", "85", "86", "87", "89"], "555", 4),
    plan("PL", "48", "", &["501", "601", "691", "781", "881"], "55", 4),
    plan("BE", "32", "0", &["470", "471", "472", "495"], "55", 4),
    plan("AT", "43", "0", &["660", "664", "676", "699"], "555", 4),
    plan("CH", "41", "0", &["76", "78", "79"], "555", 4),
    plan("SE", "46", "0", &["70", "72", "73", "76"], "555", 4),
    plan("US", "1", "", &["212", "310", "312", "617"], "55501", 2),
];

const fn plan(
    country: &'static str,
    code: &'static str,
    trunk: &'static str,
    prefixes: &'static [&'static str],
    middle: &'static str,
    tail: u32,
) -> Plan {
    Plan { country, code, trunk, prefixes, middle, tail }
}

/// A number in its parts.
#[derive(Clone)]
pub(super) struct Number {
    plan: usize,
    prefix: &'static str,
    tail: String,
}

impl Number {
    pub(super) fn draw(country: &str, dice: &mut Dice) -> Self {
        let plan = PLANS.iter().position(|p| p.country == country).unwrap_or(0);
        let p = &PLANS[plan];
        let tail = dice.below(10u64.pow(p.tail));
        let width = p.tail as usize;
        Self { plan, prefix: dice.pick(p.prefixes), tail: format!("{tail:0width$}") }
    }

    fn plan(&self) -> &'static Plan {
        &PLANS[self.plan]
    }

    pub(super) fn e164(&self) -> String {
        let p = self.plan();
        format!("+{}{}{}{}", p.code, self.prefix, p.middle, self.tail)
    }

    /// Writes it as somebody would. `local` says whether whoever reads it knows the country.
    pub(super) fn written(&self, local: bool, dice: &mut Dice) -> String {
        let p = self.plan();
        let (code, trunk, a, b, c) = (p.code, p.trunk, self.prefix, p.middle, self.tail.as_str());
        if local && dice.chance(45) {
            return match dice.below(8) {
                0 | 1 => format!("{trunk}{a} {b} {c}"),
                2 | 3 => format!("{trunk}{a}{b}{c}"),
                4 if !trunk.is_empty() => format!("({trunk}{a}) {b} {c}"),
                5 => format!("{trunk}{a}.{b}.{c}"),
                6 => format!("'{trunk}{a}{b}{c}"),
                _ => format!("{trunk}{a}/{b}{c}"),
            };
        }
        match dice.below(26) {
            0..=5 => format!("+{code}{a}{b}{c}"),
            6..=9 => format!("+{code} {a} {b} {c}"),
            10 | 11 if !trunk.is_empty() => format!("+{code} ({trunk}){a} {b}-{c}"),
            12 if code != "1" => format!("00{code} {a} {b} {c}"),
            13 if code != "1" => format!("00{code}{a}{b}{c}"),
            // Elsewhere it can be read as a longer national number, as 49170... in Germany.
            14 | 15 if p.country == "ZA" => format!("{code}{a}{b}{c}"),
            16 => format!("+{code}-{a}-{b}-{c}"),
            17 => format!("+{code}\u{a0}{a}\u{a0}{b}\u{a0}{c}"),
            18 => format!("tel:+{code}{a}{b}{c}"),
            19 => format!("'+{code}{a}{b}{c}"),
            20 => format!("+{code}.{a}.{b}.{c}"),
            21 => format!(" +{code} {a} {b}{c} "),
            22 => format!("\u{202a}+{code} {a} {b} {c}\u{202c}"),
            23 => format!("(+{code}) {a} {b} {c}"),
            24 => format!("+{code} {a}/{b} {c}"),
            _ => format!("+{code} {a}{b}{c}"),
        }
    }
}

/// A cell that is no number of anybody.
pub(super) fn broken(kind: u64, dice: &mut Dice) -> String {
    match kind {
        0 => format!("071 288 {}", dice.below(100)),
        1 => (*dice.pick(&["call me", "same as wife", "n/a", "ask Thandi", "unknown", "083 CALL NOW"]))
            .to_owned(),
        2 => (*dice.pick(&["112", "10111", "30555", "*120*555#", "0"])).to_owned(),
        3 => (*dice.pick(&[
            "+27 99 999 9999 99",
            "+999 12 345 678",
            "0000000000",
            "+27 71 555",
            "+44 20",
            "12345678901234567890",
        ]))
        .to_owned(),
        4 => String::new(),
        _ => (*dice.pick(&["2.7835E+10", "8.3288E+08"])).to_owned(),
    }
}
