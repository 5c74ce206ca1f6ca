/** The order of the worklist: what breaches first is on top. */
import type { Priority, ProtocolFlag } from '@/gql/enums';

export interface Ordered {
  id: string;
  dueAt?: string | null | undefined;
  priority: Priority;
  protocolFlag?: ProtocolFlag | null | undefined;
  createdAt: string;
}

const PRIORITY_RANK: Record<Priority, number> = { STAT: 0, ASAP: 1, URGENT: 2, ROUTINE: 3 };

/**
 * By due time; a case whose clock has not started comes after those with one, the more pressing first.
 * Ties are broken down to the id, so that two readers see the same list.
 */
export function byBreach(a: Ordered, b: Ordered): number {
  return (
    compare(dueMs(a), dueMs(b)) ||
    compare(a.protocolFlag ? 0 : 1, b.protocolFlag ? 0 : 1) ||
    compare(PRIORITY_RANK[a.priority], PRIORITY_RANK[b.priority]) ||
    compare(Date.parse(a.createdAt), Date.parse(b.createdAt)) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

function dueMs({ dueAt }: Ordered): number {
  return dueAt ? Date.parse(dueAt) : Number.POSITIVE_INFINITY;
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
