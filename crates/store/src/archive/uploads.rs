//! Announced uploads: their manifests and receipts.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    FacilityId, UploadId,
    reading_case::{Priority, ProtocolFlag},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict, Query, SimpleExpr},
};
use uuid::Uuid;

use super::VALUES_PER_STATEMENT;
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{instance, upload, upload_item, upload_refused_file},
    tenant::one_row,
};

/// Whether more is expected of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadState {
    /// The sender may still send.
    Open,
    /// Everything came, or the sender said that nothing more will.
    Complete,
}

impl UploadState {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Complete => "COMPLETE",
        }
    }
}

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

/// An announced upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRow {
    /// Its id.
    pub id: UploadId,
    /// For whom it is sent.
    pub facility: FacilityId,
    /// The wire id of the user or key that announced it.
    pub announced_by: String,
    /// Whether more is expected.
    pub state: UploadState,
    /// How urgent its studies are.
    pub priority: Priority,
    /// The protocol its studies fall under.
    pub protocol_flag: Option<ProtocolFlag>,
    /// Why the examination was made, in the sender's words.
    pub indication: Option<String>,
    /// When it was announced.
    pub created_at: DateTime<Utc>,
    /// When it became complete.
    pub finished_at: Option<DateTime<Utc>>,
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
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Why it was refused, as an error code.
    pub reason_code: Option<String>,
    /// Why it was refused, in words.
    pub reason: Option<String>,
}

/// A file of an upload that is no instance of its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedFile {
    /// What the sender calls it, or the UID it has.
    pub name: String,
    /// Why, as an error code, when it was refused here.
    pub reason_code: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// What its bytes hash to, when it was sent.
    pub sha256: Option<[u8; 32]>,
}

/// How an instance that came settles its line of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledItem {
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Why it was refused: error code and words.
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
    /// One upload.
    pub async fn upload(&self, id: UploadId) -> Result<Option<UploadRow>, StoreError> {
        let row = self
            .find::<upload::Entity>()
            .filter(upload::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        row.map(UploadRow::try_from).transpose()
    }

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

    /// The next files of an upload that are no instances of its manifest, each with its row's id, in the order
    /// they were noted: at most `limit` after the row `after`.
    pub async fn refused_files(
        &self,
        upload: UploadId,
        after: Uuid,
        limit: u64,
    ) -> Result<Vec<(Uuid, RefusedFile)>, StoreError> {
        let rows = self
            .find::<upload_refused_file::Entity>()
            .filter(upload_refused_file::Column::UploadId.eq(upload.uuid()))
            .filter(upload_refused_file::Column::Id.gt(after))
            .order_by_asc(upload_refused_file::Column::Id)
            .limit(limit)
            .all(&self.conn)
            .await?;
        let file = |row: upload_refused_file::Model| {
            let file = RefusedFile {
                name: row.name,
                reason_code: row.reason_code,
                reason: row.reason,
                sha256: row.sha256.and_then(|hash| hash.try_into().ok()),
            };
            (row.id, file)
        };
        Ok(rows.into_iter().map(file).collect())
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

    /// The newest upload that announced instances of a study.
    pub async fn newest_upload_of_study(
        &self,
        study_instance_uid: &str,
    ) -> Result<Option<UploadRow>, StoreError> {
        let item = self
            .find::<upload_item::Entity>()
            .filter(upload_item::Column::StudyInstanceUid.eq(study_instance_uid))
            .order_by_desc(upload_item::Column::UploadId)
            .one(&self.conn)
            .await?;
        match item {
            Some(item) => self.upload(UploadId::from_uuid(item.upload_id)).await,
            None => Ok(None),
        }
    }

    /// The Study Instance UIDs an upload announced.
    pub async fn studies_of_upload(&self, upload: UploadId) -> Result<Vec<String>, StoreError> {
        Ok(self
            .find::<upload_item::Entity>()
            .filter(upload_item::Column::UploadId.eq(upload.uuid()))
            .select_only()
            .column(upload_item::Column::StudyInstanceUid)
            .distinct()
            .into_tuple()
            .all(&self.conn)
            .await?)
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
    /// Records an announced upload; its manifest follows with [`TenantTx::announce_items`].
    pub async fn add_upload(&mut self, new: &UploadRow) -> Result<(), StoreError> {
        let row = upload::ActiveModel {
            id: Set(new.id.uuid()),
            tenant_id: Set(self.tenant().uuid()),
            facility_id: Set(new.facility.uuid()),
            announced_by: Set(new.announced_by.clone()),
            state: Set(new.state.as_str().to_owned()),
            priority: Set(new.priority.as_str().to_owned()),
            protocol_flag: Set(new.protocol_flag.map(|flag| flag.as_str().to_owned())),
            indication: Set(new.indication.clone()),
            created_at: Set(new.created_at),
            finished_at: Set(new.finished_at),
        };
        self.insert::<upload::Entity>(row)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

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

    /// Notes files of an upload that are no instances of its manifest; one that was noted already, byte for
    /// byte, stands once. `ids` gives each row its id.
    pub async fn note_refused_files(
        &mut self,
        upload: UploadId,
        files: Vec<(Uuid, RefusedFile)>,
    ) -> Result<(), StoreError> {
        let tenant_id = self.tenant().uuid();
        let mut files = files.into_iter();
        loop {
            let rows: Vec<_> = files
                .by_ref()
                .take(VALUES_PER_STATEMENT)
                .map(|(id, file)| upload_refused_file::ActiveModel {
                    id: Set(id),
                    tenant_id: Set(tenant_id),
                    upload_id: Set(upload.uuid()),
                    name: Set(file.name),
                    reason_code: Set(file.reason_code),
                    reason: Set(file.reason),
                    sha256: Set(file.sha256.map(|hash| hash.to_vec())),
                })
                .collect();
            if rows.is_empty() {
                return Ok(());
            }
            self.insert_many::<upload_refused_file::Entity, _>(rows)
                .on_conflict(OnConflict::new().do_nothing().to_owned())
                .exec_without_returning(&self.conn)
                .await?;
        }
    }

    /// Writes what became of announced instances. A stored one never becomes anything else.
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
        for item in settled.iter().filter(|item| item.outcome == ItemOutcome::Refused) {
            self.settle_uids(
                upload,
                &[&item.sop_instance_uid],
                ItemOutcome::Refused,
                item.reason.as_ref(),
            )
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
            .filter(upload_item::Column::Outcome.ne(ItemOutcome::Stored.as_str()))
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

    /// Nothing more is expected of an upload.
    pub async fn complete_upload(&mut self, upload: UploadId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let updated = self
            .update::<upload::Entity>()
            .filter(upload::Column::Id.eq(upload.uuid()))
            .set(upload::ActiveModel {
                state: Set(UploadState::Complete.as_str().to_owned()),
                finished_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("upload", updated.rows_affected)
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

impl TryFrom<upload::Model> for UploadRow {
    type Error = StoreError;

    fn try_from(row: upload::Model) -> Result<Self, StoreError> {
        let broken = |what| StoreError::Inconsistent {
            table: "upload",
            id: row.id.to_string(),
            what,
        };
        let state = match row.state.as_str() {
            "OPEN" => UploadState::Open,
            "COMPLETE" => UploadState::Complete,
            _ => return Err(broken("the state is known")),
        };
        let protocol_flag = match row.protocol_flag.as_deref() {
            None => None,
            Some(name) => {
                Some(ProtocolFlag::from_name(name).ok_or_else(|| broken("the protocol flag is known"))?)
            }
        };
        Ok(Self {
            id: UploadId::from_uuid(row.id),
            facility: FacilityId::from_uuid(row.facility_id),
            state,
            priority: Priority::from_name(&row.priority).ok_or_else(|| broken("the priority is known"))?,
            protocol_flag,
            announced_by: row.announced_by,
            indication: row.indication,
            created_at: row.created_at,
            finished_at: row.finished_at,
        })
    }
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
            reason_code: row.reason_code,
            reason: row.reason,
        })
    }
}
