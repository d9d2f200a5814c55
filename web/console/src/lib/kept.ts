// Words that are not the server's yet: half written, or on their way to it. They outlive a reload of the tab and a session
// that ran out, and belong to one account. Knows no network and nothing of chats but their ids.

export interface Unsent { chat: string; id: string; text: string }
interface Kept { account: string; drafts: Record<string, string>; unsent: Unsent[] }

const KEY = 'anteroom.words';
const nothing = (account = ''): Kept => ({ account, drafts: {}, unsent: [] });
let kept: Kept = (() => {
  try { return { ...nothing(), ...(JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<Kept>) }; } catch { return nothing(); }
})();
function store(): void {
  try { sessionStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* kept in memory then */ }
}

/** Who is signed in now. Words of somebody else are nobody's to read, and are forgotten. */
export function belongTo(account: string): void {
  if (kept.account === account) return;
  kept = nothing(account);
  store();
}
/** Everything forgotten: for signing out. */
export function forgetWords(): void {
  kept = nothing();
  try { sessionStorage.removeItem(KEY); } catch { /* there was nothing then */ }
}

const place = (chat: string, aside: boolean): string => (aside ? `${chat} note` : chat);
/** What is half written in a chat: for the visitor, or as a note for the desk (`aside`). */
export const draftOf = (chat: string, aside = false): string => kept.drafts[place(chat, aside)] ?? '';
export function keepDraft(chat: string, text: string, aside = false): void {
  if (text === draftOf(chat, aside)) return;
  if (text === '') delete kept.drafts[place(chat, aside)]; else kept.drafts[place(chat, aside)] = text;
  store();
}
/** What was sent and not acknowledged yet, in order. */
export const unsentWords = (): readonly Unsent[] => kept.unsent;
export function keepUnsent(words: Unsent): void {
  if (kept.unsent.some((w) => w.id === words.id)) return;
  kept.unsent.push(words);
  store();
}
export function dropUnsent(id: string): void {
  if (!kept.unsent.some((w) => w.id === id)) return;
  kept.unsent = kept.unsent.filter((w) => w.id !== id);
  store();
}
/** Chats with something kept. */
export const keptChats = (): string[] => [...new Set([...Object.keys(kept.drafts).map((place) => place.split(' ')[0] ?? ''), ...kept.unsent.map((w) => w.chat)])];
/** Nothing of this chat is wanted any more. */
export function forgetChat(chat: string): void {
  keepDraft(chat, '');
  keepDraft(chat, '', true);
  kept.unsent.filter((w) => w.chat === chat).forEach((w) => dropUnsent(w.id));
}
