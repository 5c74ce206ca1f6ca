import { createRootRoute, createRoute, Outlet, redirect } from '@tanstack/react-router';
import { session } from '@/api/session';
import { AcceptInvitationPage, SignInPage } from '@/features/auth';
import { Crashed, homeOf, NoSuchPage, SignedInLayout } from '@/features/shell';
import { requireSession, safeNext } from './guards';

export const rootRoute = createRootRoute({
  component: Outlet,
  notFoundComponent: NoSuchPage,
  errorComponent: Crashed,
});

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search): { next?: string } => {
    const next = safeNext(search.next);
    return next === undefined ? {} : { next };
  },
  beforeLoad: ({ search }) => {
    const state = session.state();
    if (state.kind === 'SIGNED_IN') throw redirect({ href: search.next ?? homeOf(state.session.role), replace: true });
  },
  component: SignInPage,
});

export const acceptInvitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/accept-invitation',
  component: AcceptInvitationPage,
});

/** Parent of every page that needs somebody signed in. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: ({ location }) => {
    requireSession(location.href);
  },
  component: SignedInLayout,
});

export const homeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  beforeLoad: ({ location }) => {
    throw redirect({ to: homeOf(requireSession(location.href).role), replace: true });
  },
});
