/** The vocabulary of the audit trail, in the groups an auditor looks for. */
import type { AuditAction } from '@/gql/enums';

export const AUDIT_GROUPS = ['access', 'archive', 'cases', 'reports', 'people', 'operations'] as const;
export type AuditGroup = (typeof AUDIT_GROUPS)[number];

/** A new action does not compile here until it has a group. */
export const GROUP_OF = {
  SIGN_IN: 'access',
  SIGN_IN_REFUSED: 'access',
  SIGN_OUT: 'access',
  SESSION_REVOKED: 'access',
  PASSWORD_CHECK: 'access',
  ACCESS_REFUSED: 'access',
  ACCESS_REFUSED_AGAIN: 'access',
  STUDY_STORE: 'archive',
  STUDY_PATIENT: 'archive',
  INSTANCE_QUARANTINE: 'archive',
  OBJECT_DAMAGED: 'archive',
  QUARANTINE_VIEW: 'archive',
  UPLOAD_ANNOUNCE: 'archive',
  UPLOAD_FINISH: 'archive',
  STUDY_SEARCH: 'archive',
  STUDY_RETRIEVE: 'archive',
  STUDY_SEND: 'archive',
  STUDY_FETCH: 'archive',
  STORAGE_COMMIT: 'archive',
  WORKITEM_CREATE: 'cases',
  WORKITEM_UPDATE: 'cases',
  WORKITEM_STATE: 'cases',
  WORKITEM_VIEW: 'cases',
  WORKITEM_LIST: 'cases',
  WORKITEM_SUBSCRIBE: 'cases',
  WORKITEM_UNSUBSCRIBE: 'cases',
  CASE_OPEN: 'cases',
  CASE_READY: 'cases',
  CASE_LATE_IMAGES: 'cases',
  CASE_LIST: 'cases',
  CASE_VIEW: 'cases',
  CASE_PRIORITISE: 'cases',
  CASE_CLAIM: 'cases',
  CASE_RELEASE: 'cases',
  CASE_CLAIM_LAPSED: 'cases',
  CASE_DELIVERED: 'cases',
  REPORT_DRAFT: 'reports',
  KEYIMAGE_MARK: 'reports',
  KEYIMAGE_REMOVE: 'reports',
  REPORT_SIGN: 'reports',
  REPORT_ADDENDUM: 'reports',
  REPORT_CONFIRM: 'reports',
  REPORT_DELIVER: 'reports',
  REPORT_RETRIEVE: 'reports',
  REPORT_ACKNOWLEDGE: 'reports',
  TENANT_CREATE: 'people',
  FACILITY_ADD: 'people',
  MEMBER_INVITE: 'people',
  INVITATION_REVOKE: 'people',
  INVITATION_ACCEPT: 'people',
  MEMBER_ADD: 'people',
  MEMBER_DISABLE: 'people',
  MEMBER_ENABLE: 'people',
  API_KEY_CREATE: 'people',
  API_KEY_REVOKE: 'people',
  NODE_ADD: 'operations',
  NODE_CHANGE: 'operations',
  NODE_REMOVE: 'operations',
  NODE_VERIFY: 'operations',
  JOB_DEAD: 'operations',
  JOB_RETRY: 'operations',
  AUDIT_VIEW: 'operations',
  AUDIT_VERIFY: 'operations',
  PLATFORM_TENANTS: 'operations',
} as const satisfies Record<AuditAction, AuditGroup>;

export const AUDIT_ACTIONS = Object.keys(GROUP_OF) as AuditAction[];

/** The action of a row, such as `case.claim`; none when a newer server knows more than we do. */
export function actionOfRow(name: string): AuditAction | undefined {
  const wanted = name.toUpperCase().replaceAll('.', '_');
  return AUDIT_ACTIONS.find((action) => action === wanted);
}
