//! `Debug` that says which thing it is and nothing of the person in it.

/// Implements `Debug` for a type by its name and the listed harmless fields.
macro_rules! quiet_debug {
    ($($name:ident { $($field:ident),* $(,)? })*) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    )* };
}
pub(crate) use quiet_debug;

/// Implements `Debug` for a sum by the name of its variant alone.
macro_rules! quiet_sum {
    ($($name:ident { $($variant:ident),* $(,)? })*) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self {
                    $(Self::$variant { .. } => concat!(stringify!($name), "::", stringify!($variant), "(..)"),)*
                })
            }
        }
    )* };
}
pub(crate) use quiet_sum;
