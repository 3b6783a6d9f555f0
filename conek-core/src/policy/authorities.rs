//! Where people can complain: the authorities as data, with the day on which each address was last looked at.

use serde::{Deserialize, Serialize};

/// An authority to which people can complain (POPIA s74, GDPR 77).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// What it is called.
    pub title: String,
    /// Its site.
    pub website: String,
    /// The day on which the address was last looked at, `YYYY-MM-DD`; `None`: look before you print it.
    pub verified_on: Option<String>,
}

const AUTHORITIES: &[(&str, &str, &str, Option<&str>)] = &[
    ("ZA", "Information Regulator (South Africa)", "https://inforegulator.org.za", None),
    ("AT", "Datenschutzbehörde", "https://www.dsb.gv.at", None),
    ("BE", "Autorité de protection des données", "https://www.dataprotectionauthority.be", None),
    ("BG", "Commission for Personal Data Protection", "https://cpdp.bg", None),
    ("CH", "Federal Data Protection and Information Commissioner", "https://www.edoeb.admin.ch", None),
    ("CY", "Commissioner for Personal Data Protection", "https://www.dataprotection.gov.cy", None),
    ("CZ", "Úřad pro ochranu osobních údajů", "https://uoou.gov.cz", None),
    (
        "DE",
        "Bundesbeauftragte für den Datenschutz und die Informationsfreiheit",
        "https://www.bfdi.bund.de",
        None,
    ),
    ("DK", "Datatilsynet", "https://www.datatilsynet.dk", None),
    ("EE", "Andmekaitse Inspektsioon", "https://www.aki.ee", None),
    ("ES", "Agencia Española de Protección de Datos", "https://www.aepd.es", None),
    ("FI", "Tietosuojavaltuutetun toimisto", "https://tietosuoja.fi", None),
    ("FR", "Commission nationale de l'informatique et des libertés", "https://www.cnil.fr", None),
    ("GB", "Information Commissioner's Office", "https://ico.org.uk", None),
    ("GR", "Hellenic Data Protection Authority", "https://www.dpa.gr", None),
    ("HR", "Agencija za zaštitu osobnih podataka", "https://azop.hr", None),
    ("HU", "Nemzeti Adatvédelmi és Információszabadság Hatóság", "https://www.naih.hu", None),
    ("IE", "Data Protection Commission", "https://www.dataprotection.ie", None),
    ("IS", "Persónuvernd", "https://www.personuvernd.is", None),
    ("IT", "Garante per la protezione dei dati personali", "https://www.garanteprivacy.it", None),
    ("LI", "Datenschutzstelle", "https://www.datenschutzstelle.li", None),
    ("LT", "Valstybinė duomenų apsaugos inspekcija", "https://vdai.lrv.lt", None),
    ("LU", "Commission nationale pour la protection des données", "https://cnpd.public.lu", None),
    ("LV", "Datu valsts inspekcija", "https://www.dvi.gov.lv", None),
    ("MT", "Information and Data Protection Commissioner", "https://idpc.org.mt", None),
    ("NL", "Autoriteit Persoonsgegevens", "https://autoriteitpersoonsgegevens.nl", None),
    ("NO", "Datatilsynet", "https://www.datatilsynet.no", None),
    ("PL", "Urząd Ochrony Danych Osobowych", "https://uodo.gov.pl", None),
    ("PT", "Comissão Nacional de Proteção de Dados", "https://www.cnpd.pt", None),
    (
        "RO",
        "Autoritatea Națională de Supraveghere a Prelucrării Datelor cu Caracter Personal",
        "https://www.dataprotection.ro",
        None,
    ),
    ("SE", "Integritetsskyddsmyndigheten", "https://www.imy.se", None),
    ("SI", "Informacijski pooblaščenec", "https://www.ip-rs.si", None),
    ("SK", "Úrad na ochranu osobných údajov", "https://dataprotection.gov.sk", None),
];

/// Every authority.
pub(crate) fn all() -> Vec<Authority> {
    AUTHORITIES
        .iter()
        .map(|(country, title, website, verified_on)| Authority {
            country: (*country).to_owned(),
            title: (*title).to_owned(),
            website: (*website).to_owned(),
            verified_on: verified_on.map(str::to_owned),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_with_rules_has_one() {
        let all = all();
        for (i, a) in all.iter().enumerate() {
            assert!(super::super::regions::is_eu(Some(&a.country)) || a.country == "ZA", "{}", a.country);
            assert!(a.website.starts_with("https://"));
            assert!(all[..i].iter().all(|b| b.country != a.country));
        }
        // The EEA, Britain, Switzerland and South Africa.
        assert_eq!(all.len(), 33);
    }
}
