// What one browser remembers of one workgroup's visit, shared by all tabs of the site but for a form half filled. Falls back to memory where storage is denied.

/** The parts that are remembered. */
export interface Remembered {
  /** The visit and its token. */
  visit: { visit: string; token: string; at: number };
  /** The returning visitor's token. */
  visitor: string;
  /** Words that are written but not sent. */
  draft: string;
  /** What stands in a form that is not sent; names and addresses, so for this tab alone and no longer than it. */
  form: Record<string, string | boolean>;
  /** Messages on their way. */
  outbox: unknown[];
  /** Idempotency key of a visit being opened. */
  key: string;
  /** Whether the panel is open. */
  open: boolean;
  /** Whether sounds are off. */
  muted: boolean;
  /** Number of the last message that rang, so that only one tab rings. */
  rung: string;
  /** The workgroup's colour, for the launcher of the next page. */
  accent: string;
}

type Name = keyof Remembered;

export class Store {
  readonly #memory = new Map<string, string>();
  readonly #listeners: ((name: Name) => void)[] = [];
  readonly #heard = (event: StorageEvent): void => {
    if (event.storageArea === this.area && event.key?.startsWith(this.prefix)) {
      const name = event.key.slice(this.prefix.length) as Name;
      for (const listener of this.#listeners) listener(name);
    }
  };

  constructor(private readonly prefix: string, private readonly area = Store.#storage("localStorage"), private readonly tab = Store.#storage("sessionStorage")) {
    globalThis.addEventListener?.("storage", this.#heard);
  }

  /** The prefix of a workgroup at a server. */
  static prefix(server: string, workgroup: string): string {
    return `anteroom/${server}/${workgroup}/`;
  }

  static #storage(name: "localStorage" | "sessionStorage"): Storage | null {
    try {
      return globalThis[name] ?? null;
    } catch {
      return null;
    }
  }

  #of(name: Name): Storage | null {
    return name === "form" ? this.tab : this.area;
  }

  get<N extends Name>(name: N): Remembered[N] | null {
    const key = this.prefix + name;
    let text: string | null | undefined;
    try {
      text = this.#of(name)?.getItem(key);
    } catch {
      text = null;
    }
    text ??= this.#memory.get(key);
    if (text == null) return null;
    try {
      return JSON.parse(text) as Remembered[N];
    } catch {
      return null;
    }
  }

  set<N extends Name>(name: N, value: Remembered[N] | null): void {
    const key = this.prefix + name;
    const area = this.#of(name);
    try {
      if (value === null) area?.removeItem(key);
      else area?.setItem(key, JSON.stringify(value));
      if (area) return;
    } catch {
      // Full or denied: memory keeps it for this page.
    }
    if (value === null) this.#memory.delete(key);
    else this.#memory.set(key, JSON.stringify(value));
  }

  /** Calls back when another tab changed something. */
  watch(listener: (name: Name) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    globalThis.removeEventListener?.("storage", this.#heard);
  }
}
