/** The reading room: the worklist, and one case beside its images (`lazyRouteComponent`, the viewer is heavy). */
import { createRoute } from '@tanstack/react-router';
import { NoSuchPage } from '@/features/shell';
import { requireRole } from './guards';
import { signedInRoute } from './root';

export const worklistRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/worklist',
  beforeLoad: ({ location }) => requireRole(['RADIOLOGIST', 'TENANT_ADMIN'], location.href),
  component: NoSuchPage,
});

export const readRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/read/$caseId',
  beforeLoad: ({ location }) => requireRole(['RADIOLOGIST', 'TENANT_ADMIN'], location.href),
  component: NoSuchPage,
});
