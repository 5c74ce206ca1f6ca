/** Which pages each role works in. The program decides what each may do; this only leaves out what would be refused. */
import type { Role } from '@/gql/enums';

const pages = {
  worklist: { to: '/worklist', label: 'shell.worklist' },
  cases: { to: '/cases', label: 'shell.cases' },
  upload: { to: '/upload', label: 'shell.upload' },
  admin: { to: '/admin', label: 'shell.admin' },
  platform: { to: '/platform', label: 'shell.platform' },
} as const;

export type PageLink = (typeof pages)[keyof typeof pages];

const pagesByRole: Record<Role, readonly PageLink[]> = {
  FACILITY_STAFF: [pages.cases, pages.upload],
  RADIOLOGIST: [pages.worklist, pages.cases],
  TENANT_ADMIN: [pages.cases, pages.upload, pages.worklist, pages.admin],
  OPERATOR: [pages.platform],
};

export function pagesOf(role: Role): readonly PageLink[] {
  return pagesByRole[role];
}

/** Where `/` leads. */
export function homeOf(role: Role): PageLink['to'] {
  return pagesByRole[role][0]?.to ?? '/cases';
}
