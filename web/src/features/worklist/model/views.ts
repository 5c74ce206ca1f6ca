/** The saved views at the left of the worklist, and the filter box above it. */
import type { CaseState, Priority, ProtocolFlag } from '@/gql/enums';

export const VIEWS = ['open', 'mine', 'urgent', 'arriving', 'today'] as const;
export type WorklistView = (typeof VIEWS)[number];

/** Everything that still needs somebody. */
export const OPEN_STATES: readonly CaseState[] = [
  'EXPECTED', 'RECEIVING', 'UNMATCHED', 'QC_HOLD', 'READY_TO_READ', 'ASSIGNED', 'IN_PROGRESS', 'PRELIM_SIGNED', 'ON_HOLD',
];
export const READ_STATES: readonly CaseState[] = ['FINAL_SIGNED', 'DELIVERED', 'CLOSED'];
const ARRIVING_STATES: ReadonlySet<CaseState> = new Set(['EXPECTED', 'RECEIVING', 'UNMATCHED', 'QC_HOLD']);

export interface Viewable {
  state: CaseState;
  priority: Priority;
  protocolFlag?: ProtocolFlag | null | undefined;
  lateImages: boolean;
  holder?: { userId: string } | null | undefined;
  report?: { versions: ReadonlyArray<{ signedAt: string }> } | null | undefined;
}

/** Whether a case belongs in a view. `today` counts by the reader's own calendar day. */
export function belongsTo(view: WorklistView, one: Viewable, userId: string, nowMs: number): boolean {
  const open = OPEN_STATES.includes(one.state);
  switch (view) {
    // A signed case whose images came late needs a reader again.
    case 'open':
      return open || one.lateImages;
    case 'mine':
      return open && one.holder?.userId === userId;
    case 'urgent':
      return open && (one.priority === 'STAT' || Boolean(one.protocolFlag));
    case 'arriving':
      return ARRIVING_STATES.has(one.state);
    case 'today':
      return (one.report?.versions ?? []).some(({ signedAt }) => new Date(signedAt).toDateString() === new Date(nowMs).toDateString());
  }
}

export interface Searchable {
  priority: Priority;
  protocolFlag?: ProtocolFlag | null | undefined;
  patient: { name: string; patientId: string };
  facility: { name: string };
  study: { modalities: readonly string[]; description?: string | null; bodyPart?: string | null; accessionNumber?: string | null };
  indication?: string | null;
}

/** Every word must be found somewhere; accents and case do not matter. */
export function matchesText(one: Searchable, filter: string): boolean {
  const words = fold(filter).split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const { patient, facility, study } = one;
  const haystack = fold(
    [patient.name, patient.patientId, facility.name, study.description, study.bodyPart, study.accessionNumber, one.indication, one.priority, one.protocolFlag, ...study.modalities]
      .filter(Boolean)
      .join(' '),
  );
  return words.every((word) => haystack.includes(word));
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLocaleLowerCase();
}
