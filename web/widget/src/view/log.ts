// Draws the conversation: only what changed is drawn again, the reading position stays, earlier messages load at the top.
import type { Pending } from "../outbox.ts";
import { mine, type Session } from "../session.ts";
import { links, type Texts } from "../text.ts";
import type { Message } from "../wire.ts";
import { append, h, icon, iconButton, say } from "./dom.ts";
import { eventText, nameOf } from "./words.ts";

const GROUP_MS = 5 * 60_000;
const EDIT_MS = 10 * 60_000;
const NEAR_PX = 80;

export interface LogEdges {
  older(): void;
  edit(message: Message): void;
  download(message: Message): void;
  retry(id: string): void;
  discard(id: string): void;
  /** The newest message is in sight. */
  bottom(): void;
}

interface Row { message: Message; key: string; nodes: HTMLElement[] }

export class Log {
  readonly card = h("div", { hidden: true });
  readonly uploads = h("div", { class: "log" });
  readonly scroll: HTMLElement;
  readonly jump: HTMLButtonElement;
  readonly #list: HTMLElement;
  readonly #pending = h("div", { class: "log" });
  readonly #typing = h("div", { class: "typing", hidden: true }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span"));
  readonly #earlier: HTMLButtonElement;
  #rows = new Map<number, Row>();
  #unseen = 0;
  #size = "";
  readonly #resized = new ResizeObserver(() => this.#pin());
  #stuck = true;

  constructor(private readonly texts: Texts, private readonly edges: LogEdges) {
    this.#list = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": texts.t("messages") });
    this.#earlier = h("button", { type: "button", class: "plain", hidden: true, onclick: () => edges.older() }, texts.t("older"));
    this.scroll = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": texts.t("messages"), onscroll: () => this.#scrolled() },
      this.card, this.#earlier, this.#list, this.uploads, this.#pending, this.#typing);
    for (const part of [this.scroll, this.#list, this.#pending, this.uploads, this.card]) this.#resized.observe(part);
    this.jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd() });
  }

  /** Whether the newest message is in sight. */
  get atEnd(): boolean {
    return this.#stuck;
  }

  draw(session: Session, pending: Pending[]): void {
    const { scroll } = this;
    const fromEnd = scroll.scrollHeight - scroll.scrollTop;
    const first = this.#rows.keys().next().value ?? Infinity;
    const grewAtTop = (session.messages[0]?.number ?? Infinity) < first && this.#rows.size > 0;
    this.#drawRows(session);
    this.#drawPending(pending);
    this.#drawTyping(session);
    this.#earlier.hidden = !session.more;
    if (this.#stuck) this.#pin();
    else if (grewAtTop) scroll.scrollTop = scroll.scrollHeight - fromEnd;
  }

  /** Counts messages that came while reading further up. */
  missed(): void {
    if (this.#stuck) return;
    this.#unseen += 1;
    this.jump.hidden = false;
    this.jump.replaceChildren(icon("down"), this.texts.t("new_messages", { n: this.#unseen }));
  }

  toEnd(): void {
    this.#stuck = true;
    this.#pin();
    this.#scrolled();
  }

  stop(): void {
    this.#resized.disconnect();
  }

  /** Stays at the end while things around it change their size. */
  #pin(): void {
    const { scroll } = this;
    this.#size = `${scroll.scrollHeight} ${scroll.clientHeight}`;
    if (this.#stuck) scroll.scrollTop = scroll.scrollHeight;
  }

  #scrolled(): void {
    const { scroll } = this;
    if (this.#stuck && this.#size !== `${scroll.scrollHeight} ${scroll.clientHeight}`) {
      this.#pin();
      return;
    }
    this.#stuck = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_PX;
    if (this.#stuck) {
      this.#unseen = 0;
      if (!this.jump.hidden && this.jump.matches(":focus")) scroll.focus();
      this.jump.hidden = true;
      this.edges.bottom();
    }
    if (scroll.scrollTop < NEAR_PX && scroll.scrollHeight > scroll.clientHeight) this.edges.older();
  }

  #drawRows(session: Session): void {
    const { messages } = session;
    const now = new Date();
    const lastMine = messages.findLast((message) => mine(message) && message.kind === "text")?.number;
    const seenUpTo = session.visit?.read?.agent ?? 0;
    const lastSeen = messages.findLast((message) => mine(message) && message.number <= seenUpTo)?.number;
    const open = session.visit?.state !== "ended";
    const rows = new Map<number, Row>();
    let at: ChildNode | null = this.#list.firstChild;
    messages.forEach((message, index) => {
      const before = messages[index - 1];
      const day = !before || new Date(before.at).toDateString() !== new Date(message.at).toDateString();
      const lead = day || !follows(before, message);
      const tail = !follows(message, messages[index + 1]);
      const last = message.number === lastMine;
      const editable = open && mine(message) && message.kind === "text" && now.getTime() - Date.parse(message.at) < EDIT_MS;
      const key = [day, lead, tail, last, editable, message.number === lastSeen].join();
      const old = this.#rows.get(message.number);
      const row = old && old.message === message && old.key === key ? old : { message, key, nodes: this.#nodes(message, { day, lead, tail, last, editable, read: message.number === lastSeen }, now) };
      rows.set(message.number, row);
      if (old && old !== row) for (const node of old.nodes) at = drop(node, at);
      for (const node of row.nodes) {
        if (node === at) at = at.nextSibling;
        else this.#list.insertBefore(node, at);
      }
    });
    for (const [number, row] of this.#rows) if (!rows.has(number)) for (const node of row.nodes) node.remove();
    this.#rows = rows;
  }

  #nodes(message: Message, show: { day: boolean; lead: boolean; tail: boolean; last: boolean; editable: boolean; read: boolean }, now: Date): HTMLElement[] {
    const { texts } = this;
    const day = show.day ? [h("p", { class: "day" }, texts.day(message.at, now))] : [];
    if (message.kind === "event") {
      const text = eventText(message, texts);
      return text ? [...day, h("p", { class: "event", dir: "auto" }, text)] : day;
    }
    const own = mine(message);
    const who = h("span", { class: own || !show.lead ? "unseen" : "who", dir: "auto" }, nameOf(message, texts));
    const under = h("span", { class: "under" });
    const edit = show.editable ? iconButton("pencil", texts.t("edit"), () => this.edges.edit(message), { class: "edit" }) : "";
    append(under, h("time", { datetime: message.at, title: new Date(message.at).toLocaleString(texts.locale), class: show.tail || show.last || show.read ? null : "unseen" }, texts.time(message.at)),
      message.corrected && h("span", {}, `· ${texts.t("edited")}`), show.read && h("span", {}, `· ${texts.t("read")}`));
    return [...day, h("div", { class: `message ${own ? "mine" : "theirs"}${show.lead ? " lead" : ""}${show.last ? " last" : ""}` }, who, h("div", { class: "said" }, this.#bubble(message), edit), under)];
  }

  #bubble(message: Message): HTMLElement {
    const { file } = message;
    if (!file) return words(message.text ?? "");
    const size = this.texts.size(file.size);
    return h("button", { type: "button", class: "bubble attachment", onclick: () => this.edges.download(message) },
      icon("file"), h("span", { class: "unseen" }, this.texts.t("download", { name: file.name, size })),
      h("span", { "aria-hidden": "true" }, h("bdi", {}, file.name), h("small", {}, size)));
  }

  #drawPending(pending: Pending[]): void {
    const { texts, edges } = this;
    this.#pending.replaceChildren(...pending.map((one) => {
      const state = one.state === "failed"
        ? h("span", { class: "under" }, h("span", { class: "error" }, texts.t("not_sent")),
          h("button", { type: "button", class: "plain", onclick: () => edges.retry(one.id) }, texts.t("retry")),
          h("button", { type: "button", class: "plain", onclick: () => edges.discard(one.id) }, texts.t("discard")))
        : h("span", { class: "under" }, texts.t("sending"));
      return h("div", { class: "message mine lead pending" }, h("span", { class: "unseen" }, texts.t("you")), words(one.text), state);
    }));
  }

  #drawTyping(session: Session): void {
    const names = session.typing.map((id) => session.visit?.agents?.find((agent) => agent.id === id)?.title || this.texts.t("desk"));
    this.#typing.hidden = names.length === 0;
    say(this.#typing.lastElementChild!, names.length > 0 ? this.texts.t("typing", { who: this.texts.list(names), n: names.length }) : "");
  }
}

/** Text with its links made clickable; they open elsewhere and take nothing along. */
function words(text: string): HTMLElement {
  const bubble = h("div", { class: "bubble", dir: "auto" });
  for (const part of links(text)) {
    append(bubble, part.href ? h("a", { href: part.href, target: "_blank", rel: "noopener noreferrer" }, part.text) : part.text);
  }
  return bubble;
}

function follows(before: Message | undefined, message: Message | undefined): boolean {
  return !!before && !!message && message.kind !== "event" && before.kind !== "event" && before.from.kind === message.from.kind && before.from.id === message.from.id && Date.parse(message.at) - Date.parse(before.at) < GROUP_MS;
}

function drop(node: HTMLElement, at: ChildNode | null): ChildNode | null {
  const next = node === at ? node.nextSibling : at;
  node.remove();
  return next;
}
