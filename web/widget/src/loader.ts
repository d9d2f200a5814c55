// `widget.js`: the one line that pages embed. Defines `<anteroom-chat>`, draws the launcher button and nothing else; the panel is
// loaded on first use, or at once when a visit is under way. Must stay small.
import { choose, direction, labels } from "./lang/labels.ts";
import type { Handle, Place } from "./place.ts";

const script = (document.currentScript as HTMLScriptElement | null) ?? document.querySelector<HTMLScriptElement>("script[data-workgroup][src*='widget.js']");
const home = new URL(".", script?.src || location.href).href;

// The host is stronger than whatever the page says of all its elements, so that nothing is inherited from it.
const css = `
:host { all: initial !important; }
:host([hidden]) { display: none !important; }
@media print { :host { display: none !important; } }
.launcher { position: fixed; z-index: 2147482999; inset-block-end: 20px; inset-inline-end: 20px; display: grid; place-items: center; inline-size: 60px; block-size: 60px; padding: 0; border: 1px solid transparent; border-radius: 50%; background: var(--accent, #2f6f62); color: var(--on-accent, #fff); box-shadow: 0 6px 24px #10201c42, inset 0 0 0 1px #7f7f7f38; cursor: pointer; transition: translate .18s; }
.launcher:hover { translate: 0 -2px; }
.launcher:focus-visible { outline: 3px solid var(--on-accent, #fff); outline-offset: -5px; box-shadow: 0 0 0 3px var(--accent, #2f6f62), 0 6px 24px #10201c42; }
:host([position="left"]) .launcher { left: 20px; right: auto; }
:host([position="right"]) .launcher { right: 20px; left: auto; }
.launcher svg { inline-size: 28px; block-size: 28px; fill: none; stroke: currentcolor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
.launcher[aria-busy=true] svg { animation: busy 1s infinite alternate; }
.launcher[aria-expanded=true] .talk, .launcher[aria-expanded=false] .shut { display: none; }
@keyframes busy { to { opacity: .4; } }
.badge { position: absolute; inset-block-start: -3px; inset-inline-end: -3px; min-inline-size: 22px; block-size: 22px; padding-inline: 6px; box-sizing: border-box; border-radius: 11px; background: #a3271d; color: #fff; border: 1px solid #fff; font: 600 12px/20px system-ui, sans-serif; text-align: center; }
.badge:empty { display: none; }
@media (max-width: 480px), (max-height: 480px) { .launcher[aria-expanded=true] { display: none; } }
@media (forced-colors: active) { .launcher { border-color: CanvasText; } }
@media (prefers-reduced-motion: reduce) { .launcher, .launcher svg { transition: none; animation: none !important; } }
`;

function drawing(name: string, d: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", name);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}

/** What an earlier page remembered, without loading the app for it. */
function remembered(server: string, workgroup: string, name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(`anteroom/${server}/${workgroup}/${name}`) ?? "null");
  } catch {
    return null;
  }
}

class AnteroomChat extends HTMLElement {
  static observedAttributes = ["open", "dir", "locale"];
  #handle: Handle | null = null;
  #loading: Promise<Handle | null> | null = null;
  #button = document.createElement("button");
  #badge = document.createElement("span");
  #count = 0;

  get #workgroup(): string {
    return this.getAttribute("workgroup") ?? "";
  }

  get #server(): string {
    const wish = this.getAttribute("server");
    return wish ? new URL(wish.replace(/\/?$/, "/"), location.href).href : home;
  }

  get #language(): string {
    return this.getAttribute("locale") || document.documentElement.lang || navigator.language;
  }

  connectedCallback(): void {
    if (!this.#workgroup) {
      console.warn("anteroom-chat: the attribute `workgroup` is missing");
      return;
    }
    if (!this.shadowRoot) this.#draw();
    this.#label();
    const accent = this.getAttribute("accent") ?? remembered(this.#server, this.#workgroup, "accent");
    if (typeof accent === "string" && /^#[0-9a-f]{3,8}$/i.test(accent) && !this.#handle) this.style.setProperty("--accent", accent);
    const visit = remembered(this.#server, this.#workgroup, "visit");
    if (this.hasAttribute("open") || (visit && remembered(this.#server, this.#workgroup, "open"))) void this.open();
    else if (visit) void this.#load();
  }

  disconnectedCallback(): void {
    this.#handle?.stop();
    this.#handle = this.#loading = null;
    this.#button.setAttribute("aria-expanded", "false");
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    if (!this.isConnected || !this.shadowRoot) return;
    if (name !== "open") this.#label();
    else if (value === null) this.#handle?.close();
    else void this.open();
  }

  /** Opens the panel, loading it if need be. */
  async open(): Promise<void> {
    (await this.#load())?.open();
  }

  close(): void {
    this.#handle?.close();
  }

  #draw(): void {
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    this.#button.type = "button";
    this.#button.className = "launcher";
    this.#button.setAttribute("part", "launcher");
    this.#button.setAttribute("aria-haspopup", "dialog");
    this.#button.setAttribute("aria-expanded", "false");
    this.#button.onclick = () => (this.#button.getAttribute("aria-expanded") === "true" ? this.close() : void this.open());
    this.#badge.className = "badge";
    this.#button.append(drawing("talk", "M4 12a8 7.2 0 1 1 3.6 6L4 19.5l1-3.7A7 7 0 0 1 4 12zM8.5 12h.01M12 12h.01M15.5 12h.01"), drawing("shut", "M6 10l6 6 6-6"), this.#badge);
    root.append(this.#button);
  }

  #label(): void {
    const label = labels[choose(this.#language)]!;
    this.#button.setAttribute("aria-label", this.#count ? `${label} (${this.#count})` : label);
    this.#button.title = label;
    this.#button.dir = this.getAttribute("dir") || direction(choose(this.#language));
    this.#button.lang = choose(this.#language);
  }

  #load(): Promise<Handle | null> {
    this.#loading ??= this.#fetchApp();
    return this.#loading;
  }

  async #fetchApp(): Promise<Handle | null> {
    this.#button.setAttribute("aria-busy", "true");
    try {
      const app = (await import(/* @vite-ignore */ `${home}widget/app.js`)) as typeof import("./app.ts");
      if (!this.isConnected) return null;
      this.#handle = await app.mount(this.#place());
      return this.#handle;
    } catch (reason) {
      console.warn("anteroom-chat: could not be loaded", reason);
      this.#loading = null;
      return null;
    } finally {
      this.#button.removeAttribute("aria-busy");
    }
  }

  #place(): Place {
    return {
      host: this,
      root: this.shadowRoot!,
      workgroup: this.#workgroup,
      server: this.#server,
      locale: this.#language,
      embed: "float",
      launcher: this.#button,
      unread: (count) => {
        this.#count = count;
        this.#badge.textContent = count ? String(Math.min(count, 99)) : "";
        this.#label();
      },
      shown: (open) => {
        this.#button.setAttribute("aria-expanded", String(open));
        this.toggleAttribute("open", open);
      },
    };
  }
}

const known = (): AnteroomChat[] => [...document.querySelectorAll<AnteroomChat>("anteroom-chat")];
const find = (workgroup?: string): AnteroomChat | undefined => known().find((one) => !workgroup || one.getAttribute("workgroup") === workgroup);

/** Puts the element into the page when the script tag names a workgroup. */
function embed(): void {
  const workgroup = script?.dataset["workgroup"];
  if (!workgroup || find(workgroup)) return;
  const element = document.createElement("anteroom-chat");
  for (const [name, value] of Object.entries(script.dataset)) if (value !== undefined) element.setAttribute(name, value);
  document.body.append(element);
}

declare global {
  interface Window {
    anteroom?: { open(workgroup?: string): void; close(workgroup?: string): void };
  }
}

if (!customElements.get("anteroom-chat")) {
  customElements.define("anteroom-chat", AnteroomChat);
  window.anteroom = { open: (workgroup) => void find(workgroup)?.open(), close: (workgroup) => find(workgroup)?.close() };
}
if (document.body) embed();
else document.addEventListener("DOMContentLoaded", embed, { once: true });
