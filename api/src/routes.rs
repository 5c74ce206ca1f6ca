//! Registering routes and describing them, in one step.

use std::fmt;

use actix_web::{
    FromRequest, Handler, HttpResponse, Responder,
    http::Method,
    web::{self, ServiceConfig},
};
use domain::ErrorCode;
use serde_json::{Map, Value, json};

use crate::{Problem, auth, dicomweb, graphql, health, portal, reports, uploads};

/// The largest JSON body, in bytes. Routes that stream their body are not bound by it.
pub const MAX_JSON_BYTES: usize = 1 << 20;

/// What `/openapi.json` says about a route.
#[derive(Debug, Clone, Default)]
pub struct Doc {
    summary: &'static str,
    open: bool,
    takes: Option<&'static str>,
    answers: Vec<(u16, &'static str)>,
}

impl Doc {
    /// A route that needs a bearer token, in one sentence.
    pub fn new(summary: &'static str) -> Self {
        Self {
            summary,
            ..Self::default()
        }
    }

    /// The same route, open to everybody.
    #[must_use]
    pub fn open(self) -> Self {
        Self { open: true, ..self }
    }

    /// The media type of the body.
    #[must_use]
    pub fn takes(self, media_type: &'static str) -> Self {
        Self {
            takes: Some(media_type),
            ..self
        }
    }

    /// One status and what it means.
    #[must_use]
    pub fn answers(mut self, status: u16, meaning: &'static str) -> Self {
        self.answers.push((status, meaning));
        self
    }
}

/// Registers routes and remembers what they are for.
pub struct Routes<'a> {
    config: &'a mut ServiceConfig,
    described: Map<String, Value>,
}

impl fmt::Debug for Routes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Routes").field(&self.described).finish()
    }
}

impl Routes<'_> {
    /// Adds `GET path`.
    pub fn get<F, Args>(&mut self, path: &str, handler: F, doc: Doc)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::GET, path, handler, doc);
    }

    /// Adds `POST path`.
    pub fn post<F, Args>(&mut self, path: &str, handler: F, doc: Doc)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::POST, path, handler, doc);
    }

    /// Adds a route.
    pub fn add<F, Args>(&mut self, method: Method, path: &str, handler: F, doc: Doc)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.describe(&method, path, &doc);
        self.config.route(path, web::method(method).to(handler));
    }

    fn describe(&mut self, method: &Method, path: &str, doc: &Doc) {
        let mut operation = json!({ "summary": doc.summary, "responses": responses(doc) });
        if !doc.open {
            operation["security"] = json!([{ "bearer": [] }]);
        }
        if let Some(media_type) = doc.takes {
            operation["requestBody"] = json!({ "required": true, "content": { media_type: {} } });
        }
        // actix spells a tail `{rest:.*}`; OpenAPI knows names only.
        let (path, parameters) = parameters(path);
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
        let entry = self.described.entry(path).or_insert_with(|| json!({}));
        entry[method.as_str().to_ascii_lowercase()] = operation;
    }
}

fn responses(doc: &Doc) -> Value {
    let mut responses = Map::new();
    for (status, meaning) in &doc.answers {
        responses.insert(status.to_string(), json!({ "description": meaning }));
    }
    responses.insert(
        "default".to_owned(),
        json!({
            "description": "A problem with a code of the contract",
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        }),
    );
    responses.into()
}

fn parameters(path: &str) -> (String, Vec<Value>) {
    let mut spelled = String::new();
    let mut parameters = Vec::new();
    for (place, segment) in path.split('/').enumerate() {
        if place > 0 {
            spelled.push('/');
        }
        match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(inside) => {
                let name = inside.split(':').next().unwrap_or(inside);
                spelled.push_str(&format!("{{{name}}}"));
                parameters.push(
                    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }),
                );
            }
            None => spelled.push_str(segment),
        }
    }
    (spelled, parameters)
}

/// Registers every route of the program. The portal comes last: it answers what nothing else does.
pub fn register_all(config: &mut ServiceConfig) {
    config
        .app_data(
            web::JsonConfig::default()
                .limit(MAX_JSON_BYTES)
                .error_handler(|error, _| Problem::from(&error).into()),
        )
        .app_data(web::PayloadConfig::new(MAX_JSON_BYTES))
        .app_data(web::PathConfig::default().error_handler(|error, _| Problem::from(&error).into()))
        .app_data(web::QueryConfig::default().error_handler(|error, _| Problem::from(&error).into()));
    let mut routes = Routes {
        config,
        described: Map::new(),
    };

    health::register(&mut routes);
    auth::register(&mut routes);
    graphql::register(&mut routes);
    dicomweb::register(&mut routes);
    uploads::register(&mut routes);
    reports::register(&mut routes);
    routes.get(
        "/openapi.json",
        openapi,
        Doc::new("This document").open().answers(200, "OpenAPI 3.1"),
    );

    let document = web::Data::new(Document(document(routes.described)));
    config.app_data(document).default_service(web::to(portal::serve));
}

struct Document(Value);

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

/// A blocking part of a handler, away from the threads that serve requests.
///
/// Errors: `INTERNAL` when it panicked.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    web::block(work).await.map_err(|error| {
        tracing::error!(error = %error, "blocking work failed");
        Problem::new(ErrorCode::Internal, ErrorCode::Internal.title())
    })
}

/// For addresses that exist, asked in a way they are not answered.
pub(crate) fn method_not_allowed(allowed: &'static str) -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((actix_web::http::header::ALLOW, allowed))
        .content_type("application/problem+json")
        .body(
            json!({
                "type": "urn:telerad:problem:BAD_REQUEST", "title": ErrorCode::BadRequest.title(), "status": 405,
                "detail": format!("use {allowed}"), "code": ErrorCode::BadRequest.as_str(),
            })
            .to_string(),
        )
}
