//! Claiming a case, keeping it, giving it back, losing it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, CaseId, ClaimToken, ErrorCode, Permission, UserId, WorkItemId,
    audit::AuditAction,
    reading_case::{AlreadyClaimed, Claim, Taken, WorkItem, WorkItemKind},
    sla::{ClockEvent, ClockEventKind},
};
use serde_json::{Map, json};
use store::{CaseRow, TenantTx};
use uuid::Uuid;

use super::{ReleaseLapsedClaim, open_case::OpenCase, refusals::with_facts};
use crate::{App, AppError};

/// A claim and the case it is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedCase {
    /// The case.
    pub row: CaseRow,
    /// The reader's claim.
    pub claim: Claim,
    /// How often the reader's page renews it, in seconds.
    pub renew_every_seconds: u32,
}

/// A case whose claim the actor has just proved to hold.
#[derive(Debug)]
pub(super) struct HeldCase {
    pub opened: OpenCase,
    pub item: WorkItem,
    pub reader: UserId,
}

impl App {
    /// Takes a case for the actor; taking one's own again renews the claim under the same token.
    ///
    /// Errors: `CASE_ALREADY_CLAIMED` with the `holder`, `CASE_STATE` when there is nothing to read,
    /// `SECOND_READER_REQUIRED` when the actor signed the preliminary report.
    pub async fn claim_case(&self, actor: &Actor, id: CaseId) -> Result<ClaimedCase, AppError> {
        self.claim_case_under(actor, id, self.fresh_token()).await
    }

    /// The same under a token that the reader brings along: the lock of a work item that another program performs.
    pub(crate) async fn claim_case_under(
        &self,
        actor: &Actor,
        id: CaseId,
        token: ClaimToken,
    ) -> Result<ClaimedCase, AppError> {
        self.authorise(actor, Permission::ReadCases)?;
        let reader = acting_reader(actor)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let mut opened = OpenCase::of_case(&tx, actor, id).await?;
        let Some(mut item) = tx.reading_item(id).await? else {
            opened.case_mut().begin_reading()?;
            return Err(AppError::Internal {
                what: "a case that is ready has no open task".to_owned(),
            });
        };
        if item.kind == WorkItemKind::OverRead
            && let Some(report) = tx.report_of_case(id).await?
        {
            report.expect_reader(reader)?;
        }
        let taken = match item.take(reader, token, now, self.lease()) {
            Ok(taken) => taken,
            Err(refused) => return Err(self.already_claimed(&tx, refused).await?),
        };
        let claim = item.claim.ok_or_else(|| AppError::Internal {
            what: "a taken task has no claim".to_owned(),
        })?;
        match taken {
            Taken::Again => {}
            Taken::Free => begin_reading(&mut opened, actor, now)?,
            Taken::Lapsed(old) => {
                lapse(&mut opened, old)?;
                begin_reading(&mut opened, actor, now)?;
            }
        }
        if !tx.take_claim(item.id, &claim, now).await? {
            return Err(AppError::Internal {
                what: "a task was taken under our lock".to_owned(),
            });
        }
        if taken != Taken::Again {
            self.begin_draft(&mut tx, opened.row(), now).await?;
            tx.audit(opened.audited(actor, now, AuditAction::CaseClaim, id));
            self.watch_lease(&mut tx, item.id, &claim, now).await?;
        }
        let row = opened.save(&mut tx).await?;
        tx.commit().await?;
        if taken != Taken::Again {
            metrics::counter!("telerad_claims_total").increment(1);
        }
        Ok(self.claimed(row, claim))
    }

    /// Keeps a claim for another lease.
    ///
    /// Errors: `CLAIM_LOST` when it lapsed or was never the actor's.
    pub async fn renew_claim(
        &self,
        actor: &Actor,
        case: CaseId,
        token: ClaimToken,
    ) -> Result<ClaimedCase, AppError> {
        self.authorise(actor, Permission::ReadCases)?;
        let now = self.clock.now();
        let tx = self.store.begin(actor).await?;
        let HeldCase {
            opened,
            mut item,
            reader,
        } = hold(&tx, actor, case, token, now).await?;
        let claim = item.renew(reader, token, now, self.lease())?;
        if !tx.extend_claim(item.id, token, claim.lease_until).await? {
            return Err(domain::reading_case::ClaimLost.into());
        }
        let row = opened.row().clone();
        tx.commit().await?;
        Ok(self.claimed(row, claim))
    }

    /// Gives a case back to the queue. Its draft stays with it.
    ///
    /// Errors: `CLAIM_LOST`.
    pub async fn release_claim(
        &self,
        actor: &Actor,
        case: CaseId,
        token: ClaimToken,
    ) -> Result<CaseRow, AppError> {
        self.authorise(actor, Permission::ReadCases)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let HeldCase {
            mut opened,
            mut item,
            reader,
        } = hold(&tx, actor, case, token, now).await?;
        item.release(reader, token, now)?;
        if !tx.end_claim(item.id, token).await? {
            return Err(domain::reading_case::ClaimLost.into());
        }
        opened.case_mut().return_to_queue()?;
        opened.note(actor, now, ClockEventKind::Released);
        tx.audit(opened.audited(actor, now, AuditAction::CaseRelease, case));
        let row = opened.save(&mut tx).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Gives a case back to the queue if its reader's lease has run out; otherwise looks again when it will.
    pub async fn release_lapsed_claim(&self, actor: &Actor, item: WorkItemId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let Some(before) = tx.open_work_item(item).await? else {
            return Ok(());
        };
        let mut opened = OpenCase::of_case(&tx, actor, before.case).await?;
        // Read again under the case's lock: the reader may just have signed or renewed.
        let Some(mut task) = tx.open_work_item(item).await? else {
            return Ok(());
        };
        if let Some(lapsed) = task.expire(now) {
            if tx.end_claim(item, lapsed.token).await? {
                lapse(&mut opened, lapsed)?;
                tx.audit(
                    opened
                        .audited(actor, now, AuditAction::CaseClaimLapsed, before.case)
                        .detail(lapsed.holder.to_string()),
                );
                opened.save(&mut tx).await?;
            }
        } else if let Some(live) = task.claim {
            self.watch_lease(&mut tx, item, &live, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn watch_lease(
        &self,
        tx: &mut TenantTx,
        item: WorkItemId,
        claim: &Claim,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let job = ReleaseLapsedClaim { work_item: item };
        Ok(tx.enqueue(self.ids.next(), now, claim.lease_until, &job).await?)
    }

    async fn already_claimed(&self, tx: &TenantTx, refused: AlreadyClaimed) -> Result<AppError, AppError> {
        let holder = refused.claim.holder;
        let name = tx
            .user_names(&[holder])
            .await?
            .remove(&holder)
            .unwrap_or_default();
        let facts = Map::from_iter([(
            "holder".to_owned(),
            json!({ "userId": holder.to_string(), "name": name, "since": refused.claim.since }),
        )]);
        metrics::counter!("telerad_claims_refused_total").increment(1);
        Ok(with_facts(
            ErrorCode::CaseAlreadyClaimed,
            format!("{name} holds this case"),
            facts,
        ))
    }

    fn claimed(&self, row: CaseRow, claim: Claim) -> ClaimedCase {
        // Two renewals may get lost before the lease does.
        let renew_every_seconds = u32::try_from(self.lease().num_seconds() / 3).unwrap_or(1).max(1);
        ClaimedCase {
            row,
            claim,
            renew_every_seconds,
        }
    }

    fn lease(&self) -> TimeDelta {
        TimeDelta::from_std(self.settings.claim_lease).unwrap_or(TimeDelta::minutes(2))
    }

    fn fresh_token(&self) -> ClaimToken {
        let mut bytes: [u8; 16] = [0; 16];
        bytes.copy_from_slice(&self.randomness.secret()[..16]);
        ClaimToken::from_uuid(Uuid::from_bytes(bytes))
    }
}

/// Locks a case and proves that `actor` holds it under `token`.
pub(super) async fn hold(
    tx: &TenantTx,
    actor: &Actor,
    case: CaseId,
    token: ClaimToken,
    now: DateTime<Utc>,
) -> Result<HeldCase, AppError> {
    let reader = acting_reader(actor)?;
    let opened = OpenCase::of_case(tx, actor, case).await?;
    let item = match tx.reading_item(case).await? {
        Some(item) => item,
        None if opened.case().state.is_final() => {
            return Err(AppError::refused(
                ErrorCode::ReportSigned,
                "this report is already signed",
            ));
        }
        None => return Err(domain::reading_case::ClaimLost.into()),
    };
    item.held(reader, token, now)?;
    Ok(HeldCase { opened, item, reader })
}

/// The person behind the actor; a machine reads nothing.
pub(super) fn acting_reader(actor: &Actor) -> Result<UserId, AppError> {
    actor.user().ok_or(AppError::Forbidden {
        permission: Permission::ReadCases,
    })
}

fn begin_reading(opened: &mut OpenCase, actor: &Actor, now: DateTime<Utc>) -> Result<(), AppError> {
    opened.case_mut().begin_reading()?;
    opened.note(actor, now, ClockEventKind::Claimed);
    Ok(())
}

/// The reader's minutes end where the lease ended, whenever that is noticed.
fn lapse(opened: &mut OpenCase, claim: Claim) -> Result<(), AppError> {
    opened.case_mut().return_to_queue()?;
    opened.note_event(ClockEvent::new(claim.lease_until, ClockEventKind::Lapsed, None));
    Ok(())
}
