import { useEffect, useState, useSyncExternalStore } from 'react';
import { type Client, stringifyDocument, useClient } from 'urql';
import { dataOf } from '@/api/graphql';
import { send } from '@/api/request';
import { session } from '@/api/session';
import { holderOf } from '@/features/worklist';
import { ClaimKeeper, type ClaimState } from './ClaimKeeper';
import { CLAIM, RELEASE, RENEW } from './reading.queries';

/** The claim on a case, given back when the page is left. One keeper belongs to one visit of one case. */
export function useClaim(caseId: string): { keeper: ClaimKeeper; claim: ClaimState } {
  const client = useClient();
  const [keeper, setKeeper] = useState(() => keeperOf(client, caseId));
  const claim = useSyncExternalStore(keeper.subscribe, keeper.getSnapshot);
  useEffect(() => {
    // In development React runs effects twice; a keeper that was left does not come back.
    const onPageHide = () => releaseOnTheWayOut(caseId, keeper.token);
    const onPageShow = (event: PageTransitionEvent) => {
      if (event.persisted) setKeeper(keeperOf(client, caseId));
    };
    window.addEventListener('pagehide', onPageHide);
    window.addEventListener('pageshow', onPageShow);
    return () => {
      window.removeEventListener('pagehide', onPageHide);
      window.removeEventListener('pageshow', onPageShow);
    };
  }, [client, caseId, keeper]);
  useEffect(() => {
    cancelLeaving(keeper);
    return () => leaveSoon(keeper);
  }, [keeper]);
  return { keeper, claim };
}

function keeperOf(client: Client, caseId: string): ClaimKeeper {
  return new ClaimKeeper({
    claim: async () => dataOf(await client.mutation(CLAIM, { input: { caseId } }).toPromise()).claimCase,
    renew: async (claimToken) => dataOf(await client.mutation(RENEW, { input: { caseId, claimToken } }).toPromise()).renewClaim,
    release: async (claimToken) => {
      dataOf(await client.mutation(RELEASE, { input: { caseId, claimToken } }).toPromise());
    },
    holderOf,
    later: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  });
}

const leaving = new Map<ClaimKeeper, ReturnType<typeof setTimeout>>();

/** A moment later, so that a component that is only mounted anew keeps its claim. */
function leaveSoon(keeper: ClaimKeeper): void {
  leaving.set(keeper, setTimeout(() => {
    leaving.delete(keeper);
    void keeper.leave();
  }, 50));
}

function cancelLeaving(keeper: ClaimKeeper): void {
  clearTimeout(leaving.get(keeper));
  leaving.delete(keeper);
}

/** The page is closing: no answer will be heard, so the request is sent with the token at hand. */
function releaseOnTheWayOut(caseId: string, claimToken: string | undefined): void {
  const state = session.state();
  if (claimToken === undefined || state.kind !== 'SIGNED_IN') return;
  void send('/graphql', {
    token: state.session.accessToken,
    json: { query: stringifyDocument(RELEASE), operationName: 'ReleaseClaim', variables: { input: { caseId, claimToken } } },
    keepalive: true,
  }).catch(() => undefined);
}
