//! Moments: `datetime` with a zone outside, UTC in whole milliseconds inside.

use chrono::Utc;
use conek_core::{Timestamp, values::time::to_millis};
use pyo3::{
    Borrowed,
    exceptions::PyValueError,
    prelude::*,
    types::{PyDateTime, PyTzInfo},
};

/// A moment of the surface.
#[derive(Clone, PartialEq)]
pub struct Moment(Timestamp);

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl From<Moment> for Timestamp {
    fn from(at: Moment) -> Self {
        at.0
    }
}

impl<'py> FromPyObject<'_, 'py> for Moment {
    type Error = PyErr;
    fn extract(obj: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let py = obj.py();
        let given = obj.cast::<PyDateTime>()?;
        if given.getattr("tzinfo")?.is_none() {
            return Err(PyValueError::new_err("a datetime without a zone names no moment; give it a tzinfo"));
        }
        let utc = given.call_method1("astimezone", (PyTzInfo::utc(py)?,))?;
        Ok(Self(to_millis(utc.extract::<chrono::DateTime<Utc>>()?)))
    }
}

impl<'py> IntoPyObject<'py> for Moment {
    type Target = PyDateTime;
    type Output = Bound<'py, PyDateTime>;
    type Error = PyErr;
    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        self.0.into_pyobject(py)
    }
}

impl<'py> IntoPyObject<'py> for &Moment {
    type Target = PyDateTime;
    type Output = Bound<'py, PyDateTime>;
    type Error = PyErr;
    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        self.0.into_pyobject(py)
    }
}
