//! Reports, drafts, templates, key images and deliveries.

use app::reading::rows::{DeliveryRow, KeyImageRow, VersionRow};
use async_graphql::{ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::report;

use super::enums::{DeliveryChannel, DeliveryState, ReportState, ReportVersionKind};

/// One titled part of a report.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReportSection {
    /// Its stable name, such as `findings`.
    key: String,
    title: String,
    text: String,
    /// Whether the report cannot be signed without it.
    required: bool,
}

/// A report while it is written.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReportDraft {
    /// Grows by one with every save.
    revision: u32,
    template_id: ID,
    sections: Vec<ReportSection>,
    updated_at: DateTime<Utc>,
}

/// A case's report, once something of it is signed.
#[derive(Debug, Clone, SimpleObject)]
pub struct Report {
    id: ID,
    state: ReportState,
    /// Oldest first.
    versions: Vec<ReportVersion>,
}

/// One signed, immutable version.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReportVersion {
    id: ID,
    number: u32,
    kind: ReportVersionKind,
    sections: Vec<ReportSection>,
    signed_at: DateTime<Utc>,
    /// The reader's name.
    signed_by: String,
    /// The reader.
    signer_id: ID,
    /// The signed bytes, JSON, exactly as they were signed.
    signed_content: String,
    /// The SHA-256 of `signedContent`, hex.
    sha256: String,
    /// The `sha256` of the version before this one: what a preliminary report became, what an addendum adds to.
    follows: Option<String>,
    /// The SHA-256 of the document, hex.
    pdf_sha256: Option<String>,
    /// Null until the document is made; needs the bearer token.
    pdf_url: Option<String>,
}

/// What a report begins with.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReportTemplate {
    id: ID,
    name: String,
    modality: Option<String>,
    body_part: Option<String>,
    language: String,
    sections: Vec<ReportSection>,
}

/// An image the reader marked for the report.
#[derive(Debug, Clone, SimpleObject)]
pub struct KeyImage {
    id: ID,
    sop_instance_uid: String,
    series_instance_uid: String,
    /// From 1.
    frame: u32,
    window_center: Option<f64>,
    window_width: Option<f64>,
    note: Option<String>,
}

/// One recipient's copy of a report on its way.
#[derive(Debug, Clone, SimpleObject)]
pub struct Delivery {
    id: ID,
    channel: DeliveryChannel,
    /// The facility's name, or the address.
    recipient: String,
    state: DeliveryState,
    queued_at: DateTime<Utc>,
    delivered_at: Option<DateTime<Utc>>,
    acknowledged_at: Option<DateTime<Utc>>,
    /// The cause for administrators; for everybody else, that it could not be delivered.
    last_error: Option<String>,
}

impl Report {
    /// The signed part of a report; none while nothing is signed.
    pub fn signed(report: &report::Report, versions: Vec<VersionRow>) -> Option<Self> {
        (!versions.is_empty()).then(|| Self {
            id: report.id.to_string().into(),
            state: report.state.into(),
            versions: versions.into_iter().map(ReportVersion::from).collect(),
        })
    }
}

impl From<report::ReportSection> for ReportSection {
    fn from(section: report::ReportSection) -> Self {
        Self {
            key: section.key,
            title: section.title,
            text: section.text,
            required: section.required,
        }
    }
}

impl From<report::ReportDraft> for ReportDraft {
    fn from(draft: report::ReportDraft) -> Self {
        Self {
            revision: draft.revision,
            template_id: draft.template.to_string().into(),
            sections: draft.sections.into_iter().map(ReportSection::from).collect(),
            updated_at: draft.updated_at,
        }
    }
}

impl From<report::ReportTemplate> for ReportTemplate {
    fn from(template: report::ReportTemplate) -> Self {
        Self {
            id: template.id.to_string().into(),
            name: template.name,
            modality: template.modality,
            body_part: template.body_part,
            language: template.language,
            sections: template.sections.into_iter().map(ReportSection::from).collect(),
        }
    }
}

impl From<VersionRow> for ReportVersion {
    fn from(row: VersionRow) -> Self {
        let content = row.signed.content();
        let sections = content.sections.iter().map(|section| ReportSection {
            key: section.key.clone(),
            title: section.title.clone(),
            text: section.text.clone(),
            required: false,
        });
        Self {
            id: row.id.to_string().into(),
            number: content.number,
            kind: content.kind.into(),
            sections: sections.collect(),
            signed_at: content.signed_at,
            signed_by: content.signer_name.clone(),
            signer_id: content.signer.to_string().into(),
            signed_content: row.signed.bytes().to_owned(),
            follows: content.follows.clone(),
            pdf_sha256: row.document.as_ref().map(|document| document.sha256.clone()),
            sha256: row.signed.sha256().to_owned(),
            pdf_url: row.document.is_some().then(|| format!("/reports/{}/pdf", row.id)),
        }
    }
}

impl From<KeyImageRow> for KeyImage {
    fn from(row: KeyImageRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            sop_instance_uid: row.image.sop_instance_uid,
            series_instance_uid: row.image.series_instance_uid,
            frame: row.image.frame,
            window_center: row.image.window_center,
            window_width: row.image.window_width,
            note: row.image.note,
        }
    }
}

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            channel: row.channel.into(),
            recipient: row.recipient,
            state: row.state.into(),
            queued_at: row.queued_at,
            delivered_at: row.delivered_at,
            acknowledged_at: row.acknowledged_at,
            last_error: row.last_error,
        }
    }
}
