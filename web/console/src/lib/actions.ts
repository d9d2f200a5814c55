// What an agent or supervisor can do, one function per deed: the call, and the words for its failure.
import { api, Problem, query, queuePath, seg } from './api';
import { desk, onSnapshot, stream } from './desk.svelte';
import { putMessage } from './desk';
import { dropUnsent, forgetChat, keepUnsent, keptChats, unsentWords } from './kept';
import { t } from './lang';
import { backoff } from './stream';
import { attempt, words } from './toast.svelte';
import { inTurn } from './turns';
import type { Chat, Message, MessageFile, Show } from './types';
import { closeWindow, select, ui } from './windows.svelte';

export type Target = { agent: string } | { queue: string } | { workgroup: string };
const chatPath = (chat: string, rest: string): string => `/agent/chats/${seg(chat)}/${rest}`;

export function uuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = ((b[6] ?? 0) & 0x0f) | 0x40;
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export const setShow = (show: Show, reason?: string) => attempt(() => api.put('/agent/availability', { show, ...(reason ? { reason } : {}) }));
export const setMaxChats = (chats_max: number) => attempt(() => api.put('/agent/availability', { show: desk.me?.show === 'offline' ? 'available' : (desk.me?.show ?? 'available'), ...(desk.me?.reason ? { reason: desk.me.reason } : {}), chats_max }));
export const optIn = (queue: string, opted_in: boolean) => attempt(() => api.put(`/agent/queues/${queuePath(queue)}`, { opted_in }));
export const endWrapUp = () => attempt(() => api.post('/agent/wrap-up/end'));

async function entered(work: Promise<{ chat: string } | undefined>): Promise<void> {
  const result = await work;
  if (!result?.chat) return;
  ui.taken = result.chat;
  if (desk.chats[result.chat] !== undefined) select(result.chat);
}
export const accept = (offer: string) => entered(attempt(() => api.post<{ chat: string }>(`/agent/offers/${seg(offer)}/accept`)));
export const reject = (offer: string, reason?: string) => attempt(() => api.post(`/agent/offers/${seg(offer)}/reject`, reason ? { reason } : {}));
export const take = (request: string) => entered(attempt(() => api.post<{ chat: string }>(`/agent/requests/${seg(request)}/take`)));
export const takeNext = (queue: string) => entered(attempt(() => api.post<{ chat: string }>(`/agent/queues/${queuePath(queue)}/take`)));
export const staffRoom = (queue: string) => attempt(() => api.post<{ room: string }>(`/agent/queues/${queuePath(queue)}/staff`));
export const leaveRoom = (room: string) => attempt(() => api.delete(`/agent/rooms/${seg(room)}`));

/** What passes by itself: the words stay as being sent, and are tried again. */
const PASSING = new Set(['network', 'timeout', 'stopping', 'rate_limited']);

/** Puts the words into the chat at once, as waiting for their number, and sends them after those before. */
export async function say(chat: string, text: string, id = uuid()): Promise<void> {
  const open = desk.chats[chat];
  if (open === undefined) return;
  const unsent = (): Message | undefined => desk.chats[chat]?.messages.find((m) => m.id === id && m.pending === true);
  const before = unsent();
  if (before === undefined) open.messages.push({ number: 0, id, at: new Date().toISOString(), from: { kind: 'agent', self: true, title: desk.me?.title ?? '' }, kind: 'text', text, pending: true });
  else delete before.failed;
  keepUnsent({ chat, id, text });
  await inTurn(chat, {
    async send() {
      const { number, at } = await api.post<{ number: number; at: string }>(chatPath(chat, 'messages'), { id, text });
      dropUnsent(id);
      const now = desk.chats[chat];
      const still = unsent();
      if (now !== undefined && still !== undefined) putMessage(now.messages, { ...still, number, at, pending: false });
    },
    wanted: () => unsent() !== undefined,
    passing: (error) => error instanceof Problem && PASSING.has(error.code),
    failed(error) {
      const still = unsent();
      if (still !== undefined) still.failed = words(error);
    },
    pause: (n) => new Promise((resolve) => setTimeout(resolve, backoff(n))),
  });
}
/** What a reload interrupted is sent after all; the server knows by the id what it has already. */
onSnapshot(() => {
  for (const chat of keptChats()) if (desk.me !== null && desk.chats[chat] === undefined) forgetChat(chat);
  for (const { chat, id, text } of [...unsentWords()]) {
    const messages = desk.chats[chat]?.messages;
    if (messages === undefined || desk.chats[chat]?.room_state === 'ended' || messages.some((m) => m.id === id && m.pending !== true)) dropUnsent(id);
    else if (!messages.some((m) => m.id === id)) void say(chat, text, id);
  }
});
export function unsay(chat: string, id: string): void {
  dropUnsent(id);
  const open = desk.chats[chat];
  if (open !== undefined) open.messages = open.messages.filter((m) => m.id !== id || m.pending !== true);
}
export const correct = (chat: string, number: number, text: string) => attempt(() => api.put(chatPath(chat, `messages/${number}`), { text }));
export function typing(chat: string, state: 'composing' | 'paused'): void {
  if (!stream.send({ typing: { chat, state } })) void api.post(chatPath(chat, 'typing'), { state }).catch(() => undefined);
}
/** Tells how far the agent has read. A lost one does no harm: the next says more. */
export function read(chat: string, number: number): void {
  const open = desk.chats[chat];
  if (open === undefined || number <= open.read.me) return;
  open.read.me = number;
  if (open.gone) return;
  if (!stream.send({ read: { chat, number } })) void api.post(chatPath(chat, 'read'), { number }).catch(() => undefined);
}
export async function earlier(chat: string): Promise<void> {
  const open = desk.chats[chat];
  const first = open?.messages.find((m) => m.pending !== true)?.number;
  if (open === undefined || first === undefined) return;
  const found = await attempt(() => api.get<Message[] | { messages: Message[] }>(chatPath(chat, `messages${query({ before: first, limit: 50 })}`)));
  for (const message of Array.isArray(found) ? found : (found?.messages ?? [])) putMessage(open.messages, message);
}
export async function sendFile(chat: string, file: File): Promise<void> {
  const form = new FormData();
  form.append('id', uuid());
  form.append('file', file);
  const message = await attempt(() => api.post<Message>(chatPath(chat, 'files'), form));
  const open = desk.chats[chat];
  if (message !== undefined && open !== undefined && typeof message.number === 'number') putMessage(open.messages, message);
}
/** Opens a file by a fresh ticket link. The server never serves it inline. */
export async function openFile(chat: string, file: MessageFile): Promise<void> {
  const found = await attempt(() => api.get<{ url: string }>(chatPath(chat, `files/${seg(file.id)}`)));
  if (found !== undefined) window.open(found.url, '_blank', 'noopener');
}
export const closeChat = (chat: string) => attempt(() => api.post(chatPath(chat, 'close')));
export const leaveChat = (chat: string) => attempt(() => api.post(chatPath(chat, 'leave')));
export const enterChat = (chat: string) => attempt(async () => { await api.post(chatPath(chat, 'enter')); return true; });
export const transfer = (chat: string, to: Target, kind: 'transfer' | 'conference', note: string) =>
  attempt(async () => { await api.post(chatPath(chat, 'transfer'), { to, kind, ...(note === '' ? {} : { note }) }); return true; }, kind === 'transfer' ? t.transfer.asked : t.transfer.invited);
export const cancelTransfer = (chat: string) => attempt(() => api.delete(chatPath(chat, 'transfer')));
export const addNote = (chat: string, text: string) => attempt(() => api.post(chatPath(chat, 'notes'), { text }));
export const setTags = (chat: string, tags: string[]) => attempt(() => api.put(chatPath(chat, 'tags'), { tags }));
export const block = (chat: string) => attempt(() => api.post(chatPath(chat, 'block')), t.chat.blocked);

/** Puts an ended chat away; it stays in the archive. */
export function dismiss(chat: string): void {
  forgetChat(chat);
  delete desk.chats[chat];
  closeWindow(chat);
}
export const isMine = (chat: Chat): boolean => chat.part === 'holder';

const request = (id: string, deed: string, body?: unknown) => attempt(() => api.post(`/supervisor/requests/${seg(id)}/${deed}`, body));
export const supervise = {
  move: (id: string, queue: string) => request(id, 'move', { queue }),
  priority: (id: string, priority: number) => request(id, 'priority', { priority }),
  head: (id: string) => request(id, 'head'),
  end: (id: string) => request(id, 'end'),
  assign: (id: string, agent: string) => request(id, 'assign', { agent }),
  show: (agent: string, show: Show, reason?: string) => attempt(() => api.post(`/supervisor/agents/${seg(agent)}/availability`, { show, ...(reason ? { reason } : {}) })),
  signOut: (agent: string) => attempt(() => api.post(`/supervisor/agents/${seg(agent)}/sign-out`)),
};
