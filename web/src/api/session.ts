/**
 * Who is signed in, and the access token of that session.
 *
 * **Invariant:** the access token lives in memory only; what survives a reload is the refresh cookie, which no script can read.
 * **Invariant:** at most one refresh runs at a time across all tabs (a Web Lock): the cookie rotates on every
 * use, and using one twice would revoke the session.
 * **Invariant:** a session that ends while a page is open becomes `EXPIRED`, never a reload: requests wait for
 * the person to sign in again, and the page keeps what they typed.
 */
import type { Role } from '@/gql/enums';
import { ApiError, send, sendForJson } from './request';

export interface SignedInUser {
  id: string;
  name: string;
  email: string;
}

/** The answer of sign-in, refresh and accepted invitations. */
export interface SignInBody {
  access_token: string;
  token_type: 'Bearer';
  /** Seconds. */
  expires_in: number;
  role: Role;
  tenant: { slug: string; name: string } | null;
  user: SignedInUser;
}

export interface Session {
  accessToken: string;
  /** Milliseconds since the epoch, by this machine's clock. */
  expiresAt: number;
  role: Role;
  tenant: { slug: string; name: string } | null;
  user: SignedInUser;
}

export type SessionState =
  | { kind: 'STARTING' }
  | { kind: 'UNREACHABLE' }
  | { kind: 'SIGNED_OUT' }
  | { kind: 'SIGNED_IN'; session: Session }
  | { kind: 'EXPIRED'; session: Session };

/** What tabs tell each other. */
type TabMessage = { kind: 'signed-in'; session: Session } | { kind: 'signed-out' };

/** The parts of the browser a session needs; tests give their own. */
export interface SessionSurroundings {
  now(): number;
  /** Runs `work` while no other tab runs theirs. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>;
}

/** A token this close to its end is renewed before it is used. */
const SPARE_MS = 30_000;

export class SessionKeeper {
  private current: SessionState = { kind: 'STARTING' };
  private readonly listeners = new Set<() => void>();
  private refreshing: Promise<Session> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly surroundings: SessionSurroundings) {
    surroundings.channel.addEventListener('message', (event) => this.heed((event as MessageEvent<TabMessage>).data));
  }

  readonly state = (): SessionState => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Picks up the session of an earlier visit or another tab, if there is one. */
  async start(): Promise<void> {
    await this.refresh().catch(() => undefined);
  }

  async signIn(email: string, password: string, tenant?: string): Promise<void> {
    const json = tenant === undefined ? { email, password } : { email, password, tenant };
    this.adopt(await sendForJson<SignInBody>('/auth/sign-in', { json }));
  }

  async acceptInvitation(token: string, name: string, password: string): Promise<void> {
    this.adopt(await sendForJson<SignInBody>('/auth/invitations/accept', { json: { token, name, password } }));
  }

  /** Ends the session here and in every other tab. Without a connection the cookie lives on until it expires. */
  async signOut(): Promise<void> {
    try {
      await this.surroundings.exclusively(() => send('/auth/sign-out', { json: {} }));
    } finally {
      this.tell({ kind: 'signed-out' });
      this.become({ kind: 'SIGNED_OUT' });
    }
  }

  /**
   * A token good for the next request. While the session is expired this waits for the person to sign in again.
   * Errors: `SIGNED_OUT`; `OFFLINE` when the token needs renewing and the program is out of reach.
   */
  async accessToken(): Promise<string> {
    const state = this.current;
    switch (state.kind) {
      case 'SIGNED_OUT':
        throw new ApiError('SIGNED_OUT', 'nobody is signed in');
      case 'EXPIRED':
        return this.tokenAfterSignIn(state.session.user.id);
      case 'SIGNED_IN':
        if (state.session.expiresAt - SPARE_MS > this.surroundings.now()) return state.session.accessToken;
    }
    return this.renewedToken();
  }

  /** A token other than `refused`, which the program answered with 401. */
  async accessTokenAfter(refused: string): Promise<string> {
    const state = this.current;
    if (state.kind === 'SIGNED_IN' && state.session.accessToken === refused) return this.renewedToken();
    return this.accessToken();
  }

  private async renewedToken(): Promise<string> {
    try {
      return (await this.refresh()).accessToken;
    } catch (cause) {
      if (this.current.kind === 'EXPIRED') return this.tokenAfterSignIn(this.current.session.user.id);
      throw cause;
    }
  }

  /** A request begun by one person is never finished in the name of another. */
  private tokenAfterSignIn(userId: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const leave = this.subscribe(() => {
        leave();
        const state = this.current;
        if (state.kind === 'SIGNED_IN' && state.session.user.id !== userId) {
          reject(new ApiError('SIGNED_OUT', 'somebody else has signed in'));
        } else {
          this.accessToken().then(resolve, reject);
        }
      });
    });
  }

  private refresh(): Promise<Session> {
    this.refreshing ??= this.refreshOnce().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  private async refreshOnce(): Promise<Session> {
    const before = tokenOf(this.current);
    try {
      return await this.surroundings.exclusively(async () => {
        // Another tab may have renewed while this one waited for the lock; let its message in first.
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (this.current.kind === 'SIGNED_IN' && tokenOf(this.current) !== before) return this.current.session;
        return this.adopt(await sendForJson<SignInBody>('/auth/refresh', { json: {} }));
      });
    } catch (cause) {
      this.afterFailedRefresh(cause);
      throw cause;
    }
  }

  private afterFailedRefresh(cause: unknown): void {
    const refused = cause instanceof ApiError && cause.status === 401;
    const state = this.current;
    if (state.kind === 'SIGNED_IN' || state.kind === 'EXPIRED') {
      if (refused) this.become({ kind: 'EXPIRED', session: state.session });
      else this.renewInTime(state.session, 10_000);
    } else {
      this.become(refused ? { kind: 'SIGNED_OUT' } : { kind: 'UNREACHABLE' });
    }
  }

  private adopt(body: SignInBody): Session {
    const session: Session = {
      accessToken: body.access_token,
      expiresAt: this.surroundings.now() + body.expires_in * 1000,
      role: body.role,
      tenant: body.tenant,
      user: body.user,
    };
    this.tell({ kind: 'signed-in', session });
    this.become({ kind: 'SIGNED_IN', session });
    return session;
  }

  private heed(message: TabMessage): void {
    if (message.kind === 'signed-out') this.become({ kind: 'SIGNED_OUT' });
    else this.become({ kind: 'SIGNED_IN', session: message.session });
  }

  private tell(message: TabMessage): void {
    this.surroundings.channel.postMessage(message);
  }

  private become(state: SessionState): void {
    this.current = state;
    clearTimeout(this.timer);
    if (state.kind === 'SIGNED_IN') {
      // A minute early, spread over ten seconds so that tabs do not all queue for the lock at once.
      this.renewInTime(state.session, state.session.expiresAt - this.surroundings.now() - 60_000 - Math.random() * 10_000);
    }
    for (const listener of Array.from(this.listeners)) listener();
  }

  private renewInTime(session: Session, inMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (tokenOf(this.current) === session.accessToken) void this.refresh().catch(() => undefined);
    }, Math.max(inMs, 5_000));
  }
}

function tokenOf(state: SessionState): string | null {
  return state.kind === 'SIGNED_IN' || state.kind === 'EXPIRED' ? state.session.accessToken : null;
}

/** The browser's own clock, lock and channel. */
export function browserSurroundings(): SessionSurroundings {
  return {
    now: () => Date.now(),
    exclusively: async (work) => {
      // Without Web Locks (an insecure origin other than localhost) a tab still serialises its own refreshes.
      const locks = navigator.locks as LockManager | null | undefined;
      return locks === null || locks === undefined ? work() : locks.request('telerad-session', work);
    },
    channel: new BroadcastChannel('telerad-session'),
  };
}

export const session = new SessionKeeper(browserSurroundings());
