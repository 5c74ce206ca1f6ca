//! The portal's files, and its first page for every address the browser itself routes.
//!
//! **Invariant:** an address under a prefix of the API is never answered with a page.

use std::{
    collections::HashMap,
    io::Write,
    sync::{LazyLock, Mutex, PoisonError},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web::Bytes,
};
use domain::ErrorCode;
use flate2::{Compression, write::GzEncoder};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::{Problem, routes::blocking};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../web/dist"]
struct Dist;

/// First segments of addresses that are no pages.
const API_PREFIXES: &[&str] = &[
    "assets",
    "auth",
    "dicomweb",
    "fhir",
    "graphql",
    "healthz",
    "metrics",
    "openapi.json",
    "readyz",
    "reports",
    "s",
    "uploads",
    "webhooks",
];

/// What the portal's pages may do: our own scripts, the codecs' WebAssembly, images of ours.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' blob:; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-src 'self' blob:; frame-ancestors 'none'";

/// The build names these by their content.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// Files smaller than this are not worth compressing.
const COMPRESS_FROM: usize = 1024;

type ContentHash = [u8; 32];

/// Compressed files, by the hash of their content.
static COMPRESSED: LazyLock<Mutex<HashMap<ContentHash, Bytes>>> = LazyLock::new(Mutex::default);

/// Answers what no other route does.
pub async fn serve(request: HttpRequest) -> Result<HttpResponse, Problem> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Err(not_found());
    }
    let path = request.path().trim_start_matches('/').to_owned();
    let first = path.split('/').next().unwrap_or_default();
    let is_api = API_PREFIXES.contains(&first);
    let (path, file) = blocking(move || find(&path, is_api))
        .await?
        .ok_or_else(not_found)?;
    answer(&request, &path, file).await
}

fn not_found() -> Problem {
    Problem::new(ErrorCode::NotFound, "not found")
}

/// The file of that name, or the first page where a page may be meant.
fn find(path: &str, is_api: bool) -> Option<(String, EmbeddedFile)> {
    if let Some(file) = Dist::get(path) {
        return Some((path.to_owned(), file));
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    if is_api || last.contains('.') {
        return None;
    }
    Dist::get("index.html").map(|file| ("index.html".to_owned(), file))
}

async fn answer(request: &HttpRequest, path: &str, file: EmbeddedFile) -> Result<HttpResponse, Problem> {
    let hash = file.metadata.sha256_hash();
    let etag = header::EntityTag::new_strong(hash[..16].iter().map(|byte| format!("{byte:02x}")).collect());
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, file.metadata.mimetype()))
        .insert_header((
            header::CACHE_CONTROL,
            if path.starts_with("assets/") {
                IMMUTABLE
            } else {
                ASK_AGAIN
            },
        ))
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header(header::ETag(etag.clone()));
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == etag.to_string())) {
        return Ok(response
            .status(actix_web::http::StatusCode::NOT_MODIFIED)
            .finish());
    }
    let content = Bytes::from(file.data.into_owned());
    if content.len() < COMPRESS_FROM || !is_text(&file.metadata) || !accepts_gzip(request) {
        return Ok(response.body(content));
    }
    let compressed = blocking(move || compressed(hash, &content)).await?;
    Ok(response
        .insert_header((header::CONTENT_ENCODING, "gzip"))
        .body(compressed))
}

fn is_text(metadata: &rust_embed::Metadata) -> bool {
    let kind = metadata.mimetype();
    kind.starts_with("text/")
        || [
            "application/javascript",
            "application/json",
            "application/wasm",
            "image/svg+xml",
        ]
        .contains(&kind)
}

fn accepts_gzip(request: &HttpRequest) -> bool {
    let accepted = request
        .headers()
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| {
        accepted
            .split(',')
            .map(str::trim)
            .any(|one| one == "gzip" || (one.starts_with("gzip;") && !one.ends_with("q=0")))
    })
}

fn compressed(hash: ContentHash, content: &[u8]) -> Bytes {
    let known = |cache: &mut HashMap<ContentHash, Bytes>| cache.get(&hash).cloned();
    if let Some(bytes) = known(&mut COMPRESSED.lock().unwrap_or_else(PoisonError::into_inner)) {
        return bytes;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(content.len() / 3), Compression::default());
    let bytes: Bytes = encoder
        .write_all(content)
        .and_then(|()| encoder.finish())
        .expect("writing into memory does not fail")
        .into();
    COMPRESSED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(hash, bytes.clone());
    bytes
}
