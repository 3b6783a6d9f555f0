//! Where which law holds, as dated data.

use crate::values::time::Timestamp;

/// The two letters of a country, in upper case: every decision asks, so that nothing is allocated for it.
fn code(country: Option<&str>) -> Option<[u8; 2]> {
    let bytes: [u8; 2] = country?.trim().as_bytes().try_into().ok()?;
    Some(bytes.map(|b| b.to_ascii_uppercase()))
}

pub(super) fn is_za(country: Option<&str>) -> bool {
    code(country) == Some(*b"ZA")
}
/// The European Economic Area. Its law on data protection and electronic communications is one.
pub(crate) fn is_eea(country: Option<&str>) -> bool {
    let Some(code) = code(country) else { return false };
    matches!(
        &code,
        b"AT"
            | b"BE"
            | b"BG"
            | b"HR"
            | b"CY"
            | b"CZ"
            | b"DK"
            | b"EE"
            | b"FI"
            | b"FR"
            | b"DE"
            | b"GR"
            | b"HU"
            | b"IE"
            | b"IT"
            | b"LV"
            | b"LT"
            | b"LU"
            | b"MT"
            | b"NL"
            | b"PL"
            | b"PT"
            | b"RO"
            | b"SK"
            | b"SI"
            | b"ES"
            | b"SE"
            | b"IS"
            | b"LI"
            | b"NO"
    )
}
/// Whether GDPR and ePrivacy, or a law that says the same, protect somebody there: the UK GDPR with PECR
/// reg 22, and Switzerland's UCA art 3(1)(o).
pub(super) fn is_eu(country: Option<&str>) -> bool {
    is_eea(country) || matches!(&code(country), Some([b'G', b'B'] | [b'C', b'H']))
}

/// From which age somebody consents alone to services offered to them online.
struct DigitalAge {
    country: &'static str,
    years: i32,
    since: &'static str,
    provision: &'static str,
}

const GDPR_IN_FORCE: &str = "2018-05-25";

const fn age(country: &'static str, years: i32, provision: &'static str) -> DigitalAge {
    DigitalAge { country, years, since: GDPR_IN_FORCE, provision }
}

/// GDPR art 8(1) with what the Member States made of it: 16 unless a row says otherwise. Where a later
/// act lowered an age, the higher one stands until the act has been read.
const DIGITAL_AGES: &[DigitalAge] = &[
    age("AT", 14, "Austria: DSG s4(4)"),
    age("BE", 13, "Belgium: Act of 30 July 2018, art 7"),
    age("BG", 14, "Bulgaria: ZZLD art 25c"),
    age("CY", 14, "Cyprus: Law 125(I)/2018, s8(1)"),
    age("CZ", 15, "Czechia: Act 110/2019, s7"),
    age("DE", 16, "Germany: no derogation from GDPR art 8(1)"),
    age("DK", 15, "Denmark: Databeskyttelsesloven s6(2) as amended; 13 before"),
    age("EE", 13, "Estonia: IKS s8"),
    age("ES", 14, "Spain: LO 3/2018, art 7"),
    age("FI", 13, "Finland: Act 1050/2018, s5"),
    age("FR", 15, "France: Loi 78-17, art 45"),
    age("GB", 13, "United Kingdom: DPA 2018, s9"),
    age("GR", 15, "Greece: Law 4624/2019, art 21"),
    age("IT", 14, "Italy: Codice, art 2-quinquies"),
    age("LT", 14, "Lithuania: ADTAI art 6"),
    age("LV", 13, "Latvia: FPDAL s33"),
    age("MT", 13, "Malta: SL 586.11"),
    age("NO", 15, "Norway: Personopplysningsloven s5 as amended; 13 before"),
    age("PT", 13, "Portugal: Lei 58/2019, art 16"),
    age("SE", 13, "Sweden: SFS 2018:218, ch 2 s4"),
    age("SI", 15, "Slovenia: ZVOP-2, art 8"),
    DigitalAge {
        country: "ZA",
        years: 18,
        since: "2021-07-01",
        provision: "POPIA s1, s34, s35(1)(a): a competent person consents for whoever is under 18",
    },
];

/// The age and the provision; where nothing is known of the country, 16 (GDPR art 8(1)).
pub(crate) fn digital_age(country: &str) -> (i32, &'static str, &'static str) {
    DIGITAL_AGES
        .iter()
        .find(|row| row.country.eq_ignore_ascii_case(country.trim()))
        .map_or((16, "GDPR art 8(1)", GDPR_IN_FORCE), |row| (row.years, row.provision, row.since))
}

/// A country whose level of protection the European Commission found adequate (GDPR art 45).
struct Adequacy {
    country: &'static str,
    since: &'static str,
    /// Whether it covers some recipients only: Canada's commercial organisations, certified ones in the
    /// United States.
    in_part: bool,
    decision: &'static str,
}

const fn adequate(country: &'static str, since: &'static str, decision: &'static str) -> Adequacy {
    Adequacy { country, since, in_part: false, decision }
}
const fn in_part(country: &'static str, since: &'static str, decision: &'static str) -> Adequacy {
    Adequacy { in_part: true, ..adequate(country, since, decision) }
}

const ADEQUATE: &[Adequacy] = &[
    adequate("AD", "2010-10-19", "Decision 2010/625/EU"),
    adequate("AR", "2003-06-30", "Decision 2003/490/EC"),
    in_part("CA", "2001-12-20", "Decision 2002/2/EC: commercial organisations under PIPEDA"),
    adequate("CH", "2000-07-26", "Decision 2000/518/EC"),
    adequate("FO", "2010-03-05", "Decision 2010/146/EU"),
    adequate("GB", "2021-06-28", "Decision (EU) 2021/1772"),
    adequate("GG", "2003-11-21", "Decision 2003/821/EC"),
    adequate("IL", "2011-01-31", "Decision 2011/61/EU"),
    adequate("IM", "2004-04-28", "Decision 2004/411/EC"),
    adequate("JE", "2008-05-08", "Decision 2008/393/EC"),
    adequate("JP", "2019-01-23", "Decision (EU) 2019/419"),
    adequate("KR", "2021-12-17", "Decision (EU) 2022/254"),
    adequate("NZ", "2012-12-19", "Decision 2013/65/EU"),
    in_part("US", "2023-07-10", "Decision (EU) 2023/1795: participants in the EU-US Data Privacy Framework"),
    adequate("UY", "2012-08-21", "Decision 2012/484/EU"),
];

/// The decision that covers this country at this moment, and whether it covers some recipients only.
pub(super) fn adequacy(country: &str, at: Timestamp) -> Option<(&'static str, bool)> {
    ADEQUATE
        .iter()
        .find(|row| row.country.eq_ignore_ascii_case(country.trim()))
        .filter(|row| is_since(row.since, at))
        .map(|row| (row.decision, row.in_part))
}

/// Whether a day that the data names has come.
pub(super) fn is_since(day: &str, at: Timestamp) -> bool {
    day.parse::<chrono::NaiveDate>().is_ok_and(|day| day <= at.date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_hold_countries_and_days() {
        let at = "2026-11-27T00:00:00Z".parse().unwrap();
        let letters = || b'A'..=b'Z';
        let all: Vec<String> =
            letters().flat_map(|a| letters().map(move |b| String::from_utf8(vec![a, b]).unwrap())).collect();
        assert_eq!(all.iter().filter(|c| is_eea(Some(c))).count(), 30);
        assert_eq!(all.iter().filter(|c| is_eu(Some(c))).count(), 32);
        assert!(is_eu(Some(" de ")) && is_za(Some("za")) && !is_eu(Some("Germany")) && !is_eu(None));
        for row in ADEQUATE {
            assert!(is_since(row.since, at), "{}", row.country);
            assert!(!is_eea(Some(row.country)), "{}: nothing is transferred within the EEA", row.country);
        }
        for row in DIGITAL_AGES {
            assert!(is_since(row.since, at) && (13..=18).contains(&row.years), "{}", row.country);
            assert!(is_eu(Some(row.country)) || row.country == "ZA");
        }
        assert_eq!(adequacy("ZA", at), None, "South Africa has none");
        assert_eq!(digital_age("NL").0, 16);
        assert_eq!(digital_age("fr").0, 15);
    }
}
