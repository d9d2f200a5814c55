// The frame of the panel: head, notice, body, foot, the spoken announcements, focus and the keyboard. Knows nothing of visits.
import { ACCENT, palette } from "../colour.ts";
import type { Place } from "../place.ts";
import type { Texts } from "../text.ts";
import { h, iconButton, say } from "./dom.ts";
import { sheet } from "./style.ts";

const FOCUSABLE = "button, a[href], input, textarea, select, [tabindex='0']";
const ANNOUNCED_MS = 12_000;

export class Shell {
  readonly panel: HTMLElement;
  /** The tag of headings below the panel's own. */
  readonly subheading: "h2" | "h3";
  readonly body = h("div", { class: "body" });
  readonly foot = h("div", { class: "foot" });
  readonly #heading: HTMLElement;
  readonly #status = h("p", { class: "status", dir: "auto" });
  readonly #actions = h("div", { class: "actions" });
  readonly #bar = h("div", { class: "bar" });
  readonly #notice = h("p", { class: "notice", hidden: true });
  readonly #spoken = h("div", { class: "unseen", "aria-live": "polite" });
  readonly #small = matchMedia("(max-width: 480px), (max-height: 480px)");
  readonly #ended = new AbortController();
  #asking: (() => void) | null = null;

  constructor(private readonly place: Place, private readonly texts: Texts, private readonly onclose: () => void) {
    const page = place.embed === "page";
    this.subheading = page ? "h2" : "h3";
    this.#heading = h(page ? "h1" : "h2", { class: "title", id: "title", tabindex: "-1", dir: "auto" });
    const head = h("header", { class: "head" }, h("div", { class: "names" }, this.#heading, this.#status), this.#actions,
      page ? null : iconButton("close", texts.t("close"), onclose, { class: "icon-button close" }));
    this.panel = h(page ? "main" : "div", { class: `panel ${place.embed}`, lang: texts.language, role: page ? null : "dialog", "aria-labelledby": "title", hidden: !page },
      head, this.#bar, this.#notice, this.body, this.foot, this.#spoken);
    place.root.adoptedStyleSheets = [...place.root.adoptedStyleSheets, sheet()];
    place.root.appendChild(this.panel);
    this.accent(null);
    const { signal } = this.#ended;
    this.panel.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#small.addEventListener("change", () => this.#fit(), { signal });
    visualViewport?.addEventListener("resize", () => this.#fit(), { signal });
    visualViewport?.addEventListener("scroll", () => this.#fit(), { signal });
  }

  get open(): boolean {
    return !this.panel.hidden;
  }

  /** Whether somebody can be looking at the panel. */
  get seen(): boolean {
    return this.open && document.visibilityState === "visible";
  }

  accent(colour: string | null): void {
    for (const [name, value] of Object.entries(palette(colour ?? ACCENT))) this.place.host.style.setProperty(name, value);
  }

  title(text: string): void {
    say(this.#heading, text);
    if (this.place.embed === "page") document.title = text;
  }

  tell(status: string): void {
    say(this.#status, status);
  }

  buttons(...buttons: HTMLElement[]): void {
    if (buttons.length === this.#actions.children.length && buttons.every((button, at) => button === this.#actions.children[at])) return;
    this.#actions.replaceChildren(...buttons);
  }

  /** A line under the head, for what everybody should know now; null takes it away. */
  warn(text: string | null): void {
    this.#notice.hidden = !text;
    if (text && this.#notice.textContent !== text) this.announce(text);
    say(this.#notice, text ?? "");
  }

  /** Says something to those who listen to the page, once. */
  announce(text: string): void {
    const line = h("p", { dir: "auto" }, text);
    this.#spoken.appendChild(line);
    setTimeout(() => line.remove(), ANNOUNCED_MS);
  }

  /** Asks in the panel itself; true for yes. */
  ask(question: string, yes: string): Promise<boolean> {
    this.#asking?.();
    const before = this.place.root.activeElement as HTMLElement | null;
    return new Promise((resolve) => {
      const settle = (answer: boolean): void => {
        this.#asking = null;
        this.#bar.replaceChildren();
        if (!answer) before?.focus();
        resolve(answer);
      };
      this.#asking = () => settle(false);
      const stay = h("button", { type: "button", class: "quiet", onclick: () => settle(false) }, this.texts.t("stay"));
      this.#bar.replaceChildren(h("div", { class: "ask", role: "alertdialog", "aria-labelledby": "question" }, h("p", { id: "question" }, question),
        h("div", { class: "row" }, h("button", { type: "button", class: "danger", onclick: () => settle(true) }, yes), stay)));
      stay.focus();
    });
  }

  /** Empties body and foot for the next view. */
  clear(): void {
    this.body.replaceChildren();
    this.foot.replaceChildren();
    this.body.className = "body";
  }

  show(): void {
    this.panel.hidden = false;
    this.#fit();
    this.focus();
  }

  hide(): void {
    this.#asking?.();
    this.panel.hidden = true;
    this.place.launcher?.focus();
  }

  /** Puts the focus where the next word is expected. */
  focus(): void {
    const first = this.panel.querySelector<HTMLElement>("[data-first]");
    (first ?? this.#heading).focus({ preventScroll: true });
  }

  focusHeading(): void {
    this.#heading.focus({ preventScroll: true });
  }

  stop(): void {
    this.#ended.abort();
    this.panel.remove();
  }

  get #covering(): boolean {
    return this.place.embed === "float" && this.#small.matches;
  }

  /** On small screens the panel fills what the on-screen keyboard leaves. */
  #fit(): void {
    const covering = this.#covering;
    if (covering) this.panel.setAttribute("aria-modal", "true");
    else this.panel.removeAttribute("aria-modal");
    const view = visualViewport;
    const zoomed = !view || view.scale > 1.05;
    this.panel.style.blockSize = covering && !zoomed ? `${view.height}px` : "";
    this.panel.style.insetBlockStart = covering && !zoomed ? `${view.offsetTop}px` : "";
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (this.#asking) this.#asking();
      else if (this.place.embed === "float") this.onclose();
    } else if (event.key === "Tab" && this.#covering) this.#cycle(event);
  }

  #cycle(event: KeyboardEvent): void {
    const stops = [...this.panel.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((e) => !e.hasAttribute("disabled") && e.tabIndex >= 0 && e.offsetParent !== null);
    const [first, last] = [stops[0], stops.at(-1)];
    const here = this.place.root.activeElement;
    const leaving = event.shiftKey ? here === first || here === this.#heading : here === last;
    if (!leaving || !first || !last) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}
