//! A receipt as it goes over the wire, page by page.
//!
//! **Invariant:** however many instances were announced, a page of them is in memory at a time.

use app::{
    App, AppError,
    archive::{
        Receipt,
        rows::{RefusedFile, UploadItem},
    },
};
use bytes::Bytes;
use domain::{Actor, UploadId};
use futures_util::{Stream, StreamExt as _, stream};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::streams::text;

#[derive(Debug, Serialize)]
struct Line<'a> {
    sop_instance_uid: &'a str,
    study_instance_uid: &'a str,
    outcome: &'static str,
    reason_code: Option<&'a str>,
    reason: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct RefusedLine<'a> {
    name: &'a str,
    reason_code: Option<&'a str>,
    reason: &'a str,
}

/// The whole receipt as JSON.
pub fn document(
    app: App,
    actor: Actor,
    receipt: &Receipt,
) -> impl Stream<Item = Result<Bytes, AppError>> + use<> {
    let upload = receipt.upload.id;
    let head = head(receipt);
    let files = files(app.clone(), actor.clone(), upload);
    text(head + ",\"instances\":[")
        .chain(items(app, actor, upload))
        .chain(text("],\"refused_files\":[".to_owned()))
        .chain(files)
        .chain(text("]}".to_owned()))
}

/// Everything but the lists, left open for them.
fn head(receipt: &Receipt) -> String {
    let counts = receipt.counts;
    let head = json!({
        "upload_id": receipt.upload.id.to_string(),
        "state": receipt.upload.state.as_str(),
        "facility_id": receipt.upload.facility.to_string(),
        "created_at": receipt.upload.created_at,
        "counts": {
            "expected": counts.expected(), "stored": counts.stored, "duplicate": counts.duplicate,
            "refused": counts.refused, "missing": counts.missing,
        },
    });
    let mut head = head.to_string();
    head.pop();
    head
}

fn items(app: App, actor: Actor, upload: UploadId) -> impl Stream<Item = Result<Bytes, AppError>> {
    let begin = Some(String::new());
    stream::try_unfold(begin, move |after| {
        let (app, actor) = (app.clone(), actor.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let page = app.receipt_items(&actor, upload, &after).await?;
            let next = page.last().map(|last| last.sop_instance_uid.clone());
            let is_first = after.is_empty();
            Ok(Some((joined(page.iter().map(line), is_first), next)))
        }
    })
}

fn files(app: App, actor: Actor, upload: UploadId) -> impl Stream<Item = Result<Bytes, AppError>> {
    let begin = Some(Uuid::nil());
    stream::try_unfold(begin, move |after| {
        let (app, actor) = (app.clone(), actor.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let page = app.receipt_files(&actor, upload, after).await?;
            let next = page.last().map(|(id, _)| *id);
            let lines = page.iter().map(|(_, file)| refused_line(file));
            Ok(Some((joined(lines, after.is_nil()), next)))
        }
    })
}

/// The lines of a page with commas between them, and before them unless they are the first.
fn joined(lines: impl Iterator<Item = impl Serialize>, is_first: bool) -> Bytes {
    let mut page = String::new();
    for line in lines {
        if !(is_first && page.is_empty()) {
            page.push(',');
        }
        page.push_str(&json!(line).to_string());
    }
    page.into()
}

fn line(item: &UploadItem) -> Line<'_> {
    Line {
        sop_instance_uid: &item.sop_instance_uid,
        study_instance_uid: &item.study_instance_uid,
        outcome: item.outcome.as_str(),
        reason_code: item.reason_code.as_deref(),
        reason: item.reason.as_deref(),
    }
}

fn refused_line(file: &RefusedFile) -> RefusedLine<'_> {
    RefusedLine {
        name: &file.name,
        reason_code: file.reason_code.as_deref(),
        reason: &file.reason,
    }
}
