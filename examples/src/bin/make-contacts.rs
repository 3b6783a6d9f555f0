//! `make-contacts FILE`: writes the sample of made-up people; without FILE, to standard output.

use std::io::Write;

fn main() -> std::io::Result<()> {
    let file = conek_examples::sample::file();
    match std::env::args_os().nth(1) {
        Some(path) => std::fs::write(path, file),
        None => std::io::stdout().lock().write_all(&file),
    }
}
