// Keys that work everywhere. Alt and a letter always; single keys only while nobody is typing and only as long
// as they are not switched off. The sheet that lists them is built from the same words.
import { accept, reject } from './actions';
import { ask, dialog } from './dialogs.svelte';
import { desk } from './desk.svelte';
import { prefs, setPref } from './prefs.svelte';
import { go, route } from './route.svelte';
import { select, step, ui } from './windows.svelte';

export const typingIn = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=button])'));

const firstOffer = (): string | undefined => Object.values(desk.offers).sort((a, b) => a.deadline.localeCompare(b.deadline))[0]?.offer;
function focus(selector: string): void { document.querySelector<HTMLElement>(selector)?.focus(); }
function onDesk(then: () => void): void {
  if (route.parts[0] !== 'desk') { go('desk'); setTimeout(then, 50); } else then();
}

const withAlt: Record<string, () => void> = {
  KeyA: () => { const offer = firstOffer(); if (offer !== undefined) void accept(offer); },
  KeyR: () => { const offer = firstOffer(); if (offer !== undefined) void reject(offer); },
  ArrowDown: () => onDesk(() => step(1)),
  ArrowUp: () => onDesk(() => step(-1)),
  KeyC: () => onDesk(() => focus('.pane.front textarea')),
  KeyL: () => onDesk(() => { ui.pane = 'lines'; focus('.lines [data-row]'); }),
  KeyN: () => onDesk(() => document.querySelector<HTMLElement>('.pane.front [data-key=note]')?.click()),
  KeyT: () => { if (ui.active !== '') ask({ kind: 'transfer', chat: ui.active }); },
  KeyE: () => { if (ui.active !== '') ask({ kind: 'close', chat: ui.active }); },
  KeyV: () => setPref('panel', !prefs.panel),
  KeyS: () => document.querySelector<HTMLElement>('[data-key=show] button')?.click(),
  KeyM: () => setPref('sound', !prefs.sound),
};

export function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing) return;
  const windowOpen = document.querySelector('dialog[open]') !== null;
  if (event.altKey) {
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    const deed = withAlt[event.code];
    const chat = digit === undefined ? undefined : ui.order[Number(digit) - 1];
    if (windowOpen && event.code !== 'KeyA' && event.code !== 'KeyR') return;
    if (chat !== undefined) onDesk(() => { select(chat, event.shiftKey); setTimeout(() => focus('.pane.front textarea'), 0); });
    else if (deed !== undefined) deed();
    else return;
    event.preventDefault();
    return;
  }
  if (event.key === '?' && !typingIn(event.target) && !windowOpen && prefs.singleKeys) {
    event.preventDefault();
    dialog.open = { kind: 'keys' };
  }
}
