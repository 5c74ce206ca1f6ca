import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/api/session';
import { signIn } from '@/test/render';
import { jsonResponse, TestServer } from '@/test/server';
import { requireRole, requireSession, safeNext } from './guards';

/** Where a guard sends somebody, or `null` when it lets them in. */
function destination(guard: () => unknown): unknown {
  try {
    guard();
    return null;
  } catch (redirect) {
    return (redirect as { options: { to: string; search?: unknown } }).options;
  }
}

describe('a guard', () => {
  beforeEach(async () => {
    const server = new TestServer();
    server.on((request) => (request.path === '/auth/sign-out' ? jsonResponse(204, null) : undefined));
    await signIn(server, 'FACILITY_STAFF');
  });
  afterEach(() => vi.unstubAllGlobals());

  it('lets the right role in, and sends the others home', () => {
    expect(destination(() => requireRole(['FACILITY_STAFF'], '/upload'))).toBeNull();
    expect(destination(() => requireRole(['TENANT_ADMIN'], '/admin'))).toMatchObject({ to: '/cases' });
  });

  it('sends whoever is signed out to sign in, and back afterwards', async () => {
    await session.signOut();
    expect(destination(() => requireSession('/cases/case_1'))).toMatchObject({ to: '/sign-in', search: { next: '/cases/case_1' } });
  });

  it('never leads away from the portal', () => {
    expect(safeNext('/cases/case_1')).toBe('/cases/case_1');
    for (const elsewhere of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '', 7, undefined]) {
      expect(safeNext(elsewhere)).toBeUndefined();
    }
  });
});
