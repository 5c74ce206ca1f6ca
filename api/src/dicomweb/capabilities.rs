//! What the service can do, in words for programs (PS3.18 §8.9): WADL, or the same as JSON.
//!
//! **Invariant:** it is made of the routes' own descriptions, so that it says neither more nor less than there is.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use dicom::Offer;
use serde_json::{Map, Value, json};

use super::{
    ROOT,
    address::Asker,
    body::{accept_of, choose},
};
use crate::{Problem, all_routes::Document};

const WADL: &str = "application/vnd.sun.wadl+xml";

pub async fn capabilities(
    request: HttpRequest,
    asker: Asker,
    document: web::Data<Document>,
) -> Result<HttpResponse, Problem> {
    let offers = [
        Offer::single(WADL),
        Offer::single("application/xml"),
        Offer::single("application/json"),
    ];
    let kind = choose(&accept_of(&request), &offers)?.media_type;
    let described = described(&document.0["paths"], &asker.root());
    let body = if kind == "application/json" {
        described.to_string()
    } else {
        wadl(&described)
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Accept, Authorization"))
        .content_type(kind)
        .body(body))
}

/// The application of WADL as JSON: resources with their methods, of each what it takes and gives.
fn described(paths: &Value, base: &str) -> Value {
    let empty = Map::new();
    let mut resources = Vec::new();
    for (path, operations) in paths.as_object().unwrap_or(&empty) {
        let Some(path) = path.strip_prefix(ROOT) else {
            continue;
        };
        let operations = operations.as_object().unwrap_or(&empty);
        let methods: Vec<Value> = operations
            .iter()
            .map(|(name, about)| method(name, about))
            .collect();
        resources.push(json!({ "path": path.trim_start_matches('/'), "method": methods }));
    }
    json!({ "application": { "resources": { "base": base, "resource": resources } } })
}

fn method(name: &str, about: &Value) -> Value {
    let empty = Map::new();
    let kinds = |content: &Value| -> Vec<Value> {
        let content = content.as_object().unwrap_or(&empty);
        content.keys().map(|kind| json!({ "mediaType": kind })).collect()
    };
    let parameters: Vec<Value> = about["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| json!({ "name": parameter["name"], "style": style(&parameter["in"]) }))
        .collect();
    let responses: Vec<Value> = about["responses"]
        .as_object()
        .unwrap_or(&empty)
        .iter()
        .filter(|(status, _)| *status != "default")
        .map(|(status, response)| json!({
            "status": status, "doc": response["description"], "representation": kinds(&response["content"]),
        }))
        .collect();
    json!({
        "name": name.to_ascii_uppercase(), "doc": about["summary"],
        "request": { "param": parameters, "representation": kinds(&about["requestBody"]["content"]) },
        "response": responses,
    })
}

fn style(place: &Value) -> &'static str {
    match place.as_str() {
        Some("path") => "template",
        Some("header") => "header",
        _ => "query",
    }
}

/// The same in XML.
fn wadl(described: &Value) -> String {
    let resources = &described["application"]["resources"];
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<application xmlns=\"http://wadl.dev.java.net/2009/02\">",
    );
    out.push_str(&format!("<resources base=\"{}\">", escaped(&resources["base"])));
    for resource in list(&resources["resource"]) {
        out.push_str(&format!("<resource path=\"{}\">", escaped(&resource["path"])));
        for method in list(&resource["method"]) {
            write_method(method, &mut out);
        }
        out.push_str("</resource>");
    }
    out.push_str("</resources></application>\n");
    out
}

fn write_method(method: &Value, out: &mut String) {
    out.push_str(&format!(
        "<method name=\"{}\"><doc title=\"{}\"/><request>",
        escaped(&method["name"]),
        escaped(&method["doc"])
    ));
    for parameter in list(&method["request"]["param"]) {
        out.push_str(&format!(
            "<param name=\"{}\" style=\"{}\"/>",
            escaped(&parameter["name"]),
            escaped(&parameter["style"])
        ));
    }
    write_representations(&method["request"]["representation"], out);
    out.push_str("</request>");
    for response in list(&method["response"]) {
        out.push_str(&format!(
            "<response status=\"{}\"><doc title=\"{}\"/>",
            escaped(&response["status"]),
            escaped(&response["doc"])
        ));
        write_representations(&response["representation"], out);
        out.push_str("</response>");
    }
    out.push_str("</method>");
}

fn write_representations(representations: &Value, out: &mut String) {
    for representation in list(representations) {
        out.push_str(&format!(
            "<representation mediaType=\"{}\"/>",
            escaped(&representation["mediaType"])
        ));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn escaped(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_described_route_of_dicomweb_is_there_and_no_other() {
        let paths = json!({
            "/dicomweb/{tenant}/studies": { "get": {
                "summary": "Searches \"studies\"",
                "parameters": [{ "name": "tenant", "in": "path" }, { "name": "limit", "in": "query" }],
                "responses": { "200": { "description": "found", "content": { "application/dicom+json": {} } } },
            } },
            "/graphql": { "post": {} },
        });
        let described = described(&paths, "https://host/dicomweb/north");
        let resources = list(&described["application"]["resources"]["resource"]);
        assert_eq!(resources.len(), 1);
        let wadl = wadl(&described);
        for part in [
            "<resources base=\"https://host/dicomweb/north\">",
            "<resource path=\"studies\"><method name=\"GET\"><doc title=\"Searches &quot;studies&quot;\"/>",
            "<param name=\"limit\" style=\"query\"/>",
            "<response status=\"200\"><doc title=\"found\"/><representation mediaType=\"application/dicom+json\"/>",
        ] {
            assert!(wadl.contains(part), "{part} in {wadl}");
        }
    }
}
