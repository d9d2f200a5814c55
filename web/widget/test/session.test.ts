// The session: what the visitor sees after each event of the stream, whatever the order and however often it comes.
import { describe, expect, it } from "vitest";
import { empty, merge, prepend, reduce, type Session } from "../src/session.ts";
import type { Message, Snapshot, StreamEvent } from "../src/wire.ts";

const message = (number: number, from: "visitor" | "agent" | "desk" = "agent", text = `m${number}`): Message =>
  ({ number, id: `id-${number}`, at: "2026-11-20T12:00:00.000Z", from: { kind: from, id: from === "agent" ? "a1" : undefined }, kind: "text", text });
const snapshot = (messages: Message[], more: Partial<Snapshot> = {}): StreamEvent =>
  ({ id: "1.1", event: "snapshot", data: { visit: "v", workgroup: "support", state: "chatting", agents: [{ id: "a1", title: "Anna" }], read: { visitor: 0, agent: 0 }, messages, ...more } });
const after = (...events: StreamEvent[]): Session => events.reduce((session, event) => reduce(session, event)[0], empty);
const numbers = (session: Session): number[] => session.messages.map((one) => one.number);

describe("a snapshot", () => {
  it("calls nothing new that was there before the page was loaded", () => {
    const [session, effects] = reduce(empty, snapshot([message(1), message(2)]));
    expect(numbers(session)).toEqual([1, 2]);
    expect(effects.filter((effect) => effect.do === "arrived")).toEqual([]);
  });

  it("after a restart replaces everything, and only what was missed is new", () => {
    const before = after(snapshot([message(1), message(2)]));
    const [session, effects] = reduce(before, { ...snapshot([message(1), message(2), message(3), message(4, "visitor")]), id: "2.1" });
    expect(numbers(session)).toEqual([1, 2, 3, 4]);
    expect(session.last).toBe("2.1");
    expect(effects.filter((effect) => effect.do === "arrived")).toEqual([{ do: "arrived", message: message(3) }]);
  });

  it("keeps earlier messages that join on and drops them when there is a hole", () => {
    const before = prepend(after(snapshot([message(51), message(52)])), [message(49), message(50)]);
    expect(numbers(reduce(before, snapshot([message(52), message(53)]))[0])).toEqual([49, 50, 51, 52, 53]);
    expect(numbers(reduce(before, snapshot([message(90), message(91)]))[0])).toEqual([90, 91]);
  });

  it("of another visit has nothing to do with this one", () => {
    const [session, effects] = reduce(after(snapshot([message(1)])), snapshot([message(5)], { visit: "w", state: "waiting" }));
    expect(numbers(session)).toEqual([5]);
    expect(effects).toEqual([{ do: "phase", from: null, to: "waiting" }, { do: "place" }]);
  });

  it("knows whether there are earlier messages", () => {
    expect(after(snapshot([message(101)])).more).toBe(true);
    expect(after(snapshot([message(1)])).more).toBe(false);
    expect(after(snapshot([])).more).toBe(false);
    expect(prepend(after(snapshot([message(101)])), []).more).toBe(false);
  });
});

describe("messages", () => {
  it("come once however often they are sent, in the order of their numbers", () => {
    const session = after(snapshot([]), ...[2, 1, 2, 3, 3].map((n): StreamEvent => ({ id: `1.${n}`, event: "message", data: message(n) })));
    expect(numbers(session)).toEqual([1, 2, 3]);
  });

  it("tell once that they arrived, and never one's own", () => {
    const [session, first] = reduce(after(snapshot([])), { event: "message", data: message(1) });
    expect(first).toEqual([{ do: "arrived", message: message(1) }]);
    expect(reduce(session, { event: "message", data: message(1) })[1]).toEqual([]);
    expect(reduce(session, { event: "message", data: message(2, "visitor") })[1]).toEqual([]);
  });

  it("end the notice that their author is writing", () => {
    const typing = after(snapshot([]), { event: "typing", data: { agent: "a1", state: "composing" } });
    expect(typing.typing).toEqual(["a1"]);
    expect(reduce(typing, { event: "message", data: message(1) })[0].typing).toEqual([]);
  });

  it("are corrected in place; a correction of something unknown changes nothing", () => {
    const before = after(snapshot([message(1), message(2)]));
    const [session, effects] = reduce(before, { event: "correction", data: { number: 1, text: "better", at: "2026-11-20T12:01:00.000Z" } });
    expect(session.messages[0]).toMatchObject({ text: "better", corrected: { at: "2026-11-20T12:01:00.000Z" } });
    expect(session.messages[1]).toBe(before.messages[1]);
    expect(effects).toHaveLength(1);
    expect(reduce(before, { event: "correction", data: { number: 9, text: "x", at: "" } })[0].messages).toBe(before.messages);
  });

  it("merge keeps the newer version of a number and the identity of the others", () => {
    const list = [message(1), message(2)];
    const merged = merge(list, [message(2, "agent", "new"), message(4)]);
    expect(merged.map((one) => one.text)).toEqual(["m1", "new", "m4"]);
    expect(merged[0]).toBe(list[0]);
  });
});

describe("the state", () => {
  it("says when the phase changes, and keeps the messages and the reading marks", () => {
    const before = after(snapshot([message(1)], { state: "waiting", read: { visitor: 1, agent: 0 } }));
    const [session, effects] = reduce(before, { id: "1.9", event: "state", data: { visit: "v", workgroup: "support", state: "chatting", agents: [] } });
    expect(effects).toEqual([{ do: "phase", from: "waiting", to: "chatting" }, { do: "place" }]);
    expect(numbers(session)).toEqual([1]);
    expect(session.visit?.read).toEqual({ visitor: 1, agent: 0 });
    expect(session.last).toBe("1.9");
  });

  it("nobody writes after the end, nor when they left", () => {
    const typing = after(snapshot([]), { event: "typing", data: { agent: "a1", state: "composing" } });
    const data = { visit: "v", workgroup: "support", agents: [] };
    expect(reduce(typing, { event: "state", data: { ...data, state: "ended" } })[0].typing).toEqual([]);
    expect(reduce(typing, { event: "state", data: { ...data, state: "chatting" } })[0].typing).toEqual([]);
  });

  it("the place in line changes alone", () => {
    const session = after(snapshot([], { state: "waiting" }), { event: "position", data: { ahead: 3, len: 5, estimate: null } });
    expect(session.visit).toMatchObject({ position: { ahead: 3, len: 5 }, estimate: null, state: "waiting" });
  });

  it("reading marks only go forward", () => {
    const session = after(snapshot([]), { event: "read", data: { by: "agent", number: 5 } }, { event: "read", data: { by: "agent", number: 3 } });
    expect(session.visit?.read?.agent).toBe(5);
  });

  it("a bye is passed on, the unknown is ignored, the id is remembered for both", () => {
    const before = after(snapshot([]));
    expect(reduce(before, { event: "bye", data: { reason: "stopping", retry_after_s: 4 } })[1]).toEqual([{ do: "bye", reason: "stopping", retry_after_s: 4 }]);
    expect(reduce(before, { id: "1.7", event: "weather", data: {} })[0]).toEqual({ ...before, last: "1.7" });
  });
});
