/** The URLs of the portal. Routes are thin: they guard, read the address and show one screen of one feature. */
import { createRouter } from '@tanstack/react-router';
import { Crashed, NoSuchPage, Starting } from '@/features/shell';
import { adminRoute, platformRoute } from './routes/admin';
import { caseRoute, casesRoute, uploadRoute } from './routes/facility';
import { readRoute, worklistRoute } from './routes/reading';
import { acceptInvitationRoute, homeRoute, rootRoute, signedInRoute, signInRoute } from './routes/root';

const routeTree = rootRoute.addChildren([
  signInRoute,
  acceptInvitationRoute,
  signedInRoute.addChildren([
    homeRoute,
    worklistRoute,
    readRoute,
    casesRoute,
    caseRoute,
    uploadRoute,
    adminRoute,
    platformRoute,
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPendingComponent: Starting,
  defaultNotFoundComponent: NoSuchPage,
  // A page that fails leaves the header and the way out standing.
  defaultErrorComponent: Crashed,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
