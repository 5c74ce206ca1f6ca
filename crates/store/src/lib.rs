//! The only crate that sees entities and SQL.
