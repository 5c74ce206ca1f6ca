use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "called_title")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub title: String,
    pub owner_id: Uuid,
    pub facility_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
