// Calls to the HTTP API: cookie, CSRF header, deadline, and problems as typed errors. Knows no endpoint's meaning.

export interface FieldProblem { field: string; problem: string }

/** An error as the server states it (RFC 9457), or `network`/`timeout` where no answer came. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: FieldProblem[];
  readonly findings: { at: string; message: string; severity: string }[];
  readonly retry_after_s: number | null;

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body['detail'] ?? body['title'] ?? body['code'] ?? `HTTP ${status}`));
    this.status = status;
    this.code = String(body['code'] ?? 'unknown');
    this.fields = (body['fields'] as FieldProblem[] | undefined) ?? [];
    this.findings = (body['findings'] as Problem['findings'] | undefined) ?? [];
    this.retry_after_s = (body['retry_after_s'] as number | undefined) ?? null;
  }
}

export const BASE = '/api/v1';
const DEADLINE_MS = 20_000;
let csrf = '';
let skewMs = 0;
let onUnauthorized: () => void = () => {};

export function setCsrf(value: string): void { csrf = value; }
export function setUnauthorized(handler: () => void): void { onUnauthorized = handler; }
/** The server's clock in milliseconds, as well as the Date header lets us know it. */
export function serverNow(): number { return Date.now() + skewMs; }

function learnClock(response: Response): void {
  const date = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(date)) return;
  const skew = date + 500 - Date.now();
  skewMs = Math.abs(skew) > 2_500 ? skew : 0;
}

async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const known = body !== null && typeof body === 'object' ? (body as Record<string, unknown>) : {};
  const retry = Number(response.headers.get('retry-after'));
  return new Problem(response.status, retry > 0 ? { retry_after_s: retry, ...known } : known);
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') headers['x-csrf-token'] = csrf;
  const form = body instanceof FormData;
  if (body !== undefined && !form) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method, headers, credentials: 'same-origin',
      body: form ? body : body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(form ? DEADLINE_MS * 6 : DEADLINE_MS),
    });
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new Problem(0, { code: late ? 'timeout' : 'network' });
  }
  learnClock(response);
  if (!response.ok) {
    if (response.status === 401 && path !== '/session') onUnauthorized();
    throw await problemOf(response);
  }
  return response;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await send(method, path, body);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export const api = {
  get: <T>(path: string): Promise<T> => call<T>('GET', path),
  post: <T = unknown>(path: string, body?: unknown): Promise<T> => call<T>('POST', path, body),
  put: <T = unknown>(path: string, body?: unknown): Promise<T> => call<T>('PUT', path, body),
  delete: <T = unknown>(path: string): Promise<T> => call<T>('DELETE', path),
};

/** One path segment, or a query value, safely encoded. */
export const seg = (value: string): string => encodeURIComponent(value);
/** "workgroup/queue" as two encoded segments. */
export const queuePath = (id: string): string => id.split('/').map(encodeURIComponent).join('/');
/** A query string of the values that are there. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const set = Object.entries(values).filter(([, v]) => v !== undefined && v !== null && v !== '');
  return set.length === 0 ? '' : '?' + set.map(([k, v]) => `${k}=${seg(String(v))}`).join('&');
}
