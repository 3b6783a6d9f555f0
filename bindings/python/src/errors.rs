//! Errors: the core's become exceptions of `conek`, and those that a host raises become the core's.

use conek_core::{Error, Retry};
use pyo3::{prelude::*, types::PyDict};

use crate::types::{error_fields, error_of};

/// The exception of an error.
pub fn raise(error: Error) -> PyErr {
    Python::attach(|py| exception(py, error).unwrap_or_else(|e| e))
}

fn exception(py: Python<'_>, error: Error) -> PyResult<PyErr> {
    let fields = PyDict::new(py);
    let class = error_fields(error, &fields)?;
    let value = py.import("conek._errors")?.getattr(class)?.call((), Some(&fields))?;
    Ok(PyErr::from_value(value))
}

/// The core's error, if the exception is one of conek's.
pub fn of_exception(py: Python<'_>, raised: &PyErr) -> Option<Error> {
    let value = raised.value(py);
    let base = py.import("conek._errors").ok()?.getattr("ConekError").ok()?;
    if !value.is_instance(&base).ok()? {
        return None;
    }
    let kind: String = value.getattr("_kind").ok()?.extract().ok()?;
    let fields = value.getattr("_fields").ok()?;
    error_of(&kind, fields.cast::<PyDict>().ok()?).ok()
}

/// What became of a host's call, in words without personal data: the exception's text may have some.
pub fn in_words(py: Python<'_>, what: &str, raised: &PyErr) -> String {
    let class = raised.get_type(py).name().map_or_else(|_| "an exception".to_owned(), |n| n.to_string());
    format!("the host's {what} raised {class}")
}

/// A field of an error that Python made.
pub fn field<T: for<'a, 'py> FromPyObject<'a, 'py>>(fields: &Bound<'_, PyDict>, name: &str) -> PyResult<T> {
    let value = fields
        .get_item(name)?
        .ok_or_else(|| pyo3::exceptions::PyTypeError::new_err(format!("{name} is missing")))?;
    value.extract().map_err(Into::into)
}

/// The stable code, the retry and the text of an error.
#[pyfunction]
pub fn describe_error(
    kind: &str,
    fields: &Bound<'_, PyDict>,
) -> PyResult<(&'static str, &'static str, String)> {
    let error = error_of(kind, fields)?;
    let retry = match error.retry() {
        Retry::Never => "never",
        Retry::Later => "later",
        Retry::Unknown => "unknown",
    };
    Ok((error.code(), retry, error.to_string()))
}
