//! The moments at which a share of a case's target has passed.

use domain::{Actor, CaseId, Permission, sla::ClockEvent};

use super::open_case::OpenCase;
use crate::{App, AppError};

impl App {
    /// Records the marks that the case has reached, each once, and waits for the next one.
    pub async fn mark_service_level(&self, actor: &Actor, case: CaseId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let mut opened = OpenCase::of_case(&tx, actor, case).await?;
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
}
