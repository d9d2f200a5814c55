// Requests to the HTTP API with a deadline each; every failure becomes a `Problem` with a stable code. No state, no retries.
import type { FieldProblem } from "./wire.ts";

const TIMEOUT_MS = 20_000;

/** A refusal or a failure. `code` is the server's, or `network` when nothing came back. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status = 0,
    readonly body: { fields?: FieldProblem[]; retry_after_s?: number; opens_at?: string; detail?: string } = {},
  ) {
    super(body.detail ?? code);
  }
  /** Whether the same request may succeed later without a change. */
  get passing(): boolean {
    // `not_yours`: the room is open but the visitor is not inside yet.
    return this.status === 0 || this.code === "not_yours" || this.status === 429 || (this.status >= 500 && !["queue_closed", "queue_full", "not_configured"].includes(this.code));
  }
  /** Whether the visit that the token stood for is no more. */
  get gone(): boolean {
    return this.status === 401 || (this.status === 404 && this.code === "not_found") || this.status === 410;
  }
}

/** Makes a `Problem` from whatever was thrown. */
export const problem = (thrown: unknown): Problem => (thrown instanceof Problem ? thrown : new Problem("network"));

const refusal = async (response: Response): Promise<Problem> => {
  const body = await response.json().catch(() => ({}));
  const after = Number(response.headers.get("retry-after"));
  if (body.retry_after_s === undefined && after > 0) body.retry_after_s = after;
  return new Problem(typeof body.code === "string" ? body.code : "internal", response.status, body);
};

/** A random id; `crypto.randomUUID` exists on encrypted pages only. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The page the visitor looks at, without what stands behind the question mark: that may be private. */
export const page = (): { url: string; title: string; referrer: string } => ({
  url: location.origin + location.pathname,
  title: document.title.slice(0, 200),
  referrer: document.referrer.split(/[?#]/, 1)[0]!.slice(0, 500),
});

export class Api {
  /** @param base address of the API, ending in a slash */
  constructor(readonly base: string) {}

  async fetch(method: string, path: string, token?: string | null, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = {};
    if (token) headers["Authorization"] = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let response: Response;
    try {
      response = await fetch(this.base + path, {
        method,
        headers,
        credentials: "omit",
        cache: "no-store",
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: signal ?? AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch {
      throw new Problem("network");
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }

  async call<T>(method: string, path: string, token?: string | null, body?: unknown): Promise<T> {
    const response = await this.fetch(method, path, token, body);
    const text = await response.text().catch(() => {
      throw new Problem("network");
    });
    if (!text) return undefined as T;
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new Problem("internal", 500);
    }
  }
}
