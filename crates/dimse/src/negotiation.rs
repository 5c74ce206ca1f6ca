//! What is agreed on when an association is granted (PS3.8 §7.1.1, PS3.7 annex D.3).

use crate::{
    AssociateAccept, AssociateRequest, Context, ContextReason, ContextResult, Failure,
    IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, RoleSelection, Service, Session, UserInformation,
    limits::{MAX_SENT_PDU_BYTES, MIN_SENT_PDU_BYTES},
    pdu::VALUE_HEADER_BYTES,
};

/// What became of a proposal.
#[derive(Debug)]
pub(crate) struct Agreement {
    pub accept: AssociateAccept,
    pub contexts: Vec<Context>,
    pub fragment_bytes: usize,
}

/// Answers a request with what the session offers.
pub(crate) fn agree<S: Session>(
    request: &AssociateRequest,
    session: &S,
    max_pdu_bytes: u32,
) -> Result<Agreement, Failure> {
    let mut contexts = Vec::new();
    let mut roles: Vec<RoleSelection> = Vec::new();
    let results = request.contexts.iter().map(|proposed| {
        let refused = |reason| ContextResult {
            id: proposed.id,
            reason,
            transfer_syntax: String::new(),
        };
        let Some(service) = Service::of(&proposed.abstract_syntax) else {
            return refused(ContextReason::AbstractSyntaxNotSupported);
        };
        let asked = request
            .user
            .roles
            .iter()
            .find(|role| role.sop_class_uid == proposed.abstract_syntax);
        let (scu, scp) = roles_of(service, asked, session);
        if !(scu || scp) {
            return refused(ContextReason::UserRejection);
        }
        let Some(transfer_syntax) = service.choose(&proposed.transfer_syntaxes) else {
            return refused(ContextReason::TransferSyntaxesNotSupported);
        };
        if asked.is_some()
            && roles
                .iter()
                .all(|role| role.sop_class_uid != proposed.abstract_syntax)
        {
            roles.push(RoleSelection {
                sop_class_uid: proposed.abstract_syntax.clone(),
                scu,
                scp,
            });
        }
        contexts.push(Context {
            id: proposed.id,
            abstract_syntax: proposed.abstract_syntax.clone(),
            transfer_syntax: transfer_syntax.to_owned(),
            requestor_is_scu: scu,
            requestor_is_scp: scp,
        });
        ContextResult {
            id: proposed.id,
            reason: ContextReason::Accepted,
            transfer_syntax: transfer_syntax.to_owned(),
        }
    });
    let results = results.collect();
    let accept = AssociateAccept {
        called: request.called,
        calling: request.calling,
        contexts: results,
        user: UserInformation {
            roles,
            ..about_us(max_pdu_bytes)
        },
    };
    Ok(Agreement {
        accept,
        contexts,
        fragment_bytes: fragment_bytes(&request.user)?,
    })
}

/// Which roles the requestor may play: it uses what we offer, and provides storage where it wants to receive by
/// C-GET.
fn roles_of<S: Session>(service: Service, asked: Option<&RoleSelection>, session: &S) -> (bool, bool) {
    let (scu, scp) = asked.map_or((true, false), |role| (role.scu, role.scp));
    let may_receive = service.is_storage()
        && (session.offers(Service::Get(crate::Root::Study))
            || session.offers(Service::Get(crate::Root::Patient)));
    (scu && session.offers(service), scp && may_receive)
}

/// What we say about ourselves.
pub(crate) fn about_us(max_pdu_bytes: u32) -> UserInformation {
    UserInformation {
        max_pdu_bytes: Some(max_pdu_bytes),
        implementation_class_uid: IMPLEMENTATION_CLASS_UID.to_owned(),
        implementation_version_name: IMPLEMENTATION_VERSION_NAME.to_owned(),
        roles: Vec::new(),
    }
}

/// How long our fragments may be for this peer.
pub(crate) fn fragment_bytes(peer: &UserInformation) -> Result<usize, Failure> {
    let most = match peer.max_pdu_bytes {
        None | Some(0) => MAX_SENT_PDU_BYTES,
        Some(bytes) => MAX_SENT_PDU_BYTES.min(bytes as usize),
    };
    if most < MIN_SENT_PDU_BYTES {
        return Err(Failure::Protocol("a peer that takes no PDUs"));
    }
    // Fragments have an even length (PS3.8 annex E.1).
    Ok((most - VALUE_HEADER_BYTES) & !1)
}
