use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "series")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub study_id: Uuid,
    pub series_instance_uid: String,
    pub modality: String,
    pub series_number: Option<i32>,
    pub description: Option<String>,
    pub body_part: Option<String>,
    pub laterality: Option<String>,
    pub series_date: Option<String>,
    pub series_time: Option<String>,
    pub performed_date: Option<String>,
    pub performed_time: Option<String>,
    pub timezone_offset: Option<String>,
    pub protocol_name: Option<String>,
    pub station_name: Option<String>,
    pub manufacturer: Option<String>,
    pub instance_count: i32,
    pub image_count: i32,
    pub frame_count: i32,
    pub stored_bytes: i64,
    pub revision: i32,
    pub rendition_state: String,
    pub thumbnail_key: Option<String>,
    pub thumbnail_bytes: Option<i64>,
    pub thumbnail_sums: Option<Vec<u8>>,
    pub thumbnail_version: Option<i32>,
    pub created_at: DateTimeUtc,
    pub last_received_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
