//! Reading the trail: the questions an auditor asks of it.

use chrono::{DateTime, Utc};
use domain::{
    CaseId,
    audit::{AuditAction, Outcome},
};
use sea_orm::{
    ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};

use crate::{Page, StoreError, TenantRead, entity::audit_event};

/// One row of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The place in the chain, from 1.
    pub sequence: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// `USER`, `API_KEY`, `SYSTEM`, or `STRANGER` for somebody of another tenant.
    pub actor_kind: String,
    /// The actor's wire id.
    pub actor_id: String,
    /// The actor's name at that moment.
    pub actor_name: String,
    /// What was done.
    pub action: String,
    /// The object's wire id.
    pub object: String,
    /// The case it is filed under.
    pub case: Option<CaseId>,
    /// `SUCCESS` or `DENIED`.
    pub outcome: String,
    /// The peer's address.
    pub address: Option<String>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// Further facts.
    pub detail: Option<String>,
    /// The hash of this row and all before it.
    pub hash: Vec<u8>,
}

/// Which rows are asked for; what is empty asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Part of the actor's name, or their whole id.
    pub actor: Option<String>,
    /// These actions only.
    pub actions: Vec<AuditAction>,
    /// Rows about any of these ids: as object, filed under, or among those a list showed.
    pub about: Vec<String>,
    /// The cases among `about`.
    pub cases: Vec<CaseId>,
    /// Refusals only.
    pub refused_only: bool,
    /// From this moment on.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub before: Option<DateTime<Utc>>,
}

impl TenantRead {
    /// The rows of the trail that `filter` asks for, newest first. The cursor is a sequence number.
    pub async fn audit_trail(&self, filter: &AuditFilter, page: &Page) -> Result<Vec<AuditRow>, StoreError> {
        let mut query = self.find::<audit_event::Entity>().filter(condition(filter));
        if let Some(before) = page.cursor(|cursor| cursor.parse::<i64>().ok())? {
            query = query.filter(audit_event::Column::Sequence.lt(before));
        }
        let rows = query
            .order_by_desc(audit_event::Column::Sequence)
            .limit(page.limit())
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(AuditRow::from).collect())
    }
}

fn condition(filter: &AuditFilter) -> Condition {
    use audit_event::Column;

    let mut all = Condition::all();
    if let Some(actor) = &filter.actor {
        let name = Func::lower(Expr::col(Column::ActorName));
        all = all.add(
            Condition::any()
                .add(Column::ActorId.eq(actor.as_str()))
                .add(Expr::expr(name).like(containing(&actor.to_lowercase()))),
        );
    }
    if !filter.actions.is_empty() {
        all = all.add(Column::Action.is_in(filter.actions.iter().map(|action| action.as_str())));
    }
    if !filter.about.is_empty() {
        let mut any = Condition::any()
            .add(Column::Object.is_in(filter.about.iter().map(String::as_str)))
            .add(Column::CaseId.is_in(filter.cases.iter().map(|case| case.uuid())));
        for id in &filter.about {
            any = any.add(Expr::col(Column::Detail).like(containing(id)));
        }
        all = all.add(any);
    }
    if filter.refused_only {
        all = all.add(Column::Outcome.eq(Outcome::Denied.as_str()));
    }
    if let Some(from) = filter.from {
        all = all.add(Column::At.gte(from));
    }
    if let Some(before) = filter.before {
        all = all.add(Column::At.lt(before));
    }
    all
}

/// What holds `text` as it stands.
fn containing(text: &str) -> LikeExpr {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}

impl From<audit_event::Model> for AuditRow {
    fn from(row: audit_event::Model) -> Self {
        Self {
            sequence: row.sequence,
            at: row.at,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            action: row.action,
            object: row.object,
            case: row.case_id.map(CaseId::from_uuid),
            outcome: row.outcome,
            address: row.address,
            user_agent: row.user_agent,
            detail: row.detail,
            hash: row.hash,
        }
    }
}
