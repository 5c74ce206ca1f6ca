//! What the fuzzers try on each parser that meets bytes from outside.
//!
//! A target fails by a panic, by taking more memory or time than the fuzzer allows, or by breaking a promise the
//! parser makes; each says which. `make fuzz` runs all of them for a bounded time.

mod association;
mod instance;
mod multipart;
mod query;
mod seeds;
mod xml;

pub use association::{command, pdu};
pub use instance::instance;
pub use multipart::multipart;
pub use query::{negotiation, query};
pub use seeds::seeds;
pub use xml::xml;
