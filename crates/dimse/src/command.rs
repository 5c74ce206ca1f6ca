//! Command sets (PS3.7 §6.3.1): group 0000 in Implicit VR Little Endian.
//!
//! **Invariant:** a command set has at most [`MAX_COMMAND_BYTES`], each element once, in order.

use std::collections::BTreeMap;

use bytes::Buf as _;

use crate::{AeTitle, Status};

/// Longest command set that is taken; the Standard's have some 30 short elements.
pub const MAX_COMMAND_BYTES: usize = 16 << 10;

/// The elements of group 0000 that are spoken of here, by their keyword.
pub(crate) mod element {
    pub const GROUP_LENGTH: u16 = 0x0000;
    pub const AFFECTED_SOP_CLASS_UID: u16 = 0x0002;
    pub const REQUESTED_SOP_CLASS_UID: u16 = 0x0003;
    pub const COMMAND_FIELD: u16 = 0x0100;
    pub const MESSAGE_ID: u16 = 0x0110;
    pub const MESSAGE_ID_BEING_RESPONDED_TO: u16 = 0x0120;
    pub const MOVE_DESTINATION: u16 = 0x0600;
    pub const PRIORITY: u16 = 0x0700;
    pub const COMMAND_DATA_SET_TYPE: u16 = 0x0800;
    pub const STATUS: u16 = 0x0900;
    pub const ERROR_COMMENT: u16 = 0x0902;
    pub const AFFECTED_SOP_INSTANCE_UID: u16 = 0x1000;
    pub const REQUESTED_SOP_INSTANCE_UID: u16 = 0x1001;
    pub const EVENT_TYPE_ID: u16 = 0x1002;
    pub const ACTION_TYPE_ID: u16 = 0x1008;
    pub const REMAINING_SUBOPERATIONS: u16 = 0x1020;
    pub const COMPLETED_SUBOPERATIONS: u16 = 0x1021;
    pub const FAILED_SUBOPERATIONS: u16 = 0x1022;
    pub const WARNING_SUBOPERATIONS: u16 = 0x1023;
    pub const MOVE_ORIGINATOR_AE_TITLE: u16 = 0x1030;
    pub const MOVE_ORIGINATOR_MESSAGE_ID: u16 = 0x1031;
}

/// No data set follows the command.
const NO_DATA_SET: u16 = 0x0101;
/// One does.
const DATA_SET: u16 = 0x0001;

/// What a command asks for or answers to (PS3.7 annex E).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// C-STORE-RQ
    StoreRequest,
    /// C-STORE-RSP
    StoreResponse,
    /// C-GET-RQ
    GetRequest,
    /// C-GET-RSP
    GetResponse,
    /// C-FIND-RQ
    FindRequest,
    /// C-FIND-RSP
    FindResponse,
    /// C-MOVE-RQ
    MoveRequest,
    /// C-MOVE-RSP
    MoveResponse,
    /// C-ECHO-RQ
    EchoRequest,
    /// C-ECHO-RSP
    EchoResponse,
    /// C-CANCEL-RQ
    CancelRequest,
    /// N-EVENT-REPORT-RQ
    EventReportRequest,
    /// N-EVENT-REPORT-RSP
    EventReportResponse,
    /// N-ACTION-RQ
    ActionRequest,
    /// N-ACTION-RSP
    ActionResponse,
    /// Any other.
    Other(u16),
}

const FIELDS: [(Field, u16); 15] = [
    (Field::StoreRequest, 0x0001),
    (Field::StoreResponse, 0x8001),
    (Field::GetRequest, 0x0010),
    (Field::GetResponse, 0x8010),
    (Field::FindRequest, 0x0020),
    (Field::FindResponse, 0x8020),
    (Field::MoveRequest, 0x0021),
    (Field::MoveResponse, 0x8021),
    (Field::EchoRequest, 0x0030),
    (Field::EchoResponse, 0x8030),
    (Field::CancelRequest, 0x0fff),
    (Field::EventReportRequest, 0x0100),
    (Field::EventReportResponse, 0x8100),
    (Field::ActionRequest, 0x0130),
    (Field::ActionResponse, 0x8130),
];

impl Field {
    /// The number on the wire.
    pub fn code(self) -> u16 {
        match self {
            Self::Other(code) => code,
            known => FIELDS
                .iter()
                .find(|(field, _)| *field == known)
                .map_or(0, |(_, code)| *code),
        }
    }

    fn of_code(code: u16) -> Self {
        let known = FIELDS.iter().find(|(_, of)| *of == code);
        known.map_or(Self::Other(code), |(field, _)| *field)
    }

    /// Whether it answers a request.
    pub fn is_response(self) -> bool {
        self.code() & 0x8000 != 0
    }
}

/// Why bytes are no command set. The association is aborted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Longer than any.
    #[error("a command set is longer than {MAX_COMMAND_BYTES} bytes")]
    TooLong,
    /// Not elements of group 0000 in their order.
    #[error("a command set is not written as it must be")]
    Malformed,
}

/// A command set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    elements: BTreeMap<u16, Vec<u8>>,
}

impl Command {
    /// Parses a command set.
    pub fn parse(mut bytes: &[u8]) -> Result<Self, CommandError> {
        if bytes.len() > MAX_COMMAND_BYTES {
            return Err(CommandError::TooLong);
        }
        let mut elements = BTreeMap::new();
        while !bytes.is_empty() {
            if bytes.len() < 8 {
                return Err(CommandError::Malformed);
            }
            let (group, element) = (bytes.get_u16_le(), bytes.get_u16_le());
            let length = bytes.get_u32_le() as usize;
            let in_order = elements.last_key_value().is_none_or(|(last, _)| *last < element);
            if group != 0 || !in_order || length > bytes.len() {
                return Err(CommandError::Malformed);
            }
            let (value, rest) = bytes.split_at(length);
            elements.insert(element, value.to_vec());
            bytes = rest;
        }
        // It says how long this writing of the command was, nothing about the command.
        elements.remove(&element::GROUP_LENGTH);
        Ok(Self { elements })
    }

    /// The bytes, group length first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (element, value) in &self.elements {
            write_element(&mut body, *element, value);
        }
        let mut bytes = Vec::with_capacity(12 + body.len());
        write_element(
            &mut bytes,
            element::GROUP_LENGTH,
            &(body.len() as u32).to_le_bytes(),
        );
        bytes.extend(body);
        bytes
    }

    /// A command of that field, without a data set.
    pub fn new(field: Field) -> Self {
        Self::default()
            .number(element::COMMAND_FIELD, field.code())
            .number(element::COMMAND_DATA_SET_TYPE, NO_DATA_SET)
    }

    /// The answer to this request: its message id and its SOP class and instance, whatever it calls them.
    pub fn response(&self, status: Status) -> Self {
        let mut response = Self::new(Field::of_code(self.field().code() | 0x8000))
            .number(element::MESSAGE_ID_BEING_RESPONDED_TO, self.message_id())
            .status_is(status);
        if let Some(uid) = self.sop_class_uid() {
            response = response.uid(element::AFFECTED_SOP_CLASS_UID, &uid);
        }
        if let Some(uid) = self.sop_instance_uid() {
            response = response.uid(element::AFFECTED_SOP_INSTANCE_UID, &uid);
        }
        for element in [element::ACTION_TYPE_ID, element::EVENT_TYPE_ID] {
            if let Some(id) = self.get_number(element) {
                response = response.number(element, id);
            }
        }
        response
    }

    /// The same with a status and its comment.
    pub fn status_is(self, status: Status) -> Self {
        let with_code = self.number(element::STATUS, status.code);
        match status.comment {
            // LO: 64 characters at the most.
            Some(comment) => {
                let comment: String = comment.chars().filter(char::is_ascii).take(64).collect();
                with_code.text(element::ERROR_COMMENT, &comment)
            }
            None => with_code,
        }
    }

    /// The same with a number.
    pub fn number(mut self, element: u16, value: u16) -> Self {
        self.elements.insert(element, value.to_le_bytes().to_vec());
        self
    }

    /// The same with a UID.
    pub fn uid(mut self, element: u16, uid: &str) -> Self {
        let mut value = uid.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(0);
        }
        self.elements.insert(element, value);
        self
    }

    /// The same with a text.
    pub fn text(mut self, element: u16, text: &str) -> Self {
        let mut value = text.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(b' ');
        }
        self.elements.insert(element, value);
        self
    }

    /// The same, announcing a data set.
    pub fn with_data_set(self) -> Self {
        self.number(element::COMMAND_DATA_SET_TYPE, DATA_SET)
    }

    /// What it asks for or answers to.
    pub fn field(&self) -> Field {
        Field::of_code(self.get_number(element::COMMAND_FIELD).unwrap_or_default())
    }

    /// Whether a data set follows.
    pub fn has_data_set(&self) -> bool {
        self.get_number(element::COMMAND_DATA_SET_TYPE)
            .is_some_and(|kind| kind != NO_DATA_SET)
    }

    /// Its number, by which it is answered.
    pub fn message_id(&self) -> u16 {
        self.get_number(element::MESSAGE_ID).unwrap_or_default()
    }

    /// The number of the request it answers or cancels.
    pub fn answers(&self) -> u16 {
        self.get_number(element::MESSAGE_ID_BEING_RESPONDED_TO)
            .unwrap_or_default()
    }

    /// The SOP class it speaks of.
    pub fn sop_class_uid(&self) -> Option<String> {
        self.get_text(element::AFFECTED_SOP_CLASS_UID)
            .or_else(|| self.get_text(element::REQUESTED_SOP_CLASS_UID))
    }

    /// The SOP instance it speaks of.
    pub fn sop_instance_uid(&self) -> Option<String> {
        self.get_text(element::AFFECTED_SOP_INSTANCE_UID)
            .or_else(|| self.get_text(element::REQUESTED_SOP_INSTANCE_UID))
    }

    /// The status of an answer; a missing one is a failure.
    pub fn status(&self) -> Status {
        Status {
            code: self
                .get_number(element::STATUS)
                .unwrap_or(Status::PROCESSING_FAILURE),
            comment: self.get_text(element::ERROR_COMMENT),
        }
    }

    /// Where a C-MOVE sends to.
    pub fn move_destination(&self) -> Option<AeTitle> {
        self.elements
            .get(&element::MOVE_DESTINATION)
            .and_then(|value| AeTitle::of_bytes(value).ok())
    }

    /// A number of two bytes.
    pub fn get_number(&self, element: u16) -> Option<u16> {
        let value = self.elements.get(&element)?;
        Some(u16::from_le_bytes(value.as_slice().try_into().ok()?))
    }

    /// A text or UID without padding, when it has any character.
    pub fn get_text(&self, element: u16) -> Option<String> {
        let text = String::from_utf8_lossy(self.elements.get(&element)?);
        let text = text.trim_matches(['\0', ' ']);
        (!text.is_empty()).then(|| text.to_owned())
    }
}

fn write_element(out: &mut Vec<u8>, element: u16, value: &[u8]) {
    out.extend(0u16.to_le_bytes());
    out.extend(element.to_le_bytes());
    out.extend((value.len() as u32).to_le_bytes());
    out.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_answer_names_what_it_answers() {
        let request = Command::new(Field::ActionRequest)
            .number(element::MESSAGE_ID, 7)
            .uid(element::REQUESTED_SOP_CLASS_UID, "1.2.3")
            .uid(element::REQUESTED_SOP_INSTANCE_UID, "1.2.3.4")
            .number(element::ACTION_TYPE_ID, 1);
        let answer = Command::parse(&request.response(Status::success()).to_bytes()).unwrap();
        assert_eq!(answer.field(), Field::ActionResponse);
        assert_eq!(answer.answers(), 7);
        assert_eq!(answer.sop_class_uid().as_deref(), Some("1.2.3"));
        assert_eq!(answer.sop_instance_uid().as_deref(), Some("1.2.3.4"));
        assert_eq!(answer.status(), Status::success());
        assert!(!answer.has_data_set());
    }

    #[test]
    fn elements_out_of_order_or_of_another_group_are_refused() {
        let mut bytes = Vec::new();
        write_element(&mut bytes, element::MESSAGE_ID, &[1, 0]);
        write_element(&mut bytes, element::COMMAND_FIELD, &[1, 0]);
        assert_eq!(Command::parse(&bytes), Err(CommandError::Malformed));
        assert_eq!(
            Command::parse(&[8, 0, 0, 0, 0, 0, 0, 0]),
            Err(CommandError::Malformed)
        );
        let huge = [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(Command::parse(&huge), Err(CommandError::Malformed));
        assert_eq!(
            Command::parse(&vec![0; MAX_COMMAND_BYTES + 1]),
            Err(CommandError::TooLong)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(command) = Command::parse(&bytes) {
                let again = Command::parse(&command.to_bytes()).unwrap();
                prop_assert_eq!(command.field(), again.field());
            }
        }
    }
}
