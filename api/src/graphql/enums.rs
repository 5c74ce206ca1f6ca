//! The domain's enums as GraphQL spells them. A new variant there does not compile here until it is added.

use async_graphql::Enum;

/// What a person is in a tenant.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::Role")]
pub enum Role {
    /// Runs the platform; sees no patient.
    Operator,
    /// Administers one tenant.
    TenantAdmin,
    /// Works at one or several facilities.
    FacilityStaff,
    /// Reads for a tenant.
    Radiologist,
}

/// What a machine's key may do.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::ApiScope")]
pub enum ApiScope {
    /// Query and retrieve studies over DICOMweb.
    StudiesRead,
    /// Store studies over DICOMweb and announce uploads.
    StudiesWrite,
    /// Delete studies over DICOMweb, into the trash.
    StudiesDelete,
    /// Read cases and reports over GraphQL.
    CasesRead,
}

/// What a DICOM node may ask of us.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::NodeRight")]
pub enum NodeRight {
    /// Store instances (C-STORE).
    Store,
    /// Search (C-FIND).
    Find,
    /// Have instances sent to a node of its facility (C-MOVE).
    Move,
    /// Receive instances (C-GET).
    Get,
    /// Ask whether instances are safely kept (storage commitment).
    Commit,
}

/// Where a job stands.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::job::JobState")]
pub enum JobState {
    /// Waits for its time and a runner.
    Queued,
    /// A runner holds its lease.
    Running,
    /// Finished.
    Done,
    /// Failed for good; an administrator can retry it.
    Dead,
}

/// How far the viewing rendition of a series is.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "app::archive::rows::RenditionState")]
pub enum RenditionState {
    /// To be made, or being made.
    Pending,
    /// Made, or the originals need none.
    Ready,
    /// Cannot be made; the originals serve.
    Unavailable,
}

/// How soon the images of a study are there.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
pub enum StudyAvailability {
    /// At once.
    Online,
    /// Slowly: they lie in the slow store.
    Nearline,
    /// Not before a recall brought back the media they are on.
    Offline,
}

impl From<app::archive::Availability> for StudyAvailability {
    fn from(availability: app::archive::Availability) -> Self {
        match availability {
            app::archive::Availability::Online => Self::Online,
            app::archive::Availability::Nearline => Self::Nearline,
            app::archive::Availability::Offline => Self::Offline,
        }
    }
}

/// Where an invitation stands.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "app::identity::InvitationState")]
pub enum InvitationState {
    /// Waits for an answer.
    Pending,
    /// Was accepted.
    Accepted,
    /// Was withdrawn.
    Revoked,
    /// Was not answered in time.
    Expired,
}

/// What `extensions.code` of an error, and `code` of a problem document, may say.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::ErrorCode")]
pub enum ErrorCode {
    /// The request cannot be understood.
    BadRequest,
    /// No valid token came with the request.
    NotAuthenticated,
    /// E-mail or password is wrong; which of the two is not said.
    SignInRefused,
    /// The session ended or was ended, for instance because a used refresh token came again.
    SessionRevoked,
    /// The password asked again for a signature is wrong.
    WrongPassword,
    /// The caller's role does not allow this.
    Forbidden,
    /// It does not exist, or not for the caller; the two are never told apart.
    NotFound,
    /// The person is a member of several tenants and named none.
    TenantChoiceRequired,
    /// Another reader holds the case.
    CaseAlreadyClaimed,
    /// The claim lapsed, was released or broken.
    ClaimLost,
    /// The case is not in a state that allows this.
    CaseState,
    /// The draft was changed elsewhere since it was loaded.
    DraftConflict,
    /// Images arrived since the reader opened the case; a signature stands for all that is there.
    StudyChanged,
    /// Required parts of the report are missing.
    ReportIncomplete,
    /// The reader's text has characters that no font of the printer has.
    ReportUnprintable,
    /// Whoever signed the preliminary report does not make it final.
    SecondReaderRequired,
    /// A signed report is never edited.
    ReportSigned,
    /// The invitation is used, revoked or too old.
    InvitationExpired,
    /// The person is a member already.
    EmailTaken,
    /// The name or code is used already.
    NameTaken,
    /// A field does not hold what it should.
    InvalidInput,
    /// Too many tries; `Retry-After` says when to come back.
    RateLimited,
    /// The GraphQL document is deeper, wider or costlier than the documented limits.
    QueryTooComplex,
    /// The body is larger than the documented limit.
    PayloadTooLarge,
    /// The media type is not one this address takes.
    UnsupportedMediaType,
    /// None of the acceptable media types can be served.
    NotAcceptable,
    /// The file is not DICOM.
    NotDicom,
    /// The file ends before its data does.
    InstanceTruncated,
    /// The file has no bytes.
    InstanceEmpty,
    /// A UID is missing, longer than 64 characters or holds forbidden characters.
    InvalidUid,
    /// The data set is built to exhaust or confuse its readers.
    DatasetHostile,
    /// The transfer syntax cannot be read.
    TransferSyntaxUnknown,
    /// The instance is not of the study the address names.
    StudyMismatch,
    /// The study is already stored for another patient, or by another facility; the two are never told apart.
    PatientMismatch,
    /// The SOP Instance UID is stored already with other bytes; the first is kept, this one is quarantined.
    InstanceConflict,
    /// The instance is not in the manifest of the upload it came with.
    NotInManifest,
    /// An announced instance came with another length, hash, series or study than was announced.
    DiffersFromManifest,
    /// No space is left for new images; what is stored stays readable.
    StorageFull,
    /// The object store does not answer.
    StorageUnavailable,
    /// A stored object is missing or does not match its checksum; it is never served.
    ObjectDamaged,
    /// The pixel data cannot be decoded.
    PixelsUnreadable,
    /// The instance has no frame of that number.
    FrameOutOfRange,
    /// The data set is another instance, or of another SOP class, than its sender said.
    InstanceMismatch,
    /// The called title belongs to another facility, or another organisation.
    AeTitleTaken,
    /// A DICOM node does not answer, or does not let us in.
    PeerUnreachable,
    /// A DICOM node let us in and did not do what was asked.
    PeerRefused,
    /// The range that was asked for begins behind the end.
    RangeNotSatisfiable,
    /// Only a dead job can be retried.
    JobNotDead,
    /// The work item is not in a state that allows this; `status` is the Standard's (PS3.4 §CC.2).
    WorkitemState,
    /// The Transaction UID is missing or another than the one the work item is performed under.
    WorkitemTransaction,
    /// The UID is another work item's.
    WorkitemExists,
    /// The sender stopped in the middle of the request.
    RequestTimeout,
    /// The server is stopping; try again in a moment.
    ShuttingDown,
    /// A legal hold forbids to delete the study; an administrator can lift it.
    LegalHold,
    /// The study is being read, or has a signed report and the caller did not say that it is to go all the same.
    StudyInUse,
    /// The study, or the part of it that is meant, was deleted; it can be restored until it is removed for good.
    StudyDeleted,
    /// The instance cannot be handed out so that it says nothing of its patient, and nothing of it was.
    NotDeidentifiable,
    /// The images are on media that are not at hand; a recall brings them back, a mere repetition does not.
    StudyOffline,
    /// No policy of the organisation allows lossy copies of this study; nothing was handed out.
    LossyNotAllowed,
    /// Our fault; the log has the cause under the correlation id.
    Internal,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphql_spells_every_code_as_http_does() {
        for code in domain::ErrorCode::ALL {
            let value = async_graphql::resolver_utils::enum_value(ErrorCode::from(*code));
            assert_eq!(value.to_string(), code.as_str());
        }
    }
}
