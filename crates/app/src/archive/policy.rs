//! What becomes of an instance that came, given what is stored. Pure.
//!
//! **Invariant:** at most one file is ever stored under a SOP Instance UID, and a study has one patient and one
//! facility.

use std::collections::HashMap;

use domain::{ErrorCode, FacilityId};
use store::TrashedUids;

use super::{facts::InstanceFacts, identity::Identity, ingest::SentInstance, part::Part, verdict::Verdict};

/// One instance that came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// What it says about itself.
    pub facts: &'a InstanceFacts,
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
    /// What its whole file hashes to, when its stored bytes are missing or damaged: only the very same heal it.
    pub damaged_sha256: Option<Vec<u8>>,
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
    /// The study of the address, when it names one.
    pub address_study: Option<String>,
    /// The one instance that is sent, when the sender says so.
    pub sent: Option<SentInstance>,
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
    if known
        .address_study
        .as_ref()
        .is_some_and(|wanted| wanted != study_uid)
    {
        return Verdict::Refused(ErrorCode::StudyMismatch);
    }
    if known.sent.as_ref().is_some_and(|sent| {
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
            (true, true) if stored.damaged_sha256.as_deref() == Some(candidate.sha256) => Verdict::Heals,
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
        damaged_sha256: None,
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
mod tests {
    use std::collections::HashSet;

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

    fn candidate((facts, sha256): &(InstanceFacts, [u8; 32])) -> Candidate<'_> {
        Candidate {
            facts,
            claimed_uid: None,
            length: 10,
            sha256,
            data_set_hash: sha256,
            left_out: None,
        }
    }

    fn judged(came: &[(InstanceFacts, [u8; 32])], mut known: Known) -> Vec<Verdict> {
        let candidates: Vec<Candidate<'_>> = came.iter().map(candidate).collect();
        judge(&candidates, facility(1), &mut known)
    }

    /// What is stored after the verdicts.
    fn stored(came: &[(InstanceFacts, [u8; 32])], verdicts: &[Verdict]) -> Known {
        let mut known = Known::default();
        for (one, _) in came
            .iter()
            .zip(verdicts)
            .filter(|(_, verdict)| **verdict == Verdict::New)
        {
            remember(&candidate(one), facility(1), &mut known);
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

    proptest! {
        #[test]
        fn what_was_left_out_is_never_stored_and_never_called_stored(
            came in batch(), meanwhile in batch(), before in batch()
        ) {
            let first = judged(&came, stored(&before, &judged(&before, Known::default())));
            let mut now = stored(&meanwhile, &judged(&meanwhile, Known::default()));
            let is_stored: HashMap<String, KnownInstance> = now.instances.clone();
            let candidates: Vec<Candidate<'_>> = came
                .iter()
                .zip(&first)
                .map(|(one, verdict)| Candidate {
                    left_out: Some(*verdict).filter(|verdict| !verdict.needs_bytes()),
                    ..candidate(one)
                })
                .collect();
            let second = judge(&candidates, facility(1), &mut now);
            let mut taken: HashSet<&str> = is_stored.keys().map(String::as_str).collect();
            for (one, verdict) in candidates.iter().zip(&second) {
                prop_assert!(one.left_out.is_none() || !verdict.needs_bytes());
                match verdict {
                    Verdict::New => prop_assert!(taken.insert(&one.facts.sop_instance_uid)),
                    Verdict::Duplicate => prop_assert!(taken.contains(one.facts.sop_instance_uid.as_str())),
                    Verdict::Heals | Verdict::Conflict | Verdict::Refused(_) => {}
                }
            }
        }
    }

    #[test]
    fn other_bytes_under_a_stored_uid_are_a_conflict() {
        let came = [(facts(1, 1, Some(1)), [1; 32]), (facts(1, 1, Some(1)), [2; 32])];
        assert_eq!(judged(&came, Known::default()), [Verdict::New, Verdict::Conflict]);
    }

    fn announced(uid: &str, sha256: Option<[u8; 32]>) -> (String, AnnouncedFile) {
        let file = AnnouncedFile {
            study_instance_uid: "2.1".to_owned(),
            series_instance_uid: String::new(),
            bytes: 10,
            sha256,
        };
        (uid.to_owned(), file)
    }

    fn by_manifest(candidate: &Candidate<'_>, announced: (String, AnnouncedFile)) -> Verdict {
        let mut known = Known {
            manifest: Some(HashMap::from([announced])),
            ..Default::default()
        };
        judge(std::slice::from_ref(candidate), facility(1), &mut known)[0]
    }

    #[test]
    fn what_was_not_announced_is_refused() {
        let came = [(facts(1, 1, None), [1; 32]), (facts(2, 1, None), [1; 32])];
        let announced = || announced("1.1", None);
        assert_eq!(by_manifest(&candidate(&came[0]), announced()), Verdict::New);
        assert_eq!(
            by_manifest(&candidate(&came[1]), announced()),
            Verdict::Refused(ErrorCode::NotInManifest)
        );
    }

    #[test]
    fn what_differs_from_what_was_announced_is_refused() {
        let came = (facts(1, 1, None), [1; 32]);
        let damaged = Verdict::Refused(ErrorCode::DiffersFromManifest);
        let right = candidate(&came);
        assert_eq!(by_manifest(&right, announced("1.1", Some([1; 32]))), Verdict::New);
        assert_eq!(by_manifest(&right, announced("1.1", Some([2; 32]))), damaged);
        let longer = Candidate { length: 11, ..right };
        assert_eq!(by_manifest(&longer, announced("1.1", None)), damaged);
        let (uid, mut of_other_series) = announced("1.1", None);
        of_other_series.series_instance_uid = "3".to_owned();
        assert_eq!(by_manifest(&right, (uid, of_other_series)), damaged);
        let misnamed = Candidate {
            claimed_uid: Some("1.9"),
            ..right
        };
        assert_eq!(by_manifest(&misnamed, announced("1.9", None)), damaged);
    }

    #[test]
    fn another_instance_than_was_said_is_refused() {
        let came = (facts(1, 1, None), [1; 32]);
        let verdict = |class: &str, uid: &str| {
            let sent = Some(SentInstance {
                sop_class_uid: class.to_owned(),
                sop_instance_uid: uid.to_owned(),
            });
            let mut known = Known {
                sent,
                ..Default::default()
            };
            judge(&[candidate(&came)], facility(1), &mut known)[0]
        };
        let mismatch = Verdict::Refused(ErrorCode::InstanceMismatch);
        assert_eq!(verdict("", "1.1"), Verdict::New);
        assert_eq!(verdict("", "1.2"), mismatch);
        assert_eq!(verdict("1.2.3", "1.1"), mismatch);
    }

    #[test]
    fn another_facility_learns_only_that_it_is_not_its_own() {
        let same_bytes = [(facts(1, 1, Some(1)), [1; 32])];
        let mut known = stored(&same_bytes, &[Verdict::New]);
        let candidates = [candidate(&same_bytes[0])];
        assert_eq!(
            judge(&candidates, facility(2), &mut known),
            [Verdict::Refused(ErrorCode::PatientMismatch)]
        );
    }

    #[test]
    fn only_the_right_bytes_heal_what_is_damaged() {
        let right = (facts(1, 1, Some(1)), [1; 32]);
        let wrong = (facts(1, 1, Some(1)), [2; 32]);
        let mut known = stored(std::slice::from_ref(&right), &[Verdict::New]);
        known
            .instances
            .values_mut()
            .for_each(|instance| instance.damaged_sha256 = Some(vec![1; 32]));
        let mut judged = |one, of| judge(&[candidate(one)], facility(of), &mut known)[0];
        assert_eq!(judged(&right, 1), Verdict::Heals);
        assert_eq!(judged(&wrong, 1), Verdict::Conflict);
        assert_eq!(judged(&right, 2), Verdict::Refused(ErrorCode::PatientMismatch));
    }

    #[test]
    fn what_was_deleted_does_not_come_back_by_being_sent_again() {
        let came = (facts(1, 1, Some(1)), [1; 32]);
        let study = (came.0.study.study_instance_uid.clone(), facility(1));
        let instance = (came.0.sop_instance_uid.clone(), facility(1));
        let series = (came.0.study.study_instance_uid.clone(), String::new());
        let in_trash = |trashed, of| {
            let mut known = Known {
                trashed,
                ..stored(std::slice::from_ref(&came), &[Verdict::New])
            };
            known.instances.clear();
            judge(&[candidate(&came)], of, &mut known)[0]
        };
        for trashed in [
            TrashedUids {
                studies: HashMap::from([study]),
                ..Default::default()
            },
            TrashedUids {
                instances: HashMap::from([instance]),
                ..Default::default()
            },
            TrashedUids {
                series: HashSet::from([series]),
                ..Default::default()
            },
        ] {
            assert_eq!(
                in_trash(trashed.clone(), facility(1)),
                Verdict::Refused(ErrorCode::StudyDeleted)
            );
            assert_eq!(
                in_trash(trashed, facility(2)),
                Verdict::Refused(ErrorCode::PatientMismatch),
                "another facility does not learn of it"
            );
        }
    }

    /// Images of one study that say this or that about their patient, or nothing.
    fn said() -> impl Strategy<Value = Vec<(InstanceFacts, [u8; 32])>> {
        let patient = (
            proptest::option::of(0u8..2),
            proptest::option::of(0u8..2),
            proptest::option::of(0u8..2),
        );
        prop::collection::vec(patient, 0..10).prop_map(|patients| {
            (0..)
                .zip(patients)
                .map(|(uid, (patient, issuer, birth_year))| {
                    let mut facts = facts(uid, 1, patient);
                    facts.patient.issuer = issuer.map(|issuer| format!("I{issuer}"));
                    facts.patient.birth_date = birth_year.map(|year| format!("197{year}0101"));
                    (facts, [uid; 32])
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn in_every_order_an_image_is_taken_if_it_fits_what_those_taken_say(
            came in said().prop_shuffle()
        ) {
            let candidates: Vec<Candidate<'_>> = came.iter().map(candidate).collect();
            let mut known = Known::default();
            let verdicts = judge(&candidates, facility(1), &mut known);
            for (one, verdict) in candidates.iter().zip(verdicts) {
                let fits = !known.studies["2.1"].identity.contradicts(&Identity::of(&one.facts.patient));
                prop_assert_eq!(verdict == Verdict::New, fits);
            }
        }

        #[test]
        fn images_that_do_not_contradict_each_other_are_all_taken(came in said().prop_shuffle()) {
            let identities: Vec<Identity> = came.iter().map(|(facts, _)| Identity::of(&facts.patient)).collect();
            let contradictory = identities.iter().any(|one| identities.iter().any(|other| one.contradicts(other)));
            let all_taken = judged(&came, Known::default()).iter().all(|verdict| *verdict == Verdict::New);
            prop_assert_eq!(all_taken, !contradictory);
        }

        #[test]
        fn to_contradict_is_mutual(came in said()) {
            for (one, _) in &came {
                for (other, _) in &came {
                    let (one, other) = (Identity::of(&one.patient), Identity::of(&other.patient));
                    prop_assert_eq!(one.contradicts(&other), other.contradicts(&one));
                }
            }
        }
    }

    #[test]
    fn an_issuer_named_later_stays_the_issuer() {
        let issued = |uid, issuer: Option<&str>| {
            let mut facts = facts(uid, 1, Some(1));
            facts.patient.issuer = issuer.map(str::to_owned);
            (facts, [uid; 32])
        };
        let came = [
            issued(1, None),
            issued(2, Some("NORTH")),
            issued(3, Some("SOUTH")),
            issued(4, None),
        ];
        let mismatch = Verdict::Refused(ErrorCode::PatientMismatch);
        assert_eq!(
            judged(&came, Known::default()),
            [Verdict::New, Verdict::New, mismatch, Verdict::New]
        );
    }
}
