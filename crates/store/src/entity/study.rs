use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "study")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub facility_id: Uuid,
    pub patient_id: Uuid,
    pub patient_birth_date: Option<String>,
    pub study_instance_uid: String,
    pub accession_number: Option<String>,
    pub study_id: Option<String>,
    pub study_date: Option<String>,
    pub study_time: Option<String>,
    pub description: Option<String>,
    pub description_folded: Option<String>,
    pub referring_physician: Option<String>,
    pub referring_physician_folded: Option<String>,
    pub patient_age: Option<String>,
    pub body_part: Option<String>,
    pub timezone_offset: Option<String>,
    pub modalities: String,
    pub series_count: i32,
    pub instance_count: i32,
    pub stored_bytes: i64,
    pub representative_series_id: Option<Uuid>,
    pub created_at: DateTimeUtc,
    pub last_received_at: DateTimeUtc,
    pub completed_at: Option<DateTimeUtc>,
    pub deletion_id: Option<Uuid>,
    pub legal_hold: bool,
    pub tier: String,
    pub last_read_at: Option<DateTimeUtc>,
    pub recall_requested_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
