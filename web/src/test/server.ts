/**
 * A program at the network's edge for tests: answers `fetch` (and nothing else of ours is replaced).
 * A request no handler wants fails the test that made it.
 */
import { vi } from 'vitest';

export interface ServedRequest {
  method: string;
  path: string;
  headers: Headers;
  /** Parsed JSON, or the text. */
  body: unknown;
}

type Handler = (request: ServedRequest) => Response | Promise<Response> | undefined;

export class TestServer {
  readonly requests: ServedRequest[] = [];
  private readonly handlers: Handler[] = [];

  constructor() {
    vi.stubGlobal('fetch', (input: RequestInfo | URL, init: RequestInit = {}) => this.answer(String(input), init));
  }

  on(handler: Handler): this {
    this.handlers.unshift(handler);
    return this;
  }

  /** Answers one HTTP route with JSON. */
  json(method: string, path: string, status: number, body: unknown): this {
    return this.on((request) => (request.method === method && request.path === path ? jsonResponse(status, body) : undefined));
  }

  /** Answers one GraphQL operation by its name, with `data` or a whole answer. */
  graphql(operation: string, answer: (variables: Record<string, unknown>) => { data?: unknown; errors?: unknown }): this {
    return this.on((request) => {
      const body = request.body as { query?: string; variables?: Record<string, unknown> } | undefined;
      const named = new RegExp(`(query|mutation) ${operation}\\b`);
      if (request.path !== '/graphql' || !named.test(body?.query ?? '')) return undefined;
      return jsonResponse(200, answer(body?.variables ?? {}));
    });
  }

  of(path: string): ServedRequest[] {
    return this.requests.filter((request) => request.path === path);
  }

  private async answer(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const text = typeof init.body === 'string' ? init.body : undefined;
    const body = headers.get('Content-Type') === 'application/json' && text !== undefined ? JSON.parse(text) : text;
    const request: ServedRequest = { method: init.method ?? 'GET', path: path.replace(/^https?:\/\/[^/]+/, ''), headers, body };
    this.requests.push(request);
    for (const handler of this.handlers) {
      const response = await handler(request);
      if (response !== undefined) return response;
    }
    throw new TypeError(`no handler for ${request.method} ${request.path}`);
  }
}

export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(status === 204 ? null : JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

export function problem(status: number, code: string, more: Record<string, unknown> = {}): Response {
  return jsonResponse(status, { type: 'about:blank', title: code, status, detail: code, code, ...more });
}

/** `XMLHttpRequest` by way of the stubbed `fetch`: what a screen uploads reaches the same handlers. */
export class TestXhr extends EventTarget {
  status = 0;
  responseText = '';
  readonly upload = new EventTarget();
  private readonly headers: Record<string, string> = {};
  private readonly aborted = new AbortController();
  private answered: Headers = new Headers();
  private target = '';
  private method = '';

  open(method: string, path: string): void {
    this.method = method;
    this.target = path;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  getResponseHeader(name: string): string | null {
    return this.answered.get(name);
  }

  abort(): void {
    this.aborted.abort();
    this.dispatchEvent(new Event('abort'));
  }

  async send(body: Blob): Promise<void> {
    try {
      const response = await fetch(this.target, { method: this.method, headers: this.headers, body: await body.text() });
      this.status = response.status;
      this.answered = response.headers;
      this.responseText = await response.text();
    } catch {
      if (!this.aborted.signal.aborted) this.dispatchEvent(new Event('error'));
      return;
    }
    if (this.aborted.signal.aborted) return;
    this.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded: body.size }));
    this.dispatchEvent(new Event('load'));
  }
}
