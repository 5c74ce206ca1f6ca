/** The administrator's pages, side by side. */
import { Link, Outlet } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import classes from './AdminLayout.module.css';

const PAGES = [
  { to: '/admin/members', label: 'admin.members.title' },
  { to: '/admin/facilities', label: 'admin.facilities.title' },
  { to: '/admin/jobs', label: 'admin.jobs.title' },
  { to: '/admin/audit', label: 'admin.audit.title' },
  { to: '/admin/quarantine', label: 'admin.quarantine.title' },
  { to: '/admin/dicom-nodes', label: 'admin.nodes.title' },
  { to: '/admin/deleted', label: 'admin.trash.title' },
  { to: '/admin/api-keys', label: 'admin.apiKeys.title' },
] as const;

export function AdminLayout() {
  const { t } = useTranslation();
  return (
    <>
      <nav aria-label={t('admin.navigation')} className={classes.nav}>
        {PAGES.map(({ to, label }) => (
          <Link key={to} to={to} className={classes.link} activeProps={{ 'data-active': true, 'aria-current': 'page' }}>
            {t(label)}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  );
}
