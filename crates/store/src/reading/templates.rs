//! Report templates.

use chrono::{DateTime, Utc};
use domain::{TemplateId, report::ReportTemplate};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder};

use crate::{StoreError, TenantRead, TenantTx, entity::report_template};

impl TenantRead {
    /// All templates by name.
    pub async fn report_templates(&self) -> Result<Vec<ReportTemplate>, StoreError> {
        let rows = self
            .find::<report_template::Entity>()
            .order_by_asc(report_template::Column::Name)
            .all(&self.conn)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// One template.
    pub async fn report_template(&self, id: TemplateId) -> Result<Option<ReportTemplate>, StoreError> {
        let row = self
            .find::<report_template::Entity>()
            .filter(report_template::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        row.map(read).transpose()
    }
}

impl TenantTx {
    /// Keeps new templates; `templates` is not empty.
    pub async fn insert_report_templates(
        &self,
        templates: &[ReportTemplate],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let rows = templates
            .iter()
            .map(|template| {
                let sections =
                    serde_json::to_value(&template.sections).map_err(|source| StoreError::Encode {
                        what: "report template",
                        source,
                    })?;
                Ok(report_template::ActiveModel {
                    id: Set(template.id.uuid()),
                    name: Set(template.name.clone()),
                    modality: Set(template.modality.clone()),
                    body_part: Set(template.body_part.clone()),
                    language: Set(template.language.clone()),
                    sections: Set(sections),
                    created_at: Set(now),
                    ..Default::default()
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        self.insert_many::<report_template::Entity, _>(rows)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }
}

fn read(row: report_template::Model) -> Result<ReportTemplate, StoreError> {
    let sections = serde_json::from_value(row.sections).map_err(|_unreadable| StoreError::Inconsistent {
        table: "report_template",
        id: row.id.to_string(),
        what: "a template has sections",
    })?;
    Ok(ReportTemplate {
        id: TemplateId::from_uuid(row.id),
        name: row.name,
        modality: row.modality,
        body_part: row.body_part,
        language: row.language,
        sections,
    })
}
