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
mod results;
mod retrieve;
mod search;
mod sending;
mod store;
mod subscribers;
mod workitems;

use actix_web::http::Method;

use crate::{Doc, Routes};

const ROOT: &str = "/dicomweb/{tenant}";

/// Adds the routes.
pub(crate) fn register(routes: &mut Routes<'_>) {
    register_store(routes);
    register_search(routes);
    register_retrieve(routes);
    register_pictures(routes);
    register_workitems(routes);
}

fn register_workitems(routes: &mut Routes<'_>) {
    let one = format!("{ROOT}/workitems/{{workitem}}");
    let sets = "application/dicom+json or application/dicom+xml";
    let doc = Doc::new("Searches work items (UPS-RS)")
        .answers(200, "DICOM JSON, or XML in parts")
        .answers(204, "Nothing matches");
    routes.get(&format!("{ROOT}/workitems"), workitems::search, doc);
    let doc = Doc::new("Creates a work item (UPS-RS)")
        .takes(sets)
        .answers(201, "It is SCHEDULED")
        .answers(409, "Its UID is taken");
    routes.post(&format!("{ROOT}/workitems"), workitems::create, doc);
    let doc = Doc::new("Retrieves a work item (UPS-RS)").answers(200, "DICOM JSON or XML");
    routes.get(&one, workitems::retrieve, doc);
    let changed = |summary| {
        Doc::new(summary)
            .takes(sets)
            .answers(200, "It is changed")
            .answers(409, "Its state or its Transaction UID does not allow it")
    };
    routes.post(&one, workitems::update, changed("Changes a work item (UPS-RS)"));
    let state = changed("Changes a work item's state, under a Transaction UID (UPS-RS)");
    routes.add(
        Method::PUT,
        &format!("{one}/state"),
        workitems::change_state,
        state,
    );
    let doc = Doc::new("Asks for a work item to be cancelled (UPS-RS)")
        .takes(sets)
        .answers(202, "It is cancelled, or its performer is told")
        .answers(409, "It is completed, or its performer chooses not to");
    routes.post(
        &format!("{one}/cancelrequest"),
        workitems::request_cancellation,
        doc,
    );
    let subscriber = format!("{one}/subscribers/{{subscriber}}");
    let doc = Doc::new("Subscribes an AE title to work items (UPS-RS)")
        .answers(201, "Events come on the WebSocket");
    routes.post(&subscriber, subscribers::subscribe, doc);
    let doc = Doc::new("Ends a subscription to work items (UPS-RS)").answers(200, "It is ended");
    routes.add(Method::DELETE, &subscriber, subscribers::unsubscribe, doc);
    let doc = Doc::new("Suspends a global subscription to work items (UPS-RS)").answers(200, "It is ended");
    routes.post(&format!("{subscriber}/suspend"), subscribers::unsubscribe, doc);
    let doc = Doc::new("The events of an AE title's work items (UPS-RS)").answers(101, "A WebSocket");
    routes.get(
        &format!("{ROOT}/subscribers/{{subscriber}}"),
        subscribers::listen,
        doc,
    );
}

fn register_store(routes: &mut Routes<'_>) {
    for path in ["/studies", "/studies/{study}"] {
        let doc = Doc::new("Stores instances (STOW-RS)")
            .takes("multipart/related; type=\"application/dicom\" (or dicom+json, dicom+xml with bulk data), application/dicom")
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
            .answers(200, "DICOM JSON, or XML in parts")
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
