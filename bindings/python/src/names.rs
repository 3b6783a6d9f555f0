//! Names in Python: members of enums by their stable code, fields of records.

use pyo3::{prelude::*, sync::PyOnceLock, types::PyDict};

/// The members of an enum's Python class, in the order of `codes`.
pub type Members = PyOnceLock<Vec<Py<PyAny>>>;

/// The member at `index`, looking the class up on first use.
pub fn member<'py>(
    py: Python<'py>,
    known: &Members,
    class: &str,
    codes: &[&str],
    index: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let members = known.get_or_try_init(py, || {
        let class = py.import("conek._enums")?.getattr(class)?;
        codes.iter().map(|code| Ok(class.call1((*code,))?.unbind())).collect::<PyResult<Vec<_>>>()
    })?;
    match members.get(index) {
        Some(member) => Ok(member.bind(py).clone()),
        None => Err(pyo3::exceptions::PyValueError::new_err(format!("{class} has no such member"))),
    }
}

/// A record of the same class with these fields, changed where `changes` says so.
pub fn replaced<'py>(
    record: &Bound<'py, PyAny>,
    fields: &[&str],
    changes: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let values = PyDict::new(record.py());
    for field in fields {
        values.set_item(*field, record.getattr(*field)?)?;
    }
    if let Some(changes) = changes {
        values.update(changes.as_mapping())?;
    }
    record.get_type().call((), Some(&values))
}

/// Declares the mirror of a core enum of bare names.
macro_rules! plain {
    ($(#[$doc:meta])* $name:ident : $core:path { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)+ } $(, _ => $rest:ident)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }
        impl $name {
            const CODES: &'static [&'static str] = &[$($code),+];
        }
        impl From<$core> for $name {
            fn from(v: $core) -> Self {
                type Core = $core;
                match v { $(Core::$variant => Self::$variant,)+ $(_ => Self::$rest)? }
            }
        }
        impl From<$name> for $core {
            fn from(v: $name) -> Self {
                type Core = $core;
                match v { $($name::$variant => Core::$variant),+ }
            }
        }
        impl<'py> pyo3::FromPyObject<'_, 'py> for $name {
            type Error = pyo3::PyErr;
            fn extract(obj: pyo3::Borrowed<'_, 'py, pyo3::PyAny>) -> pyo3::PyResult<Self> {
                // A member is its code as text.
                let text = obj.cast::<pyo3::types::PyString>()?;
                match text.to_str()? {
                    $($code => Ok(Self::$variant),)+
                    _ => Err(pyo3::exceptions::PyValueError::new_err(concat!("no such ", stringify!($name)))),
                }
            }
        }
        impl<'py> pyo3::IntoPyObject<'py> for $name {
            type Target = pyo3::PyAny;
            type Output = pyo3::Bound<'py, pyo3::PyAny>;
            type Error = pyo3::PyErr;
            fn into_pyobject(self, py: pyo3::Python<'py>) -> pyo3::PyResult<Self::Output> {
                static MEMBERS: crate::names::Members = crate::names::Members::new();
                crate::names::member(py, &MEMBERS, stringify!($name), Self::CODES, self as usize)
            }
        }
        impl<'py> pyo3::IntoPyObject<'py> for &$name {
            type Target = pyo3::PyAny;
            type Output = pyo3::Bound<'py, pyo3::PyAny>;
            type Error = pyo3::PyErr;
            fn into_pyobject(self, py: pyo3::Python<'py>) -> pyo3::PyResult<Self::Output> {
                (*self).into_pyobject(py)
            }
        }
    };
}
pub(crate) use plain;
