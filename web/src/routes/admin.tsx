/** The administrator's pages, and the operator's. */
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
// Not by the feature's index: that would load the feature with the first page.
import { parseAuditSearch, parseJobsSearch } from '@/features/admin/adminSearch';
import { requireRole } from './guards';
import { signedInRoute } from './root';

const load = () => import('@/features/admin');

const adminRoot = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/admin',
  beforeLoad: ({ location }) => requireRole(['TENANT_ADMIN'], location.href),
  component: lazyRouteComponent(load, 'AdminLayout'),
});

const under = { getParentRoute: () => adminRoot } as const;

export const adminRoute = adminRoot.addChildren([
  createRoute({
    ...under,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: '/admin/members', replace: true });
    },
  }),
  createRoute({ ...under, path: '/members', component: lazyRouteComponent(load, 'MembersScreen') }),
  createRoute({ ...under, path: '/facilities', component: lazyRouteComponent(load, 'FacilitiesScreen') }),
  createRoute({ ...under, path: '/jobs', validateSearch: parseJobsSearch, component: lazyRouteComponent(load, 'JobsScreen') }),
  createRoute({ ...under, path: '/audit', validateSearch: parseAuditSearch, component: lazyRouteComponent(load, 'AuditScreen') }),
  createRoute({ ...under, path: '/quarantine', component: lazyRouteComponent(load, 'QuarantineScreen') }),
  createRoute({ ...under, path: '/dicom-nodes', component: lazyRouteComponent(load, 'DicomNodesScreen') }),
  createRoute({ ...under, path: '/deleted', component: lazyRouteComponent(load, 'TrashScreen') }),
  createRoute({ ...under, path: '/api-keys', component: lazyRouteComponent(load, 'ApiKeysScreen') }),
]);

export const platformRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/platform',
  beforeLoad: ({ location }) => requireRole(['OPERATOR'], location.href),
  component: lazyRouteComponent(() => import('@/features/platform'), 'PlatformScreen'),
});
