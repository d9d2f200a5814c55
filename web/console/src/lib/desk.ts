// What this session knows of the desk, and how an event of the stream changes it. No network, no clock, no
// Svelte: `apply` changes the given object in place, so that a reactive proxy of it tells only what changed.
import type { Agent, Canned, Chat, ChatEnd, Message, Note, Offer, Queue, Running, Snapshot, StreamEvent, Waiting, Workgroup } from './types';

export interface OpenChat extends Chat {
  messages: Message[]; first_number: number; read: { visitor: number; me: number }; typing: string[]; tags: string[]; notes: Note[];
  /** The server has let go of it: what stands here is all there is. */
  gone: boolean;
}
export interface DeskState {
  ready: boolean;
  me: Agent | null;
  agents: Record<string, Agent>;
  workgroups: Record<string, Workgroup>;
  queues: Record<string, Queue>;
  /** Queue id → requests in order. `total` may be more than are listed. */
  lines: Record<string, { order: string[]; total: number }>;
  /** Who waits, by `standing(queue, request)`: one who has rolled over stands in several lines at once. */
  waiting: Record<string, Waiting>;
  offers: Record<string, Offer>;
  chats: Record<string, OpenChat>;
  canned: Canned[];
  /** Every chat that is going on; supervisors only. */
  running: Record<string, Running>;
}

/** The place of a request in a line, as a key. */
export const standing = (queue: string, request: string): string => `${queue} ${request}`;

export function emptyDesk(): DeskState {
  return { ready: false, me: null, agents: {}, workgroups: {}, queues: {}, lines: {}, waiting: {}, offers: {}, chats: {}, canned: [], running: {} };
}

const byKey = <T>(list: T[] | undefined, key: (item: T) => string): Record<string, T> =>
  Object.fromEntries((list ?? []).map((item) => [key(item), item]));

/** A chat with everything optional filled in; what the event leaves out is kept from `before`. */
export function openChat(chat: Chat, before?: OpenChat): OpenChat {
  const messages = chat.messages === undefined ? (before?.messages ?? []) : [...chat.messages].sort((a, b) => a.number - b.number);
  const unsent = (before?.messages ?? []).filter((m) => m.pending === true && !messages.some((k) => k.id === m.id));
  return {
    ...chat,
    messages: chat.messages === undefined ? messages : [...messages, ...unsent],
    first_number: chat.first_number ?? before?.first_number ?? messages[0]?.number ?? 1,
    read: chat.read ?? before?.read ?? { visitor: 0, me: 0 },
    typing: chat.typing ?? before?.typing ?? [],
    tags: chat.tags ?? before?.tags ?? [],
    notes: chat.notes ?? before?.notes ?? [],
    gone: false,
  };
}

function applySnapshot(desk: DeskState, s: Snapshot): void {
  const before = desk.chats;
  desk.me = s.me ?? null;
  desk.agents = byKey(s.agents, (a) => a.id);
  desk.workgroups = byKey(s.workgroups, (w) => w.name);
  desk.queues = byKey(s.queues, (q) => q.id);
  desk.waiting = {};
  desk.lines = {};
  for (const [queue, line] of Object.entries(s.lines ?? {})) {
    const waiting = Array.isArray(line) ? line : line.waiting;
    for (const w of waiting) desk.waiting[standing(queue, w.request)] = w;
    desk.lines[queue] = { order: waiting.map((w) => w.request), total: Array.isArray(line) ? Math.max(waiting.length, desk.queues[queue]?.waiting ?? 0) : line.total };
  }
  desk.offers = byKey(s.offers, (o) => o.offer);
  desk.chats = Object.fromEntries((s.chats ?? []).map((c) => [c.chat, openChat({ ...c, messages: c.messages ?? [] }, before[c.chat])]));
  desk.canned = s.canned ?? [];
  desk.running = byKey(s.running, (r) => r.chat);
  desk.ready = true;
}

export interface LineChange { queue: string; upsert?: Waiting[]; remove?: string[]; order?: string[] | null; total?: number }

function applyLine(desk: DeskState, change: LineChange): void {
  const line = (desk.lines[change.queue] ??= { order: [], total: 0 });
  // The proxy of a state hands out another object than was stored: read it back.
  const kept = desk.lines[change.queue] ?? line;
  for (const request of change.remove ?? []) delete desk.waiting[standing(change.queue, request)];
  for (const w of change.upsert ?? []) desk.waiting[standing(change.queue, w.request)] = w;
  if (change.order) {
    kept.order = change.order.filter((r) => desk.waiting[standing(change.queue, r)] !== undefined);
  } else if ((change.remove?.length ?? 0) > 0 || (change.upsert?.length ?? 0) > 0) {
    const out = new Set(change.remove);
    const order = kept.order.filter((r) => !out.has(r));
    const known = new Set(order);
    for (const w of change.upsert ?? []) if (!known.has(w.request)) order.push(w.request);
    kept.order = order;
  }
  kept.total = change.total ?? kept.order.length;
}

/** How many people wait in these lines. Each counts once, as far as the lines are told in full. */
export function peopleWaiting(desk: DeskState, queues: string[]): number {
  const people = new Set(queues.flatMap((q) => desk.lines[q]?.order ?? []));
  const untold = queues.reduce((n, q) => n + Math.max(0, (desk.lines[q]?.total ?? desk.queues[q]?.waiting ?? 0) - (desk.lines[q]?.order.length ?? 0)), 0);
  return people.size + untold;
}

/** Puts a message where its number says; an own message that waited for its number is replaced by client id. */
export function putMessage(messages: Message[], message: Message): void {
  const own = message.id ? messages.findIndex((m) => m.id === message.id) : -1;
  if (own >= 0) messages.splice(own, 1);
  const same = messages.findIndex((m) => m.number === message.number && m.pending !== true);
  if (same >= 0) { messages[same] = message; return; }
  let at = messages.length;
  while (at > 0) {
    const m = messages[at - 1];
    if (m !== undefined && (m.pending === true || m.number > message.number)) at--; else break;
  }
  messages.splice(at, 0, message);
}

/** Messages of the visitor that this agent has not read. */
export function unread(chat: OpenChat): number {
  let n = 0;
  for (let i = chat.messages.length - 1; i >= 0; i--) {
    const m = chat.messages[i];
    if (m === undefined || m.number <= chat.read.me) break;
    if (m.from.kind === 'visitor' && m.kind !== 'event') n++;
  }
  return n;
}

type InChat = { chat: string };
type ChatRule = (chat: OpenChat, data: never, desk: DeskState) => void;

const inChat: Record<string, ChatRule> = {
  message(chat, data: Message & InChat) {
    const { chat: _, ...message } = data;
    putMessage(chat.messages, message);
    const who = message.from.kind === 'visitor' ? 'visitor' : (message.from.id ?? '');
    if (message.kind !== 'event') chat.typing = chat.typing.filter((t) => t !== who);
    if (message.from.self === true) chat.read.me = Math.max(chat.read.me, message.number);
  },
  correction(chat, data: { number: number; text: string; at: string }) {
    const message = chat.messages.find((m) => m.number === data.number);
    if (message) { message.text = data.text; message.corrected = { at: data.at }; }
  },
  typing(chat, data: { who: string; state: string }) {
    const others = chat.typing.filter((w) => w !== data.who);
    chat.typing = data.state === 'composing' ? [...others, data.who] : others;
  },
  read(chat, data: { by: string; number: number }, desk) {
    if (data.by === 'visitor') chat.read.visitor = Math.max(chat.read.visitor, data.number);
    else if (data.by === 'me' || data.by === desk.me?.id) chat.read.me = Math.max(chat.read.me, data.number);
  },
  note(chat, data: { note: Note }) { chat.notes.push(data.note); },
  tags(chat, data: { tags: string[] }) { chat.tags = data.tags; },
  chat_gone(chat, data: { ended?: ChatEnd | null }, desk) {
    // Those who were only looking on, or gave it away, need no empty window.
    if (!data.ended && chat.room_state !== 'ended') { delete desk.chats[chat.chat]; return; }
    chat.room_state = 'ended';
    chat.ended = data.ended ?? chat.ended ?? null;
    chat.typing = [];
    chat.gone = true;
  },
};

/** Changes `desk` by one event. Unknown events change nothing, so that a newer server can say more. */
export function apply(desk: DeskState, event: StreamEvent): void {
  const rule = inChat[event.event];
  if (rule !== undefined) {
    const chat = desk.chats[(event.data as InChat).chat];
    if (chat !== undefined) rule(chat, event.data as never, desk);
    return;
  }
  switch (event.event) {
    case 'snapshot': applySnapshot(desk, event.data as Snapshot); break;
    case 'me': desk.me = event.data as Agent; desk.agents[desk.me.id] = event.data as Agent; break;
    case 'agent': {
      const agent = event.data as Agent;
      desk.agents[agent.id] = agent;
      if (desk.me?.id === agent.id) desk.me = agent;
      break;
    }
    case 'agent_gone': delete desk.agents[(event.data as { id: string }).id]; break;
    case 'queue': { const queue = event.data as Queue; desk.queues[queue.id] = queue; break; }
    case 'line': applyLine(desk, event.data as LineChange); break;
    case 'offer': { const offer = event.data as Offer; desk.offers[offer.offer] = offer; break; }
    case 'offer_gone': delete desk.offers[(event.data as { offer: string }).offer]; break;
    case 'chat': { const chat = event.data as Chat; desk.chats[chat.chat] = openChat(chat, desk.chats[chat.chat]); break; }
    case 'running': { const chat = event.data as Running; desk.running[chat.chat] = chat; break; }
    case 'running_gone': delete desk.running[(event.data as InChat).chat]; break;
    case 'canned': desk.canned = event.data as Canned[]; break;
    default: break;
  }
}
