// Files on their way: limits are told before anything is sent, progress is shown, and a failed file can be tried again.
import { problem, uuid } from "./api.ts";
import type { Line } from "./line.ts";
import type { Texts } from "./text.ts";
import { h, icon, say } from "./view/dom.ts";
import type { Workgroup } from "./wire.ts";

type Limits = NonNullable<Workgroup["files"]>;

/** Whether a kind of file is accepted: `image/*`, `application/pdf` or `.pdf`; nothing listed means everything. */
export function accepted(file: { name: string; type: string }, types: string[]): boolean {
  const kind = file.type.toLowerCase();
  const name = file.name.toLowerCase();
  return types.length === 0 || types.some((type) => {
    const wish = type.trim().toLowerCase();
    if (wish.endsWith("/*")) return kind.startsWith(wish.slice(0, -1));
    return wish.startsWith(".") ? name.endsWith(wish) : wish === "*" || kind === wish || name.endsWith(`.${wish}`);
  });
}

export class Uploads {
  readonly #ended = new AbortController();

  constructor(private readonly texts: Texts, private readonly line: Line, private readonly list: HTMLElement, private readonly fail: (text: string) => void) {}

  stop(): void {
    this.#ended.abort();
  }

  send(files: File[], limits: Limits): void {
    const wrong: string[] = [];
    for (const file of files) {
      if (file.size > limits.size_max) wrong.push(this.texts.t("file_large", { name: file.name, size: this.texts.size(limits.size_max) }));
      else if (!accepted(file, limits.types)) wrong.push(this.texts.t("file_type", { name: file.name }));
      else void this.#one(file, limits, uuid());
    }
    if (wrong.length > 0) this.fail(wrong.join(" "));
  }

  async #one(file: File, limits: Limits, id: string): Promise<void> {
    const { texts } = this;
    const stop = new AbortController();
    this.#ended.signal.addEventListener("abort", () => stop.abort(), { signal: stop.signal });
    const bar = h("progress", { max: 1, value: 0, "aria-label": texts.t("file_sending", { name: file.name }) });
    const under = h("span", { class: "under" }, h("button", { type: "button", class: "plain", onclick: () => stop.abort() }, texts.t("cancel")));
    const row = h("div", { class: "message mine lead pending" },
      h("div", { class: "bubble" }, h("span", { class: "attachment" }, icon("file"), h("span", {}, h("bdi", {}, file.name), h("small", {}, texts.size(file.size)))), bar), under);
    this.list.append(row);
    row.scrollIntoView({ block: "nearest" });
    try {
      await this.line.upload(file, id, (share) => (bar.value = share), stop.signal);
      row.remove();
    } catch (thrown) {
      if (this.#ended.signal.aborted || stop.signal.aborted) {
        row.remove();
        return;
      }
      const { code } = problem(thrown);
      bar.remove();
      const reason = code === "too_large" ? texts.t("file_large", { name: file.name, size: texts.size(limits.size_max) })
        : code === "unsupported_media_type" ? texts.t("file_type", { name: file.name }) : texts.t("file_failed", { name: file.name });
      const retry = (): void => {
        row.remove();
        void this.#one(file, limits, id);
      };
      const error = h("span", { class: "error", role: "alert" });
      under.replaceChildren(error,
        ...(/too_large|unsupported/.test(code) ? [] : [h("button", { type: "button", class: "plain", onclick: retry }, texts.t("retry"))]),
        h("button", { type: "button", class: "plain", onclick: () => row.remove() }, texts.t("discard")));
      say(error, reason);
    }
  }
}
