//! The vocabulary of the audit trail: every kind of event it can hold.
//!
//! **Invariant:** a name is never renamed or reused once released; rows keep it for ever. `docs/audit.md`
//! lists them all, which a test holds to this file.

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $name:ident = $wire:literal;)*) => {
        /// What was done or tried.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AuditAction { $($(#[doc = $doc])+ $name,)* }

        impl AuditAction {
            /// Every action, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in rows and on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }

            /// What it means, in a sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+),)* }
            }
        }
    };
}

actions! {
    /// A person signed in. Object: the session.
    SignIn = "sign_in";
    /// A password was wrong, or the account unknown. Object: the account where it is known.
    SignInRefused = "sign_in.refused";
    /// A person signed out. Object: the session.
    SignOut = "sign_out";
    /// A used refresh token came again, which ended the session. Object: the session.
    SessionRevoked = "session.revoked";
    /// The password asked again for a signature was wrong. Object: the person; filed under the case.
    PasswordCheck = "password.check";
    /// A request was refused. Object: what it asked for; detail: which request, and the error's code.
    AccessRefused = "access.refused";
    /// Refusals of one kind that came again within the window of the first. Object: as there; detail: how many.
    AccessRefusedAgain = "access.refused_again";

    /// Images of a study were stored. Object: the study.
    StudyStore = "study.store";
    /// Images said more about whose their study is, and it became that patient's. Object: the study.
    StudyPatient = "study.patient";
    /// An image was set aside, its UID being taken by other bytes. Object: the quarantined instance.
    InstanceQuarantine = "instance.quarantine";
    /// The list of what was set aside was looked at.
    QuarantineView = "quarantine.view";
    /// Stored bytes did not match their checksum, or were gone, when they were read. Object: what they are of; detail: its kind.
    ObjectDamaged = "object.damaged";
    /// An upload was announced. Object: the upload.
    UploadAnnounce = "upload.announce";
    /// An upload was declared finished. Object: the upload.
    UploadFinish = "upload.finish";
    /// The archive was searched. Detail: the level, the keys (never their values) and the studies that were found.
    StudySearch = "study.search";
    /// A study was sent to another archive, or that was asked for. Object: the study; detail: the node, and how.
    StudySend = "study.send";
    /// A study was fetched from another archive. Object: the node; detail: how it went.
    StudyFetch = "study.fetch";
    /// A study was opened. Object: the study; detail: in which form (instances, metadata, frames, rendered, thumbnail, bulk data, de-identified).
    StudyRetrieve = "study.retrieve";
    /// A study, or part of it, was put into the trash. Object: the study; detail: which part, how many instances, why.
    StudyDelete = "study.delete";
    /// What was deleted was taken out of the trash. Object: the study; detail: the deletion.
    StudyRestore = "study.restore";
    /// What lay in the trash was removed for good. Object: the study; detail: the deletion, how many instances.
    StudyPurge = "study.purge";
    /// A legal hold was placed on a study. Object: the study; detail: why.
    StudyHold = "study.hold";
    /// The legal hold on a study was lifted. Object: the study; detail: why.
    StudyHoldLift = "study.hold_lift";
    /// A study was asked back from the slow store. Object: the study; detail: as a prior, if it was.
    StudyRecall = "study.recall";
    /// A study is back in the fast store. Object: the study.
    StudyRecalled = "study.recalled";
    /// A study that nobody looked at went to the slow store. Object: the study.
    StudySentAway = "study.sent_away";
    /// How long studies are kept, and where, or whether lossy copies go out, was decided. Detail: what.
    ArchivePolicy = "archive.policy";
    /// The list of what was deleted was looked at.
    TrashView = "trash.view";
    /// An object that no row names any more was removed from the object store. Object: its key.
    ObjectRemove = "object.remove";
    /// A damaged or missing original was put right. Object: its key, or the instance; detail: from where.
    ObjectRepair = "object.repair";
    /// Originals were put into another object, bit for bit. Object: the batch; detail: why, how many.
    ObjectRepack = "object.repack";
    /// Every stored object was compared with what the database says of it. Detail: what came out.
    ArchiveVerify = "archive.verify";
    /// A study was taken out as files. Object: the study; detail: as it came, as lossy copies of which modalities, or de-identified and with which options.
    StudyExport = "study.export";

    /// A work item was created. Object: its UID; detail: its state.
    WorkitemCreate = "workitem.create";
    /// A work item's attributes were changed. Object: its UID; detail: its state.
    WorkitemUpdate = "workitem.update";
    /// A work item's state was changed, or its cancellation asked for. Object: its UID; detail: its state.
    WorkitemState = "workitem.state";
    /// A work item was retrieved. Object: its UID.
    WorkitemView = "workitem.view";
    /// Work items were searched or told of. Detail: the keys (never their values) and the UIDs that had not been shown within the window.
    WorkitemList = "workitem.list";
    /// Somebody subscribed to work items. Object: the UID subscribed to.
    WorkitemSubscribe = "workitem.subscribe";
    /// A subscription to work items was ended. Object: the UID subscribed to.
    WorkitemUnsubscribe = "workitem.unsubscribe";

    /// A study became a case. Object: the case.
    CaseOpen = "case.open";
    /// A case became ready to read. Object: the case.
    CaseReady = "case.ready";
    /// Images came after the report was signed. Object: the case.
    CaseLateImages = "case.late_images";
    /// Cases were shown in a list. Detail: the cases that the actor had not been shown within the window.
    CaseList = "case.list";
    /// A case was opened. Object: the case.
    CaseView = "case.view";
    /// A case's priority was changed. Object: the case.
    CasePrioritise = "case.prioritise";
    /// A reader took a case. Object: the case.
    CaseClaim = "case.claim";
    /// A reader gave a case back. Object: the case.
    CaseRelease = "case.release";
    /// A reader's lease ran out. Object: the case; detail: the reader.
    CaseClaimLapsed = "case.claim_lapsed";
    /// Every copy of a case's report has arrived. Object: the case.
    CaseDelivered = "case.delivered";

    /// A draft was saved. Object: the report; one row for each writer and window.
    ReportDraft = "report.draft";
    /// An image was marked for the report. Object: the key image.
    KeyimageMark = "keyimage.mark";
    /// A mark was taken back. Object: the key image.
    KeyimageRemove = "keyimage.remove";
    /// A report was signed. Object: the version; detail: kind, number, SHA-256.
    ReportSign = "report.sign";
    /// An addendum was signed. Object: the version; detail: kind, number, SHA-256.
    ReportAddendum = "report.addendum";
    /// A reader confirmed that late images change nothing. Object: the case.
    ReportConfirm = "report.confirm";
    /// A copy of a report was delivered, or could not be. Object: the delivery; detail: the way.
    ReportDeliver = "report.deliver";
    /// A report's document was fetched. Object: the version.
    ReportRetrieve = "report.retrieve";
    /// A facility confirmed that it has read a report. Object: the case.
    ReportAcknowledge = "report.acknowledge";

    /// A tenant was founded. Object: the tenant.
    TenantCreate = "tenant.create";
    /// A facility was added. Object: the facility.
    FacilityAdd = "facility.add";
    /// A person was invited. Object: the invitation; detail: the role.
    MemberInvite = "member.invite";
    /// An invitation was taken back. Object: the invitation.
    InvitationRevoke = "invitation.revoke";
    /// An invitation was accepted. Object: the invitation.
    InvitationAccept = "invitation.accept";
    /// A member was added on the command line. Object: the person; detail: the role.
    MemberAdd = "member.add";
    /// A member was shut out. Object: the person.
    MemberDisable = "member.disable";
    /// A member was let in again. Object: the person.
    MemberEnable = "member.enable";
    /// A machine's key was made. Object: the key.
    ApiKeyCreate = "api_key.create";
    /// A machine's key was revoked. Object: the key.
    ApiKeyRevoke = "api_key.revoke";

    /// A DICOM node was added. Object: the node.
    NodeAdd = "node.add";
    /// What a DICOM node may do, or how it is recognised, was changed. Object: the node.
    NodeChange = "node.change";
    /// A DICOM node was removed. Object: the node.
    NodeRemove = "node.remove";
    /// It was verified whether a DICOM node answers. Object: the node; detail: whether.
    NodeVerify = "node.verify";
    /// A node asked whether instances are safely kept. Object: the commitment; detail: how many are and are not.
    StorageCommit = "storage.commit";

    /// A job failed for good. Object: the job; detail: its kind.
    JobDead = "job.dead";
    /// A dead job was queued again. Object: the job; detail: its kind.
    JobRetry = "job.retry";
    /// The audit trail was looked at. Detail: what it was filtered by.
    AuditView = "audit.view";
    /// The audit trail was verified. Detail: what came out.
    AuditVerify = "audit.verify";
    /// An operator looked at the figures of all tenants. Detail: why.
    PlatformTenants = "platform.tenants";
}

impl AuditAction {
    /// The action of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::AuditAction;
    use crate::ErrorCode;

    const PAGE: &str = include_str!("../../../../docs/audit.md");

    #[test]
    fn the_documentation_lists_every_action_with_its_meaning() {
        for action in AuditAction::ALL {
            let row = format!("| `{}` | {} |", action.as_str(), action.meaning().trim());
            assert!(PAGE.contains(&row), "docs/audit.md lacks\n{row}");
        }
    }

    #[test]
    fn the_documentation_lists_every_refusal() {
        let (_, listed) = PAGE.split_once("A refused request (").unwrap();
        let (listed, _) = listed.split_once(')').unwrap();
        let listed: BTreeSet<&str> = listed.split('`').skip(1).step_by(2).collect();
        let recorded = ErrorCode::ALL.iter().filter(|code| code.is_refusal());
        assert_eq!(listed, recorded.map(|code| code.as_str()).collect());
    }

    #[test]
    fn every_name_is_unique_and_fits_its_column() {
        let mut seen = BTreeSet::new();
        for action in AuditAction::ALL {
            assert!(seen.insert(action.as_str()), "{} stands twice", action.as_str());
            assert!(action.as_str().len() <= 64);
            assert_eq!(AuditAction::from_name(action.as_str()), Some(*action));
        }
    }
}
