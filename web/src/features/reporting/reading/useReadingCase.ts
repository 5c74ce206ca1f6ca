import { useRef } from 'react';
import { useQuery } from 'urql';
import { useChanges } from '@/api/useLive';
import { readFragment } from '@/gql';
import type { ReadingCaseFieldsFragment } from '@/gql/graphql';
import { READING_CASE, READING_CASE_FIELDS } from './reading.queries';

export type ReadingCase = ReadingCaseFieldsFragment;

/** Images of a study arrive in batches; the case is read once for each burst. */
const SETTLE_MS = 300;

/** The case on the screen, read again when it or its study changes. */
export function useReadingCase(caseId: string) {
  const [result, execute] = useQuery({ query: READING_CASE, variables: { id: caseId } });
  const found = result.data?.case;
  const one = found ? readFragment(READING_CASE_FIELDS, found) : undefined;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const studyId = one?.study.id;
  useChanges(['CASE', 'STUDY'], (change) => {
    if (change !== null && change.objectId !== caseId && change.objectId !== studyId) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => execute({ requestPolicy: 'network-only' }), SETTLE_MS);
  });
  const reload = () => execute({ requestPolicy: 'network-only' });
  // The answer for another case must never stand under this one's name.
  return { result, one: one?.id === caseId ? one : undefined, reload };
}
