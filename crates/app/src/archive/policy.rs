//! What becomes of an instance that came, given what is stored. Pure.
//!
//! **Invariant:** at most one file is ever stored under a SOP Instance UID, and a study has one patient and one
//! facility.

use std::collections::HashMap;

use domain::{ErrorCode, FacilityId};
use store::TrashedUids;

use super::{facts::InstanceFacts, identity::Identity, judging::Addressed, part::Part, verdict::Verdict};

/// One instance that came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// What it says about itself.
    pub facts: &'a InstanceFacts,
    /// What its request says about it.
    pub addressed: &'a Addressed,
    /// The SOP Instance UID the sender says it has.
    pub claimed_uid: Option<&'a str>,
    /// How many bytes it has.
    pub length: u64,
    /// What they hash to.
    pub sha256: &'a [u8; 32],
    /// What its transfer syntax and data set hash to.
    pub data_set_hash: &'a [u8; 32],
    /// The verdict by which its bytes were left out of the object, if they were.
    pub left_out: Option<Verdict>,
}

/// What the sender announced about one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AnnouncedFile {
    /// Its study.
    pub study_instance_uid: String,
    /// Its series.
    pub series_instance_uid: String,
    /// The length of its file.
    pub bytes: u64,
    /// What its bytes hash to, if the sender said so.
    pub sha256: Option<[u8; 32]>,
}

impl AnnouncedFile {
    /// Whether bytes of this length and hash are the file's, as far as it was described.
    fn has_bytes(&self, length: u64, sha256: &[u8; 32]) -> bool {
        self.bytes == length && self.sha256.is_none_or(|announced| announced == *sha256)
    }

    fn is(&self, candidate: &Candidate<'_>) -> bool {
        self.has_bytes(candidate.length, candidate.sha256)
            && self.study_instance_uid == candidate.facts.study.study_instance_uid
            && self.series_instance_uid == candidate.facts.series_instance_uid
    }
}

/// An instance that is stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownInstance {
    /// What its transfer syntax and data set hash to.
    pub data_set_hash: Vec<u8>,
    /// The facility whose it is.
    pub facility: FacilityId,
    /// Whether its stored bytes are missing or damaged.
    pub is_damaged: bool,
}

/// A study that is stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownStudy {
    /// Its facility.
    pub facility: FacilityId,
    /// Who its images say its patient is.
    pub identity: Identity,
}

/// What is stored, as far as the candidates are concerned.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// By SOP Instance UID.
    pub instances: HashMap<String, KnownInstance>,
    /// By Study Instance UID.
    pub studies: HashMap<String, KnownStudy>,
    /// What of them lies in the trash.
    pub trashed: TrashedUids,
    /// What the manifest says about the candidates, by SOP Instance UID, when the request belongs to an upload.
    pub manifest: Option<HashMap<String, AnnouncedFile>>,
}

/// Judges the candidates in their order; an earlier one counts as stored for the later ones, and is known after.
pub(super) fn judge(candidates: &[Candidate<'_>], facility: FacilityId, known: &mut Known) -> Vec<Verdict> {
    candidates
        .iter()
        .map(|candidate| {
            let verdict = match (judge_one(candidate, facility, known), candidate.left_out) {
                // Somebody else stored or removed what it was judged by, but its bytes are gone: it has to come again.
                (verdict, Some(first)) if verdict.needs_bytes() => match first {
                    Verdict::Refused(_) => first,
                    _ => Verdict::Refused(ErrorCode::StorageUnavailable),
                },
                (verdict, _) => verdict,
            };
            if verdict == Verdict::New {
                remember(candidate, facility, known);
            }
            verdict
        })
        .collect()
}

fn judge_one(candidate: &Candidate<'_>, facility: FacilityId, known: &Known) -> Verdict {
    let facts = candidate.facts;
    let study_uid = &facts.study.study_instance_uid;
    let addressed = candidate.addressed;
    if addressed
        .study_instance_uid
        .as_ref()
        .is_some_and(|wanted| wanted != study_uid)
    {
        return Verdict::Refused(ErrorCode::StudyMismatch);
    }
    if addressed.instance.as_ref().is_some_and(|sent| {
        sent.sop_instance_uid != facts.sop_instance_uid || sent.sop_class_uid != facts.sop_class_uid
    }) {
        return Verdict::Refused(ErrorCode::InstanceMismatch);
    }
    if let Some(code) = known
        .manifest
        .as_ref()
        .and_then(|manifest| departs_from(manifest, candidate))
    {
        return Verdict::Refused(code);
    }
    if let Some(owner) = owner_in_trash(facts, known) {
        // Somebody deleted it on purpose: a modality that sends it again does not bring it back.
        return Verdict::Refused(if owner == facility {
            ErrorCode::StudyDeleted
        } else {
            ErrorCode::PatientMismatch
        });
    }
    if let Some(stored) = known.instances.get(&facts.sop_instance_uid) {
        // The file meta is the sender's and no part of the image.
        let is_same = stored.data_set_hash == candidate.data_set_hash;
        return match (stored.facility == facility, is_same) {
            // Whose it is decides before what it is: a facility learns nothing about another one's bytes.
            (false, _) => Verdict::Refused(ErrorCode::PatientMismatch),
            (true, true) if stored.is_damaged => Verdict::Heals,
            (true, true) => Verdict::Duplicate,
            (true, false) => Verdict::Conflict,
        };
    }
    match known.studies.get(study_uid) {
        // One answer for both: which of the two it is would tell what another facility has.
        Some(study)
            if study.facility != facility || study.identity.contradicts(&Identity::of(&facts.patient)) =>
        {
            Verdict::Refused(ErrorCode::PatientMismatch)
        }
        _ => Verdict::New,
    }
}

/// Whose an instance is that lies in the trash, or whose series or study does.
fn owner_in_trash(facts: &InstanceFacts, known: &Known) -> Option<FacilityId> {
    let study_uid = &facts.study.study_instance_uid;
    let trashed = &known.trashed;
    let owner = trashed
        .studies
        .get(study_uid)
        .or_else(|| trashed.instances.get(&facts.sop_instance_uid));
    if let Some(owner) = owner {
        return Some(*owner);
    }
    let series = (study_uid.clone(), facts.series_instance_uid.clone());
    let study = known.studies.get(study_uid)?;
    trashed.series.contains(&series).then_some(study.facility)
}

/// How a candidate departs from the manifest, if it does. What the sender calls by an announced UID and has another
/// one is no new file: it is an announced one that was damaged on its way.
fn departs_from(manifest: &HashMap<String, AnnouncedFile>, candidate: &Candidate<'_>) -> Option<ErrorCode> {
    let is_announced = |uid: &str| manifest.contains_key(uid);
    match manifest.get(&candidate.facts.sop_instance_uid) {
        Some(announced) if announced.is(candidate) => None,
        Some(_) => Some(ErrorCode::DiffersFromManifest),
        None if candidate.claimed_uid.is_some_and(is_announced) => Some(ErrorCode::DiffersFromManifest),
        None => Some(ErrorCode::NotInManifest),
    }
}

/// Judges a part in which no instance could be read: the announced file may be fine and only what arrived of it not.
pub(super) fn judge_unread(
    part: &Part,
    code: ErrorCode,
    manifest: Option<&HashMap<String, AnnouncedFile>>,
) -> Verdict {
    let announced = part
        .claimed_uid
        .as_ref()
        .and_then(|uid| manifest?.get(uid.as_str()));
    let damaged = announced.is_some_and(|file| !file.has_bytes(part.length, &part.sha256));
    Verdict::Refused(if damaged {
        ErrorCode::DiffersFromManifest
    } else {
        code
    })
}

fn remember(candidate: &Candidate<'_>, facility: FacilityId, known: &mut Known) {
    let facts = candidate.facts;
    let instance = KnownInstance {
        data_set_hash: candidate.data_set_hash.to_vec(),
        facility,
        is_damaged: false,
    };
    known.instances.insert(facts.sop_instance_uid.clone(), instance);
    known
        .studies
        .entry(facts.study.study_instance_uid.clone())
        .or_insert_with(|| KnownStudy {
            facility,
            identity: Identity::default(),
        })
        .identity
        .learn(&Identity::of(&facts.patient));
}

#[cfg(test)]
mod tests;
