//! Deleting studies, series and instances, into the trash.

use actix_web::HttpResponse;

use super::address::{Address, Asker};
use crate::Problem;

pub async fn delete(asker: Asker, address: Address) -> Result<HttpResponse, Problem> {
    asker.app.delete_at(&asker.actor, &address.required()?).await?;
    Ok(HttpResponse::NoContent().finish())
}
