//! What the rows promise beside originals, and whose an object is.
//!
//! **Invariant:** these queries see the trash, too: what can be restored has to be whole.

use std::collections::HashSet;

use domain::{InstanceId, ReportVersionId, SeriesId, StudyId, job::JobState};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::VALUES_PER_STATEMENT;
use crate::{
    StoreError, TenantRead,
    entity::{batch_object, instance, job, rendition, report_document, series},
};

/// A derived object or a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromisedObject<Id> {
    /// Where to go on from.
    pub cursor: Uuid,
    /// What it is of.
    pub of: Id,
    /// Its key.
    pub object_key: String,
    /// How many bytes it has.
    pub length: u64,
    /// What proves it: chunk sums of derived objects, the SHA-256 of documents.
    pub proof: Vec<u8>,
}

type RenditionRow = (Uuid, Uuid, Uuid, Option<String>, i64, Option<Vec<u8>>);

impl TenantRead {
    /// The next viewing renditions after the row `after`, each with the study of its instance.
    pub async fn renditions_after(
        &self,
        after: Uuid,
        limit: u64,
    ) -> Result<Vec<PromisedObject<(InstanceId, StudyId)>>, StoreError> {
        let rows: Vec<RenditionRow> = self
            .find::<rendition::Entity>()
            .join(
                JoinType::InnerJoin,
                rendition::Entity::belongs_to(instance::Entity)
                    .from(rendition::Column::InstanceId)
                    .to(instance::Column::Id)
                    .into(),
            )
            .filter(rendition::Column::Id.gt(after))
            .filter(rendition::Column::ObjectKey.is_not_null())
            .order_by_asc(rendition::Column::Id)
            .limit(limit)
            .select_only()
            .column(rendition::Column::Id)
            .column(rendition::Column::InstanceId)
            .column(instance::Column::StudyId)
            .column(rendition::Column::ObjectKey)
            .column(rendition::Column::StoredBytes)
            .column(rendition::Column::ChunkSums)
            .into_tuple()
            .all(&self.conn)
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, instance, study, key, bytes, sums)| PromisedObject {
                cursor: id,
                of: (InstanceId::from_uuid(instance), StudyId::from_uuid(study)),
                object_key: key.unwrap_or_default(),
                length: bytes.unsigned_abs(),
                proof: sums.unwrap_or_default(),
            })
            .collect())
    }

    /// The next thumbnails, of the series after `after`.
    pub async fn thumbnails_after(
        &self,
        after: Uuid,
        limit: u64,
    ) -> Result<Vec<PromisedObject<SeriesId>>, StoreError> {
        let rows = self
            .find_in_trash_too::<series::Entity>()
            .filter(series::Column::Id.gt(after))
            .filter(series::Column::ThumbnailKey.is_not_null())
            .order_by_asc(series::Column::Id)
            .limit(limit)
            .all(&self.conn)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| PromisedObject {
                cursor: row.id,
                of: SeriesId::from_uuid(row.id),
                object_key: row.thumbnail_key.unwrap_or_default(),
                length: row.thumbnail_bytes.unwrap_or_default().unsigned_abs(),
                proof: row.thumbnail_sums.unwrap_or_default(),
            })
            .collect())
    }

    /// The next documents of signed reports, of the versions after `after`.
    pub async fn documents_after(
        &self,
        after: Uuid,
        limit: u64,
    ) -> Result<Vec<PromisedObject<ReportVersionId>>, StoreError> {
        let rows = self
            .find::<report_document::Entity>()
            .filter(report_document::Column::VersionId.gt(after))
            .order_by_asc(report_document::Column::VersionId)
            .limit(limit)
            .all(&self.conn)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| PromisedObject {
                cursor: row.version_id,
                of: ReportVersionId::from_uuid(row.version_id),
                object_key: row.object_key,
                length: row.byte_length.unsigned_abs(),
                proof: row.sha256.into_bytes(),
            })
            .collect())
    }

    /// Which of these objects some row names.
    pub async fn named_objects(&self, keys: &[String]) -> Result<HashSet<String>, StoreError> {
        let mut known = HashSet::with_capacity(keys.len());
        for keys in keys.chunks(VALUES_PER_STATEMENT) {
            let these = || keys.iter().map(String::as_str);
            let batches: Vec<String> = self
                .find::<batch_object::Entity>()
                .filter(batch_object::Column::ObjectKey.is_in(these()))
                .select_only()
                .column(batch_object::Column::ObjectKey)
                .into_tuple()
                .all(&self.conn)
                .await?;
            let renditions: Vec<String> = self
                .find::<rendition::Entity>()
                .filter(rendition::Column::ObjectKey.is_in(these()))
                .select_only()
                .column(rendition::Column::ObjectKey)
                .into_tuple()
                .all(&self.conn)
                .await?;
            let thumbnails: Vec<String> = self
                .find_in_trash_too::<series::Entity>()
                .filter(series::Column::ThumbnailKey.is_in(these()))
                .select_only()
                .column(series::Column::ThumbnailKey)
                .into_tuple()
                .all(&self.conn)
                .await?;
            let documents: Vec<String> = self
                .find::<report_document::Entity>()
                .filter(report_document::Column::ObjectKey.is_in(these()))
                .select_only()
                .column(report_document::Column::ObjectKey)
                .into_tuple()
                .all(&self.conn)
                .await?;
            for found in [batches, renditions, thumbnails, documents] {
                known.extend(found);
            }
        }
        Ok(known)
    }

    /// Which of these objects some row names, or waits to be removed.
    pub async fn accounted_objects(&self, keys: &[String]) -> Result<HashSet<String>, StoreError> {
        let mut accounted = self.named_objects(keys).await?;
        let waiting = [JobState::Queued, JobState::Running].map(JobState::as_str);
        for keys in keys.chunks(VALUES_PER_STATEMENT) {
            // The key is what such a job is queued once for.
            let doomed: Vec<String> = self
                .find::<job::Entity>()
                .filter(job::Column::DedupeKey.is_in(keys.iter().map(String::as_str)))
                .filter(job::Column::State.is_in(waiting))
                .select_only()
                .column(job::Column::DedupeKey)
                .into_tuple()
                .all(&self.conn)
                .await?;
            accounted.extend(doomed);
        }
        Ok(accounted)
    }
}
