/** What the address of the case list says. Never a name. */
import type { CaseState } from '@/gql/enums';

export const GROUPS = ['open', 'done', 'all'] as const;
export type CaseGroup = (typeof GROUPS)[number];

export interface CasesSearch {
  show?: CaseGroup;
  facility?: string;
}

const OPEN: CaseState[] = ['EXPECTED', 'RECEIVING', 'UNMATCHED', 'QC_HOLD', 'READY_TO_READ', 'ASSIGNED', 'IN_PROGRESS', 'PRELIM_SIGNED', 'ON_HOLD'];
const DONE: CaseState[] = ['FINAL_SIGNED', 'DELIVERED', 'CLOSED', 'CANCELLED'];

export function parseCasesSearch(search: Record<string, unknown>): CasesSearch {
  const show = GROUPS.find((group) => group === search.show);
  const facility = typeof search.facility === 'string' && /^facility_[0-9a-f]{32}$/.test(search.facility) ? search.facility : undefined;
  return { ...(show === undefined ? {} : { show }), ...(facility === undefined ? {} : { facility }) };
}

export function statesOf(group: CaseGroup): CaseState[] | null {
  return { open: OPEN, done: DONE, all: null }[group];
}
