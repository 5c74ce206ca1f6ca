//! Looking at cases: the worklist, and what belongs to the cases of a page, each kind in one query.

use std::collections::HashMap;

use bytes::Bytes;
use domain::{
    Actor, CaseId, FacilityId, FacilityScope, PatientId, Permission, ReportVersionId, StudyId,
    audit::{AuditAction, AuditEvent},
    reading_case::{Claim, ReadingCase, WorkItemKind},
    report::Report,
    sla::{ClockEvent, SlaClock},
};
use sha2::{Digest as _, Sha256};
use store::{
    CaseRow, DeliveryRow, DocumentRow, EachCase, FacilityRow, KeyImageRow, Page, PatientRow, SeriesRow,
    StudyRow, VersionRow, WorklistFilter, WorklistPage,
};

use super::{deliveries::keep_cause_to_ourselves, key_images::signed_marks, open_case::clock_of};
use crate::{
    App, AppError,
    integrity::Subject,
    ports::{BlobError, ObjectKey},
};

/// Who reads a case at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The live claim.
    pub claim: Claim,
    /// The reader's name.
    pub name: String,
}

/// A report's document on its way to a client.
#[derive(Debug)]
pub struct OpenDocument {
    /// What it is.
    pub row: DocumentRow,
    /// Its bytes, whose hash is the row's.
    pub bytes: Bytes,
}

/// How a list is written down: the keys it was filtered by. What was typed into them may be a patient's name.
fn asked(filter: &WorklistFilter) -> String {
    let keys = [
        ("states", !filter.states.is_empty()),
        ("facility", filter.facility.is_some()),
        ("modality", filter.modality.is_some()),
        ("text", filter.text.is_some()),
        ("holder", filter.held_by.is_some()),
    ];
    let used: Vec<&str> = keys
        .iter()
        .filter(|(_, used)| *used)
        .map(|(key, _)| *key)
        .collect();
    match used.as_slice() {
        [] => "worklist".to_owned(),
        used => format!("worklist by {}", used.join(" ")),
    }
}

impl App {
    /// A page of the cases the actor may see, what breaches first on top.
    pub async fn worklist(
        &self,
        actor: &Actor,
        filter: &WorklistFilter,
        page: &Page,
    ) -> Result<WorklistPage, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let now = self.clock.now();
        let page = self
            .store
            .read(actor)
            .await?
            .worklist(filter, actor.facilities(), page, now)
            .await?;
        self.record_cases_shown(actor, &asked(filter), &page.rows).await?;
        Ok(page)
    }

    async fn record_cases_shown(&self, actor: &Actor, asked: &str, rows: &[CaseRow]) -> Result<(), AppError> {
        let shown: Vec<String> = rows.iter().map(|row| row.case.id.to_string()).collect();
        self.record_list_look(actor, AuditAction::CaseList, asked, &shown)
            .await
    }

    /// One case, opened.
    pub async fn case(&self, actor: &Actor, id: CaseId) -> Result<CaseRow, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let read = self.store.read(actor).await?;
        let mut found = read.cases_in_scope(&[id], actor.facilities()).await?;
        drop(read);
        let row = found.pop().ok_or(AppError::NotFound { what: "case" })?;
        self.record_case_look(actor, id).await?;
        Ok(row)
    }

    /// Those of these cases that the actor may see, as lists follow them.
    pub async fn cases(&self, actor: &Actor, ids: &[CaseId]) -> Result<Vec<CaseRow>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let read = self.store.read(actor).await?;
        let rows = read.cases_in_scope(ids, actor.facilities()).await?;
        drop(read);
        self.record_cases_shown(actor, "changes", &rows).await?;
        Ok(rows)
    }

    /// The facilities of cases.
    pub async fn facilities_of_cases(
        &self,
        actor: &Actor,
        ids: &[FacilityId],
    ) -> Result<Vec<FacilityRow>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let scope = FacilityScope::Only(ids.to_vec());
        Ok(self.store.read(actor).await?.facilities(&scope).await?)
    }

    /// The patients of cases.
    pub async fn patients_of_cases(
        &self,
        actor: &Actor,
        ids: &[PatientId],
    ) -> Result<Vec<PatientRow>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        Ok(self.store.read(actor).await?.patients(ids).await?)
    }

    /// The studies of cases.
    pub async fn studies_of_cases(&self, actor: &Actor, ids: &[StudyId]) -> Result<Vec<StudyRow>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        Ok(self.store.read(actor).await?.studies(ids).await?)
    }

    /// The series of cases' studies, by series number within each.
    pub async fn series_of_cases(&self, actor: &Actor, ids: &[StudyId]) -> Result<Vec<SeriesRow>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        Ok(self.store.read(actor).await?.series_of_studies(ids).await?)
    }

    /// The actor's tenant as addresses name it.
    pub async fn tenant_slug(&self, actor: &Actor) -> Result<String, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let tenant = self.store.read(actor).await?.tenant_row().await?;
        Ok(tenant.ok_or(AppError::NotFound { what: "tenant" })?.slug)
    }

    /// The clock ledgers of cases.
    pub async fn clock_ledgers(
        &self,
        actor: &Actor,
        ids: &[CaseId],
    ) -> Result<HashMap<CaseId, Vec<ClockEvent>>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        Ok(self.store.read(actor).await?.clock_events(ids).await?)
    }

    /// Who holds which of these cases now; a lapsed claim holds nothing.
    pub async fn holders(&self, actor: &Actor, ids: &[CaseId]) -> Result<HashMap<CaseId, Holder>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let now = self.clock.now();
        let read = self.store.read(actor).await?;
        let items = read.open_work_items(ids).await?;
        let live: Vec<(CaseId, Claim)> = items
            .into_iter()
            .filter(|item| item.kind != WorkItemKind::VerifyReport)
            .filter_map(|item| Some((item.case, item.claim.filter(|claim| claim.is_live(now))?)))
            .collect();
        let readers: Vec<_> = live.iter().map(|(_, claim)| claim.holder).collect();
        let names = read.user_names(&readers).await?;
        Ok(live
            .into_iter()
            .map(|(case, claim)| {
                let name = names.get(&claim.holder).cloned().unwrap_or_default();
                (case, Holder { claim, name })
            })
            .collect())
    }

    /// The reports of cases, drafts included: who may see a draft is decided where it is shown.
    pub async fn reports(&self, actor: &Actor, ids: &[CaseId]) -> Result<EachCase<Report>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        Ok(self.store.read(actor).await?.reports(ids).await?)
    }

    /// The signed versions of cases' reports, oldest first in each case.
    pub async fn report_versions(
        &self,
        actor: &Actor,
        ids: &[CaseId],
    ) -> Result<EachCase<Vec<VersionRow>>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        Ok(self.store.read(actor).await?.versions_of_cases(ids).await?)
    }

    /// The marked images of cases: to a case's reader as they are now, to everybody else as they were signed
    /// last. Like a draft, what a reader marks, words anew or takes away says nothing before the signature.
    pub async fn key_images(&self, actor: &Actor, ids: &[CaseId]) -> Result<Vec<KeyImageRow>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let held = self.holders(actor, ids).await?;
        let reads = |case: &CaseId| {
            held.get(case)
                .is_some_and(|holder| Some(holder.claim.holder) == actor.user())
        };
        let read = self.store.read(actor).await?;
        let versions = read.versions_of_cases(ids).await?;
        let marks = read.key_images(ids).await?;
        Ok(ids
            .iter()
            .flat_map(|case| {
                let marks: Vec<_> = marks.iter().filter(|mark| mark.case == *case).cloned().collect();
                match versions.get(case) {
                    _ if reads(case) => marks,
                    Some(Ok(versions)) => signed_marks(*case, versions, &marks),
                    Some(Err(_)) | None => Vec::new(),
                }
            })
            .collect())
    }

    /// The deliveries of cases. What stopped one is for those who see jobs, where it can be mended.
    pub async fn deliveries(&self, actor: &Actor, ids: &[CaseId]) -> Result<Vec<DeliveryRow>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let mut rows = self.store.read(actor).await?.deliveries(ids).await?;
        if !actor.may(Permission::ManageOperations) {
            rows.iter_mut().for_each(keep_cause_to_ourselves);
        }
        Ok(rows)
    }

    /// The document of a signed version; that it was fetched is audited.
    ///
    /// Errors: `NOT_FOUND`, also while it is being made; `OBJECT_DAMAGED`.
    pub async fn report_document(
        &self,
        actor: &Actor,
        version: ReportVersionId,
    ) -> Result<OpenDocument, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let missing = || AppError::NotFound {
            what: "report document",
        };
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let row = tx.report_version(version).await?.ok_or_else(missing)?;
        let case = row.signed.content().case;
        let visible = tx.cases_in_scope(&[case], actor.facilities()).await?;
        let document = row.document.filter(|_| !visible.is_empty()).ok_or_else(missing)?;
        tx.audit(AuditEvent::of(actor, now, AuditAction::ReportRetrieve, version).case(case));
        tx.commit().await?;
        let key = ObjectKey::stored(actor.tenant(), document.object_key.clone()).ok_or_else(missing)?;
        let bytes = self.read_document(&key, &document).await;
        if let Err(error) = &bytes {
            self.raise_if_damaged(actor, Subject::Report(version), &key, error)
                .await;
        }
        Ok(OpenDocument {
            row: document,
            bytes: bytes?,
        })
    }

    /// The document whole, compared with its hash: a page of text is small, and no half of one is handed out.
    async fn read_document(&self, key: &ObjectKey, document: &DocumentRow) -> Result<Bytes, BlobError> {
        let bytes = self.blobs.read(key, 0..document.byte_length).await?;
        if hex::encode(Sha256::digest(&bytes)) == document.sha256 {
            Ok(bytes)
        } else {
            Err(BlobError::Damaged { key: key.to_string() })
        }
    }

    /// The clock of a case against the target it has now.
    pub fn clock(&self, case: &ReadingCase, ledger: Vec<ClockEvent>) -> SlaClock {
        clock_of(case, ledger)
    }
}
