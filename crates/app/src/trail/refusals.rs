//! Who was refused what.
//!
//! A use case that refuses rolls its transaction back, so the refusal is written in one of its own, where the answer
//! leaves the house: the two transports bring every refused answer here. `identity::authenticate` brings what it turns
//! away itself, expired tokens, ended sessions and revoked keys: behind it nobody knows any more whose they were.
//!
//! **Invariant:** an actor makes at most so many rows in a window, however often and whatever they ask; the rest is
//! counted, and the count is written when the window is over or the process stops.

use chrono::{DateTime, Utc};
use domain::{
    Actor, CaseId, ErrorCode, ReportVersionId, StudyId, TenantId,
    audit::{AuditAction, AuditEvent},
};

use super::memory::{Counted, Mark, RefusalTurn};
use crate::{App, AppError, jobs::program_actor};

/// An actor's refusals beyond so many in a window are only counted.
const MOST_ROWS: u32 = 50;
/// The longest object kept, in characters.
const LONGEST_OBJECT: usize = 200;

/// What a refused request asked for, as far as it can be told without patient data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Something with an id of ours.
    Id(String),
    /// A study by its Study Instance UID, at the DICOMweb of the tenant `slug`.
    Study {
        /// The tenant of the address.
        slug: String,
        /// Study Instance UID, well-formed.
        uid: String,
    },
    /// Something at the DICOMweb of the tenant `slug`, no single study.
    Tenant {
        /// The tenant of the address.
        slug: String,
    },
    /// Nothing in particular.
    Nothing,
}

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which request: a GraphQL field, or a method and a route's pattern.
    pub request: String,
    /// What it asked for.
    pub asked: Asked,
    /// What it was told.
    pub code: ErrorCode,
}

impl App {
    /// Records that the actor was refused. The answer does not depend on it: what cannot be recorded is logged.
    pub async fn record_refusal(&self, actor: &Actor, refusal: Refusal) {
        if let Err(error) = self.try_record_refusal(actor, refusal).await {
            tracing::error!(error = %error, "a refusal could not be recorded");
            metrics::counter!("telerad_audit_failures_total").increment(1);
        }
    }

    async fn try_record_refusal(&self, actor: &Actor, refusal: Refusal) -> Result<(), AppError> {
        let now = self.clock.now();
        let detail = format!("{}: {}", refusal.request, refusal.code.as_str());
        let mark = Mark::of(
            actor,
            AuditAction::AccessRefused,
            &format!("{detail} {:?}", refusal.asked),
        );
        metrics::counter!("telerad_refusals_total", "code" => refusal.code.as_str()).increment(1);
        let Some(turn) = self.trail.first_refusal(mark, now).await else {
            return Ok(());
        };
        let spender = Mark::hash(&[actor.tenant().uuid().as_bytes(), actor.to_string().as_bytes()]);
        if !self.trail.spend(spender, MOST_ROWS, now) {
            drop(turn);
            return self.lump(actor, spender, now).await;
        }
        let (object, case) = self.find_out(actor, &refusal.asked).await?;
        let event = AuditEvent::of(actor, now, AuditAction::AccessRefused, cut(&object))
            .denied()
            .detail(detail)
            .case(case);
        self.write_refusal(actor.tenant(), turn, event).await?;
        if let Asked::Study { slug, .. } | Asked::Tenant { slug } = &refusal.asked {
            self.tell_the_other_tenant(actor, slug, &refusal, now).await?;
        }
        Ok(())
    }

    /// Beyond the budget all refusals of an actor are one.
    async fn lump(&self, actor: &Actor, spender: Mark, now: DateTime<Utc>) -> Result<(), AppError> {
        let Some(turn) = self.trail.first_refusal(spender, now).await else {
            return Ok(());
        };
        let event = AuditEvent::of(actor, now, AuditAction::AccessRefused, "many things")
            .denied()
            .detail(format!(
                "more than {MOST_ROWS} different requests; further ones are counted"
            ));
        self.write_refusal(actor.tenant(), turn, event).await
    }

    async fn write_refusal(
        &self,
        tenant: TenantId,
        turn: RefusalTurn<'_>,
        event: AuditEvent,
    ) -> Result<(), AppError> {
        let scope = program_actor(tenant);
        self.audit_alone(&scope, event.clone()).await?;
        let counted = Counted {
            last: event.at,
            event,
            tenant,
            again: 0,
        };
        match turn.written(counted) {
            Some(before) => self.write_count(before).await,
            None => Ok(()),
        }
    }

    /// What was asked for as the trail names it, and the case that belongs to it.
    async fn find_out(&self, actor: &Actor, asked: &Asked) -> Result<(String, Option<CaseId>), AppError> {
        let tx = self.store.read(actor).await?;
        Ok(match asked {
            Asked::Nothing => ("-".to_owned(), None),
            Asked::Id(id) => {
                let case = if let Ok(case) = id.parse::<CaseId>() {
                    Some(case)
                } else if let Ok(study) = id.parse::<StudyId>() {
                    tx.case_of_study(study).await?.map(|row| row.case.id)
                } else if let Ok(version) = id.parse::<ReportVersionId>() {
                    let version = tx.report_version(version).await?;
                    version.map(|row| row.signed.content().case)
                } else {
                    None
                };
                (id.clone(), case)
            }
            Asked::Tenant { slug } => (format!("tenant {slug}"), None),
            Asked::Study { slug, uid } => {
                let ours = tx.tenant_row().await?.is_some_and(|tenant| tenant.slug == *slug);
                // Whether or not it is within the actor's reach: the trail's reader may know.
                let study = match ours {
                    true => tx.study_of_uid(uid).await?,
                    false => None,
                };
                match study {
                    Some(study) => {
                        let case = tx.case_of_study(study.id).await?;
                        (study.id.to_string(), case.map(|row| row.case.id))
                    }
                    None => (format!("tenant {slug} study {uid}"), None),
                }
            }
        })
    }

    /// The tenant at whose door a stranger knocked learns of it, but not who it was: that is another tenant's.
    async fn tell_the_other_tenant(
        &self,
        actor: &Actor,
        slug: &str,
        refusal: &Refusal,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let Some(other) = self.tenant_by_slug(slug).await? else {
            return Ok(());
        };
        if other.id == actor.tenant() {
            return Ok(());
        }
        let object = match &refusal.asked {
            Asked::Study { uid, .. } => format!("study {uid}"),
            _ => "-".to_owned(),
        };
        let detail = format!("{}: {}", refusal.request, refusal.code.as_str());
        let mark = Mark::hash(&[
            other.id.uuid().as_bytes(),
            actor.origin().address.as_deref().unwrap_or_default().as_bytes(),
            b"stranger",
            object.as_bytes(),
            detail.as_bytes(),
        ]);
        let Some(turn) = self.trail.first_refusal(mark, now).await else {
            return Ok(());
        };
        let event = AuditEvent::of_stranger(actor, now, AuditAction::AccessRefused, cut(&object))
            .denied()
            .detail(detail);
        self.write_refusal(other.id, turn, event).await
    }

    /// Writes the counts of refusals whose window is over, or of all of them before the process stops.
    pub async fn settle_refusals(&self, all: bool) -> Result<(), AppError> {
        for counted in self.trail.take_counted(all, self.clock.now()) {
            self.write_count(counted).await?;
        }
        Ok(())
    }

    async fn write_count(&self, counted: Counted) -> Result<(), AppError> {
        let first = counted.event;
        let what = first.detail.unwrap_or_default();
        let last = counted.last.format("%Y-%m-%dT%H:%M:%SZ");
        let event = AuditEvent {
            at: self.clock.now(),
            action: AuditAction::AccessRefusedAgain,
            detail: Some(format!("{what}; {} times more until {last}", counted.again)),
            ..first
        };
        self.audit_alone(&program_actor(counted.tenant), event).await
    }
}

fn cut(object: &str) -> String {
    object.chars().take(LONGEST_OBJECT).collect()
}
