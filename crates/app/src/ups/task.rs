//! A reader's task as a work item.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    CaseId, CaseState, ClaimToken, PatientId, Priority, StudyId, WorkItemId, reading_case::WorkItemKind,
    ups::StepState,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{CaseRow, PatientRow, StudyRow, TaskRow, TenantRead};
use uuid::Uuid;

use super::{
    DataSet,
    data_set::{
        INPUT_READINESS_STATE, MODIFIED, PRIORITY, PROCEDURE_STEP_STATE, SOP_CLASS_UID, SOP_INSTANCE_UID,
        START, STEP_LABEL, UPS_PUSH, WORKLIST_LABEL, code, set_text,
    },
};
use crate::AppError;

/// How a UID begins that is made of a UUID (PS3.5 §B.2).
const OF_UUID: &str = "2.25.";

/// The UID of a task.
pub(super) fn uid_of(task: WorkItemId) -> String {
    format!("{OF_UUID}{}", task.uuid().as_u128())
}

/// The task of a UID, if it may be one.
pub(super) fn task_of(uid: &str) -> Option<WorkItemId> {
    let number: u128 = uid.strip_prefix(OF_UUID)?.parse().ok()?;
    Some(WorkItemId::from_uuid(Uuid::from_u128(number)))
}

/// The claim token that a Transaction UID stands for: a performer proves with the one what a reader's page proves
/// with the other.
pub(super) fn claim_token_of(transaction_uid: &str) -> ClaimToken {
    let digest = Sha256::digest(transaction_uid.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    ClaimToken::from_uuid(Uuid::from_bytes(bytes))
}

/// Where a task stands.
pub(super) fn state_of(task: &TaskRow, case: &CaseRow, now: DateTime<Utc>) -> StepState {
    let is_claimed = task.item.claim.is_some_and(|claim| claim.is_live(now));
    match (task.closed_at, case.case.state) {
        (Some(_), _) => StepState::Completed,
        (None, CaseState::Cancelled) => StepState::Canceled,
        (None, _) if is_claimed => StepState::InProgress,
        (None, _) => StepState::Scheduled,
    }
}

/// What tasks are about.
#[derive(Debug)]
pub(super) struct Subjects {
    cases: HashMap<CaseId, CaseRow>,
    studies: HashMap<StudyId, StudyRow>,
    patients: HashMap<PatientId, PatientRow>,
}

impl Subjects {
    /// Loads what all of `tasks` are about.
    pub async fn of(tx: &TenantRead, tasks: &[TaskRow]) -> Result<Self, AppError> {
        let mut ids: Vec<CaseId> = tasks.iter().map(|task| task.item.case).collect();
        ids.sort_unstable();
        ids.dedup();
        let cases = tx.reading_cases(&ids).await?;
        let studies: Vec<StudyId> = cases.iter().map(|row| row.case.study).collect();
        let patients: Vec<PatientId> = cases.iter().map(|row| row.case.patient).collect();
        let (studies, patients) = (tx.studies(&studies).await?, tx.patients(&patients).await?);
        Ok(Self {
            cases: cases.into_iter().map(|row| (row.case.id, row)).collect(),
            studies: studies.into_iter().map(|row| (row.id, row)).collect(),
            patients: patients.into_iter().map(|row| (row.id, row)).collect(),
        })
    }

    /// The case of a task.
    pub fn case(&self, task: &TaskRow) -> Option<&CaseRow> {
        self.cases.get(&task.item.case)
    }

    /// A task as a work item; none when its study is gone.
    pub fn data_set(&self, task: &TaskRow, root: &str, now: DateTime<Utc>) -> Option<DataSet> {
        let case = self.case(task)?;
        let study = self.studies.get(&case.case.study)?;
        let patient = self.patients.get(&case.case.patient)?;
        let mut set = DataSet::new();
        set_text(&mut set, SOP_CLASS_UID, "UI", UPS_PUSH);
        set_text(&mut set, SOP_INSTANCE_UID, "UI", &uid_of(task.item.id));
        set_text(
            &mut set,
            PROCEDURE_STEP_STATE,
            "CS",
            state_of(task, case, now).as_str(),
        );
        set_text(&mut set, INPUT_READINESS_STATE, "CS", "READY");
        set_text(&mut set, PRIORITY, "CS", priority(case.case.priority));
        set_text(&mut set, WORKLIST_LABEL, "LO", "READING");
        let (label, value, meaning) = about(task.item.kind);
        set_text(&mut set, STEP_LABEL, "LO", label);
        set.insert("00404018".to_owned(), code(value, meaning));
        set_text(&mut set, START, "DT", &moment(task.opened_at));
        let modified = task
            .closed_at
            .or(task.item.claim.map(|claim| claim.since))
            .unwrap_or(task.opened_at);
        set_text(&mut set, MODIFIED, "DT", &moment(modified));
        about_patient(&mut set, patient, study, root);
        if let Some(closed_at) = task.closed_at {
            let performed = json!({ "vr": "SQ", "Value": [{
                "00404019": code(value, meaning),
                "00404050": { "vr": "DT", "Value": [moment(task.opened_at)] },
                "00404051": { "vr": "DT", "Value": [moment(closed_at)] },
            }] });
            set.insert("00741216".to_owned(), performed);
        }
        Some(set)
    }
}

fn about_patient(set: &mut DataSet, patient: &PatientRow, study: &StudyRow, root: &str) {
    let name: DataSet = ["Alphabetic", "Ideographic", "Phonetic"]
        .into_iter()
        .zip(patient.name.splitn(3, '='))
        .filter(|(_, group)| !group.is_empty())
        .map(|(key, group)| (key.to_owned(), group.into()))
        .collect();
    let name = if name.is_empty() {
        json!({ "vr": "PN" })
    } else {
        json!({ "vr": "PN", "Value": [name] })
    };
    set.insert("00100010".to_owned(), name);
    for (tag, vr, value) in [
        ("00100020", "LO", Some(patient.patient_id.as_str())),
        ("00100030", "DA", patient.birth_date.as_deref()),
        ("00100040", "CS", patient.sex.as_deref()),
        ("00380010", "LO", None),
    ] {
        let value = value.filter(|value| !value.is_empty());
        let attribute = value.map_or_else(
            || json!({ "vr": vr }),
            |value| json!({ "vr": vr, "Value": [value] }),
        );
        set.insert(tag.to_owned(), attribute);
    }
    let study_uid = &study.study_instance_uid;
    let input = json!({ "vr": "SQ", "Value": [{
        "0040E020": { "vr": "CS", "Value": ["DICOM"] },
        "0020000D": { "vr": "UI", "Value": [study_uid] },
        "0040E025": { "vr": "SQ", "Value": [{
            "00081190": { "vr": "UR", "Value": [format!("{root}/studies/{study_uid}")] },
        }] },
    }] });
    set.insert("00404021".to_owned(), input);
    let mut request = json!({ "0020000D": { "vr": "UI", "Value": [study_uid] }, "00080050": { "vr": "SH" } });
    if let Some(number) = &study.accession_number {
        request["00080050"]["Value"] = json!([number]);
    }
    if let Some(description) = &study.description {
        request["00321060"] = json!({ "vr": "LO", "Value": [description] });
    }
    set.insert("0040A370".to_owned(), json!({ "vr": "SQ", "Value": [request] }));
    for empty in [
        "00404025", "00404026", "00404027", "00404009", "00081080", "00741224",
    ] {
        set.entry(empty.to_owned())
            .or_insert_with(|| json!({ "vr": if empty == "00081080" { "LO" } else { "SQ" } }));
    }
}

/// Scheduled Procedure Step Priority (0074,1200).
const fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Stat | Priority::Asap => "HIGH",
        Priority::Urgent => "MEDIUM",
        Priority::Routine => "LOW",
    }
}

/// The label of a task and its code (PS3.16 CID 9231).
const fn about(kind: WorkItemKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        WorkItemKind::FinalRead => ("Read and report", "110005", "Interpretation"),
        WorkItemKind::OverRead => (
            "Make the preliminary report final",
            "110007",
            "Report Verification",
        ),
        WorkItemKind::VerifyReport => (
            "Late images: confirm or amend the report",
            "110007",
            "Report Verification",
        ),
    }
}

/// A moment as DT.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y%m%d%H%M%S+0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_found_by_the_uid_it_has() {
        let task = WorkItemId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(task_of(&uid_of(task)), Some(task));
        assert!(uid_of(task).len() <= 64);
        for other in [
            "1.2.3",
            "2.25.",
            "2.25.x",
            "2.25.999999999999999999999999999999999999999999",
        ] {
            assert_eq!(task_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_transaction_is_one_token() {
        assert_eq!(claim_token_of("1.2.3"), claim_token_of("1.2.3"));
        assert_ne!(claim_token_of("1.2.3"), claim_token_of("1.2.4"));
    }
}
