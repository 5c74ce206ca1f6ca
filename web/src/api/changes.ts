/**
 * The live change feed: one WebSocket for the whole portal.
 *
 * **Invariant:** no change is lost between two connections: a reconnect resumes after the last sequence seen,
 * and when none was seen yet, listeners are told to read everything again.
 */
import { type Client as SocketClient, createClient } from 'graphql-ws';
import type { ChangeTopic } from '@/gql/enums';
import { session } from './session';

export interface ChangeNotice {
  sequence: number;
  topic: ChangeTopic;
  objectId: string;
}

export type LiveState = 'CONNECTING' | 'LIVE' | 'LOST';

/** Told of one change, or (`null`) that changes may have been missed. */
export type ChangeListener = (change: ChangeNotice | null) => void;

const CHANGES = 'subscription Changes($after: Int) { changes(after: $after) { sequence topic objectId } }';
const LONGEST_WAIT_MS = 20_000;

/** How a feed reaches the program; tests give their own. */
export type FeedTransport = (sink: {
  after: number | null;
  connected(): void;
  next(change: ChangeNotice): void;
  ended(): void;
}) => () => void;

export class ChangeFeed {
  private state: LiveState = 'CONNECTING';
  private last: number | null = null;
  private everConnected = false;
  private attempt = 0;
  private readonly listeners = new Set<ChangeListener>();
  private readonly stateListeners = new Set<() => void>();
  private stop: (() => void) | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly transport: FeedTransport) {}

  readonly liveState = (): LiveState => this.state;

  readonly subscribeState = (listener: () => void): (() => void) => {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  };

  listen(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  open(): void {
    if (this.stop !== null) return;
    const leave = this.transport({
      after: this.last,
      connected: () => this.connected(),
      next: (change) => this.next(change),
      ended: () => this.lost(),
    });
    this.stop = leave;
  }

  /** Ends the feed of one person; the next one's sequence numbers are another tenant's. */
  close(): void {
    clearTimeout(this.timer);
    this.stop?.();
    this.stop = null;
    this.last = null;
    this.everConnected = false;
    this.become('CONNECTING');
  }

  /** Tries again at once, when the browser says that the network is back. */
  retryNow(): void {
    if (this.state !== 'LOST') return;
    clearTimeout(this.timer);
    this.open();
  }

  private connected(): void {
    this.attempt = 0;
    if (this.everConnected && this.last === null) this.tell(null);
    this.everConnected = true;
    this.become('LIVE');
  }

  private next(change: ChangeNotice): void {
    if (this.last !== null && change.sequence <= this.last) return;
    this.last = change.sequence;
    this.tell(change);
  }

  private lost(): void {
    if (this.stop === null) return;
    this.stop = null;
    this.become('LOST');
    const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** this.attempt) * (0.7 + Math.random() * 0.6);
    this.attempt += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), wait);
  }

  private tell(change: ChangeNotice | null): void {
    for (const listener of Array.from(this.listeners)) listener(change);
  }

  private become(state: LiveState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of Array.from(this.stateListeners)) listener();
  }
}

/** `graphql-transport-ws` on `/graphql`; the token goes in `connection_init`, never in the URL. */
export function socketTransport(url: string): FeedTransport {
  return (sink) => {
    let pongTimer: ReturnType<typeof setTimeout> | undefined;
    let socket: WebSocket | undefined;
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      sink.ended();
    };
    const client: SocketClient = createClient({
      url,
      lazy: true,
      retryAttempts: 0,
      keepAlive: 15_000,
      connectionParams: async () => ({ authorization: `Bearer ${await session.accessToken()}` }),
      on: {
        opened: (opened) => {
          socket = opened as WebSocket;
        },
        connected: () => sink.connected(),
        // A connection that died without a word is noticed by a pong that does not come.
        ping: (received) => {
          if (!received) pongTimer = setTimeout(() => socket?.close(4408, 'no pong'), 8_000);
        },
        pong: (received) => {
          if (received) clearTimeout(pongTimer);
        },
        closed: end,
      },
    });
    const unsubscribe = client.subscribe<{ changes: ChangeNotice }>(
      { query: CHANGES, variables: { after: sink.after } },
      {
        next: (result) => {
          if (result.data?.changes !== undefined) sink.next(result.data.changes);
        },
        error: end,
        complete: end,
      },
    );
    return () => {
      ended = true;
      clearTimeout(pongTimer);
      unsubscribe();
      // Disposing while still connecting rejects with the socket's own error; there is nobody left to tell.
      Promise.resolve(client.dispose()).catch(() => undefined);
    };
  };
}

export function feedUrl(origin: string): string {
  return `${origin.replace(/^http/, 'ws')}/graphql`;
}

export const changes = new ChangeFeed(socketTransport(feedUrl(window.location.origin)));
