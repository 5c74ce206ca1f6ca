use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "legal_hold")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub study_id: Uuid,
    pub reason: String,
    pub placed_by: String,
    pub placed_by_name: String,
    pub placed_at: DateTimeUtc,
    pub lift_reason: Option<String>,
    pub lifted_by: Option<String>,
    pub lifted_by_name: Option<String>,
    pub lifted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
