// One visit’s connection to the server: joins session, stream and outbox with the API. No DOM but the page’s own events.
import { type Api, Problem, uuid } from "./api.ts";
import { Outbox, type Pending, restore, type Said } from "./outbox.ts";
import { type Effect, empty, merge, prepend, reduce, type Session } from "./session.ts";
import type { Store } from "./store.ts";
import { type Link, Stream } from "./stream.ts";
import type { Message, Snapshot, StreamEvent } from "./wire.ts";

const OLDER = 50;
const ECHO_MS = 8_000;
const SLEPT_MS = 20_000;
const TICK_MS = 5_000;

export interface LineEdges {
  changed(): void;
  effect(effect: Effect): void;
  /** The server knows the visit no more. */
  gone(): void;
}

export class Line {
  session: Session = empty;
  link: Link = "connecting";
  readonly outbox: Outbox;
  readonly #stream: Stream;
  readonly #ended = new AbortController();
  #wake: () => void = () => {};
  #asking = false;
  /** What is to be told of typing once the words on their way have arrived. */
  #held: "composing" | "paused" | null = null;
  #final = false;
  #tick: ReturnType<typeof setInterval>;

  constructor(private readonly api: Api, private readonly token: string, private readonly store: Store, private readonly edges: LineEdges) {
    this.outbox = new Outbox(restore(store.get("outbox")), {
      send: (pending) => this.#call<Said>("POST", "messages", { id: pending.id, text: pending.text }),
      save: (items) => store.set("outbox", items.length > 0 ? items : null),
      said: (pending, said) => this.#said(pending, said),
      changed: () => {
        edges.changed();
        this.#typeOn();
      },
      gone: () => this.#over(),
      wait: (ms) => this.#pause(ms),
      random: Math.random,
    });
    this.#stream = new Stream({
      socket: (last) => new WebSocket(this.#address("socket", last).replace(/^http/, "ws"), ["anteroom.v1", `bearer.${token}`]),
      events: (last, signal) => api.fetch("GET", `visits/me/events${last ? `?last=${encodeURIComponent(last)}` : ""}`, token, undefined, signal),
      probe: async () => void (await this.#call("GET", "")),
      last: () => this.session.last,
      event: (event) => this.#take(event),
      link: (link) => this.#linked(link),
      gone: () => this.#over(),
      random: Math.random,
    });
    let before = Date.now();
    this.#tick = setInterval(() => {
      const slept = Date.now() - before > TICK_MS + SLEPT_MS;
      before = Date.now();
      if (slept) this.#stream.renew();
    }, TICK_MS);
    const { signal } = this.#ended;
    const hurry = (): void => this.#hurry();
    addEventListener("online", hurry, { signal });
    addEventListener("pageshow", hurry, { signal });
    document.addEventListener("visibilitychange", hurry, { signal });
    addEventListener("offline", () => this.#linked("lost"), { signal });
  }

  start(snapshot: Snapshot | null): void {
    if (snapshot) this.#take({ event: "snapshot", data: snapshot });
    this.#stream.start();
  }

  stop(): void {
    clearInterval(this.#tick);
    this.#ended.abort();
    this.#stream.stop();
    this.outbox.close();
    this.#wake();
  }

  say(text: string): void {
    this.outbox.add({ id: uuid(), text, at: new Date().toISOString(), state: "queued" });
  }

  /** Another tab changed what is on its way. */
  adopt(): void {
    const items = restore(this.store.get("outbox"));
    const sent = new Set(this.session.messages.map((message) => message.id));
    this.outbox.adopt(items.filter((pending) => !sent.has(pending.id)));
  }

  async correct(message: Message, text: string): Promise<void> {
    await this.#call("PUT", `messages/${message.number}`, { text });
    this.#update(merge(this.session.messages, [{ ...message, text, corrected: { at: new Date().toISOString() } }]));
  }

  typing(state: "composing" | "paused"): void {
    // Told before the words that are on their way, it would be taken for their end.
    this.#held = this.outbox.items.some((pending) => pending.state === "queued") ? state : null;
    if (this.#held) return;
    const chat = this.session.visit?.chat?.id;
    if (this.link !== "live" || this.session.visit?.state === "ended") return;
    if (chat && this.#stream.send({ typing: { chat, state } })) return;
    if (chat) this.#call("POST", "typing", { state }).catch(() => {});
  }

  #typeOn(): void {
    if (this.#held) this.typing(this.#held);
  }

  read(number: number): void {
    const { visit } = this.session;
    if (visit?.state !== "chatting" || number <= (visit.read?.visitor ?? 0) || this.link !== "live") return;
    this.session = { ...this.session, visit: { ...visit, read: { ...visit.read, visitor: number } } };
    if (visit.chat && this.#stream.send({ read: { chat: visit.chat.id, number } })) return;
    this.#call("POST", "read", { number }).catch(() => {});
  }

  async older(): Promise<void> {
    const first = this.session.messages[0]?.number;
    if (this.#asking || !this.session.more || first === undefined) return;
    this.#asking = true;
    try {
      const answer = await this.#call<Message[] | { messages: Message[] }>("GET", `messages?before=${first}&limit=${OLDER}`);
      this.session = prepend(this.session, Array.isArray(answer) ? answer : (answer.messages ?? []));
      this.edges.changed();
    } finally {
      this.#asking = false;
    }
  }

  leave(): Promise<void> {
    return this.#call("POST", "leave", {});
  }

  /** Asks to be told when somebody is free; while being told: not now. */
  callback(): Promise<void> {
    return this.#call("POST", "callback", {});
  }

  /** Wants the chat now. */
  confirm(): Promise<void> {
    return this.#call("POST", "confirm", {});
  }

  rate(stars: number, comment: string): Promise<void> {
    return this.#call("POST", "rating", comment ? { stars, comment } : { stars });
  }

  mail(address: string): Promise<void> {
    return this.#call("POST", "transcript/mail", { address });
  }

  async transcript(): Promise<Blob> {
    return (await this.api.fetch("GET", "visits/me/transcript?format=html", this.token)).blob();
  }

  /** A fresh link to a file, absolute. */
  async file(id: string): Promise<string> {
    const { url } = await this.#call<{ url: string }>("GET", `files/${encodeURIComponent(id)}`);
    const link = new URL(url, this.api.base);
    if (!/^https?:$/.test(link.protocol)) throw new Problem("internal", 500);
    return link.href;
  }

  /** Sends a file; `progress` hears the share that is sent. */
  upload(file: File, id: string, progress: (share: number) => void, signal: AbortSignal): Promise<Message> {
    return new Promise<Message>((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", `${this.api.base}visits/me/files`);
      request.setRequestHeader("Authorization", `Bearer ${this.token}`);
      request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
      request.onerror = request.ontimeout = request.onabort = () => reject(new Problem("network"));
      request.onload = () => {
        let body: Record<string, unknown> = {};
        try {
          body = JSON.parse(request.responseText) as Record<string, unknown>;
        } catch {
          // The status says enough.
        }
        if (request.status >= 200 && request.status < 300) resolve(body as unknown as Message);
        else reject(new Problem(String(body["code"] ?? "internal"), request.status, body));
      };
      signal.addEventListener("abort", () => request.abort());
      const form = new FormData();
      form.append("id", id);
      form.append("file", file, file.name);
      request.send(form);
    }).then((message) => {
      if (message?.number) this.#take({ event: "message", data: message });
      return message;
    });
  }

  #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.api.call<T>(method, `visits/me${path ? `/${path}` : ""}`, this.token, body);
  }

  #address(path: string, last: string | null): string {
    return `${this.api.base}visits/me/${path}${last ? `?last=${encodeURIComponent(last)}` : ""}`;
  }

  #take(event: StreamEvent): void {
    const [session, effects] = reduce(this.session, event);
    const before = this.session.visit?.state;
    this.session = session;
    this.outbox.settle(new Set(session.messages.flatMap((message) => (message.id ? [message.id] : []))));
    for (const effect of effects) {
      if (effect.do === "bye") this.#bye(effect.reason, effect.retry_after_s);
      else this.edges.effect(effect);
    }
    if (session.visit?.state !== before) this.outbox.release();
    if (session.visit?.state === "ended") this.#finish();
    this.edges.changed();
  }

  #bye(reason: string, retry_after_s: number): void {
    if (reason === "ended") this.#finish();
    else if (reason === "signed_out") this.#over();
    else this.#stream.comeBack(Math.min(retry_after_s, 120));
  }

  /** The visit ended: nothing more will come. */
  #finish(): void {
    this.#final = true;
    this.link = "live";
    this.#stream.stop();
  }

  #linked(link: Link): void {
    if (this.#final || this.link === link) return;
    this.link = link;
    if (link === "live") {
      this.#wake();
      this.outbox.release();
    }
    this.edges.changed();
  }

  #over(): void {
    if (this.#ended.signal.aborted) return;
    this.stop();
    this.edges.gone();
  }

  #hurry(): void {
    if (document.visibilityState === "hidden" || this.#final) return;
    this.#wake();
    if (this.link === "lost" && navigator.onLine) this.#stream.renew();
    else this.#stream.hurry();
  }

  #said(pending: Pending, said: Said): void {
    if (!this.session.messages.some((message) => message.number === said.number)) {
      const message: Message = { number: said.number, id: pending.id, at: said.at, from: { kind: "visitor", self: true }, kind: "text", text: pending.text };
      this.#update(merge(this.session.messages, [message]));
    }
    // The stream should tell the same soon; if not, it is dead without knowing.
    const last = this.session.last;
    setTimeout(() => {
      if (this.session.last === last && this.link === "live" && !this.#final && !this.#ended.signal.aborted) this.#stream.renew();
    }, ECHO_MS);
  }

  #update(messages: Message[]): void {
    this.session = { ...this.session, messages };
    this.edges.changed();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
