//! The transports over real sockets, on a real database and object store.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod archive;
mod auth;
mod bodies;
mod graphql;
mod http;
mod invitations;
mod reports;
mod sdl;
mod socket;
mod support;
mod tokens;
mod trail;
mod workitems;
