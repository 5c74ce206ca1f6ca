//! What an operator sees of all tenants: figures, never contents.

use app::identity::rows::TenantFigures;
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{CallerContext, graphql_error};

/// A tenant in figures.
#[derive(Debug, Clone, SimpleObject)]
pub struct TenantSummary {
    id: ID,
    slug: String,
    name: String,
    members: u64,
    studies: u64,
    instances: u64,
    stored_bytes: f64,
    open_cases: u64,
    dead_jobs: u64,
    created_at: DateTime<Utc>,
}

impl From<TenantFigures> for TenantSummary {
    fn from(figures: TenantFigures) -> Self {
        Self {
            id: figures.tenant.id.to_string().into(),
            slug: figures.tenant.slug,
            name: figures.tenant.name,
            members: figures.members,
            studies: figures.studies,
            instances: figures.instances,
            // Whole bytes are exact up to 9 PB.
            stored_bytes: figures.stored_bytes as f64,
            open_cases: figures.open_cases,
            dead_jobs: figures.dead_jobs,
            created_at: figures.tenant.created_at,
        }
    }
}

#[derive(Debug, Default)]
pub struct PlatformQuery;

#[Object]
impl PlatformQuery {
    /// Operator only; the reason is audited.
    async fn platform_tenants(&self, ctx: &Context<'_>, reason: String) -> Result<Vec<TenantSummary>> {
        let tenants = ctx
            .app()?
            .platform_tenants(ctx.actor()?, &reason)
            .await
            .map_err(graphql_error)?;
        Ok(tenants.into_iter().map(TenantSummary::from).collect())
    }
}
