//! What becomes of parts, by what is stored now.

use std::collections::{HashMap, HashSet};

use dicom::Uid;
use store::{TenantRead, UploadItem};

use super::{
    batch::Sending,
    identity::Identity,
    ingest::SentInstance,
    part::Part,
    policy::{self, AnnouncedFile, Candidate, Known, KnownInstance, KnownStudy},
    verdict::Verdict,
};
use crate::AppError;

/// What a request says about the instances in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Addressed {
    /// The study of the address, when it names one.
    pub study_instance_uid: Option<String>,
    /// The one instance that is sent, when the sender says so.
    pub instance: Option<SentInstance>,
}

/// A part, and what its request says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Came<'a> {
    /// The part.
    pub part: &'a Part,
    /// What its request says.
    pub addressed: &'a Addressed,
}

/// What becomes of parts by what is stored.
#[derive(Debug)]
pub(super) struct Judgement {
    /// One verdict for each part.
    pub verdicts: Vec<Verdict>,
    /// What was known of the parts' studies.
    pub before: HashMap<String, KnownStudy>,
    /// What is known when the parts are stored that are new.
    pub after: HashMap<String, KnownStudy>,
}

impl Sending {
    /// Judges what came by what is stored now.
    pub async fn judge(&self, tx: &TenantRead, came: &[Came<'_>]) -> Result<Judgement, AppError> {
        let candidates: Vec<Candidate<'_>> = came
            .iter()
            .filter_map(|Came { part, addressed }| {
                let instance = part.content.as_deref().ok()?;
                Some(Candidate {
                    facts: &instance.facts,
                    addressed,
                    claimed_uid: part.claimed_uid.as_ref().map(Uid::as_str),
                    length: part.length,
                    sha256: &part.sha256,
                    data_set_hash: &instance.data_set_hash,
                    left_out: part.left_out,
                })
            })
            .collect();
        let mut known = self.known(tx, came, &candidates).await?;
        let before = known.studies.clone();
        let mut unread: Vec<Verdict> = Vec::new();
        for Came { part, .. } in came {
            if let Err((code, _)) = &part.content {
                unread.push(policy::judge_unread(part, *code, known.manifest.as_ref()));
            }
        }
        let mut unread = unread.into_iter();
        let mut judged = policy::judge(&candidates, self.facility, &mut known).into_iter();
        let verdicts = came.iter().map(|came| match came.part.content {
            Ok(_) => judged.next(),
            Err(_) => unread.next(),
        });
        let verdicts = verdicts
            .collect::<Option<Vec<Verdict>>>()
            .ok_or_else(|| AppError::Internal {
                what: "every part has a verdict".to_owned(),
            })?;
        Ok(Judgement {
            verdicts,
            before,
            after: known.studies,
        })
    }

    async fn known(
        &self,
        tx: &TenantRead,
        came: &[Came<'_>],
        candidates: &[Candidate<'_>],
    ) -> Result<Known, AppError> {
        let uids: Vec<&str> = candidates
            .iter()
            .map(|one| one.facts.sop_instance_uid.as_str())
            .collect();
        let studies: HashSet<&str> = candidates
            .iter()
            .map(|one| one.facts.study.study_instance_uid.as_str())
            .collect();
        let studies: Vec<&str> = studies.into_iter().collect();
        let instances = tx
            .stored_instances(&uids)
            .await?
            .into_iter()
            .map(|(uid, stored)| {
                let known = KnownInstance {
                    data_set_hash: stored.data_set_hash,
                    facility: stored.facility,
                    is_damaged: stored.is_damaged,
                };
                (uid, known)
            });
        let known_studies = tx
            .studies_of_uids(&studies)
            .await?
            .into_iter()
            .map(|(study, patient)| {
                let birth_date = study.patient_birth_date;
                let known = KnownStudy {
                    facility: study.facility,
                    identity: Identity::of_stored(&patient, birth_date),
                };
                (study.study_instance_uid, known)
            });
        Ok(Known {
            trashed: tx.trashed_uids(&studies, &uids).await?,
            instances: instances.collect(),
            studies: known_studies.collect(),
            manifest: self.manifest(tx, came, &uids).await?,
        })
    }

    /// What was announced of what came, or of what the sender says that came.
    async fn manifest(
        &self,
        tx: &TenantRead,
        came: &[Came<'_>],
        found: &[&str],
    ) -> Result<Option<HashMap<String, AnnouncedFile>>, AppError> {
        let Some(upload) = &self.upload else {
            return Ok(None);
        };
        let claimed = came.iter().filter_map(|came| came.part.claimed_uid.as_ref());
        let named: HashSet<&str> = found.iter().copied().chain(claimed.map(Uid::as_str)).collect();
        let named: Vec<&str> = named.into_iter().collect();
        let announced = tx.announced(upload.id, &named).await?;
        Ok(Some(
            announced
                .into_iter()
                .map(|(uid, item)| (uid, announced_file(item)))
                .collect(),
        ))
    }
}

fn announced_file(item: UploadItem) -> AnnouncedFile {
    AnnouncedFile {
        study_instance_uid: item.study_instance_uid,
        series_instance_uid: item.series_instance_uid,
        bytes: item.announced_bytes,
        sha256: item.announced_sha256,
    }
}
