import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChangeFeed, type ChangeNotice, type FeedTransport } from './changes';

type Sink = Parameters<FeedTransport>[0];
const change = (sequence: number): ChangeNotice => ({ sequence, topic: 'CASE', objectId: `case_${sequence}` });

describe('the change feed', () => {
  let connections: Sink[];
  let feed: ChangeFeed;
  let heard: (number | null)[];
  const connection = () => connections.at(-1) as Sink;

  beforeEach(() => {
    vi.useFakeTimers();
    connections = [];
    heard = [];
    feed = new ChangeFeed((sink) => {
      connections.push(sink);
      return () => undefined;
    });
    feed.listen((each) => heard.push(each?.sequence ?? null));
    feed.open();
    connection().connected();
  });
  afterEach(() => {
    feed.close();
    vi.useRealTimers();
  });

  it('resumes after the last change it saw, and tells none of them twice', async () => {
    connection().next(change(7));
    connection().next(change(8));
    connection().ended();
    expect(feed.liveState()).toBe('LOST');
    await vi.advanceTimersByTimeAsync(1000);
    expect(connections).toHaveLength(2);
    expect(connection().after).toBe(8);
    connection().connected();
    connection().next(change(8));
    connection().next(change(9));
    expect(heard).toEqual([7, 8, 9]);
    expect(feed.liveState()).toBe('LIVE');
  });

  it('says that something may have been missed when it had seen nothing yet', async () => {
    connection().ended();
    await vi.advanceTimersByTimeAsync(1000);
    connection().connected();
    expect(heard).toEqual([null]);
  });

  it('waits longer after each failure, and not at all when the network comes back', async () => {
    for (let failures = 0; failures < 6; failures += 1) {
      connection().ended();
      await vi.advanceTimersByTimeAsync(30_000);
    }
    const before = connections.length;
    connection().ended();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(connections).toHaveLength(before);
    feed.retryNow();
    expect(connections).toHaveLength(before + 1);
  });

  it('forgets the sequence of one tenant before it opens for another', () => {
    connection().next(change(7));
    feed.close();
    feed.open();
    expect(connection().after).toBeNull();
  });
});
