import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/api/session';
import { renderScreen, signIn, signInBody } from '@/test/render';
import { jsonResponse, problem, TestServer } from '@/test/server';
import { AcceptInvitationPage, SessionExpired, SignInPage } from '.';
import { eventually } from '@/test/eventually';

describe('signing in', () => {
  let server: TestServer;
  const user = userEvent.setup();
  beforeEach(() => {
    server = new TestServer();
  });
  afterEach(() => vi.unstubAllGlobals());

  const submit = async () => {
    await user.type(await screen.findByLabelText('E-mail'), 'ann@example.org');
    await user.type(screen.getByLabelText('Password'), 'correct horse battery');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
  };

  it('says the same for a wrong e-mail and a wrong password', async () => {
    server.on(() => problem(401, 'SIGN_IN_REFUSED'));
    renderScreen(<SignInPage />);
    await submit();
    expect((await screen.findByRole('alert')).textContent).toBe('E-mail or password is wrong.');
  });

  it('says how long to wait after too many tries', async () => {
    server.on(() => jsonResponse(429, { code: 'RATE_LIMITED' }, { 'Retry-After': '42' }));
    renderScreen(<SignInPage />);
    await submit();
    expect((await screen.findByRole('alert')).textContent).toContain('Try again in 42 seconds.');
  });

  it('lets people with several organisations choose one', async () => {
    server.on((request) => {
      const { tenant } = request.body as { tenant?: string };
      if (tenant === undefined) return problem(409, 'TENANT_CHOICE_REQUIRED', { tenants: [{ slug: 'a', name: 'Alpha' }, { slug: 'b', name: 'Beta' }] });
      return jsonResponse(200, { ...signInBody(), tenant: { slug: tenant, name: 'Beta' } });
    });
    renderScreen(<SignInPage />);
    await submit();
    await user.click(await screen.findByRole('radio', { name: 'Beta' }));
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    await eventually(() => expect(session.state()).toMatchObject({ kind: 'SIGNED_IN', session: { tenant: { slug: 'b' } } }));
    expect(server.of('/auth/sign-in').at(-1)?.body).toEqual({ email: 'ann@example.org', password: 'correct horse battery', tenant: 'b' });
  });

  it('takes the invitation’s token out of the address before anything else', async () => {
    window.history.replaceState(null, '', '/accept-invitation#secret-token');
    server.json('POST', '/auth/invitations/inspect', 200, { email: 'new@example.org', role: 'RADIOLOGIST', tenant: { name: 'Alpha' }, expires_at: '2026-12-24T00:00:00Z' });
    renderScreen(<AcceptInvitationPage />);
    expect(await screen.findByText('You were invited to Alpha as Radiologist.')).toBeTruthy();
    expect(window.location.href).not.toContain('secret-token');
    expect(server.requests.every((request) => !request.path.includes('secret-token'))).toBe(true);
    await user.type(screen.getByLabelText(/Your name/), 'Dr. New');
    await user.type(screen.getByLabelText('New password'), 'short');
    await user.click(screen.getByRole('button', { name: 'Accept and sign in' }));
    expect(screen.getAllByText(/At least 10 characters/).length).toBeGreaterThan(1);
    expect(server.of('/auth/invitations/accept')).toEqual([]);
  });

  it('says that an invitation is over', async () => {
    window.history.replaceState(null, '', '/accept-invitation#old-token');
    server.on(() => problem(410, 'INVITATION_EXPIRED'));
    renderScreen(<AcceptInvitationPage />);
    expect((await screen.findByRole('alert')).textContent).toContain('expired or was already used');
  });

  it('asks for the password over the page when the session has ended', async () => {
    server.on((request) => (request.path === '/auth/refresh' ? problem(401, 'SESSION_REVOKED') : undefined));
    await signIn(server);
    renderScreen(<SessionExpired />);
    // Never settles before the password is given: a request waits with it.
    const waiting = session.accessTokenAfter('token-1');
    await eventually(() => expect(session.state().kind).toBe('EXPIRED'));
    await user.type(await screen.findByLabelText('Password'), 'correct horse battery');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await waiting).toBe('token-1');
    expect(server.of('/auth/sign-in').at(-1)?.body).toMatchObject({ email: 'person@example.org', tenant: 'demo' });
  });
});
