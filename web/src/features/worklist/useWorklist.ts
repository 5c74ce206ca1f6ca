/**
 * Every case of the worklist, kept current by the change feed.
 *
 * **Invariant:** nothing is capped: pages are fetched until the program says that there are no more.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { type CombinedError, useClient } from 'urql';
import { apiErrorOf } from '@/api/graphql';
import { useChanges } from '@/api/useLive';
import { readFragment } from '@/gql';
import type { CaseState } from '@/gql/enums';
import { type Row, rowsFrom, withChange } from './model/rows';
import { OPEN_STATES, READ_STATES } from './model/views';
import { type CaseRow, WORKLIST, WORKLIST_CASE, WORKLIST_ROW } from './worklist.queries';

const PAGE = 200;
/** Changes come in bursts while a study is stored; each case is read once for all of them. */
const SETTLE_MS = 200;
/** Beyond this many changed cases one new list is cheaper. */
const MANY = 25;
/** How long a changed row stays marked. */
const FLASH_MS = 1600;

export interface Worklist {
  rows: ReadonlyMap<string, CaseRow>;
  loading: boolean;
  error: unknown;
  /** Rows that have changed a moment ago. */
  changed: ReadonlySet<string>;
  reload: () => void;
  /** Works in what a mutation returned, without waiting for the feed. */
  put: (row: CaseRow) => void;
}

export function useWorklist(): Worklist {
  const client = useClient();
  const [rows, setRows] = useState<ReadonlyMap<string, CaseRow>>(new Map());
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<unknown>();
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const generation = useRef(0);

  const reload = useCallback(() => {
    generation.current += 1;
    const mine = generation.current;
    // One case that cannot be read whole is told beside the list; it never takes the list away.
    let partly: CombinedError | undefined;
    const fetchAll = async (states: readonly CaseState[]): Promise<CaseRow[]> => {
      const found: CaseRow[] = [];
      let after: string | null = null;
      do {
        const answer: { data?: { worklist: { nodes: unknown[]; endCursor?: string | null; hasNextPage: boolean } } | null; error?: CombinedError } =
          await client.query(WORKLIST, { filter: { states: [...states] }, first: PAGE, after }, { requestPolicy: 'network-only' }).toPromise();
        if (answer.data === undefined || answer.data === null) throw answer.error;
        partly ??= answer.error;
        const page = answer.data.worklist;
        found.push(...readFragment(WORKLIST_ROW, page.nodes as never[]));
        after = page.hasNextPage ? (page.endCursor ?? null) : null;
      } while (after !== null);
      return found;
    };
    Promise.all([fetchAll(OPEN_STATES), fetchAll(READ_STATES)]).then(
      ([open, read]) => {
        if (mine !== generation.current) return;
        setRows(rowsFrom([...open, ...read]));
        setError(partly === undefined ? undefined : apiErrorOf(partly));
        setLoading(false);
      },
      (cause: unknown) => {
        if (mine !== generation.current) return;
        setError(apiErrorOf(cause as never));
        setLoading(false);
      },
    );
  }, [client]);
  useEffect(reload, [reload]);

  const flash = useCallback((id: string) => {
    setChanged((before) => new Set(before).add(id));
    setTimeout(() => setChanged((before) => new Set([...before].filter((one) => one !== id))), FLASH_MS);
  }, []);

  const waiting = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const readChanged = useCallback(async () => {
    const ids = [...waiting.current];
    waiting.current.clear();
    if (ids.length > MANY) {
      reload();
      return;
    }
    await Promise.all(
      ids.map(async (id) => {
        const answer = await client.query(WORKLIST_CASE, { id }, { requestPolicy: 'network-only' }).toPromise();
        const gone = answer.error?.graphQLErrors.some((one) => one.extensions.code === 'NOT_FOUND') ?? false;
        if (answer.error !== undefined && !gone && !answer.data?.case) return;
        const now = answer.data?.case ? readFragment(WORKLIST_ROW, answer.data.case) : null;
        setRows((before) => withChange(before, id, now));
        if (now !== null) flash(id);
      }),
    );
  }, [client, reload, flash]);
  useChanges(['CASE'], (change) => {
    if (change === null) {
      reload();
      return;
    }
    waiting.current.add(change.objectId);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void readChanged(), SETTLE_MS);
  });

  const put = useCallback(
    (row: CaseRow) => {
      setRows((before) => withChange(before, row.id, row));
      flash(row.id);
    },
    [flash],
  );
  return { rows, loading, error, changed, reload, put };
}

export type { Row };
