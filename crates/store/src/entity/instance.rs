use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instance")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub study_id: Uuid,
    pub series_id: Uuid,
    pub sop_instance_uid: String,
    pub sop_class_uid: String,
    pub transfer_syntax_uid: String,
    pub instance_number: Option<i32>,
    pub pixel_rows: Option<i32>,
    pub pixel_columns: Option<i32>,
    pub bits_allocated: Option<i32>,
    pub number_of_frames: Option<i32>,
    pub has_pixels: bool,
    pub batch_object_id: Uuid,
    pub byte_offset: i64,
    pub byte_length: i64,
    pub sha256: Vec<u8>,
    pub has_preamble: bool,
    pub data_set_offset: i64,
    pub data_set_hash: Vec<u8>,
    pub chunk_sums: Vec<u8>,
    pub frame_index: Vec<u8>,
    pub remarks: Option<String>,
    pub received_at: DateTimeUtc,
    pub damaged_at: Option<DateTimeUtc>,
    pub deletion_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
