/** React's side of the session, the change feed and live queries. */
import { useCallback, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { type AnyVariables, type OperationContext, useQuery, type UseQueryArgs, type UseQueryResponse } from 'urql';
import type { ChangeTopic } from '@/gql/enums';
import { changes, type ChangeNotice, type LiveState } from './changes';
import { session, type Session, type SessionState } from './session';

export function useSessionState(): SessionState {
  return useSyncExternalStore(session.subscribe, session.state);
}

/** Whoever is signed in, also while their password is asked for again. Only inside the signed-in layout, which goes first. */
export function useSession(): Session {
  const state = useSessionState();
  if (state.kind === 'SIGNED_IN' || state.kind === 'EXPIRED') return state.session;
  throw new Error('useSession outside the signed-in layout');
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(changes.subscribeState, changes.liveState);
}

/** Calls `onChange` for each change of these topics, and with `null` when some may have been missed. */
export function useChanges(topics: readonly ChangeTopic[], onChange: (change: ChangeNotice | null) => void): void {
  const latest = useRef(onChange);
  useLayoutEffect(() => {
    latest.current = onChange;
  });
  const wanted = topics.join();
  useEffect(
    () =>
      changes.listen((change) => {
        if (change === null || wanted.split(',').includes(change.topic)) latest.current(change);
      }),
    [wanted],
  );
}

/** Many changes arrive together while a study is stored; a list is read again once for all of them. */
const SETTLE_MS = 250;

/** A query that is read again when something it shows has changed. `objectId` narrows it to one object. */
export function useLiveQuery<Data, Variables extends AnyVariables>(
  args: UseQueryArgs<Variables, Data>,
  topics: readonly ChangeTopic[],
  objectId?: string,
): UseQueryResponse<Data, Variables> {
  const response = useQuery(args);
  const execute = response[1];
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useChanges(
    topics,
    useCallback(
      (change: ChangeNotice | null) => {
        if (change !== null && objectId !== undefined && change.objectId !== objectId) return;
        clearTimeout(timer.current);
        timer.current = setTimeout(() => execute({ requestPolicy: 'network-only' } satisfies Partial<OperationContext>), SETTLE_MS);
      },
      [execute, objectId],
    ),
  );
  return response;
}
