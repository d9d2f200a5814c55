// Any accent colour gives readable text.
import { describe, expect, it } from "vitest";
import { contrast, palette, parse } from "../src/colour.ts";

const rgb = (text: string): [number, number, number] => text.match(/\d+/g)!.map(Number) as [number, number, number];

describe("the palette", () => {
  it("has text of at least 4.5 to 1 for every accent, on the accent and on both surfaces", () => {
    for (let n = 0; n < 4096; n += 7) {
      const colours = palette(`#${n.toString(16).padStart(3, "0")}`);
      expect(contrast(rgb(colours["--accent"]!), rgb(colours["--on-accent"]!))).toBeGreaterThanOrEqual(4.5);
      expect(contrast(rgb(colours["--ink-light"]!), [255, 255, 255])).toBeGreaterThanOrEqual(4.5);
      expect(contrast(rgb(colours["--ink-dark"]!), [27, 31, 30])).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("reads only colours", () => {
    expect(parse("#fff")).toEqual([255, 255, 255]);
    expect(parse(" #2F6F62 ")).toEqual([47, 111, 98]);
    for (const text of ["red", "#12", "#12345", "url(x)", "", null]) expect(parse(text)).toBeNull();
    expect(palette("url(evil)")["--accent"]).toBe(palette(null)["--accent"]);
  });

  it("measures contrast as WCAG does", () => {
    expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
    expect(contrast([119, 119, 119], [255, 255, 255])).toBeCloseTo(4.48, 1);
  });
});
