//! Who looked at which study, once for each time it is opened.
//!
//! A viewer asks a hundred times for one look: metadata of every series, every instance. Requests of one actor
//! for one study within ten minutes are one opening.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Actor, StudyId, TenantId, audit::AuditEvent};

use crate::{App, AppError};

/// Requests closer together than this are one opening.
const ONE_OPENING: TimeDelta = TimeDelta::minutes(10);
/// So many openings are remembered; beyond it they are forgotten and written again, never lost.
const REMEMBERED: usize = 10_000;

type Openings = HashMap<(TenantId, String, Option<String>, StudyId), DateTime<Utc>>;

static OPENINGS: LazyLock<Mutex<Openings>> = LazyLock::new(Mutex::default);

impl App {
    /// Records that the actor opened a study, before anything of it is handed out.
    pub(super) async fn record_opening(
        &self,
        actor: &Actor,
        study: StudyId,
        detail: &str,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let key = (
            actor.tenant(),
            actor.to_string(),
            actor.origin().address.clone(),
            study,
        );
        if is_recent(&key, now) {
            return Ok(());
        }
        let mut tx = self.store.begin(actor).await?;
        tx.audit(AuditEvent::of(actor, now, "study.retrieve", study).detail(detail));
        tx.commit().await?;
        remember(key, now);
        Ok(())
    }
}

fn is_recent(key: &(TenantId, String, Option<String>, StudyId), now: DateTime<Utc>) -> bool {
    let openings = OPENINGS.lock().unwrap_or_else(PoisonError::into_inner);
    openings
        .get(key)
        .is_some_and(|at| now - *at < ONE_OPENING && *at <= now)
}

fn remember(key: (TenantId, String, Option<String>, StudyId), now: DateTime<Utc>) {
    let mut openings = OPENINGS.lock().unwrap_or_else(PoisonError::into_inner);
    if openings.len() >= REMEMBERED {
        openings.clear();
    }
    openings.insert(key, now);
}
