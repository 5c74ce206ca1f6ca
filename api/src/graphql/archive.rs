//! Patients, studies, series and the quarantine.
//!
//! **Invariant:** a list costs one query for each kind of row, however many rows there are: everything goes through
//! the request's loaders.

use app::archive::rows::{PatientRow, QuarantinedRow, SeriesRow, StudyRow};
use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use domain::StudyId;

use super::{
    CallerContext,
    archive_loader::{SeriesOf, loader, missing, slug},
    enums::{RenditionState, StudyAvailability},
    graphql_error,
};

/// A patient as one issuer knows them.
#[derive(Debug, Clone, SimpleObject)]
pub struct Patient {
    id: ID,
    /// For the screen: "Family, Given Middle".
    name: String,
    patient_id: String,
    /// Who issued the id; empty when the images do not say.
    issuer: String,
    /// `YYYYMMDD`.
    birth_date: Option<String>,
    sex: Option<String>,
    /// Such as "61 Y".
    age_at_study: Option<String>,
}

/// An imaging study.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Study {
    id: ID,
    study_instance_uid: String,
    accession_number: Option<String>,
    description: Option<String>,
    /// `YYYYMMDD`.
    study_date: Option<String>,
    /// `HHMMSS`, with a fraction where it was sent.
    study_time: Option<String>,
    modalities: Vec<String>,
    body_part: Option<String>,
    series_count: u32,
    instance_count: u32,
    bytes: f64,
    /// Whether a legal hold forbids to delete it.
    on_legal_hold: bool,
    /// Since when it is to come back from the slow store; null when nobody asked, or it is back.
    recall_requested_at: Option<DateTime<Utc>>,
    /// Of the representative series; needs the bearer token.
    thumbnail_url: Option<String>,
    #[graphql(skip)]
    row: StudyRow,
}

/// A series of a study.
#[derive(Debug, Clone, SimpleObject)]
pub struct Series {
    id: ID,
    series_instance_uid: String,
    modality: String,
    number: Option<i32>,
    description: Option<String>,
    body_part: Option<String>,
    instance_count: u32,
    /// Of its images, what there is to scroll through: a cine loop of one instance has many.
    frame_count: u32,
    /// Needs the bearer token. Null without images.
    thumbnail_url: Option<String>,
    rendition_state: RenditionState,
}

/// A file that was set aside because its UID is taken by another.
#[derive(Debug, Clone, SimpleObject)]
pub struct QuarantinedInstance {
    id: ID,
    sop_instance_uid: String,
    study_instance_uid: String,
    reason: String,
    received_at: DateTime<Utc>,
    facility: Option<String>,
    bytes: f64,
    sha256: String,
}

#[ComplexObject]
impl Study {
    /// How soon its images can be had.
    async fn availability(&self, ctx: &Context<'_>) -> Result<StudyAvailability> {
        Ok(ctx.app()?.availability(self.row.tier).into())
    }

    /// Its series, by number.
    async fn series(&self, ctx: &Context<'_>) -> Result<Vec<Series>> {
        let slug = slug(ctx).await?;
        let rows = loader(ctx)?
            .load_one(SeriesOf(self.row.id))
            .await?
            .unwrap_or_default();
        Ok(rows
            .into_iter()
            .map(|row| Series::of(row, &self.row, &slug))
            .collect())
    }
}

impl Study {
    /// The study of a row that refers to one.
    pub async fn load(ctx: &Context<'_>, id: StudyId) -> Result<Self> {
        let slug = slug(ctx).await?;
        Ok(Self::of(study_row(ctx, id).await?, &slug))
    }

    fn of(row: StudyRow, slug: &str) -> Self {
        let thumbnail_url = row
            .representative_series
            .map(|_| format!("/dicomweb/{slug}/studies/{}/thumbnail", row.study_instance_uid));
        Self {
            id: row.id.to_string().into(),
            study_instance_uid: row.study_instance_uid.clone(),
            accession_number: row.accession_number.clone(),
            description: row.description.clone(),
            study_date: row.study_date.clone(),
            study_time: row.study_time.clone(),
            modalities: row.modalities.clone(),
            body_part: row.body_part.clone(),
            series_count: row.series_count,
            instance_count: row.instance_count,
            bytes: row.stored_bytes as f64,
            on_legal_hold: row.legal_hold,
            recall_requested_at: row.recall_requested_at,
            thumbnail_url,
            row,
        }
    }
}

impl Series {
    fn of(row: SeriesRow, study: &StudyRow, slug: &str) -> Self {
        let address = format!(
            "studies/{}/series/{}",
            study.study_instance_uid, row.series_instance_uid
        );
        Self {
            id: row.id.to_string().into(),
            thumbnail_url: (row.image_count > 0).then(|| format!("/dicomweb/{slug}/{address}/thumbnail")),
            series_instance_uid: row.series_instance_uid,
            modality: row.modality,
            number: row.number,
            description: row.description,
            body_part: row.body_part,
            instance_count: row.instance_count,
            frame_count: row.frame_count,
            rendition_state: row.rendition_state.into(),
        }
    }
}

impl Patient {
    /// The patient of a study, as old as they were then.
    pub async fn load(ctx: &Context<'_>, study: StudyId) -> Result<Self> {
        let study = study_row(ctx, study).await?;
        let row = loader(ctx)?.load_one(study.patient).await?.ok_or_else(missing)?;
        Ok(Self::of(row, &study))
    }

    fn of(row: PatientRow, study: &StudyRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            name: dicom::PersonName::parse(&row.name).display(),
            age_at_study: app::archive::age_at_study(&row, study),
            patient_id: row.patient_id,
            issuer: if row.issuer == study.facility.to_string() {
                String::new()
            } else {
                row.issuer
            },
            birth_date: row.birth_date,
            sex: row.sex,
        }
    }
}

impl QuarantinedInstance {
    fn of(row: QuarantinedRow, facility: Option<String>) -> Self {
        Self {
            id: row.id.to_string().into(),
            sop_instance_uid: row.sop_instance_uid,
            study_instance_uid: row.study_instance_uid,
            reason: row.reason,
            received_at: row.received_at,
            facility,
            bytes: row.length as f64,
            sha256: row.sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

async fn study_row(ctx: &Context<'_>, id: StudyId) -> Result<StudyRow> {
    loader(ctx)?.load_one(id).await?.ok_or_else(missing)
}

/// What can be asked of the archive.
#[derive(Debug, Clone, Copy, Default)]
pub struct ArchiveQuery;

#[Object]
impl ArchiveQuery {
    /// Files that were set aside, newest first.
    async fn quarantine(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 100)] first: u32,
    ) -> Result<Vec<QuarantinedInstance>> {
        let rows = ctx
            .app()?
            .quarantine(ctx.actor()?, u64::from(first))
            .await
            .map_err(graphql_error)?;
        Ok(rows
            .into_iter()
            .map(|(row, facility)| QuarantinedInstance::of(row, facility))
            .collect())
    }
}
