//! What happens when a stored object is found damaged or gone: log, metric, audit trail, and for what can be derived
//! again, a job that does so.

use chrono::{DateTime, Utc};
use domain::{
    Actor, BatchId, InstanceId, ReportVersionId, SeriesId,
    audit::{AuditAction, AuditEvent},
};
use futures_util::StreamExt as _;

use super::{StoredBytes, is_damage};
use crate::{
    App, AppError,
    ports::{BlobError, BlobStream, ObjectKey},
    renditions::{MakeRenditions, MakeThumbnail, RENDITION_VERSION},
    trail::Mark,
};

/// What a stored object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The original of an instance.
    Instance(InstanceId),
    /// The viewing rendition of an instance, which came in the batch.
    Rendition(InstanceId, BatchId),
    /// The thumbnail of a series.
    Thumbnail(SeriesId),
    /// The document of a signed report.
    Report(ReportVersionId),
}

impl Subject {
    fn kind(self) -> &'static str {
        match self {
            Self::Instance(_) => "original",
            Self::Rendition(..) => "rendition",
            Self::Thumbnail(_) => "thumbnail",
            Self::Report(_) => "report",
        }
    }

    fn id(self) -> String {
        match self {
            Self::Instance(id) | Self::Rendition(id, _) => id.to_string(),
            Self::Thumbnail(id) => id.to_string(),
            Self::Report(id) => id.to_string(),
        }
    }
}

impl App {
    /// Raises the alarm when `error` says so.
    pub(crate) async fn raise_if_damaged(
        &self,
        actor: &Actor,
        subject: Subject,
        key: &ObjectKey,
        error: &BlobError,
    ) {
        if is_damage(error) {
            self.raise(actor, subject, key.as_str()).await;
        }
    }

    /// The same stream; damage in it raises the alarm.
    pub(super) fn alarmed(&self, actor: &Actor, stored: &StoredBytes, stream: BlobStream) -> BlobStream {
        let (app, actor, subject, key) = (self.clone(), actor.clone(), stored.subject, stored.key.clone());
        stream
            .then(move |chunk| {
                let damage = match &chunk {
                    Err(error) if is_damage(error) => Some((app.clone(), actor.clone(), key.clone())),
                    _ => None,
                };
                async move {
                    if let Some((app, actor, key)) = damage {
                        app.raise(&actor, subject, key.as_str()).await;
                    }
                    chunk
                }
            })
            .boxed()
    }

    /// Every metric counts each time; the trail and the log name one object once in a window.
    pub(super) async fn raise(&self, actor: &Actor, subject: Subject, key: &str) {
        metrics::counter!("telerad_damaged_objects_total", "kind" => subject.kind()).increment(1);
        let now = self.clock.now();
        let mark = Mark::of_object(actor.tenant(), subject.kind(), &subject.id(), key);
        let Some(turn) = self.trail.first(&[mark], now).await else {
            return;
        };
        tracing::error!(
            object.kind = subject.kind(),
            object.id = subject.id(),
            "a stored object is missing or damaged"
        );
        // The alarm must not hide what it is about: the caller still gets its own error.
        match self.record_damage(actor, subject, now).await {
            Ok(()) => turn.written(),
            Err(error) => tracing::error!(error = %error, "the alarm could not be recorded"),
        }
    }

    async fn record_damage(
        &self,
        actor: &Actor,
        subject: Subject,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let mut tx = self.store.begin(actor).await?;
        tx.audit(AuditEvent::of(actor, now, AuditAction::ObjectDamaged, subject.id()).detail(subject.kind()));
        let mut useless = None;
        match subject {
            Subject::Rendition(instance, batch) => {
                useless = tx.remove_rendition(instance, RENDITION_VERSION).await?;
                tx.enqueue(self.ids.next(), now, now, &MakeRenditions { batch })
                    .await?;
            }
            Subject::Thumbnail(series) => {
                // The job that draws it anew removes the old object.
                tx.enqueue(self.ids.next(), now, now, &MakeThumbnail { series })
                    .await?;
            }
            // Originals and signed documents come back from a backup, or not at all.
            Subject::Instance(_) | Subject::Report(_) => {}
        }
        tx.commit().await?;
        if let Some(key) = useless.and_then(|key| ObjectKey::stored(actor.tenant(), key)) {
            self.delete_derived(&key).await;
        }
        Ok(())
    }
}
