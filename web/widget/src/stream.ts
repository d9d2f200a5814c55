// Keeps one stream of events alive: WebSocket first, Server-Sent Events after it failed twice; back-off with jitter; resumes
// after the last id. Knows no events but `bye`, and nothing of what they do.
import { Problem, problem } from "./api.ts";
import { SseReader } from "./sse.ts";
import type { StreamEvent } from "./wire.ts";

export type Link = "connecting" | "live" | "lost";

export interface StreamEdges {
  /** Opens the WebSocket, resuming after `last`. */
  socket(last: string | null): WebSocket;
  /** Opens the event stream; throws a `Problem`. */
  events(last: string | null, signal: AbortSignal): Promise<Response>;
  /** Asks the server over plain HTTP whether the visit is alive; throws a `Problem` if not. */
  probe(): Promise<void>;
  last(): string | null;
  event(event: StreamEvent): void;
  link(link: Link): void;
  /** The visit is no more. */
  gone(): void;
  random(): number;
}

const SOCKET_TRIES = 2;
const STEADY_MS = 5_000;
const SILENCE_MS = 45_000;
const BACK_OFF_MAX_MS = 30_000;

/** How long to wait before try number `tries` (from 1), with `random` in [0, 1). */
export const backOff = (tries: number, random: number): number =>
  Math.min(BACK_OFF_MAX_MS, 700 * 2 ** Math.min(tries - 1, 6)) * (0.5 + random / 2);

export class Stream {
  #tries = 0;
  #socketFailures = 0;
  #generation = 0;
  #stopped = true;
  #hangUp: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #sender: WebSocket | null = null;

  constructor(private readonly edges: StreamEdges) {}

  start(): void {
    this.#stopped = false;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#drop();
  }

  /** The network or the page came back: try now instead of later. */
  hurry(): void {
    if (this.#stopped || this.#timer === undefined) return;
    this.#connect();
  }

  /** Starts over although the connection seems alive, after the machine slept or the network changed. */
  renew(): void {
    if (!this.#stopped) this.#connect();
  }

  /** Sends a frame if a WebSocket is open. */
  send(frame: unknown): boolean {
    if (this.#sender?.readyState !== 1) return false;
    this.#sender.send(JSON.stringify(frame));
    return true;
  }

  /** The server said when to come back. */
  comeBack(after_s: number): void {
    this.#drop();
    this.edges.link("lost");
    this.#later(after_s * 1000 + this.edges.random() * Math.max(1000, after_s * 500));
  }

  #drop(): void {
    this.#generation += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#timer = undefined;
    this.#sender = null;
    this.#hangUp();
    this.#hangUp = () => {};
  }

  #connect(): void {
    this.#drop();
    this.edges.link("connecting");
    if (this.#socketFailures < SOCKET_TRIES && typeof WebSocket !== "undefined") this.#bySocket(this.#generation);
    else void this.#byEvents(this.#generation);
  }

  #later(ms: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), ms);
  }

  async #lost(generation: number): Promise<void> {
    if (generation !== this.#generation || this.#stopped) return;
    this.#drop();
    this.edges.link("lost");
    this.#tries += 1;
    this.#later(backOff(this.#tries, this.edges.random()));
    await this.#check();
  }

  /** A broken connection does not say why: ask whether the visit is still there. */
  async #check(): Promise<boolean> {
    try {
      await this.edges.probe();
      return true;
    } catch (thrown) {
      if (problem(thrown).gone && !this.#stopped) {
        this.stop();
        this.edges.gone();
      }
      return false;
    }
  }

  #heard(generation: number, socket: boolean): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(async () => {
      if (generation !== this.#generation) return;
      // Pings of a WebSocket are invisible to scripts, so silence on it proves nothing yet.
      if (socket && (await this.#check())) {
        if (generation === this.#generation) this.#heard(generation, socket);
      } else void this.#lost(generation);
    }, SILENCE_MS);
  }

  #bySocket(generation: number): void {
    let socket: WebSocket;
    try {
      socket = this.edges.socket(this.edges.last());
    } catch {
      this.#socketFailures = SOCKET_TRIES;
      this.#connect();
      return;
    }
    let steady = false;
    let steadyTimer: ReturnType<typeof setTimeout> | undefined;
    const settle = (): void => {
      steady = true;
      this.#socketFailures = 0;
      this.#tries = 0;
    };
    this.#hangUp = () => {
      clearTimeout(steadyTimer);
      socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
      socket.close();
    };
    socket.onopen = () => {
      this.#sender = socket;
      steadyTimer = setTimeout(settle, STEADY_MS);
      this.#heard(generation, true);
      this.edges.link("live");
    };
    socket.onmessage = (frame) => {
      if (!steady) settle();
      this.#heard(generation, true);
      this.#receive(parse(frame.data));
    };
    socket.onclose = () => {
      if (!steady) this.#socketFailures += 1;
      void this.#lost(generation);
    };
  }

  async #byEvents(generation: number): Promise<void> {
    const abort = new AbortController();
    this.#hangUp = () => abort.abort();
    try {
      this.#heard(generation, false);
      const response = await this.edges.events(this.edges.last(), abort.signal);
      if (generation !== this.#generation) return;
      this.edges.link("live");
      await this.#read(response, generation);
    } catch (thrown) {
      if (generation !== this.#generation) return;
      const reason = problem(thrown);
      if (reason.gone) {
        this.stop();
        this.edges.gone();
        return;
      }
      if (reason.body.retry_after_s) {
        this.comeBack(reason.body.retry_after_s);
        return;
      }
    }
    this.#socketFailures = SOCKET_TRIES - 1;
    await this.#lost(generation);
  }

  async #read(response: Response, generation: number): Promise<void> {
    const reader = response.body?.getReader();
    if (!reader) throw new Problem("network");
    const decoder = new TextDecoder();
    const lines = new SseReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done || generation !== this.#generation) return;
      this.#tries = 0;
      this.#heard(generation, false);
      for (const event of lines.feed(decoder.decode(value, { stream: true }))) this.#receive(event);
    }
  }

  #receive(event: StreamEvent | null): void {
    if (event) this.edges.event(event);
  }
}

function parse(text: unknown): StreamEvent | null {
  try {
    const frame = JSON.parse(String(text)) as StreamEvent;
    return typeof frame?.event === "string" ? frame : null;
  } catch {
    return null;
  }
}
