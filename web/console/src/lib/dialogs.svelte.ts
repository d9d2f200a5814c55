// Which dialog of the agent's work is open. The dialogs themselves are components.

export type Dialog =
  | { kind: 'transfer'; chat: string }
  | { kind: 'close'; chat: string }
  | { kind: 'transcript'; chat: string; title: string }
  | { kind: 'request'; queue: string; request: string }
  | { kind: 'agent'; agent: string }
  | { kind: 'become'; chat: string; title: string }
  | { kind: 'replies' }
  | { kind: 'password' }
  | { kind: 'keys' };

export const dialog = $state<{ open: Dialog | null }>({ open: null });
export function ask(what: Dialog): void { dialog.open = what; }
export function done(): void { dialog.open = null; }
