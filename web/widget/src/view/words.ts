// What messages and the line are called in words. No elements.
import type { Texts } from "../text.ts";
import type { Message, Visit } from "../wire.ts";

export function nameOf(message: Message, texts: Texts): string {
  if (message.from.kind === "visitor") return texts.t("you");
  return message.from.title || texts.t("desk");
}

/** A line about who came, went or was lost. */
export function eventText(message: Message, texts: Texts): string {
  const what = message.event?.what ?? "";
  const about = message.event?.who ?? message.from;
  const who = about.title || texts.t("desk");
  switch (what) {
    case "entered":
    case "left":
    case "lost":
    case "returned":
      return about.kind === "visitor" ? "" : texts.t(what, { who });
    case "transferred":
      return about.title ? texts.t("transferred", { who }) : texts.t("transferred_on");
    case "ended":
      return texts.t("chat_ended");
    default:
      return message.text ?? "";
  }
}

/** A message as it is said aloud; empty for what need not be said. */
export function spoken(message: Message, texts: Texts): string {
  const who = nameOf(message, texts);
  if (message.kind === "event") return eventText(message, texts);
  return message.file ? texts.t("says_file", { who, name: message.file.name }) : texts.t("says", { who, text: message.text ?? "" });
}

/** Place in line: a heading, and how long it may take. */
export function placeText(visit: Visit, texts: Texts): { place: string; wait: string } {
  if (visit.state === "invited") return { place: texts.t("invited"), wait: "" };
  const { callback } = visit;
  if (callback?.state === "confirming") return { place: texts.t("callback_free"), wait: "" };
  if (callback?.due) return { place: texts.t("callback_on"), wait: texts.t("callback_next", { when: texts.time(callback.due) }) };
  const ahead = visit.position?.ahead;
  const place = callback ? texts.t("callback_on") : ahead === undefined ? texts.t("in_line") : ahead === 0 ? texts.t("next") : texts.t("place", { n: ahead + 1 });
  const range = texts.wait(visit.estimate);
  return { place, wait: range ? texts.t("expected", { range }) : texts.t("wait_unknown") };
}

/** Why it is over, as far as the visitor should know. */
export function endText(visit: Visit, talked: boolean, texts: Texts): string {
  const { how, by } = visit.ended ?? {};
  if (how === "idle") return texts.t("ended_idle");
  if (/lost|abandoned|not_entered|unreachable/.test(how ?? "") && by === "visitor") return texts.t("ended_away");
  if (by === "visitor") return texts.t(talked ? "ended_you" : "ended_left");
  if (!talked) return texts.t("ended_unanswered");
  return by === "agent" ? texts.t("ended_agent") : "";
}
