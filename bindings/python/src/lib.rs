//! conek for Python: the native half of the package `conek`.
