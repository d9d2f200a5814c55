// Words: ranges of time, plurals, dates, safe links, languages that are complete.
import { describe, expect, it } from "vitest";
import { choose, direction, labels } from "../src/lang/labels.ts";
import { address, links, Texts } from "../src/text.ts";

const packs = import.meta.glob<{ default: Record<string, string | Record<string, string>> }>("../src/lang/??.ts", { eager: true });
const pack = (language: string) => packs[`../src/lang/${language}.ts`]!.default;
const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map((match) => match[0]).sort();

describe("languages", () => {
  it("have a launcher label each, and the other way round", () => {
    expect(Object.keys(packs).map((path) => path.slice(-5, -3)).sort()).toEqual(Object.keys(labels).sort());
  });

  it.each(Object.keys(labels))("%s has every text, with the same things put in", (language) => {
    const own = pack(language);
    const en = pack("en");
    expect(Object.keys(own).sort()).toEqual(Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      const mine = own[key]!;
      if (typeof text === "string") {
        expect(typeof mine, key).toBe("string");
        expect((mine as string).trim(), key).not.toBe("");
        expect(placeholders(mine as string), key).toEqual(placeholders(text));
      } else {
        expect(Object.keys(mine), key).toContain("other");
        for (const form of Object.values(mine)) expect(placeholders(form), key).toEqual(placeholders(text["other"]!));
      }
    }
  });

  it("are chosen by the nearest", () => {
    expect(["nl-BE", "NL", "de_AT", "fr", "pt-BR", "", null, "zz", "constructor"].map(choose)).toEqual(["nl", "nl", "de", "fr", "en", "en", "en", "en", "en"]);
    expect(["ar-EG", "he", "fa", "nl", "en", "arn"].map(direction)).toEqual(["rtl", "rtl", "rtl", "ltr", "ltr", "ltr"]);
  });
});

describe("the expected wait", () => {
  const wait = (low_s: number, high_s: number, texts: Texts): string | null => texts.wait({ low_s, expected_s: (low_s + high_s) / 2, high_s });

  it("is a range, rounded outwards, and honest when unknown", async () => {
    const en = await Texts.load("en");
    expect(en.wait(null)).toBeNull();
    expect(wait(10, 40, en)).toBe("less than a minute");
    expect(wait(30, 60, en)).toBe("about 1 minute");
    expect(wait(185, 350, en)).toBe("about 3 to 6 minutes");
    expect(wait(20, 119, en)).toBe("about 1 to 2 minutes");
    expect(wait(3700, 9000, en)).toBe("about 1 to 3 hours");
  });

  it("follows the plural rules of the language", async () => {
    const nl = await Texts.load("nl-BE");
    expect(wait(30, 60, nl)).toBe("ongeveer 1 minuut");
    expect(nl.t("new_messages", { n: 2 })).toBe("2 nieuwe berichten");
    const fr = await Texts.load("fr");
    expect(fr.t("new_messages", { n: 0 })).toBe("0 nouveau message");
  });
});

describe("dates", () => {
  it("are near or far", async () => {
    const en = await Texts.load("en-GB");
    const now = new Date(2026, 10, 20, 12);
    expect(en.day(new Date(2026, 10, 20, 1).toISOString(), now)).toBe("Today");
    expect(en.day(new Date(2026, 10, 19, 23).toISOString(), now)).toBe("Yesterday");
    expect(en.opens(new Date(2026, 10, 23, 9).toISOString(), now)).toMatch(/^Monday.*9:00/);
    expect(en.opens(new Date(2026, 11, 24, 9).toISOString(), now)).toMatch(/24 December/);
    expect(en.opens(new Date(2026, 10, 20, 18).toISOString(), now)).toMatch(/^(18:00|6:00)/);
  });

  it("survive a nonsensical locale", async () => {
    const texts = await Texts.load("not a locale!");
    expect(texts.language).toBe("en");
    expect(texts.size(1_500_000)).toBe("1.5 MB");
  });
});

describe("links", () => {
  const found = (text: string): (string | undefined)[] => links(text).map((part) => part.href).filter(Boolean);

  it("are found without the punctuation after them", () => {
    expect(links("See https://a.example/x, please.")).toEqual([{ text: "See " }, { text: "https://a.example/x", href: "https://a.example/x" }, { text: ", please." }]);
    expect(found("(https://a.example/b_(c))")).toEqual(["https://a.example/b_(c)"]);
    expect(found("http://a.example and HTTPS://B.example!")).toEqual(["http://a.example/", "https://b.example/"]);
  });

  it("are never made of anything but http and https", () => {
    for (const text of ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "//a.example", "xhttps://a.example", "https://", "http://user:pass@a.example/"]) expect(found(text)).toEqual([]);
    expect(address("javascript:alert(1)")).toBeNull();
  });

  it("keep every character of the text", () => {
    for (const text of ["", "plain", "https://a.example", "a https://a.example/?q=1#f b", "https://a.example\u202ekcab", '"https://a.example"<b>']) {
      expect(links(text).map((part) => part.text).join("")).toBe(text);
    }
  });
});
