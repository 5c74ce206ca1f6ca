/** Words for every failure. A code that is new in the schema does not compile until somebody words it here. */
import type { ErrorCode } from '@/gql/enums';
import { i18next } from '@/i18n';
import { ApiError, type LocalErrorCode } from './request';

type KnownCode = ErrorCode | LocalErrorCode;

const messageKeys: { [Code in KnownCode]: `error.${Code}` } = {
  BAD_REQUEST: 'error.BAD_REQUEST',
  NOT_AUTHENTICATED: 'error.NOT_AUTHENTICATED',
  SIGN_IN_REFUSED: 'error.SIGN_IN_REFUSED',
  SESSION_REVOKED: 'error.SESSION_REVOKED',
  WRONG_PASSWORD: 'error.WRONG_PASSWORD',
  FORBIDDEN: 'error.FORBIDDEN',
  NOT_FOUND: 'error.NOT_FOUND',
  TENANT_CHOICE_REQUIRED: 'error.TENANT_CHOICE_REQUIRED',
  CASE_ALREADY_CLAIMED: 'error.CASE_ALREADY_CLAIMED',
  CLAIM_LOST: 'error.CLAIM_LOST',
  CASE_STATE: 'error.CASE_STATE',
  DRAFT_CONFLICT: 'error.DRAFT_CONFLICT',
  STUDY_CHANGED: 'error.STUDY_CHANGED',
  REPORT_INCOMPLETE: 'error.REPORT_INCOMPLETE',
  REPORT_UNPRINTABLE: 'error.REPORT_UNPRINTABLE',
  SECOND_READER_REQUIRED: 'error.SECOND_READER_REQUIRED',
  REPORT_SIGNED: 'error.REPORT_SIGNED',
  INVITATION_EXPIRED: 'error.INVITATION_EXPIRED',
  EMAIL_TAKEN: 'error.EMAIL_TAKEN',
  NAME_TAKEN: 'error.NAME_TAKEN',
  INVALID_INPUT: 'error.INVALID_INPUT',
  RATE_LIMITED: 'error.RATE_LIMITED',
  QUERY_TOO_COMPLEX: 'error.QUERY_TOO_COMPLEX',
  PAYLOAD_TOO_LARGE: 'error.PAYLOAD_TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'error.UNSUPPORTED_MEDIA_TYPE',
  NOT_DICOM: 'error.NOT_DICOM',
  INSTANCE_TRUNCATED: 'error.INSTANCE_TRUNCATED',
  INSTANCE_EMPTY: 'error.INSTANCE_EMPTY',
  INVALID_UID: 'error.INVALID_UID',
  DATASET_HOSTILE: 'error.DATASET_HOSTILE',
  TRANSFER_SYNTAX_UNKNOWN: 'error.TRANSFER_SYNTAX_UNKNOWN',
  STUDY_MISMATCH: 'error.STUDY_MISMATCH',
  PATIENT_MISMATCH: 'error.PATIENT_MISMATCH',
  INSTANCE_CONFLICT: 'error.INSTANCE_CONFLICT',
  NOT_IN_MANIFEST: 'error.NOT_IN_MANIFEST',
  DIFFERS_FROM_MANIFEST: 'error.DIFFERS_FROM_MANIFEST',
  STORAGE_FULL: 'error.STORAGE_FULL',
  STORAGE_UNAVAILABLE: 'error.STORAGE_UNAVAILABLE',
  OBJECT_DAMAGED: 'error.OBJECT_DAMAGED',
  PIXELS_UNREADABLE: 'error.PIXELS_UNREADABLE',
  FRAME_OUT_OF_RANGE: 'error.FRAME_OUT_OF_RANGE',
  RANGE_NOT_SATISFIABLE: 'error.RANGE_NOT_SATISFIABLE',
  NOT_ACCEPTABLE: 'error.NOT_ACCEPTABLE',
  INSTANCE_MISMATCH: 'error.INSTANCE_MISMATCH',
  AE_TITLE_TAKEN: 'error.AE_TITLE_TAKEN',
  PEER_UNREACHABLE: 'error.PEER_UNREACHABLE',
  PEER_REFUSED: 'error.PEER_REFUSED',
  JOB_NOT_DEAD: 'error.JOB_NOT_DEAD',
  REQUEST_TIMEOUT: 'error.REQUEST_TIMEOUT',
  SHUTTING_DOWN: 'error.SHUTTING_DOWN',
  LEGAL_HOLD: 'error.LEGAL_HOLD',
  STUDY_IN_USE: 'error.STUDY_IN_USE',
  STUDY_DELETED: 'error.STUDY_DELETED',
  WORKITEM_STATE: 'error.WORKITEM_STATE',
  WORKITEM_TRANSACTION: 'error.WORKITEM_TRANSACTION',
  WORKITEM_EXISTS: 'error.WORKITEM_EXISTS',
  STUDY_OFFLINE: 'error.STUDY_OFFLINE',
  LOSSY_NOT_ALLOWED: 'error.LOSSY_NOT_ALLOWED',
  NOT_DEIDENTIFIABLE: 'error.NOT_DEIDENTIFIABLE',
  INTERNAL: 'error.INTERNAL',
  OFFLINE: 'error.OFFLINE',
  UNEXPECTED_ANSWER: 'error.UNEXPECTED_ANSWER',
  SIGNED_OUT: 'error.SIGNED_OUT',
};

/** The sentence for a code; a code from a newer server than this page falls back to a general one. */
export function messageOfCode(code: string): string {
  const key = (messageKeys as Record<string, `error.${KnownCode}` | undefined>)[code];
  return i18next.t(key ?? 'error.UNEXPECTED_ANSWER');
}

/** The sentence for whatever was thrown. */
export function messageOf(cause: unknown): string {
  return messageOfCode(cause instanceof ApiError ? cause.code : 'UNEXPECTED_ANSWER');
}
