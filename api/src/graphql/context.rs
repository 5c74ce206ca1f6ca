//! What resolvers reach for, and how ids come in.

use std::{str::FromStr, sync::Arc};

use app::{App, AppError};
use async_graphql::{Context, Data, Error, ID};
use domain::Actor;

use super::{archive_loader::add_loaders, graphql_error, looks::Looks, reading};

/// The use cases and the caller, out of a resolver's context.
pub trait CallerContext {
    /// The use cases.
    fn app(&self) -> Result<&App, Error>;

    /// The verified caller.
    fn actor(&self) -> Result<&Actor, Error>;
}

impl CallerContext for Context<'_> {
    fn app(&self) -> Result<&App, Error> {
        self.data::<App>()
    }

    fn actor(&self) -> Result<&Actor, Error> {
        self.data::<Actor>()
    }
}

/// What every request, and every WebSocket, of `actor` carries. Loaders are added here: they remember
/// rows of one tenant and live no longer than the request.
pub(super) fn request_data(app: &App, actor: Actor) -> Data {
    let mut data = Data::default();
    add_loaders(&mut data, app, &actor);
    reading::add_to(&mut data, app, &actor);
    data.insert(Arc::new(Looks::new(app.clone(), actor.clone())));
    data.insert(app.clone());
    data.insert(actor);
    data
}

/// The id of the kind that is meant.
///
/// Errors: `INVALID_INPUT`, naming `field`.
pub fn parse_id<T: FromStr>(field: &'static str, id: &ID) -> Result<T, Error> {
    id.parse()
        .map_err(|_| graphql_error(AppError::invalid(field, "this is not an id of the expected kind")))
}
