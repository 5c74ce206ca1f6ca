/** What the addresses of the administrator's lists say. */
import type { JobState } from '@/gql/enums';

export const JOB_STATES = ['DEAD', 'QUEUED', 'RUNNING', 'DONE'] as const satisfies readonly JobState[];

export interface JobsSearch {
  state?: JobState;
}

export interface AuditSearch {
  case?: string;
}

export function parseJobsSearch(search: Record<string, unknown>): JobsSearch {
  const state = JOB_STATES.find((each) => each === search.state);
  return state === undefined ? {} : { state };
}

export function parseAuditSearch(search: Record<string, unknown>): AuditSearch {
  return isCaseId(search.case) ? { case: search.case } : {};
}

export function isCaseId(value: unknown): value is string {
  return typeof value === 'string' && /^case_[0-9a-f]{32}$/.test(value);
}
