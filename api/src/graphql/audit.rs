//! The audit trail: who did, saw or was refused what, and whether anybody changed what is written.

use app::trail::{TrailQuestion, TrailVerdict, rows::AuditRow};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    CallerContext,
    audit_action::AuditAction,
    graphql_error,
    operations::{page, trim},
};

/// One entry of the audit trail.
#[derive(Debug, Clone, SimpleObject)]
pub struct AuditEvent {
    sequence: i64,
    at: DateTime<Utc>,
    /// The actor's name at that moment.
    actor: String,
    /// `USER`, `API_KEY`, `NODE`, `SYSTEM`, or `STRANGER` for somebody of another organisation.
    actor_kind: String,
    actor_id: ID,
    /// Such as `case.claim`; see `AuditAction`.
    action: String,
    object: String,
    /// The case it is filed under.
    case_id: Option<ID>,
    /// `SUCCESS` or `DENIED`.
    outcome: String,
    address: Option<String>,
    /// What the client called itself.
    user_agent: Option<String>,
    detail: Option<String>,
    /// The hash of this entry and all before it.
    hash: String,
}

impl From<AuditRow> for AuditEvent {
    fn from(row: AuditRow) -> Self {
        Self {
            sequence: row.sequence,
            at: row.at,
            actor: row.actor_name,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id.into(),
            action: row.action,
            object: row.object,
            case_id: row.case.map(|case| case.to_string().into()),
            outcome: row.outcome,
            address: row.address,
            user_agent: row.user_agent,
            detail: row.detail,
            hash: row.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// A page of the audit trail, newest first.
#[derive(Debug, SimpleObject)]
pub struct AuditConnection {
    nodes: Vec<AuditEvent>,
    end_cursor: Option<String>,
    has_next_page: bool,
}

/// Which entries are asked for.
#[derive(Debug, Default, InputObject)]
pub struct AuditFilter {
    /// Part of the actor's name, or their whole id.
    actor: Option<String>,
    /// These actions only.
    actions: Option<Vec<AuditAction>>,
    /// The id of a case, a study, a patient or anything else. A patient stands for all their studies and cases.
    about: Option<ID>,
    #[graphql(default)]
    refused_only: bool,
    /// From this moment on.
    from: Option<DateTime<Utc>>,
    /// Before this moment.
    before: Option<DateTime<Utc>>,
}

impl From<AuditFilter> for TrailQuestion {
    fn from(filter: AuditFilter) -> Self {
        let text = |text: Option<String>| {
            text.map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        Self {
            actor: text(filter.actor),
            actions: filter
                .actions
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            about: text(filter.about.map(|id| id.to_string())),
            refused_only: filter.refused_only,
            from: filter.from,
            before: filter.before,
        }
    }
}

/// What verifying the trail found.
#[derive(Debug, Clone, SimpleObject)]
pub struct AuditVerification {
    /// Nothing speaks against the trail.
    intact: bool,
    events: u64,
    /// The first entry that does not follow from those before it.
    first_broken_sequence: Option<i64>,
    /// How many signed checkpoints in the object store were compared.
    checkpoints: u32,
    /// Those whose signature or content is not ours.
    unreadable_checkpoints: u32,
    /// Entries after this one are not covered by a checkpoint yet.
    newest_checkpoint_sequence: Option<i64>,
    newest_checkpoint_at: Option<DateTime<Utc>>,
    /// The earliest entry that a checkpoint names and that is no longer there as it was.
    first_contradicted_sequence: Option<i64>,
}

impl From<TrailVerdict> for AuditVerification {
    fn from(verdict: TrailVerdict) -> Self {
        let newest = verdict.anchors.newest;
        Self {
            intact: verdict.is_intact(),
            events: verdict.chain.events,
            first_broken_sequence: verdict.chain.first_broken,
            checkpoints: verdict.anchors.compared,
            unreadable_checkpoints: verdict.anchors.unreadable,
            newest_checkpoint_sequence: newest.map(|(sequence, _)| sequence),
            newest_checkpoint_at: newest.map(|(_, at)| at),
            first_contradicted_sequence: verdict.anchors.first_contradicted,
        }
    }
}

#[derive(Debug, Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Who did, saw or was refused what, when, from where; newest first.
    async fn audit_trail(
        &self,
        ctx: &Context<'_>,
        filter: Option<AuditFilter>,
        #[graphql(default = 100)] first: u64,
        after: Option<String>,
    ) -> Result<AuditConnection> {
        let page = page(first, after);
        let mut rows = ctx
            .app()?
            .audit_trail(ctx.actor()?, &filter.unwrap_or_default().into(), &page)
            .await
            .map_err(graphql_error)?;
        let has_next_page = trim(&mut rows, &page);
        let end_cursor = rows.last().map(|row| row.sequence.to_string());
        Ok(AuditConnection {
            nodes: rows.into_iter().map(AuditEvent::from).collect(),
            end_cursor,
            has_next_page,
        })
    }

    /// Recomputes the chain over the tenant's whole trail and compares it with the checkpoints. That it was done is
    /// an entry itself.
    async fn audit_verification(&self, ctx: &Context<'_>) -> Result<AuditVerification> {
        let verdict = ctx
            .app()?
            .verify_audit_trail(ctx.actor()?)
            .await
            .map_err(graphql_error)?;
        Ok(verdict.into())
    }
}
