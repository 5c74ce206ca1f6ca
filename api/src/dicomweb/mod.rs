//! DICOMweb at `/dicomweb/{tenant}` (PS3.18 §10): store, search, retrieve, delete.
//!
//! **Invariant:** the tenant of the address must be the caller's; another one answers like one that does not exist.
//!
//! **Invariant:** bodies stream both ways: no request or answer is held whole.

mod address;
mod archive_file;
mod body;
mod bulk;
mod capabilities;
mod conditional;
mod delete;
mod frames;
mod images;
mod metadata;
mod parts;
mod render_query;
mod results;
mod retrieve;
mod search;
mod sending;
mod store;
mod subscribers;
mod wado_deidentified;
mod wado_uri;
mod wish;
mod workitems;

use actix_web::{FromRequest, Handler, Responder, http::Method};

use crate::{Doc, Routes};

const ROOT: &str = "/dicomweb/{tenant}";

/// Adds the routes.
pub(crate) fn register(routes: &mut Routes<'_>) {
    register_store(routes);
    register_search(routes);
    register_retrieve(routes);
    register_pictures(routes);
    let doc = Doc::new("One object by its UIDs (WADO-URI)")
        .query(&[
            "requestType",
            "studyUID",
            "seriesUID",
            "objectUID",
            "contentType",
            "transferSyntax",
            "frameNumber",
            "rows",
            "columns",
            "region",
            "windowCenter",
            "windowWidth",
            "imageQuality",
            "annotation",
            "anonymize",
        ])
        .gives(&["image/jpeg", "image/png", "image/gif", "application/dicom"])
        .answers(200, "A picture, or the object itself")
        .answers(406, "Not to be had in that form")
        .answers(422, "Not to be de-identified safely");
    readable(routes, "/wado", wado_uri::wado, &doc);
    let doc = Doc::new("What this service can do (PS3.18 §8.9)")
        .gives(&[
            "application/vnd.sun.wadl+xml",
            "application/xml",
            "application/json",
        ])
        .answers(200, "WADL, or the same as JSON");
    for path in ["", "/"] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            routes.add(
                method,
                &format!("{ROOT}{path}"),
                capabilities::capabilities,
                doc.clone(),
            );
        }
    }
    register_delete(routes);
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

/// Registers `GET` and `HEAD`: whoever may read may ask what there is to read.
fn readable<F, Args>(routes: &mut Routes<'_>, path: &str, handler: F, doc: &Doc)
where
    F: Handler<Args> + Clone,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    for method in [Method::GET, Method::HEAD] {
        routes.add(method, &format!("{ROOT}{path}"), handler.clone(), doc.clone());
    }
}

fn register_retrieve(routes: &mut Routes<'_>) {
    const DAMAGED: &str = "The stored object is missing or damaged";
    const RANGE: &str = "A range of the bytes";
    for level in LEVELS {
        let doc = Doc::new("Retrieves instances, Explicit VR Little Endian or as asked for (WADO-RS)")
            .gives(&[
                "multipart/related; type=\"application/dicom\"",
                "application/dicom",
                "application/zip",
            ])
            .answers(200, "Each part names its transfer syntax")
            .answers(206, RANGE)
            .answers(304, "Unchanged")
            .answers(406, "Not to be had in the transfer syntax that was named")
            .answers(500, DAMAGED);
        readable(routes, level, retrieve::instances, &doc);
        let doc = Doc::new("Retrieves metadata (WADO-RS)")
            .gives(&[
                "application/dicom+json",
                "multipart/related; type=\"application/dicom+xml\"",
            ])
            .answers(
                200,
                "DICOM JSON, or a Native DICOM Model in XML for each instance",
            )
            .answers(304, "Unchanged");
        readable(routes, &format!("{level}/metadata"), metadata::metadata, &doc);
    }
    let instance = LEVELS[2];
    let doc = Doc::new("Retrieves frames, from 1 (WADO-RS)")
        .gives(&[
            "multipart/related; type=\"application/octet-stream\"",
            "application/octet-stream",
        ])
        .answers(200, "multipart, each part names its transfer syntax")
        .answers(304, "Unchanged")
        .answers(422, "The samples asked for cannot be decoded")
        .answers(500, DAMAGED);
    readable(
        routes,
        &format!("{instance}/frames/{{frames}}"),
        frames::frames,
        &doc,
    );
    let doc = Doc::new("Retrieves a bulk value the metadata names (WADO-RS)")
        .gives(&[
            "multipart/related; type=\"application/octet-stream\"",
            "application/octet-stream",
        ])
        .answers(
            200,
            "application/octet-stream; compressed pixel data as its frames",
        )
        .answers(206, RANGE)
        .answers(304, "Unchanged")
        .answers(416, "The range begins behind the end")
        .answers(500, DAMAGED);
    readable(
        routes,
        &format!("{instance}/bulkdata/{{path:.*}}"),
        bulk::bulk,
        &doc,
    );
}

fn register_delete(routes: &mut Routes<'_>) {
    for level in LEVELS {
        let doc = Doc::new("Deletes: at once out of sight, for good after a while")
            .answers(
                204,
                "It lies in the trash, from where an administrator can restore it",
            )
            .answers(404, "There is no such thing, or not for the caller")
            .answers(
                409,
                "A legal hold, a reader or a signed report is in the way; nothing was deleted",
            );
        routes.add(Method::DELETE, &format!("{ROOT}{level}"), delete::delete, doc);
    }
}

fn register_pictures(routes: &mut Routes<'_>) {
    let frames = format!("{}/frames/{{frames}}", LEVELS[2]);
    for level in LEVELS.into_iter().chain([frames.as_str()]) {
        let doc = Doc::new("A small JPEG for lists")
            .gives(&["image/jpeg"])
            .answers(200, "image/jpeg")
            .answers(304, "Unchanged");
        readable(routes, &format!("{level}/thumbnail"), images::thumbnail, &doc);
        let doc = Doc::new("Pictures for people (WADO-RS)")
            .query(&["window", "viewport", "quality", "annotation", "iccprofile"])
            .gives(&[
                "image/jpeg",
                "image/png",
                "image/gif",
                "multipart/related; type=\"image/jpeg\"",
            ])
            .answers(
                200,
                "image/jpeg or image/png, of several one a part; image/gif of several frames",
            )
            .answers(304, "Unchanged");
        readable(routes, &format!("{level}/rendered"), images::rendered, &doc);
    }
}
