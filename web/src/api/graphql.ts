/** The GraphQL client: one per signed-in person, so that no answer outlives who asked for it. */
import { cacheExchange, Client, type CombinedError, fetchExchange, type OperationResult } from 'urql';
import type { ErrorCode } from '@/gql/enums';
import { ApiError } from './request';
import { session } from './session';

export function createGraphqlClient(): Client {
  return new Client({
    url: '/graphql',
    exchanges: [cacheExchange, fetchExchange],
    fetch: authorisedFetch,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
  });
}

/** Adds the bearer token; when the program refuses it, renews it and asks once more. */
async function authorisedFetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const token = await session.accessToken();
  const response = await fetchWith(input, init, token);
  if (!(await isRefusal(response))) return response;
  return fetchWith(input, init, await session.accessTokenAfter(token));
}

function fetchWith(input: RequestInfo | URL, init: RequestInit, token: string): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Authorization', `Bearer ${token}`);
  headers.set('Content-Type', 'application/json');
  // urql builds its own request; `request.ts` would read the body before urql can.
  // oxlint-disable-next-line no-restricted-globals
  return fetch(input, { ...init, headers, credentials: 'same-origin' });
}

/** The program refuses a token by status on HTTP, or by code inside a GraphQL answer. */
async function isRefusal(response: Response): Promise<boolean> {
  if (response.status === 401) return true;
  if (!response.ok) return false;
  const text = await response.clone().text();
  // Every GraphQL answer passes here; only those with errors are worth parsing.
  return text.includes('"NOT_AUTHENTICATED"') && text.includes('"errors"');
}

/** The first error of a GraphQL answer, in the portal's terms. */
export function apiErrorOf(error: CombinedError): ApiError {
  if (error.networkError instanceof ApiError) return error.networkError;
  const first = error.graphQLErrors[0];
  if (first !== undefined) {
    const code = first.extensions.code;
    return new ApiError(typeof code === 'string' ? (code as ErrorCode) : 'UNEXPECTED_ANSWER', first.message, {
      status: (error.response as Response | undefined)?.status,
      extensions: first.extensions,
    });
  }
  const status = (error.response as Response | undefined)?.status ?? 0;
  if (status >= 400) return new ApiError(status >= 502 && status <= 504 ? 'OFFLINE' : 'UNEXPECTED_ANSWER', error.message, { status });
  return new ApiError('OFFLINE', error.message);
}

/** A mutation's data, or its `ApiError` thrown. */
export function dataOf<T>(result: OperationResult<T>): T {
  if (result.error !== undefined) throw apiErrorOf(result.error);
  if (result.data === undefined) throw new ApiError('UNEXPECTED_ANSWER', 'an answer without data');
  return result.data;
}

