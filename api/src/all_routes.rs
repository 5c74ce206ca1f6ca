//! Every route of the program, and the document that describes them.

use actix_web::{
    Responder,
    web::{self, ServiceConfig},
};
use domain::ErrorCode;
use serde_json::{Map, Value, json};

use crate::{
    Doc, Problem, Routes, auth, dicomweb, exports, graphql, health, portal, reports, routes::MAX_JSON_BYTES,
    uploads,
};

/// Registers every route of the program. The portal comes last: it answers what nothing else does.
pub fn register_all(config: &mut ServiceConfig) {
    config
        .app_data(web::PayloadConfig::new(MAX_JSON_BYTES))
        .app_data(web::PathConfig::default().error_handler(|error, _| Problem::from(&error).into()))
        .app_data(web::QueryConfig::default().error_handler(|error, _| Problem::from(&error).into()));
    let mut routes = Routes::new(config);

    health::register(&mut routes);
    auth::register(&mut routes);
    graphql::register(&mut routes);
    dicomweb::register(&mut routes);
    uploads::register(&mut routes);
    reports::register(&mut routes);
    exports::register(&mut routes);
    routes.get(
        "/openapi.json",
        openapi,
        Doc::new("This document").open().answers(200, "OpenAPI 3.1"),
    );

    let document = web::Data::new(Document(document(routes.finish())));
    config.app_data(document).default_service(web::to(portal::serve));
}

/// What `/openapi.json` says.
pub(crate) struct Document(pub(crate) Value);

async fn openapi(document: web::Data<Document>) -> impl Responder {
    web::Json(document.0.clone())
}

fn document(paths: Map<String, Value>) -> Value {
    let codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "openapi": "3.1.0",
        "info": { "title": "telerad", "version": env!("CARGO_PKG_VERSION") },
        "paths": paths,
        "components": {
            "securitySchemes": { "bearer": {
                "type": "http", "scheme": "bearer", "description": "A person's access token or a machine's API key",
            } },
            "schemas": { "Problem": {
                "type": "object", "description": "RFC 9457",
                "required": ["type", "title", "status", "detail", "code"],
                "properties": {
                    "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" },
                    "detail": { "type": "string" }, "code": { "type": "string", "enum": codes },
                },
            } },
        },
    })
}
