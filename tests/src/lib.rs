//! The program from the outside: started as a process, spoken to over HTTP as anybody would.
//!
//! **Invariant:** nothing here reaches into the program; what a test knows, it asked for.

mod accounts;
mod cases;
mod client;
pub mod files;
mod multipart;
pub mod node;
mod program;
mod socket;

pub use accounts::{Person, Tenant};
pub use cases::{Case, Claim, eventually};
pub use client::{Client, Reply, StowOutcome, code_of};
pub use multipart::{Part, parts_of, related_body};
pub use program::{Backend, Telerad};
pub use socket::{Message, Socket};
