// Turns what is known into words: the language pack, plurals, ranges of time, sizes, dates, and safe links. Gives text and nodes,
// never HTML.
import { choose } from "./lang/labels.ts";
import type { Pack } from "./lang/en.ts";
import type { Estimate } from "./wire.ts";

type Key = keyof Pack;
type Values = Record<string, string | number>;

const packs = import.meta.glob<{ default: Pack }>(["./lang/??.ts", "./lang/??-*.ts"]);

const fill = (pattern: string, values: Values): string => pattern.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

export class Texts {
  readonly #rules: Intl.PluralRules;

  /** @param locale for dates and numbers  @param wish what the visitor speaks, also if there is no pack for it */
  constructor(readonly language: string, private pack: Pack, readonly locale = language, readonly wish = locale) {
    this.#rules = new Intl.PluralRules(language);
  }

  /** Loads the pack for a wish such as `nl-BE`; English when there is none or it does not load. */
  static async load(wish: string | null): Promise<Texts> {
    const language = choose(wish);
    const pack = packs[`./lang/${language}.ts`] ?? packs["./lang/en.ts"]!;
    const own = (globalThis.navigator?.languages ?? []).find((one) => choose(one) === language);
    const valid = Intl.DateTimeFormat.supportedLocalesOf([wish?.includes("-") ? wish : (own ?? wish ?? language)].filter(isLocale))[0];
    const locale = valid?.startsWith(language) ? valid : language;
    try {
      return new Texts(language, (await pack()).default, locale, valid);
    } catch {
      return new Texts("en", (await packs["./lang/en.ts"]!()).default, "en", valid);
    }
  }

  /** Puts a house's own texts in place of ours, by key; what has plurals stays. */
  put(strings: Record<string, string>): void {
    const known = Object.entries(strings).filter(([key, text]) => typeof this.pack[key as Key] === "string" && typeof text === "string");
    this.pack = { ...this.pack, ...Object.fromEntries(known) };
  }

  t(key: Key, values: Values = {}): string {
    const found = this.pack[key];
    if (typeof found === "string") return fill(found, values);
    const forms: Record<string, string> = found;
    return fill(forms[this.#rules.select(Number(values["n"]))] ?? found.other, values);
  }

  /** The expected wait in words; null when nothing is known. */
  wait(estimate: Estimate | null | undefined): string | null {
    if (!estimate) return null;
    const low = Math.max(1, Math.floor(estimate.low_s / 60));
    const high = Math.max(1, Math.ceil(estimate.high_s / 60));
    if (estimate.high_s < 60) return this.t("wait_moment");
    if (high > 90) return this.#range("wait_hours", "wait_hours_range", Math.max(1, Math.floor(low / 60)), Math.ceil(high / 60));
    return this.#range("wait_minutes", "wait_range", low, high);
  }

  #range(one: "wait_minutes" | "wait_hours", two: "wait_range" | "wait_hours_range", low: number, high: number): string {
    return low >= high ? this.t(one, { n: high }) : this.t(two, { low, high });
  }

  size(bytes: number): string {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
    let at = 0;
    let value = bytes;
    for (; value >= 1000 && at < 3; at += 1) value /= 1000;
    return new Intl.NumberFormat(this.locale, { style: "unit", unit: units[at], unitDisplay: at > 0 ? "short" : "long", maximumFractionDigits: value < 10 && at > 0 ? 1 : 0 }).format(value);
  }

  number(n: number): string {
    return new Intl.NumberFormat(this.locale).format(n);
  }

  time(at: string): string {
    return new Intl.DateTimeFormat(this.locale, { hour: "numeric", minute: "2-digit" }).format(new Date(at));
  }

  day(at: string, now: Date): string {
    const date = new Date(at);
    const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
    if (days === 0) return this.t("today");
    if (days === 1) return this.t("yesterday");
    return new Intl.DateTimeFormat(this.locale, { weekday: "long", day: "numeric", month: "long" }).format(date);
  }

  /** When the doors open: a weekday and a time within a week, else a date too. */
  opens(at: string, now: Date): string {
    const date = new Date(at);
    const days = (midnight(date) - midnight(now)) / 86_400_000;
    const near: Intl.DateTimeFormatOptions = days < 0.5 ? {} : days < 6.5 ? { weekday: "long" } : { weekday: "long", day: "numeric", month: "long" };
    return new Intl.DateTimeFormat(this.locale, { ...near, hour: "numeric", minute: "2-digit" }).format(date);
  }

  list(names: string[]): string {
    return new Intl.ListFormat(this.locale, { type: "conjunction" }).format(names);
  }
}

const midnight = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

function isLocale(wish: string): boolean {
  try {
    return Intl.getCanonicalLocales(wish).length > 0;
  } catch {
    return false;
  }
}

const LINK = /\bhttps?:\/\/[^\s<>"'`\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]+/gi;

/** Splits text into words and http(s) links; closing punctuation stays outside of a link. */
export function links(text: string): { text: string; href?: string }[] {
  const parts: { text: string; href?: string }[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    let found = match[0].replace(/[.,;:!?…'"»”’\]}]+$/, "");
    while (found.endsWith(")") && found.split(")").length > found.split("(").length) found = found.slice(0, -1).replace(/[.,;:!?]+$/, "");
    const href = address(found);
    if (!href) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: found, href });
    from = match.index + found.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** A web address without a user name in it (such addresses deceive), else null. */
export function address(text: string): string | null {
  try {
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) && url.hostname && !url.username && !url.password ? url.href : null;
  } catch {
    return null;
  }
}
