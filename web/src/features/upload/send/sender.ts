/**
 * Sends the instances of one upload: three batches at a time, until every one has an outcome.
 *
 * **Invariant:** an instance counts as sent only when the program said so, in an answer or in the receipt.
 * **Invariant:** after a lost connection the program is asked what it has before anything is sent again.
 */
import { ApiError } from '@/api/request';
import { halved, planBatches } from './batches';
import { type Progress, RateMeter, secondsLeft, type StudyProgress } from './progress';
import type { Announced, OutgoingFile, Receipt, Verdict } from './uploadApi';

export type Phase = 'SENDING' | 'PAUSED' | 'WAITING' | 'STOPPED' | 'DONE';

export interface SenderState {
  phase: Phase;
  progress: Progress;
  /** Why it waits or has stopped. */
  problem: ApiError | null;
  /** Instances this page could not send: files that have gone or changed. Only in `DONE`. */
  unsent: Announced[];
}

/** The outside of a sender; tests give their own. */
export interface SenderSurroundings<T extends Announced> {
  open(instance: T): Promise<Blob>;
  send(files: readonly OutgoingFile[], about: { signal: AbortSignal; onProgress(sent: number): void }): Promise<Map<string, Verdict>>;
  receipt(): Promise<Receipt>;
  now(): number;
  /** Waits; ends early when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const LANES = 3;
/** Tries of one batch before it is halved, and of one file before it is left out. */
const TRIES = 3;
const TELL_EVERY_MS = 200;
const LONGEST_WAIT_MS = 30_000;

interface Batch<T> {
  instances: T[];
  tries: number;
}

/** Failures that pass by themselves. Everything else needs a person. */
const PASSING = new Set(['OFFLINE', 'SHUTTING_DOWN', 'STORAGE_UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL', 'UNEXPECTED_ANSWER']);

export class Sender<T extends Announced> {
  private phase: Phase = 'PAUSED';
  private problem: ApiError | null = null;
  private queue: Batch<T>[] = [];
  private readonly outcome = new Map<string, 'stored' | 'refused' | 'unsent'>();
  private readonly onTheWay = new Map<Batch<T>, number>();
  private readonly rate = new RateMeter();
  private readonly listeners = new Set<() => void>();
  private run = new AbortController();
  private lanes: Promise<unknown> = Promise.resolve();
  private snapshot: SenderState;
  private toldAt = Number.NEGATIVE_INFINITY;
  private waitingLanes = 0;
  private reconciling: Promise<void> | null = null;

  /** `missing`: what the program has not got; every other instance counts as stored. */
  constructor(
    private readonly surroundings: SenderSurroundings<T>,
    private readonly instances: readonly T[],
    missing: ReadonlySet<string>,
  ) {
    for (const instance of instances) if (!missing.has(instance.sopInstanceUid)) this.outcome.set(instance.sopInstanceUid, 'stored');
    this.snapshot = this.look();
  }

  readonly state = (): SenderState => this.snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Starts, or goes on after a pause or a stop. */
  start(): void {
    if (this.phase === 'SENDING' || this.phase === 'WAITING' || this.phase === 'DONE') return;
    const before = this.lanes;
    this.run = new AbortController();
    const { signal } = this.run;
    this.problem = null;
    this.rate.reset();
    this.become('SENDING');
    this.lanes = before.then(async () => {
      this.queue = planBatches(this.instances.filter((each) => !this.outcome.has(each.sopInstanceUid))).map((instances) => ({ instances, tries: 0 }));
      await Promise.all(Array.from({ length: LANES }, () => this.lane(signal)));
      if (!signal.aborted) this.become('DONE');
    });
  }

  /** Stops what is on its way; it is asked for and sent again when the upload goes on. */
  pause(): void {
    if (this.phase === 'DONE' || this.phase === 'STOPPED') return;
    this.run.abort();
    this.become('PAUSED');
  }

  private stop(problem: ApiError): void {
    if (this.run.signal.aborted) return;
    this.problem = problem;
    this.run.abort();
    this.become('STOPPED');
  }

  private async lane(signal: AbortSignal): Promise<void> {
    for (let batch = this.queue.shift(); batch !== undefined && !signal.aborted; batch = this.queue.shift()) {
      const instances = batch.instances.filter((each) => !this.outcome.has(each.sopInstanceUid));
      if (instances.length === 0) continue;
      const current = { ...batch, instances };
      try {
        await this.sendOne(current, signal);
      } catch (cause) {
        // What was on its way has not arrived, as far as anybody knows.
        this.onTheWay.delete(current);
        if (signal.aborted) return;
        await this.afterFailure(current, cause, signal);
      } finally {
        this.onTheWay.delete(current);
      }
    }
  }

  private async sendOne(batch: Batch<T>, signal: AbortSignal): Promise<void> {
    const files: OutgoingFile[] = [];
    const readable: T[] = [];
    for (const instance of batch.instances) {
      const file = await this.surroundings.open(instance).catch(() => null);
      if (file === null) this.outcome.set(instance.sopInstanceUid, 'unsent');
      else {
        files.push({ sopInstanceUid: instance.sopInstanceUid, blob: file });
        readable.push(instance);
      }
    }
    if (files.length === 0 || signal.aborted) return;
    const verdicts = await this.surroundings.send(files, {
      signal,
      onProgress: (sent) => {
        this.onTheWay.set(batch, Math.min(sent, readable.reduce((sum, each) => sum + each.bytes, 0)));
        this.tell();
      },
    });
    const again: T[] = [];
    for (const instance of readable) {
      const verdict = verdicts.get(instance.sopInstanceUid);
      if (verdict === undefined || verdict.kind === 'again') again.push(instance);
      else this.outcome.set(instance.sopInstanceUid, verdict.kind);
    }
    this.onTheWay.delete(batch);
    this.tell();
    if (again.length > 0) await this.retry({ instances: again, tries: batch.tries + 1 }, signal, null);
  }

  private async afterFailure(batch: Batch<T>, cause: unknown, signal: AbortSignal): Promise<void> {
    const problem = cause instanceof ApiError ? cause : new ApiError('UNEXPECTED_ANSWER', String(cause));
    if (problem.code === 'PAYLOAD_TOO_LARGE') {
      if (batch.instances.length > 1) this.requeueHalved(batch);
      else for (const each of batch.instances) this.outcome.set(each.sopInstanceUid, 'unsent');
      return;
    }
    if (!PASSING.has(problem.code)) {
      this.stop(problem);
      return;
    }
    await this.retry({ ...batch, tries: batch.tries + 1 }, signal, problem);
  }

  /** Waits, asks what has arrived after all, and puts the rest back, smaller if it keeps failing. */
  private async retry(batch: Batch<T>, signal: AbortSignal, problem: ApiError | null): Promise<void> {
    this.waitingLanes += 1;
    try {
      for (let attempt = batch.tries; !signal.aborted; attempt += 1) {
        this.problem = problem;
        if (problem?.code === 'OFFLINE' || this.waitingLanes === LANES) this.become('WAITING');
        const backoff = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** Math.min(attempt - 1, 6)) * (0.75 + Math.random() / 2);
        await this.surroundings.sleep(Math.max(backoff, (problem?.retryAfterSeconds ?? 0) * 1000), signal);
        if (signal.aborted) return;
        try {
          await this.reconcile();
          break;
        } catch (cause) {
          if (cause instanceof ApiError && !PASSING.has(cause.code)) {
            this.stop(cause);
            return;
          }
        }
      }
    } finally {
      this.waitingLanes -= 1;
    }
    if (signal.aborted) return;
    this.problem = null;
    this.become('SENDING');
    if (batch.tries < TRIES) this.queue.push(batch);
    else if (batch.instances.length > 1) this.requeueHalved(batch);
    else for (const each of batch.instances) if (!this.outcome.has(each.sopInstanceUid)) this.outcome.set(each.sopInstanceUid, 'unsent');
  }

  private requeueHalved(batch: Batch<T>): void {
    for (const instances of halved(batch.instances)) if (instances.length > 0) this.queue.push({ instances, tries: 0 });
  }

  /** Takes over what the program has; the answer to a batch may have been lost though the batch was stored. */
  private reconcile(): Promise<void> {
    this.reconciling ??= this.surroundings
      .receipt()
      .then((receipt) => this.takeOver(receipt))
      .finally(() => {
        this.reconciling = null;
      });
    return this.reconciling;
  }

  private takeOver(receipt: Receipt): void {
    for (const each of receipt.instances) {
      if (each.outcome !== 'MISSING') this.outcome.set(each.sop_instance_uid, each.outcome === 'REFUSED' ? 'refused' : 'stored');
    }
  }

  private become(phase: Phase): void {
    if (phase === this.phase && this.problem === this.snapshot.problem) return;
    if (phase !== this.phase && phase === 'SENDING') this.rate.reset();
    this.phase = phase;
    this.toldAt = Number.NEGATIVE_INFINITY;
    this.tell();
  }

  private tell(): void {
    const now = this.surroundings.now();
    if (now - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = now;
    this.snapshot = this.look();
    for (const listener of Array.from(this.listeners)) listener();
  }

  private look(): SenderState {
    const studies = new Map<string, StudyProgress>();
    const unsent: T[] = [];
    for (const each of this.instances) {
      let study = studies.get(each.studyInstanceUid);
      if (study === undefined) {
        study = { studyInstanceUid: each.studyInstanceUid, total: 0, stored: 0, refused: 0, bytes: 0, bytesDone: 0 };
        studies.set(each.studyInstanceUid, study);
      }
      study.total += 1;
      study.bytes += each.bytes;
      const outcome = this.outcome.get(each.sopInstanceUid);
      if (outcome === 'unsent') unsent.push(each);
      else if (outcome !== undefined) {
        study[outcome] += 1;
        study.bytesDone += each.bytes;
      }
    }
    const all = [...studies.values()];
    const sum = (of: (study: StudyProgress) => number) => all.reduce((total, study) => total + of(study), 0);
    const bytes = sum((study) => study.bytes);
    const sent = sum((study) => study.bytesDone) + [...this.onTheWay.values()].reduce((total, part) => total + part, 0);
    const bytesDone = Math.min(bytes, sent);
    if (this.phase === 'SENDING') this.rate.add(this.surroundings.now(), bytesDone);
    const { bytesPerSecond } = this.rate;
    return {
      phase: this.phase,
      problem: this.problem,
      unsent: this.phase === 'DONE' ? unsent : [],
      progress: {
        total: this.instances.length,
        stored: sum((study) => study.stored),
        refused: sum((study) => study.refused),
        bytes,
        bytesDone,
        bytesPerSecond,
        secondsLeft: secondsLeft(bytes - bytesDone, bytesPerSecond),
        studies: all,
      },
    };
  }
}
