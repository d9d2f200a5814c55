// Messages on their way: kept until the server has numbered them, sent one after another, never twice (each has its own id).
import { problem } from "./api.ts";

export interface Pending {
  id: string;
  text: string;
  at: string;
  /** `failed` waits for the visitor. */
  state: "queued" | "failed";
}

export interface Said { number: number; at: string }

export interface OutboxEdges {
  send(pending: Pending): Promise<Said>;
  save(pending: Pending[]): void;
  /** It has a number now. */
  said(pending: Pending, said: Said): void;
  changed(): void;
  /** The visit is no more. */
  gone(): void;
  wait(ms: number): Promise<void>;
  random(): number;
}

/** Reads what was saved; anything that is not a message is dropped. */
export function restore(saved: unknown): Pending[] {
  if (!Array.isArray(saved)) return [];
  return saved.filter((p): p is Pending => typeof p?.id === "string" && typeof p?.text === "string" && typeof p?.at === "string")
    .map((p) => ({ ...p, state: p.state === "failed" ? "failed" : "queued" }));
}

export class Outbox {
  #sending = false;
  #closed = false;
  #tries = 0;

  constructor(public items: Pending[], private readonly edges: OutboxEdges) {}

  add(pending: Pending): void {
    this.#update([...this.items, pending]);
    void this.flush();
  }

  /** Takes over what another tab saved. */
  adopt(items: Pending[]): void {
    this.items = items;
    this.edges.changed();
    void this.flush();
  }

  /** Drops those that the server already has. */
  settle(ids: ReadonlySet<string>): void {
    const left = this.items.filter((pending) => !ids.has(pending.id));
    if (left.length !== this.items.length) this.#update(left);
  }

  /** The visit or the connection changed: what was waiting may go now. */
  release(): void {
    this.#tries = 0;
    void this.flush();
  }

  retry(id: string): void {
    this.#mark(id, "queued");
    void this.flush();
  }

  discard(id: string): void {
    this.#update(this.items.filter((pending) => pending.id !== id));
  }

  close(): void {
    this.#closed = true;
  }

  async flush(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (!this.#closed) {
        const next = this.items.find((pending) => pending.state === "queued");
        if (!next) return;
        await this.#deliver(next);
      }
    } finally {
      this.#sending = false;
    }
  }

  async #deliver(pending: Pending): Promise<void> {
    try {
      const said = await this.edges.send(pending);
      this.#tries = 0;
      this.edges.said(pending, said);
      this.discard(pending.id);
    } catch (thrown) {
      const reason = problem(thrown);
      if (this.#closed) return;
      if (reason.gone) {
        this.close();
        this.edges.gone();
      } else if (reason.passing) {
        this.#tries += 1;
        const back_off = Math.min(30_000, 500 * 2 ** Math.min(this.#tries, 6)) * (0.5 + this.edges.random());
        await this.edges.wait(Math.max(back_off, (reason.body.retry_after_s ?? 0) * 1000));
      } else {
        this.#mark(pending.id, "failed");
      }
    }
  }

  #mark(id: string, state: Pending["state"]): void {
    this.#update(this.items.map((pending) => (pending.id === id ? { ...pending, state } : pending)));
  }

  #update(items: Pending[]): void {
    this.items = items;
    this.edges.save(items);
    this.edges.changed();
  }
}
