import type { Problem } from './types';

/** What every request that did not succeed is thrown as. `status` is 0 when the server was not reached. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = 'ApiError';
    this.status = problem.status;
    this.problem = problem;
  }

  /** The first message of each field by its name, from the pointers of the problem ("/phone" or "#/phone"). */
  fieldErrors(): Record<string, string> {
    const byField: Record<string, string> = {};
    for (const error of this.problem.errors ?? []) {
      byField[error.pointer.replace(/^#?\//, '').split('/')[0] ?? ''] ??= error.message;
    }
    return byField;
  }
}

type SessionEndListener = () => void;
const sessionEndListeners = new Set<SessionEndListener>();

/** Called when any request is refused because nobody is logged in any more. */
export function onSessionEnd(listener: SessionEndListener): () => void {
  sessionEndListeners.add(listener);
  return () => sessionEndListeners.delete(listener);
}

export interface RequestOptions {
  body?: unknown;
  /** The version the change was made from; sent as If-Match. */
  version?: number;
  signal?: AbortSignal;
  /** The request outlives the page, as the last word of one that closes. */
  keepalive?: boolean;
  /** A 401 is an answer here, not the end of the session (log-in, asking who I am). */
  anonymous?: boolean;
}

const root = '/api/v1';

export type Query = Record<string, string | number | boolean | undefined | null>;

/** `/leads` with `{limit: 50}` → `/api/v1/leads?limit=50`; empty parameters are left out. */
export function urlOf(path: string, query?: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return `${root}${path}${text ? `?${text}` : ''}`;
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = { type: 'about:blank', title: response.statusText, status: response.status };
  try {
    return { ...fallback, ...((await response.json()) as Partial<Problem>), status: response.status };
  } catch {
    return fallback;
  }
}

async function send<T>(method: string, url: string, options: RequestOptions = {}): Promise<T> {
  const headers: Record<string, string> = {
    Accept: 'application/json',
    'Accept-Language': document.documentElement.lang,
  };
  if (method !== 'GET') headers['X-Requested-With'] = 'guantong';
  if (options.version !== undefined) headers['If-Match'] = `"${options.version}"`;
  let body: BodyInit | undefined;
  if (options.body instanceof FormData) {
    body = options.body;
  } else if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(url, { method, headers, body, signal: options.signal, keepalive: options.keepalive, credentials: 'same-origin' });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError({ type: 'network', title: 'network', status: 0 });
  }
  if (!response.ok) {
    if (response.status === 401 && !options.anonymous) sessionEndListeners.forEach((listener) => listener());
    throw new ApiError(await problemOf(response));
  }
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export const api = {
  get: <T>(path: string, query?: Query, options?: RequestOptions) => send<T>('GET', urlOf(path, query), options),
  post: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    send<T>('POST', urlOf(path), { ...options, body }),
  put: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    send<T>('PUT', urlOf(path), { ...options, body }),
  patch: <T>(path: string, body: unknown, options?: RequestOptions) =>
    send<T>('PATCH', urlOf(path), { ...options, body }),
  delete: <T>(path: string, options?: RequestOptions) => send<T>('DELETE', urlOf(path), options),
};
