//! Reading and writing the attributes of a work item.

use dicom::{JsonObject, Tag};
use serde_json::{Value, json};

use super::DataSet;
use crate::AppError;

/// SOP Class UID of a work item (PS3.4 §CC.3): UPS Push.
pub(super) const UPS_PUSH: &str = "1.2.840.10008.5.1.4.34.6.1";

pub(super) const SOP_CLASS_UID: Tag = Tag::new(0x0008, 0x0016);
pub(super) const SOP_INSTANCE_UID: Tag = Tag::new(0x0008, 0x0018);
pub(super) const TRANSACTION_UID: Tag = Tag::new(0x0008, 0x1195);
pub(super) const PROCEDURE_STEP_STATE: Tag = Tag::new(0x0074, 0x1000);
pub(super) const INPUT_READINESS_STATE: Tag = Tag::new(0x0040, 0x4041);
pub(super) const START: Tag = Tag::new(0x0040, 0x4005);
pub(super) const MODIFIED: Tag = Tag::new(0x0040, 0x4010);
pub(super) const CANCELLED_AT: Tag = Tag::new(0x0040, 0x4052);
pub(super) const PERFORMED_PROCEDURE: Tag = Tag::new(0x0074, 0x1216);
pub(super) const PRIORITY: Tag = Tag::new(0x0074, 0x1200);
pub(super) const WORKLIST_LABEL: Tag = Tag::new(0x0074, 0x1202);
pub(super) const STEP_LABEL: Tag = Tag::new(0x0074, 0x1204);
pub(super) const REASON_FOR_CANCELLATION: Tag = Tag::new(0x0074, 0x1238);
pub(super) const REQUESTING_AE: Tag = Tag::new(0x0074, 0x1236);

/// What a work item must say when it is created (PS3.4 table CC.2.5-3, type 1 and not ours to fill in).
const REQUIRED: [Tag; 5] = [
    PROCEDURE_STEP_STATE,
    PRIORITY,
    STEP_LABEL,
    START,
    INPUT_READINESS_STATE,
];

/// The first value of an attribute as text.
pub(super) fn text(set: &DataSet, tag: Tag) -> Option<&str> {
    set.get(&tag.to_string())?.get("Value")?.get(0)?.as_str()
}

/// Sets an attribute of one text.
pub(super) fn set_text(set: &mut DataSet, tag: Tag, vr: &str, text: &str) {
    let attribute = if text.is_empty() {
        json!({ "vr": vr })
    } else {
        json!({ "vr": vr, "Value": [text] })
    };
    set.insert(tag.to_string(), attribute);
}

/// The attributes that are required and absent, by their keywords.
pub(super) fn missing(set: &DataSet) -> Vec<&'static str> {
    REQUIRED
        .iter()
        .filter(|tag| text(set, **tag).is_none())
        .filter_map(|tag| tag.keyword())
        .collect()
}

/// What a data set lacks to be COMPLETED (PS3.4 table CC.2.5-3).
pub(super) fn lacks_to_complete(set: &DataSet) -> Option<&'static str> {
    let performed = set
        .get(&PERFORMED_PROCEDURE.to_string())
        .and_then(|attribute| attribute.get("Value")?.get(0));
    let Some(performed) = performed.and_then(Value::as_object) else {
        return Some("UnifiedProcedureStepPerformedProcedureSequence is missing");
    };
    let has = |tag| text(performed, tag).is_some();
    if !has(Tag::new(0x0040, 0x4050)) {
        return Some("PerformedProcedureStepStartDateTime is missing");
    }
    (!has(Tag::new(0x0040, 0x4051))).then_some("PerformedProcedureStepEndDateTime is missing")
}

/// As an answer; whatever it says of a transaction is left out.
pub(super) fn object(set: &DataSet) -> Result<JsonObject, AppError> {
    let mut object = JsonObject::new();
    for (name, attribute) in set {
        let Some(tag) = Tag::parse(name).filter(|tag| *tag != TRANSACTION_UID) else {
            continue;
        };
        let json = serde_json::to_vec(attribute).map_err(|error| AppError::Internal {
            what: format!("a work item cannot be written: {error}"),
        })?;
        object = object.or_member(tag, json);
    }
    Ok(object)
}

/// A code sequence of one item.
pub(super) fn code(value: &str, meaning: &str) -> Value {
    json!({ "vr": "SQ", "Value": [{
        "00080100": { "vr": "SH", "Value": [value] },
        "00080102": { "vr": "SH", "Value": ["DCM"] },
        "00080104": { "vr": "LO", "Value": [meaning] },
    }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(json: Value) -> DataSet {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn what_is_required_is_named() {
        assert_eq!(missing(&DataSet::new()).len(), 5);
        let some = set(json!({ "00741200": { "vr": "CS", "Value": ["LOW"] } }));
        assert!(!missing(&some).contains(&"ScheduledProcedureStepPriority"));
    }

    #[test]
    fn what_is_completed_says_when_it_was_done() {
        assert!(lacks_to_complete(&DataSet::new()).is_some());
        let item = json!({ "00404050": { "vr": "DT", "Value": ["2026"] }, "00404051": { "vr": "DT", "Value": ["2026"] } });
        let done = set(json!({ "00741216": { "vr": "SQ", "Value": [item] } }));
        assert_eq!(lacks_to_complete(&done), None);
    }

    #[test]
    fn a_transaction_is_told_to_nobody() {
        let own = set(json!({ "00081195": { "vr": "UI", "Value": ["1.2"] }, "00741000": { "vr": "CS" } }));
        assert!(!object(&own).unwrap().to_string().contains("00081195"));
    }
}
