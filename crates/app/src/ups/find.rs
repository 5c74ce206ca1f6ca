//! Retrieving a work item and searching for some (PS3.18 §11.5 and §11.9).

use std::collections::VecDeque;

use dicom::{
    JsonObject, Tag,
    query::{Fold, Matching, Query},
};
use domain::{
    Actor, Permission,
    audit::{AuditAction, AuditEvent},
    name_index,
    ups::StepState,
};
use store::TenantRead;
use uuid::Uuid;

use super::{
    DataSet,
    data_set::{PROCEDURE_STEP_STATE, SOP_INSTANCE_UID, object, text},
    task::Subjects,
    write::read,
};
use crate::{App, AppError};

/// The most results of one answer.
const MOST: usize = 1_000;
/// So many work items are looked at for one answer.
const MOST_LOOKED_AT: usize = 20_000;
/// So many are read at a time.
const PAGE: u64 = 200;

/// How names are folded.
pub(super) const FOLD: Fold = Fold {
    kept: name_index::name_words,
    wanted: name_index::wanted_words,
};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundWorkitems {
    /// One object for each.
    pub objects: Vec<JsonObject>,
    /// Whether there may be more.
    pub has_more: bool,
}

impl App {
    /// A work item, without its Transaction UID.
    ///
    /// Errors: `NOT_FOUND`.
    pub async fn retrieve_workitem(&self, actor: &Actor, uid: &str) -> Result<JsonObject, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let tx = self.store.read(actor).await?;
        let set = match tx.workitem(uid, actor.facilities()).await? {
            Some(row) => read(&row)?,
            None => {
                let now = self.clock.now();
                let (task, _) = self.task_at(&tx, actor, uid, now).await?;
                let root = self.dicomweb_root(&tx).await?;
                let subjects = Subjects::of(&tx, std::slice::from_ref(&task)).await?;
                let missing = AppError::NotFound { what: "work item" };
                subjects.data_set(&task, &root, now).ok_or(missing)?
            }
        };
        drop(tx);
        let event = AuditEvent::of(actor, self.clock.now(), AuditAction::WorkitemView, uid);
        self.record_plain_look(actor, event).await?;
        object(&set)
    }

    /// Work items that match, the newest first.
    pub async fn search_workitems(&self, actor: &Actor, query: &Query) -> Result<FoundWorkitems, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let tx = self.store.read(actor).await?;
        let limit = query
            .limit
            .map_or(MOST, |limit| usize::try_from(limit).unwrap_or(MOST).min(MOST));
        let mut newest = Newest::new(self, &tx, actor, query).await?;
        let (mut skipped, mut looked_at, mut has_more) = (0, 0, false);
        let (mut objects, mut uids) = (Vec::new(), Vec::new());
        while let Some(set) = newest.next().await? {
            looked_at += 1;
            if looked_at > MOST_LOOKED_AT {
                has_more = true;
                break;
            }
            if !query.holds(&set, &FOLD) {
                continue;
            }
            if skipped < query.offset {
                skipped += 1;
            } else if objects.len() == limit {
                has_more = true;
                break;
            } else {
                uids.extend(text(&set, SOP_INSTANCE_UID).map(str::to_owned));
                objects.push(object(&set)?);
            }
        }
        drop(newest);
        drop(tx);
        self.record_list_look(actor, AuditAction::WorkitemList, &asked(query), &uids)
            .await?;
        Ok(FoundWorkitems { objects, has_more })
    }
}

/// The keys of a search, never their values.
fn asked(query: &Query) -> String {
    let name = |tag: &Tag| tag.keyword().map_or_else(|| tag.to_string(), str::to_owned);
    let mut keys: Vec<String> = query
        .conditions
        .iter()
        .filter(|condition| condition.matching != Matching::Universal)
        .map(|condition| condition.path.iter().map(name).collect::<Vec<_>>().join("."))
        .collect();
    keys.sort_unstable();
    if keys.is_empty() {
        "all".to_owned()
    } else {
        format!("by {}", keys.join(" "))
    }
}

/// Readers' tasks and work items of others in one order, read page by page.
struct Newest<'a> {
    app: &'a App,
    tx: &'a TenantRead,
    actor: &'a Actor,
    root: String,
    state: Option<StepState>,
    tasks: Source,
    others: Source,
}

#[derive(Default)]
struct Source {
    waiting: VecDeque<(Uuid, DataSet)>,
    before: Option<Uuid>,
    is_exhausted: bool,
}

impl<'a> Newest<'a> {
    async fn new(
        app: &'a App,
        tx: &'a TenantRead,
        actor: &'a Actor,
        query: &Query,
    ) -> Result<Self, AppError> {
        let state = match query.matching(PROCEDURE_STEP_STATE) {
            Some(Matching::Single(name)) => StepState::from_name(name),
            _ => None,
        };
        Ok(Self {
            root: app.dicomweb_root(tx).await?,
            app,
            tx,
            actor,
            state,
            tasks: Source::default(),
            others: Source::default(),
        })
    }

    async fn next(&mut self) -> Result<Option<DataSet>, AppError> {
        while self.tasks.waiting.is_empty() && !self.tasks.is_exhausted {
            self.read_tasks().await?;
        }
        while self.others.waiting.is_empty() && !self.others.is_exhausted {
            self.read_others().await?;
        }
        let of = |source: &Source| source.waiting.front().map(|(id, _)| *id);
        let next = if of(&self.tasks) > of(&self.others) {
            &mut self.tasks
        } else {
            &mut self.others
        };
        Ok(next.waiting.pop_front().map(|(_, set)| set))
    }

    async fn read_tasks(&mut self) -> Result<(), AppError> {
        let now = self.app.clock.now();
        let rows = self
            .tx
            .tasks(self.actor.facilities(), None, self.tasks.before, PAGE)
            .await?;
        self.tasks.is_exhausted = (rows.len() as u64) < PAGE;
        self.tasks.before = rows.last().map(|row| row.item.id.uuid());
        let subjects = Subjects::of(self.tx, &rows).await?;
        let sets = rows
            .iter()
            .filter_map(|row| Some((row.item.id.uuid(), subjects.data_set(row, &self.root, now)?)));
        self.tasks.waiting.extend(sets);
        Ok(())
    }

    async fn read_others(&mut self) -> Result<(), AppError> {
        let rows = self
            .tx
            .workitems(self.actor.facilities(), self.state, self.others.before, PAGE)
            .await?;
        self.others.is_exhausted = (rows.len() as u64) < PAGE;
        self.others.before = rows.last().map(|row| row.id);
        for row in rows {
            let set = read(&row)?;
            self.others.waiting.push_back((row.id, set));
        }
        Ok(())
    }
}
