/** The reading room: the worklist, and one case beside its images (the viewer inside it is loaded when first shown). */
import { createRoute } from '@tanstack/react-router';
import { ReadingScreen } from '@/features/reporting';
import { VIEWS, WorklistScreen, type WorklistView } from '@/features/worklist';
import { requireRole } from './guards';
import { signedInRoute } from './root';

export const worklistRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/worklist',
  // The view is in the address; what is typed into the filter may be a patient's name and is not.
  validateSearch: (search): { view?: WorklistView } => {
    const view = VIEWS.find((known) => known === search.view);
    return view === undefined ? {} : { view };
  },
  beforeLoad: ({ location }) => requireRole(['RADIOLOGIST', 'TENANT_ADMIN'], location.href),
  component: Worklist,
});

function Worklist() {
  const { view = 'open' } = worklistRoute.useSearch();
  return <WorklistScreen view={view} />;
}

export const readRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/read/$caseId',
  beforeLoad: ({ location }) => requireRole(['RADIOLOGIST', 'TENANT_ADMIN'], location.href),
  component: Read,
});

function Read() {
  const { caseId } = readRoute.useParams();
  return <ReadingScreen caseId={caseId} />;
}
