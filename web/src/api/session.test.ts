import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from './request';
import { SessionKeeper, type SessionSurroundings } from './session';
import { jsonResponse, problem, TestServer } from '@/test/server';
import { signInBody } from '@/test/render';
import { eventually } from '@/test/eventually';

/** One browser: a lock and a channel that its tabs share. */
class Browser {
  now = 1_000_000;
  private queue: Promise<unknown> = Promise.resolve();
  private readonly ears: { owner: object; hear: (event: MessageEvent) => void }[] = [];

  tab(): SessionKeeper {
    const owner = {};
    const surroundings: SessionSurroundings = {
      now: () => this.now,
      exclusively: (work) => {
        const run = this.queue.then(work, work);
        this.queue = run.catch(() => undefined);
        return run;
      },
      channel: {
        postMessage: (data: unknown) => {
          for (const ear of this.ears) if (ear.owner !== owner) setTimeout(() => ear.hear({ data } as MessageEvent), 0);
        },
        addEventListener: (_type: string, hear: unknown) => {
          this.ears.push({ owner, hear: hear as (event: MessageEvent) => void });
        },
      },
    };
    return new SessionKeeper(surroundings);
  }
}

/** The program's side: a refresh cookie that works once. */
class CookieJar {
  current = 1;
  refreshes = 0;
  revoked = false;

  constructor(server: TestServer) {
    server.on((request) => {
      if (request.path !== '/auth/refresh') return undefined;
      if (this.revoked) return problem(401, 'SESSION_REVOKED');
      this.refreshes += 1;
      this.current += 1;
      return jsonResponse(200, { ...signInBody(), access_token: `token-${this.current}` });
    });
    server.json('POST', '/auth/sign-in', 200, signInBody());
  }
}

describe('a session', () => {
  let server: TestServer;
  let jar: CookieJar;
  let browser: Browser;

  beforeEach(() => {
    server = new TestServer();
    jar = new CookieJar(server);
    browser = new Browser();
  });
  afterEach(() => vi.unstubAllGlobals());

  it('is picked up from the refresh cookie at start', async () => {
    const tab = browser.tab();
    await tab.start();
    expect(tab.state()).toMatchObject({ kind: 'SIGNED_IN', session: { accessToken: 'token-2' } });
  });

  it('is nobody’s when the cookie is refused at start, and unreachable without a network', async () => {
    jar.revoked = true;
    const refused = browser.tab();
    await refused.start();
    expect(refused.state().kind).toBe('SIGNED_OUT');
    server.on(() => {
      throw new TypeError('no network');
    });
    const cut = browser.tab();
    await cut.start();
    expect(cut.state().kind).toBe('UNREACHABLE');
  });

  it('refreshes once for many requests of one tab', async () => {
    const tab = browser.tab();
    await tab.signIn('a@b', 'x');
    browser.now += 590_000;
    const tokens = await Promise.all([tab.accessToken(), tab.accessToken(), tab.accessToken()]);
    expect(new Set(tokens)).toEqual(new Set(['token-2']));
    expect(jar.refreshes).toBe(1);
  });

  it('refreshes once for two tabs whose tokens end at the same time', async () => {
    const [first, second] = [browser.tab(), browser.tab()];
    await first.signIn('a@b', 'x');
    await eventually(() => expect(second.state().kind).toBe('SIGNED_IN'));
    browser.now += 590_000;
    const tokens = await Promise.all([first.accessToken(), second.accessToken()]);
    expect(tokens).toEqual(['token-2', 'token-2']);
    expect(jar.refreshes).toBe(1);
  });

  it('renews a token the program refused, though it looked good', async () => {
    const tab = browser.tab();
    await tab.signIn('a@b', 'x');
    expect(await tab.accessTokenAfter('token-1')).toBe('token-2');
    expect(await tab.accessTokenAfter('token-1')).toBe('token-2');
    expect(jar.refreshes).toBe(1);
  });

  it('expires in place, and a waiting request goes on after the password was given again', async () => {
    const tab = browser.tab();
    await tab.signIn('a@b', 'x');
    browser.now += 600_000;
    jar.revoked = true;
    const waiting = tab.accessToken();
    await eventually(() => expect(tab.state().kind).toBe('EXPIRED'));
    await tab.signIn('a@b', 'x');
    expect(await waiting).toBe('token-1');
  });

  it('never finishes one person’s request in the name of another', async () => {
    const tab = browser.tab();
    await tab.signIn('a@b', 'x');
    browser.now += 600_000;
    jar.revoked = true;
    const waiting = tab.accessToken();
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'SIGNED_OUT' });
    await eventually(() => expect(tab.state().kind).toBe('EXPIRED'));
    server.json('POST', '/auth/sign-in', 200, { ...signInBody(), user: { id: 'user_2', name: 'Other', email: 'o@b' } });
    await tab.signIn('o@b', 'x');
    await outcome;
  });

  it('keeps the session when the program is only out of reach', async () => {
    const tab = browser.tab();
    await tab.signIn('a@b', 'x');
    browser.now += 600_000;
    server.on((request) => {
      if (request.path === '/auth/refresh') throw new TypeError('no network');
      return undefined;
    });
    await expect(tab.accessToken()).rejects.toBeInstanceOf(ApiError);
    expect(tab.state().kind).toBe('SIGNED_IN');
  });

  it('ends in every tab when one signs out', async () => {
    server.on((request) => (request.path === '/auth/sign-out' ? jsonResponse(204, null) : undefined));
    const [first, second] = [browser.tab(), browser.tab()];
    await first.signIn('a@b', 'x');
    await eventually(() => expect(second.state().kind).toBe('SIGNED_IN'));
    await first.signOut();
    await eventually(() => expect(second.state().kind).toBe('SIGNED_OUT'));
    await expect(second.accessToken()).rejects.toMatchObject({ code: 'SIGNED_OUT' });
  });
});
