//! The GraphQL schema, put together from one struct per slice.

mod archive;
mod archive_loader;
mod audit;
mod audit_action;
mod changes;
mod context;
mod enums;
mod errors;
mod exchange;
mod http;
mod identity;
mod limits;
mod looks;
mod nodes;
mod operations;
mod platform;
mod reading;
mod refusals;
mod socket;

use async_graphql::{MergedObject, MergedSubscription, Schema};

pub use archive::{Patient, Study};
pub use context::{CallerContext, parse_id};
pub use enums::{ApiScope, ErrorCode, JobState, NodeRight, Role};
pub use errors::graphql_error;
pub use identity::Facility;
pub use socket::SocketLimits;
pub(crate) use socket::{Seat, Sockets, Standing, Watchman};

use crate::{Doc, Routes};

/// What can be asked.
#[derive(Debug, MergedObject, Default)]
pub struct Query(
    identity::IdentityQuery,
    operations::OperationsQuery,
    audit::AuditQuery,
    platform::PlatformQuery,
    archive::ArchiveQuery,
    nodes::NodesQuery,
    exchange::ExchangeQuery,
    reading::ReadingQuery,
);

/// What can be changed.
#[derive(Debug, MergedObject, Default)]
pub struct Mutation(
    identity::IdentityMutation,
    operations::OperationsMutation,
    nodes::NodesMutation,
    exchange::ExchangeMutation,
    reading::ReadingMutation,
);

/// What can be watched.
#[derive(Debug, MergedSubscription, Default)]
pub struct Subscription(changes::ChangesSubscription);

/// The whole schema.
pub type ApiSchema = Schema<Query, Mutation, Subscription>;

/// Builds the schema with its limits. `open` lets clients ask for the schema itself.
pub fn schema(open: bool) -> ApiSchema {
    let builder = Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<ErrorCode>()
        .extension(errors::CodedErrors)
        .extension(limits::Limits)
        .extension(refusals::Refusals);
    if open {
        builder.finish()
    } else {
        builder.disable_introspection().disable_suggestions().finish()
    }
}

/// The schema in its definition language, as `api/schema.graphql` holds it.
pub fn sdl() -> String {
    schema(true).sdl()
}

pub(crate) fn register(routes: &mut Routes<'_>) {
    routes.post(
        "/graphql",
        http::execute,
        Doc::new("Executes one GraphQL document")
            .takes("application/json")
            .answers(200, "Data and errors; every error has extensions.code")
            .answers(400, "The document was not executed"),
    );
    routes.get(
        "/graphql",
        socket::open,
        Doc::new("Opens a WebSocket, sub-protocol graphql-transport-ws; the token goes into connection_init")
            .open()
            .answers(101, "Opened")
            .answers(405, "Queries are sent by POST"),
    );
}
