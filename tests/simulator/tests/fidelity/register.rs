//! The register: what was seen of the simulator beside what Meta's file says, as a page to read.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::extract::{Member, Members, Operation, Operations, fits};

const HEAD: &str = "# How true the simulator is\n
This page is written by the test `fidelity`, which starts the simulator, calls every path that it answers, and puts
what it saw beside the facts of Meta's OpenAPI file ([fidelity/meta.txt](fidelity/meta.txt)). It is never edited:
`CONEK_WRITE=1 cargo test -p conek-simulator --test fidelity` writes it anew.

Checked of each operation: that it answers with a status that the file names; which members its answer has and of
which types; which parameters and members of requests it was given; that a wrong token is refused with 401 and an
error of Meta's form. Members are followed four levels deep. Not checked: whether values are those that Meta would
choose. Sizes, states and refusals have tests of their own beside this one.\n";

/// Writes the page.
pub fn page(file: &Operations, seen: &Operations, sources: &[(&str, &str)]) -> String {
    let (same, differing): (Vec<_>, Vec<_>) = seen
        .iter()
        .filter(|(name, _)| file.contains_key(*name))
        .partition(|(name, seen)| differences(&file[*name], seen).is_empty());
    let mut out = String::from(HEAD);
    let known = same.len() + differing.len();
    let _ = write!(
        out,
        "\n{known} of the file's {} operations are simulated, {} without a difference; {} more are in no file of \
         Meta's; {} are not simulated.\n",
        file.len(),
        same.len(),
        sources.len(),
        file.len() - known,
    );
    out.push_str(
        "\n## Simulated\n\nHow many members of the file's were seen in answers and in what was given.\n\n",
    );
    out.push_str("| operation | answers | given | |\n|---|---|---|---|\n");
    for (name, seen) in seen.iter().filter(|(name, _)| file.contains_key(*name)) {
        let said = &file[name];
        let of = |seen: &Members, said: &Members| match said.len() {
            0 => "-".to_owned(),
            all => format!("{} of {all}", said.keys().filter(|key| seen.contains_key(*key)).count()),
        };
        let (mut given, mut may) = (seen.given.clone(), said.given.clone());
        given.extend(seen.query.clone());
        may.extend(said.query.clone());
        let differs = if differences(said, seen).is_empty() { "" } else { "differs" };
        let _ = writeln!(
            out,
            "| `{name}` | {} | {} | {differs} |",
            of(&seen.answer, &said.answer),
            of(&given, &may)
        );
    }
    out.push_str("\n## Differs\n");
    for (name, seen) in differing {
        let _ = writeln!(out, "\n- `{name}`");
        differences(&file[name], seen).iter().for_each(|line| out.push_str(&format!("  - {line}\n")));
    }
    out.push_str("\n## Simulated in part\n\nWhat the file has and no call of the test gave or got.\n");
    for (name, seen) in seen.iter().filter(|(name, _)| file.contains_key(*name)) {
        let said = &file[name];
        let missing = [
            ("not answered", absent(&seen.answer, &said.answer)),
            ("not given", absent(&seen.given, &said.given)),
            ("not asked", absent(&seen.query, &said.query)),
        ];
        if missing.iter().all(|(_, list)| list.is_empty()) {
            continue;
        }
        let _ = writeln!(out, "\n- `{name}`");
        for (what, list) in missing.iter().filter(|(_, list)| !list.is_empty()) {
            let _ = writeln!(out, "  - {what}: {}", words(list));
        }
    }
    out.push_str("\n## Simulated, and not in Meta's OpenAPI\n\n| operation | source |\n|---|---|\n");
    for (name, source) in sources {
        let _ = writeln!(out, "| `{name}` | {source} |");
    }
    out.push_str("\n## Not simulated\n\n");
    for name in file.keys().filter(|name| !seen.contains_key(*name)) {
        let _ = writeln!(out, "- `{name}`");
    }
    out
}

fn words(list: &[&str]) -> String {
    list.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
}

/// What the file has and was not seen; of what lies within something unseen, only that.
fn absent<'a>(seen: &Members, said: &'a Members) -> Vec<&'a str> {
    let gone = |key: &str| !seen.contains_key(key);
    let within_gone = |key: &str| {
        let mut at = key;
        while let Some((parent, _)) = at.rsplit_once('.') {
            at = parent.trim_end_matches("[]");
            if gone(at) && said.contains_key(at) {
                return true;
            }
        }
        false
    };
    said.keys().map(String::as_str).filter(|key| gone(key) && !within_gone(key)).collect()
}

/// What contradicts the file.
fn differences(said: &Operation, seen: &Operation) -> Vec<String> {
    let mut out = Vec::new();
    // Something is only missing where what it stands in was answered.
    let holds = |seen: &Members, path: &str| match path.rsplit_once('.') {
        Some((list, _)) if list.ends_with("[]") => {
            seen.keys().any(|key| key.starts_with(&format!("{list}.")))
        }
        Some((parent, _)) => seen.contains_key(parent),
        None => true,
    };
    let other: BTreeSet<&u16> =
        seen.statuses.iter().filter(|s| **s < 400 && !said.statuses.contains(s)).collect();
    if !other.is_empty() {
        out.push(format!("answers with status {other:?}, which the file does not name"));
    }
    // A webhook is told, not answered.
    let takes = if seen.statuses.is_empty() { "tells" } else { "takes" };
    for (what, seen, said) in [
        ("answers", &seen.answer, &said.answer),
        (takes, &seen.given, &said.given),
        ("is asked", &seen.query, &said.query),
    ] {
        // Of what the facts do not follow into, nothing is known.
        let followed = |path: &&str| {
            path.rsplit_once('.')
                .is_none_or(|(parent, _)| said.keys().any(|key| key.starts_with(&format!("{parent}."))))
        };
        let beyond: Vec<&str> = absent(said, seen).into_iter().filter(followed).collect();
        if !beyond.is_empty() {
            out.push(format!("{what} beyond the file: {}", words(&beyond)));
        }
        for (path, member) in seen {
            let Some(expected) = said.get(path) else { continue };
            // In an address, a number is a text too.
            let spelled = what == "is asked" && expected.types.contains("string");
            if !spelled && !fits(member, expected) {
                out.push(format!("{what} `{path}` as {}, the file says {}", types(member), types(expected)));
            }
        }
        let must = |(path, member): (&'_ String, &Member)| {
            (member.needed && !seen.contains_key(path) && holds(seen, path)).then(|| path.clone())
        };
        let missing: Vec<String> = said.iter().filter_map(|(path, member)| must((path, member))).collect();
        let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
        if what == "answers" && !missing.is_empty() {
            out.push(format!("does not answer what the file calls required: {}", words(&missing)));
        }
    }
    out
}

fn types(member: &Member) -> String {
    member.types.iter().cloned().collect::<Vec<_>>().join(" or ")
}
