//! A signed version becomes a document.

use bytes::Bytes;
use dicom::{
    PersonName,
    codec::{CodecReply, CodecRequest, PictureFormat, RenderOptions, VoiFunction, Window, Work},
};
use domain::{
    Actor, CaseId, Permission, ReportVersionId,
    report::{ReportVersionKind, SignedContent, SignedKeyImage, SignedReport},
};
use sha2::{Digest as _, Sha256};
use store::{CaseRow, DocumentRow, PatientRow, StudyRow, TenantRead, VersionRow};

use crate::{
    App, AppError,
    ports::{CodecError, ObjectKey, PrintableImage, PrintablePart, PrintableReport},
};

/// The longest edge of a printed image, in pixels.
const IMAGE_EDGE: u32 = 1000;

impl App {
    /// Makes the document of a signed version, unless it is made already, and hands it to the deliveries.
    pub async fn print_report(&self, actor: &Actor, version: ReportVersionId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let read = self.store.read(actor).await?;
        let row = read.report_version(version).await?.ok_or(AppError::NotFound {
            what: "report version",
        })?;
        let case = row.signed.content().case;
        if row.document.is_none() {
            let report = printable(&read, case, &row).await?;
            drop(read);
            self.make_document(actor, &row, report).await?;
        } else {
            drop(read);
        }
        self.hand_over(actor, case, version).await
    }

    async fn make_document(
        &self,
        actor: &Actor,
        row: &VersionRow,
        report: PrintableReport,
    ) -> Result<(), AppError> {
        let mut report = report;
        for image in &row.signed.content().key_images {
            report.key_images.push(self.draw_key_image(actor, image).await?);
        }
        let pdf = self
            .printer
            .print(report)
            .await
            .map_err(|error| AppError::Internal {
                what: error.to_string(),
            })?;
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
        let pixels = self.pixel_source(actor.tenant(), &instance).await?;
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
        let drawn = self
            .codec
            .run(CodecRequest {
                source: pixels.source,
                work,
            })
            .await;
        let jpeg = match drawn {
            Ok(CodecReply::Picture(picture)) => Some(Bytes::from(picture.bytes)),
            Ok(_) => {
                return Err(AppError::Internal {
                    what: "the codec answered something else".to_owned(),
                });
            }
            // A report is not held back by a picture.
            Err(CodecError::NoPixels | CodecError::Unsuitable { .. } | CodecError::Unreadable { .. }) => None,
            Err(error @ CodecError::Failed { .. }) => return Err(error.into()),
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

/// What the document of a version shows, but for the images.
async fn printable(read: &TenantRead, case: CaseId, row: &VersionRow) -> Result<PrintableReport, AppError> {
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
    let versions = read.report_versions(&[case.case.id]).await?;
    let signed: Vec<&SignedReport> = versions
        .iter()
        .map(|version| &version.signed)
        .filter(|signed| signed.content().number <= row.signed.content().number)
        .collect();
    let parts = parts(&signed);
    Ok(PrintableReport {
        organisation,
        facility: facility.name,
        title: parts.first().map(|part| part.heading.clone()).unwrap_or_default(),
        facts: facts(&case, &patient, &study),
        parts,
        key_images: Vec::new(),
    })
}

/// The newest version and, when it is an addendum, everything it adds to, newest first.
fn parts(signed: &[&SignedReport]) -> Vec<PrintablePart> {
    let mut addenda = signed
        .iter()
        .filter(|one| one.content().kind == ReportVersionKind::Addendum)
        .count();
    let mut parts = Vec::new();
    for one in signed.iter().rev() {
        let content = one.content();
        let heading = match content.kind {
            ReportVersionKind::Addendum => format!("Addendum {addenda}"),
            ReportVersionKind::Final => "Final report".to_owned(),
            ReportVersionKind::Preliminary => "Preliminary report".to_owned(),
        };
        parts.push(part(heading, content, one.sha256()));
        if content.kind != ReportVersionKind::Addendum {
            break;
        }
        addenda -= 1;
    }
    parts
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

fn facts(row: &CaseRow, patient: &PatientRow, study: &StudyRow) -> Vec<(String, String)> {
    let modalities = study.modalities.join(", ");
    let sex = patient.sex.as_deref().map(|sex| match sex {
        "F" => "female",
        "M" => "male",
        "O" => "other",
        unknown => unknown,
    });
    [
        ("Patient", Some(PersonName::parse(&patient.name).display())),
        ("Patient ID", Some(patient.patient_id.clone())),
        ("Born", patient.birth_date.as_deref().map(readable_date)),
        ("Sex", sex.map(str::to_owned)),
        (
            "Examination",
            study.description.clone().or_else(|| Some(modalities.clone())),
        ),
        ("Modality", Some(modalities.clone())),
        ("Examined", study.study_date.as_deref().map(readable_date)),
        ("Accession number", study.accession_number.clone()),
        (
            "Referred by",
            study
                .referring_physician
                .as_deref()
                .map(|name| PersonName::parse(name).display()),
        ),
        ("Indication", row.case.indication.clone()),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((label.to_owned(), value.filter(|value| !value.trim().is_empty())?)))
    .collect()
}

/// `20261122` as `2026-11-22`; anything else as it is.
fn readable_date(date: &str) -> String {
    match (date.get(0..4), date.get(4..6), date.get(6..8)) {
        (Some(year), Some(month), Some(day)) if date.len() == 8 => format!("{year}-{month}-{day}"),
        _ => date.to_owned(),
    }
}
