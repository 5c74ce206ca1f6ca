//! The report reaches the facility: in the portal, and as a link by mail.
//!
//! A case is DELIVERED when the portal shows its final report and every mail was handed over or has
//! failed for good: the portal is the channel a failed mail falls back to.
//!
//! **Invariant:** a mail names neither patient nor examination; it says that there is a report, and where.

use chrono::{DateTime, Utc};
use domain::{
    Actor, CaseId, DeliveryId, ErrorCode, Permission, ReportVersionId,
    audit::AuditAction,
    delivery::{DeliveryChannel, DeliveryState, facility_has_it},
    job::Job as _,
    report::ReportVersionKind,
    sla::ClockEventKind,
};
use store::{CaseRow, DeliveryRow, LeasedJob, TenantTx};

use super::{DeliverReport, PrintReport, open_case::OpenCase};
use crate::{
    App, AppError,
    jobs::{bury_in, job_actor},
    ports::{Mail, MailError},
};

impl App {
    /// The document is there: the portal shows it, mails go out.
    pub(super) async fn hand_over(
        &self,
        actor: &Actor,
        case: CaseId,
        version: ReportVersionId,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let opened = OpenCase::of_case(&tx, actor, case).await?;
        for mut copy in tx.deliveries(&[case]).await? {
            // What failed untried did so because the document could not be made; now it is there.
            let waits = match copy.state {
                DeliveryState::Queued => true,
                DeliveryState::Failed => copy.attempts == 0,
                _ => false,
            };
            if copy.version != version || !waits {
                continue;
            }
            match copy.channel {
                DeliveryChannel::Portal => {
                    copy.state = DeliveryState::Delivered;
                    copy.delivered_at = Some(now);
                    copy.last_error = None;
                    tx.save_delivery(&copy).await?;
                    let to = format!("portal of {}", copy.facility);
                    tx.audit(
                        opened
                            .audited(actor, now, AuditAction::ReportDeliver, copy.id)
                            .detail(to),
                    );
                }
                DeliveryChannel::Mail => {
                    tx.enqueue(self.ids.next(), now, now, &DeliverReport { delivery: copy.id })
                        .await?;
                }
            }
        }
        self.settle(tx, opened, actor, now).await?;
        Ok(())
    }

    /// Hands one copy to its carrier. A copy that is on its way or replaced already is left alone.
    ///
    /// Errors: `Internal` to try again later, `InvalidInput` when the address is refused for good.
    pub async fn deliver_report(&self, actor: &Actor, id: DeliveryId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let read = self.store.read(actor).await?;
        let copy = read
            .delivery(id)
            .await?
            .ok_or(AppError::NotFound { what: "delivery" })?;
        if copy.channel != DeliveryChannel::Mail || !copy.state.may_become(DeliveryState::Sent) {
            return Ok(());
        }
        let version = read
            .report_version(copy.version)
            .await?
            .ok_or(AppError::NotFound {
                what: "report version",
            })?;
        let organisation = read
            .tenant_row()
            .await?
            .map(|tenant| tenant.name)
            .unwrap_or_default();
        drop(read);
        let mail = self.announcement(&copy, version.signed.content().kind, &organisation);
        let sent = self.mailer.send(&mail).await;
        self.record_attempt(actor, &copy, &sent).await?;
        match sent {
            Ok(()) => Ok(()),
            Err(MailError::Refused { reason }) => Err(AppError::invalid(
                "reportEmail",
                format!("mail refused: {reason}"),
            )),
            Err(MailError::Deferred { reason }) => Err(AppError::Internal {
                what: format!("mail deferred: {reason}"),
            }),
        }
    }

    /// The facility's people have read the report here. That says nothing about the mails.
    ///
    /// Errors: `CASE_STATE` when no report has reached them yet.
    pub async fn acknowledge_report(&self, actor: &Actor, case: CaseId) -> Result<CaseRow, AppError> {
        self.authorise(actor, Permission::AcknowledgeReports)?;
        let by = actor.user().ok_or(AppError::Forbidden {
            permission: Permission::AcknowledgeReports,
        })?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let mut opened = OpenCase::of_case(&tx, actor, case).await?;
        let copies = tx.deliveries(&[case]).await?;
        let reached = |state| matches!(state, DeliveryState::Delivered | DeliveryState::Acknowledged);
        if !copies.iter().any(|copy| reached(copy.state)) {
            return Err(AppError::refused(
                ErrorCode::CaseState,
                "no report has been delivered yet",
            ));
        }
        let mut news = false;
        for mut copy in copies {
            let here = copy.channel == DeliveryChannel::Portal;
            if here && copy.state.may_become(DeliveryState::Acknowledged) {
                news = true;
                copy.state = DeliveryState::Acknowledged;
                copy.acknowledged_at = Some(now);
                copy.acknowledged_by = Some(by);
                tx.save_delivery(&copy).await?;
            }
        }
        if !news {
            return Ok(opened.row().clone());
        }
        opened.note(actor, now, ClockEventKind::Acknowledged);
        tx.audit(opened.audited(actor, now, AuditAction::ReportAcknowledge, case));
        self.settle(tx, opened, actor, now).await
    }

    /// Buries a dead job, and with it, in the same commit, the copies that only this job would have sent on:
    /// a copy whose job is dead does not wait. False when the job's lease had passed to another runner.
    pub(crate) async fn bury_with_copies(
        &self,
        job: &LeasedJob,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, AppError> {
        let actor = job_actor(job);
        let mut tx = self.store.begin(&actor).await?;
        let copies = copies_of_job(&tx, job).await?;
        let Some(case) = copies.first().map(|copy| copy.case) else {
            let kept = bury_in(&mut tx, job, None, reason, now).await?;
            tx.commit().await?;
            return Ok(kept);
        };
        // The case before the job: who holds a case's lock queues jobs, so all lock in this order.
        let opened = OpenCase::of_case(&tx, &actor, case).await?;
        if !bury_in(&mut tx, job, Some(case), reason, now).await? {
            return Ok(false);
        }
        for copy in copies {
            let current = tx.delivery(copy.id).await?;
            let Some(mut copy) = current.filter(|copy| copy.state == DeliveryState::Queued) else {
                continue;
            };
            copy.state = DeliveryState::Failed;
            copy.last_error = Some(reason.to_owned());
            tx.save_delivery(&copy).await?;
            let audited = opened.audited(&actor, now, AuditAction::ReportDeliver, copy.id);
            tx.audit(audited.denied().detail(copy.channel.as_str()));
            metrics::counter!(
                "telerad_deliveries_total",
                "channel" => copy.channel.as_str(), "state" => copy.state.as_str()
            )
            .increment(1);
        }
        self.settle(tx, opened, &actor, now).await?;
        Ok(true)
    }

    /// Writes down how an attempt to send ended; the last one that fails is final.
    async fn record_attempt(
        &self,
        actor: &Actor,
        copy: &DeliveryRow,
        sent: &Result<(), MailError>,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let opened = OpenCase::of_case(&tx, actor, copy.case).await?;
        let current = tx
            .delivery(copy.id)
            .await?
            .ok_or(AppError::NotFound { what: "delivery" })?;
        if !current.state.may_become(DeliveryState::Sent) {
            return Ok(());
        }
        let mut copy = DeliveryRow {
            attempts: current.attempts + 1,
            ..current
        };
        match sent {
            Ok(()) => {
                copy.state = DeliveryState::Sent;
                copy.last_error = None;
                tx.audit(
                    opened
                        .audited(actor, now, AuditAction::ReportDeliver, copy.id)
                        .detail("mail"),
                );
            }
            Err(error) => {
                let last = copy.attempts >= u32::from(DeliverReport::MAX_ATTEMPTS);
                if last || matches!(error, MailError::Refused { .. }) {
                    copy.state = DeliveryState::Failed;
                    tx.audit(
                        opened
                            .audited(actor, now, AuditAction::ReportDeliver, copy.id)
                            .denied()
                            .detail("mail"),
                    );
                }
                copy.last_error = Some(error.to_string());
            }
        }
        tx.save_delivery(&copy).await?;
        metrics::counter!("telerad_deliveries_total", "channel" => "MAIL", "state" => copy.state.as_str())
            .increment(1);
        self.settle(tx, opened, actor, now).await?;
        Ok(())
    }

    /// Makes the case DELIVERED if the facility now has its final report, and commits.
    async fn settle(
        &self,
        mut tx: TenantTx,
        mut opened: OpenCase,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<CaseRow, AppError> {
        let mut turnaround = None;
        if opened.case().state.is_final()
            && has_final_report(&tx, opened.case().id).await?
            && opened.case_mut().deliver()?
        {
            opened.note(actor, now, ClockEventKind::Delivered);
            tx.audit(opened.audited(actor, now, AuditAction::CaseDelivered, opened.case().id));
            turnaround = Some(opened.clock().elapsed(now));
        }
        let row = opened.save(&mut tx).await?;
        tx.commit().await?;
        if let Some(turnaround) = turnaround {
            let seconds = turnaround.num_milliseconds() as f64 / 1000.0;
            metrics::histogram!("telerad_case_tat_seconds", "priority" => row.case.priority.as_str())
                .record(seconds);
        }
        Ok(row)
    }

    fn announcement(&self, copy: &DeliveryRow, kind: ReportVersionKind, organisation: &str) -> Mail {
        let what = match kind {
            ReportVersionKind::Preliminary => "A preliminary report",
            ReportVersionKind::Final => "A report",
            ReportVersionKind::Addendum => "An addendum to a report",
        };
        let link = format!("{}/cases/{}", self.settings.public_url, copy.case);
        Mail {
            to: copy.recipient.clone(),
            subject: format!("{what} is ready"),
            text: format!(
                "{what} from {organisation} is ready for you.\n\nOpen it here after signing in:\n{link}\n\n\
                 This message contains no patient data. Please do not reply to it.\n"
            ),
        }
    }
}

/// Leaves of an error what the facility can use: the words of a mail server or an object store are none of it.
pub(super) fn keep_cause_to_ourselves(copy: &mut DeliveryRow) {
    let said = match copy.state {
        DeliveryState::Queued => "this copy could not be delivered yet; it is tried again",
        _ => "this copy could not be delivered; the administrators see why",
    };
    copy.last_error = copy.last_error.take().map(|_cause| said.to_owned());
}

/// The copies that a job of this kind would have sent on; none for any other job.
async fn copies_of_job(tx: &TenantTx, job: &LeasedJob) -> Result<Vec<DeliveryRow>, AppError> {
    let payload = job.payload.clone();
    Ok(match job.kind.as_str() {
        DeliverReport::KIND => match serde_json::from_value::<DeliverReport>(payload) {
            Ok(job) => tx.delivery(job.delivery).await?.into_iter().collect(),
            Err(_not_one) => Vec::new(),
        },
        PrintReport::KIND => match serde_json::from_value::<PrintReport>(payload) {
            Ok(job) => tx.deliveries_of_version(job.version).await?,
            Err(_not_one) => Vec::new(),
        },
        _ => Vec::new(),
    })
}

/// Whether all copies of the newest version that is not preliminary have come to their end.
async fn has_final_report(tx: &TenantTx, case: CaseId) -> Result<bool, AppError> {
    let versions = tx.versions_of_cases(&[case]).await?.remove(&case);
    // Of a version that is not what was signed nobody can say that it was delivered.
    let Some(Ok(versions)) = versions else {
        return Ok(false);
    };
    let Some(newest) = versions
        .iter()
        .rev()
        .find(|row| row.signed.content().kind != ReportVersionKind::Preliminary)
    else {
        return Ok(false);
    };
    let copies: Vec<_> = tx
        .deliveries(&[case])
        .await?
        .into_iter()
        .filter(|copy| copy.version == newest.id)
        .map(|copy| (copy.channel, copy.state))
        .collect();
    Ok(facility_has_it(&copies))
}
