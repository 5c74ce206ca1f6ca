export type ApiScope =
  | 'CASES_READ'
  | 'STUDIES_READ'
  | 'STUDIES_WRITE';

export type CaseState =
  | 'ASSIGNED'
  | 'CANCELLED'
  | 'CLOSED'
  | 'DELIVERED'
  | 'EXPECTED'
  | 'FINAL_SIGNED'
  | 'IN_PROGRESS'
  | 'ON_HOLD'
  | 'PRELIM_SIGNED'
  | 'QC_HOLD'
  | 'READY_TO_READ'
  | 'RECEIVING'
  | 'UNMATCHED';

export type ChangeTopic =
  | 'CASE'
  | 'FACILITY'
  | 'JOB'
  | 'MEMBER'
  | 'STUDY'
  | 'UPLOAD';

export type ClockOwner =
  | 'DELIVERY'
  | 'FACILITY'
  | 'NETWORK'
  | 'QUEUE'
  | 'READER';

export type ClockState =
  | 'PAUSED'
  | 'RUNNING'
  | 'STOPPED';

export type DeliveryChannel =
  | 'MAIL'
  | 'PORTAL';

export type DeliveryState =
  | 'ACKNOWLEDGED'
  | 'DELIVERED'
  | 'FAILED'
  | 'QUEUED'
  | 'SENT'
  | 'SUPERSEDED';

export type ErrorCode =
  | 'BAD_REQUEST'
  | 'CASE_ALREADY_CLAIMED'
  | 'CASE_STATE'
  | 'CLAIM_LOST'
  | 'DATASET_HOSTILE'
  | 'DRAFT_CONFLICT'
  | 'EMAIL_TAKEN'
  | 'FORBIDDEN'
  | 'FRAME_OUT_OF_RANGE'
  | 'INSTANCE_CONFLICT'
  | 'INSTANCE_EMPTY'
  | 'INSTANCE_TRUNCATED'
  | 'INTERNAL'
  | 'INVALID_INPUT'
  | 'INVALID_UID'
  | 'INVITATION_EXPIRED'
  | 'JOB_NOT_DEAD'
  | 'NAME_TAKEN'
  | 'NOT_ACCEPTABLE'
  | 'NOT_AUTHENTICATED'
  | 'NOT_DICOM'
  | 'NOT_FOUND'
  | 'NOT_IN_MANIFEST'
  | 'PATIENT_MISMATCH'
  | 'PAYLOAD_TOO_LARGE'
  | 'PIXELS_UNREADABLE'
  | 'QUERY_TOO_COMPLEX'
  | 'RATE_LIMITED'
  | 'REPORT_INCOMPLETE'
  | 'REPORT_SIGNED'
  | 'SESSION_REVOKED'
  | 'SHUTTING_DOWN'
  | 'SIGN_IN_REFUSED'
  | 'STORAGE_FULL'
  | 'STORAGE_UNAVAILABLE'
  | 'STUDY_MISMATCH'
  | 'TENANT_CHOICE_REQUIRED'
  | 'TRANSFER_SYNTAX_UNKNOWN'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'WRONG_PASSWORD';

export type InvitationState =
  | 'ACCEPTED'
  | 'EXPIRED'
  | 'PENDING'
  | 'REVOKED';

export type JobState =
  | 'DEAD'
  | 'DONE'
  | 'QUEUED'
  | 'RUNNING';

export type Priority =
  | 'ASAP'
  | 'ROUTINE'
  | 'STAT'
  | 'URGENT';

export type ProtocolFlag =
  | 'CRITICAL'
  | 'STROKE'
  | 'TRAUMA';

export type RenditionState =
  | 'PENDING'
  | 'READY'
  | 'UNAVAILABLE';

export type ReportState =
  | 'ADDENDED'
  | 'CORRECTED'
  | 'DRAFT'
  | 'FINAL'
  | 'PENDING_SIGNATURE'
  | 'PRELIMINARY'
  | 'WITHDRAWN';

export type ReportVersionKind =
  | 'ADDENDUM'
  | 'FINAL'
  | 'PRELIMINARY';

export type Role =
  | 'FACILITY_STAFF'
  | 'OPERATOR'
  | 'RADIOLOGIST'
  | 'TENANT_ADMIN';

export type SignKind =
  | 'FINAL'
  | 'PRELIMINARY';
