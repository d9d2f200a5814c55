// The app behind the launcher: makes the panel, remembers whether it is open, and goes between the door (before a visit) and the
// talk (from the line to the end). Each of the two is loaded when it is needed.
import { Api, problem } from "./api.ts";
import { direction } from "./lang/labels.ts";
import type { Handle, Place } from "./place.ts";
import { Store } from "./store.ts";
import { Texts } from "./text.ts";
import { h } from "./view/dom.ts";
import { Shell } from "./view/shell.ts";
import type { Opened, Workgroup } from "./wire.ts";

/** What door and talk work with. */
export interface Context {
  place: Place;
  shell: Shell;
  store: Store;
  api: Api;
  texts: Texts;
  /** Asks the server for the workgroup and dresses the panel for it. */
  workgroup(): Promise<Workgroup>;
  /** A visit was opened, with words to say first, if any. */
  enter(opened: Opened, words: string): void;
  /** There is no visit any more; `notice` says why. A draft is kept for the next. */
  reset(notice: string | null): void;
  /** A text for whatever went wrong. */
  failure(thrown: unknown): string;
}

interface Stage {
  stop(): void;
  /** The panel was opened or closed, or the page came to the front. */
  seen?(): void;
}

class App implements Context {
  readonly shell: Shell;
  readonly store: Store;
  readonly api: Api;
  #stage: Stage | null = null;
  #turn = 0;
  #asked: Promise<Workgroup> | null = null;
  readonly #look = (): void => this.#stage?.seen?.();

  constructor(readonly place: Place, readonly texts: Texts) {
    this.store = new Store(Store.prefix(place.server, place.workgroup));
    this.api = new Api(`${place.server}api/v1/`);
    this.shell = new Shell(place, texts, () => this.close());
    this.shell.panel.dir = place.host.getAttribute("dir") || direction(texts.language);
    this.shell.title(texts.t("title"));
    this.store.watch((name) => {
      if (name === "visit") void this.begin(false);
    });
    document.addEventListener("visibilitychange", this.#look);
    addEventListener("focus", this.#look);
  }

  open(): void {
    if (this.shell.open && this.place.embed === "float") {
      this.shell.focus();
      return;
    }
    this.shell.show();
    this.store.set("open", true);
    this.place.shown(true);
    this.place.unread(0);
    this.place.host.dispatchEvent(new CustomEvent("anteroom:open", { bubbles: true, composed: true }));
    if (this.#stage) this.#stage.seen?.();
    else void this.begin(true);
  }

  close(): void {
    if (!this.shell.open || this.place.embed === "page") return;
    this.store.set("open", false);
    this.shell.hide();
    this.place.shown(false);
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.#look);
    removeEventListener("focus", this.#look);
    this.#leave();
    this.store.close();
    this.shell.stop();
  }

  /** Shows what the visitor's situation asks for. */
  async begin(focus: boolean, notice: string | null = null, words = "", opened: Opened | null = null): Promise<void> {
    this.#leave();
    const turn = this.#turn;
    const visit = this.store.get("visit");
    if (!visit && !this.shell.open) return;
    this.shell.body.replaceChildren(h("p", { class: "wait", role: "status" }, this.texts.t("loading")));
    try {
      const stage = visit
        ? await import("./talk.ts").then((talk) => () => new talk.Talk(this, visit.token, opened?.snapshot ?? null, words))
        : await import("./door.ts").then((door) => () => new door.Door(this, notice));
      if (turn !== this.#turn) return;
      this.#stage = stage();
      if (focus && this.shell.open) this.shell.focus();
    } catch (thrown) {
      if (turn === this.#turn) this.#broken(thrown);
    }
  }

  enter(opened: Opened, words: string): void {
    if (opened.visitor) this.store.set("visitor", opened.visitor);
    for (const name of ["key", "form"] as const) this.store.set(name, null);
    this.store.set("visit", { visit: opened.visit, token: opened.token, at: Date.now() });
    void this.begin(true, null, words, opened);
  }

  reset(notice: string | null): void {
    for (const name of ["visit", "outbox", "rung", "key"] as const) this.store.set(name, null);
    this.place.unread(0);
    void this.begin(true, notice);
  }

  async workgroup(): Promise<Workgroup> {
    this.#asked = this.api.call<Workgroup>("GET", `workgroups/${encodeURIComponent(this.place.workgroup)}?locale=${encodeURIComponent(this.texts.wish)}`);
    const workgroup = await this.#asked;
    this.texts.put(workgroup.look?.strings ?? {});
    const { host } = this.place;
    const accent = host.getAttribute("accent") ?? workgroup.look?.accent ?? null;
    this.shell.accent(accent);
    this.store.set("accent", accent);
    // The right is where nothing was chosen: the end of the line, which from right to left is the left.
    if (workgroup.look?.position === "left" && !host.hasAttribute("position")) host.setAttribute("position", "left");
    this.shell.title(workgroup.look?.title || workgroup.title);
    return workgroup;
  }

  failure(thrown: unknown): string {
    const reason = problem(thrown);
    const keys: Record<string, "failed_network" | "failed_busy" | "failed_blocked" | "failed_full" | "failed_missing"> = {
      network: "failed_network",
      rate_limited: "failed_busy",
      blocked: "failed_blocked",
      queue_full: "failed_full",
      not_found: "failed_missing",
    };
    return this.texts.t(keys[reason.code] ?? "failed");
  }

  #leave(): void {
    this.#turn += 1;
    this.#stage?.stop();
    this.#stage = null;
    this.shell.clear();
    this.shell.buttons();
    this.shell.tell("");
    this.shell.warn(null);
  }

  #broken(thrown: unknown): void {
    this.shell.body.replaceChildren(h("div", { class: "door" }, h("p", { role: "alert" }, this.failure(thrown)),
      h("div", {}, h("button", { type: "button", class: "quiet", "data-first": true, onclick: () => void this.begin(true) }, this.texts.t("retry")))));
  }
}

/** Makes the app for a place; the panel starts closed, except on the plain page. */
export async function mount(place: Place): Promise<Handle> {
  const app = new App(place, await Texts.load(place.locale));
  if (place.embed === "float" && app.store.get("visit")) void app.begin(false);
  return app;
}
