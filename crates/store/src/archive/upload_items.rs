//! The lines of a manifest: what was announced, and what became of it.
//!
//! **Invariant:** what is stored never becomes anything else in a receipt.

use std::collections::HashMap;

use domain::UploadId;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SimpleExpr},
};

use super::VALUES_PER_STATEMENT;
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{instance, upload_item},
};

/// What became of an announced instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemOutcome {
    /// It has not come.
    Missing,
    /// It is stored.
    Stored,
    /// It was stored before, byte for byte.
    Duplicate,
    /// It came and was refused.
    Refused,
}

impl ItemOutcome {
    const ALL: &'static [Self] = &[Self::Missing, Self::Stored, Self::Duplicate, Self::Refused];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "MISSING",
            Self::Stored => "STORED",
            Self::Duplicate => "DUPLICATE",
            Self::Refused => "REFUSED",
        }
    }

    /// The outcome of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|outcome| outcome.as_str() == name)
    }
}

/// One announced instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadItem {
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Series Instance UID.
    pub series_instance_uid: String,
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// The length the sender announced.
    pub announced_bytes: u64,
    /// What its bytes hash to, if the sender announced that.
    pub announced_sha256: Option<[u8; 32]>,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Why it was refused, or why it is missing although something came, as an error code.
    pub reason_code: Option<String>,
    /// The same in words.
    pub reason: Option<String>,
}

/// How an instance that came settles its line of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledItem {
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Why it is not stored: error code and words.
    pub reason: Option<(String, String)>,
}

/// How many announced instances of something stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ItemCounts {
    /// Not come.
    pub missing: u32,
    /// Stored by this upload.
    pub stored: u32,
    /// Stored before.
    pub duplicate: u32,
    /// Refused.
    pub refused: u32,
}

impl ItemCounts {
    /// All that were announced.
    pub fn expected(&self) -> u32 {
        self.missing + self.stored + self.duplicate + self.refused
    }

    /// Counts `count` more of an outcome.
    pub fn add(&mut self, outcome: ItemOutcome, count: u32) {
        match outcome {
            ItemOutcome::Missing => self.missing += count,
            ItemOutcome::Stored => self.stored += count,
            ItemOutcome::Duplicate => self.duplicate += count,
            ItemOutcome::Refused => self.refused += count,
        }
    }
}

impl TenantRead {
    /// The next lines of an upload's manifest, by UID: at most `limit` after the UID `after`.
    pub async fn upload_items(
        &self,
        upload: UploadId,
        after: &str,
        limit: u64,
    ) -> Result<Vec<UploadItem>, StoreError> {
        let rows = self
            .find::<upload_item::Entity>()
            .filter(upload_item::Column::UploadId.eq(upload.uuid()))
            .filter(upload_item::Column::SopInstanceUid.gt(after))
            .order_by_asc(upload_item::Column::SopInstanceUid)
            .limit(limit)
            .all(&self.conn)
            .await?;
        rows.into_iter().map(UploadItem::try_from).collect()
    }

    /// The lines of an upload's manifest that name these instances.
    pub async fn announced(
        &self,
        upload: UploadId,
        uids: &[&str],
    ) -> Result<HashMap<String, UploadItem>, StoreError> {
        let mut found = HashMap::with_capacity(uids.len());
        for uids in uids.chunks(VALUES_PER_STATEMENT) {
            let rows = self
                .find::<upload_item::Entity>()
                .filter(upload_item::Column::UploadId.eq(upload.uuid()))
                .filter(upload_item::Column::SopInstanceUid.is_in(uids.iter().copied()))
                .all(&self.conn)
                .await?;
            for row in rows {
                found.insert(row.sop_instance_uid.clone(), UploadItem::try_from(row)?);
            }
        }
        Ok(found)
    }

    /// How an upload stands.
    pub async fn upload_counts(&self, upload: UploadId) -> Result<ItemCounts, StoreError> {
        self.count_items(
            self.find::<upload_item::Entity>()
                .filter(upload_item::Column::UploadId.eq(upload.uuid())),
        )
        .await
    }

    /// How the announced instances of a study stand, over all uploads that announced some. What is stored by now,
    /// whichever way it came, is neither missing nor refused.
    pub async fn study_item_counts(&self, study_instance_uid: &str) -> Result<ItemCounts, StoreError> {
        let came = [ItemOutcome::Stored, ItemOutcome::Duplicate].map(ItemOutcome::as_str);
        self.count_items(
            self.find::<upload_item::Entity>()
                .filter(upload_item::Column::StudyInstanceUid.eq(study_instance_uid))
                .filter(upload_item::Column::Outcome.is_in(came).or(is_stored().not())),
        )
        .await
    }

    async fn count_items(
        &self,
        items: sea_orm::Select<upload_item::Entity>,
    ) -> Result<ItemCounts, StoreError> {
        let rows: Vec<(String, i64)> = items
            .select_only()
            .column(upload_item::Column::Outcome)
            .column_as(
                Expr::col((upload_item::Entity, upload_item::Column::SopInstanceUid)).count_distinct(),
                "items",
            )
            .group_by(upload_item::Column::Outcome)
            .into_tuple()
            .all(&self.conn)
            .await?;
        let mut counts = ItemCounts::default();
        for (outcome, items) in rows {
            counts.add(known_outcome(&outcome)?, u32::try_from(items).unwrap_or(u32::MAX));
        }
        Ok(counts)
    }
}

impl TenantTx {
    /// Adds lines to an upload's manifest. No UID may stand twice in it.
    pub async fn announce_items(
        &mut self,
        upload: UploadId,
        items: Vec<UploadItem>,
    ) -> Result<(), StoreError> {
        let tenant_id = self.tenant().uuid();
        let mut items = items.into_iter();
        loop {
            let rows: Vec<_> = items
                .by_ref()
                .take(VALUES_PER_STATEMENT)
                .map(|item| upload_item::ActiveModel {
                    tenant_id: Set(tenant_id),
                    upload_id: Set(upload.uuid()),
                    sop_instance_uid: Set(item.sop_instance_uid),
                    series_instance_uid: Set(item.series_instance_uid),
                    study_instance_uid: Set(item.study_instance_uid),
                    announced_bytes: Set(i64::try_from(item.announced_bytes).unwrap_or(i64::MAX)),
                    announced_sha256: Set(item.announced_sha256.map(|hash| hash.to_vec())),
                    outcome: Set(item.outcome.as_str().to_owned()),
                    reason_code: Set(item.reason_code),
                    reason: Set(item.reason),
                })
                .collect();
            if rows.is_empty() {
                return Ok(());
            }
            self.insert_many::<upload_item::Entity, _>(rows)
                .exec_without_returning(&self.conn)
                .await?;
        }
    }

    /// Writes what became of announced instances. What is stored never becomes anything else.
    pub async fn settle_items(
        &mut self,
        upload: UploadId,
        settled: &[SettledItem],
    ) -> Result<(), StoreError> {
        for outcome in [ItemOutcome::Stored, ItemOutcome::Duplicate] {
            let uids: Vec<&str> = settled
                .iter()
                .filter(|item| item.outcome == outcome)
                .map(|item| item.sop_instance_uid.as_str())
                .collect();
            for uids in uids.chunks(VALUES_PER_STATEMENT) {
                self.settle_uids(upload, uids, outcome, None).await?;
            }
        }
        let with_reason = [ItemOutcome::Missing, ItemOutcome::Refused];
        for item in settled.iter().filter(|item| with_reason.contains(&item.outcome)) {
            let uid = item.sop_instance_uid.as_str();
            self.settle_uids(upload, &[uid], item.outcome, item.reason.as_ref())
                .await?;
        }
        Ok(())
    }

    async fn settle_uids(
        &self,
        upload: UploadId,
        uids: &[&str],
        outcome: ItemOutcome,
        reason: Option<&(String, String)>,
    ) -> Result<(), StoreError> {
        self.update::<upload_item::Entity>()
            .filter(upload_item::Column::UploadId.eq(upload.uuid()))
            .filter(upload_item::Column::SopInstanceUid.is_in(uids.iter().copied()))
            .filter(upload_item::Column::Outcome.is_not_in(unsettling(outcome).map(ItemOutcome::as_str)))
            .set(upload_item::ActiveModel {
                outcome: Set(outcome.as_str().to_owned()),
                reason_code: Set(reason.map(|(code, _)| code.clone())),
                reason: Set(reason.map(|(_, words)| words.clone())),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(())
    }
}

/// The outcomes that an instance does not leave for this one.
fn unsettling(outcome: ItemOutcome) -> [ItemOutcome; 2] {
    match outcome {
        ItemOutcome::Stored | ItemOutcome::Duplicate => [ItemOutcome::Stored; 2],
        ItemOutcome::Missing | ItemOutcome::Refused => [ItemOutcome::Stored, ItemOutcome::Duplicate],
    }
}

/// Whether the instance an item announces is stored.
fn is_stored() -> SimpleExpr {
    let same = |of_instance, of_item| {
        Expr::col((instance::Entity, of_instance)).equals((upload_item::Entity, of_item))
    };
    let stored = Query::select()
        .expr(Expr::value(1))
        .from(instance::Entity)
        .and_where(same(instance::Column::TenantId, upload_item::Column::TenantId))
        .and_where(same(
            instance::Column::SopInstanceUid,
            upload_item::Column::SopInstanceUid,
        ))
        .and_where(instance::Column::DeletionId.is_null())
        .take();
    Expr::exists(stored)
}

fn known_outcome(name: &str) -> Result<ItemOutcome, StoreError> {
    ItemOutcome::from_name(name).ok_or_else(|| StoreError::Inconsistent {
        table: "upload_item",
        id: name.to_owned(),
        what: "the outcome is known",
    })
}

impl TryFrom<upload_item::Model> for UploadItem {
    type Error = StoreError;

    fn try_from(row: upload_item::Model) -> Result<Self, StoreError> {
        Ok(Self {
            outcome: known_outcome(&row.outcome)?,
            sop_instance_uid: row.sop_instance_uid,
            series_instance_uid: row.series_instance_uid,
            study_instance_uid: row.study_instance_uid,
            announced_bytes: row.announced_bytes.unsigned_abs(),
            announced_sha256: row.announced_sha256.and_then(|hash| hash.try_into().ok()),
            reason_code: row.reason_code,
            reason: row.reason,
        })
    }
}
