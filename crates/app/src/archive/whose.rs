//! Whose the studies of a batch are: finds or makes them and their patients, inside the batch's transaction.
//!
//! **Invariant:** what was known when the batch was judged is still so under the lock, or it is judged again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::{
    PatientId, StudyId,
    audit::{AuditAction, AuditEvent},
};
use store::{
    InstanceBytes, NewPatient, NewStudy, PatientIdentity, PatientRow, StoreError, StudyAttributes, StudyRow,
    TenantTx,
};

use super::{
    batch::SealedBatch,
    batch_file::{SideRange, SpooledInstance},
    facts::{InstanceFacts, PatientFacts},
    group::Group,
    identity::{Identity, may_be_one_person},
    judging::Judgement,
    part::Part,
};
use crate::AppError;

/// A new instance with what came with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival<'a> {
    /// The batch it is in.
    pub batch: &'a SealedBatch,
    /// The part it came as.
    pub part: &'a Part,
    /// The instance in it.
    pub instance: &'a SpooledInstance,
}

impl<'a> Arrival<'a> {
    /// What it says about itself.
    pub fn facts(&self) -> &'a InstanceFacts {
        &self.instance.facts
    }

    /// Of which study it is.
    pub fn study_instance_uid(&self) -> &'a str {
        &self.instance.facts.study.study_instance_uid
    }

    /// Where its bytes lie.
    pub fn bytes(&self) -> Result<InstanceBytes, AppError> {
        let instance = self.instance;
        let bulk_values = String::from_utf8(self.side(instance.bulk)?);
        Ok(InstanceBytes {
            batch: self.batch.id,
            offset: instance.offset,
            length: instance.length,
            sha256: self.part.sha256,
            has_preamble: instance.has_preamble,
            data_set_offset: instance.data_set_offset,
            chunk_sums: self.side(instance.sums)?,
            frame_index: self.side(instance.frames)?,
            bulk_values: bulk_values.map_err(|_| AppError::Internal {
                what: "the side file holds JSON".to_owned(),
            })?,
        })
    }

    /// Reads what was put aside while it came.
    pub fn side(&self, range: SideRange) -> Result<Vec<u8>, AppError> {
        self.batch
            .file
            .read_side(range)
            .map_err(|error| AppError::Internal {
                what: format!("the side file: {error}"),
            })
    }
}

/// The instances of one study that are new.
pub(super) type Studies<'a> = BTreeMap<&'a str, Vec<Arrival<'a>>>;

impl Group {
    /// Makes the studies that are not there, patients first, both in one order for all writers, and locks them, with
    /// `others` that are there.
    pub(super) async fn lock_studies<'a>(
        &self,
        tx: &mut TenantTx,
        studies: &Studies<'a>,
        others: BTreeSet<&str>,
        judgement: &Judgement,
        now: DateTime<Utc>,
    ) -> Result<HashMap<String, StudyRow>, AppError> {
        // New studies, and known ones about whose patient more is known now.
        let mut told: Vec<(PatientIdentity, &str, &[Arrival<'a>], &Identity)> = Vec::new();
        for (uid, arrivals) in studies {
            let after = judgement.after.get(*uid).ok_or_else(|| AppError::Internal {
                what: "a study with new instances is known".to_owned(),
            })?;
            if judgement.before.get(*uid) != Some(after) {
                let identity = after.identity.of_study(self.sending.facility, uid);
                told.push((identity, uid, arrivals, &after.identity));
            }
        }
        told.sort_by(|a, b| a.0.cmp(&b.0));
        let mut patients: BTreeMap<&str, (PatientId, Option<String>, &[Arrival<'a>])> = BTreeMap::new();
        for (identity, uid, arrivals, known) in told {
            let patient = self.patient(tx, identity, uid, arrivals, now).await?;
            patients.insert(uid, (patient, known.birth_date.clone(), arrivals));
        }
        for (uid, (patient, birth_date, arrivals)) in &patients {
            if judgement.before.contains_key(*uid) {
                continue;
            }
            let study = NewStudy {
                id: StudyId::from_uuid(self.sending.app.ids.next()),
                facility: self.sending.facility,
                patient: *patient,
                patient_birth_date: birth_date.clone(),
                attributes: attributes(arrivals),
            };
            tx.ensure_study(&study, now).await?;
        }
        let uids: BTreeSet<&str> = studies.keys().copied().chain(others).collect();
        let uids: Vec<&str> = uids.into_iter().collect();
        let mut rows: HashMap<String, StudyRow> = HashMap::new();
        for row in tx.lock_studies(&uids).await? {
            rows.insert(row.study_instance_uid.clone(), row);
        }
        let ids: Vec<PatientId> = rows.values().map(|row| row.patient).collect();
        let stored = tx.patients(&ids).await?;
        let stored: HashMap<PatientId, PatientRow> = stored.into_iter().map(|row| (row.id, row)).collect();
        for uid in studies.keys().copied() {
            let contended = || StoreError::Contended { what: "study" };
            let row = rows.get_mut(uid).ok_or_else(contended)?;
            // Somebody else may have made the study, for another patient or facility, or have learnt whose it is,
            // between our look and our lock: judge again.
            let patient = stored.get(&row.patient).ok_or_else(contended)?;
            let now_known = Identity::of_stored(patient, row.patient_birth_date.clone());
            let expected = judgement.before.get(uid).or(judgement.after.get(uid));
            if expected.is_none_or(|study| study.facility != row.facility || study.identity != now_known) {
                return Err(contended().into());
            }
            if let Some((patient, birth_date, _)) = patients.remove(uid)
                && (patient != row.patient || birth_date != row.patient_birth_date)
            {
                tx.study_is_of(row.id, patient, birth_date.as_deref()).await?;
                if patient != row.patient {
                    tx.remove_lone_patient(row.patient).await?;
                    tx.audit(AuditEvent::of(
                        &self.sending.actor,
                        now,
                        AuditAction::StudyPatient,
                        row.id,
                    ));
                }
                row.patient = patient;
                row.patient_birth_date = birth_date;
            }
        }
        Ok(rows)
    }

    /// Finds or makes the patient of a study. Whoever comes under a known id and cannot be the one it is known of
    /// stands alone with the study: nobody is merged on an id alone.
    async fn patient(
        &self,
        tx: &mut TenantTx,
        mut identity: PatientIdentity,
        study_instance_uid: &str,
        arrivals: &[Arrival<'_>],
        now: DateTime<Utc>,
    ) -> Result<PatientId, AppError> {
        let said = |of: fn(&PatientFacts) -> &Option<String>| {
            arrivals
                .iter()
                .find_map(|arrival| of(&arrival.facts().patient).clone())
        };
        let (name, birth_date) = (said(|of| &of.name), said(|of| &of.birth_date));
        loop {
            let new = NewPatient {
                id: PatientId::from_uuid(self.sending.app.ids.next()),
                identity: identity.clone(),
                name: name.clone().unwrap_or_default(),
                birth_date: birth_date.clone(),
                sex: said(|of| &of.sex),
            };
            let found = tx.ensure_patient(&new, now).await?;
            if !identity.lone_study_uid.is_empty()
                || may_be_one_person(&found, birth_date.as_deref(), name.as_deref())
            {
                tx.complete_patient(&found, &new, now).await?;
                return Ok(found.id);
            }
            identity.lone_study_uid = study_instance_uid.to_owned();
        }
    }
}

/// What the first instance says about its study.
pub(super) fn attributes(arrivals: &[Arrival<'_>]) -> StudyAttributes {
    arrivals
        .first()
        .map(|arrival| arrival.facts().study.clone())
        .unwrap_or_default()
}
