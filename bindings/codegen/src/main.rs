//! `cargo run -p conek-codegen` writes the bindings from the core's source; `-- --check` fails when
//! what is written is stale.

mod model;
mod node;
mod python;
mod source;
mod surface;
mod uniffi;

use std::{error::Error, fs, path::Path, process::ExitCode};

use model::Model;

/// A file to write.
pub struct File {
    /// Where, from the repository's root.
    pub path: &'static str,
    /// What.
    pub text: String,
}

fn run() -> Result<bool, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let check = std::env::args().any(|a| a == "--check");
    let model = Model::read(&root.join("conek-core/src"))?;
    let files = [
        surface::generate(&model)?,
        python::generate(&model)?,
        node::generate(&model)?,
        uniffi::generate(&model)?,
    ];
    let mut stale = false;
    for File { path, text } in files.into_iter().flatten() {
        let to = root.join(path);
        if fs::read_to_string(&to).ok().as_deref() == Some(&text) {
            continue;
        }
        stale = true;
        if check {
            eprintln!("stale: {path}; run `cargo run -p conek-codegen`");
        } else {
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&to, text)?;
            println!("wrote {path}");
        }
    }
    Ok(!(check && stale))
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("conek-codegen: {e}");
            ExitCode::FAILURE
        }
    }
}
