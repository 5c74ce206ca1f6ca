/** The imaging centre's pages: its cases and the upload. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { NoSuchPage } from '@/features/shell';
import { requireRole } from './guards';
import { signedInRoute } from './root';

export const casesRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/cases',
  beforeLoad: ({ location }) => requireRole(['FACILITY_STAFF', 'TENANT_ADMIN', 'RADIOLOGIST'], location.href),
  component: NoSuchPage,
});

export const caseRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/cases/$caseId',
  beforeLoad: ({ location }) => requireRole(['FACILITY_STAFF', 'TENANT_ADMIN', 'RADIOLOGIST'], location.href),
  component: NoSuchPage,
});

export const uploadRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/upload',
  beforeLoad: ({ location }) => requireRole(['FACILITY_STAFF', 'TENANT_ADMIN'], location.href),
  component: lazyRouteComponent(() => import('@/features/upload'), 'UploadPage'),
});
