use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rendition")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub instance_id: Uuid,
    pub codec_version: i32,
    pub state: String,
    pub reason: Option<String>,
    pub transfer_syntax_uid: Option<String>,
    pub object_key: Option<String>,
    pub stored_bytes: i64,
    pub chunk_sums: Option<Vec<u8>>,
    pub frame_lengths: Option<Vec<u8>>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
