//! Who was shown what.

use domain::{
    Actor, CaseId, StudyId,
    audit::{AuditAction, AuditEvent},
};

use super::memory::Mark;
use crate::{App, AppError};

/// A list's row names at most so many; a longer list makes several rows.
const NAMED_IN_ONE_ROW: usize = 200;

/// In which form something of a study is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StudyForm {
    /// Originals.
    Instances,
    /// DICOM JSON.
    Metadata,
    /// Single frames, as a viewer asks for them.
    Frames,
    /// Pictures of frames.
    Rendered,
    /// Small pictures, as lists show them.
    Thumbnail,
    /// Single values.
    BulkData,
    /// One instance that says nothing of its patient.
    Deidentified,
}

impl StudyForm {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Instances => "instances",
            Self::Metadata => "metadata",
            Self::Frames => "frames",
            Self::Rendered => "rendered",
            Self::Thumbnail => "thumbnail",
            Self::BulkData => "bulk data",
            Self::Deidentified => "de-identified",
        }
    }
}

impl App {
    /// Records that the actor opened a study in some form, before anything of it is handed out. A viewer asks a
    /// hundred times for one look.
    pub(crate) async fn record_study_look(
        &self,
        actor: &Actor,
        study: StudyId,
        form: StudyForm,
    ) -> Result<(), AppError> {
        let action = AuditAction::StudyRetrieve;
        let mark = Mark::of(actor, action, &format!("{study} {}", form.as_str()));
        let now = self.clock.now();
        let Some(turn) = self.trail.first(&[mark], now).await else {
            return Ok(());
        };
        let mut tx = self.store.begin(actor).await?;
        tx.touch_study(study, now).await?;
        let case = tx.case_of_study(study).await?;
        let event = AuditEvent::of(actor, now, action, study).detail(form.as_str());
        tx.audit(event.case(case.map(|row| row.case.id)));
        tx.commit().await?;
        turn.written();
        Ok(())
    }

    /// Records that the actor opened a case.
    pub(crate) async fn record_case_look(&self, actor: &Actor, case: CaseId) -> Result<(), AppError> {
        let event = AuditEvent::of(actor, self.clock.now(), AuditAction::CaseView, case).case(case);
        self.record_plain_look(actor, event).await
    }

    /// Records a look that its event tells all about.
    pub(crate) async fn record_plain_look(&self, actor: &Actor, event: AuditEvent) -> Result<(), AppError> {
        let what = format!("{} {}", event.object, event.detail.as_deref().unwrap_or_default());
        let mark = Mark::of(actor, event.action, &what);
        if let Some(turn) = self.trail.first(&[mark], event.at).await {
            self.audit_alone(actor, event).await?;
            turn.written();
        }
        Ok(())
    }

    /// Records that the actor was shown a list: how it was asked for, and which of `shown` they had not been shown
    /// within the window. A list without anything new makes no row.
    pub(crate) async fn record_list_look(
        &self,
        actor: &Actor,
        action: AuditAction,
        asked: &str,
        shown: &[String],
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let mut marks = vec![Mark::of(actor, action, asked)];
        marks.extend(shown.iter().map(|id| Mark::of(actor, action, id)));
        let Some(turn) = self.trail.first(&marks, now).await else {
            return Ok(());
        };
        let names: Vec<&str> = turn
            .new_places()
            .filter_map(|place| Some(shown[place.checked_sub(1)?].as_str()))
            .collect();
        let mut tx = self.store.begin(actor).await?;
        for detail in details(asked, shown.len(), &names) {
            tx.audit(AuditEvent::of(actor, now, action, "list").detail(detail));
        }
        tx.commit().await?;
        turn.written();
        Ok(())
    }
}

/// What the rows of one list say.
fn details(asked: &str, shown: usize, new: &[&str]) -> Vec<String> {
    if new.is_empty() {
        return vec![format!("{asked}; {shown} shown")];
    }
    new.chunks(NAMED_IN_ONE_ROW)
        .map(|names| format!("{asked}; {shown} shown, new: {}", names.join(" ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_new_name_stands_in_exactly_one_row() {
        let ids: Vec<String> = (0..450).map(|number| format!("case_{number}")).collect();
        let names: Vec<&str> = ids.iter().map(String::as_str).collect();
        let rows = details("worklist", 450, &names);
        assert_eq!(rows.len(), 3);
        let named: Vec<&str> = rows
            .iter()
            .flat_map(|row| row.split("new: ").nth(1).unwrap().split(' '))
            .collect();
        assert_eq!(named, names);
        assert_eq!(details("study", 0, &[]), ["study; 0 shown"]);
    }
}
