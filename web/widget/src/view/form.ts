// A form from a list of fields: labels, hints, errors beside the field and in words, focus on the first one that is wrong.
import type { Texts } from "../text.ts";
import type { Field, FieldProblem } from "../wire.ts";
import { h, say } from "./dom.ts";

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type Answers = Record<string, string | boolean>;

const LENGTH_MAX = 2000;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/;

export class Form {
  readonly element: HTMLFormElement;
  readonly #controls = new Map<string, { field: Field; control: Control; error: HTMLElement }>();
  readonly #failure = h("p", { class: "error", role: "alert" });
  readonly #submit: HTMLButtonElement;

  constructor(private readonly texts: Texts, fields: Field[], action: string, private readonly onsubmit: (answers: Answers) => Promise<void>, private readonly oninput?: (values: Answers) => void) {
    this.#submit = h("button", { class: "main", type: "submit", "data-first": fields.length === 0 }, action);
    this.element = h("form", { novalidate: true, onsubmit: (event: Event) => void this.#send(event), oninput: () => this.oninput?.(this.#values()) });
    fields.forEach((field, at) => this.element.append(this.#row(field, at)));
    this.element.append(this.#failure, h("div", {}, this.#submit));
  }

  /** Puts in what stood in it before, as far as it still has such fields and choices. */
  fill(values: Answers): void {
    for (const [name, { control }] of this.#controls) {
      const value = values[name];
      if (value === true) (control as HTMLInputElement).checked = true;
      else if (typeof value === "string") {
        control.value = value;
        control.value ||= "";
      }
    }
  }

  /** What stands in it now, as it was written. */
  #values(): Answers {
    return Object.fromEntries([...this.#controls].map(([name, { control }]) => [name, control.type === "checkbox" ? (control as HTMLInputElement).checked : control.value]));
  }

  answers(): Answers {
    const trimmed = Object.entries(this.#values()).map(([name, value]) => [name, typeof value === "string" ? value.trim() : value] as const);
    return Object.fromEntries(trimmed.filter(([, value]) => value !== ""));
  }

  /** Shows what the server said about single fields. */
  refuse(problems: FieldProblem[]): void {
    let first: Control | null = null;
    const others: string[] = [];
    for (const { field, problem } of problems) {
      const entry = this.#controls.get(field.replace(/^answers\./, ""));
      if (!entry) others.push(problem);
      else {
        this.#mark(entry, this.#explain(entry.field, problem));
        first ??= entry.control;
      }
    }
    this.fail(others.length > 0 && !first ? others.join(" ") : this.texts.t("check_fields"));
    first?.focus();
  }

  fail(text: string): void {
    say(this.#failure, text);
  }

  #explain(field: Field, problem: string): string {
    if (/^(required|missing)$/.test(problem)) return this.texts.t("field_required");
    if (/^(too_long|length)$/.test(problem)) return this.texts.t("field_long", { n: field.length_max ?? LENGTH_MAX });
    if (/^(email|not_an_email)$/.test(problem)) return this.texts.t("field_email");
    return problem;
  }

  #row(field: Field, at: number): HTMLElement {
    const id = `field-${at}`;
    const error = h("p", { class: "error", id: `${id}-error` });
    const control = this.#control(field, id);
    if (at === 0) control.setAttribute("data-first", "");
    control.setAttribute("aria-describedby", error.id);
    if (field.required) control.setAttribute("aria-required", "true");
    const entry = { field, control, error };
    this.#controls.set(field.name, entry);
    control.addEventListener("input", () => this.#mark(entry, ""));
    const optional = field.required || field.name === "first_message" ? null : h("small", {}, ` ${this.texts.t("optional")}`);
    const words = h("span", { dir: "auto" }, field.label);
    if (field.kind === "checkbox") return h("div", { class: "field" }, h("label", { class: "check", for: id }, control, words), error);
    return h("div", { class: "field" }, h("label", { for: id }, words, optional), control, error);
  }

  #control(field: Field, id: string): Control {
    const common = { id, name: field.name, maxlength: Math.min(field.length_max ?? LENGTH_MAX, 4000), dir: "auto" };
    switch (field.kind) {
      case "multiline":
        return h("textarea", { ...common, rows: 3 });
      case "choice":
        return h("select", { id, name: field.name }, h("option", { value: "" }, this.texts.t("choose")),
          ...(field.options ?? []).map((option) => h("option", { value: option.value }, option.label)));
      case "checkbox":
        return h("input", { id, name: field.name, type: "checkbox" });
      case "email":
        return h("input", { ...common, type: "email", autocomplete: "email", inputmode: "email", dir: "ltr" });
      default:
        return h("input", { ...common, type: "text", autocomplete: field.name === "name" ? "name" : "off" });
    }
  }

  async #send(event: Event): Promise<void> {
    event.preventDefault();
    if (this.#submit.disabled) return;
    this.fail("");
    const problems = this.#check();
    if (problems.length > 0) {
      this.refuse(problems);
      return;
    }
    this.#submit.disabled = true;
    try {
      await this.onsubmit(this.answers());
    } finally {
      this.#submit.disabled = false;
    }
  }

  #check(): FieldProblem[] {
    const problems: FieldProblem[] = [];
    const answers = this.answers();
    for (const [name, { field, control }] of this.#controls) {
      const filled = !!answers[name];
      if (field.required && !filled) problems.push({ field: name, problem: "required" });
      else if (field.kind === "email" && filled && !EMAIL.test(control.value.trim())) problems.push({ field: name, problem: "email" });
    }
    return problems;
  }

  #mark({ control, error }: { control: Control; error: HTMLElement }, problem: string): void {
    say(error, problem);
    if (problem) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
}
