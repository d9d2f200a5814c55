// The outbox: nothing is lost, nothing goes out of order, and what cannot go is shown instead of tried for ever.
import { describe, expect, it } from "vitest";
import { Problem } from "../src/api.ts";
import { Outbox, type OutboxEdges, type Pending, restore } from "../src/outbox.ts";

const pending = (id: string, state: Pending["state"] = "queued"): Pending => ({ id, text: `text ${id}`, at: "2026-11-20T12:00:00.000Z", state });

function scene(answers: (Problem | "ok")[], items: Pending[] = []) {
  const sent: string[] = [];
  const waits: number[] = [];
  let saved: Pending[] = items;
  let gone = 0;
  const edges: OutboxEdges = {
    send: async (one) => {
      sent.push(one.id);
      const answer = answers.shift() ?? "ok";
      if (answer !== "ok") throw answer;
      return { number: sent.length, at: "" };
    },
    save: (list) => (saved = list),
    said: () => {},
    changed: () => {},
    gone: () => (gone += 1),
    wait: async (ms) => void waits.push(ms),
    random: () => 0.5,
  };
  return { outbox: new Outbox(items, edges), sent, waits, saved: () => saved, gone: () => gone };
}

describe("sending", () => {
  it("goes one after another and forgets what has a number", async () => {
    const { outbox, sent, saved } = scene([]);
    outbox.add(pending("a"));
    outbox.add(pending("b"));
    expect(saved().map((one) => one.id)).toEqual(["a", "b"]);
    await outbox.flush();
    await expect.poll(() => outbox.items).toEqual([]);
    expect(sent).toEqual(["a", "b"]);
    expect(saved()).toEqual([]);
  });

  it("tries the same message again with the same id, with growing pauses, before the next one", async () => {
    const { outbox, sent, waits } = scene([new Problem("network"), new Problem("internal", 500), "ok", "ok"], [pending("a"), pending("b")]);
    await outbox.flush();
    expect(sent).toEqual(["a", "a", "a", "b"]);
    expect(waits).toEqual([1000, 2000]);
  });

  it("waits as long as the server asks", async () => {
    const { outbox, waits } = scene([new Problem("rate_limited", 429, { retry_after_s: 7 })], [pending("a")]);
    await outbox.flush();
    expect(waits).toEqual([7000]);
  });

  it("shows what was refused and sends the next", async () => {
    const { outbox, sent } = scene([new Problem("bad_request", 400), "ok"], [pending("a"), pending("b")]);
    await outbox.flush();
    expect(sent).toEqual(["a", "b"]);
    expect(outbox.items).toEqual([pending("a", "failed")]);
    outbox.retry("a");
    await expect.poll(() => outbox.items).toEqual([]);
  });

  it("stops when the visit is no more", async () => {
    const { outbox, sent, gone } = scene([new Problem("unauthorized", 401)], [pending("a"), pending("b")]);
    await outbox.flush();
    expect(gone()).toBe(1);
    outbox.add(pending("c"));
    expect(sent).toEqual(["a"]);
  });

  it("drops what the stream showed already", () => {
    const { outbox } = scene([], [pending("a", "failed"), pending("b", "failed")]);
    outbox.settle(new Set(["a", "z"]));
    expect(outbox.items.map((one) => one.id)).toEqual(["b"]);
  });
});

describe("what was saved", () => {
  it("is queued again after a reload; what failed stays so; the rest is dropped", () => {
    expect(restore([{ ...pending("a"), state: "held" }, pending("b", "failed"), { id: 3 }, null, "x"])).toEqual([pending("a"), pending("b", "failed")]);
    expect(restore("nonsense")).toEqual([]);
    expect(restore(null)).toEqual([]);
  });
});
