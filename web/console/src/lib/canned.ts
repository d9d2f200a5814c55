// Canned replies: finding them by what was typed, and filling them in. Pure.
import type { Canned } from './types';

/** What follows a `/` at the start of the text or after white space, just before the caret; null if none. */
export function shortcutAt(text: string, caret: number): { from: number; typed: string } | null {
  const match = /(^|\s)\/([\p{L}\p{N}_-]*)$/u.exec(text.slice(0, caret));
  return match === null ? null : { from: caret - (match[2] ?? '').length - 1, typed: match[2] ?? '' };
}

/** Up to `max` replies for a workgroup and locale: shortcuts that start so, then those that contain it anywhere. */
export function matching(all: Canned[], typed: string, workgroup: string, locale: string | null | undefined, max = 8): Canned[] {
  const wanted = typed.toLocaleLowerCase();
  const language = (locale ?? '').slice(0, 2);
  const ranked: [number, Canned][] = [];
  for (const reply of all) {
    if (reply.workgroup && reply.workgroup !== workgroup) continue;
    const shortcut = reply.shortcut.toLocaleLowerCase();
    let rank = shortcut === wanted ? 0 : shortcut.startsWith(wanted) ? 1 : shortcut.includes(wanted) ? 2 : 9;
    if (rank === 9 && wanted.length > 1 && `${reply.title} ${reply.text}`.toLocaleLowerCase().includes(wanted)) rank = 3;
    if (rank === 9) continue;
    if (reply.locale) rank += reply.locale.slice(0, 2) === language ? -0.5 : 4;
    ranked.push([rank, reply]);
  }
  return ranked.sort((a, b) => a[0] - b[0] || a[1].shortcut.localeCompare(b[1].shortcut)).slice(0, max).map(([, r]) => r);
}

/** The text with `{visitor}` and `{agent}` filled in. */
export function filled(text: string, names: { visitor: string; agent: string }): string {
  return text.replace(/\{(visitor|agent)\}/g, (_, key: 'visitor' | 'agent') => names[key]);
}
