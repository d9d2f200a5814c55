// Before a visit: greeting, expected wait, the form, or the truth when closed with a form to leave a message.
import { page, problem, uuid } from "./api.ts";
import type { Context } from "./app.ts";
import { Form } from "./view/form.ts";
import { h } from "./view/dom.ts";
import type { Field, Opened, Workgroup } from "./wire.ts";

const REFRESH_MS = 30_000;
const MESSAGE_MAX = 4000;

export class Door {
  #stopped = false;
  #opens = Infinity;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #wait = h("p", { class: "pill", hidden: true });

  constructor(private readonly context: Context, notice: string | null) {
    void this.#load(notice, true);
  }

  /** The panel was opened again: what was written is still there, but the doors may have opened. */
  seen(): void {
    if (this.context.shell.open && Date.now() > this.#opens) void this.#load(null, true);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  async #load(notice: string | null, focus: boolean): Promise<void> {
    const { context } = this;
    try {
      const workgroup = await context.workgroup();
      if (!this.#stopped) this.#show(workgroup, notice, focus);
    } catch (thrown) {
      if (!this.#stopped) this.#broken(thrown, notice);
    }
  }

  #show(workgroup: Workgroup, notice: string | null, focus: boolean): void {
    const { shell } = this.context;
    const door = h("div", { class: "door" }, notice && h("p", { class: "pill", role: "status" }, notice));
    shell.body.replaceChildren(door);
    this.#opens = workgroup.opens_at ? Date.parse(workgroup.opens_at) : Infinity;
    if (!workgroup.open) this.#closed(door, workgroup);
    else this.#open(door, workgroup);
    if (focus && shell.open) shell.focus();
  }

  #broken(thrown: unknown, notice: string | null): void {
    const { shell, texts } = this.context;
    const again = (): void => {
      shell.body.replaceChildren(h("p", { class: "wait", role: "status" }, texts.t("loading")));
      void this.#load(notice, true);
    };
    shell.body.replaceChildren(h("div", { class: "door" }, h("p", { role: "alert" }, this.context.failure(thrown)),
      h("div", {}, h("button", { type: "button", class: "quiet", "data-first": true, onclick: again }, texts.t("retry")))));
  }

  #open(door: HTMLElement, workgroup: Workgroup): void {
    const { texts, store } = this.context;
    const asked = workgroup.form?.fields ?? [];
    const first: Field = { name: "first_message", label: texts.t("first_message"), kind: "multiline", length_max: MESSAGE_MAX };
    const form: Form = new Form(texts, asked.length > 0 ? asked : [first], texts.t("start"), (answers) => this.#begin(form, answers, asked.length > 0), (values) => {
      if (asked.length > 0) store.set("form", values);
      else store.set("draft", String(values["first_message"]) || null);
    });
    form.fill({ ...store.get("form"), first_message: store.get("draft") ?? "" });
    const greeting = workgroup.look?.greeting || workgroup.description;
    door.append(...[
      greeting ? h("p", { class: "greeting", dir: "auto" }, greeting) : null,
      this.#wait,
      form.element,
      workgroup.privacy_note ? h("p", { class: "faint", dir: "auto" }, workgroup.privacy_note) : null,
    ].filter((part) => part !== null));
    this.#expect(workgroup);
    this.#timer = setInterval(() => void this.#refresh(), REFRESH_MS);
  }

  #expect(workgroup: Workgroup): void {
    const { texts } = this.context;
    const range = texts.wait(workgroup.estimate);
    const text = workgroup.staffed === false ? texts.t("nobody") : range ? texts.t("expected", { range }) : workgroup.waiting > 0 ? texts.t("wait_unknown") : "";
    this.#wait.hidden = !text;
    if (this.#wait.textContent !== text) this.#wait.textContent = text;
  }

  async #refresh(): Promise<void> {
    if (!this.context.shell.seen) return;
    const workgroup = await this.context.workgroup().catch(() => null);
    if (workgroup && !this.#stopped) this.#expect(workgroup);
  }

  async #begin(form: Form, answers: Record<string, string | boolean>, asked: boolean): Promise<void> {
    const { context } = this;
    const { api, store, place, texts } = context;
    const key = store.get("key") ?? uuid();
    store.set("key", key);
    const returning = store.get("visitor") ?? undefined;
    const request = {
      workgroup: place.workgroup,
      locale: texts.wish,
      answers: asked ? answers : {},
      page: page(),
      key,
    };
    try {
      const open = (token?: string): Promise<Opened> => api.call<Opened>("POST", "visits", null, token ? { ...request, returning: token } : request);
      const opened = await open(returning).catch((thrown) => {
        // The browser knows no open visit, so the earlier one can only be forgotten, not resumed.
        if (returning && problem(thrown).code === "already_queued" && !store.get("visit")) return open();
        throw thrown;
      });
      if (!this.#stopped) context.enter(opened, asked ? "" : String(answers["first_message"] ?? ""));
    } catch (thrown) {
      if (!this.#stopped) this.#refused(form, thrown);
    }
  }

  #refused(form: Form, thrown: unknown): void {
    const reason = problem(thrown);
    if (!reason.passing) this.context.store.set("key", null);
    if (reason.code === "queue_closed") {
      clearInterval(this.#timer);
      void this.#load(null, true);
    } else if (reason.body.fields?.length) {
      form.refuse(reason.body.fields);
    } else {
      form.fail(this.context.failure(reason));
    }
  }

  #closed(door: HTMLElement, workgroup: Workgroup): void {
    const { texts, api, place, store } = this.context;
    door.append(h("p", { class: "greeting" }, texts.t(workgroup.doors === "last_call" ? "last_call" : "closed")));
    if (workgroup.opens_at) door.append(h("p", {}, texts.t("closed_until", { when: texts.opens(workgroup.opens_at, new Date()) })));
    if (!workgroup.leave_message) return;
    const fields: Field[] = [
      { name: "name", label: texts.t("your_name"), kind: "text", required: true, length_max: 100 },
      { name: "email", label: texts.t("your_email"), kind: "email", required: true, length_max: 254 },
      { name: "text", label: texts.t("your_message"), kind: "multiline", required: true, length_max: MESSAGE_MAX },
    ];
    const form: Form = new Form(texts, fields, texts.t("send_message"), async (answers) => {
      try {
        await api.call("POST", `workgroups/${encodeURIComponent(place.workgroup)}/messages`, null, { ...answers, locale: texts.wish, page: page(), returning: store.get("visitor") ?? undefined });
        store.set("form", null);
        const thanks = h("p", { class: "greeting", tabindex: "-1" }, texts.t("left_thanks"));
        if (this.#stopped) return;
        door.replaceChildren(thanks);
        thanks.focus();
      } catch (thrown) {
        const reason = problem(thrown);
        if (reason.body.fields?.length) form.refuse(reason.body.fields);
        else form.fail(this.context.failure(reason));
      }
    }, (values) => store.set("form", values));
    form.fill(store.get("form") ?? {});
    door.append(h("p", {}, texts.t("leave_intro")), form.element);
    if (workgroup.privacy_note) door.append(h("p", { class: "faint", dir: "auto" }, workgroup.privacy_note));
  }
}
