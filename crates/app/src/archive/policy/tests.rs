//! What becomes of instances, in all the ways they can come.

use std::collections::HashSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::archive::ingest::SentInstance;

/// The request says nothing about what is in it.
const UNADDRESSED: Addressed = Addressed {
    study_instance_uid: None,
    instance: None,
};

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
        addressed: &UNADDRESSED,
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
    let instance =
        (0u8..6, 0u8..3, proptest::option::of(0u8..2), 0u8..2).prop_map(|(uid, study, patient, bytes)| {
            let mut sha256 = [bytes; 32];
            (sha256[0], sha256[1]) = (study, patient.map_or(9, |patient| patient));
            (facts(uid, study, patient), sha256)
        });
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
        let addressed = Addressed {
            instance: Some(SentInstance {
                sop_class_uid: class.to_owned(),
                sop_instance_uid: uid.to_owned(),
            }),
            ..UNADDRESSED
        };
        let candidate = Candidate {
            addressed: &addressed,
            ..candidate(&came)
        };
        judge(&[candidate], facility(1), &mut Known::default())[0]
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
        .for_each(|instance| instance.is_damaged = true);
    let mut judged = |one, of| judge(&[candidate(one)], facility(of), &mut known)[0];
    assert_eq!(judged(&right, 1), Verdict::Heals);
    assert_eq!(judged(&wrong, 1), Verdict::Conflict);
    assert_eq!(judged(&right, 2), Verdict::Refused(ErrorCode::PatientMismatch));
    let of_another_application = Candidate {
        sha256: &[9; 32],
        ..candidate(&right)
    };
    let verdict = judge(&[of_another_application], facility(1), &mut known)[0];
    assert_eq!(verdict, Verdict::Heals, "the file meta is the sender's");
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
