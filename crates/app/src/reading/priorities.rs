//! Changing how soon a case is to be read.

use domain::{Actor, CaseId, Permission, Priority, ProtocolFlag, audit::AuditAction, sla::ClockEventKind};
use store::CaseRow;

use super::open_case::OpenCase;
use crate::{App, AppError};

impl App {
    /// Gives a case another priority and pathway, and with them another target.
    ///
    /// Errors: `CASE_STATE` once the final report is signed.
    pub async fn set_case_priority(
        &self,
        actor: &Actor,
        case: CaseId,
        priority: Priority,
        flag: Option<ProtocolFlag>,
    ) -> Result<CaseRow, AppError> {
        self.authorise(actor, Permission::PrioritiseCases)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let mut opened = OpenCase::of_case(&tx, actor, case).await?;
        if !opened.case_mut().prioritise(priority, flag)? {
            return Ok(opened.row().clone());
        }
        opened.note(actor, now, ClockEventKind::Prioritised);
        let detail = match flag {
            Some(flag) => format!("{} {}", priority.as_str(), flag.as_str()),
            None => priority.as_str().to_owned(),
        };
        tx.audit(
            opened
                .audited(actor, now, AuditAction::CasePrioritise, case)
                .detail(detail),
        );
        self.watch_target(&mut tx, &opened, now).await?;
        let row = opened.save(&mut tx).await?;
        tx.commit().await?;
        Ok(row)
    }
}
