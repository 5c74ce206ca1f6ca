//! DICOMweb at `/dicomweb/{tenant}` (PS3.18 §10): store, search, retrieve.
//!
//! **Invariant:** the tenant of the address must be the caller's; another one answers like one that does not exist.
//!
//! **Invariant:** bodies stream both ways: no request or answer is held whole.

mod address;
mod body;
mod frames;
mod images;
mod metadata;
mod retrieve;
mod search;
mod store;

use actix_web::http::Method;

use crate::{Doc, Routes};

const ROOT: &str = "/dicomweb/{tenant}";

/// Adds the routes.
pub(crate) fn register(routes: &mut Routes<'_>) {
    register_store(routes);
    register_search(routes);
    register_retrieve(routes);
    register_pictures(routes);
}

fn register_store(routes: &mut Routes<'_>) {
    for path in ["/studies", "/studies/{study}"] {
        let doc = Doc::new("Stores instances (STOW-RS)")
            .takes("multipart/related; type=\"application/dicom\"")
            .answers(200, "All are stored")
            .answers(
                202,
                "Some are stored; the answer says which and why not the others",
            )
            .answers(409, "None is stored; the answer says why");
        routes.post(&format!("{ROOT}{path}"), store::store, doc);
    }
}

fn register_search(routes: &mut Routes<'_>) {
    let doc = |summary| {
        Doc::new(summary)
            .answers(200, "DICOM JSON")
            .answers(204, "Nothing matches")
    };
    routes.get(
        &format!("{ROOT}/studies"),
        search::studies,
        doc("Searches studies (QIDO-RS)"),
    );
    for path in ["/series", "/studies/{study}/series"] {
        routes.get(
            &format!("{ROOT}{path}"),
            search::series,
            doc("Searches series (QIDO-RS)"),
        );
    }
    for path in [
        "/instances",
        "/studies/{study}/instances",
        "/studies/{study}/series/{series}/instances",
    ] {
        routes.get(
            &format!("{ROOT}{path}"),
            search::instances,
            doc("Searches instances (QIDO-RS)"),
        );
    }
}

const LEVELS: [&str; 3] = [
    "/studies/{study}",
    "/studies/{study}/series/{series}",
    "/studies/{study}/series/{series}/instances/{instance}",
];

fn register_retrieve(routes: &mut Routes<'_>) {
    for level in LEVELS {
        for method in [Method::GET, Method::HEAD] {
            let doc = Doc::new("Retrieves originals as they came (WADO-RS)")
                .answers(200, "multipart application/dicom")
                .answers(500, "The stored object is missing or damaged");
            routes.add(
                method.clone(),
                &format!("{ROOT}{level}"),
                retrieve::instances,
                doc,
            );
            let doc = Doc::new("Retrieves metadata (WADO-RS)")
                .answers(200, "DICOM JSON")
                .answers(304, "Unchanged");
            routes.add(
                method,
                &format!("{ROOT}{level}/metadata"),
                metadata::metadata,
                doc,
            );
        }
    }
    let instance = LEVELS[2];
    let doc = Doc::new("Retrieves frames, from 1 (WADO-RS)")
        .answers(200, "multipart, each part names its transfer syntax")
        .answers(422, "The samples asked for cannot be decoded")
        .answers(500, "The stored object is missing or damaged");
    routes.get(
        &format!("{ROOT}{instance}/frames/{{frames}}"),
        frames::frames,
        doc,
    );
    let doc = Doc::new("Retrieves a bulk value the metadata names (WADO-RS)")
        .answers(
            200,
            "application/octet-stream; compressed pixel data as its frames",
        )
        .answers(500, "The stored object is missing or damaged");
    routes.get(
        &format!("{ROOT}{instance}/bulkdata/{{path:.*}}"),
        retrieve::bulk,
        doc,
    );
}

fn register_pictures(routes: &mut Routes<'_>) {
    for level in LEVELS {
        let doc = Doc::new("A small JPEG for lists").answers(200, "image/jpeg");
        routes.get(&format!("{ROOT}{level}/thumbnail"), images::thumbnail, doc);
    }
    for path in ["/rendered", "/frames/{frames}/rendered"] {
        let doc =
            Doc::new("A frame as a picture for people (WADO-RS)").answers(200, "image/jpeg or image/png");
        routes.get(&format!("{ROOT}{}{path}", LEVELS[2]), images::rendered, doc);
    }
}
