//! The vocabulary of the audit trail as GraphQL spells it.

use async_graphql::Enum;

/// What was done or tried. In rows `CASE_CLAIM` is spelt `case.claim`.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::audit::AuditAction")]
pub enum AuditAction {
    /// A person signed in. Object: the session.
    SignIn,
    /// A password was wrong, or the account unknown. Object: the account where it is known.
    SignInRefused,
    /// A person signed out. Object: the session.
    SignOut,
    /// A used refresh token came again, which ended the session. Object: the session.
    SessionRevoked,
    /// The password asked again for a signature was wrong. Object: the person; filed under the case.
    PasswordCheck,
    /// A request was refused. Object: what it asked for; detail: which request, and the error's code.
    AccessRefused,
    /// Refusals of one kind that came again within the window of the first. Object: as there; detail: how many.
    AccessRefusedAgain,
    /// Images of a study were stored. Object: the study.
    StudyStore,
    /// Images said more about whose their study is, and it became that patient's. Object: the study.
    StudyPatient,
    /// An image was set aside, its UID being taken by other bytes. Object: the quarantined instance.
    InstanceQuarantine,
    /// The list of what was set aside was looked at.
    QuarantineView,
    /// Stored bytes did not match their checksum, or were gone, when they were read. Object: what they are of; detail: its kind.
    ObjectDamaged,
    /// An upload was announced. Object: the upload.
    UploadAnnounce,
    /// An upload was declared finished. Object: the upload.
    UploadFinish,
    /// The archive was searched. Detail: the level, the keys (never their values) and the studies that were found.
    StudySearch,
    /// A study was sent to another archive, or that was asked for. Object: the study; detail: the node, and how.
    StudySend,
    /// A study was fetched from another archive. Object: the node; detail: how it went.
    StudyFetch,
    /// A study was opened. Object: the study; detail: in which form (instances, metadata, frames, rendered, thumbnail, bulk data, de-identified).
    StudyRetrieve,
    /// A study, or part of it, was put into the trash. Object: the study; detail: which part, how many instances, why.
    StudyDelete,
    /// What was deleted was taken out of the trash. Object: the study; detail: the deletion.
    StudyRestore,
    /// What lay in the trash was removed for good. Object: the study; detail: the deletion, how many instances.
    StudyPurge,
    /// A legal hold was placed on a study. Object: the study; detail: why.
    StudyHold,
    /// The legal hold on a study was lifted. Object: the study; detail: why.
    StudyHoldLift,
    /// A study was asked back from the slow store. Object: the study; detail: as a prior, if it was.
    StudyRecall,
    /// A study is back in the fast store. Object: the study.
    StudyRecalled,
    /// A study that nobody looked at went to the slow store. Object: the study.
    StudySentAway,
    /// How long studies are kept, and where, or whether lossy copies go out, was decided. Detail: what.
    ArchivePolicy,
    /// The list of what was deleted was looked at.
    TrashView,
    /// An object that no row names any more was removed from the object store. Object: its key.
    ObjectRemove,
    /// A damaged or missing original was put right. Object: its key, or the instance; detail: from where.
    ObjectRepair,
    /// Originals were put into another object, bit for bit. Object: the batch; detail: why, how many.
    ObjectRepack,
    /// Every stored object was compared with what the database says of it. Detail: what came out.
    ArchiveVerify,
    /// A work item was created. Object: its UID; detail: its state.
    WorkitemCreate,
    /// A work item's attributes were changed. Object: its UID; detail: its state.
    WorkitemUpdate,
    /// A work item's state was changed, or its cancellation asked for. Object: its UID; detail: its state.
    WorkitemState,
    /// A work item was retrieved. Object: its UID.
    WorkitemView,
    /// Work items were searched or told of. Detail: the keys (never their values) and the UIDs that had not been shown within the window.
    WorkitemList,
    /// Somebody subscribed to work items. Object: the UID subscribed to.
    WorkitemSubscribe,
    /// A subscription to work items was ended. Object: the UID subscribed to.
    WorkitemUnsubscribe,
    /// A study was taken out as files. Object: the study; detail: as it came, as lossy copies of which modalities, or de-identified and with which options.
    StudyExport,
    /// A study became a case. Object: the case.
    CaseOpen,
    /// A case became ready to read. Object: the case.
    CaseReady,
    /// Images came after the report was signed. Object: the case.
    CaseLateImages,
    /// Cases were shown in a list. Detail: the cases that the actor had not been shown within the window.
    CaseList,
    /// A case was opened. Object: the case.
    CaseView,
    /// A case's priority was changed. Object: the case.
    CasePrioritise,
    /// A reader took a case. Object: the case.
    CaseClaim,
    /// A reader gave a case back. Object: the case.
    CaseRelease,
    /// A reader's lease ran out. Object: the case; detail: the reader.
    CaseClaimLapsed,
    /// Every copy of a case's report has arrived. Object: the case.
    CaseDelivered,
    /// A draft was saved. Object: the report; one row for each writer and window.
    ReportDraft,
    /// An image was marked for the report. Object: the key image.
    KeyimageMark,
    /// A mark was taken back. Object: the key image.
    KeyimageRemove,
    /// A report was signed. Object: the version; detail: kind, number, SHA-256.
    ReportSign,
    /// An addendum was signed. Object: the version; detail: kind, number, SHA-256.
    ReportAddendum,
    /// A reader confirmed that late images change nothing. Object: the case.
    ReportConfirm,
    /// A copy of a report was delivered, or could not be. Object: the delivery; detail: the way.
    ReportDeliver,
    /// A report's document was fetched. Object: the version.
    ReportRetrieve,
    /// A facility confirmed that it has read a report. Object: the case.
    ReportAcknowledge,
    /// A tenant was founded. Object: the tenant.
    TenantCreate,
    /// A facility was added. Object: the facility.
    FacilityAdd,
    /// A person was invited. Object: the invitation; detail: the role.
    MemberInvite,
    /// An invitation was taken back. Object: the invitation.
    InvitationRevoke,
    /// An invitation was accepted. Object: the invitation.
    InvitationAccept,
    /// A member was added on the command line. Object: the person; detail: the role.
    MemberAdd,
    /// A member was shut out. Object: the person.
    MemberDisable,
    /// A member was let in again. Object: the person.
    MemberEnable,
    /// A machine's key was made. Object: the key.
    ApiKeyCreate,
    /// A machine's key was revoked. Object: the key.
    ApiKeyRevoke,
    /// A DICOM node was added. Object: the node.
    NodeAdd,
    /// What a DICOM node may do, or how it is recognised, was changed. Object: the node.
    NodeChange,
    /// A DICOM node was removed. Object: the node.
    NodeRemove,
    /// It was verified whether a DICOM node answers. Object: the node; detail: whether.
    NodeVerify,
    /// A node asked whether instances are safely kept. Object: the commitment; detail: how many are and are not.
    StorageCommit,
    /// A job failed for good. Object: the job; detail: its kind.
    JobDead,
    /// A dead job was queued again. Object: the job; detail: its kind.
    JobRetry,
    /// The audit trail was looked at. Detail: what it was filtered by.
    AuditView,
    /// The audit trail was verified. Detail: what came out.
    AuditVerify,
    /// An operator looked at the figures of all tenants. Detail: why.
    PlatformTenants,
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::EnumType as _;

    use super::AuditAction;

    #[test]
    fn a_name_differs_from_that_in_rows_in_case_and_dots_only() {
        for item in AuditAction::items() {
            let action = domain::audit::AuditAction::from(item.value);
            assert_eq!(item.name, action.as_str().to_uppercase().replace('.', "_"));
        }
        assert_eq!(AuditAction::items().len(), domain::audit::AuditAction::ALL.len());
    }

    #[tokio::test]
    async fn every_action_is_described_as_the_documentation_does() {
        let query = r#"{ __type(name: "AuditAction") { enumValues { name description } } }"#;
        let data = crate::graphql::schema(true).execute(query).await.data;
        let data = data.into_json().unwrap();
        let described = data["__type"]["enumValues"].as_array().unwrap();
        assert_eq!(described.len(), AuditAction::items().len());
        for item in AuditAction::items() {
            let meaning = domain::audit::AuditAction::from(item.value).meaning().trim();
            let of = described.iter().find(|of| of["name"] == item.name).unwrap();
            assert_eq!(of["description"], meaning, "{}", item.name);
        }
    }
}
