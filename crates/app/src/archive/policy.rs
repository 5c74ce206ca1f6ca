//! What becomes of an instance that came, given what is stored. Pure.
//!
//! **Invariant:** at most one file is ever stored under a SOP Instance UID, and a study has one patient and one
//! facility.

use std::collections::{HashMap, HashSet};

use domain::{ErrorCode, FacilityId};

use super::facts::{InstanceFacts, PatientFacts};

/// One instance that came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// What it says about itself.
    pub facts: &'a InstanceFacts,
    /// What its bytes hash to.
    pub sha256: &'a [u8; 32],
}

/// An instance that is stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownInstance {
    /// What its bytes hash to.
    pub sha256: Vec<u8>,
    /// The facility whose it is.
    pub facility: FacilityId,
}

/// A study that is stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownStudy {
    /// Its facility.
    pub facility: FacilityId,
    /// Its patient's id; empty for one without.
    pub patient_id: String,
    /// Who issued that id: an issuer, or the facility's wire id where no image named one.
    pub issuer: String,
}

/// What is stored, as far as the candidates are concerned.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// The study of the address, when it names one.
    pub address_study: Option<String>,
    /// By SOP Instance UID.
    pub instances: HashMap<String, KnownInstance>,
    /// By Study Instance UID.
    pub studies: HashMap<String, KnownStudy>,
    /// Study and SOP Instance UIDs of the manifest, when the request belongs to an upload.
    pub manifest: Option<HashSet<(String, String)>>,
}

/// What becomes of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is stored.
    New,
    /// It is stored already, byte for byte.
    Duplicate,
    /// Another file is stored under its UID: it is set aside.
    Conflict,
    /// It is not taken.
    Refused(ErrorCode),
}

/// Judges the candidates in their order; an earlier one counts as stored for the later ones.
pub(super) fn judge(candidates: &[Candidate<'_>], facility: FacilityId, mut known: Known) -> Vec<Verdict> {
    candidates
        .iter()
        .map(|candidate| {
            let verdict = judge_one(candidate, facility, &known);
            if verdict == Verdict::New {
                remember(candidate, facility, &mut known);
            }
            verdict
        })
        .collect()
}

fn judge_one(candidate: &Candidate<'_>, facility: FacilityId, known: &Known) -> Verdict {
    let facts = candidate.facts;
    let study_uid = &facts.study.study_instance_uid;
    if known
        .address_study
        .as_ref()
        .is_some_and(|wanted| wanted != study_uid)
    {
        return Verdict::Refused(ErrorCode::StudyMismatch);
    }
    if let Some(manifest) = &known.manifest
        && !manifest.contains(&(study_uid.clone(), facts.sop_instance_uid.clone()))
    {
        return Verdict::Refused(ErrorCode::NotInManifest);
    }
    if let Some(stored) = known.instances.get(&facts.sop_instance_uid) {
        return match (stored.facility == facility, stored.sha256 == candidate.sha256) {
            // Whose it is decides before what it is: a facility learns nothing about another one's bytes.
            (false, _) => Verdict::Refused(ErrorCode::PatientMismatch),
            (true, true) => Verdict::Duplicate,
            (true, false) => Verdict::Conflict,
        };
    }
    match known.studies.get(study_uid) {
        // One answer for both: which of the two it is would tell what another facility has.
        Some(study) if study.facility != facility || !is_same_patient(study, &facts.patient) => {
            Verdict::Refused(ErrorCode::PatientMismatch)
        }
        _ => Verdict::New,
    }
}

/// Whether what an image says about its patient fits the patient of its study.
///
/// An image without a Patient ID contradicts nothing. Issuers are compared only where images name them: the
/// facility stands in for an issuer that nobody named.
fn is_same_patient(study: &KnownStudy, patient: &PatientFacts) -> bool {
    let Some(patient_id) = &patient.patient_id else {
        return true;
    };
    let stand_in = study.issuer == study.facility.to_string();
    let issuer_fits = patient
        .issuer
        .as_ref()
        .is_none_or(|issuer| stand_in || *issuer == study.issuer);
    *patient_id == study.patient_id && issuer_fits
}

fn remember(candidate: &Candidate<'_>, facility: FacilityId, known: &mut Known) {
    let facts = candidate.facts;
    let instance = KnownInstance {
        sha256: candidate.sha256.to_vec(),
        facility,
    };
    known.instances.insert(facts.sop_instance_uid.clone(), instance);
    known
        .studies
        .entry(facts.study.study_instance_uid.clone())
        .or_insert_with(|| KnownStudy {
            facility,
            patient_id: facts.patient.patient_id.clone().unwrap_or_default(),
            issuer: issuer_of(&facts.patient, facility),
        });
}

/// Who issued a patient's id.
pub(super) fn issuer_of(patient: &PatientFacts, facility: FacilityId) -> String {
    patient.issuer.clone().unwrap_or_else(|| facility.to_string())
}

/// What a sender is told about a refused instance; with its code it fits an Error Comment (0000,0902).
pub(super) fn reason(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::NotInManifest => "it was not announced with this upload",
        ErrorCode::PatientMismatch => "patient and study do not fit what is stored",
        ErrorCode::InstanceConflict => "another file has this UID and is kept",
        ErrorCode::StudyMismatch => "of another study than the address names",
        ErrorCode::PayloadTooLarge => "it is larger than an instance may be",
        code => code.title(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn facility(number: u128) -> FacilityId {
        FacilityId::from_uuid(Uuid::from_u128(number))
    }

    fn facts(uid: u8, study: u8, patient: Option<u8>) -> InstanceFacts {
        let mut facts = InstanceFacts {
            sop_instance_uid: format!("1.{uid}"),
            ..Default::default()
        };
        facts.study.study_instance_uid = format!("2.{study}");
        facts.patient.patient_id = patient.map(|patient| format!("P{patient}"));
        facts
    }

    fn judged(came: &[(InstanceFacts, [u8; 32])], known: Known) -> Vec<Verdict> {
        let candidates: Vec<Candidate<'_>> = came
            .iter()
            .map(|(facts, sha256)| Candidate { facts, sha256 })
            .collect();
        judge(&candidates, facility(1), known)
    }

    /// What is stored after the verdicts.
    fn stored(came: &[(InstanceFacts, [u8; 32])], verdicts: &[Verdict]) -> Known {
        let mut known = Known::default();
        for ((facts, sha256), _) in came
            .iter()
            .zip(verdicts)
            .filter(|(_, verdict)| **verdict == Verdict::New)
        {
            remember(&Candidate { facts, sha256 }, facility(1), &mut known);
        }
        known
    }

    fn batch() -> impl Strategy<Value = Vec<(InstanceFacts, [u8; 32])>> {
        // Files that say different things are different files.
        let instance = (0u8..6, 0u8..3, proptest::option::of(0u8..2), 0u8..2).prop_map(
            |(uid, study, patient, bytes)| {
                let mut sha256 = [bytes; 32];
                (sha256[0], sha256[1]) = (study, patient.map_or(9, |patient| patient));
                (facts(uid, study, patient), sha256)
            },
        );
        prop::collection::vec(instance, 0..24)
    }

    proptest! {
        #[test]
        fn one_file_is_stored_under_a_uid_and_one_patient_under_a_study(came in batch()) {
            let verdicts = judged(&came, Known::default());
            let mut uids = HashSet::new();
            let mut patients: HashMap<&str, HashSet<&str>> = HashMap::new();
            for ((facts, _), verdict) in came.iter().zip(&verdicts) {
                if *verdict == Verdict::New {
                    prop_assert!(uids.insert(&facts.sop_instance_uid), "stored twice");
                    if let Some(patient) = &facts.patient.patient_id {
                        patients.entry(&facts.study.study_instance_uid).or_default().insert(patient);
                    }
                }
            }
            prop_assert!(patients.values().all(|patients| patients.len() == 1));
        }

        #[test]
        fn a_batch_sent_again_changes_nothing(came in batch()) {
            let first = judged(&came, Known::default());
            let second = judged(&came, stored(&came, &first));
            let taken = |verdict: &Verdict| matches!(verdict, Verdict::New | Verdict::Duplicate);
            for (first, second) in first.iter().zip(&second) {
                // What was refused may be refused for another reason: its UID may have been stored since.
                prop_assert_eq!(taken(first), *second == Verdict::Duplicate);
                prop_assert_ne!(*second, Verdict::New);
            }
        }
    }

    #[test]
    fn other_bytes_under_a_stored_uid_are_a_conflict() {
        let came = [(facts(1, 1, Some(1)), [1; 32]), (facts(1, 1, Some(1)), [2; 32])];
        assert_eq!(judged(&came, Known::default()), [Verdict::New, Verdict::Conflict]);
    }

    #[test]
    fn what_was_not_announced_is_refused() {
        let manifest = Some(HashSet::from([("2.1".to_owned(), "1.1".to_owned())]));
        let came = [(facts(1, 1, None), [1; 32]), (facts(2, 1, None), [1; 32])];
        let verdicts = judged(
            &came,
            Known {
                manifest,
                ..Default::default()
            },
        );
        assert_eq!(
            verdicts,
            [Verdict::New, Verdict::Refused(ErrorCode::NotInManifest)]
        );
    }

    #[test]
    fn another_facility_learns_only_that_it_is_not_its_own() {
        let same_bytes = [(facts(1, 1, Some(1)), [1; 32])];
        let known = stored(&same_bytes, &[Verdict::New]);
        let candidates = [Candidate {
            facts: &same_bytes[0].0,
            sha256: &same_bytes[0].1,
        }];
        assert_eq!(
            judge(&candidates, facility(2), known),
            [Verdict::Refused(ErrorCode::PatientMismatch)]
        );
    }

    #[test]
    fn an_issuer_that_only_one_image_names_makes_no_other_patient() {
        let mut named = facts(2, 1, Some(1));
        named.patient.issuer = Some("HOSPITAL".to_owned());
        let came = [(facts(1, 1, Some(1)), [1; 32]), (named, [2; 32])];
        assert_eq!(judged(&came, Known::default()), [Verdict::New, Verdict::New]);
    }
}
