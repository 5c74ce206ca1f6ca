//! The answer to STOW-RS (PS3.18 §10.5.3, PS3.3 §C.12.1 Store Instances Response), as DICOM JSON.

use crate::qido_json::JsonObject;
use crate::refusal::Refusal;
use crate::tag::tags;
use crate::uid::Uid;

/// Why an instance was not stored: Failure Reason (0008,1197), after PS3.18 table 10.5.3-2 and PS3.7 annex C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum FailureReason {
    /// Processing failure.
    Processing = 0x0110,
    /// Duplicate SOP Instance: the same UID with other bytes.
    DuplicateInstance = 0x0111,
    /// Not authorised.
    NotAuthorized = 0x0124,
    /// Out of resources.
    OutOfResources = 0xa700,
    /// The data set does not match what was expected, such as the study of the URL.
    DataSetMismatch = 0xa900,
    /// Cannot understand.
    CannotUnderstand = 0xc000,
    /// The transfer syntax is not supported.
    TransferSyntax = 0xc122,
}

/// What is odd about a stored instance: Warning Reason (0008,1196).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum WarningReason {
    /// Coercion of data elements.
    Coercion = 0xb000,
    /// Elements discarded.
    Discarded = 0xb006,
    /// The data set does not match its SOP class.
    DataSetMismatch = 0xb007,
}

impl From<&Refusal> for FailureReason {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::TransferSyntaxUnknown(_) => Self::TransferSyntax,
            Refusal::Unreadable(_) => Self::Processing,
            Refusal::NotDicom(_)
            | Refusal::Empty
            | Refusal::Truncated { .. }
            | Refusal::InvalidUid { .. }
            | Refusal::Hostile(_) => Self::CannotUnderstand,
        }
    }
}

/// Collects what became of each part of a request.
#[derive(Debug, Clone, Default)]
pub struct StowResponse {
    retrieve_url: Option<String>,
    stored: Vec<JsonObject>,
    failed: Vec<JsonObject>,
    other_failures: Vec<JsonObject>,
    warned: bool,
}

impl StowResponse {
    /// An answer without instances. `retrieve_url` is the study's, when all instances belong to one.
    pub fn new(retrieve_url: Option<String>) -> Self {
        Self {
            retrieve_url,
            ..Self::default()
        }
    }

    /// Notes an instance that is stored, now or already. `comment` may say more, such as that it was there.
    pub fn stored(
        &mut self,
        sop_class_uid: &Uid,
        sop_instance_uid: &Uid,
        retrieve_url: &str,
        warning: Option<WarningReason>,
        comment: Option<&str>,
    ) {
        let mut item =
            reference(sop_class_uid, sop_instance_uid).text(tags::RETRIEVE_URL, "UR", [retrieve_url]);
        if let Some(warning) = warning {
            self.warned = true;
            item = item.integer(tags::WARNING_REASON, "US", [warning as u16]);
        }
        self.stored.push(with_comment(item, comment));
    }

    /// Notes an instance that is not stored. `comment` goes to the sender: code and what to do.
    ///
    /// What has no UIDs is listed in Other Failures Sequence (0008,119A), where PS3.3 wants it.
    pub fn failed(&mut self, instance: Option<(&Uid, &Uid)>, reason: FailureReason, comment: &str) {
        match instance {
            Some((sop_class_uid, sop_instance_uid)) => {
                let item = reference(sop_class_uid, sop_instance_uid);
                self.failed.push(with_comment(
                    item.integer(tags::FAILURE_REASON, "US", [reason as u16]),
                    Some(comment),
                ));
            }
            None => self.failed_unread(None, reason, comment),
        }
    }

    /// Notes a part in which no instance could be read. `claimed` is the SOP Instance UID the sender says it has:
    /// with it the sender knows which of its files is meant.
    pub fn failed_unread(&mut self, claimed: Option<&Uid>, reason: FailureReason, comment: &str) {
        let mut item = JsonObject::new().integer(tags::FAILURE_REASON, "US", [reason as u16]);
        if let Some(uid) = claimed {
            item = item.text(tags::REFERENCED_SOP_INSTANCE_UID, "UI", [uid]);
        }
        self.other_failures.push(with_comment(item, Some(comment)));
    }

    /// The HTTP status: 200 when all are stored, 202 when some are or there are warnings, 409 when none is
    /// (PS3.18 table 10.5.3-1).
    pub fn status(&self) -> u16 {
        match (
            self.stored.is_empty(),
            self.failed.is_empty() && self.other_failures.is_empty(),
        ) {
            (_, true) if self.warned => 202,
            (_, true) => 200,
            (false, false) => 202,
            (true, false) => 409,
        }
    }

    /// The answer as a data set.
    pub fn to_object(&self) -> JsonObject {
        let mut object = JsonObject::new();
        if let Some(url) = &self.retrieve_url {
            object = object.text(tags::RETRIEVE_URL, "UR", [url]);
        }
        for (tag, items) in [
            (tags::REFERENCED_SOP_SEQUENCE, &self.stored),
            (tags::FAILED_SOP_SEQUENCE, &self.failed),
            (tags::OTHER_FAILURES_SEQUENCE, &self.other_failures),
        ] {
            if !items.is_empty() {
                object = object.sequence(tag, items.iter().cloned());
            }
        }
        object
    }
}

fn reference(sop_class_uid: &Uid, sop_instance_uid: &Uid) -> JsonObject {
    JsonObject::new()
        .text(tags::REFERENCED_SOP_CLASS_UID, "UI", [sop_class_uid])
        .text(tags::REFERENCED_SOP_INSTANCE_UID, "UI", [sop_instance_uid])
}

fn with_comment(item: JsonObject, comment: Option<&str>) -> JsonObject {
    match comment {
        Some(comment) => item.text(tags::ERROR_COMMENT, "LO", [comment]),
        None => item,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_lists_what_is_stored_and_what_is_not() {
        let class = Uid::parse("1.2.840.10008.5.1.4.1.1.2").unwrap();
        let (one, two) = (Uid::parse("1.2.1").unwrap(), Uid::parse("1.2.2").unwrap());
        let mut response = StowResponse::new(Some("https://h/studies/1".into()));
        assert_eq!(response.status(), 200);
        response.failed(
            None,
            FailureReason::from(&Refusal::Empty),
            "INSTANCE_EMPTY: the file is empty",
        );
        assert_eq!(response.status(), 409);
        response.stored(
            &class,
            &one,
            "https://h/studies/1/series/1/instances/1.2.1",
            None,
            Some("duplicate"),
        );
        response.failed(
            Some((&class, &two)),
            FailureReason::DuplicateInstance,
            "INSTANCE_CONFLICT",
        );
        assert_eq!(response.status(), 202);
        let json: serde_json::Value = serde_json::from_str(&response.to_object().to_string()).unwrap();
        assert_eq!(json["00081199"]["Value"][0]["00081155"]["Value"][0], "1.2.1");
        assert_eq!(json["00081199"]["Value"][0]["00000902"]["Value"][0], "duplicate");
        assert_eq!(json["00081198"]["Value"][0]["00081197"]["Value"][0], 0x0111);
        assert_eq!(json["0008119A"]["Value"][0]["00081197"]["Value"][0], 0xc000);
        assert_eq!(json["00081190"]["Value"][0], "https://h/studies/1");
    }
}
