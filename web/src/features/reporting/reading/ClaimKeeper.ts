/**
 * Holds the claim on a case while its page is open.
 *
 * **Invariant:** only the program decides that a claim is lost; without a connection renewing is tried on,
 * and the reader goes on writing.
 */
import { ApiError } from '@/api/request';

export interface HeldClaim {
  claimToken: string;
  leaseExpiresAt: string;
  renewEverySeconds: number;
}

export interface Holder {
  name: string;
  since: string;
}

export type ClaimState =
  | { kind: 'NONE' }
  | { kind: 'CLAIMING' }
  | { kind: 'HELD'; token: string; leaseExpiresAt: string }
  | { kind: 'TAKEN'; holder: Holder }
  | { kind: 'LOST' }
  | { kind: 'REFUSED'; cause: unknown };

export interface ClaimSurroundings {
  claim(): Promise<HeldClaim>;
  renew(token: string): Promise<HeldClaim>;
  release(token: string): Promise<void>;
  /** Who won the race, when that is why a claim was refused. */
  holderOf(cause: unknown): Holder | undefined;
  later(run: () => void, ms: number): () => void;
}

const RETRY_MS = 10_000;

export class ClaimKeeper {
  private state: ClaimState = { kind: 'NONE' };
  private cancelTimer: (() => void) | undefined;
  private closed = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly surroundings: ClaimSurroundings) {}

  readonly getSnapshot = (): ClaimState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get token(): string | undefined {
    return this.state.kind === 'HELD' ? this.state.token : undefined;
  }

  async claim(): Promise<void> {
    if (this.state.kind === 'HELD' || this.state.kind === 'CLAIMING') return;
    this.become({ kind: 'CLAIMING' });
    try {
      this.hold(await this.surroundings.claim());
    } catch (cause) {
      const holder = this.surroundings.holderOf(cause);
      this.become(holder === undefined ? { kind: 'REFUSED', cause } : { kind: 'TAKEN', holder });
    }
  }

  /** Somebody else noticed first: a save was refused because the claim is gone. */
  lose(): void {
    this.stopTimer();
    if (this.state.kind === 'HELD') this.become({ kind: 'LOST' });
  }

  /** The work is done (signed): the claim ended with it and is not given back. */
  finish(): void {
    this.stopTimer();
    this.become({ kind: 'NONE' });
  }

  /** Gives the case back, when the reader leaves without signing. */
  async leave(): Promise<void> {
    this.closed = true;
    this.stopTimer();
    const { token } = this;
    this.become({ kind: 'NONE' });
    if (token !== undefined) await this.surroundings.release(token).catch(() => undefined);
  }

  private hold(held: HeldClaim): void {
    if (this.closed) {
      void this.surroundings.release(held.claimToken).catch(() => undefined);
      return;
    }
    this.become({ kind: 'HELD', token: held.claimToken, leaseExpiresAt: held.leaseExpiresAt });
    this.renewIn(held.renewEverySeconds * 1000);
  }

  private renewIn(ms: number): void {
    this.stopTimer();
    this.cancelTimer = this.surroundings.later(() => void this.renew(), Math.max(1000, ms));
  }

  private async renew(): Promise<void> {
    const { token } = this;
    if (token === undefined) return;
    try {
      const held = await this.surroundings.renew(token);
      if (this.token === token) this.hold(held);
    } catch (cause) {
      if (this.token !== token) return;
      const code = cause instanceof ApiError ? cause.code : undefined;
      if (code === 'CLAIM_LOST' || code === 'NOT_FOUND' || code === 'CASE_STATE') this.lose();
      else this.renewIn(RETRY_MS);
    }
  }

  private stopTimer(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private become(state: ClaimState): void {
    this.state = state;
    this.listeners.forEach((listener) => listener());
  }
}
