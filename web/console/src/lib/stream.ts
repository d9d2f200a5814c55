// The session's stream of events, an agent's or that of a supervisor who only watches: WebSocket, or Server-Sent Events where that cannot open. Resumes by
// the last id, waits longer after each failure, and stops when the server says that another window took over.
import { BASE } from './api';
import { SseReader } from './sse';
import type { StreamEvent } from './types';

export type Link = 'connecting' | 'open' | 'waiting' | 'replaced' | 'elsewhere' | 'refused' | 'stopped';
export interface StreamHandlers {
  event(event: StreamEvent): void;
  link(state: Link, retryAt?: number): void;
}

const QUIET_MS = 55_000;

/** How long to wait before attempt `n` (from 1): 0.5 s doubling to 20 s, with up to half of it by chance. */
export function backoff(n: number, random: () => number = Math.random): number {
  const full = Math.min(20_000, 500 * 2 ** (n - 1));
  return Math.round(full / 2 + (full / 2) * random());
}

export class Stream {
  #handlers: StreamHandlers;
  #last = '';
  #failures = 0;
  #socketsRefused = 0;
  #socket: WebSocket | null = null;
  #abort: AbortController | null = null;
  #timer = 0;
  #silence = 0;
  #generation = 0;
  #byeRetryMs: number | null = null;

  #path: () => string;

  /** `path`: below which address of the API the stream is read at the moment. */
  constructor(handlers: StreamHandlers, path: () => string) { this.#handlers = handlers; this.#path = path; }

  start(takeover = false): void {
    this.#end();
    this.#handlers.link('connecting');
    const generation = ++this.#generation;
    const params = new URLSearchParams();
    if (this.#last !== '') params.set('last', this.#last);
    if (takeover) params.set('takeover', '1');
    const tail = params.size > 0 ? `?${params}` : '';
    if (this.#socketsRefused >= 2) void this.#readEvents(tail, generation);
    else this.#openSocket(tail, generation);
  }

  stop(): void { this.#generation++; this.#end(); this.#handlers.link('stopped'); }
  /** Try at once, for example because the browser says that the network is back. */
  hurry(): void { if (this.#timer !== 0) { this.#failures = 0; this.start(); } }
  /** Sends a shortcut frame; false when only the POST can do it. */
  send(frame: unknown): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #end(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#timer = 0;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#abort?.abort();
    this.#abort = null;
  }

  #openSocket(tail: string, generation: number): void {
    const url = new URL(`${BASE}${this.#path()}/socket${tail}`, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, ['anteroom.v1']);
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => { opened = true; this.#socketsRefused = 0; };
    socket.onmessage = (message) => {
      if (generation === this.#generation) this.#receive(JSON.parse(String(message.data)) as StreamEvent);
    };
    socket.onclose = () => {
      if (generation !== this.#generation) return;
      if (!opened) this.#socketsRefused++;
      this.#retry();
    };
  }

  async #readEvents(tail: string, generation: number): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const response = await fetch(`${BASE}${this.#path()}/events${tail}`, { signal: abort.signal, headers: { accept: 'text/event-stream' }, credentials: 'same-origin' });
      if (response.status === 401 || response.status === 403) {
        this.#generation++;
        this.#handlers.link('refused');
        return;
      }
      if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const events = new SseReader();
      for (;;) {
        this.#hear(generation);
        const { value, done } = await reader.read();
        if (done || generation !== this.#generation) break;
        for (const event of events.push(value)) this.#receive(event);
      }
    } catch { /* told apart by nothing that matters here: every way of failing is followed by another attempt */ }
    // A server that refuses sockets for a moment should get them again later.
    if (this.#failures % 4 === 3) this.#socketsRefused = 0;
    if (generation === this.#generation) this.#retry();
  }

  /** Over SSE the comments of the keep-alive count as life; over WebSocket the browser answers pings itself. */
  #hear(generation: number): void {
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => { if (generation === this.#generation) this.#retry(); }, QUIET_MS);
  }

  #receive(event: StreamEvent): void {
    if (event.event === 'bye') { this.#bye(event.data as { reason: string; retry_after_s?: number }); return; }
    if (event.id !== undefined && event.id !== '') this.#last = event.id;
    if (this.#failures !== 0 || event.event === 'snapshot') this.#failures = 0;
    this.#handlers.link('open');
    this.#handlers.event(event);
  }

  #bye(bye: { reason: string; retry_after_s?: number }): void {
    if (bye.reason === 'replaced' || bye.reason === 'elsewhere' || bye.reason === 'signed_out' || bye.reason === 'ended') {
      this.#generation++;
      this.#end();
      this.#last = '';
      const resting = bye.reason === 'replaced' || bye.reason === 'elsewhere';
      this.#handlers.link(resting ? (bye.reason as Link) : 'stopped');
      if (!resting) this.#handlers.event({ event: 'bye', data: bye });
      return;
    }
    this.#byeRetryMs = (bye.retry_after_s ?? 0) * 1000;
  }

  #retry(): void {
    this.#end();
    this.#failures++;
    const asked = this.#byeRetryMs;
    this.#byeRetryMs = null;
    const wait = asked === null ? backoff(this.#failures) : asked + Math.round(Math.random() * 500);
    this.#handlers.link('waiting', Date.now() + wait);
    this.#timer = window.setTimeout(() => { this.#timer = 0; this.start(); }, wait);
  }
}
