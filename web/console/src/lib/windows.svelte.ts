// Which chats stand side by side, and which one is in front. Knows only the ids of chats.

export const ui = $state<{
  /** Every open chat in the order of its tab. */
  order: string[];
  /** The chats in columns, at most as many as fit. */
  columns: string[];
  active: string;
  /** On a phone: what fills the screen. */
  pane: 'lines' | 'chat' | 'visitor';
  fit: number;
  /** The chat that was just taken: its composer gets the focus as soon as it is there. */
  taken: string;
}>({ order: [], columns: [], active: '', pane: 'lines', fit: 1, taken: '' });

function show(chat: string, beside: boolean): void {
  if (!ui.columns.includes(chat)) {
    const room = ui.columns.length < ui.fit;
    const at = ui.columns.indexOf(ui.active);
    if (beside && room) ui.columns.push(chat);
    else if (beside && ui.fit > 1) ui.columns[(Math.max(at, 0) + 1) % ui.columns.length] = chat;
    else if (ui.columns.length === 0) ui.columns.push(chat);
    else ui.columns[Math.max(at, 0)] = chat;
  }
  ui.active = chat;
}

/** Opens a chat; one that just began takes a column of its own if there is room, and the front. */
export function openWindow(chat: string, front: boolean): void {
  if (!ui.order.includes(chat)) ui.order.push(chat);
  if (front || ui.active === '') {
    show(chat, true);
    if (front) ui.pane = 'chat';
  } else if (ui.columns.length < ui.fit && !ui.columns.includes(chat)) ui.columns.push(chat);
}
export function select(chat: string, beside = false): void {
  if (!ui.order.includes(chat)) return;
  show(chat, beside);
  ui.pane = 'chat';
}
/** Takes a chat out of its column; its tab remains. */
export function unsplit(chat: string): void {
  if (ui.columns.length < 2) return;
  ui.columns = ui.columns.filter((c) => c !== chat);
  if (ui.active === chat) ui.active = ui.columns[0] ?? '';
}
export function closeWindow(chat: string): void {
  const at = ui.order.indexOf(chat);
  ui.order = ui.order.filter((c) => c !== chat);
  ui.columns = ui.columns.filter((c) => c !== chat);
  if (ui.active !== chat) return;
  const next = ui.columns[0] ?? ui.order[Math.min(at, ui.order.length - 1)] ?? '';
  ui.active = next;
  if (next !== '' && ui.columns.length === 0) ui.columns.push(next);
  if (next === '') ui.pane = 'lines';
}
/** As many columns as the width allows; those beyond go back to being tabs, the front one last. */
export function fitColumns(fit: number): void {
  ui.fit = fit;
  while (ui.columns.length > fit) {
    const out = ui.columns.findLast((c) => c !== ui.active);
    if (out === undefined) break;
    ui.columns = ui.columns.filter((c) => c !== out);
  }
}
/** The next or the previous chat, in the order of the tabs. */
export function step(by: number): void {
  const at = ui.order.indexOf(ui.active);
  const next = ui.order[(at + by + ui.order.length) % ui.order.length];
  if (next !== undefined) select(next);
}
