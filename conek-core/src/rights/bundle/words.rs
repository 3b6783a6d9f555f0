//! What the page says, by language. isiZulu, isiXhosa and Sesotho await a native speaker.

mod african;
mod germanic;
mod romance;

/// The sections that have a heading, in the order of [`Words::sections`].
const SECTIONS: [&str; 11] = [
    "person",
    "messages",
    "received",
    "consents",
    "declarations",
    "deliveries",
    "events",
    "notices",
    "disclosures",
    "requests",
    "other",
];

/// The fields that have a heading, in the order of [`Words::fields`].
const FIELDS: [&str; 14] = [
    "name",
    "phone",
    "language",
    "country",
    "purpose",
    "state",
    "text",
    "recipient",
    "at",
    "created_at",
    "sent_at",
    "delivered_at",
    "read_at",
    "received_at",
];

/// The page in one language. `{}` is the business, unless it says otherwise.
pub(super) struct Words {
    /// BCP 47.
    pub(super) language: &'static str,
    pub(super) title: &'static str,
    /// What the bundle is: access, portability.
    pub(super) intro: [&'static str; 2],
    /// Business, privacy contact, reference, request, made on, law.
    pub(super) labels: [&'static str; 6],
    /// Access, portability.
    pub(super) kinds: [&'static str; 2],
    pub(super) contents: &'static str,
    /// `{0}` of `{1}`; `{2}` is a file.
    pub(super) first: &'static str,
    pub(super) empty: &'static str,
    /// `{}` is how many.
    pub(super) left_out: &'static str,
    pub(super) portable: &'static str,
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
    pub(super) rights: &'static str,
    /// Correct, erase, object, restrict, withdraw.
    pub(super) may: [&'static str; 5],
    /// `{}` is the privacy contact.
    pub(super) write: &'static str,
    /// Without its full stop: the authority may follow.
    pub(super) complain: &'static str,
    pub(super) files: &'static str,
    /// data, csv, contact.vcf, receipts, other folders, schemas, manifest.json, its signature and key.
    pub(super) file: [&'static str; 8],
    pub(super) check: &'static str,
    /// Hashes, signature, key.
    pub(super) checks: [&'static str; 3],
    sections: [&'static str; 11],
    fields: [&'static str; 14],
}

impl Words {
    /// The words of a language (BCP 47); English for one that is not here.
    pub(super) fn of(language: &str) -> &'static Self {
        let primary = language.split(['-', '_']).next().unwrap_or_default().trim();
        ALL.iter().find(|w| primary.eq_ignore_ascii_case(w.language)).map_or(&ENGLISH, |w| *w)
    }
    /// The heading of a section; that of `other` for a name of the host's own.
    pub(super) fn section(&self, name: &str) -> &'static str {
        let at = SECTIONS.iter().position(|s| *s == name).unwrap_or(SECTIONS.len() - 1);
        self.sections[at]
    }
    /// The heading of a field, or its name made readable.
    pub(super) fn field(&self, name: &str) -> String {
        if let Some(at) = FIELDS.iter().position(|f| *f == name) {
            return self.fields[at].to_owned();
        }
        let spaced = name.replace('_', " ");
        let mut letters = spaced.chars();
        letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
    }
}

/// Every language of the page.
pub(super) const ALL: [&Words; 11] = [
    &ENGLISH,
    &african::AFRIKAANS,
    &african::ZULU,
    &african::XHOSA,
    &african::SESOTHO,
    &germanic::GERMAN,
    &germanic::DUTCH,
    &romance::FRENCH,
    &romance::SPANISH,
    &romance::PORTUGUESE,
    &romance::ITALIAN,
];

const ENGLISH: Words = Words {
    language: "en",
    title: "Your data at {}",
    intro: [
        "This is a copy of the personal data that {} holds about you.",
        "These are the data that you provided to {}, in a form that you can take to another service.",
    ],
    labels: ["Business", "Privacy contact", "Reference", "Request", "Made on", "Law of"],
    kinds: ["Access", "Portability"],
    contents: "Contents",
    first: "Shown here: {0} of {1}. All are in {2}.",
    empty: "Nothing is held here.",
    left_out: "Left out, because the right to portability does not cover it: {}.",
    portable: "Can be taken along",
    yes: "yes",
    no: "no",
    rights: "What you can do",
    may: [
        "Have data corrected that are wrong, incomplete or out of date.",
        "Have data erased that may no longer be kept.",
        "Object to the use of your data, and to direct marketing at any time without giving a reason.",
        "Have the use of your data restricted, for example while you contest that they are right.",
        "Withdraw a consent at any time.",
    ],
    write: "Write to {}.",
    complain: "You can also complain to the data protection authority",
    files: "The files",
    file: [
        "All entries, for programs (JSON)",
        "The same for spreadsheets; an apostrophe at the start of a cell keeps it from being run as a formula",
        "Your contact details, for an address book",
        "Receipts of your consents",
        "Further files",
        "What the fields mean (JSON Schema)",
        "Every file with its size and SHA-256",
        "The signature of manifest.json, and the key that checks it",
    ],
    check: "Check that nothing was changed",
    checks: [
        "manifest.json names the SHA-256 of every file. Compute it and compare:",
        "manifest.json is signed. Check the signature:",
        "The signature is that of {} if you get the same fingerprint of the key from there by another way:",
    ],
    sections: [
        "About you",
        "Messages to you",
        "Messages from you",
        "Your consents",
        "Your declarations",
        "Delivery reports",
        "Events",
        "Privacy notices",
        "Who received your data",
        "Your requests",
        "Other data",
    ],
    fields: [
        "Name",
        "Phone number",
        "Language",
        "Country",
        "Purpose",
        "State",
        "Text",
        "Recipient",
        "Time",
        "Made",
        "Sent",
        "Delivered",
        "Read",
        "Received",
    ],
};
