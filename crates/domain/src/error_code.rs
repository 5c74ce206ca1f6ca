//! The stable error contract: one row a code, never renamed or reused once released.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal;)*) => {
        /// What went wrong, in words that clients may build on.
        ///
        /// GraphQL carries it as `extensions.code`, HTTP as `code` of a problem document (RFC 9457),
        /// DICOMweb in the text beside the Standard's own status.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$doc])* $name,)* }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as clients see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status that goes with it.
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// A short title for people.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The code of that name.
            pub fn from_code(code: &str) -> Option<Self> {
                Some(match code { $($code => Self::$name,)* _ => return None })
            }
        }
    };
}

codes! {
    /// The request cannot be understood.
    BadRequest = "BAD_REQUEST", 400, "The request cannot be understood";
    /// No valid token came with the request.
    NotAuthenticated = "NOT_AUTHENTICATED", 401, "Please sign in";
    /// E-mail or password is wrong; which of the two is not said.
    SignInRefused = "SIGN_IN_REFUSED", 401, "E-mail or password is wrong";
    /// The session ended or was ended, for instance because a used refresh token came again.
    SessionRevoked = "SESSION_REVOKED", 401, "This session has ended";
    /// The password asked again for a signature is wrong.
    WrongPassword = "WRONG_PASSWORD", 403, "The password is wrong";
    /// The caller's role does not allow this.
    Forbidden = "FORBIDDEN", 403, "Your role does not allow this";
    /// It does not exist, or not for the caller; the two are never told apart.
    NotFound = "NOT_FOUND", 404, "Not found";
    /// The person is a member of several tenants and named none.
    TenantChoiceRequired = "TENANT_CHOICE_REQUIRED", 409, "Choose an organisation";
    /// Another reader holds the case.
    CaseAlreadyClaimed = "CASE_ALREADY_CLAIMED", 409, "Another reader holds this case";
    /// The claim lapsed, was released or broken.
    ClaimLost = "CLAIM_LOST", 409, "You no longer hold this case";
    /// The case is not in a state that allows this.
    CaseState = "CASE_STATE", 409, "The case is not in a state that allows this";
    /// The draft was changed elsewhere since it was loaded.
    DraftConflict = "DRAFT_CONFLICT", 409, "The draft was changed elsewhere";
    /// Images arrived since the reader opened the case; a signature stands for all that is there.
    StudyChanged = "STUDY_CHANGED", 409, "Images arrived since the case was opened";
    /// Required parts of the report are missing.
    ReportIncomplete = "REPORT_INCOMPLETE", 422, "The report is not complete";
    /// The reader's text has characters that no font of the printer has.
    ReportUnprintable = "REPORT_UNPRINTABLE", 422, "The report has characters that cannot be printed";
    /// Whoever signed the preliminary report does not make it final.
    SecondReaderRequired = "SECOND_READER_REQUIRED", 409, "Another reader makes this report final";
    /// A signed report is never edited.
    ReportSigned = "REPORT_SIGNED", 409, "The report is already signed";
    /// The invitation is used, revoked or too old.
    InvitationExpired = "INVITATION_EXPIRED", 410, "This invitation is no longer valid";
    /// The person is a member already.
    EmailTaken = "EMAIL_TAKEN", 409, "This person is a member already";
    /// The name or code is used already.
    NameTaken = "NAME_TAKEN", 409, "This name is used already";
    /// A field does not hold what it should.
    InvalidInput = "INVALID_INPUT", 422, "A field needs correcting";
    /// Too many tries; `Retry-After` says when to come back.
    RateLimited = "RATE_LIMITED", 429, "Too many tries";
    /// The GraphQL document is deeper, wider or costlier than the documented limits.
    QueryTooComplex = "QUERY_TOO_COMPLEX", 400, "The query is too complex";
    /// The body is larger than the documented limit.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", 413, "The request is too large";
    /// The media type is not one this address takes.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", 415, "This media type is not accepted here";
    /// None of the acceptable media types can be served.
    NotAcceptable = "NOT_ACCEPTABLE", 406, "No acceptable form of this is available";
    /// The file is not DICOM.
    NotDicom = "NOT_DICOM", 422, "This is not a DICOM file";
    /// The file ends before its data does.
    InstanceTruncated = "INSTANCE_TRUNCATED", 422, "The file is truncated";
    /// The file has no bytes.
    InstanceEmpty = "INSTANCE_EMPTY", 422, "The file is empty";
    /// A UID is missing, longer than 64 characters or holds forbidden characters.
    InvalidUid = "INVALID_UID", 422, "A UID in the file is not valid";
    /// The data set is built to exhaust or confuse its readers.
    DatasetHostile = "DATASET_HOSTILE", 422, "The data set exceeds the safe limits";
    /// The transfer syntax cannot be read.
    TransferSyntaxUnknown = "TRANSFER_SYNTAX_UNKNOWN", 422, "The transfer syntax is not known";
    /// The instance is not of the study the address names.
    StudyMismatch = "STUDY_MISMATCH", 422, "The file belongs to another study";
    /// The study is already stored for another patient, or by another facility; the two are never told apart.
    PatientMismatch = "PATIENT_MISMATCH", 409, "This study belongs to another patient";
    /// The SOP Instance UID is stored already with other bytes; the first is kept, this one is quarantined.
    InstanceConflict = "INSTANCE_CONFLICT", 409, "Another file is stored under this UID";
    /// The instance is not in the manifest of the upload it came with.
    NotInManifest = "NOT_IN_MANIFEST", 409, "The file was not announced";
    /// An announced instance came with another length, hash, series or study than was announced.
    DiffersFromManifest = "DIFFERS_FROM_MANIFEST", 409, "The file is not the one that was announced";
    /// No space is left for new images; what is stored stays readable.
    StorageFull = "STORAGE_FULL", 507, "The archive is full";
    /// The object store does not answer.
    StorageUnavailable = "STORAGE_UNAVAILABLE", 503, "The archive cannot be reached";
    /// A stored object is missing or does not match its checksum; it is never served.
    ObjectDamaged = "OBJECT_DAMAGED", 500, "The stored object is missing or damaged";
    /// The pixel data cannot be decoded.
    PixelsUnreadable = "PIXELS_UNREADABLE", 422, "The pixels cannot be decoded";
    /// The instance has no frame of that number.
    FrameOutOfRange = "FRAME_OUT_OF_RANGE", 404, "There is no such frame";
    /// The data set is another instance, or of another SOP class, than its sender said.
    InstanceMismatch = "INSTANCE_MISMATCH", 422, "The file is another instance than was said";
    /// The called title belongs to another facility, or another organisation.
    AeTitleTaken = "AE_TITLE_TAKEN", 409, "This AE title is used already";
    /// A DICOM node does not answer, or does not let us in.
    PeerUnreachable = "PEER_UNREACHABLE", 502, "The other archive cannot be reached";
    /// A DICOM node let us in and did not do what was asked.
    PeerRefused = "PEER_REFUSED", 502, "The other archive did not do what was asked";
    /// The range that was asked for begins behind the end.
    RangeNotSatisfiable = "RANGE_NOT_SATISFIABLE", 416, "There is no such range";
    /// Only a dead job can be retried.
    JobNotDead = "JOB_NOT_DEAD", 409, "This job is not in the dead-letter list";
    /// The sender stopped in the middle of the request.
    RequestTimeout = "REQUEST_TIMEOUT", 408, "The request did not go on";
    /// The server is stopping; try again in a moment.
    ShuttingDown = "SHUTTING_DOWN", 503, "The server is restarting";
    /// A legal hold forbids to delete the study; an administrator can lift it.
    LegalHold = "LEGAL_HOLD", 409, "A legal hold forbids to delete this study";
    /// The study is being read, or has a signed report and the caller did not say that it is to go all the same.
    StudyInUse = "STUDY_IN_USE", 409, "The study is being read or has a signed report";
    /// The study, or the part of it that is meant, was deleted; it can be restored until it is removed for good.
    StudyDeleted = "STUDY_DELETED", 409, "The study was deleted";
    /// The work item is not in a state that allows this; `status` is the Standard's (PS3.4 §CC.2).
    WorkitemState = "WORKITEM_STATE", 409, "The work item is not in a state that allows this";
    /// The Transaction UID is missing or another than the one the work item is performed under.
    WorkitemTransaction = "WORKITEM_TRANSACTION", 409, "The Transaction UID is not the work item's";
    /// The UID is another work item's.
    WorkitemExists = "WORKITEM_EXISTS", 409, "A work item of this UID exists already";
    /// The instance cannot be handed out so that it says nothing of its patient, and nothing of it was.
    NotDeidentifiable = "NOT_DEIDENTIFIABLE", 422, "This cannot be de-identified safely";
    /// The images are on media that are not at hand; a recall brings them back, a mere repetition does not.
    StudyOffline = "STUDY_OFFLINE", 503, "Images are not at hand: recall the study first, and retrieve it when it is ONLINE again";
    /// No policy of the organisation allows lossy copies of this study; nothing was handed out.
    LossyNotAllowed = "LOSSY_NOT_ALLOWED", 409, "No policy allows lossy copies of this";
    /// Our fault; the log has the cause under the correlation id.
    Internal = "INTERNAL", 500, "Something went wrong on our side";
}

impl ErrorCode {
    /// Whether somebody asked for what they may not have or do, which the audit trail holds. What is merely
    /// misspelt is none, and neither is what has a row of its own (a wrong password, a quarantined file).
    pub const fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::NotAuthenticated
                | Self::SessionRevoked
                | Self::Forbidden
                | Self::NotFound
                | Self::CaseAlreadyClaimed
                | Self::ClaimLost
                | Self::CaseState
                | Self::DraftConflict
                | Self::StudyChanged
                | Self::ReportIncomplete
                | Self::ReportSigned
                | Self::ReportUnprintable
                | Self::SecondReaderRequired
                | Self::LegalHold
                | Self::StudyInUse
                | Self::StudyDeleted
        )
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn every_code_is_unique_and_has_a_client_or_server_status() {
        let mut seen = std::collections::BTreeSet::new();
        for code in ErrorCode::ALL {
            assert!(seen.insert(code.as_str()), "{} stands twice", code.as_str());
            assert!((400..600).contains(&code.http_status()));
            assert_eq!(ErrorCode::from_code(code.as_str()), Some(*code));
        }
    }
}
