//! Announced uploads, and the files of them that are no instances of their manifests.

use chrono::{DateTime, Utc};
use domain::{
    FacilityId, UploadId,
    reading_case::{Priority, ProtocolFlag},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict};
use uuid::Uuid;

use super::VALUES_PER_STATEMENT;
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{upload, upload_item, upload_refused_file},
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
