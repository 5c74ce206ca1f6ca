//! From PDUs to bytes.

use super::{
    Abort, AssociateAccept, AssociateRequest, ContextReason, Pdu, ProposedContext, UserInformation,
    VALUE_HEADER_BYTES,
};

/// The one application context (PS3.7 annex A).
pub(crate) const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";

impl Pdu {
    /// Appends the PDU's bytes to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::AssociateRequest(request) => pdu(out, 1, |out| request.write(out)),
            Self::AssociateAccept(accept) => pdu(out, 2, |out| accept.write(out)),
            Self::AssociateReject(rejection) => {
                let (result, source, reason) = rejection.codes();
                pdu(out, 3, |out| out.extend([0, result, source, reason]));
            }
            Self::Data(values) => pdu(out, 4, |out| {
                for value in values {
                    write_value_header(
                        out,
                        value.context,
                        value.is_command,
                        value.is_last,
                        value.bytes.len(),
                    );
                    out.extend_from_slice(&value.bytes);
                }
            }),
            Self::ReleaseRequest => pdu(out, 5, |out| out.extend([0; 4])),
            Self::ReleaseResponse => pdu(out, 6, |out| out.extend([0; 4])),
            Self::Abort(abort) => {
                let (source, reason) = match abort {
                    Abort::ServiceUser => (0, 0),
                    Abort::Provider(reason) => (2, reason.code()),
                };
                pdu(out, 7, |out| out.extend([0, 0, source, reason]));
            }
        }
    }
}

/// Appends a P-DATA-TF of one value, whose fragment is written by the caller right after: `length` bytes.
pub(crate) fn write_data_header(
    out: &mut Vec<u8>,
    context: u8,
    is_command: bool,
    is_last: bool,
    length: usize,
) {
    out.extend([4, 0]);
    out.extend(((length + VALUE_HEADER_BYTES) as u32).to_be_bytes());
    write_value_header(out, context, is_command, is_last, length);
}

fn write_value_header(out: &mut Vec<u8>, context: u8, is_command: bool, is_last: bool, length: usize) {
    out.extend((length as u32 + 2).to_be_bytes());
    out.extend([context, u8::from(is_command) | u8::from(is_last) << 1]);
}

fn pdu(out: &mut Vec<u8>, kind: u8, body: impl FnOnce(&mut Vec<u8>)) {
    out.extend([kind, 0]);
    let at = out.len();
    out.extend([0; 4]);
    body(out);
    let length = (out.len() - at - 4) as u32;
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
}

fn item(out: &mut Vec<u8>, kind: u8, body: impl FnOnce(&mut Vec<u8>)) {
    out.extend([kind, 0]);
    let at = out.len();
    out.extend([0; 2]);
    body(out);
    // What we write ourselves never comes near 64 KiB: a context has a few UIDs of 64 characters.
    let length = u16::try_from(out.len() - at - 2).unwrap_or(u16::MAX);
    out[at..at + 2].copy_from_slice(&length.to_be_bytes());
}

fn text(out: &mut Vec<u8>, kind: u8, text: &str) {
    item(out, kind, |out| out.extend_from_slice(text.as_bytes()));
}

fn fixed(out: &mut Vec<u8>, version: u16, called: &[u8; 16], calling: &[u8; 16]) {
    out.extend(version.to_be_bytes());
    out.extend([0; 2]);
    out.extend_from_slice(called);
    out.extend_from_slice(calling);
    out.extend([0; 32]);
}

impl AssociateRequest {
    fn write(&self, out: &mut Vec<u8>) {
        fixed(out, self.protocol_version, &self.called, &self.calling);
        text(out, 0x10, &self.application_context);
        for context in &self.contexts {
            context.write(out);
        }
        self.user.write(out);
    }
}

impl ProposedContext {
    fn write(&self, out: &mut Vec<u8>) {
        item(out, 0x20, |out| {
            out.extend([self.id, 0, 0, 0]);
            text(out, 0x30, &self.abstract_syntax);
            for transfer_syntax in &self.transfer_syntaxes {
                text(out, 0x40, transfer_syntax);
            }
        });
    }
}

impl AssociateAccept {
    fn write(&self, out: &mut Vec<u8>) {
        fixed(out, 1, &self.called, &self.calling);
        text(out, 0x10, APPLICATION_CONTEXT);
        for context in &self.contexts {
            item(out, 0x21, |out| {
                out.extend([context.id, 0, context.reason.code(), 0]);
                // Of a refused context the transfer syntax says nothing, but must be there (PS3.8 §9.3.3.2).
                let transfer_syntax = match context.reason {
                    ContextReason::Accepted => context.transfer_syntax.as_str(),
                    _ => dicom::IMPLICIT_VR_LITTLE_ENDIAN,
                };
                text(out, 0x40, transfer_syntax);
            });
        }
        self.user.write(out);
    }
}

impl UserInformation {
    fn write(&self, out: &mut Vec<u8>) {
        item(out, 0x50, |out| {
            if let Some(bytes) = self.max_pdu_bytes {
                item(out, 0x51, |out| out.extend(bytes.to_be_bytes()));
            }
            text(out, 0x52, &self.implementation_class_uid);
            for role in &self.roles {
                item(out, 0x54, |out| {
                    out.extend((role.sop_class_uid.len() as u16).to_be_bytes());
                    out.extend_from_slice(role.sop_class_uid.as_bytes());
                    out.extend([u8::from(role.scu), u8::from(role.scp)]);
                });
            }
            if !self.implementation_version_name.is_empty() {
                text(out, 0x55, &self.implementation_version_name);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::super::{ContextResult, DataValue, Rejection, RoleSelection, parse};
    use super::*;
    use crate::AeTitle;

    fn uid() -> impl Strategy<Value = String> {
        "[1-9](\\.[1-9][0-9]{0,3}){1,8}"
    }

    fn user() -> impl Strategy<Value = UserInformation> {
        let role =
            (uid(), any::<bool>(), any::<bool>()).prop_map(|(sop_class_uid, scu, scp)| RoleSelection {
                sop_class_uid,
                scu,
                scp,
            });
        (
            prop::option::of(any::<u32>()),
            uid(),
            "[A-Z]{0,16}",
            prop::collection::vec(role, 0..4),
        )
            .prop_map(
                |(max_pdu_bytes, implementation_class_uid, implementation_version_name, roles)| {
                    UserInformation {
                        max_pdu_bytes,
                        implementation_class_uid,
                        implementation_version_name,
                        roles,
                    }
                },
            )
    }

    fn title() -> impl Strategy<Value = [u8; 16]> {
        "[A-Z]{1,16}".prop_map(|text| AeTitle::parse(&text).unwrap().to_field())
    }

    fn any_pdu() -> impl Strategy<Value = Pdu> {
        let contexts = prop::collection::vec((uid(), prop::collection::vec(uid(), 1..4)), 0..6);
        let request = (title(), title(), contexts, user()).prop_map(|(called, calling, contexts, user)| {
            let contexts = (0u8..)
                .zip(contexts)
                .map(|(at, (abstract_syntax, transfer_syntaxes))| ProposedContext {
                    id: 2 * at + 1,
                    abstract_syntax,
                    transfer_syntaxes,
                });
            Pdu::AssociateRequest(AssociateRequest {
                protocol_version: 1,
                called,
                calling,
                application_context: APPLICATION_CONTEXT.to_owned(),
                contexts: contexts.collect(),
                user,
            })
        });
        let accept = (title(), title(), prop::collection::vec(uid(), 0..6), user()).prop_map(
            |(called, calling, contexts, user)| {
                let contexts = (0u8..).zip(contexts).map(|(at, transfer_syntax)| ContextResult {
                    id: 2 * at + 1,
                    reason: ContextReason::Accepted,
                    transfer_syntax,
                });
                Pdu::AssociateAccept(AssociateAccept {
                    called,
                    calling,
                    contexts: contexts.collect(),
                    user,
                })
            },
        );
        let value = (
            any::<bool>(),
            any::<bool>(),
            prop::collection::vec(any::<u8>(), 1..50),
        )
            .prop_map(|(is_command, is_last, bytes)| DataValue {
                context: 3,
                is_command,
                is_last,
                bytes: Bytes::from(bytes),
            });
        prop_oneof![
            request,
            accept,
            prop::collection::vec(value, 1..4).prop_map(Pdu::Data),
            Just(Pdu::AssociateReject(Rejection::CallingNotRecognised)),
            Just(Pdu::ReleaseRequest),
            Just(Pdu::ReleaseResponse),
            Just(Pdu::Abort(Abort::Provider(
                super::super::AbortReason::UnexpectedPdu
            ))),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(pdu in any_pdu(), cut in any::<prop::sample::Index>()) {
            let mut bytes = Vec::new();
            pdu.write(&mut bytes);
            prop_assert_eq!(parse(&bytes, 1 << 20), Ok(Some((pdu, bytes.len()))));
            prop_assert_eq!(parse(&bytes[..cut.index(bytes.len())], 1 << 20), Ok(None));
        }
    }
}
