//! The moments at which a share of a case's target has passed.

use chrono::{DateTime, Utc};
use domain::{Actor, CaseId, Permission, StudyId, sla::ClockEvent};
use store::TenantTx;

use super::open_case::OpenCase;
use crate::{App, AppError};

impl App {
    /// Records the marks that the case has reached, each once, and waits for the next one.
    pub async fn mark_service_level(&self, actor: &Actor, case: CaseId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let mut opened = match OpenCase::of_case(&tx, actor, case).await {
            // It went with its study; should that be restored, its target is watched again.
            Err(AppError::NotFound { .. }) => return Ok(()),
            opened => opened?,
        };
        let clock = opened.clock();
        let reached = clock.unrecorded_marks(now);
        for (mark, at) in &reached {
            let event = ClockEvent::new(*at, mark.event(), None);
            opened.note_event(ClockEvent {
                target_seconds: Some(clock.target_seconds()),
                ..event
            });
        }
        self.watch_target(&mut tx, &opened, now).await?;
        if !reached.is_empty() {
            opened.save(&mut tx).await?;
        }
        tx.commit().await?;
        for (mark, _) in reached {
            metrics::counter!("telerad_sla_marks_total", "mark" => mark.as_str()).increment(1);
        }
        Ok(())
    }

    /// The case of a study is back: its target has gone on running.
    pub(crate) async fn watch_target_again(
        &self,
        tx: &mut TenantTx,
        study: StudyId,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        match OpenCase::of_study(tx, study).await? {
            Some(opened) => self.watch_target(tx, &opened, now).await,
            None => Ok(()),
        }
    }
}
