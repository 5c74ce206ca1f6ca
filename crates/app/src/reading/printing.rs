//! A signed version becomes a document.

use std::collections::BTreeSet;

use bytes::Bytes;
use dicom::codec::{CodecReply, PictureFormat, RenderOptions, VoiFunction, Window, Work};
use domain::{
    Actor, CaseId, ErrorCode, Permission, ReportVersionId,
    report::{ReportVersionKind, SignedContent, SignedKeyImage, SignedReport},
    text::code_point,
};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use store::{DocumentRow, TenantRead, VersionRow};

use super::{printed_facts::facts, refusals::with_facts};
use crate::{
    App, AppError,
    ports::{CodecError, ObjectKey, PrintError, PrintableImage, PrintablePart, PrintableReport, code_points},
};

/// The longest edge of a printed image, in pixels.
const IMAGE_EDGE: u32 = 1000;

impl App {
    /// Refuses words that the facility could not read on paper, while their writer can still mend them.
    ///
    /// Errors: `REPORT_UNPRINTABLE` with the `fields` by section and the `characters`.
    pub(super) async fn expect_printable(&self, texts: Vec<(String, String)>) -> Result<(), AppError> {
        let characters = self
            .printer
            .unprintable(texts.iter().map(|(_, text)| text.clone()).collect())
            .await
            .map_err(not_printed)?;
        if characters.is_empty() {
            return Ok(());
        }
        let fields = texts.into_iter().filter_map(|(field, text)| {
            let here: BTreeSet<char> = text.chars().filter(|c| characters.contains(c)).collect();
            (!here.is_empty()).then(|| {
                let message = format!("cannot be printed: {}", code_points(&here));
                (field, Value::from(message))
            })
        });
        Err(unprintable("the printer", &characters, fields.collect()))
    }

    /// Makes the document of a signed version, unless it is made already, and hands it to the deliveries.
    pub async fn print_report(&self, actor: &Actor, version: ReportVersionId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let read = self.store.read(actor).await?;
        let row = read.report_version(version).await?.ok_or(AppError::NotFound {
            what: "report version",
        })?;
        let case = row.signed.content().case;
        if row.document.is_none() {
            let (report, images) = printable(&read, case, &row).await?;
            drop(read);
            self.make_document(actor, &row, report, images).await?;
        } else {
            drop(read);
        }
        self.hand_over(actor, case, version).await
    }

    async fn make_document(
        &self,
        actor: &Actor,
        row: &VersionRow,
        mut report: PrintableReport,
        images: Vec<SignedKeyImage>,
    ) -> Result<(), AppError> {
        for image in &images {
            report.key_images.push(self.draw_key_image(actor, image).await?);
        }
        let pdf = self.printer.print(report).await.map_err(not_printed)?;
        let key = ObjectKey::report(actor.tenant(), row.id.uuid(), self.ids.next());
        let document = DocumentRow {
            version: row.id,
            object_key: key.to_string(),
            byte_length: pdf.len() as u64,
            sha256: hex::encode(Sha256::digest(&pdf)),
            made_at: self.clock.now(),
        };
        self.blobs.put(&key, pdf).await?;
        let tx = self.store.begin(actor).await?;
        // Two runs of the job may both have come here; the first document stays.
        if tx
            .report_version(row.id)
            .await?
            .is_some_and(|row| row.document.is_some())
        {
            self.delete_unused(&key).await;
            return Ok(());
        }
        tx.insert_report_document(&document).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Draws a marked image from its original in the window it was marked with.
    async fn draw_key_image(
        &self,
        actor: &Actor,
        image: &SignedKeyImage,
    ) -> Result<PrintableImage, AppError> {
        let instance = self
            .store
            .read(actor)
            .await?
            .instance_of_uid(&image.sop_instance_uid)
            .await?
            .ok_or(AppError::NotFound { what: "image" })?;
        let window = image.window_center.zip(image.window_width);
        let work = Work::Rendered(RenderOptions {
            frame: image.frame.saturating_sub(1),
            window: window.map(|(center, width)| Window {
                center,
                width,
                function: VoiFunction::Linear,
            }),
            size: Some((IMAGE_EDGE, IMAGE_EDGE)),
            format: PictureFormat::Jpeg,
            ..RenderOptions::default()
        });
        let drawn = self.work_on_pixels(actor, &instance, work).await;
        let jpeg = match drawn {
            Ok(CodecReply::Picture(picture)) => Some(Bytes::from(picture.bytes)),
            Ok(_) => {
                return Err(AppError::Internal {
                    what: "the codec answered something else".to_owned(),
                });
            }
            // A report is not held back by a picture.
            Err(AppError::Codec(
                CodecError::NoPixels
                | CodecError::Unsuitable { .. }
                | CodecError::Senseless { .. }
                | CodecError::Unreadable { .. }
                | CodecError::Damaged,
            )) => None,
            Err(error) if error.is_damage() => None,
            Err(error) => return Err(error),
        };
        let mut caption = vec![image.note.clone().unwrap_or_else(|| "Key image".to_owned())];
        if let Some(number) = instance.number {
            caption.push(format!("image {number}"));
        }
        if instance.frames.unwrap_or(1) > 1 {
            caption.push(format!("frame {}", image.frame));
        }
        Ok(PrintableImage {
            jpeg,
            caption: caption.join(", "),
        })
    }

    async fn delete_unused(&self, key: &ObjectKey) {
        if let Err(error) = self.blobs.delete(key).await {
            tracing::warn!(error = %error, "an unused document stays behind");
        }
    }
}

/// What no font has stays so until somebody installs one; a failed layout may be tried again.
fn not_printed(error: PrintError) -> AppError {
    match error {
        PrintError::Unprintable { characters } => unprintable(
            "the report was not printed, because this machine",
            &characters,
            Map::new(),
        ),
        PrintError::Failed { .. } => AppError::Internal {
            what: error.to_string(),
        },
    }
}

/// Refuses a text for its characters; `fields` says where they stand.
fn unprintable(who: &str, characters: &BTreeSet<char>, fields: Map<String, Value>) -> AppError {
    let facts = Map::from_iter([
        (
            "characters".to_owned(),
            Value::from_iter(characters.iter().map(|c| code_point(*c))),
        ),
        ("fields".to_owned(), Value::Object(fields)),
    ]);
    let message = format!("{who} has no font for {}", code_points(characters));
    with_facts(ErrorCode::ReportUnprintable, message, facts)
}

/// What the document of a version shows, and the images that are still to be drawn for it.
async fn printable(
    read: &TenantRead,
    case: CaseId,
    row: &VersionRow,
) -> Result<(PrintableReport, Vec<SignedKeyImage>), AppError> {
    let missing = |what| AppError::NotFound { what };
    let case = read.reading_case(case).await?.ok_or(missing("case"))?;
    let patient = read.patient(case.case.patient).await?.ok_or(missing("patient"))?;
    let study = read.study(case.case.study).await?.ok_or(missing("study"))?;
    let facility = read
        .facility(case.case.facility)
        .await?
        .ok_or(missing("facility"))?;
    let organisation = read
        .tenant_row()
        .await?
        .map(|tenant| tenant.name)
        .unwrap_or_default();
    let versions = read.report_versions(case.case.id).await?;
    let signed: Vec<&SignedReport> = versions
        .iter()
        .map(|version| &version.signed)
        .filter(|signed| signed.content().number <= row.signed.content().number)
        .collect();
    let shown = shown(&signed);
    let parts = parts(&shown);
    let report = PrintableReport {
        organisation,
        facility: facility.name,
        title: parts.first().map(|part| part.heading.clone()).unwrap_or_default(),
        facts: facts(&case.case, &patient, &study),
        parts,
        key_images: Vec::new(),
        notice: None,
    };
    Ok((report, images_of(&shown)))
}

/// The newest version and, when it is an addendum, everything it adds to, newest first.
pub(super) fn shown<'a>(signed: &[&'a SignedReport]) -> Vec<&'a SignedReport> {
    let mut shown = Vec::new();
    for one in signed.iter().rev() {
        shown.push(*one);
        if one.content().kind != ReportVersionKind::Addendum {
            break;
        }
    }
    shown
}

fn parts(shown: &[&SignedReport]) -> Vec<PrintablePart> {
    let addenda = shown
        .iter()
        .filter(|one| one.content().kind == ReportVersionKind::Addendum)
        .count();
    shown
        .iter()
        .enumerate()
        .map(|(later, one)| {
            let heading = match one.content().kind {
                ReportVersionKind::Addendum => format!("Addendum {}", addenda - later),
                ReportVersionKind::Final => "Final report".to_owned(),
                ReportVersionKind::Preliminary => "Preliminary report".to_owned(),
            };
            part(heading, one.content(), one.sha256())
        })
        .collect()
}

/// The images of everything that is shown, each once: an addendum stands with the report it adds to.
pub(super) fn images_of(shown: &[&SignedReport]) -> Vec<SignedKeyImage> {
    let mut images: Vec<SignedKeyImage> = Vec::new();
    for image in shown.iter().rev().flat_map(|one| &one.content().key_images) {
        if !images.contains(image) {
            images.push(image.clone());
        }
    }
    images
}

fn part(heading: String, content: &SignedContent, sha256: &str) -> PrintablePart {
    PrintablePart {
        heading,
        sections: content
            .sections
            .iter()
            .map(|section| (section.title.clone(), section.text.clone()))
            .collect(),
        signed_by: content.signer_name.clone(),
        signed_at: content.signed_at,
        sha256: sha256.to_owned(),
    }
}
