use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dicom_node")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub facility_id: Uuid,
    pub name: String,
    pub called_title: String,
    pub peer_title: String,
    pub addresses: Json,
    pub certificates: Json,
    pub requires_tls: bool,
    pub rights: Json,
    pub takes_private_classes: bool,
    pub host: Option<String>,
    pub port: Option<i32>,
    pub uses_tls: bool,
    pub is_enabled: bool,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
