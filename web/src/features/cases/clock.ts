/** Sums of a case's clock: whose minutes they were. */
import type { ClockOwner } from '@/gql/enums';
import type { CaseDetail } from './cases.queries';

export type Clock = CaseDetail['clock'];

export interface Share {
  owner: ClockOwner;
  seconds: number;
}

/** Each span's seconds; the one still open counts up to `now` (milliseconds). */
export function spanSeconds(span: Clock['spans'][number], now: number): number {
  return span.to === null || span.to === undefined ? Math.max(span.seconds, (now - Date.parse(span.from)) / 1000) : span.seconds;
}

/** Seconds from the ledger's first moment to the moment the case is due; `null` while nothing is due. */
export function dueAfterSeconds(clock: Clock, dueAt: string | null | undefined): number | null {
  const first = clock.spans[0];
  if (first === undefined || dueAt === null || dueAt === undefined) return null;
  return Math.max(0, (Date.parse(dueAt) - Date.parse(first.from)) / 1000);
}

/** What each owner held in all, longest first. */
export function sharesOf(clock: Clock, now: number): Share[] {
  const sums = new Map<ClockOwner, number>();
  for (const span of clock.spans) sums.set(span.owner, (sums.get(span.owner) ?? 0) + spanSeconds(span, now));
  return Array.from(sums, ([owner, seconds]) => ({ owner, seconds })).sort((a, b) => b.seconds - a.seconds);
}
