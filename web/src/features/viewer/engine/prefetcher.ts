/**
 * Keeps the neighbourhood of the image on screen decoded.
 *
 * **Invariant:** prefetching never shows anything and never reports an error: a frame that fails here
 * is asked for again when the reader scrolls to it, and fails there, visibly.
 */
import { prefetchOrder } from '../model/prefetchOrder';
import { isDecoded, loadFrame } from './loadImage';

const AT_ONCE = 4;
/** Decoded pixels one viewport may keep ahead. */
const BUDGET_BYTES = 384 * 1024 ** 2;

export class Prefetcher {
  private queue: string[] = [];
  private running = 0;
  private readonly failed = new Set<string>();
  private last = 0;
  private stopped = false;

  constructor(private readonly onProgress: () => void) {}

  /** Plans anew around `current`; what was planned before and has not started is dropped. */
  around(imageIds: readonly string[], current: number, bytesPerImage: number): void {
    const direction = current >= this.last ? 1 : -1;
    this.last = current;
    const limit = Math.max(8, Math.floor(BUDGET_BYTES / Math.max(1, bytesPerImage)));
    this.queue = prefetchOrder(imageIds.length, current, direction, limit)
      .map((index) => imageIds[index])
      .filter((imageId): imageId is string => imageId !== undefined && !this.failed.has(imageId) && !isDecoded(imageId));
    this.pump();
  }

  stop(): void {
    this.stopped = true;
    this.queue = [];
  }

  private pump(): void {
    while (!this.stopped && this.running < AT_ONCE) {
      const imageId = this.queue.shift();
      if (imageId === undefined) return;
      this.running += 1;
      void loadFrame(imageId, 'prefetch')
        .catch(() => this.failed.add(imageId))
        .then(() => {
          this.running -= 1;
          if (this.stopped) return;
          this.onProgress();
          this.pump();
        });
    }
  }
}
