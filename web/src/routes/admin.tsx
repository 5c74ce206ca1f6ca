/** The administrator's pages, and the operator's. */
import { createRoute } from '@tanstack/react-router';
import { NoSuchPage } from '@/features/shell';
import { requireRole } from './guards';
import { signedInRoute } from './root';

export const adminRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/admin',
  beforeLoad: ({ location }) => requireRole(['TENANT_ADMIN'], location.href),
  component: NoSuchPage,
});

export const platformRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/platform',
  beforeLoad: ({ location }) => requireRole(['OPERATOR'], location.href),
  component: NoSuchPage,
});
