//! A phone number: one person's address on WhatsApp, in E.164.

use std::{borrow::Cow, fmt};

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};
use serde::{Deserialize, Serialize};

use super::error::{Error, Result};

/// Longest text that is read as a number, in bytes. libphonenumber has the same limit.
pub const PHONE_INPUT_MAX: usize = 250;

/// A phone number in E.164: `+`, then 7 to 15 digits.
///
/// It is personal data: `Debug` shows the country code and the last two digits only, there is no
/// `Display`, and no error of this module repeats what was given.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

impl Phone {
    /// Reads a number in the ways people write it, by libphonenumber's rules.
    ///
    /// Accepts spaces, brackets, dashes, `(0)`, `00…`, `tel:`, full-width digits, invisible
    /// characters, quotes around it and a spreadsheet's trailing `.0`. Without a `+` the number
    /// is read as one of `default_region` (ISO 3166 alpha-2) and, if it is none, as
    /// an international one; where both are likely it is refused, not guessed. Mobile numbers of Mexico and Brazil in the form of former plans come
    /// out in today's.
    ///
    /// # Errors
    /// `invalid_input` for whatever is no valid number of any country, for letters and
    /// extensions, for a number that a spreadsheet has rounded, and for an unknown region.
    ///
    /// ```
    /// use conek_core::Phone;
    /// assert_eq!(Phone::parse("+27 (0)83 288-5137", None)?.as_e164(), "+27832885137");
    /// assert_eq!(Phone::parse("083 288 5137", Some("ZA"))?.as_e164(), "+27832885137");
    /// # Ok::<(), conek_core::Error>(())
    /// ```
    pub fn parse(text: &str, default_region: Option<&str>) -> Result<Self> {
        let region = default_region.map(known_region).transpose()?;
        if text.len() > PHONE_INPUT_MAX {
            return Err(refuse("too long for a phone number"));
        }
        let cleaned = clean(text);
        let number = &*written(&cleaned)?;
        let plus = number.starts_with(['+', '＋']);
        let found = match region {
            Some(region) => at_home(number, region)?,
            None if plus => valid(number, None)?,
            None => None,
        };
        let found = match found {
            None if !plus => valid(&international(number), None)?,
            found => found,
        };
        let found = match found {
            None => valid_today(number)?,
            found => found,
        };
        match found {
            Some(number) => {
                let e164 = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164);
                Self::from_e164(&e164)
            }
            None if plus || region.is_some() => {
                Err(refuse("not a valid phone number: check the country code and the number of digits"))
            }
            None => Err(refuse(
                "not a valid phone number: begin with + and the country code, or set a default region",
            )),
        }
    }

    /// Takes a number that is in E.164 already, such as a stored one. Only its shape is checked,
    /// because numbering plans change and what was valid once must stay readable.
    ///
    /// # Errors
    /// `invalid_input` unless it is `+` and 7 to 15 digits that do not begin with 0.
    pub fn from_e164(text: &str) -> Result<Self> {
        match text.strip_prefix('+') {
            Some(digits) if is_wa_id(digits) => Ok(Self(text.to_owned())),
            _ => Err(refuse("not in E.164: write + and 7 to 15 digits")),
        }
    }

    /// Takes a `wa_id` or `from` as WhatsApp reports it: digits without `+`. Only its shape is
    /// checked, because WhatsApp knows its users better than any numbering plan.
    ///
    /// # Errors
    /// `invalid_input` unless it is 7 to 15 digits that do not begin with 0.
    pub fn from_wa_id(digits: &str) -> Result<Self> {
        if is_wa_id(digits) {
            Ok(Self(format!("+{digits}")))
        } else {
            Err(refuse("not a WhatsApp id: 7 to 15 digits"))
        }
    }

    /// The whole number with its `+`. Never log it.
    pub fn as_e164(&self) -> &str {
        &self.0
    }

    /// The digits without `+`, the form of WhatsApp's `wa_id`. Never log it.
    pub fn wa_id(&self) -> &str {
        &self.0[1..]
    }

    /// The country (ISO 3166 alpha-2) that the number belongs to, if it belongs to one.
    pub fn country(&self) -> Option<String> {
        self.region().map(|region| region.as_region_str().as_str().to_owned())
    }

    /// Whether this is a `+1` number of the United States. Canada and the islands share `+1`;
    /// an area code that nobody knows counts as the United States, the stricter reading.
    pub fn is_nanp_us(&self) -> bool {
        self.0.starts_with("+1") && matches!(self.region(), Some(Region::US) | None)
    }

    /// Every `wa_id` under which WhatsApp may report this person, this number's own first: Brazil
    /// with and without the ninth digit, Mexico as 52 and as 521.
    pub fn variants(&self) -> Vec<String> {
        let own = self.wa_id();
        let mut all = vec![own.to_owned()];
        // Byte positions are safe: the constructor lets digits through only.
        let other = match (own.get(..2), own.len()) {
            (Some("55"), 13) if own[4..].starts_with('9') && mobile_br(&own[5..]) => {
                Some(format!("{}{}", &own[..4], &own[5..]))
            }
            (Some("55"), 12) if mobile_br(&own[4..]) => Some(format!("{}9{}", &own[..4], &own[4..])),
            (Some("52"), 13) if own[2..].starts_with('1') => Some(format!("52{}", &own[3..])),
            (Some("52"), 12) => Some(format!("521{}", &own[2..])),
            _ => None,
        };
        all.extend(other);
        all
    }

    fn region(&self) -> Option<Region> {
        let number = PHONE_NUMBER_UTIL.parse(&self.0, None).ok()?;
        PHONE_NUMBER_UTIL.get_region_for_number(&number).filter(|region| *region != Region::World)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.wa_id();
        let (code, rest) = digits.split_at(country_code_len(digits));
        write!(f, "Phone(+{code}…{})", &rest[rest.len() - 2..])
    }
}

impl TryFrom<String> for Phone {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Self::from_e164(&text)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

fn refuse(detail: &str) -> Error {
    Error::invalid("phone", detail)
}

/// Whether this is a country whose numbers can be read; `field` is who asks.
pub(crate) fn check_region(field: &str, code: &str) -> Result<()> {
    known_region(code).map(drop).map_err(|e| match e {
        Error::InvalidInput { detail, .. } => Error::invalid(field, detail),
        other => other,
    })
}

fn known_region(code: &str) -> Result<Region> {
    Region::from_code(code)
        .ok()
        .filter(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(*region).is_some())
        .ok_or_else(|| {
            Error::invalid("default_region", "not a country code; write ISO 3166 alpha-2, such as ZA")
        })
}

fn is_wa_id(digits: &str) -> bool {
    (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The eight digits behind area code and ninth digit: mobile ones begin with 6 to 9.
fn mobile_br(subscriber: &str) -> bool {
    subscriber.starts_with(['6', '7', '8', '9'])
}

/// Country codes are prefix-free: this is E.164's list by its first digits.
fn country_code_len(digits: &str) -> usize {
    match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

/// Characters that nobody sees and that come along when a number is copied.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn clean(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .filter(|c| !is_invisible(*c))
            .map(|c| if c.is_whitespace() || matches!(c, '·' | '•') { ' ' } else { c })
            .collect(),
    )
}

/// The number itself out of what a cell or a link holds around it.
fn written(text: &str) -> Result<Cow<'_, str>> {
    let around = |c: char| {
        c.is_whitespace() || matches!(c, '\'' | '"' | '`' | '‘' | '’' | '“' | '”' | '„' | '«' | '»' | '=')
    };
    let mut text = text.trim_matches(around);
    for label in ["tel:", "whatsapp:", "p:"] {
        if let Some((head, tail)) = text.split_at_checked(label.len())
            && head.eq_ignore_ascii_case(label)
        {
            text = tail.trim_matches(around);
            break;
        }
    }
    if text.is_empty() {
        return Err(refuse("empty"));
    }
    if is_rounded(text) {
        return Err(refuse(
            "a spreadsheet has rounded this number (to the form 1.23E+10): format the column as text and export it again",
        ));
    }
    // A column of numbers with a gap in it is exported as floats.
    let float = [".0", ".00", ",0", ",00"].iter().find_map(|zeros| text.strip_suffix(zeros));
    if let Some(whole) = float
        && whole.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+')
    {
        text = whole;
    }
    // RFC 3966: a number that is local to a country code.
    let (number, code) = match text.split_once(";phone-context=+") {
        Some((number, code)) if code.bytes().all(|byte| byte.is_ascii_digit()) => (number, code),
        _ => (text, ""),
    };
    if number.contains(|c: char| c.is_alphabetic() || matches!(c, '#' | '*' | ';')) {
        return Err(refuse(
            "letters, extensions and dial codes cannot receive WhatsApp messages: write the number alone",
        ));
    }
    Ok(if code.is_empty() { Cow::Borrowed(number) } else { Cow::Owned(format!("+{code} {number}")) })
}

fn is_rounded(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let mantissa = mantissa.trim_start_matches(['+', '-']);
    let digits = |part: &str, or: &[u8]| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || or.contains(&byte))
    };
    digits(mantissa, b".,") && digits(exponent, b"")
}

/// The same number as it would be written with a plus sign.
fn international(number: &str) -> String {
    let number = number.trim_start_matches(|c: char| !c.is_numeric());
    let number = number.strip_prefix("00").or_else(|| number.strip_prefix("００")).unwrap_or(number);
    format!("+{number}")
}

/// The digits of a text, without whatever stands between them.
pub(crate) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A Brazilian or Mexican mobile number as it was written before the plan changed, and as WhatsApp
/// still reports many of them.
fn valid_today(number: &str) -> Result<Option<PhoneNumber>> {
    let old =
        Phone::from_wa_id(&digits(&international(number))).map(|old| old.variants()).unwrap_or_default();
    old.get(1).map_or(Ok(None), |today| valid(&format!("+{today}"), None))
}

/// The number as people of the region write it. Some plans take nearly any digits, so a number that
/// begins neither with a plus sign nor with 0 is held against its international reading.
fn at_home(number: &str, region: Region) -> Result<Option<PhoneNumber>> {
    let Some(home) = valid(number, Some(region))? else { return Ok(None) };
    let bare = number
        .chars()
        .find(|c| c.is_numeric() || matches!(c, '+' | '＋'))
        .is_some_and(|c| c.is_numeric() && !matches!(c, '0' | '０'));
    if !bare || is_mobile(&home) {
        return Ok(Some(home));
    }
    match valid(&international(number), None)? {
        Some(abroad) if abroad == home => Ok(Some(home)),
        Some(same) if same.country_code == home.country_code => Ok(Some(same)),
        Some(abroad) if is_mobile(&abroad) => {
            Err(refuse("it can be read as a number of two countries: write it with + and the country code"))
        }
        _ => Ok(Some(home)),
    }
}

fn is_mobile(number: &PhoneNumber) -> bool {
    matches!(
        PHONE_NUMBER_UTIL.get_number_type(number),
        PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile
    )
}

/// libphonenumber takes South African mobile numbers of five digits and more. They have nine.
fn is_cut_short(number: &PhoneNumber) -> bool {
    number.country_code == 27 && number.get_national_significant_number().len() < 9 && is_mobile(number)
}

fn valid(text: &str, region: Option<Region>) -> Result<Option<PhoneNumber>> {
    let Ok(number) = PHONE_NUMBER_UTIL.parse(text, region) else { return Ok(None) };
    if number.extension.is_some() {
        return Err(refuse("an extension cannot receive WhatsApp messages: write the number alone"));
    }
    Ok((PHONE_NUMBER_UTIL.is_valid_number(&number) && !is_cut_short(&number)).then_some(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn e164(text: &str, region: Option<&str>) -> String {
        Phone::parse(text, region).unwrap_or_else(|e| panic!("{text:?} {region:?}: {e}")).0
    }

    #[test]
    fn people_write_one_number_in_many_ways() {
        for text in [
            "+27832885137",
            "+27 (0)83 288-5137",
            "+27 83 288 5137",
            "0027 83 288 5137",
            "tel:+27-83-288-5137",
            "TEL: +27 83 288 5137",
            "whatsapp:+27832885137",
            "p:+27832885137",
            "27832885137",
            "27832885137.0",
            "'+27832885137",
            "\"+27832885137\"",
            "=\"+27832885137\"",
            "\u{202a}+27 83 288 5137\u{202c}",
            "+27\u{a0}83\u{a0}288\u{a0}5137",
            "\u{feff}+27\u{200b}832885137",
            "+27.83.288.5137",
            "+27–83–288–5137",
            "＋２７８３２８８５１３７",
            "  +27/83/2885137  ",
        ] {
            assert_eq!(e164(text, None), "+27832885137", "{text:?}");
            assert_eq!(e164(text, Some("ZA")), "+27832885137", "{text:?} in ZA");
            assert_eq!(e164(text, Some("US")), "+27832885137", "{text:?} in US");
        }
        for text in [
            "083 288 5137",
            "(083) 288-5137",
            "0832885137",
            "832885137",
            "832885137.0",
            "０８３２８８５１３７",
        ] {
            assert_eq!(e164(text, Some("ZA")), "+27832885137", "{text:?}");
            assert_eq!(e164(text, Some("za")), "+27832885137", "{text:?}");
        }
        assert_eq!(e164("011 27 83 288 5137", Some("US")), "+27832885137");
        assert_eq!(e164("447911123456", Some("ZA")), "+447911123456");
        assert_eq!(e164("+39 06 698 12345", None), "+390669812345");
        assert_eq!(e164("+52 1 55 1234 5678", None), "+525512345678", "the 1 was dropped in 2019");
        assert_eq!(e164("+55 11 8765-4321", None), "+5511987654321", "the 9 was added in 2012");
    }

    #[test]
    fn what_is_no_number_is_refused_without_repeating_it() {
        for (text, region) in [
            ("", None),
            ("   ", Some("ZA")),
            ("083 288 5137", None),
            ("2.78E+10", None),
            ("2,7832E+10", Some("ZA")),
            ("2.7832885137e10", Some("ZA")),
            ("31245", Some("ZA")),
            ("112", Some("ZA")),
            ("+44 7911 1234", None),
            ("+27 83 288 51377", None),
            ("+999 83 288 5137", None),
            ("+083 288 5137", Some("ZA")),
            ("+27 11 555 1234 ext 5", None),
            ("+27 11 555 1234 x5", None),
            ("tel:+27115551234;ext=5", None),
            ("083 288 5137 / 083 288 5138", Some("ZA")),
            ("0800 FLOWERS", Some("ZA")),
            ("*120*3279#", Some("ZA")),
            ("thabo@example.com", Some("ZA")),
            ("+1 555 01", None),
        ] {
            let error = Phone::parse(text, region).expect_err(text);
            assert_eq!(error.code(), "invalid_input");
            let Error::InvalidInput { field, detail } = &error else { unreachable!() };
            assert_eq!(field, "phone");
            assert!(text.trim().is_empty() || !detail.contains(text.trim()), "{detail}");
        }
        assert!(Phone::parse(&"1".repeat(251), None).is_err());
        let Err(Error::InvalidInput { field, .. }) = Phone::parse("083 288 5137", Some("XQ")) else {
            unreachable!()
        };
        assert_eq!(field, "default_region");
    }

    #[test]
    fn a_bare_number_that_two_countries_claim_is_never_guessed() {
        // German and Austrian area codes take nearly any digits: without a 0 in front these
        // are the international form without its plus sign.
        for (text, region, want) in [
            ("49 151 23456789", "DE", "+4915123456789"),
            ("49 4441 12345", "DE", "+49444112345"),
            ("4930901820", "DE", "+4930901820"),
            ("43 664 1234567", "AT", "+436641234567"),
            ("15123456789", "DE", "+4915123456789"),
            ("04441 12345", "DE", "+49444112345"),
            ("27 83 288 5137", "ZA", "+27832885137"),
            ("393 123 4567", "IT", "+393931234567"),
            ("39 347 123 4567", "IT", "+393471234567"),
        ] {
            assert_eq!(e164(text, Some(region)), want, "{text} in {region}");
        }
        // Another country's mobile number, or a landline whose 0 a spreadsheet ate.
        for (text, region) in [
            ("447911123456", "DE"),
            ("33 6 12 34 56 78", "DE"),
            ("393471234567", "DE"),
            ("351912345678", "DE"),
            ("436641234567", "DE"),
            ("27832885137", "AT"),
        ] {
            let error = Phone::parse(text, Some(region)).expect_err(text).to_string();
            assert!(error.contains("two countries"), "{error}");
            assert!(Phone::parse(&format!("+{text}"), Some(region)).is_ok());
            assert!(Phone::parse(&format!("00{text}"), Some(region)).is_ok());
        }
    }

    #[test]
    fn a_south_african_mobile_number_has_nine_digits() {
        for text in
            ["+27 83 288 51", "083 288 51", "+27 83 288 513", "+27 83 288 5", "081 012 345", "08 1234"]
        {
            let error = Phone::parse(text, Some("ZA")).expect_err(text).to_string();
            assert!(error.contains("number of digits"), "{error}");
        }
        for text in ["083 288 5137", "060 123 4567", "071 012 3456", "081 012 3456", "0860 123 456"] {
            assert!(Phone::parse(text, Some("ZA")).is_ok(), "{text}");
        }
        // What is stored or reported already stays readable.
        assert!(Phone::from_wa_id("278328851").is_ok());
        // Short numbers of other plans are none of this rule's business.
        for text in ["+683 4000", "+290 22158", "+500 51234", "+49 30 901820"] {
            assert!(Phone::parse(text, None).is_ok(), "{text}");
        }
    }

    #[test]
    fn links_and_spreadsheets_write_numbers_too() {
        for text in [
            "tel:+27832885137",
            "tel:083-288-5137;phone-context=+27",
            "tel:832885137;phone-context=+27",
            "27832885137,0",
            "27832885137.00",
            "0832885137.0",
            "083·288·5137",
        ] {
            assert_eq!(e164(text, Some("ZA")), "+27832885137", "{text}");
        }
        for text in [
            "tel:832885137;phone-context=example.com",
            "tel:832885137;ext=5;phone-context=+27",
            "tel:832885137;phone-context=+27;ext=5",
            "27832885137,5",
            "27832885137,000",
        ] {
            assert!(Phone::parse(text, Some("ZA")).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rounded_number_is_named_as_such() {
        let error = Phone::parse("2.78E+10", Some("ZA")).unwrap_err().to_string();
        assert!(error.contains("spreadsheet"), "{error}");
    }

    #[test]
    fn debug_shows_country_code_and_two_digits() {
        let phone = Phone::parse("+27832885137", None).unwrap();
        assert_eq!(format!("{phone:?}"), "Phone(+27…37)");
        for (wa_id, shown) in [
            ("15875302271", "Phone(+1…71)"),
            ("6834000", "Phone(+683…00)"),
            ("35312345678", "Phone(+353…78)"),
        ] {
            assert_eq!(format!("{:?}", Phone::from_wa_id(wa_id).unwrap()), shown);
        }
    }

    #[test]
    fn every_country_code_is_cut_where_libphonenumber_cuts_it() {
        for code in PHONE_NUMBER_UTIL.get_supported_calling_codes() {
            let digits = format!("{code}555123");
            assert_eq!(country_code_len(&digits), code.to_string().len(), "{code}");
        }
    }

    #[test]
    fn the_country_comes_from_the_number_not_from_its_code() {
        let country = |text| Phone::parse(text, None).unwrap().country();
        assert_eq!(country("+27832885137").as_deref(), Some("ZA"));
        assert_eq!(country("+15875302271").as_deref(), Some("CA"));
        assert_eq!(country("+12125550123").as_deref(), Some("US"));
        assert_eq!(country("+77011234567").as_deref(), Some("KZ"));
        assert_eq!(country("+80012345678"), None);
    }

    #[test]
    fn plus_one_is_not_always_the_united_states() {
        let us = |wa_id| Phone::from_wa_id(wa_id).unwrap().is_nanp_us();
        assert!(us("12125550123"));
        assert!(us("13105550123"));
        assert!(!us("15875302271"), "Alberta");
        assert!(!us("14165550123"), "Toronto");
        assert!(!us("18765550123"), "Jamaica");
        assert!(us("19995550123"), "an unknown area code is read strictly");
        assert!(!us("27832885137"));
    }

    #[test]
    fn whatsapp_may_report_brazil_and_mexico_under_two_ids() {
        let variants = |wa_id| Phone::from_wa_id(wa_id).unwrap().variants();
        assert_eq!(variants("5511987654321"), ["5511987654321", "551187654321"]);
        assert_eq!(variants("551187654321"), ["551187654321", "5511987654321"]);
        assert_eq!(variants("551133334444"), ["551133334444"], "a landline has no ninth digit");
        assert_eq!(variants("525512345678"), ["525512345678", "5215512345678"]);
        assert_eq!(variants("5215512345678"), ["5215512345678", "525512345678"]);
        assert_eq!(variants("27832885137"), ["27832885137"]);
    }

    #[test]
    fn it_is_a_string_in_json_and_checked_on_the_way_in() {
        let phone = Phone::parse("+27832885137", None).unwrap();
        let json = serde_json::to_string(&phone).unwrap();
        assert_eq!(json, "\"+27832885137\"");
        assert_eq!(serde_json::from_str::<Phone>(&json).unwrap(), phone);
        for bad in
            ["\"27832885137\"", "\"+0832885137\"", "\"+27 83\"", "\"\"", "\"+\"", "\"+２７８３２８８５１\""]
        {
            assert!(serde_json::from_str::<Phone>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_countrys_example_agrees_with_libphonenumber_in_every_format() {
        let mut seen = 0;
        for region in PHONE_NUMBER_UTIL.get_supported_regions() {
            let Ok(number) = PHONE_NUMBER_UTIL.get_example_number(region) else { continue };
            let want = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned();
            let code = region.as_region_str();
            for format in [
                PhoneNumberFormat::E164,
                PhoneNumberFormat::International,
                PhoneNumberFormat::National,
                PhoneNumberFormat::RFC3966,
            ] {
                let text = PHONE_NUMBER_UTIL.format(&number, format).into_owned();
                assert_eq!(e164(&text, Some(code.as_str())), want, "{text} in {region}");
            }
            assert_eq!(e164(&want[1..], None), want, "{want} without its plus sign");
            seen += 1;
        }
        assert!(seen > 200, "{seen} regions");
    }

    proptest! {
        #[test]
        fn a_valid_number_is_the_one_libphonenumber_reads(
            text in r"(\+|00|0)?[1-9][0-9 ()\-]{4,14}[0-9]",
            region in prop::sample::select(vec!["ZA", "US", "GB", "BR", "IN", "DE", "IT", "NG"]),
        ) {
            // Without a trunk prefix it may be read in two ways; see the test on that.
            prop_assume!(text.starts_with(['+', '0']) || valid(&international(&text), None).unwrap().is_none());
            let theirs = PHONE_NUMBER_UTIL
                .parse(&text, Region::from_code(region).ok())
                .ok()
                .filter(|number| number.extension.is_none() && PHONE_NUMBER_UTIL.is_valid_number(number))
                .filter(|number| !is_cut_short(number));
            if let Some(number) = theirs {
                let theirs = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned();
                prop_assume!(theirs.len() > 7, "a pager's six digits are no WhatsApp id");
                prop_assert_eq!(e164(&text, Some(region)), theirs);
            }
        }

        #[test]
        fn any_text_is_a_number_or_an_error(text in any::<String>(), region in prop::option::of("[A-Z]{2}")) {
            if let Ok(phone) = Phone::parse(&text, region.as_deref()) {
                prop_assert_eq!(Phone::parse(phone.as_e164(), None).unwrap(), phone);
            }
        }
    }
}
