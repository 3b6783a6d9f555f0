//! The time zone that a country implies, where it has one for everybody.

/// The IANA zone of a country with a single one; `None` for countries with several, and for those
/// not listed. Source: the IANA time zone database's `zone1970.tab`.
pub(crate) fn zone_of_country(country: &str) -> Option<&'static str> {
    ZONES.binary_search_by_key(&country, |(c, _)| c).ok().map(|i| ZONES[i].1)
}

const ZONES: &[(&str, &str)] = &[
    ("AO", "Africa/Luanda"),
    ("AT", "Europe/Vienna"),
    ("BE", "Europe/Brussels"),
    ("BG", "Europe/Sofia"),
    ("BW", "Africa/Gaborone"),
    ("CH", "Europe/Zurich"),
    ("CZ", "Europe/Prague"),
    ("DE", "Europe/Berlin"),
    ("DK", "Europe/Copenhagen"),
    ("EE", "Europe/Tallinn"),
    ("FI", "Europe/Helsinki"),
    ("FR", "Europe/Paris"),
    ("GB", "Europe/London"),
    ("GH", "Africa/Accra"),
    ("GR", "Europe/Athens"),
    ("HR", "Europe/Zagreb"),
    ("HU", "Europe/Budapest"),
    ("IE", "Europe/Dublin"),
    ("IN", "Asia/Kolkata"),
    ("IT", "Europe/Rome"),
    ("KE", "Africa/Nairobi"),
    ("LS", "Africa/Maseru"),
    ("LT", "Europe/Vilnius"),
    ("LU", "Europe/Luxembourg"),
    ("LV", "Europe/Riga"),
    ("MT", "Europe/Malta"),
    ("MU", "Indian/Mauritius"),
    ("MW", "Africa/Blantyre"),
    ("MZ", "Africa/Maputo"),
    ("NA", "Africa/Windhoek"),
    ("NG", "Africa/Lagos"),
    ("NL", "Europe/Amsterdam"),
    ("NO", "Europe/Oslo"),
    ("PL", "Europe/Warsaw"),
    ("RO", "Europe/Bucharest"),
    ("SE", "Europe/Stockholm"),
    ("SI", "Europe/Ljubljana"),
    ("SK", "Europe/Bratislava"),
    ("SZ", "Africa/Mbabane"),
    ("TZ", "Africa/Dar_es_Salaam"),
    ("UG", "Africa/Kampala"),
    ("ZA", "Africa/Johannesburg"),
    ("ZM", "Africa/Lusaka"),
    ("ZW", "Africa/Harare"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_zone_exists_and_the_table_is_in_order() {
        assert!(ZONES.is_sorted_by_key(|(c, _)| c));
        for (country, zone) in ZONES {
            assert!(zone.parse::<chrono_tz::Tz>().is_ok(), "{country}");
            assert_eq!(zone_of_country(country), Some(*zone));
        }
        assert_eq!(zone_of_country("US"), None);
    }
}
