/** Every page of somebody signed in: header, live feed, and the overlay that asks for the password again. */
import { Outlet } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Provider } from 'urql';
import { changes } from '@/api/changes';
import { createGraphqlClient } from '@/api/graphql';
import { useSession, useSessionState } from '@/api/useLive';
import { SessionExpired } from '@/features/auth';
import { Header } from './Header';
import { OfflineBanner } from './OfflineBanner';
import classes from './SignedInLayout.module.css';

export function SignedInLayout() {
  const state = useSessionState();
  // Signing out: the router leaves for the sign-in page in the next moment.
  if (state.kind !== 'SIGNED_IN' && state.kind !== 'EXPIRED') return null;
  const { user, tenant } = state.session;
  return <Frame key={`${user.id} ${tenant?.slug ?? ''}`} />;
}

/** Made anew for each person and tenant: nothing of one is ever shown to another. */
function Frame() {
  const { t } = useTranslation();
  const { tenant } = useSession();
  const client = useMemo(() => createGraphqlClient(), []);
  const inTenant = tenant !== null;
  useEffect(() => {
    // The operator works outside every tenant; there is no feed to follow.
    if (!inTenant) return undefined;
    changes.open();
    const retry = () => changes.retryNow();
    window.addEventListener('online', retry);
    return () => {
      window.removeEventListener('online', retry);
      changes.close();
    };
  }, [inTenant]);
  return (
    <Provider value={client}>
      <a className="skip-link" href="#content">{t('shell.skipToContent')}</a>
      <div className={classes.frame}>
        <Header />
        <OfflineBanner />
        <main id="content" className={classes.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <SessionExpired />
    </Provider>
  );
}
