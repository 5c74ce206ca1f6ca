//! What subscribers are told (PS3.4 §CC.2.4, PS3.18 §8.10): read from the tenant's change feed.
//!
//! **Invariant:** nobody hears of what they may not retrieve.

use std::collections::BTreeSet;

use dicom::{
    JsonObject,
    query::{Level, Query},
    tags,
};
use domain::{Actor, CaseId, Permission, audit::AuditAction, change::ChangeTopic, ups::StepState};
use store::{ChangeRow, SubscriptionRow, TaskRow, TenantRead};
use uuid::Uuid;

use super::{
    DataSet,
    data_set::{
        INPUT_READINESS_STATE, PROCEDURE_STEP_STATE, REASON_FOR_CANCELLATION, REQUESTING_AE,
        SOP_INSTANCE_UID, text,
    },
    find::FOLD,
    subscribe::{ALL_WORKITEMS, FILTERED_WORKITEMS, title},
    task::Subjects,
    write::read,
};
use crate::{App, AppError, changes::ChangeSignal};

/// So many changes are looked at at a time.
const STRIDE: u64 = 100;
/// UPS Event SOP Class.
const UPS_EVENT: &str = "1.2.840.10008.5.1.4.34.6.4";

/// One subscriber who listens.
#[derive(Debug)]
pub struct EventListener {
    app: App,
    actor: Actor,
    subscriber: String,
    signal: ChangeSignal,
    /// The last change that was looked at.
    sequence: i64,
    messages: u16,
}

impl App {
    /// Begins to listen for an AE title, from now on.
    ///
    /// Errors: `NOT_FOUND` when the title is somebody else's, `BAD_REQUEST` when it is none.
    pub async fn listen_to_workitems(
        &self,
        actor: &Actor,
        subscriber: &str,
    ) -> Result<EventListener, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let subscriber = title(subscriber)?;
        let signal = self.change_signal(actor);
        let tx = self.store.read(actor).await?;
        self.expect_own(&tx, actor, &subscriber).await?;
        Ok(EventListener {
            sequence: tx.change_sequence().await?,
            app: self.clone(),
            actor: actor.clone(),
            subscriber,
            signal,
            messages: 0,
        })
    }
}

impl EventListener {
    /// Waits for a sign that something may have changed. False when there will be none any more.
    pub async fn changed(&mut self) -> bool {
        self.signal.changed().await
    }

    /// The events since the last call. Each is one data set.
    pub async fn events(&mut self) -> Result<Vec<JsonObject>, AppError> {
        let mut told = Vec::new();
        let mut shown = Vec::new();
        loop {
            let tx = self.app.store.read(&self.actor).await?;
            let rows = tx
                .changes_after(self.sequence, self.actor.facilities(), STRIDE)
                .await?;
            let Some(last) = rows.last() else { break };
            self.sequence = last.sequence;
            let subscriptions = tx.subscriptions(&self.subscriber).await?;
            for set in self.changed_sets(&tx, &rows).await? {
                if !subscriptions.iter().any(|subscription| wants(subscription, &set)) {
                    continue;
                }
                shown.extend(text(&set, SOP_INSTANCE_UID).map(str::to_owned));
                if is_cancellation_requested(&set) {
                    told.push(self.event(&set, 2));
                }
                told.push(self.event(&set, 1));
            }
        }
        if !shown.is_empty() {
            self.app
                .record_list_look(&self.actor, AuditAction::WorkitemList, "events", &shown)
                .await?;
        }
        Ok(told)
    }

    /// What the changes were about, as it is now.
    async fn changed_sets(&self, tx: &TenantRead, rows: &[ChangeRow]) -> Result<Vec<DataSet>, AppError> {
        let now = self.app.clock.now();
        let of_topic = |topic| {
            let ids = rows
                .iter()
                .filter(move |row| row.topic == topic)
                .map(|row| row.object);
            ids.collect::<BTreeSet<Uuid>>().into_iter().collect::<Vec<Uuid>>()
        };
        let mut sets = Vec::new();
        for row in tx
            .workitems_of_rows(&of_topic(ChangeTopic::Workitem), self.actor.facilities())
            .await?
        {
            sets.push(read(&row)?);
        }
        let cases: Vec<CaseId> = of_topic(ChangeTopic::Case)
            .into_iter()
            .map(CaseId::from_uuid)
            .collect();
        if !cases.is_empty() {
            let tasks = tx.tasks_of_cases(&cases).await?;
            let subjects = Subjects::of(tx, &tasks).await?;
            let root = self.app.dicomweb_root(tx).await?;
            let in_reach = |task: &&TaskRow| {
                let case = subjects.case(task);
                case.is_some_and(|row| self.actor.facilities().contains(row.case.facility))
            };
            let tasks = tasks.iter().filter(in_reach);
            sets.extend(tasks.filter_map(|task| subjects.data_set(task, &root, now)));
        }
        Ok(sets)
    }

    /// An event report: 1 is of the state, 2 of a request to cancel (PS3.4 table CC.2.4-1).
    fn event(&mut self, set: &DataSet, kind: u16) -> JsonObject {
        self.messages = self.messages.wrapping_add(1);
        let of = |tag| text(set, tag).unwrap_or_default();
        let object = JsonObject::new()
            .text(dicom::Tag::new(0x0000, 0x0002), "UI", [UPS_EVENT])
            .integer(dicom::Tag::new(0x0000, 0x0110), "US", [self.messages])
            .text(dicom::Tag::new(0x0000, 0x1000), "UI", [of(SOP_INSTANCE_UID)])
            .integer(dicom::Tag::new(0x0000, 0x1002), "US", [kind])
            .text(tags::SPECIFIC_CHARACTER_SET, "CS", ["ISO_IR 192"]);
        if kind == 2 {
            return object
                .text(REQUESTING_AE, "AE", [of(REQUESTING_AE)])
                .optional_text(REASON_FOR_CANCELLATION, "LT", Some(of(REASON_FOR_CANCELLATION)));
        }
        object
            .text(PROCEDURE_STEP_STATE, "CS", [of(PROCEDURE_STEP_STATE)])
            .text(INPUT_READINESS_STATE, "CS", [of(INPUT_READINESS_STATE)])
    }
}

fn wants(subscription: &SubscriptionRow, set: &DataSet) -> bool {
    match subscription.target.as_str() {
        ALL_WORKITEMS => true,
        FILTERED_WORKITEMS => {
            let filter = subscription.filter.as_deref().unwrap_or_default();
            Query::parse(Level::Instance, filter).is_ok_and(|query| query.holds(set, &FOLD))
        }
        uid => text(set, SOP_INSTANCE_UID) == Some(uid),
    }
}

fn is_cancellation_requested(set: &DataSet) -> bool {
    text(set, PROCEDURE_STEP_STATE) == Some(StepState::InProgress.as_str())
        && text(set, REQUESTING_AE).is_some()
}
