import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { dataOf } from '@/api/graphql';
import { ApiError } from '@/api/request';
import { readFragment } from '@/gql';
import { formatTime } from '@/ui/format';
import { notifyDone, notifyFailed, notifyWarning } from '@/ui/notify';
import { type CaseRow, CLAIM_CASE, RELEASE_CASE, WORKLIST_ROW } from './worklist.queries';

/** Takes and gives back cases; a lost race names the winner. */
export function useClaims(put: (row: CaseRow) => void) {
  const client = useClient();
  const { t } = useTranslation();
  const claim = useCallback(
    async (row: CaseRow) => {
      try {
        const { claimCase } = dataOf(await client.mutation(CLAIM_CASE, { input: { caseId: row.id } }).toPromise());
        put(readFragment(WORKLIST_ROW, claimCase.case));
        notifyDone(t('worklist.claimed'));
      } catch (cause) {
        const holder = holderOf(cause);
        if (holder === undefined) notifyFailed(cause);
        else notifyWarning(t('worklist.heldSince', { name: holder.name, at: formatTime(holder.since) }));
      }
    },
    [client, put, t],
  );
  const release = useCallback(
    async (row: CaseRow) => {
      if (!row.myClaimToken) return;
      try {
        const input = { caseId: row.id, claimToken: row.myClaimToken };
        const { releaseClaim } = dataOf(await client.mutation(RELEASE_CASE, { input }).toPromise());
        put(readFragment(WORKLIST_ROW, releaseClaim));
        notifyDone(t('worklist.released'));
      } catch (cause) {
        notifyFailed(cause);
      }
    },
    [client, put, t],
  );
  return { claim, release };
}

/** Who won the race, from `CASE_ALREADY_CLAIMED`. */
export function holderOf(cause: unknown): { name: string; since: string } | undefined {
  if (!(cause instanceof ApiError) || cause.code !== 'CASE_ALREADY_CLAIMED') return undefined;
  const holder = cause.extensions.holder as { name?: unknown; since?: unknown } | undefined;
  return typeof holder?.name === 'string' && typeof holder.since === 'string' ? { name: holder.name, since: holder.since } : undefined;
}
