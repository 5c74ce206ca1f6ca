//! Reading the trail, which is a look itself.

use chrono::{DateTime, Utc};
use domain::{
    Actor, CaseId, PatientId, Permission, StudyId,
    audit::{AuditAction, AuditEvent},
};
use store::{AuditFilter, AuditRow, Page, TenantRead};

use crate::{App, AppError};

/// Rows as the use cases hand them out, for transports that do not know the store.
pub mod rows {
    pub use store::{AuditRow, ChainVerdict, Page};
}

/// What an auditor asks the trail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailQuestion {
    /// Part of a name, or a whole id.
    pub actor: Option<String>,
    /// These actions only.
    pub actions: Vec<AuditAction>,
    /// The id of a case, a study, a patient or anything else that rows name.
    pub about: Option<String>,
    /// Refusals only.
    pub refused_only: bool,
    /// From this moment on.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub before: Option<DateTime<Utc>>,
}

impl App {
    /// The rows of the audit trail that answer a question, newest first.
    ///
    /// A question about a patient is one about all their studies and cases; one about a case is also about its
    /// study, and the other way round.
    pub async fn audit_trail(
        &self,
        actor: &Actor,
        question: &TrailQuestion,
        page: &Page,
    ) -> Result<Vec<AuditRow>, AppError> {
        self.authorise(actor, Permission::ViewAudit)?;
        let event = AuditEvent::of(actor, self.clock.now(), AuditAction::AuditView, "audit trail");
        self.record_plain_look(actor, event.detail(described(question)))
            .await?;
        let tx = self.store.read(actor).await?;
        let about = match &question.about {
            Some(id) => about(&tx, id).await?,
            None => About::default(),
        };
        let filter = AuditFilter {
            actor: question.actor.clone(),
            actions: question.actions.clone(),
            about: about.ids,
            cases: about.cases,
            refused_only: question.refused_only,
            from: question.from,
            before: question.before,
        };
        Ok(tx.audit_trail(&filter, page).await?)
    }
}

/// Which keys a question has: a name that was typed in is nobody's business.
fn described(question: &TrailQuestion) -> String {
    let mut keys: Vec<&str> = Vec::new();
    if question.actor.is_some() {
        keys.push("actor");
    }
    keys.extend(question.actions.iter().map(|action| action.as_str()));
    keys.extend(question.about.as_deref().filter(|id| is_id(id)));
    if question.refused_only {
        keys.push("refused only");
    }
    if question.from.is_some() || question.before.is_some() {
        keys.push("dates");
    }
    if keys.is_empty() {
        "everything".to_owned()
    } else {
        keys.join(" ")
    }
}

/// Whether this has the shape of an id of ours.
fn is_id(text: &str) -> bool {
    text.split_once('_').is_some_and(|(kind, rest)| {
        !kind.is_empty()
            && kind.bytes().all(|byte| byte.is_ascii_lowercase())
            && rest.len() == 32
            && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[derive(Debug, Default)]
struct About {
    ids: Vec<String>,
    cases: Vec<CaseId>,
}

async fn about(tx: &TenantRead, id: &str) -> Result<About, AppError> {
    let mut found = About {
        ids: vec![id.to_owned()],
        cases: Vec::new(),
    };
    let mut studies: Vec<StudyId> = Vec::new();
    if let Ok(case) = id.parse::<CaseId>() {
        found.cases.push(case);
        if let Some(row) = tx.reading_case(case).await? {
            found.ids.push(row.case.study.to_string());
        }
    } else if let Ok(study) = id.parse::<StudyId>() {
        studies.push(study);
    } else if let Ok(patient) = id.parse::<PatientId>() {
        studies = tx.studies_of_patient(patient).await?;
        found.ids.extend(studies.iter().map(ToString::to_string));
    }
    for study in studies {
        if let Some(row) = tx.case_of_study(study).await? {
            found.ids.push(row.case.id.to_string());
            found.cases.push(row.case.id);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_in_as_a_name_is_not_written_down() {
        let question = TrailQuestion {
            actor: Some("Doe".to_owned()),
            about: Some("Doe^John".to_owned()),
            refused_only: true,
            ..TrailQuestion::default()
        };
        assert_eq!(described(&question), "actor refused only");
        let id = "case_0192aaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        let question = TrailQuestion {
            about: Some(id.to_owned()),
            ..TrailQuestion::default()
        };
        assert_eq!(described(&question), id);
        assert_eq!(described(&TrailQuestion::default()), "everything");
    }
}
