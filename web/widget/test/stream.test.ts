// The stream: which transport is tried, when it is tried again, what it resumes from, and when it gives up. Virtual time.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../src/api.ts";
import { SseReader } from "../src/sse.ts";
import { backOff, type Link, Stream } from "../src/stream.ts";
import type { StreamEvent } from "../src/wire.ts";

class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((frame: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  constructor(readonly last: string | null) {
    FakeSocket.all.push(this);
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  say(event: StreamEvent): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }
  fail(): void {
    this.readyState = 3;
    this.onclose?.();
  }
  close(): void {
    this.closed = true;
  }
  send(text: string): void {
    this.sent.push(text);
  }
}

function scene(probe: () => Promise<void> = async () => {}, events: () => Promise<Response> = () => new Promise(() => {})) {
  const seen: StreamEvent[] = [];
  const links: Link[] = [];
  let gone = 0;
  let byEvents = 0;
  const stream = new Stream({
    socket: (last) => new FakeSocket(last) as unknown as WebSocket,
    events: () => {
      byEvents += 1;
      return events();
    },
    probe,
    last: () => seen.at(-1)?.id ?? null,
    event: (event) => seen.push(event),
    link: (link) => links.push(link),
    gone: () => (gone += 1),
    random: () => 0,
  });
  return { stream, seen, links, gone: () => gone, byEvents: () => byEvents, socket: () => FakeSocket.all.at(-1)!, count: () => FakeSocket.all.length };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the WebSocket", () => {
  it("is tried first, and resumes after the last event", async () => {
    const { stream, seen, socket, links } = scene();
    stream.start();
    socket().open();
    socket().say({ id: "1.4", event: "message", data: {} });
    socket().fail();
    expect(links).toEqual(["connecting", "live", "lost"]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.all).toHaveLength(2);
    expect(socket().last).toBe("1.4");
    expect(seen).toHaveLength(1);
    stream.stop();
  });

  it("gives way to Server-Sent Events after two failures", async () => {
    const { stream, socket, byEvents, count } = scene();
    stream.start();
    socket().fail();
    await vi.advanceTimersByTimeAsync(1000);
    socket().fail();
    await vi.advanceTimersByTimeAsync(2000);
    expect([count(), byEvents()]).toEqual([2, 1]);
    stream.stop();
  });

  it("carries frames to the server only while it is open", () => {
    const { stream, socket } = scene();
    stream.start();
    expect(stream.send({ read: {} })).toBe(false);
    socket().open();
    expect(stream.send({ read: {} })).toBe(true);
    expect(socket().sent).toEqual(['{"read":{}}']);
    stream.stop();
  });

  it("ignores frames that mean nothing", () => {
    const { stream, socket, seen } = scene();
    stream.start();
    socket().open();
    for (const data of ["", "nonsense", "null", "[]", '{"event":5}']) socket().onmessage?.({ data });
    expect(seen).toEqual([]);
    stream.stop();
  });
});

describe("coming back", () => {
  it("waits longer each time, up to half a minute, spread by chance", () => {
    expect([1, 2, 3, 4].map((tries) => backOff(tries, 0))).toEqual([350, 700, 1400, 2800]);
    expect(backOff(50, 0)).toBe(15_000);
    expect(backOff(50, 0.999)).toBeLessThanOrEqual(30_000);
  });

  it("happens when the server said, not before", async () => {
    const { stream, socket, count } = scene();
    stream.start();
    socket().open();
    stream.comeBack(10);
    await vi.advanceTimersByTimeAsync(9_900);
    expect(count()).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(count()).toBe(2);
    stream.stop();
  });

  it("happens at once when the network is back", async () => {
    const { stream, socket, count } = scene();
    stream.start();
    socket().fail();
    stream.hurry();
    expect(count()).toBe(2);
    stream.hurry();
    expect(count()).toBe(2);
    stream.stop();
  });

  it("never happens after stop", async () => {
    const { stream, socket, count } = scene();
    stream.start();
    socket().fail();
    stream.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(count()).toBe(1);
  });

  it("ends when the visit is no more", async () => {
    const { stream, socket, gone, count } = scene(async () => {
      throw new Problem("unauthorized", 401);
    });
    stream.start();
    socket().fail();
    await vi.advanceTimersByTimeAsync(120_000);
    expect([gone(), count()]).toEqual([1, 1]);
  });

  it("is not confused by a server that is away", async () => {
    const { stream, socket, gone, count } = scene(async () => {
      throw new Problem("network");
    });
    stream.start();
    socket().fail();
    await vi.advanceTimersByTimeAsync(1000);
    expect([gone(), count()]).toEqual([0, 2]);
    stream.stop();
  });
});

describe("silence", () => {
  it("on a WebSocket is checked; it stays if the server answers", async () => {
    const probe = vi.fn(async () => {});
    const { stream, socket, count } = scene(probe);
    stream.start();
    socket().open();
    await vi.advanceTimersByTimeAsync(46_000);
    expect(probe).toHaveBeenCalledTimes(1);
    expect(count()).toBe(1);
    stream.stop();
  });

  it("on a WebSocket whose server does not answer means a new connection", async () => {
    const { stream, socket, count } = scene(async () => {
      throw new Problem("network");
    });
    stream.start();
    socket().open();
    await vi.advanceTimersByTimeAsync(47_000);
    expect(count()).toBe(2);
    stream.stop();
  });
});

describe("Server-Sent Events", () => {
  const body = (text: string): Promise<Response> => Promise.resolve(new Response(text));

  it("are read, and the WebSocket gets another chance when they end", async () => {
    const { stream, socket, seen, count } = scene(async () => {}, () => body('id: 1.1\nevent: snapshot\ndata: {"a":1}\n\n'));
    stream.start();
    socket().fail();
    await vi.advanceTimersByTimeAsync(1000);
    socket().fail();
    await vi.advanceTimersByTimeAsync(4000);
    expect(seen).toEqual([{ id: "1.1", event: "snapshot", data: { a: 1 } }]);
    expect(count()).toBeGreaterThan(2);
    stream.stop();
  });

  it("come in any pieces, with comments and all line ends", () => {
    const text = 'id: 1.1\nevent: message\ndata: {"n":\ndata: 1}\n\n: ping\n\nid: 1.2\r\nevent: typing\r\ndata: {}\r\n\r\ndata: nonsense\n\n';
    for (const size of [1, 2, 3, 7, 1000]) {
      const reader = new SseReader();
      const events: StreamEvent[] = [];
      for (let at = 0; at < text.length; at += size) events.push(...reader.feed(text.slice(at, at + size)));
      expect(events).toEqual([{ id: "1.1", event: "message", data: { n: 1 } }, { id: "1.2", event: "typing", data: {} }]);
    }
  });

  it("do not fill the memory", () => {
    const reader = new SseReader();
    expect(() => {
      for (let n = 0; n < 30; n += 1) reader.feed("x".repeat(100_000));
    }).toThrow();
  });
});
