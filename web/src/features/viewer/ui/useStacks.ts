import { useCallback, useEffect, useRef, useState } from 'react';
import { fetchSeriesStack, seriesUrl } from '../engine/seriesStack';
import type { ImageStack } from '../model/imageStack';

/** What the viewer needs to know of a series before its metadata is there. */
export interface ViewerSeries {
  seriesInstanceUid: string;
  modality: string;
  number: number | null | undefined;
  description: string | null | undefined;
  instanceCount: number;
  /** What there is to scroll through: a cine loop of one instance has many. */
  frameCount: number;
  thumbnailUrl: string | null | undefined;
}

export type LoadedSeries =
  | { kind: 'LOADING'; description: string | undefined }
  | { kind: 'FAILED'; description: string | undefined }
  | { kind: 'LOADED'; stack: ImageStack; instanceCount: number };

/**
 * Metadata of the series in use, fetched when a pane first needs it and again when images were added.
 * A stack that is on screen stays there while its newer version is fetched.
 */
export function useStacks(tenant: string, studyInstanceUid: string, series: readonly ViewerSeries[], wanted: readonly string[]) {
  const [stacks, setStacks] = useState<ReadonlyMap<string, LoadedSeries>>(new Map());
  const running = useRef(new Map<string, number>());
  const known = useRef(stacks);
  useEffect(() => {
    known.current = stacks;
  }, [stacks]);

  const load = useCallback(
    async (one: ViewerSeries) => {
      const uid = one.seriesInstanceUid;
      if (running.current.get(uid) === one.instanceCount) return;
      running.current.set(uid, one.instanceCount);
      const description = one.description ?? undefined;
      const put = (value: LoadedSeries) => setStacks((before) => new Map(before).set(uid, value));
      if (known.current.get(uid)?.kind !== 'LOADED') put({ kind: 'LOADING', description });
      try {
        const stack = await fetchSeriesStack(seriesUrl(tenant, studyInstanceUid, uid), uid);
        if (running.current.get(uid) === one.instanceCount) put({ kind: 'LOADED', stack, instanceCount: one.instanceCount });
      } catch {
        // A stack that is there is not taken away because its newer version could not be fetched.
        if (known.current.get(uid)?.kind !== 'LOADED') put({ kind: 'FAILED', description });
        running.current.delete(uid);
      }
    },
    [tenant, studyInstanceUid],
  );

  useEffect(() => {
    for (const one of series) {
      if (!wanted.includes(one.seriesInstanceUid)) continue;
      const have = known.current.get(one.seriesInstanceUid);
      if (have?.kind === 'FAILED') continue;
      if (have?.kind !== 'LOADED' || have.instanceCount !== one.instanceCount) void load(one);
    }
  }, [series, wanted, load]);

  const retry = useCallback(
    (seriesInstanceUid: string) => {
      const one = series.find((candidate) => candidate.seriesInstanceUid === seriesInstanceUid);
      if (one) void load(one);
    },
    [series, load],
  );
  return { stacks, retry };
}
