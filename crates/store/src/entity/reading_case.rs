use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reading_case")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub study_id: Uuid,
    pub patient_id: Uuid,
    pub facility_id: Uuid,
    pub state: String,
    pub priority: String,
    pub urgency: i16,
    pub protocol_flag: Option<String>,
    pub indication: Option<String>,
    pub modality: Option<String>,
    pub body_part: Option<String>,
    pub description: Option<String>,
    pub created_at: DateTimeUtc,
    pub ready_at: Option<DateTimeUtc>,
    pub received_count: i32,
    pub expected_count: Option<i32>,
    pub has_preliminary: bool,
    pub late_images: bool,
    pub worklist_rank: i64,
    pub deletion_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
