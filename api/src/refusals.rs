//! Brings what HTTP refuses to the audit trail: the one place where its answers leave.
//!
//! **Invariant:** of an address only the route's pattern, ids and UIDs are kept.

use std::str::FromStr;

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use app::trail::{Asked, Refusal};
use dicom::Uid;
use domain::{Actor, ReportVersionId, UploadId};

use crate::{Problem, extract::state_of};

/// Records a refused answer before it is sent. Without a verified caller there is nobody to record.
pub async fn record(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let response = next.call(request).await?;
    let problem = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Problem>());
    let Some(code) = problem
        .map(|problem| problem.code)
        .filter(|code| code.is_refusal())
    else {
        return Ok(response);
    };
    let request = response.request();
    let actor = request.extensions().get::<Actor>().cloned();
    if let Some(actor) = actor {
        let route = request.match_pattern().unwrap_or_default();
        let refusal = Refusal {
            request: format!("{} {route}", request.method()),
            asked: asked(request),
            code,
        };
        state_of(request).app.record_refusal(&actor, refusal).await;
    }
    Ok(response)
}

fn asked(request: &HttpRequest) -> Asked {
    let part = |name: &str| request.match_info().get(name);
    let slug = part("tenant").filter(|slug| is_slug(slug));
    let uid = part("study").filter(|uid| Uid::parse(uid).is_ok());
    match (slug, uid) {
        (Some(slug), Some(uid)) => Asked::Study {
            slug: slug.to_owned(),
            uid: uid.to_owned(),
        },
        (Some(slug), None) => Asked::Tenant {
            slug: slug.to_owned(),
        },
        (None, _) => [
            id::<ReportVersionId>(part("version")),
            id::<UploadId>(part("upload")),
        ]
        .into_iter()
        .flatten()
        .next()
        .map_or(Asked::Nothing, Asked::Id),
    }
}

fn id<T: FromStr>(part: Option<&str>) -> Option<String> {
    part.filter(|text| text.parse::<T>().is_ok()).map(str::to_owned)
}

fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
