//! Our error codes as statuses of the Standard, with the code in the comment.

use app::AppError;
use dimse::Status;
use domain::ErrorCode;

/// The status of a use case that failed. Causes of ours are logged and not sent.
pub(super) fn status_of(error: &AppError) -> Status {
    let code = error.code();
    if code == ErrorCode::Internal {
        tracing::error!(error = %error, "a DICOM operation failed");
    }
    status(code, &error.public_message())
}

/// The status of a code (PS3.4 table B.2-1, PS3.7 annex C).
pub(super) fn status(code: ErrorCode, text: &str) -> Status {
    let number = match code {
        ErrorCode::StorageFull | ErrorCode::StorageUnavailable | ErrorCode::PayloadTooLarge => {
            Status::OUT_OF_RESOURCES
        }
        ErrorCode::StudyOffline => Status::CANNOT_PERFORM_SUBOPERATIONS,
        ErrorCode::PatientMismatch | ErrorCode::StudyMismatch | ErrorCode::InstanceMismatch => {
            Status::DATA_SET_DOES_NOT_MATCH
        }
        ErrorCode::InstanceConflict => 0x0111,
        ErrorCode::Forbidden | ErrorCode::NotAuthenticated => Status::NOT_AUTHORISED,
        ErrorCode::NotFound => Status::NO_SUCH_INSTANCE,
        ErrorCode::NotDicom
        | ErrorCode::InstanceTruncated
        | ErrorCode::InstanceEmpty
        | ErrorCode::InvalidUid
        | ErrorCode::DatasetHostile
        | ErrorCode::TransferSyntaxUnknown => Status::CANNOT_UNDERSTAND,
        _ => Status::PROCESSING_FAILURE,
    };
    Status::with(number, format!("{}: {text}", code.as_str()))
}
