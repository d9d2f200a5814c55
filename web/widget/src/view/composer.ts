// Where the visitor writes: Enter sends, Shift+Enter breaks the line, ArrowUp in the empty field changes the last message, files by
// button, drag and paste. Tells when somebody is writing; keeps the draft.
import type { Texts } from "../text.ts";
import type { Message, Workgroup } from "../wire.ts";
import { h, icon, iconButton, say } from "./dom.ts";

const TEXT_MAX = 4000;
const NEAR_MAX = 200;
const TYPING_MS = 4_000;
const PAUSED_MS = 5_000;
const TYPED_MS = 1_000;

export interface ComposerEdges {
  say(text: string): void;
  correct(message: Message, text: string): Promise<void>;
  /** The visitor's last message that may still be changed. */
  lastOwn(): Message | undefined;
  typing(state: "composing" | "paused"): void;
  files(files: File[]): void;
  draft(text: string): void;
  failed(text: string): void;
}

export class Composer {
  readonly element: HTMLElement;
  readonly #area: HTMLTextAreaElement;
  readonly #hint = h("p", { class: "hint", hidden: true });
  readonly #editing = h("div", { class: "editing", hidden: true });
  readonly #picker = h("input", { type: "file", hidden: true, tabindex: "-1", multiple: true, onchange: () => this.#picked() });
  readonly #clip: HTMLButtonElement;
  #message: Message | null = null;
  #before = "";
  #told = 0;
  #typed = 0;
  #paused: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly texts: Texts, private readonly edges: ComposerEdges, draft: string) {
    this.#area = h("textarea", { rows: 1, maxlength: TEXT_MAX, dir: "auto", "data-first": true, enterkeyhint: "send", "aria-label": texts.t("write"),
      onkeydown: (event: KeyboardEvent) => this.#key(event), oninput: () => this.#input(), onpaste: (event: ClipboardEvent) => this.#paste(event) });
    this.#area.value = draft;
    this.#clip = iconButton("clip", texts.t("attach"), () => this.#picker.click(), { hidden: true });
    const send = h("button", { type: "button", class: "send", "aria-label": texts.t("send"), title: texts.t("send"), onclick: () => void this.#send() }, icon("send"));
    this.element = h("div", { class: "composer" }, this.#editing, h("div", { class: "write" }, this.#clip, this.#area, send), this.#hint, this.#picker);
    this.#grow();
  }

  set placeholder(text: string) {
    if (this.#area.placeholder === text) return;
    this.#area.placeholder = text;
    this.#area.setAttribute("aria-label", text);
  }

  get focused(): boolean {
    return this.#area.matches(":focus");
  }

  /** Files may be sent, or not. */
  allow(files: Workgroup["files"] | null, ready: boolean): void {
    this.#clip.hidden = !files?.enabled || !ready;
    const limit = files?.enabled ? this.texts.t("file_limit", { size: this.texts.size(files.size_max) }) : "";
    this.#clip.title = limit ? `${this.texts.t("attach")}. ${limit}` : this.texts.t("attach");
    this.#clip.setAttribute("aria-label", this.#clip.title);
    if (files?.types.length) this.#picker.accept = files.types.join(",");
  }

  /** Another tab changed the draft. */
  draft(text: string): void {
    if (this.#message || Date.now() - this.#typed < TYPED_MS) return;
    this.#area.value = text;
    this.#grow();
  }

  edit(message: Message): void {
    if (!this.#message) this.#before = this.#area.value;
    this.#message = message;
    this.#editing.hidden = false;
    this.#editing.replaceChildren(h("span", { role: "status" }, this.texts.t("editing")), h("button", { type: "button", class: "plain", onclick: () => this.#cancel() }, this.texts.t("cancel")));
    this.#area.value = message.text ?? "";
    this.#grow();
    this.#area.focus();
    this.#area.setSelectionRange(this.#area.value.length, this.#area.value.length);
  }

  stop(): void {
    clearTimeout(this.#paused);
  }

  #cancel(): void {
    this.#message = null;
    this.#editing.hidden = true;
    this.#editing.replaceChildren();
    this.#area.value = this.#before;
    this.#grow();
    this.#area.focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      void this.#send();
    } else if (event.key === "Escape" && this.#message) {
      event.stopPropagation();
      this.#cancel();
    } else if (event.key === "ArrowUp" && this.#area.value === "" && !this.#message) {
      const last = this.edges.lastOwn();
      if (!last) return;
      event.preventDefault();
      this.edit(last);
    }
  }

  #input(): void {
    this.#grow();
    const left = TEXT_MAX - this.#area.value.length;
    this.#hint.hidden = left > NEAR_MAX;
    say(this.#hint, left > NEAR_MAX ? "" : this.texts.t("characters", { n: left }));
    if (this.#message) return;
    this.#typed = Date.now();
    this.edges.draft(this.#area.value);
    clearTimeout(this.#paused);
    if (this.#area.value === "") {
      this.#pause();
      return;
    }
    const now = Date.now();
    if (now - this.#told > TYPING_MS) {
      this.#told = now;
      this.edges.typing("composing");
    }
    this.#paused = setTimeout(() => this.#pause(), PAUSED_MS);
  }

  #pause(): void {
    if (this.#told) this.edges.typing("paused");
    this.#told = 0;
  }

  async #send(): Promise<void> {
    const text = this.#area.value.trim();
    if (text === "") return;
    const message = this.#message;
    if (message) {
      try {
        if (text !== message.text) await this.edges.correct(message, text);
        if (this.#message === message) this.#cancel();
      } catch {
        this.edges.failed(this.texts.t("edit_failed"));
      }
      return;
    }
    this.#area.value = "";
    this.#hint.hidden = true;
    this.#grow();
    clearTimeout(this.#paused);
    this.#told = this.#typed = 0;
    this.edges.draft("");
    this.edges.say(text);
    this.#area.focus();
  }

  #picked(): void {
    const files = [...(this.#picker.files ?? [])];
    this.#picker.value = "";
    if (files.length > 0) this.edges.files(files);
  }

  #paste(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || this.#clip.hidden) return;
    event.preventDefault();
    this.edges.files(files);
  }

  /** Where the browser cannot grow a field with its content. */
  #grow(): void {
    if (CSS.supports("field-sizing", "content")) return;
    this.#area.style.blockSize = "auto";
    this.#area.style.blockSize = `${Math.min(132, this.#area.scrollHeight)}px`;
  }
}
