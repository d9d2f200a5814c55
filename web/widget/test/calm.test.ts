// When the place in line is said aloud.
import { describe, expect, it } from "vitest";
import { Calm } from "../src/calm.ts";

describe("the spoken place in line", () => {
  it("is said at once the first time, then at most every 30 seconds", () => {
    const calm = new Calm();
    expect(calm.ask("number 5", "waiting", 1000)).toBe(0);
    calm.spoke("number 5", "waiting", 1000);
    expect(calm.ask("number 4", "waiting", 6000)).toBe(25_000);
    expect(calm.ask("number 4", "waiting", 40_000)).toBe(0);
  });

  it("is said at once when it means something new", () => {
    const calm = new Calm();
    calm.spoke("number 2", "waiting", 1000);
    expect(calm.ask("you are next", "next", 1500)).toBe(0);
  });

  it("is never said twice in the same words", () => {
    const calm = new Calm();
    calm.spoke("number 5", "waiting", 0);
    expect(calm.ask("number 5", "waiting", 100_000)).toBeNull();
    expect(calm.ask("", "waiting", 100_000)).toBeNull();
  });
});
