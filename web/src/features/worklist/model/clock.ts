/** Whose time a case has cost: the ledger's spans added up per owner. */
import type { ClockOwner } from '@/gql/enums';

export interface OwnerShare {
  owner: ClockOwner;
  seconds: number;
  /** Width in the bar: of the target, or of the time spent once that is longer. */
  percent: number;
}

const ORDER: readonly ClockOwner[] = ['NETWORK', 'FACILITY', 'QUEUE', 'READER', 'DELIVERY'];

export function ownerShares(spans: ReadonlyArray<{ owner: ClockOwner; seconds: number }>, targetSeconds: number): OwnerShare[] {
  const spent = spans.reduce((sum, span) => sum + span.seconds, 0);
  const whole = Math.max(spent, targetSeconds, 1);
  return ORDER.flatMap((owner) => {
    const seconds = spans.filter((span) => span.owner === owner).reduce((sum, span) => sum + span.seconds, 0);
    return seconds === 0 ? [] : [{ owner, seconds, percent: (seconds / whole) * 100 }];
  });
}
