/** Requests in the name of whoever is signed in. */
import { ApiError, send, type RequestOptions } from './request';
import { session } from './session';

/** As `send`, with a bearer token; one that was refused is renewed once. */
export async function sendAuthorised(path: string, options: Omit<RequestOptions, 'token'> = {}): Promise<Response> {
  const token = await session.accessToken();
  try {
    return await send(path, { ...options, token });
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.code !== 'NOT_AUTHENTICATED') throw cause;
    return send(path, { ...options, token: await session.accessTokenAfter(token) });
  }
}

export async function authorisedJson<T>(path: string, options: Omit<RequestOptions, 'token'> = {}): Promise<T> {
  const response = await sendAuthorised(path, options);
  try {
    return (await response.json()) as T;
  } catch {
    throw new ApiError('UNEXPECTED_ANSWER', 'the answer is not JSON', { status: response.status });
  }
}

/** Fetches a protected file (a PDF, a thumbnail) for use as an object URL. */
export async function authorisedBlob(path: string, signal?: AbortSignal): Promise<Blob> {
  return (await sendAuthorised(path, { signal })).blob();
}
