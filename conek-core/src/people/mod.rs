//! People: what is known of them and how lists of them come in.

pub mod csv_rows;
