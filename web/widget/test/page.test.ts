// What needs a page: attention, forms, what the conversation draws.
// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Attention } from "../src/attention.ts";
import { empty, type Session } from "../src/session.ts";
import { Store } from "../src/store.ts";
import { Texts } from "../src/text.ts";
import { Form } from "../src/view/form.ts";
import { Log } from "../src/view/log.ts";
import { endText, eventText, placeText } from "../src/view/words.ts";
import type { Field, Message, Visit } from "../src/wire.ts";

const texts = await Texts.load("en");
const message = (number: number, from: Message["from"], more: Partial<Message> = {}): Message =>
  ({ number, id: `id-${number}`, at: new Date(Date.now() - 60_000 + number).toISOString(), from, kind: "text", text: `m${number}`, ...more });
const anna = { kind: "agent" as const, id: "a1", title: "Anna" };
const own = { kind: "visitor" as const, self: true };

beforeEach(() => {
  localStorage.clear();
  vi.stubGlobal("ResizeObserver", class { observe(): void {} disconnect(): void {} });
});
afterEach(() => vi.unstubAllGlobals());

describe("attention", () => {
  const hidden = (state: string) => vi.spyOn(document, "visibilityState", "get").mockReturnValue(state as DocumentVisibilityState);

  it("is called in the title while nobody looks, and taken back when somebody does", () => {
    document.title = "A library";
    hidden("hidden");
    const attention = new Attention(new Store("p/"));
    attention.call("1", "New message");
    attention.call("2", "New message");
    expect(document.title).toBe("● New message · A library");
    hidden("visible");
    document.dispatchEvent(new Event("visibilitychange"));
    expect(document.title).toBe("A library");
    attention.stop();
  });

  it("rings in one tab only, and not at all when muted", () => {
    vi.useFakeTimers();
    const rung = vi.fn();
    vi.stubGlobal("AudioContext", class {
      constructor() {
        rung();
        throw new Error("no sound in tests");
      }
    });
    const [one, other] = [new Attention(new Store("p/")), new Attention(new Store("p/"))];
    one.call("7", "New message");
    other.call("7", "New message");
    vi.advanceTimersByTime(1000);
    expect(rung).toHaveBeenCalledTimes(1);
    one.mute(true);
    expect(other.muted).toBe(true);
    other.call("8", "New message");
    vi.advanceTimersByTime(1000);
    expect(rung).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });
});

describe("a form", () => {
  const fields: Field[] = [
    { name: "name", label: "Name", kind: "text", required: true, length_max: 10 },
    { name: "email", label: "Mail", kind: "email" },
    { name: "topic", label: "Topic", kind: "choice", options: [{ value: "a", label: "A <b>" }] },
    { name: "agree", label: "Agree", kind: "checkbox" },
  ];

  it("says what is wrong beside the field and focuses the first", async () => {
    const sent = vi.fn(async () => {});
    const form = new Form(texts, fields, "Go", sent);
    document.body.replaceChildren(form.element);
    form.fill({ email: "nonsense" });
    form.element.dispatchEvent(new Event("submit", { cancelable: true }));
    const name = form.element.querySelector<HTMLInputElement>("[name=name]")!;
    expect(sent).not.toHaveBeenCalled();
    expect(name.getAttribute("aria-invalid")).toBe("true");
    expect(document.getElementById(name.getAttribute("aria-describedby")!)?.textContent).toBe("Please fill this in.");
    expect(form.element.textContent).toContain("This does not look like an e-mail address.");
    expect(document.activeElement).toBe(name);
    name.value = "Mira";
    name.dispatchEvent(new Event("input", { bubbles: true }));
    expect(name.hasAttribute("aria-invalid")).toBe(false);
  });

  it("shows the server's words, also for fields it does not have, and gives trimmed answers", () => {
    const form = new Form(texts, fields, "Go", async () => {});
    document.body.replaceChildren(form.element);
    form.refuse([{ field: "name", problem: "too_long" }, { field: "email", problem: "Please use another address." }]);
    expect(form.element.textContent).toContain("Please use at most 10 characters.");
    expect(form.element.textContent).toContain("Please use another address.");
    form.refuse([{ field: "elsewhere", problem: "Something else is wrong." }]);
    expect(form.element.textContent).toContain("Something else is wrong.");
    form.fill({ name: "  Mira " });
    expect(form.answers()).toEqual({ name: "Mira", agree: false });
    expect(form.element.querySelector("option b")).toBeNull();
  });
});

describe("the conversation", () => {
  const edges = { older: vi.fn(), edit: vi.fn(), download: vi.fn(), retry: vi.fn(), discard: vi.fn(), bottom: vi.fn() };
  const visit: Visit = { visit: "v", workgroup: "w", state: "chatting", agents: [{ id: "a1", title: "Anna" }], read: { agent: 1 } };
  const session = (messages: Message[], more: Partial<Session> = {}): Session => ({ ...empty, visit, messages, ...more });
  const log = () => {
    const made = new Log(texts, edges);
    document.body.replaceChildren(made.scroll);
    return made;
  };

  it("draws only what changed", () => {
    const view = log();
    const messages = [message(1, own), message(2, anna), message(3, anna)];
    view.draw(session(messages), []);
    const before = [...view.scroll.querySelectorAll(".message")];
    view.draw(session([...messages, message(4, anna)]), []);
    const after = [...view.scroll.querySelectorAll(".message")];
    expect(after.map((one) => one.querySelector(".bubble")?.textContent)).toEqual(["m1", "m2", "m3", "m4"]);
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    view.draw(session([messages[0]!, { ...messages[1]!, text: "better", corrected: { at: messages[1]!.at } }, messages[2]!]), []);
    expect([...view.scroll.querySelectorAll(".bubble")].map((one) => one.textContent)).toEqual(["m1", "better", "m3"]);
    expect(view.scroll.textContent).toContain("edited");
  });

  it("puts earlier messages above, in order", () => {
    const view = log();
    view.draw(session([message(3, anna), message(4, own)]), []);
    view.draw(session([message(1, anna), message(2, own), message(3, anna), message(4, own)]), []);
    expect([...view.scroll.querySelectorAll(".bubble")].map((one) => one.textContent)).toEqual(["m1", "m2", "m3", "m4"]);
  });

  it("shows what is on its way and what failed, with a way out", () => {
    const view = log();
    view.draw(session([]), [{ id: "x", text: "<i>one</i>", at: "", state: "queued" }, { id: "y", text: "two", at: "", state: "failed" }]);
    expect(view.scroll.querySelector("i i, .bubble i")).toBeNull();
    expect(view.scroll.textContent).toContain("Sending…");
    const [retry, discard] = [...view.scroll.querySelectorAll<HTMLButtonElement>(".under .plain")];
    retry!.click();
    discard!.click();
    expect(edges.retry).toHaveBeenCalledWith("y");
    expect(edges.discard).toHaveBeenCalledWith("y");
  });

  it("offers to change one's own fresh words only", () => {
    const view = log();
    const old = new Date(Date.now() - 11 * 60_000).toISOString();
    view.draw(session([message(1, own, { at: old }), message(2, anna), message(3, own), message(4, own, { kind: "file", text: null, file: { id: "f", name: "a.txt", size: 5, type: "text/plain" } })]), []);
    expect(view.scroll.querySelectorAll(".edit")).toHaveLength(1);
    view.draw(session([message(3, own)], { visit: { ...visit, state: "ended" } }), []);
    expect(view.scroll.querySelectorAll(".edit")).toHaveLength(0);
  });

  it("says who writes", () => {
    const view = log();
    view.draw(session([], { typing: ["a1"] }), []);
    expect(view.scroll.textContent).toContain("Anna is writing…");
  });
});

describe("words", () => {
  it("for who comes and goes leave out the visitor", () => {
    const event = (what: string, who?: Message["from"]) => eventText(message(1, { kind: "desk" }, { kind: "event", text: null, event: { what, who } }), texts);
    expect(event("entered", anna)).toBe("Anna joined");
    expect(event("entered", own)).toBe("");
    expect(event("transferred", anna)).toBe("You are being passed on to Anna");
    expect(event("transferred")).toBe("You are being passed on");
    expect(event("something new")).toBe("");
  });

  it("for the place and the end are honest", () => {
    const visit: Visit = { visit: "v", workgroup: "w", state: "waiting", position: { ahead: 4, len: 9 } };
    expect(placeText(visit, texts)).toEqual({ place: "You are number 5 in line", wait: "We cannot say yet how long it will take." });
    expect(placeText({ ...visit, position: { ahead: 0, len: 1 }, estimate: { low_s: 60, expected_s: 90, high_s: 120 } }, texts)).toEqual({ place: "You are next", wait: "Expected wait: about 1 to 2 minutes" });
    const called = (callback: Visit["callback"]): string => Object.values(placeText({ ...visit, callback }, texts)).join(" / ");
    expect(called({ state: "waiting" })).toContain("We will tell you when someone is free / We cannot say");
    expect(called({ state: "scheduled", due: "2026-11-20T12:30:00.000Z" })).toMatch(/We will tell you when someone is free \/ Next try at \d/);
    expect(called({ state: "confirming", confirm_until: "2026-11-20T12:30:00.000Z" })).toBe("Someone is free for you / ");
    const end = (how: string, by: "visitor" | "agent" | "desk", talked: boolean): string => endText({ ...visit, ended: { how, by, at: "" } }, talked, texts);
    expect(end("departed", "visitor", false)).toBe("You left the line.");
    expect(end("closed_by_visitor", "visitor", true)).toBe("You ended the chat.");
    expect(end("closed_by_agent", "agent", true)).toBe("The chat was ended by our side.");
    expect(end("visitor_lost", "visitor", true)).toBe("The connection was lost for too long.");
    expect(end("idle", "desk", true)).toMatch(/nobody wrote/);
    expect(end("desk_closed", "desk", false)).toBe("Sorry, nobody could join you.");
  });
});
