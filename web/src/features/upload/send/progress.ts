/** How far an upload is: bytes, rate and time left, in all and for each study. */

export interface StudyProgress {
  studyInstanceUid: string;
  total: number;
  stored: number;
  refused: number;
  bytes: number;
  bytesDone: number;
}

export interface Progress {
  total: number;
  stored: number;
  refused: number;
  bytes: number;
  /** Includes what is on its way. */
  bytesDone: number;
  /** Bytes a second over the last seconds; 0 until there is something to measure. */
  bytesPerSecond: number;
  secondsLeft: number | null;
  studies: StudyProgress[];
}

const WINDOW_MS = 12_000;

/** Rate over a sliding window: steady enough to read, quick enough to believe. */
export class RateMeter {
  private samples: { at: number; bytes: number }[] = [];

  add(at: number, bytes: number): void {
    this.samples.push({ at, bytes });
    while (this.samples.length > 2 && at - (this.samples[0]?.at ?? at) > WINDOW_MS) this.samples.shift();
  }

  /** A pause is not slowness. */
  reset(): void {
    this.samples = [];
  }

  get bytesPerSecond(): number {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 500) return 0;
    return Math.max(0, ((last.bytes - first.bytes) * 1000) / (last.at - first.at));
  }
}

export function secondsLeft(bytesLeft: number, bytesPerSecond: number): number | null {
  if (bytesLeft <= 0) return 0;
  return bytesPerSecond <= 0 ? null : Math.ceil(bytesLeft / bytesPerSecond);
}
