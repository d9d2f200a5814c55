// A visit, from the line to its end: puts together the connection, the conversation, the composer and what should be noticed.
import type { Context } from "./app.ts";
import { Attention } from "./attention.ts";
import { Calm } from "./calm.ts";
import { Line } from "./line.ts";
import { type Effect, mine } from "./session.ts";
import { Uploads } from "./uploads.ts";
import { Composer } from "./view/composer.ts";
import { h, iconButton, say } from "./view/dom.ts";
import { Log } from "./view/log.ts";
import { endText, placeText, spoken } from "./view/words.ts";
import type { Message, Visit, Workgroup } from "./wire.ts";

const EDIT_MS = 10 * 60_000;
/** How long an ended visit comes back after a reload: with the panel open (it can be rated so long), and with it closed. */
const RATED_MS = 24 * 3_600_000;
const FAREWELL_MS = 10 * 60_000;
const SPOKEN_MAX = 4;
const SPOKEN_MS = 150;
const LINK_PATIENCE_MS = 2_500;

export class Talk {
  readonly #line: Line;
  readonly #log: Log;
  readonly #composer: Composer;
  readonly #uploads: Uploads;
  readonly #attention: Attention;
  readonly #calm = new Calm();
  readonly #ended = new AbortController();
  readonly #placeHeading: HTMLElement;
  readonly #placeWait = h("p", { class: "faint" });
  readonly #placeRing = h("div", { class: "ring", "aria-hidden": "true" });
  readonly #choices = h("div", { class: "choices" });
  readonly #endButton: HTMLButtonElement;
  #soundButton: HTMLButtonElement;
  #workgroup: Workgroup | null = null;
  #calmTimer: ReturnType<typeof setTimeout> | undefined;
  #linkTimer: ReturnType<typeof setTimeout> | undefined;
  #clock: ReturnType<typeof setInterval> | undefined;
  #asked: string | undefined;
  #offered = "";
  #unread = 0;
  #unsaid: string[] = [];
  #finished = false;

  constructor(private readonly context: Context, token: string, snapshot: Visit | null, words: string) {
    const { texts, shell, store, api } = context;
    this.#attention = new Attention(store);
    this.#placeHeading = h(shell.subheading);
    this.#line = new Line(api, token, store, { changed: () => this.#draw(), effect: (effect) => this.#on(effect), gone: () => this.#gone() });
    this.#log = new Log(texts, {
      older: () => void this.#line.older().catch(() => {}),
      edit: (message) => this.#composer.edit(message),
      download: (message) => void this.#download(message),
      retry: (id) => this.#line.outbox.retry(id),
      discard: (id) => this.#line.outbox.discard(id),
      bottom: () => this.#read(),
    });
    this.#composer = new Composer(texts, {
      say: (text) => {
        this.#log.toEnd();
        this.#line.say(text);
      },
      correct: (message, text) => this.#line.correct(message, text),
      lastOwn: () => this.#line.session.messages.findLast((message) => mine(message) && message.kind === "text" && Date.now() - Date.parse(message.at) < EDIT_MS),
      typing: (state) => this.#line.typing(state),
      files: (files) => this.#files(files),
      draft: (text) => store.set("draft", text || null),
      failed: (text) => this.#tell(text),
    }, store.get("draft") ?? "");
    this.#uploads = new Uploads(texts, this.#line, this.#log.uploads, (text) => this.#tell(text));
    this.#log.card.className = "place";
    this.#log.card.append(this.#placeRing, this.#placeHeading, this.#placeWait, this.#choices, h("p", { class: "faint" }, context.place.embed === "float" ? texts.t("place_kept") : ""));
    this.#endButton = iconButton("leave", texts.t("end_chat"), () => void this.#end());
    this.#soundButton = this.#sound();
    shell.clear();
    shell.body.append(this.#log.scroll, this.#log.jump);
    shell.foot.append(this.#composer.element);
    this.#dropping();
    store.watch((name) => this.#elsewhere(name));
    void this.#dress();
    this.#line.start(snapshot);
    if (words) {
      store.set("draft", null);
      this.#composer.draft("");
      this.#line.say(words);
    }
    this.#draw();
  }

  stop(): void {
    this.#ended.abort();
    clearTimeout(this.#calmTimer);
    clearTimeout(this.#linkTimer);
    clearInterval(this.#clock);
    this.#line.stop();
    this.#composer.stop();
    this.#log.stop();
    this.#uploads.stop();
    this.#attention.stop();
  }

  /** The panel was opened, or the page came to the front. */
  seen(): void {
    if (!this.context.shell.seen) return;
    this.#unread = 0;
    this.context.place.unread(0);
    this.#draw();
    if (this.#log.atEnd) this.#log.toEnd();
    this.#read();
  }

  async #dress(): Promise<void> {
    this.#workgroup = await this.context.workgroup().catch(() => null);
    if (this.#ended.signal.aborted) return;
    this.#finished = false;
    this.#draw();
  }

  #draw(): void {
    const { shell, texts } = this.context;
    const { session, outbox, link } = this.#line;
    const { visit } = session;
    if (this.#ended.signal.aborted) return;
    const waiting = visit?.state === "waiting" || visit?.state === "invited";
    this.#links(link === "live");
    shell.tell(visit ? this.#status(visit) : texts.t("connecting"));
    if (visit && waiting) {
      const { place, wait } = placeText(visit, texts);
      say(this.#placeHeading, place);
      say(this.#placeWait, wait);
      const ahead = visit.position?.ahead;
      if (!this.#asked) say(this.#placeRing, visit.state === "invited" || visit.callback || ahead === undefined ? "···" : texts.number(ahead + 1));
    }
    this.#callback(waiting ? visit : null);
    this.#log.card.hidden = !waiting;
    this.#composer.placeholder = texts.t(waiting ? "write_waiting" : "write");
    this.#composer.allow(this.#workgroup?.files ?? null, !!visit && visit.state !== "ended");
    this.#log.draw(session, outbox.items);
    const label = texts.t(waiting ? "leave_line" : "end_chat");
    this.#endButton.title = label;
    this.#endButton.setAttribute("aria-label", label);
    this.#read();
    if (visit?.state === "ended") void this.#finish(visit);
    else if (visit) shell.buttons(this.#soundButton, this.#endButton);
  }

  /** What can be chosen instead of waiting; and while somebody is free, how long that is kept. */
  #callback(visit: Visit | null): void {
    const { texts } = this.context;
    const state = visit?.state === "waiting" ? (visit.callback?.state ?? (this.#workgroup?.callback ? "ask" : "")) : "";
    const asked = visit?.callback?.confirm_until;
    if (asked !== this.#asked) {
      this.#asked = asked;
      clearInterval(this.#clock);
      if (asked) {
        this.#attend(asked, false, "callback_free");
        this.#clock = setInterval(() => this.#count(), 1000);
        this.#count();
      }
    }
    if (state === this.#offered) return;
    this.#offered = state;
    const button = (text: "callback_ask" | "callback_stay" | "callback_start" | "callback_later", act: () => Promise<void>): HTMLElement =>
      h("button", { type: "button", class: text === "callback_start" ? "main" : "plain", onclick: () => act().catch((thrown) => this.#tell(this.context.failure(thrown))) }, texts.t(text));
    const ask = (text: "callback_ask" | "callback_later"): HTMLElement => button(text, () => this.#line.callback());
    const confirm = (text: "callback_stay" | "callback_start"): HTMLElement => button(text, () => this.#line.confirm());
    const inside = this.#choices.contains(this.context.place.root.activeElement);
    this.#choices.replaceChildren(...(state === "" ? [] : state === "ask" ? [ask("callback_ask")] : state === "confirming" ? [confirm("callback_start"), ask("callback_later")] : [confirm("callback_stay")]));
    if (inside) this.#choices.querySelector("button")?.focus();
  }

  #count(): void {
    const left = Math.max(0, Math.round((Date.parse(this.#asked ?? "") - Date.now()) / 1000));
    say(this.#placeRing, this.context.texts.number(left));
    if (left % 10 === 0 && left > 0 && !document.hasFocus()) this.#attention.call(`${this.#asked} ${left}`, this.context.texts.t("callback_free"));
  }

  #status(visit: Visit): string {
    const { texts } = this.context;
    if (visit.state === "ended") return texts.t("ended");
    if (visit.state === "invited") return texts.t("invited");
    if (visit.state === "waiting") return visit.callback ? placeText(visit, texts).place : [texts.t("in_line"), texts.wait(visit.estimate)].filter(Boolean).join(" · ");
    const names = (visit.agents ?? []).map((agent) => agent.title);
    return names.length > 0 ? texts.t("with", { names: texts.list(names) }) : texts.t("connected");
  }

  /** A short break is not worth a word. */
  #links(live: boolean): void {
    const { shell, texts } = this.context;
    if (live) {
      clearTimeout(this.#linkTimer);
      this.#linkTimer = undefined;
      shell.warn(null);
    } else if (this.#linkTimer === undefined) {
      this.#linkTimer = setTimeout(() => shell.warn(texts.t("offline")), this.#line.session.visit ? LINK_PATIENCE_MS : LINK_PATIENCE_MS * 2);
    }
  }

  #on(effect: Effect): void {
    const { shell, texts, place } = this.context;
    if (effect.do === "arrived") this.#arrived(effect.message);
    else if (effect.do === "corrected") shell.announce(texts.t("says_corrected", { who: effect.message.from.title || texts.t("desk"), text: effect.message.text ?? "" }));
    else if (effect.do === "place") this.#placeChanged();
    else if (effect.do === "phase") {
      if (effect.to === "chatting" && effect.from !== null) {
        this.#attend("chatting", true);
        const { visit } = this.#line.session;
        if (visit && shell.open) shell.announce(this.#status(visit));
      }
      if (effect.to === "ended" && effect.from === null) {
        const age = Date.now() - Date.parse(this.#line.session.visit?.ended?.at ?? "");
        if (age > (shell.open ? RATED_MS : FAREWELL_MS)) setTimeout(() => this.context.reset(null));
      } else if (effect.to === "ended") {
        place.host.dispatchEvent(new CustomEvent("anteroom:ended", { bubbles: true, composed: true, detail: { how: this.#line.session.visit?.ended?.how ?? null } }));
      }
    }
  }

  #arrived(message: Message): void {
    const { shell, texts, place } = this.context;
    const said = spoken(message, texts);
    if (said && shell.open) this.#speak(said);
    if (message.kind === "event") return;
    place.host.dispatchEvent(new CustomEvent("anteroom:message", { bubbles: true, composed: true, detail: { number: message.number, from: message.from.kind } }));
    this.#log.missed();
    this.#attend(String(message.number), false);
  }

  /** Says new messages aloud; after a break only how many came. */
  #speak(text: string): void {
    const { shell, texts } = this.context;
    if (this.#unsaid.push(text) > 1) return;
    setTimeout(() => {
      const lines = this.#unsaid;
      this.#unsaid = [];
      if (lines.length > SPOKEN_MAX) shell.announce(texts.t("new_messages", { n: lines.length }));
      else lines.forEach((line) => shell.announce(line));
    }, SPOKEN_MS);
  }

  #attend(mark: string, quiet: boolean, title: "new_title" | "callback_free" = "new_title"): void {
    const { shell, texts, place } = this.context;
    if (shell.seen && document.hasFocus()) return;
    if (!shell.open) {
      this.#unread += 1;
      place.unread(this.#unread);
    }
    if (!shell.seen || !quiet) this.#attention.call(mark, texts.t(title));
  }

  #placeChanged(): void {
    const { shell, texts } = this.context;
    const { visit } = this.#line.session;
    clearTimeout(this.#calmTimer);
    if (!visit || !shell.open || (visit.state !== "waiting" && visit.state !== "invited")) return;
    const { place, wait } = placeText(visit, texts);
    const words = [place, wait].filter(Boolean).join(". ");
    const meaning = `${visit.state} ${visit.position?.ahead === 0} ${visit.callback?.state}`;
    const speak = (): void => {
      this.#calm.spoke(words, meaning, Date.now());
      shell.announce(words);
    };
    const delay = this.#calm.ask(words, meaning, Date.now());
    if (delay === 0) speak();
    else if (delay !== null) this.#calmTimer = setTimeout(speak, delay);
  }

  #read(): void {
    const last = this.#line.session.messages.findLast((message) => !mine(message));
    if (last && this.#log.atEnd && this.context.shell.seen && document.hasFocus()) this.#line.read(last.number);
  }

  /** What the visit did not take any more is the draft of the next. */
  #gone(): void {
    const { store, texts } = this.context;
    const unheard = store.get("outbox") ? this.#line.outbox.items.map((pending) => pending.text) : [];
    store.set("draft", [...unheard, store.get("draft")].filter(Boolean).join("\n") || null);
    this.context.reset(texts.t("expired"));
  }

  async #end(): Promise<void> {
    const { shell, texts } = this.context;
    const talking = this.#line.session.visit?.state === "chatting";
    if (!(await shell.ask(texts.t(talking ? "confirm_end" : "confirm_leave"), texts.t(talking ? "end_chat" : "leave_line")))) return;
    try {
      await this.#line.leave();
      shell.focusHeading();
    } catch (thrown) {
      this.#tell(this.context.failure(thrown));
    }
  }

  async #finish(visit: Visit): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    const { shell, store } = this.context;
    const inside = this.#composer.focused || shell.panel.contains(this.context.place.root.activeElement);
    for (const name of ["draft", "outbox"] as const) store.set(name, null);
    const made = await import("./finish.ts");
    if (this.#ended.signal.aborted) return;
    const talked = !!visit.chat?.opened_at || this.#line.session.messages.some((message) => message.from.kind === "agent");
    const card = made.finish(this.context, this.#line, visit, this.#workgroup, talked, endText(visit, talked, this.context.texts));
    shell.foot.replaceChildren(card);
    shell.buttons();
    this.#log.toEnd();
    shell.announce(card.querySelector(shell.subheading)?.textContent ?? "");
    if (inside && shell.open) card.querySelector<HTMLElement>(shell.subheading)?.focus();
  }

  async #download(message: Message): Promise<void> {
    try {
      const href = await this.#line.file(message.file!.id);
      h("a", { href, target: "_blank", rel: "noopener noreferrer", download: message.file!.name }).click();
    } catch (thrown) {
      this.#tell(this.context.failure(thrown));
    }
  }

  #files(files: File[]): void {
    const limits = this.#workgroup?.files;
    if (!limits?.enabled || this.#line.session.visit?.state === "ended") return;
    this.#log.toEnd();
    this.#uploads.send(files, limits);
  }

  /** A word about something that went wrong, in the panel and aloud. */
  #tell(text: string): void {
    const line = h("p", { class: "error", role: "alert" });
    this.#composer.element.querySelector(".error")?.remove();
    this.#composer.element.prepend(line);
    say(line, text);
    setTimeout(() => line.remove(), 12_000);
  }

  #sound(): HTMLButtonElement {
    const { texts, shell } = this.context;
    const { muted } = this.#attention;
    return iconButton(muted ? "mute" : "bell", texts.t(muted ? "sound_on" : "sound_off"), () => {
      this.#attention.mute(!muted);
      this.#soundButton = this.#sound();
      shell.buttons(this.#soundButton, this.#endButton);
      this.#soundButton.focus();
    });
  }

  #elsewhere(name: string): void {
    if (this.#ended.signal.aborted) return;
    if (name === "draft") this.#composer.draft(this.context.store.get("draft") ?? "");
    if (name === "outbox") this.#line.adopt();
    if (name === "muted") {
      this.#soundButton = this.#sound();
      this.#draw();
    }
  }

  #dropping(): void {
    const { shell, texts } = this.context;
    const { signal } = this.#ended;
    const area = h("div", { class: "drop" }, texts.t("drop"));
    const ready = (event: DragEvent): boolean => !!event.dataTransfer?.types.includes("Files") && !!this.#workgroup?.files?.enabled && this.#line.session.visit?.state !== "ended";
    shell.panel.addEventListener("dragover", (event) => {
      if (!ready(event)) return;
      event.preventDefault();
      if (!area.isConnected) shell.body.append(area);
    }, { signal });
    shell.panel.addEventListener("dragleave", (event) => {
      if (!shell.panel.contains(event.relatedTarget as Node | null)) area.remove();
    }, { signal });
    shell.panel.addEventListener("drop", (event) => {
      area.remove();
      if (!ready(event)) return;
      event.preventDefault();
      this.#files([...(event.dataTransfer?.files ?? [])]);
    }, { signal });
  }
}
