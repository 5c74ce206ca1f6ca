//! The transports: auth, GraphQL, the portal's files, health; DICOMweb and uploads beside them.
//!
//! To add routes, write `pub fn register(routes: &mut Routes<'_>)` in a module and call it in
//! [`all_routes::register_all`]. To add to GraphQL, write a struct per slice and add it to `Query`,
//! `Mutation` or `Subscription` in [`graphql`].
//!
//! **Invariant:** a handler or resolver parses, calls one use case and formats; it decides nothing.
//!
//! **Invariant:** a route exists only if it stands in `/openapi.json`: both come from one registration.

mod all_routes;
mod auth;
mod bodies;
mod cors;
mod dicomweb;
pub mod dimse;
mod error;
mod exports;
mod extract;
pub mod graphql;
mod health;
mod observe;
mod origins;
mod portal;
mod refusals;
mod reports;
mod routes;
mod server;
mod state;
mod streams;
mod uploads;

pub use error::Problem;
pub use extract::{Caller, ClientOrigin, authenticate};
pub use graphql::SocketLimits;
pub use graphql::sdl;
pub use origins::AllowedOrigins;
pub(crate) use routes::method_not_allowed;
pub use routes::{Doc, Routes};
pub use server::{Server, application};
pub use state::{ApiOptions, ApiState};
