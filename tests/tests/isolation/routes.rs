//! The routes of the published list.

use std::collections::BTreeMap;

use anyhow::Context as _;
use reqwest::{Method, header};
use serde_json::json;
use telerad_tests::{Client, Reply, related_body};

use crate::scene::{Scene, Who};

/// Routes without a bearer token: what they are open for stands beside them.
const OPEN: &[&str] = &[
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /openapi.json",
    "GET /auth/jwks",
    // Take a password, a cookie or an invitation's secret instead.
    "POST /auth/sign-in",
    "POST /auth/refresh",
    "POST /auth/sign-out",
    "POST /auth/invitations/inspect",
    "POST /auth/invitations/accept",
    // The WebSocket: its first message carries the token.
    "GET /graphql",
];

/// Routes that the walk over the schema's operations covers.
const GRAPHQL: &str = "POST /graphql";

/// Guarded routes that name nothing of anybody's in their address; the victim's ids stand in the body.
const BY_BODY: &[&str] = &["POST /uploads"];

/// A published route: `GET /dicomweb/{tenant}/studies` and so on.
pub struct Route {
    method: Method,
    path: String,
    guarded: bool,
}

impl Route {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

pub async fn every_route_has_a_row(scene: &Scene) -> anyhow::Result<Vec<Route>> {
    let document = scene.anonymous.get("/openapi.json").await?.json();
    let mut published = Vec::new();
    for (path, operations) in document["paths"].as_object().context("paths")? {
        for (method, operation) in operations.as_object().context("operations")? {
            published.push(Route {
                method: method.to_ascii_uppercase().parse()?,
                path: path.clone(),
                guarded: !operation["security"].is_null(),
            });
        }
    }
    for route in &published {
        let open = OPEN.contains(&route.name().as_str());
        assert!(
            open != route.guarded || route.name() == GRAPHQL,
            "{} says it is guarded: {}",
            route.name(),
            route.guarded
        );
    }
    for name in OPEN {
        assert!(
            published.iter().any(|route| route.name() == *name),
            "{name} is not published"
        );
    }
    Ok(published)
}

/// An address with the victim's names in it.
fn address(scene: &Scene, path: &str) -> String {
    let known: BTreeMap<&str, &str> = [
        ("frames", "1"),
        ("id", "upload"),
        ("study_uid", "study"),
        ("series_uid", "series"),
        ("instance_uid", "instance"),
        ("version", "case"),
    ]
    .into();
    let mut segments = Vec::new();
    for segment in path.split('/') {
        let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            segments.push(segment.to_owned());
            continue;
        };
        let value = match (scene.ids.get(name), known.get(name)) {
            (Some(id), _) => id.clone(),
            (None, Some(other)) => scene
                .ids
                .get(other)
                .cloned()
                .unwrap_or_else(|| (*other).to_owned()),
            // The rest of an address, such as a bulk data path.
            (None, None) => "7fe00010".to_owned(),
        };
        segments.push(value);
    }
    segments.join("/")
}

async fn knock(scene: &Scene, client: &Client, route: &Route) -> anyhow::Result<Reply> {
    let request = client.request(route.method.clone(), &address(scene, &route.path));
    let request = if route.method == Method::POST
        && route.path.ends_with("/studies") | route.path.ends_with("/{study}")
    {
        let file: &[u8] = b"not a DICOM file";
        let (content_type, body) = related_body("application/dicom", &[file]);
        request.header(header::CONTENT_TYPE, content_type).body(body)
    } else if route.method == Method::POST {
        let series = json!({ "series_instance_uid": scene.ids["series"],
            "instances": [{ "sop_instance_uid": scene.ids["instance"], "bytes": 1 }] });
        let studies = json!([{ "study_instance_uid": scene.ids["study"], "series": [series] }]);
        request.json(&json!({ "facility_id": scene.ids["facility"], "priority": "STAT", "studies": studies, "refused": [] }))
    } else {
        request
    };
    client.send(request).await
}

pub async fn nobody_is_let_in(scene: &Scene, published: &[Route]) -> anyhow::Result<()> {
    for route in published.iter().filter(|route| route.guarded) {
        let reply = knock(scene, &scene.anonymous, route).await?;
        assert_eq!(reply.status, 401, "{}", route.name());
        // An answer to HEAD has no body that could name a code.
        if route.method != Method::HEAD {
            assert_eq!(reply.code(), "NOT_AUTHENTICATED", "{}", route.name());
        }
        let forged = scene.anonymous.with_bearer("trk_forged");
        let reply = knock(scene, &forged, route).await?;
        assert_eq!(reply.status, 401, "{} with a forged key", route.name());
    }
    Ok(())
}

pub async fn another_tenant_finds_nothing(scene: &Scene, published: &[Route]) -> anyhow::Result<()> {
    for route in published
        .iter()
        .filter(|route| route.guarded && route.name() != GRAPHQL)
    {
        for who in [Who::Staff, Who::Radiologist, Who::Admin, Who::Key] {
            let reply = knock(scene, &scene.strangers[&who], route).await?;
            let refused = match reply.status {
                404 => route.method == Method::HEAD || reply.code() == "NOT_FOUND",
                // Their role does not get as far as looking.
                403 => route.method == Method::HEAD || reply.code() == "FORBIDDEN",
                _ => false,
            };
            let text = String::from_utf8_lossy(&reply.body).into_owned();
            assert!(refused, "{} by {who:?}: {} {text}", route.name(), reply.status);
            for name in ["study", "series", "instance", "case"] {
                // A problem document names the path that was asked for, and nothing else.
                let told = text.contains(&scene.ids[name])
                    && !address(scene, &route.path).contains(&scene.ids[name]);
                assert!(!told, "{} by {who:?} shows the victim's {name}", route.name());
            }
        }
        let own = BY_BODY.contains(&route.name().as_str());
        let named = route.path.contains('{') || own;
        assert!(
            named,
            "{} names nothing of anybody's: say in this test how it is kept apart",
            route.name()
        );
    }
    Ok(())
}
