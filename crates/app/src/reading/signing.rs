//! Signing reports and what follows a signature.
//!
//! **Invariant:** a signed version, its deliveries and the job that prints it are one commit.

use chrono::{DateTime, Utc};
use domain::{
    Actor, CaseId, ClaimToken, DeliveryId, Permission, Principal, ReportVersionId, UserId,
    audit::AuditAction,
    delivery::{DeliveryChannel, DeliveryState},
    reading_case::WorkItemKind,
    report::{SignKind, Signature, SignedReport},
    sla::ClockEventKind,
    text::with_plain_line_ends,
};
use store::{CaseRow, DeliveryRow, TenantTx};

use super::{
    PrintReport,
    claims::{HeldCase, acting_reader, hold},
    drafts::report_of,
    open_case::OpenCase,
};
use crate::{App, AppError};

/// A reader's wish to sign.
#[derive(Debug, Clone)]
pub struct SignOrder {
    /// The case.
    pub case: CaseId,
    /// The reader's claim.
    pub token: ClaimToken,
    /// The revision of the draft the reader saw.
    pub base_revision: u32,
    /// How many images of the study the reader has seen.
    pub image_count: u32,
    /// Preliminary or for good.
    pub kind: SignKind,
    /// The reader's password, asked again.
    pub password: String,
}

impl App {
    /// Signs the draft.
    ///
    /// Errors: `WRONG_PASSWORD`, `CLAIM_LOST`, `REPORT_SIGNED`, `DRAFT_CONFLICT`, `STUDY_CHANGED`, `REPORT_INCOMPLETE`
    /// with the `fields` to complete, `REPORT_UNPRINTABLE` with the `fields` to reword.
    pub async fn sign_report(&self, actor: &Actor, order: SignOrder) -> Result<CaseRow, AppError> {
        self.authorise(actor, Permission::ReadCases)?;
        self.verify_own_password(actor, order.case, order.password)
            .await?;
        self.expect_printable_draft(actor, order.case, order.token)
            .await?;
        let now = self.clock.now();
        let tx = self.store.begin(actor).await?;
        let HeldCase {
            mut opened,
            item,
            reader,
        } = hold(&tx, actor, order.case, order.token, now).await?;
        let mut report = report_of(&tx, order.case).await?;
        let signature = signature(&tx, actor, reader, order.case, now).await?;
        let signed = report.sign(order.kind, order.base_revision, signature)?;
        if !tx.save_report(&report, order.base_revision).await? {
            return Err(AppError::Internal {
                what: "a draft changed under our lock".to_owned(),
            });
        }
        tx.close_work_item(item.id, reader, now).await?;
        match order.kind {
            SignKind::Preliminary => {
                let next = opened.case_mut().sign_preliminary(order.image_count)?;
                tx.insert_work_item(&self.task(order.case, next), now).await?;
                opened.note(actor, now, ClockEventKind::PrelimSigned);
            }
            SignKind::Final => {
                opened.case_mut().sign_final(order.image_count)?;
                opened.note(actor, now, ClockEventKind::FinalSigned);
            }
        }
        let row = self
            .send_out(tx, opened, actor, &signed, AuditAction::ReportSign, now)
            .await?;
        metrics::counter!("telerad_reports_signed_total", "kind" => order.kind.as_str()).increment(1);
        Ok(row)
    }

    /// Signs an addendum to a final report, by its reader or another one. It answers late images too.
    ///
    /// Errors: `WRONG_PASSWORD`, `CASE_STATE` when there is no final report, `REPORT_INCOMPLETE`,
    /// `REPORT_UNPRINTABLE`.
    pub async fn add_addendum(
        &self,
        actor: &Actor,
        case: CaseId,
        text: &str,
        image_count: u32,
        password: String,
    ) -> Result<CaseRow, AppError> {
        self.authorise(actor, Permission::ReadCases)?;
        self.verify_own_password(actor, case, password).await?;
        let reader = acting_reader(actor)?;
        // Only who may see the case hears anything about the text.
        self.case(actor, case).await?;
        let text = with_plain_line_ends(text);
        self.expect_printable(vec![("addendum".to_owned(), text.clone())])
            .await?;
        let now = self.clock.now();
        let tx = self.store.begin(actor).await?;
        let mut opened = OpenCase::of_case(&tx, actor, case).await?;
        opened.case_mut().amend(image_count)?;
        let mut report = report_of(&tx, case).await?;
        // Marked images belong to the version they were marked for.
        let signature = Signature {
            key_images: Vec::new(),
            ..signature(&tx, actor, reader, case, now).await?
        };
        let signed = report.amend(&text, signature)?;
        tx.save_final_report(&report).await?;
        close_verification(&tx, case, reader, now).await?;
        opened.note(actor, now, ClockEventKind::Addended);
        let row = self
            .send_out(tx, opened, actor, &signed, AuditAction::ReportAddendum, now)
            .await?;
        metrics::counter!("telerad_reports_signed_total", "kind" => "ADDENDUM").increment(1);
        Ok(row)
    }

    /// Confirms that late images do not change the report.
    ///
    /// Errors: `CASE_STATE` when no images came late; `STUDY_CHANGED` when there are more than `image_count`.
    pub async fn acknowledge_late_images(
        &self,
        actor: &Actor,
        case: CaseId,
        image_count: u32,
    ) -> Result<CaseRow, AppError> {
        self.authorise(actor, Permission::ReadCases)?;
        let reader = acting_reader(actor)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let mut opened = OpenCase::of_case(&tx, actor, case).await?;
        opened.case_mut().confirm_report(image_count)?;
        close_verification(&tx, case, reader, now).await?;
        opened.note(actor, now, ClockEventKind::ReportConfirmed);
        tx.audit(opened.audited(actor, now, AuditAction::ReportConfirm, case));
        let row = opened.save(&mut tx).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Has the printer look at the draft that is about to be signed. No row stays locked meanwhile: if the
    /// draft changes, its revision does, and the signature is refused for that.
    async fn expect_printable_draft(
        &self,
        actor: &Actor,
        case: CaseId,
        token: ClaimToken,
    ) -> Result<(), AppError> {
        let tx = self.store.begin(actor).await?;
        hold(&tx, actor, case, token, self.clock.now()).await?;
        let report = report_of(&tx, case).await?;
        let notes = tx.key_images(&[case]).await?;
        drop(tx);
        let sections = report.draft.into_iter().flat_map(|draft| draft.sections);
        let notes = notes.into_iter().filter_map(|row| row.image.note);
        let texts = sections
            .map(|section| (section.key, section.text))
            .chain(notes.map(|note| ("keyImages".to_owned(), note)));
        self.expect_printable(texts.collect()).await
    }

    /// Keeps the signed version, puts its copies on their way in place of older ones, and commits.
    async fn send_out(
        &self,
        mut tx: TenantTx,
        opened: OpenCase,
        actor: &Actor,
        signed: &SignedReport,
        action: AuditAction,
        now: DateTime<Utc>,
    ) -> Result<CaseRow, AppError> {
        let version = ReportVersionId::from_uuid(self.ids.next());
        tx.insert_report_version(version, signed).await?;
        for mut older in tx.deliveries(&[opened.case().id]).await? {
            if older.state.may_become(DeliveryState::Superseded) && older.state != DeliveryState::Sent {
                older.state = DeliveryState::Superseded;
                tx.save_delivery(&older).await?;
            }
        }
        let copies = self.copies(&tx, &opened, version, now).await?;
        tx.insert_deliveries(&copies).await?;
        tx.enqueue(self.ids.next(), now, now, &PrintReport { version })
            .await?;
        let content = signed.content();
        let detail = format!(
            "{} version {} sha256 {}",
            content.kind.as_str(),
            content.number,
            signed.sha256()
        );
        tx.audit(opened.audited(actor, now, action, version).detail(detail));
        let row = opened.save(&mut tx).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// One copy for each way to the facility.
    async fn copies(
        &self,
        tx: &TenantTx,
        opened: &OpenCase,
        version: ReportVersionId,
        now: DateTime<Utc>,
    ) -> Result<Vec<DeliveryRow>, AppError> {
        let case = opened.case();
        let facility = tx
            .facility(case.facility)
            .await?
            .ok_or(AppError::NotFound { what: "facility" })?;
        let ways = [
            (DeliveryChannel::Portal, Some(facility.name)),
            (DeliveryChannel::Mail, facility.report_email),
        ];
        Ok(ways
            .into_iter()
            .filter_map(|(channel, recipient)| Some((channel, recipient?)))
            .map(|(channel, recipient)| DeliveryRow {
                id: DeliveryId::from_uuid(self.ids.next()),
                case: case.id,
                version,
                facility: case.facility,
                channel,
                recipient,
                state: DeliveryState::Queued,
                attempts: 0,
                queued_at: now,
                delivered_at: None,
                acknowledged_at: None,
                acknowledged_by: None,
                last_error: None,
            })
            .collect())
    }
}

async fn signature(
    tx: &TenantTx,
    actor: &Actor,
    signer: UserId,
    case: CaseId,
    at: DateTime<Utc>,
) -> Result<Signature, AppError> {
    let signer_name = match actor.principal() {
        Principal::User { name, .. } => name.clone(),
        Principal::ApiKey { .. } | Principal::Node { .. } | Principal::System { .. } => {
            return Err(AppError::Forbidden {
                permission: Permission::ReadCases,
            });
        }
    };
    let key_images = tx
        .key_images(&[case])
        .await?
        .into_iter()
        .map(|row| row.image)
        .collect();
    Ok(Signature {
        signer,
        signer_name,
        at,
        key_images,
    })
}

/// Closes the task to verify the report, if images came late.
async fn close_verification(
    tx: &TenantTx,
    case: CaseId,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    for item in tx.open_work_items(&[case]).await? {
        if item.kind == WorkItemKind::VerifyReport {
            tx.close_work_item(item.id, by, now).await?;
        }
    }
    Ok(())
}
