/**
 * The one way the portal speaks HTTP.
 *
 * **Invariant:** every failure that leaves this module is an `ApiError` with a code the portal has words for.
 * **Invariant:** no request carries patient data in its URL.
 */
import type { ErrorCode } from '@/gql/enums';

/** What can go wrong before the program could answer. */
export type LocalErrorCode = 'OFFLINE' | 'UNEXPECTED_ANSWER' | 'SIGNED_OUT';

/** A request that did not do what was asked. */
export class ApiError extends Error {
  readonly code: ErrorCode | LocalErrorCode;
  /** HTTP status, 0 when there was no answer. */
  readonly status: number;
  /** The rest of the problem document or of GraphQL's `extensions` (holder, fields, revision, tenants …). */
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | null;

  constructor(
    code: ErrorCode | LocalErrorCode,
    message: string,
    about: { status?: number; extensions?: Record<string, unknown>; retryAfterSeconds?: number | null } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = about.status ?? 0;
    this.extensions = about.extensions ?? {};
    this.retryAfterSeconds = about.retryAfterSeconds ?? null;
  }

  /** Names of the input fields the program refused. */
  get fields(): string[] {
    const fields = this.extensions.fields;
    if (Array.isArray(fields)) return fields.filter((field): field is string => typeof field === 'string');
    return fields !== null && typeof fields === 'object' ? Object.keys(fields) : [];
  }
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Sent as `application/json`. */
  json?: unknown;
  /** The bearer token; left out where the refresh cookie or nothing is enough. */
  token?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** The request outlives the page that sends it. */
  keepalive?: boolean;
}

/** Sends a request and returns the answer, whatever its body. Throws `ApiError` for anything but 2xx. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  if (options.token !== undefined) headers.set('Authorization', `Bearer ${options.token}`);
  if (options.json !== undefined) headers.set('Content-Type', 'application/json');
  let response: Response;
  try {
    response = await fetch(path, {
      method: options.method ?? (options.json === undefined ? 'GET' : 'POST'),
      headers,
      body: options.json === undefined ? undefined : JSON.stringify(options.json),
      signal: options.signal,
      keepalive: options.keepalive,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
    });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiError('OFFLINE', 'the program cannot be reached');
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** As `send`, for answers in JSON. */
export async function sendForJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  try {
    return (await response.json()) as T;
  } catch {
    throw new ApiError('UNEXPECTED_ANSWER', 'the answer is not JSON', { status: response.status });
  }
}

/** Reads a problem document (RFC 9457). A proxy's own page has none: then the status decides. */
export async function problemOf(response: Response): Promise<ApiError> {
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    // Not a problem document; the status is all there is.
  }
  return problemFrom(response.status, body, response.headers.get('Retry-After'));
}

/** As `problemOf`, for a transport that is not `fetch`. */
export function problemFrom(status: number, body: unknown, retryAfter: string | null): ApiError {
  const document = (body !== null && typeof body === 'object' ? body : {}) as Record<string, unknown>;
  const retryAfterSeconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  return new ApiError(
    typeof document.code === 'string' ? (document.code as ErrorCode) : codeOfStatus(status),
    typeof document.detail === 'string' ? document.detail : `HTTP status ${status}`,
    { status, extensions: document, retryAfterSeconds: Number.isFinite(retryAfterSeconds) ? retryAfterSeconds : null },
  );
}

function codeOfStatus(status: number): ErrorCode | LocalErrorCode {
  switch (status) {
    case 401:
      return 'NOT_AUTHENTICATED';
    case 403:
      return 'FORBIDDEN';
    case 404:
      return 'NOT_FOUND';
    case 413:
      return 'PAYLOAD_TOO_LARGE';
    case 429:
      return 'RATE_LIMITED';
    case 502:
    case 503:
    case 504:
      return 'OFFLINE';
    case 507:
      return 'STORAGE_FULL';
    default:
      return 'UNEXPECTED_ANSWER';
  }
}
