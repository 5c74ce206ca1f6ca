//! The worklist: one page of cases, what breaches first on top.

use chrono::{DateTime, Utc};
use domain::{CaseId, CaseState, FacilityId, FacilityScope, UserId};
use sea_orm::{
    ColumnTrait, Condition, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Func},
};
use uuid::Uuid;

use super::{CaseRow, claims::OPEN};
use crate::{
    Page, StoreError, TenantRead,
    entity::{patient, reading_case, study, work_item},
};

/// Which cases to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorklistFilter {
    /// In one of these states; any when empty.
    pub states: Vec<CaseState>,
    /// Of this facility.
    pub facility: Option<FacilityId>,
    /// With a series of this modality.
    pub modality: Option<String>,
    /// With each of these words in the patient's name or id, the accession number or the description.
    pub text: Option<String>,
    /// Held by this reader now.
    pub held_by: Option<UserId>,
}

/// A stretch of the worklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorklistPage {
    /// The cases.
    pub rows: Vec<CaseRow>,
    /// What to ask for the next stretch with.
    pub end_cursor: Option<String>,
    /// Whether there is one.
    pub has_next: bool,
    /// How many cases the whole list has.
    pub total: u64,
}

impl TenantRead {
    /// A page of the cases that `filter` and `scope` let through.
    pub async fn worklist(
        &self,
        filter: &WorklistFilter,
        scope: &FacilityScope,
        page: &Page,
        now: DateTime<Utc>,
    ) -> Result<WorklistPage, StoreError> {
        let listed = self.listed(filter, scope, now);
        let total = listed.clone().count(&self.conn).await?;
        let mut query = listed;
        if let Some(after) = page.cursor(Cursor::parse)? {
            query = query.filter(after.is_before_row());
        }
        let limit = page.limit();
        let mut rows = query
            .order_by_asc(reading_case::Column::WorklistRank)
            .order_by_asc(reading_case::Column::Urgency)
            .order_by_asc(reading_case::Column::Id)
            .limit(limit + 1)
            .all(&self.conn)
            .await?;
        let has_next = rows.len() as u64 > limit;
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let end_cursor = rows.last().map(|row| Cursor::of(row).to_string());
        let rows = rows
            .into_iter()
            .map(CaseRow::try_from)
            .collect::<Result<_, _>>()?;
        Ok(WorklistPage {
            rows,
            end_cursor,
            has_next,
            total,
        })
    }

    /// Which of these cases lie within `scope`.
    pub async fn cases_in_scope(
        &self,
        ids: &[CaseId],
        scope: &FacilityScope,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let cases = self.reading_cases(ids).await?;
        Ok(cases
            .into_iter()
            .filter(|row| scope.contains(row.case.facility))
            .collect())
    }

    fn listed(
        &self,
        filter: &WorklistFilter,
        scope: &FacilityScope,
        now: DateTime<Utc>,
    ) -> Select<reading_case::Entity> {
        let mut query = self.find::<reading_case::Entity>();
        if let FacilityScope::Only(facilities) = scope {
            let facilities = facilities.iter().map(|facility| facility.uuid());
            query = query.filter(reading_case::Column::FacilityId.is_in(facilities));
        }
        if !filter.states.is_empty() {
            let states = filter.states.iter().map(|state| state.as_str());
            query = query.filter(reading_case::Column::State.is_in(states));
        }
        if let Some(facility) = filter.facility {
            query = query.filter(reading_case::Column::FacilityId.eq(facility.uuid()));
        }
        if let Some(modality) = filter.modality.as_deref().filter(|name| !name.is_empty()) {
            let studies = self
                .find::<study::Entity>()
                .select_only()
                .column(study::Column::Id)
                .filter(contains(
                    Expr::col((study::Entity, study::Column::Modalities)),
                    &format!("\\{}\\", modality.to_uppercase()),
                ));
            query = query.filter(reading_case::Column::StudyId.in_subquery(studies.into_query()));
        }
        for word in words(filter.text.as_deref().unwrap_or_default()) {
            query = query.filter(self.mentions(word));
        }
        if let Some(reader) = filter.held_by {
            let held = self
                .find::<work_item::Entity>()
                .select_only()
                .column(work_item::Column::CaseId)
                .filter(work_item::Column::State.eq(OPEN))
                .filter(work_item::Column::ClaimHolder.eq(reader.uuid()))
                .filter(work_item::Column::ClaimUntil.gt(now));
            query = query.filter(reading_case::Column::Id.in_subquery(held.into_query()));
        }
        query
    }

    fn mentions(&self, word: &str) -> Condition {
        let folded = word.to_lowercase();
        let patients = self
            .find::<patient::Entity>()
            .select_only()
            .column(patient::Column::Id)
            .filter(
                Condition::any()
                    .add(contains(
                        Expr::col((patient::Entity, patient::Column::NameFolded)),
                        &folded,
                    ))
                    .add(contains(
                        lower((patient::Entity, patient::Column::PatientId)),
                        &folded,
                    )),
            );
        let studies = self
            .find::<study::Entity>()
            .select_only()
            .column(study::Column::Id)
            .filter(
                Condition::any()
                    .add(contains(
                        lower((study::Entity, study::Column::AccessionNumber)),
                        &folded,
                    ))
                    .add(contains(
                        Expr::col((study::Entity, study::Column::DescriptionFolded)),
                        &folded,
                    )),
            );
        Condition::any()
            .add(reading_case::Column::PatientId.in_subquery(patients.into_query()))
            .add(reading_case::Column::StudyId.in_subquery(studies.into_query()))
    }
}

/// The words to look for: a name is kept as `Family^Given` and written in many ways.
fn words(text: &str) -> impl Iterator<Item = &str> {
    const MOST_WORDS: usize = 6;
    text.split(|c: char| c.is_whitespace() || c == ',' || c == '^')
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
}

fn lower(column: impl sea_orm::sea_query::IntoColumnRef) -> Expr {
    Func::lower(Expr::col(column)).into()
}

/// Whether `text` stands in `column`; what is special in a pattern stands for itself.
fn contains(column: Expr, text: &str) -> Expr {
    let literal: String = text
        .chars()
        .flat_map(|c| {
            matches!(c, '%' | '_' | '!')
                .then_some('!')
                .into_iter()
                .chain(std::iter::once(c))
        })
        .collect();
    column.like(sea_orm::sea_query::LikeExpr::new(format!("%{literal}%")).escape('!'))
}

/// The place of a row in the order of the list.
struct Cursor {
    rank: i64,
    urgency: i16,
    id: Uuid,
}

impl Cursor {
    fn of(row: &reading_case::Model) -> Self {
        Self {
            rank: row.worklist_rank,
            urgency: row.urgency,
            id: row.id,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let cursor = Self {
            rank: parts.next()?.parse().ok()?,
            urgency: parts.next()?.parse().ok()?,
            id: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(cursor)
    }

    fn is_before_row(&self) -> Condition {
        use reading_case::Column::{Id, Urgency, WorklistRank};
        let same_rank = Condition::any()
            .add(Urgency.gt(self.urgency))
            .add(Condition::all().add(Urgency.eq(self.urgency)).add(Id.gt(self.id)));
        Condition::any()
            .add(WorklistRank.gt(self.rank))
            .add(Condition::all().add(WorklistRank.eq(self.rank)).add(same_rank))
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.rank, self.urgency, self.id.simple())
    }
}
