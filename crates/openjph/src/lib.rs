//! Thin binding to OpenJPH.
