//! Creating work items and changing them.

use chrono::{DateTime, Utc};
use dicom::Uid;
use domain::{
    Actor, ErrorCode, FacilityId, FacilityScope, Permission,
    audit::{AuditAction, AuditEvent},
    change::{Change, ChangeTopic},
    reading_case::WorkItemKind,
    ups::{Done, Step, StepRefused, StepState},
};
use store::{TaskRow, TenantRead, TenantTx, WorkitemRow};

use super::{
    DataSet,
    data_set::{
        CANCELLED_AT, MODIFIED, PROCEDURE_STEP_STATE, REASON_FOR_CANCELLATION, REQUESTING_AE, SOP_CLASS_UID,
        SOP_INSTANCE_UID, TRANSACTION_UID, UPS_PUSH, WORKLIST_LABEL, lacks_to_complete, missing, set_text,
        text,
    },
    task::{Subjects, claim_token_of, moment, state_of, task_of},
    warning,
};
use crate::{App, AppError};

/// What a data set may have when it is kept.
const MOST_BYTES: usize = 1 << 20;

/// A work item that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedWorkitem {
    /// Its UID.
    pub uid: String,
    /// What was changed about it.
    pub warning: Option<String>,
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkitemChange {
    /// What the Standard wants to be warned of.
    pub warning: Option<String>,
}

impl App {
    /// Creates a work item (PS3.18 §11.4).
    ///
    /// Errors: `BAD_REQUEST` when it lacks what it must say or is not SCHEDULED, `WORKITEM_EXISTS` when its UID is
    /// taken.
    pub async fn create_workitem(
        &self,
        actor: &Actor,
        uid: Option<&str>,
        mut set: DataSet,
    ) -> Result<CreatedWorkitem, AppError> {
        self.authorise(actor, Permission::PerformWorkitems)?;
        let refused = |text: String| AppError::refused(ErrorCode::BadRequest, text);
        let missing = missing(&set);
        if !missing.is_empty() {
            return Err(refused(format!("the work item lacks {}", missing.join(", "))));
        }
        if text(&set, PROCEDURE_STEP_STATE) != Some(StepState::Scheduled.as_str()) {
            return Err(refused("C309: a work item is created SCHEDULED".to_owned()));
        }
        let own = uid.or_else(|| text(&set, SOP_INSTANCE_UID)).map(str::to_owned);
        let uid = own.unwrap_or_else(|| format!("2.25.{}", self.ids.next().as_u128()));
        let uid = Uid::parse(&uid).map_err(|_| refused("the work item's UID is none".to_owned()))?;
        let mut warning = None;
        if set.remove(&TRANSACTION_UID.to_string()).is_some() {
            warning =
                Some("The UPS was created with modifications: its Transaction UID was left out".to_owned());
        }
        set_text(&mut set, SOP_CLASS_UID, "UI", UPS_PUSH);
        set_text(&mut set, SOP_INSTANCE_UID, "UI", uid.as_str());
        if text(&set, WORKLIST_LABEL).is_none() {
            set_text(&mut set, WORKLIST_LABEL, "LO", "GENERAL");
        }
        let now = self.clock.now();
        set_text(&mut set, MODIFIED, "DT", &moment(now));
        let mut tx = self.store.begin(actor).await?;
        let is_task = match task_of(uid.as_str()) {
            Some(task) => !tx
                .tasks(&FacilityScope::All, Some(task), None, 1)
                .await?
                .is_empty(),
            None => false,
        };
        let row = WorkitemRow {
            id: self.ids.next(),
            facility: one_facility(&tx, actor).await?,
            sop_instance_uid: uid.to_string(),
            step: Step::scheduled(),
            data_set: written(&set)?,
            updated_at: now,
        };
        if is_task || !tx.insert_workitem(&row).await? {
            return Err(AppError::refused(
                ErrorCode::WorkitemExists,
                "a work item of this UID exists already",
            ));
        }
        tell(&mut tx, actor, &row, AuditAction::WorkitemCreate, now);
        tx.commit().await?;
        Ok(CreatedWorkitem {
            uid: uid.to_string(),
            warning,
        })
    }

    /// Changes attributes of a work item (PS3.18 §11.6).
    ///
    /// Errors: `NOT_FOUND`, `WORKITEM_STATE`, `WORKITEM_TRANSACTION`, `BAD_REQUEST` for what cannot be changed.
    pub async fn update_workitem(
        &self,
        actor: &Actor,
        uid: &str,
        transaction_uid: Option<&str>,
        changes: DataSet,
    ) -> Result<WorkitemChange, AppError> {
        self.authorise(actor, Permission::PerformWorkitems)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let Some(mut row) = tx.lock_workitem(uid, actor.facilities()).await? else {
            return match self.task_at(&tx, actor, uid, now).await? {
                (_, state) if state.is_final() => Err(StepRefused::Final(state).into()),
                _ => Err(AppError::refused(
                    ErrorCode::WorkitemState,
                    "a reader's task says what its case says",
                )),
            };
        };
        let transaction_uid = transaction_uid
            .or_else(|| text(&changes, TRANSACTION_UID))
            .map(str::to_owned);
        row.step.may_update(transaction_uid.as_deref())?;
        for tag in [SOP_CLASS_UID, SOP_INSTANCE_UID, PROCEDURE_STEP_STATE] {
            if changes.contains_key(&tag.to_string()) {
                let text = format!(
                    "{} is not changed by an update",
                    tag.keyword().unwrap_or_default()
                );
                return Err(AppError::refused(ErrorCode::BadRequest, text));
            }
        }
        let mut set = read(&row)?;
        set.extend(
            changes
                .into_iter()
                .filter(|(name, _)| *name != TRANSACTION_UID.to_string()),
        );
        set_text(&mut set, MODIFIED, "DT", &moment(now));
        row.data_set = written(&set)?;
        row.updated_at = now;
        tx.save_workitem(&row).await?;
        tell(&mut tx, actor, &row, AuditAction::WorkitemUpdate, now);
        tx.commit().await?;
        Ok(WorkitemChange { warning: None })
    }

    /// Changes the state of a work item (PS3.18 §11.7). A reader's task is claimed by it.
    ///
    /// Errors: `NOT_FOUND`, `WORKITEM_STATE`, `WORKITEM_TRANSACTION`, `BAD_REQUEST`; those of [`App::claim_case`].
    pub async fn change_workitem_state(
        &self,
        actor: &Actor,
        uid: &str,
        wanted: &DataSet,
    ) -> Result<WorkitemChange, AppError> {
        self.authorise(actor, Permission::PerformWorkitems)?;
        let refused = |text: &str| AppError::refused(ErrorCode::BadRequest, text);
        let state = text(wanted, PROCEDURE_STEP_STATE).and_then(StepState::from_name);
        let state = state.ok_or_else(|| refused("ProcedureStepState is missing or none"))?;
        let transaction_uid = text(wanted, TRANSACTION_UID).unwrap_or_default();
        let transaction_uid =
            Uid::parse(transaction_uid).map_err(|_| refused("TransactionUID is missing or none"))?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let Some(mut row) = tx.lock_workitem(uid, actor.facilities()).await? else {
            let (task, held) = self.task_at(&tx, actor, uid, now).await?;
            drop(tx);
            return self
                .change_task_state(actor, &task, held, state, transaction_uid.as_str())
                .await;
        };
        let mut set = read(&row)?;
        let lacking = match state {
            StepState::Completed => lacks_to_complete(&set),
            _ => None,
        };
        let done = row.step.change_state(state, transaction_uid.as_str(), lacking)?;
        if done == Done::Changed {
            set_text(&mut set, PROCEDURE_STEP_STATE, "CS", state.as_str());
            set_text(&mut set, MODIFIED, "DT", &moment(now));
            if state == StepState::Canceled {
                set_text(&mut set, CANCELLED_AT, "DT", &moment(now));
            }
            row.data_set = written(&set)?;
            row.updated_at = now;
            tx.save_workitem(&row).await?;
            tell(&mut tx, actor, &row, AuditAction::WorkitemState, now);
            tx.commit().await?;
        }
        Ok(WorkitemChange {
            warning: warning(done),
        })
    }

    /// Asks for a work item to be cancelled (PS3.18 §11.8). `request` may say who asks and why.
    ///
    /// Errors: `NOT_FOUND`, `WORKITEM_STATE`.
    pub async fn request_workitem_cancellation(
        &self,
        actor: &Actor,
        uid: &str,
        request: &DataSet,
    ) -> Result<WorkitemChange, AppError> {
        self.authorise(actor, Permission::PerformWorkitems)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let Some(mut row) = tx.lock_workitem(uid, actor.facilities()).await? else {
            let (_, state) = self.task_at(&tx, actor, uid, now).await?;
            return match state {
                StepState::Completed => Err(StepRefused::AlreadyCompleted.into()),
                StepState::Canceled => Ok(WorkitemChange {
                    warning: warning(Done::Already(state)),
                }),
                _ => Err(StepRefused::NotCanceled("a case is cancelled by its administrator").into()),
            };
        };
        let done = row.step.request_cancellation()?;
        if done == Done::Changed {
            let mut set = read(&row)?;
            set_text(&mut set, PROCEDURE_STEP_STATE, "CS", row.step.state.as_str());
            let who = text(request, REQUESTING_AE).unwrap_or("UNKNOWN");
            set_text(&mut set, REQUESTING_AE, "AE", who);
            set_text(
                &mut set,
                REASON_FOR_CANCELLATION,
                "LT",
                text(request, REASON_FOR_CANCELLATION).unwrap_or_default(),
            );
            set_text(&mut set, MODIFIED, "DT", &moment(now));
            row.data_set = written(&set)?;
            row.updated_at = now;
            tx.save_workitem(&row).await?;
            tell(&mut tx, actor, &row, AuditAction::WorkitemState, now);
            tx.commit().await?;
        }
        Ok(WorkitemChange {
            warning: warning(done),
        })
    }

    /// A reader's task within the actor's reach, and where it stands.
    pub(super) async fn task_at(
        &self,
        tx: &TenantRead,
        actor: &Actor,
        uid: &str,
        now: DateTime<Utc>,
    ) -> Result<(TaskRow, StepState), AppError> {
        let missing = || AppError::NotFound { what: "work item" };
        let id = task_of(uid).ok_or_else(missing)?;
        let task = tx
            .tasks(actor.facilities(), Some(id), None, 1)
            .await?
            .pop()
            .ok_or_else(missing)?;
        let subjects = Subjects::of(tx, std::slice::from_ref(&task)).await?;
        let state = state_of(&task, subjects.case(&task).ok_or_else(missing)?, now);
        Ok((task, state))
    }

    /// The claim is the lock of the task, and the Transaction UID its token.
    async fn change_task_state(
        &self,
        actor: &Actor,
        task: &TaskRow,
        held: StepState,
        wanted: StepState,
        transaction_uid: &str,
    ) -> Result<WorkitemChange, AppError> {
        let token = claim_token_of(transaction_uid);
        let mut step = Step {
            state: held,
            transaction_uid: task.item.claim.map(|claim| claim.token.to_string()),
        };
        let lacking = match wanted {
            StepState::Completed => Some("a report is signed by its reader here"),
            StepState::Canceled => Some("a case is cancelled by its administrator"),
            _ => None,
        };
        let done = step.change_state(wanted, &token.to_string(), lacking)?;
        if done == Done::Changed {
            if task.item.kind == WorkItemKind::VerifyReport {
                return Err(StepRefused::Requirements("late images are confirmed by a reader here").into());
            }
            let claimed = self.claim_case_under(actor, task.item.case, token).await?;
            if claimed.claim.token != token {
                // The same reader holds it already, under another token.
                return Err(StepRefused::AlreadyInProgress.into());
            }
        }
        Ok(WorkitemChange {
            warning: warning(done),
        })
    }
}

/// The facility whose people may see what the actor creates.
async fn one_facility(tx: &TenantRead, actor: &Actor) -> Result<Option<FacilityId>, AppError> {
    let facilities = tx.facilities(actor.facilities()).await?;
    match (actor.facilities(), facilities.as_slice()) {
        (_, [one]) => Ok(Some(one.id)),
        (FacilityScope::All, _) => Ok(None),
        (FacilityScope::Only(_), []) => Err(AppError::refused(
            ErrorCode::Forbidden,
            "you work for no facility; ask your administrator to assign you to one",
        )),
        (FacilityScope::Only(_), [first, ..]) => Ok(Some(first.id)),
    }
}

pub(super) fn read(row: &WorkitemRow) -> Result<DataSet, AppError> {
    serde_json::from_str(&row.data_set).map_err(|error| AppError::Internal {
        what: format!("a kept work item cannot be read: {error}"),
    })
}

fn written(set: &DataSet) -> Result<String, AppError> {
    let text = serde_json::to_string(set).map_err(|error| AppError::Internal {
        what: format!("a work item cannot be written: {error}"),
    })?;
    if text.len() > MOST_BYTES {
        return Err(AppError::refused(
            ErrorCode::PayloadTooLarge,
            "a work item may have 1 MB",
        ));
    }
    // U+0000 is refused by the one database and by nothing else.
    if text.contains("\\u0000") {
        return Err(AppError::invalid("text", "a text must not hold U+0000"));
    }
    Ok(text)
}

/// The trail, the feed and the metrics learn of a change.
fn tell(tx: &mut TenantTx, actor: &Actor, row: &WorkitemRow, action: AuditAction, now: DateTime<Utc>) {
    metrics::counter!("telerad_workitem_changes_total", "action" => action.as_str()).increment(1);
    tx.audit(AuditEvent::of(actor, now, action, &row.sop_instance_uid).detail(row.step.state.as_str()));
    tx.announce(Change {
        topic: ChangeTopic::Workitem,
        object: row.id,
        facility: row.facility,
    });
}
