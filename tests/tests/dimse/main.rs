//! DICOM associations from the outside. Clients that nobody here wrote are in `tests/outside`.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod hostile;
mod offline;
mod stored;
mod tenants;
