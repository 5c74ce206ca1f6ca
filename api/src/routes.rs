//! Registering routes and describing them, in one step.

use std::fmt;

use actix_web::{
    FromRequest, Handler, HttpResponse, Responder,
    http::{Method, header},
    web::{self, ServiceConfig},
};
use domain::ErrorCode;
use serde_json::{Map, Value, json};

use crate::Problem;

/// The largest JSON body, in bytes. Routes that stream their body are not bound by it.
pub const MAX_JSON_BYTES: usize = 1 << 20;

/// What `/openapi.json` says about a route.
#[derive(Debug, Clone, Default)]
pub struct Doc {
    summary: &'static str,
    open: bool,
    takes: Option<&'static str>,
    gives: &'static [&'static str],
    query: &'static [&'static str],
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

    /// The media types of what it gives.
    #[must_use]
    pub fn gives(self, media_types: &'static [&'static str]) -> Self {
        Self {
            gives: media_types,
            ..self
        }
    }

    /// The parameters of its query.
    #[must_use]
    pub fn query(self, names: &'static [&'static str]) -> Self {
        Self { query: names, ..self }
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
    /// The methods of each path, in the order of registration.
    methods: Vec<(String, Vec<Method>)>,
}

impl fmt::Debug for Routes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Routes").field(&self.described).finish()
    }
}

impl<'a> Routes<'a> {
    /// Routes that go into `config`.
    pub(crate) fn new(config: &'a mut ServiceConfig) -> Self {
        Self {
            config,
            described: Map::new(),
            methods: Vec::new(),
        }
    }

    /// Answers every other method of the paths, and tells what was said about them.
    pub(crate) fn finish(self) -> Map<String, Value> {
        for (path, methods) in self.methods {
            let allowed: Vec<_> = methods.iter().map(Method::as_str).collect();
            let allowed = allowed.join(", ");
            let refuse = move || std::future::ready(method_not_allowed(&allowed));
            self.config.service(web::resource(path).to(refuse));
        }
        self.described
    }

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
        match self.methods.iter_mut().find(|(known, _)| known == path) {
            Some((_, methods)) => methods.push(method.clone()),
            None => self.methods.push((path.to_owned(), vec![method.clone()])),
        }
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
        let (path, mut parameters) = parameters(path);
        parameters.extend(
            doc.query
                .iter()
                .map(|name| json!({ "name": name, "in": "query", "schema": { "type": "string" } })),
        );
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
        let mut response = json!({ "description": meaning });
        if *status == 200 && !doc.gives.is_empty() {
            let content = doc.gives.iter().map(|kind| ((*kind).to_owned(), json!({})));
            response["content"] = content.collect::<Map<_, _>>().into();
        }
        responses.insert(status.to_string(), response);
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
pub(crate) fn method_not_allowed(allowed: &str) -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((header::ALLOW, allowed))
        .content_type("application/problem+json")
        .body(
            json!({
                "type": "urn:telerad:problem:BAD_REQUEST", "title": ErrorCode::BadRequest.title(), "status": 405,
                "detail": format!("use {allowed}"), "code": ErrorCode::BadRequest.as_str(),
            })
            .to_string(),
        )
}
