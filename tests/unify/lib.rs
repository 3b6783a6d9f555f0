//! Has no code. Cargo builds a dependency once for each set of features that its users ask for together: a package that
//! is built alone asks for fewer than the workspace, and everything below it is built again. Beside this one
//! (`-p conek-unify`, or the feature `unify` of a binding) it asks for the same, and the tests build the engine once
//! for all languages.
