//! Writes the Kotlin and Swift sources of conek from the metadata inside the built library.
//!
//! `conek-uniffi-bindgen <library> <uniffi.toml> <kotlin folder> <swift folder>`. The library must
//! not be stripped: stripping removes the metadata.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};

fn main() -> ExitCode {
    let args: Vec<Utf8PathBuf> = std::env::args().skip(1).map(Utf8PathBuf::from).collect();
    let [library, config, kotlin, swift] = args.as_slice() else {
        eprintln!("usage: conek-uniffi-bindgen <library> <uniffi.toml> <kotlin folder> <swift folder>");
        return ExitCode::FAILURE;
    };
    for (language, out_dir) in [(TargetLanguage::Kotlin, kotlin), (TargetLanguage::Swift, swift)] {
        let options = GenerateOptions {
            languages: vec![language],
            source: library.clone(),
            out_dir: out_dir.clone(),
            config_override: Some(config.clone()),
            ..GenerateOptions::default()
        };
        if let Err(error) = generate(options) {
            eprintln!("{error:#}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
