// Everything on the screen that counts seconds. One timer writes text into elements directly: two hundred
// waiting clocks cost two hundred text writes a second, and no component is rendered again.
import type { Attachment } from 'svelte/attachments';
import { serverNow } from './api';
import { clock } from './format';

type Tick = (now: number) => void;
const ticks = new Set<Tick>();
let timer = 0;

function run(): void {
  const now = serverNow();
  for (const tick of ticks) tick(now);
  timer = window.setTimeout(run, 1000 - (Date.now() % 1000));
}

/** Calls `tick` now and each second until the returned function is called. */
export function every(tick: Tick): () => void {
  ticks.add(tick);
  tick(serverNow());
  if (timer === 0) timer = window.setTimeout(run, 1000 - (Date.now() % 1000));
  return () => {
    ticks.delete(tick);
    if (ticks.size === 0) { clearTimeout(timer); timer = 0; }
  };
}

/** The text of the element is the time since `at`; `data-late` is set where it is more than `target_s`. */
export function since(at: string | null | undefined, target_s?: number | null): Attachment<HTMLElement> {
  const from = Date.parse(at ?? '');
  return (node) => {
    if (Number.isNaN(from)) { node.textContent = '–'; return; }
    return every((now) => {
      const ms = now - from;
      const text = clock(ms);
      if (node.textContent !== text) node.textContent = text;
      const share = target_s ? ms / 1000 / target_s : 0;
      const state = share >= 1 ? 'late' : share >= 0.75 ? 'soon' : 'fine';
      if (node.dataset['wait'] !== state) node.dataset['wait'] = state;
    });
  };
}

/** The text of the element is the time left until `at`, never below zero. */
export function until(at: string | null | undefined): Attachment<HTMLElement> {
  const to = Date.parse(at ?? '');
  return (node) => every((now) => {
    const text = Number.isNaN(to) ? '–' : clock(Math.max(0, to - now + 999));
    if (node.textContent !== text) node.textContent = text;
  });
}
