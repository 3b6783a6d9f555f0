//! Which names a file of a bundle may have: those that unpack alike on every system, and inside of the bundle.

use super::error::{BundleError, Result};

/// The longest path, in bytes; Windows ends at 260 with the folder it is unpacked to.
const LONGEST: usize = 180;
/// The bundle's own folders.
const FOLDERS: [&str; 3] = ["data", "csv", "schemas"];
/// The bundle's own files.
const FILES: [&str; 5] = ["manifest.json", "manifest.sig", "public_key.pem", "README.html", "contact.vcf"];

/// Names that are devices on Windows, whatever follows the first dot.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |name: &str| {
        let number = stem.strip_prefix(name);
        number.is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

fn no<T>(detail: &'static str) -> Result<T> {
    Err(BundleError::Name { detail })
}

/// Checks the path of a caller's file.
pub(super) fn file(path: &str) -> Result<()> {
    if path.is_empty() || path.len() > LONGEST {
        return no("a path has 1 to 180 bytes");
    }
    if !path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/')) {
        return no("a path has only ASCII letters, digits, '.', '_', '-' and '/'");
    }
    for part in path.split('/') {
        if part.is_empty() || part.starts_with('.') || part.ends_with('.') {
            return no("no part of a path is empty or begins or ends with a dot");
        }
        if is_device(part) {
            return no("a part of the path is the name of a device on Windows");
        }
    }
    let folder = path.split('/').next().unwrap_or_default();
    if FOLDERS.iter().any(|f| f.eq_ignore_ascii_case(folder))
        || FILES.iter().any(|f| f.eq_ignore_ascii_case(folder))
    {
        return no("the path is the bundle's own");
    }
    Ok(())
}

/// Checks the name of a section.
pub(super) fn section(name: &str) -> Result<()> {
    let fits = !name.is_empty()
        && name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'));
    if !fits {
        return no("a section's name has 1 to 64 of a-z, 0-9, '_' and '-', and begins with a letter");
    }
    if is_device(name) {
        return no("the section's name is the name of a device on Windows");
    }
    Ok(())
}
