/** Providers of the whole portal, and the choice between starting, out of reach, and its pages. */
import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useSessionState } from '@/api/useLive';
import { Starting, Unreachable } from '@/features/shell';
import { cssVariables, theme } from '@/theme/theme';
import { router } from './router';

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} forceColorScheme="dark">
      <ModalsProvider>
        <Notifications position="bottom-right" limit={4} />
        <Pages />
      </ModalsProvider>
    </MantineProvider>
  );
}

function Pages() {
  const { kind } = useSessionState();
  useEffect(() => {
    // The guards of the routes look at the session; ask them again when it changes.
    void router.invalidate();
  }, [kind]);
  if (kind === 'STARTING') return <Starting />;
  if (kind === 'UNREACHABLE') return <Unreachable />;
  return <RouterProvider router={router} />;
}
