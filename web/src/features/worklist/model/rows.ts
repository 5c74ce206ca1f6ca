/** The rows in memory, and how a page or a single change is worked into them. */
import { byBreach, type Ordered } from './order';
import { OPEN_STATES, READ_STATES, type Viewable } from './views';

export type Row = Ordered & Viewable;

export function rowsFrom<R extends Row>(rows: readonly R[]): ReadonlyMap<string, R> {
  return new Map(rows.map((row) => [row.id, row]));
}

/** A case as it is now; `null` when it can no longer be seen or has left the worklist. */
export function withChange<R extends Row>(rows: ReadonlyMap<string, R>, id: string, now: R | null): ReadonlyMap<string, R> {
  const next = new Map(rows);
  if (now === null || !(OPEN_STATES.includes(now.state) || READ_STATES.includes(now.state))) next.delete(id);
  else next.set(id, now);
  return next;
}

export function ordered<R extends Row>(rows: Iterable<R>): R[] {
  return [...rows].sort(byBreach);
}
