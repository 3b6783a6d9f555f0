//! What the generator writes for bindings/node.

use std::error::Error;

use crate::{File, model::Model};

/// The binding's files.
pub fn generate(_model: &Model) -> Result<Vec<File>, Box<dyn Error>> {
    Ok(Vec::new())
}
