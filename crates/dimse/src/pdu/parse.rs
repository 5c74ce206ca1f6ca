//! From bytes to PDUs.

use bytes::{Buf as _, Bytes};

use super::{
    Abort, AbortReason, AssociateAccept, AssociateRequest, ContextReason, ContextResult, DataValue,
    HEADER_BYTES, MAX_CONTEXTS, Pdu, ProposedContext, Rejection, RoleSelection, UserInformation,
};

/// Most transfer syntaxes of one context, and most roles of one association.
const MAX_LISTED: usize = 256;

/// Why bytes are no PDU. The association is aborted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PduError {
    /// Longer than we said we take.
    #[error("a PDU of {0} bytes is longer than was agreed")]
    TooLong(u32),
    /// Not one of the seven types.
    #[error("there is no PDU of type {0:#04x}")]
    UnknownType(u8),
    /// Lengths that do not fit into each other, or too many of something.
    #[error("{0} is not written as it must be")]
    Malformed(&'static str),
}

impl PduError {
    /// What the peer is told.
    pub const fn abort_reason(self) -> AbortReason {
        match self {
            Self::UnknownType(_) => AbortReason::UnrecognisedPdu,
            Self::TooLong(_) | Self::Malformed(_) => AbortReason::InvalidParameter,
        }
    }
}

/// The beginning of a PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Its type.
    pub kind: u8,
    /// Bytes of its body.
    pub length: u32,
}

impl Header {
    /// Reads the beginning of a PDU; `max` is the longest body that is taken.
    ///
    /// Errors: before a byte of the body is waited for, when it is too long or of no type.
    pub fn parse(bytes: [u8; HEADER_BYTES], max: u32) -> Result<Self, PduError> {
        let [kind, _, a, b, c, d] = bytes;
        let length = u32::from_be_bytes([a, b, c, d]);
        match kind {
            1 | 2 | 4 if length > max => Err(PduError::TooLong(length)),
            3 | 5 | 6 | 7 if length != 4 => Err(PduError::Malformed("a short PDU")),
            1..=7 => Ok(Self { kind, length }),
            _ => Err(PduError::UnknownType(kind)),
        }
    }
}

/// Reads one PDU from the start of `bytes` and says how many of them it has; nothing when more must come.
pub fn parse(bytes: &[u8], max: u32) -> Result<Option<(Pdu, usize)>, PduError> {
    let Some(head) = bytes.first_chunk::<HEADER_BYTES>() else {
        return Ok(None);
    };
    let header = Header::parse(*head, max)?;
    let end = HEADER_BYTES.saturating_add(header.length as usize);
    let Some(body) = bytes.get(HEADER_BYTES..end) else {
        return Ok(None);
    };
    Ok(Some((
        parse_body(header.kind, Bytes::copy_from_slice(body))?,
        end,
    )))
}

/// Reads the body of a PDU of type `kind`. Fragments share the memory of `body`.
pub fn parse_body(kind: u8, mut body: Bytes) -> Result<Pdu, PduError> {
    Ok(match kind {
        1 => Pdu::AssociateRequest(request(body)?),
        2 => Pdu::AssociateAccept(accept(body)?),
        3 => {
            let [_, result, source, reason] = *four(&body)?;
            Pdu::AssociateReject(Rejection::of_codes(result, source, reason))
        }
        4 => {
            let mut values = Vec::new();
            while !body.is_empty() {
                values.push(data_value(&mut body)?);
            }
            if values.is_empty() {
                return Err(PduError::Malformed("a P-DATA-TF"));
            }
            Pdu::Data(values)
        }
        5 => Pdu::ReleaseRequest,
        6 => Pdu::ReleaseResponse,
        7 => {
            let [_, _, source, reason] = *four(&body)?;
            Pdu::Abort(match source {
                2 => Abort::Provider(AbortReason::of_code(reason)),
                _ => Abort::ServiceUser,
            })
        }
        kind => return Err(PduError::UnknownType(kind)),
    })
}

fn four(body: &[u8]) -> Result<&[u8; 4], PduError> {
    body.first_chunk().ok_or(PduError::Malformed("a short PDU"))
}

fn data_value(body: &mut Bytes) -> Result<DataValue, PduError> {
    const WHAT: PduError = PduError::Malformed("a presentation data value");
    let length = body.try_get_u32().map_err(|_| WHAT)? as usize;
    if length < 2 || length > body.len() {
        return Err(WHAT);
    }
    let mut value = body.split_to(length);
    let (context, control) = (value.get_u8(), value.get_u8());
    // An even id is nobody's; a fragment of nothing that is not the last could be sent for ever.
    let is_last = control & 2 != 0;
    if context % 2 == 0 || control & !3 != 0 || (value.is_empty() && !is_last) {
        return Err(WHAT);
    }
    Ok(DataValue {
        context,
        is_command: control & 1 != 0,
        is_last,
        bytes: value,
    })
}

/// An item or sub-item: a type, a reserved byte, a length of two bytes, so many bytes.
fn item(bytes: &mut Bytes, what: &'static str) -> Result<(u8, Bytes), PduError> {
    if bytes.len() < 4 {
        return Err(PduError::Malformed(what));
    }
    let kind = bytes.get_u8();
    bytes.advance(1);
    let length = usize::from(bytes.get_u16());
    if length > bytes.len() {
        return Err(PduError::Malformed(what));
    }
    Ok((kind, bytes.split_to(length)))
}

struct Fixed {
    protocol_version: u16,
    called: [u8; 16],
    calling: [u8; 16],
    items: Bytes,
}

/// The 68 bytes both A-ASSOCIATE PDUs begin with.
fn fixed(mut body: Bytes) -> Result<Fixed, PduError> {
    const RESERVED: usize = 32;
    if body.len() < 4 + 32 + RESERVED {
        return Err(PduError::Malformed("an A-ASSOCIATE PDU"));
    }
    let protocol_version = body.get_u16();
    body.advance(2);
    let (mut called, mut calling) = ([0; 16], [0; 16]);
    body.copy_to_slice(&mut called);
    body.copy_to_slice(&mut calling);
    body.advance(RESERVED);
    Ok(Fixed {
        protocol_version,
        called,
        calling,
        items: body,
    })
}

fn request(body: Bytes) -> Result<AssociateRequest, PduError> {
    let Fixed {
        protocol_version,
        called,
        calling,
        mut items,
    } = fixed(body)?;
    let mut request = AssociateRequest {
        protocol_version,
        called,
        calling,
        application_context: String::new(),
        contexts: Vec::new(),
        user: UserInformation::default(),
    };
    while !items.is_empty() {
        match item(&mut items, "an item of an A-ASSOCIATE-RQ")? {
            (0x10, value) => request.application_context = text(&value),
            (0x20, value) => {
                let context = proposed(value)?;
                let is_new = request.contexts.iter().all(|other| other.id != context.id);
                if !is_new || request.contexts.len() >= MAX_CONTEXTS {
                    return Err(PduError::Malformed("the list of presentation contexts"));
                }
                request.contexts.push(context);
            }
            (0x50, value) => request.user = user_information(value)?,
            // Items of later editions are for those who know them (PS3.8 §9.3.1).
            _ => {}
        }
    }
    Ok(request)
}

fn proposed(mut value: Bytes) -> Result<ProposedContext, PduError> {
    const WHAT: &str = "a presentation context";
    if value.len() < 4 {
        return Err(PduError::Malformed(WHAT));
    }
    let id = value.get_u8();
    value.advance(3);
    let mut context = ProposedContext {
        id,
        abstract_syntax: String::new(),
        transfer_syntaxes: Vec::new(),
    };
    while !value.is_empty() {
        match item(&mut value, WHAT)? {
            (0x30, name) => context.abstract_syntax = text(&name),
            (0x40, name) if context.transfer_syntaxes.len() < MAX_LISTED => {
                context.transfer_syntaxes.push(text(&name));
            }
            (0x40, _) => return Err(PduError::Malformed(WHAT)),
            _ => {}
        }
    }
    if id.is_multiple_of(2) || context.abstract_syntax.is_empty() || context.transfer_syntaxes.is_empty() {
        return Err(PduError::Malformed(WHAT));
    }
    Ok(context)
}

fn accept(body: Bytes) -> Result<AssociateAccept, PduError> {
    let Fixed {
        called,
        calling,
        mut items,
        ..
    } = fixed(body)?;
    let mut accept = AssociateAccept {
        called,
        calling,
        contexts: Vec::new(),
        user: UserInformation::default(),
    };
    while !items.is_empty() {
        match item(&mut items, "an item of an A-ASSOCIATE-AC")? {
            (0x21, value) if accept.contexts.len() < MAX_CONTEXTS => accept.contexts.push(result(value)?),
            (0x21, _) => return Err(PduError::Malformed("the list of presentation contexts")),
            (0x50, value) => accept.user = user_information(value)?,
            _ => {}
        }
    }
    Ok(accept)
}

fn result(mut value: Bytes) -> Result<ContextResult, PduError> {
    const WHAT: &str = "the result of a presentation context";
    if value.len() < 4 {
        return Err(PduError::Malformed(WHAT));
    }
    let id = value.get_u8();
    value.advance(1);
    let reason = ContextReason::of_code(value.get_u8());
    value.advance(1);
    let mut transfer_syntax = String::new();
    while !value.is_empty() {
        if let (0x40, name) = item(&mut value, WHAT)? {
            transfer_syntax = text(&name);
        }
    }
    if reason == ContextReason::Accepted && transfer_syntax.is_empty() {
        return Err(PduError::Malformed(WHAT));
    }
    Ok(ContextResult {
        id,
        reason,
        transfer_syntax,
    })
}

fn user_information(mut value: Bytes) -> Result<UserInformation, PduError> {
    const WHAT: &str = "the user information";
    let mut user = UserInformation::default();
    while !value.is_empty() {
        match item(&mut value, WHAT)? {
            (0x51, item) => user.max_pdu_bytes = Some(u32::from_be_bytes(*four(&item)?)),
            (0x52, item) => user.implementation_class_uid = text(&item),
            (0x55, item) => user.implementation_version_name = text(&item),
            (0x54, item) if user.roles.len() < MAX_LISTED => user.roles.push(role(item)?),
            (0x54, _) => return Err(PduError::Malformed(WHAT)),
            // Asynchronous operations, extended negotiation and user identity are not negotiated: who offers them
            // and gets no answer goes on without.
            _ => {}
        }
    }
    Ok(user)
}

fn role(mut item: Bytes) -> Result<RoleSelection, PduError> {
    const WHAT: PduError = PduError::Malformed("a role selection");
    let length = usize::from(item.try_get_u16().map_err(|_| WHAT)?);
    if item.len() != length + 2 {
        return Err(WHAT);
    }
    let sop_class_uid = text(&item.split_to(length));
    Ok(RoleSelection {
        sop_class_uid,
        scu: item.get_u8() == 1,
        scp: item.get_u8() == 1,
    })
}

/// A UID or name; what is no ASCII equals nothing we know.
fn text(bytes: &[u8]) -> String {
    const LONGEST: usize = 128;
    let ascii = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { '?' };
    let text: String = bytes.iter().take(LONGEST).map(ascii).collect();
    text.trim_matches(['\0', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_length_is_refused_before_its_bytes_are_waited_for() {
        let head = [4, 0, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(parse(&head, 1 << 17), Err(PduError::TooLong(u32::MAX)));
        assert_eq!(parse(&[9, 0, 0, 0, 0, 0], 10), Err(PduError::UnknownType(9)));
        assert!(parse(&[5, 0, 0, 0, 0, 9], 10).is_err());
        assert_eq!(parse(&head[..5], 10), Ok(None));
    }

    #[test]
    fn fragments_that_could_go_on_for_ever_are_refused() {
        let value = |control, bytes: &[u8]| {
            let mut body = vec![0, 0, 0, 2 + bytes.len() as u8, 1, control];
            body.extend_from_slice(bytes);
            parse_body(4, body.into())
        };
        assert!(value(0, b"").is_err());
        assert!(value(2, b"").is_ok());
        assert!(value(4, b"x").is_err());
        assert!(value(0, b"x").is_ok());
        assert!(parse_body(4, Bytes::new()).is_err());
        assert!(parse_body(4, Bytes::from_static(&[0, 0, 0, 1, 1])).is_err());
        assert!(parse_body(4, Bytes::from_static(&[0xff, 0xff, 0xff, 0xff, 1, 0])).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(kind in 0u8..10, body in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut bytes = vec![kind, 0];
            bytes.extend_from_slice(&(body.len() as u32).to_be_bytes());
            bytes.extend_from_slice(&body);
            if let Ok(Some((_, used))) = parse(&bytes, 1 << 16) {
                prop_assert_eq!(used, bytes.len());
            }
        }
    }
}
