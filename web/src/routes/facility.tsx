/** The imaging centre's pages: its cases and the upload. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
// Not by the feature's index: that would load the feature with the first page.
import { parseCasesSearch } from '@/features/cases/casesSearch';
import { requireRole } from './guards';
import { signedInRoute } from './root';

export const casesRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/cases',
  validateSearch: parseCasesSearch,
  beforeLoad: ({ location }) => requireRole(['FACILITY_STAFF', 'TENANT_ADMIN', 'RADIOLOGIST'], location.href),
  component: lazyRouteComponent(() => import('@/features/cases'), 'CasesScreen'),
});

export const caseRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/cases/$caseId',
  beforeLoad: ({ location }) => requireRole(['FACILITY_STAFF', 'TENANT_ADMIN', 'RADIOLOGIST'], location.href),
  component: lazyRouteComponent(() => import('@/features/cases'), 'CaseScreen'),
});

export const uploadRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/upload',
  beforeLoad: ({ location }) => requireRole(['FACILITY_STAFF', 'TENANT_ADMIN'], location.href),
  component: lazyRouteComponent(() => import('@/features/upload'), 'UploadPage'),
});
