/** What the addresses of the administrator's lists say. */
import type { AuditAction, JobState } from '@/gql/enums';
import { AUDIT_ACTIONS } from './auditActions';

export const JOB_STATES = ['DEAD', 'QUEUED', 'RUNNING', 'DONE'] as const satisfies readonly JobState[];

export interface JobsSearch {
  state?: JobState;
}

export interface AuditSearch {
  action?: AuditAction;
  /** The id of a case, a study, a patient or anything else. */
  about?: string;
  refused?: true;
  /** Days as `2026-11-25`, both within. */
  from?: string;
  until?: string;
}

export function parseJobsSearch(search: Record<string, unknown>): JobsSearch {
  const state = JOB_STATES.find((each) => each === search.state);
  return state === undefined ? {} : { state };
}

export function parseAuditSearch(search: Record<string, unknown>): AuditSearch {
  const action = AUDIT_ACTIONS.find((each) => each === search.action);
  return {
    ...(action === undefined ? {} : { action }),
    ...(isId(search.about) ? { about: search.about } : {}),
    ...(search.refused === true ? { refused: true as const } : {}),
    ...(isDay(search.from) ? { from: search.from } : {}),
    ...(isDay(search.until) ? { until: search.until } : {}),
  };
}

export function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z]+_[0-9a-f]{32}$/.test(value);
}

export function isDay(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
}

/** The moment at which a day of this browser's calendar begins, or the day so many days later. */
export function startOfDay(day: string, later: number): string {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + later);
  return date.toISOString();
}
