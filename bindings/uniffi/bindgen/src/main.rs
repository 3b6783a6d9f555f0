//! Writes the Kotlin and Swift sources of conek from the metadata inside the built library.
//!
//! `conek-uniffi-bindgen <library> <uniffi.toml> <kotlin folder> <swift folder>`. The library must
//! not be stripped: stripping removes the metadata.

use std::{error::Error, fs, process::ExitCode};

use camino::{Utf8Path, Utf8PathBuf};
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};

/// Names Kotlin's `List` in full: inside a sealed class that has a variant `List`, the bare name is
/// the variant.
fn qualify_lists(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut pieces = source.split("List<");
    out.extend(pieces.next());
    for piece in pieces {
        let bare = !out.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        out += if bare { "kotlin.collections.List<" } else { "List<" };
        out += piece;
    }
    out
}

/// What UniFFI's Kotlin does with a host's failure, and what conek has it do: an exception's class
/// crosses and its text, which may name a person, does not; an `Error` such as `TODO()` is a failure
/// like any other; text that is no valid Unicode is repaired; and an answer that cannot cross is a
/// failure. Left as they are, the last three end the host's coroutine without an answer, and the
/// engine waits for it for ever.
const REPAIRS: [(&str, &str); 5] = [
    ("} catch(e: kotlin.Exception) {", "} catch(e: kotlin.Throwable) {"),
    ("FfiConverterString.lower(e.toString())", "FfiConverterString.lower(e.javaClass.name)"),
    ("try { e.stackTraceToString() } catch(_: Throwable) { \"\" }", "e.javaClass.name"),
    ("onMalformedInput(CodingErrorAction.REPORT)", "onMalformedInput(CodingErrorAction.REPLACE)"),
    (
        "        handleSuccess(callResult)\n",
        concat!(
            "        try {\n            handleSuccess(callResult)\n        } catch(e: kotlin.Exception) {\n",
            "            val name = FfiConverterString.lower(e.javaClass.name)\n",
            "            handleError(UniffiRustCallStatus.create(UNIFFI_CALL_UNEXPECTED_ERROR, name))\n        }\n",
        ),
    ),
];

fn repair(mut source: String) -> Result<String, String> {
    for (from, to) in REPAIRS {
        if !source.contains(from) {
            return Err(format!("UniFFI no longer writes `{from}`: look at what it writes instead"));
        }
        source = source.replace(from, to);
    }
    Ok(source)
}

fn write(
    library: &Utf8Path,
    config: &Utf8Path,
    kotlin: &Utf8Path,
    swift: &Utf8Path,
) -> Result<(), Box<dyn Error>> {
    for (language, out_dir) in [(TargetLanguage::Kotlin, kotlin), (TargetLanguage::Swift, swift)] {
        generate(GenerateOptions {
            languages: vec![language],
            source: library.to_owned(),
            out_dir: out_dir.to_owned(),
            config_override: Some(config.to_owned()),
            ..GenerateOptions::default()
        })?;
    }
    let source = kotlin.join("dev/conek/conek.kt");
    Ok(fs::write(&source, repair(qualify_lists(&fs::read_to_string(&source)?))?)?)
}

fn main() -> ExitCode {
    let args: Vec<Utf8PathBuf> = std::env::args().skip(1).map(Utf8PathBuf::from).collect();
    let [library, config, kotlin, swift] = args.as_slice() else {
        eprintln!("usage: conek-uniffi-bindgen <library> <uniffi.toml> <kotlin folder> <swift folder>");
        return ExitCode::FAILURE;
    };
    match write(library, config, kotlin, swift) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{qualify_lists, repair};

    #[test]
    fn a_source_without_a_known_place_to_repair_is_refused() {
        assert!(repair("fun nothing() {}".to_owned()).is_err());
    }

    #[test]
    fn only_the_bare_name_is_qualified() {
        assert_eq!(
            qualify_lists(
                "val a: List<Map<String, List<Int>>> = mutableListOf(MutableList<Int>(), x.List<Int>())"
            ),
            "val a: kotlin.collections.List<Map<String, kotlin.collections.List<Int>>> = mutableListOf(MutableList<Int>(), x.List<Int>())"
        );
    }
}
