/** Who may open a route. The program checks again at every request; this only sends people where they belong. */
import { redirect } from '@tanstack/react-router';
import { session, type Session } from '@/api/session';
import { homeOf } from '@/features/shell';
import type { Role } from '@/gql/enums';

/** The session, also while it waits for its password; without one the way leads to sign-in and back. */
export function requireSession(href: string): Session {
  const state = session.state();
  if (state.kind === 'SIGNED_IN' || state.kind === 'EXPIRED') return state.session;
  throw redirect({ to: '/sign-in', search: href === '/' ? {} : { next: href }, replace: true });
}

export function requireRole(roles: readonly Role[], href: string): void {
  const { role } = requireSession(href);
  if (!roles.includes(role)) throw redirect({ to: homeOf(role), replace: true });
}

/** Only paths of this portal; `//elsewhere` and absolute addresses are not followed. */
export function safeNext(next: unknown): string | undefined {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : undefined;
}
