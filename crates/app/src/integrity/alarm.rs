//! What happens when a stored object is found damaged or gone: log, metric, audit trail, and for what can be derived
//! again, a job that does so.

use chrono::{DateTime, Utc};
use domain::{
    Actor, BatchId, InstanceId, ReportVersionId, SeriesId, StudyId,
    audit::{AuditAction, AuditEvent},
};

use super::{RepairBatch, is_damage};
use crate::{
    App, AppError,
    ports::{BlobError, ObjectKey},
    renditions::{MakeRenditions, MakeThumbnail, RENDITION_VERSION},
    trail::Mark,
};

/// What a stored object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The original of an instance, in the object of its batch.
    Instance(InstanceId, BatchId),
    /// The viewing rendition of an instance of the study.
    Rendition(InstanceId, StudyId),
    /// The thumbnail of a series.
    Thumbnail(SeriesId),
    /// The document of a signed report.
    Report(ReportVersionId),
}

impl Subject {
    /// Whether nothing can make it again.
    pub fn is_original(self) -> bool {
        matches!(self, Self::Instance(..))
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Instance(..) => "original",
            Self::Rendition(..) => "rendition",
            Self::Thumbnail(_) => "thumbnail",
            Self::Report(_) => "report",
        }
    }

    fn id(self) -> String {
        match self {
            Self::Instance(id, _) | Self::Rendition(id, _) => id.to_string(),
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

    /// Every metric counts each time; the trail and the log name one object once in a window.
    pub(super) async fn raise(&self, actor: &Actor, subject: Subject, key: &str) {
        self.raise_at(actor, subject, key, "primary").await;
    }

    /// The same of a copy in another store. What a copy is worth is the scrub's to say; the instance itself is
    /// damaged where it should be.
    pub(super) async fn raise_at(&self, actor: &Actor, subject: Subject, key: &str, store: &'static str) {
        metrics::counter!("telerad_damaged_objects_total", "kind" => subject.kind(), "store" => store)
            .increment(1);
        if store == "replica" {
            tracing::error!(
                object.kind = subject.kind(),
                object.id = subject.id(),
                "the copy in the replica is damaged"
            );
            return;
        }
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
            Subject::Rendition(instance, study) => {
                useless = tx.remove_rendition(instance, RENDITION_VERSION).await?;
                tx.enqueue(self.ids.next(), now, now, &MakeRenditions { study })
                    .await?;
            }
            Subject::Thumbnail(series) => {
                // The job that draws it anew removes the old object.
                tx.enqueue(self.ids.next(), now, now, &MakeThumbnail { series })
                    .await?;
            }
            // It is set aside until it comes right: from the replica, from its sender, or from a backup.
            Subject::Instance(id, batch) => {
                tx.mark_soundness(batch, &[id], Some(now)).await?;
                if self.replica.is_some() {
                    tx.enqueue(self.ids.next(), now, now, &RepairBatch { batch })
                        .await?;
                }
            }
            // Signed documents come back from a backup, or not at all.
            Subject::Report(_) => {}
        }
        tx.commit().await?;
        if let Some(key) = useless.and_then(|key| ObjectKey::stored(actor.tenant(), key)) {
            self.delete_derived(&key).await;
        }
        Ok(())
    }
}
