//! What comes under the UID of an instance that is there: it heals what is damaged, or is set aside.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::{
    BatchId, QuarantineId,
    audit::{AuditAction, AuditEvent},
};
use store::{NewQuarantined, TenantTx};

use super::{group::Group, life::TidyBatch, verdict::Verdict, whose::Arrival};
use crate::{AppError, renditions::MakeRenditions};

impl Group {
    /// Lets damaged instances lie where they have come again; the objects they lie in now are used.
    pub(super) async fn heal(
        &self,
        tx: &mut TenantTx,
        judged: &[(Arrival<'_>, Verdict)],
        used: &mut HashSet<BatchId>,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        for (arrival, _) in judged.iter().filter(|(_, verdict)| *verdict == Verdict::Heals) {
            let uid = &arrival.facts().sop_instance_uid;
            let healed = tx
                .heal_instance(uid, &arrival.instance.data_set_hash, arrival.bytes()?)
                .await?;
            let Some(healed) = healed else { continue };
            used.insert(arrival.batch.id);
            let (tidy, draw) = (
                TidyBatch { batch: healed.from },
                MakeRenditions { study: healed.study },
            );
            tx.enqueue(self.sending.app.ids.next(), now, now, &tidy).await?;
            tx.enqueue(self.sending.app.ids.next(), now, now, &draw).await?;
            tx.audit(
                AuditEvent::of(
                    &self.sending.actor,
                    now,
                    AuditAction::ObjectRepair,
                    healed.instance,
                )
                .detail("from its sender"),
            );
            metrics::counter!("telerad_healed_instances_total").increment(1);
        }
        Ok(())
    }

    /// Sets aside what came under taken UIDs; the objects it lies in are used.
    pub(super) async fn set_conflicts_aside(
        &self,
        tx: &mut TenantTx,
        judged: &[(Arrival<'_>, Verdict)],
        used: &mut HashSet<BatchId>,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        for (arrival, _) in judged.iter().filter(|(_, verdict)| *verdict == Verdict::Conflict) {
            let facts = arrival.facts();
            let new = NewQuarantined {
                id: QuarantineId::from_uuid(self.sending.app.ids.next()),
                sop_instance_uid: facts.sop_instance_uid.clone(),
                series_instance_uid: facts.series_instance_uid.clone(),
                study_instance_uid: facts.study.study_instance_uid.clone(),
                reason: domain::ErrorCode::InstanceConflict.as_str(),
                offset: arrival.instance.offset,
                length: arrival.instance.length,
                sha256: arrival.part.sha256,
            };
            if tx
                .quarantine_instance(arrival.batch.id, self.sending.facility, &new, now)
                .await?
            {
                tx.audit(AuditEvent::of(
                    &self.sending.actor,
                    now,
                    AuditAction::InstanceQuarantine,
                    new.id,
                ));
                used.insert(arrival.batch.id);
            }
        }
        Ok(())
    }
}
