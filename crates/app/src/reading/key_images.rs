//! Images the reader marks for the report.

use domain::{
    Actor, CaseId, ClaimToken, ErrorCode, KeyImageId, Permission,
    audit::AuditAction,
    report::{SignedKeyImage, SignedReport},
    text::{code_point, unfit_character},
};
use sha2::{Digest as _, Sha256};
use store::{CaseRow, InstanceRow, KeyImageRow, TenantTx, VersionRow};

use super::{
    claims::{HeldCase, hold},
    printing::{images_of, shown},
};
use crate::{App, AppError};

/// A report shows at most so many images.
const MOST_KEY_IMAGES: usize = 12;

/// The longest note, in characters.
const LONGEST_NOTE: usize = 300;

/// An image to mark.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyImageOrder {
    /// The case.
    pub case: CaseId,
    /// The reader's claim.
    pub token: ClaimToken,
    /// SOP Instance UID (0008,0018).
    pub sop_instance_uid: String,
    /// The frame, from 1.
    pub frame: u32,
    /// Window Center to print it with; the instance's own when absent.
    pub window_center: Option<f64>,
    /// Window Width to print it with.
    pub window_width: Option<f64>,
    /// What to say about it.
    pub note: Option<String>,
}

impl App {
    /// Marks an image of the case's study.
    ///
    /// Marking the same image in the same window again changes at most its note.
    ///
    /// Errors: `CLAIM_LOST`, `NOT_FOUND` when the study has no such image, `FRAME_OUT_OF_RANGE`.
    pub async fn mark_key_image(&self, actor: &Actor, order: KeyImageOrder) -> Result<KeyImageRow, AppError> {
        self.authorise(actor, Permission::ReadCases)?;
        check(&order)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let HeldCase { opened, reader, .. } = hold(&tx, actor, order.case, order.token, now).await?;
        let marked = tx.key_images(&[order.case]).await?;
        let note = order
            .note
            .as_ref()
            .map(|note| note.trim().to_owned())
            .filter(|note| !note.is_empty());
        if let Some(mut same) = marked.iter().find(|row| shows(&row.image, &order)).cloned() {
            if let Some(note) = note.filter(|note| same.image.note.as_ref() != Some(note)) {
                same.image.note = Some(note);
                tx.save_key_image_note(&same).await?;
                tx.audit(opened.audited(actor, now, AuditAction::KeyimageMark, same.id));
                opened.save(&mut tx).await?;
                tx.commit().await?;
            }
            return Ok(same);
        }
        if marked.len() >= MOST_KEY_IMAGES {
            return Err(AppError::invalid(
                "sopInstanceUid",
                format!("a report takes {MOST_KEY_IMAGES} key images"),
            ));
        }
        let instance = tx
            .instance_of_uid(&order.sop_instance_uid)
            .await?
            .filter(|instance| instance.study == opened.case().study && instance.has_pixels)
            .ok_or(AppError::NotFound { what: "image" })?;
        if order.frame > instance.frames.unwrap_or(1).max(1) {
            return Err(AppError::refused(
                ErrorCode::FrameOutOfRange,
                "the image has no such frame",
            ));
        }
        let row = KeyImageRow {
            id: KeyImageId::from_uuid(self.ids.next()),
            case: order.case,
            image: SignedKeyImage {
                series_instance_uid: series_uid(&tx, &instance).await?,
                sop_instance_uid: order.sop_instance_uid,
                frame: order.frame,
                window_center: order.window_center,
                window_width: order.window_width,
                note,
            },
        };
        tx.insert_key_image(&row, reader, now).await?;
        tx.audit(opened.audited(actor, now, AuditAction::KeyimageMark, row.id));
        opened.save(&mut tx).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Takes a mark away again.
    pub async fn remove_key_image(
        &self,
        actor: &Actor,
        case: CaseId,
        token: ClaimToken,
        image: KeyImageId,
    ) -> Result<CaseRow, AppError> {
        self.authorise(actor, Permission::ReadCases)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let HeldCase { opened, .. } = hold(&tx, actor, case, token, now).await?;
        if !tx.delete_key_image(case, image).await? {
            return Err(AppError::NotFound { what: "key image" });
        }
        tx.audit(opened.audited(actor, now, AuditAction::KeyimageRemove, image));
        let row = opened.save(&mut tx).await?;
        tx.commit().await?;
        Ok(row)
    }
}

/// The marked images of what is signed, as its document shows them; what became of the marks since is no
/// part of it. `marks` are those of the case now.
pub(super) fn signed_marks(case: CaseId, versions: &[VersionRow], marks: &[KeyImageRow]) -> Vec<KeyImageRow> {
    let signed: Vec<&SignedReport> = versions.iter().map(|version| &version.signed).collect();
    images_of(&shown(&signed))
        .into_iter()
        .map(|image| {
            let mark = marks.iter().find(|mark| same_view(&mark.image, &image));
            let id = mark.map_or_else(|| id_of_removed(case, &image), |mark| mark.id);
            KeyImageRow { id, case, image }
        })
        .collect()
}

fn same_view(one: &SignedKeyImage, other: &SignedKeyImage) -> bool {
    one.sop_instance_uid == other.sop_instance_uid
        && one.frame == other.frame
        && one.window_center == other.window_center
        && one.window_width == other.window_width
}

/// The id of a signed image whose mark was taken away, the same whenever it is asked for.
fn id_of_removed(case: CaseId, image: &SignedKeyImage) -> KeyImageId {
    let (uid, frame) = (&image.sop_instance_uid, image.frame);
    let (center, width) = (image.window_center, image.window_width);
    let digest = Sha256::digest(format!("{case} {uid} {frame} {center:?} {width:?}"));
    let (bytes, _) = digest.split_first_chunk().expect("a SHA-256 has 32 bytes");
    KeyImageId::from_uuid(uuid::Builder::from_custom_bytes(*bytes).into_uuid())
}

/// Whether a mark is of the image and in the window of `order`.
fn shows(image: &SignedKeyImage, order: &KeyImageOrder) -> bool {
    image.sop_instance_uid == order.sop_instance_uid
        && image.frame == order.frame
        && image.window_center == order.window_center
        && image.window_width == order.window_width
}

fn check(order: &KeyImageOrder) -> Result<(), AppError> {
    if order.frame == 0 {
        return Err(AppError::refused(
            ErrorCode::FrameOutOfRange,
            "frames are counted from 1",
        ));
    }
    if order
        .note
        .as_ref()
        .is_some_and(|note| note.chars().count() > LONGEST_NOTE)
    {
        return Err(AppError::invalid(
            "note",
            format!("a note has at most {LONGEST_NOTE} characters"),
        ));
    }
    if let Some(character) = order.note.as_deref().and_then(unfit_character) {
        let character = code_point(character);
        return Err(AppError::invalid(
            "note",
            format!("the note has a character that is not allowed: {character}"),
        ));
    }
    match (order.window_center, order.window_width) {
        (None, None) => Ok(()),
        // PS3.3 §C.11.2.1.2.1: a width is at least 1 for the linear function.
        (Some(center), Some(width)) if center.is_finite() && width.is_finite() && width >= 1.0 => Ok(()),
        _ => Err(AppError::invalid(
            "windowWidth",
            "a window has a centre and a width of at least 1",
        )),
    }
}

async fn series_uid(tx: &TenantTx, instance: &InstanceRow) -> Result<String, AppError> {
    let series = tx.series(&[instance.series]).await?.pop();
    Ok(series
        .ok_or(AppError::NotFound { what: "series" })?
        .series_instance_uid)
}
