// Durations, times and sizes as people read them. Pure; the language comes from `t`.
import { t, locale } from './lang';

/** 0:07, 4:31, 1:02:09. For clocks that run. */
export function clock(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const h = Math.floor(s / 3600);
  return h > 0 ? `${h}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** 45 s, 3 min, 1 h 20 min, 2 d. For figures that stand. */
export function span(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return '–';
  const s = Math.round(seconds);
  if (s < 90) return t.time.seconds(s);
  if (s < 5400) return t.time.minutes(Math.round(s / 60));
  if (s < 129_600) return t.time.hours(Math.floor(s / 3600), Math.round((s % 3600) / 60) % 60);
  return t.time.days(Math.round(s / 86_400));
}

/** A span as it was set, to the second up to an hour and a half. */
export function exactSpan(seconds: number): string {
  const rest = seconds % 60;
  return seconds < 90 || seconds >= 5400 || rest === 0 ? span(seconds) : `${t.time.minutes(Math.floor(seconds / 60))} ${t.time.seconds(rest)}`;
}

const times = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const dates = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const both = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

function formatted(format: Intl.DateTimeFormat, at: string | null | undefined): string {
  const ms = Date.parse(at ?? '');
  return Number.isNaN(ms) ? '–' : format.format(ms);
}
export const time = (at: string | null | undefined): string => formatted(times, at);
export const date = (at: string | null | undefined): string => formatted(dates, at);
export const dateTime = (at: string | null | undefined): string => formatted(both, at);

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Two letters for a round picture. Grapheme-safe, so that no accent is torn off. */
export function initials(title: string): string {
  const words = title.trim().split(/\s+/).filter((w) => w !== '');
  const first = (w: string | undefined): string => (w === undefined ? '' : ([...w][0] ?? ''));
  const text = words.length > 1 ? first(words[0]) + first(words.at(-1)) : [...(words[0] ?? '?')].slice(0, 2).join('');
  return text.toLocaleUpperCase();
}

/** Parts of a text that are links and parts that are not. Only http and https, and no trailing punctuation. */
export function links(text: string): { text: string; href?: string }[] {
  const out: { text: string; href?: string }[] = [];
  let at = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"']+/g)) {
    const href = match[0].replace(/[.,;:!?)\]}]+$/, '');
    if (match.index > at) out.push({ text: text.slice(at, match.index) });
    out.push({ text: href, href });
    at = match.index + href.length;
  }
  if (at < text.length) out.push({ text: text.slice(at) });
  return out;
}
