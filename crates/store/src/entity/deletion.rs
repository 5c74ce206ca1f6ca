use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deletion")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub study_id: Uuid,
    pub study_instance_uid: String,
    pub series_id: Option<Uuid>,
    pub instance_id: Option<Uuid>,
    pub reason: String,
    pub deleted_by: String,
    pub deleted_by_name: String,
    pub deleted_at: DateTimeUtc,
    pub instance_count: i32,
    pub stored_bytes: i64,
    pub purge_at: DateTimeUtc,
    pub purging_at: Option<DateTimeUtc>,
    pub purged_at: Option<DateTimeUtc>,
    pub restored_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
