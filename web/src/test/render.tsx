/** Renders a screen the way the portal does: theme, dialogs, messages, GraphQL client, router, a session. */
import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from '@tanstack/react-router';
import { render, type RenderResult } from '@testing-library/react';
import type { ReactElement } from 'react';
import { Provider } from 'urql';
import { createGraphqlClient } from '@/api/graphql';
import { session, type SignInBody } from '@/api/session';
import type { Role } from '@/gql/enums';
import { cssVariables, theme } from '@/theme/theme';
import { jsonResponse, type TestServer } from './server';

export function signInBody(role: Role = 'FACILITY_STAFF'): SignInBody {
  return {
    access_token: 'token-1',
    token_type: 'Bearer',
    expires_in: 600,
    role,
    tenant: role === 'OPERATOR' ? null : { slug: 'demo', name: 'Demo Radiology' },
    user: { id: 'user_1', name: 'Test Person', email: 'person@example.org' },
  };
}

/** Signs in at the test server, so that screens find a session. */
export async function signIn(server: TestServer, role: Role = 'FACILITY_STAFF'): Promise<void> {
  server.on((request) => (request.path === '/auth/sign-in' ? jsonResponse(200, signInBody(role)) : undefined));
  await session.signIn('person@example.org', 'a long enough password');
}

/** `path` and `search` are where the screen believes it is. */
export function renderScreen(screen: ReactElement, url = '/'): RenderResult {
  const root = createRootRoute({ component: Outlet });
  const any = createRoute({ getParentRoute: () => root, path: '$', component: () => screen });
  const home = createRoute({ getParentRoute: () => root, path: '/', component: () => screen });
  const router = createRouter({
    routeTree: root.addChildren([home, any]),
    history: createMemoryHistory({ initialEntries: [url] }),
  });
  return render(
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} forceColorScheme="dark" env="test">
      <ModalsProvider>
        <Notifications />
        <Provider value={createGraphqlClient()}>
          <RouterProvider router={router as never} />
        </Provider>
      </ModalsProvider>
    </MantineProvider>,
  );
}
