//! What was derived from the originals: viewing renditions and thumbnails.
//!
//! **Invariant:** an instance has at most one rendition row for each codec version; the row says where
//! the frames lie, or why the original serves.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use chrono::{DateTime, Utc};
use domain::{InstanceId, SeriesId, StudyId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    InstanceRow, RenditionState, StoreError, StoredThumbnail, TenantRead, TenantTx,
    archive::with_object_key,
    entity::{instance, rendition, series},
    tenant::one_row,
};

const READY: &str = "READY";
const ORIGINAL: &str = "ORIGINAL";
const UNAVAILABLE: &str = "UNAVAILABLE";

/// What became of an instance's rendition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenditionRecord {
    /// It was made and verified.
    Ready(ReadyRendition),
    /// The viewer takes the original as it is.
    Original {
        /// Why nothing was made.
        reason: String,
    },
    /// It could not be made; the original serves.
    Unavailable {
        /// Why, free of patient data.
        reason: String,
    },
}

/// What is to be recorded about one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRendition {
    /// The row to make.
    pub id: Uuid,
    /// Which instance.
    pub instance: InstanceId,
    /// What became of it.
    pub record: RenditionRecord,
}

/// A viewing rendition: one object, the codestreams of its frames one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyRendition {
    /// The transfer syntax of its frames.
    pub transfer_syntax_uid: String,
    /// The object that holds them.
    pub object_key: String,
    /// `dicom::ChunkSums` of that object as a blob.
    pub chunk_sums: Vec<u8>,
    /// How many bytes each frame has, in order.
    pub frame_lengths: Vec<u32>,
}

impl ReadyRendition {
    /// Where frame `number`, from 1, lies in the object.
    pub fn frame(&self, number: u32) -> Option<Range<u64>> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        let length = u64::from(*self.frame_lengths.get(index)?);
        let offset: u64 = self.frame_lengths[..index].iter().copied().map(u64::from).sum();
        Some(offset..offset + length)
    }

    /// The size of the object.
    pub fn stored_bytes(&self) -> u64 {
        self.frame_lengths.iter().copied().map(u64::from).sum()
    }
}

impl TenantRead {
    /// The ready renditions of these instances made by codec `version`.
    pub async fn ready_renditions(
        &self,
        instances: &[InstanceId],
        version: i32,
    ) -> Result<HashMap<InstanceId, ReadyRendition>, StoreError> {
        let mut found = HashMap::with_capacity(instances.len());
        for some in instances.chunks(crate::archive::VALUES_PER_STATEMENT) {
            let rows = self
                .find::<rendition::Entity>()
                .filter(rendition::Column::InstanceId.is_in(some.iter().map(|id| id.uuid())))
                .filter(rendition::Column::CodecVersion.eq(version))
                .filter(rendition::Column::State.eq(READY))
                .all(&self.conn)
                .await?;
            for row in rows {
                found.insert(InstanceId::from_uuid(row.instance_id), ready(row)?);
            }
        }
        Ok(found)
    }

    /// Images of a study about which codec `version` has not said anything yet: at most `limit`, in the order of
    /// their ids, after the one named.
    pub async fn images_without_rendition(
        &self,
        study: StudyId,
        version: i32,
        after: Option<InstanceId>,
        limit: u64,
    ) -> Result<Vec<InstanceRow>, StoreError> {
        let mut query = self
            .find::<instance::Entity>()
            .filter(instance::Column::StudyId.eq(study.uuid()))
            .filter(instance::Column::HasPixels.eq(true))
            .filter(lacks_rendition(version))
            .order_by_asc(instance::Column::Id)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(instance::Column::Id.gt(after.uuid()));
        }
        let rows = with_object_key(query).all(&self.conn).await?;
        Ok(rows.into_iter().map(InstanceRow::from).collect())
    }

    /// The image in the middle of a series, by instance number.
    pub async fn middle_image(&self, series: SeriesId) -> Result<Option<InstanceRow>, StoreError> {
        let images = self
            .find::<instance::Entity>()
            .filter(instance::Column::SeriesId.eq(series.uuid()))
            .filter(instance::Column::HasPixels.eq(true));
        let count = images.clone().count(&self.conn).await?;
        let query = images
            .order_by_asc(instance::Column::InstanceNumber)
            .order_by_asc(instance::Column::Id)
            .offset(count / 2)
            .limit(1);
        Ok(with_object_key(query)
            .one(&self.conn)
            .await?
            .map(InstanceRow::from))
    }

    async fn series_with_images(
        &self,
        study: StudyId,
        which: SimpleExpr,
    ) -> Result<HashSet<Uuid>, StoreError> {
        let rows: Vec<Uuid> = self
            .find::<instance::Entity>()
            .filter(instance::Column::StudyId.eq(study.uuid()))
            .filter(instance::Column::HasPixels.eq(true))
            .filter(which)
            .select_only()
            .column(instance::Column::SeriesId)
            .distinct()
            .into_tuple()
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().collect())
    }
}

impl TenantTx {
    /// Records what codec `version` made of instances. What is recorded of one already stays.
    pub async fn record_renditions(
        &mut self,
        version: i32,
        records: &[NewRendition],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let ids: Vec<_> = records.iter().map(|new| new.instance.uuid()).collect();
        let there: HashSet<Uuid> = self
            .find_in_trash_too::<instance::Entity>()
            .select_only()
            .column(instance::Column::Id)
            .filter(instance::Column::Id.is_in(ids))
            .into_tuple()
            .all(&self.conn)
            .await?
            .into_iter()
            .collect();
        if there.is_empty() {
            return Ok(());
        }
        let alive = records.iter().filter(|new| there.contains(&new.instance.uuid()));
        let rows = alive.map(|new| {
            let (state, reason, made) = match &new.record {
                RenditionRecord::Ready(made) => (READY, None, Some(made)),
                RenditionRecord::Original { reason } => (ORIGINAL, Some(reason.clone()), None),
                RenditionRecord::Unavailable { reason } => (UNAVAILABLE, Some(reason.clone()), None),
            };
            rendition::ActiveModel {
                id: Set(new.id),
                tenant_id: Set(self.tenant().uuid()),
                instance_id: Set(new.instance.uuid()),
                codec_version: Set(version),
                state: Set(state.to_owned()),
                reason: Set(reason),
                transfer_syntax_uid: Set(made.map(|made| made.transfer_syntax_uid.clone())),
                object_key: Set(made.map(|made| made.object_key.clone())),
                stored_bytes: Set(made.map_or(0, ReadyRendition::stored_bytes).cast_signed()),
                chunk_sums: Set(made.map(|made| made.chunk_sums.clone())),
                frame_lengths: Set(made.map(|made| to_leb128(&made.frame_lengths))),
                created_at: Set(now),
            }
        });
        self.insert_many::<rendition::Entity, _>(rows)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Brings the rendition state of a study's series up to date with what codec `version` recorded. Whether any
    /// changed.
    pub async fn refresh_rendition_states(
        &mut self,
        study: StudyId,
        version: i32,
    ) -> Result<bool, StoreError> {
        let missing = self.series_with_images(study, lacks_rendition(version)).await?;
        let failed = self.series_with_images(study, failed_rendition(version)).await?;
        let mut changed: HashMap<&str, Vec<Uuid>> = HashMap::new();
        for row in self.series_of_studies(&[study]).await? {
            let id = row.id.uuid();
            let state = match (missing.contains(&id), failed.contains(&id)) {
                (true, _) => RenditionState::Pending,
                (false, true) => RenditionState::Unavailable,
                (false, false) => RenditionState::Ready,
            };
            if row.rendition_state != state {
                changed.entry(state.as_str()).or_default().push(id);
            }
        }
        for (state, series) in &changed {
            for some in series.chunks(crate::archive::VALUES_PER_STATEMENT) {
                self.update::<series::Entity>()
                    .filter(series::Column::Id.is_in(some.iter().copied()))
                    .set(series::ActiveModel {
                        rendition_state: Set((*state).to_owned()),
                        ..Default::default()
                    })
                    .exec(&self.conn)
                    .await?;
            }
        }
        Ok(!changed.is_empty())
    }

    /// Forgets what codec `version` made of an instance, so that it is made again. Gives the key of the object
    /// that nothing refers to any more.
    pub async fn remove_rendition(
        &mut self,
        instance: InstanceId,
        version: i32,
    ) -> Result<Option<String>, StoreError> {
        let of_instance = || {
            Condition::all()
                .add(rendition::Column::InstanceId.eq(instance.uuid()))
                .add(rendition::Column::CodecVersion.eq(version))
        };
        let row = self
            .find::<rendition::Entity>()
            .filter(of_instance())
            .one(&self.conn)
            .await?;
        self.delete::<rendition::Entity>()
            .filter(of_instance())
            .exec(&self.conn)
            .await?;
        Ok(row.and_then(|row| row.object_key))
    }

    /// Names the thumbnail of a series, or none where none can be made.
    pub async fn set_thumbnail(
        &mut self,
        id: SeriesId,
        version: i32,
        thumbnail: Option<StoredThumbnail>,
    ) -> Result<(), StoreError> {
        let (object_key, bytes, sums) = match thumbnail {
            Some(made) => (
                Some(made.object_key),
                Some(made.stored_bytes.cast_signed()),
                Some(made.chunk_sums),
            ),
            None => (None, None, None),
        };
        let updated = self
            .update::<series::Entity>()
            .filter(series::Column::Id.eq(id.uuid()))
            .set(series::ActiveModel {
                thumbnail_key: Set(object_key),
                thumbnail_bytes: Set(bytes),
                thumbnail_sums: Set(sums),
                thumbnail_version: Set(Some(version)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("series", updated.rows_affected)
    }
}

fn lacks_rendition(version: i32) -> SimpleExpr {
    Expr::exists(renditions_of_the_instance(version)).not()
}

fn failed_rendition(version: i32) -> SimpleExpr {
    let failed = rendition::Column::State.eq(UNAVAILABLE);
    Expr::exists(renditions_of_the_instance(version).and_where(failed).take())
}

/// What codec `version` recorded about the instance of the query around it.
fn renditions_of_the_instance(version: i32) -> SelectStatement {
    let same = |of_rendition, of_instance| {
        Expr::col((rendition::Entity, of_rendition)).equals((instance::Entity, of_instance))
    };
    Query::select()
        .expr(Expr::value(1))
        .from(rendition::Entity)
        .and_where(same(rendition::Column::TenantId, instance::Column::TenantId))
        .and_where(same(rendition::Column::InstanceId, instance::Column::Id))
        .and_where(rendition::Column::CodecVersion.eq(version))
        .take()
}

fn ready(row: rendition::Model) -> Result<ReadyRendition, StoreError> {
    let inconsistent = |what| StoreError::Inconsistent {
        table: "rendition",
        id: row.id.to_string(),
        what,
    };
    let (Some(transfer_syntax_uid), Some(object_key), Some(chunk_sums), Some(lengths)) = (
        row.transfer_syntax_uid.clone(),
        row.object_key.clone(),
        row.chunk_sums.clone(),
        row.frame_lengths.as_deref(),
    ) else {
        return Err(inconsistent("a ready rendition has an object, sums and frames"));
    };
    let frame_lengths = from_leb128(lengths).ok_or_else(|| inconsistent("frame lengths are LEB128"))?;
    Ok(ReadyRendition {
        transfer_syntax_uid,
        object_key,
        chunk_sums,
        frame_lengths,
    })
}

fn to_leb128(numbers: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(numbers.len() * 3);
    for &number in numbers {
        let mut rest = number;
        while rest >= 0x80 {
            bytes.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
    }
    bytes
}

fn from_leb128(bytes: &[u8]) -> Option<Vec<u32>> {
    let mut numbers = Vec::new();
    let mut number = 0u32;
    let mut shift = 0;
    for &byte in bytes {
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            numbers.push(number);
            (number, shift) = (0, 0);
        } else {
            shift += 7;
        }
    }
    (shift == 0).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_lengths_survive_their_column() {
        let lengths = vec![0, 1, 127, 128, 16_383, 16_384, 1 << 28, u32::MAX];
        assert_eq!(from_leb128(&to_leb128(&lengths)), Some(lengths));
        assert_eq!(from_leb128(&[0x80]), None, "a cut number is no number");
        assert_eq!(
            from_leb128(&[0xff; 9]),
            None,
            "a number of more than 32 bits is none"
        );
    }

    #[test]
    fn a_frame_begins_where_the_one_before_it_ends() {
        let rendition = ReadyRendition {
            transfer_syntax_uid: "1.2.840.10008.1.2.4.202".to_owned(),
            object_key: String::new(),
            chunk_sums: Vec::new(),
            frame_lengths: vec![10, 20, 5],
        };
        assert_eq!(rendition.frame(0), None, "frames count from 1");
        assert_eq!(rendition.frame(1), Some(0..10));
        assert_eq!(rendition.frame(3), Some(30..35));
        assert_eq!(rendition.frame(4), None);
        assert_eq!(rendition.stored_bytes(), 35);
    }
}
