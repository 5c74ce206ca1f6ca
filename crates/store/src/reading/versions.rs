//! Signed versions and the documents made of them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{CaseId, ReportVersionId, report::SignedReport};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder};

use super::{EachCase, column};
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{report_document, report_version},
};

/// A signed version.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionRow {
    /// Its id.
    pub id: ReportVersionId,
    /// What was signed; the bytes have been checked against their hash.
    pub signed: SignedReport,
    /// The document, once it is made.
    pub document: Option<DocumentRow>,
}

/// A version as a document in the object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// The version.
    pub version: ReportVersionId,
    /// The object.
    pub object_key: String,
    /// Its length in bytes.
    pub byte_length: u64,
    /// Its SHA-256, hex.
    pub sha256: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

impl TenantRead {
    /// The signed versions of one case's report, oldest first.
    pub async fn report_versions(&self, case: CaseId) -> Result<Vec<VersionRow>, StoreError> {
        let mut versions = self.versions_of_cases(&[case]).await?;
        versions.remove(&case).unwrap_or(Ok(Vec::new()))
    }

    /// The signed versions of these cases' reports, oldest first in each case. A version that is not what
    /// was signed costs only its own case.
    pub async fn versions_of_cases(&self, cases: &[CaseId]) -> Result<EachCase<Vec<VersionRow>>, StoreError> {
        let rows = self
            .find::<report_version::Entity>()
            .filter(report_version::Column::CaseId.is_in(cases.iter().map(|case| case.uuid())))
            .order_by_asc(report_version::Column::CaseId)
            .order_by_asc(report_version::Column::Number)
            .all(&self.conn)
            .await?;
        let mut each = EachCase::new();
        for (case, version) in self.with_documents(rows).await? {
            let versions = each.entry(case).or_insert_with(|| Ok(Vec::new()));
            match (versions, version) {
                (Ok(versions), Ok(version)) => versions.push(version),
                (broken @ Ok(_), Err(error)) => *broken = Err(error),
                (Err(_), _) => {}
            }
        }
        Ok(each)
    }

    /// One signed version.
    pub async fn report_version(&self, id: ReportVersionId) -> Result<Option<VersionRow>, StoreError> {
        let rows = self
            .find::<report_version::Entity>()
            .filter(report_version::Column::Id.eq(id.uuid()))
            .all(&self.conn)
            .await?;
        let version = self.with_documents(rows).await?.pop();
        version.map(|(_, version)| version).transpose()
    }

    async fn with_documents(
        &self,
        rows: Vec<report_version::Model>,
    ) -> Result<Vec<(CaseId, Result<VersionRow, StoreError>)>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let documents = self
            .find::<report_document::Entity>()
            .filter(report_document::Column::VersionId.is_in(rows.iter().map(|row| row.id)))
            .all(&self.conn)
            .await?;
        let mut documents: HashMap<_, _> = documents
            .into_iter()
            .map(|row| (row.version_id, DocumentRow::from(row)))
            .collect();
        Ok(rows
            .into_iter()
            .map(|row| {
                let document = documents.remove(&row.id);
                (CaseId::from_uuid(row.case_id), read(row, document))
            })
            .collect())
    }
}

fn read(row: report_version::Model, document: Option<DocumentRow>) -> Result<VersionRow, StoreError> {
    let signed =
        SignedReport::from_stored(row.content, row.sha256).map_err(|_tampered| StoreError::Inconsistent {
            table: "report_version",
            id: row.id.to_string(),
            what: "the signed bytes have the signed hash",
        })?;
    Ok(VersionRow {
        id: ReportVersionId::from_uuid(row.id),
        signed,
        document,
    })
}

impl TenantTx {
    /// Keeps a signed version for good.
    pub async fn insert_report_version(
        &self,
        id: ReportVersionId,
        signed: &SignedReport,
    ) -> Result<(), StoreError> {
        let content = signed.content();
        let row = report_version::ActiveModel {
            id: Set(id.uuid()),
            report_id: Set(content.report.uuid()),
            case_id: Set(content.case.uuid()),
            number: Set(column(content.number)),
            kind: Set(content.kind.as_str().to_owned()),
            content: Set(signed.bytes().to_owned()),
            sha256: Set(signed.sha256().to_owned()),
            signed_by: Set(content.signer.uuid()),
            signed_at: Set(content.signed_at),
            ..Default::default()
        };
        self.insert::<report_version::Entity>(row)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Keeps where a version's document lies. A version has one document, so the second of two runs of
    /// the same job meets a unique key.
    pub async fn insert_report_document(&self, document: &DocumentRow) -> Result<(), StoreError> {
        let row = report_document::ActiveModel {
            version_id: Set(document.version.uuid()),
            object_key: Set(document.object_key.clone()),
            byte_length: Set(i64::try_from(document.byte_length).unwrap_or(i64::MAX)),
            sha256: Set(document.sha256.clone()),
            made_at: Set(document.made_at),
            ..Default::default()
        };
        self.insert::<report_document::Entity>(row)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }
}

impl From<report_document::Model> for DocumentRow {
    fn from(row: report_document::Model) -> Self {
        Self {
            version: ReportVersionId::from_uuid(row.version_id),
            object_key: row.object_key,
            byte_length: row.byte_length.unsigned_abs(),
            sha256: row.sha256,
            made_at: row.made_at,
        }
    }
}
