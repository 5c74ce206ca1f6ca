/** Sends a large body and tells how much of it has left. `fetch` cannot; this is the one use of XMLHttpRequest. */
import { ApiError, problemFrom } from './request';
import { session } from './session';

export interface PostOptions {
  headers: Record<string, string>;
  signal: AbortSignal;
  /** Bytes of the body sent so far. */
  onProgress(sent: number): void;
  /** Statuses besides 2xx whose body is the answer, not a problem. */
  answers?: readonly number[];
}

export interface PostAnswer {
  status: number;
  body: unknown;
}

/** Posts in the name of whoever is signed in. Throws `ApiError`, or the signal's reason when aborted. */
export async function postWithProgress(path: string, body: Blob, options: PostOptions): Promise<PostAnswer> {
  const token = await session.accessToken();
  try {
    return await post(path, body, token, options);
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.code !== 'NOT_AUTHENTICATED') throw cause;
    return post(path, body, await session.accessTokenAfter(token), options);
  }
}

function post(path: string, body: Blob, token: string, options: PostOptions): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    if (options.signal.aborted) {
      reject(options.signal.reason);
      return;
    }
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const settle = (act: () => void) => {
      options.signal.removeEventListener('abort', abort);
      act();
    };
    request.open('POST', path);
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    for (const [name, value] of Object.entries(options.headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', (event) => options.onProgress(event.loaded));
    request.addEventListener('load', () =>
      settle(() => {
        const answer = parsed(request.responseText);
        const good = (request.status >= 200 && request.status < 300) || options.answers?.includes(request.status) === true;
        if (good && answer !== undefined) resolve({ status: request.status, body: answer });
        else reject(problemFrom(request.status, answer, request.getResponseHeader('Retry-After')));
      }),
    );
    request.addEventListener('error', () => settle(() => reject(new ApiError('OFFLINE', 'the connection was lost'))));
    request.addEventListener('timeout', () => settle(() => reject(new ApiError('OFFLINE', 'the connection timed out'))));
    request.addEventListener('abort', () => settle(() => reject(options.signal.reason)));
    options.signal.addEventListener('abort', abort);
    request.send(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
