// After the end: why it ended, a rating, a copy of the conversation, and starting again. Loaded when a visit ends.
import { problem } from "./api.ts";
import type { Context } from "./app.ts";
import type { Line } from "./line.ts";
import { h, icon, say } from "./view/dom.ts";
import type { Visit, Workgroup } from "./wire.ts";

const COMMENT_MAX = 1000;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/;

/** Makes what stands below the conversation once it is over. */
export function finish(context: Context, line: Line, visit: Visit, workgroup: Workgroup | null, talked: boolean, why: string): HTMLElement {
  const { texts } = context;
  const parts: (HTMLElement | null)[] = [
    h(context.shell.subheading, { tabindex: "-1" }, why || texts.t("ended")),
    talked && workgroup?.rating && !visit.rated ? rating(context, line) : null,
    talked && workgroup?.transcript ? copy(context, line, workgroup.transcript) : null,
    h("div", {}, h("button", { type: "button", class: "main", "data-first": true, onclick: () => context.reset(null) }, texts.t("again"))),
  ];
  return h("div", { class: "finish" }, ...parts);
}

function rating(context: Context, line: Line): HTMLElement {
  const { texts } = context;
  const error = h("p", { class: "error", role: "alert" });
  const comment = h("textarea", { rows: 2, maxlength: COMMENT_MAX, id: "comment", dir: "auto" });
  const more = h("div", { hidden: true, class: "field" }, h("label", { for: "comment" }, texts.t("rate_comment"), h("small", {}, ` ${texts.t("optional")}`)), comment,
    h("div", {}, h("button", { type: "submit", class: "quiet" }, texts.t("rate_send"))));
  let stars = 0;
  const labels = [1, 2, 3, 4, 5].map((n) => {
    const choice = h("input", { type: "radio", name: "stars", value: n, "aria-label": texts.t("stars", { n }), onchange: () => choose(n) });
    return h("label", {}, choice, icon("star"));
  });
  const choose = (n: number): void => {
    stars = n;
    more.hidden = false;
    labels.forEach((label, at) => label.classList.toggle("on", at < n));
  };
  const form = h("form", { onsubmit: (event: Event) => void send(event) }, h("fieldset", { class: "field" }, h("legend", {}, texts.t("rate")), h("div", { class: "stars" }, ...labels)), more, error);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await line.rate(stars, comment.value.trim());
      const thanks = h("p", { tabindex: "-1" }, texts.t("rate_thanks"));
      form.replaceWith(thanks);
      thanks.focus();
    } catch (thrown) {
      say(error, context.failure(thrown));
    }
  };
  return form;
}

function copy(context: Context, line: Line, allowed: { download: boolean; mail: boolean }): HTMLElement | null {
  if (!allowed.download && !allowed.mail) return null;
  const { texts } = context;
  const told = h("p", { role: "status", class: "faint" });
  const address = h("input", { type: "email", autocomplete: "email", "aria-label": texts.t("your_email"), placeholder: texts.t("your_email"), dir: "ltr", maxlength: 254 });
  const mail = h("form", { class: "row", hidden: true, novalidate: true, onsubmit: (event: Event) => void send(event) }, address, h("button", { type: "submit", class: "quiet" }, texts.t("copy_mail")));
  const open = h("button", { type: "button", class: "quiet", "aria-expanded": "false", onclick: () => {
    mail.hidden = false;
    open.hidden = true;
    address.focus();
  } }, texts.t("copy_mail"));
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const to = address.value.trim();
    address.setAttribute("aria-invalid", String(!EMAIL.test(to)));
    if (!EMAIL.test(to)) {
      say(told, texts.t("field_email"));
      address.focus();
      return;
    }
    try {
      await line.mail(to);
      mail.remove();
      say(told, texts.t("copy_sent", { address: to }));
    } catch (thrown) {
      say(told, problem(thrown).code === "not_configured" ? texts.t("failed") : context.failure(thrown));
    }
  };
  const download = async (): Promise<void> => {
    try {
      save(await line.transcript(), `chat-${new Date().toISOString().slice(0, 10)}.html`);
    } catch (thrown) {
      say(told, context.failure(thrown));
    }
  };
  return h("div", { class: "field" }, h("p", { class: "faint" }, texts.t("keep_copy")),
    h("div", { class: "row" }, allowed.download && h("button", { type: "button", class: "quiet", onclick: () => void download() }, texts.t("copy_download")), allowed.mail && open), allowed.mail && mail, told);
}

function save(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob);
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
