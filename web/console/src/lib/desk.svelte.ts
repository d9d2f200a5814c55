// The desk as this page sees it: the reducer's state made reactive, fed by the stream, and what an event
// sets off outside the state (sounds, notifications, windows).
import * as alert from './alert';
import { isAgent } from './session.svelte';
import { apply, emptyDesk, unread, type OpenChat } from './desk';
import { t } from './lang';
import { Stream, type Link } from './stream';
import { toast } from './toast.svelte';
import type { Agent, Chat, Message, Offer, StreamEvent } from './types';
import { ui, openWindow, closeWindow } from './windows.svelte';

export const desk = $state(emptyDesk());
export const link = $state<{ state: Link; retryAt: number; version: number; why: string }>({ state: 'connecting', retryAt: 0, version: 0, why: '' });

/** Told after each whole state that came. */
const afterSnapshot: (() => void)[] = [];
export function onSnapshot(told: () => void): void { afterSnapshot.push(told); }

const notices = new Map<string, () => void>();

/** A line's own title, also of one that this account does not see. */
export function queueTitle(id: string): string {
  const known = desk.queues[id]?.title ?? desk.workgroups[id.split('/')[0] ?? '']?.transfer_targets?.find((q) => q.queue === id)?.title;
  return known ?? id.split('/').at(-1) ?? id;
}
/** "Workgroup · Queue" where the workgroup has several queues, else the one title. */
export function placeTitle(id: string): string {
  const name = workgroupOf(id);
  const workgroup = desk.workgroups[name]?.title ?? name;
  const several = Object.values(desk.queues).some((q) => q.workgroup === name && q.id !== id);
  const title = queueTitle(id);
  return several || title !== workgroup ? `${workgroup} · ${title}` : workgroup;
}
/** The queue's own title where no other queue has the same, for narrow places. */
export function lineTitle(id: string): string {
  const title = queueTitle(id);
  return Object.values(desk.queues).some((q) => q.id !== id && q.title === title) ? placeTitle(id) : title;
}
export const workgroupOf = (queue: string): string => desk.queues[queue]?.workgroup ?? queue.split('/')[0] ?? '';
export const reasonTitle = (code: string | null | undefined): string => (code ? (t.reason[code] ?? code) : '');
export const agentTitle = (id: string | null | undefined): string => (id ? (desk.agents[id]?.title ?? id) : '');

function called(offer: Offer): void {
  alert.sound('offer');
  alert.flash(`★ ${t.offer.title[offer.kind]}`);
  const close = alert.notify(t.offer.title[offer.kind], `${offer.waiting.visitor.title} · ${placeTitle(offer.queue)}`, offer.offer);
  if (close !== null) notices.set(offer.offer, close);
}

function offerGone(data: { offer: string; reason: string; by?: string }): void {
  notices.get(data.offer)?.();
  notices.delete(data.offer);
  if (Object.keys(desk.offers).length === 0) alert.stopFlash();
  if (data.reason === 'taken') toast(data.by ? t.offer.takenBy(agentTitle(data.by)) : t.offer.taken);
  else if (data.reason === 'expired') toast(t.offer.expired);
  else if (data.reason === 'revoked') toast(t.offer.revoked);
}

function heard(message: Message & { chat: string }): void {
  if (message.from.kind !== 'visitor' || message.kind === 'event') return;
  const looking = document.hasFocus() && ui.active === message.chat;
  if (looking) return;
  alert.sound('message');
  const chat = desk.chats[message.chat];
  if (chat !== undefined) alert.notify(t.chat.wrote(chat.visitor.title), placeTitle(chat.queue), message.chat);
}

function received(event: StreamEvent): void {
  const knownOffers = new Set(Object.keys(desk.offers));
  const knownChats = new Set(Object.keys(desk.chats));
  const wrapUpBefore = desk.me?.wrap_up_until;
  apply(desk, event);
  switch (event.event) {
    case 'snapshot':
      for (const chat of Object.values(desk.chats)) if (!knownChats.has(chat.chat)) openWindow(chat.chat, false);
      for (const id of [...ui.order]) if (desk.chats[id] === undefined) closeWindow(id);
      for (const offer of Object.values(desk.offers)) if (!knownOffers.has(offer.offer)) called(offer);
      if (Object.keys(desk.offers).length === 0) alert.stopFlash();
      for (const told of afterSnapshot) told();
      break;
    case 'offer': { const offer = event.data as Offer; if (!knownOffers.has(offer.offer)) called(offer); break; }
    case 'offer_gone': offerGone(event.data as { offer: string; reason: string; by?: string }); break;
    case 'chat': { const id = (event.data as Chat).chat; if (!knownChats.has(id)) openWindow(id, true); break; }
    case 'chat_gone': { const id = (event.data as { chat: string }).chat; if (desk.chats[id] === undefined) closeWindow(id); break; }
    case 'message': heard(event.data as Message & { chat: string }); break;
    case 'me': if (wrapUpBefore && !(event.data as Agent).wrap_up_until) alert.sound('waiting'); break;
    case 'desk': link.version++; break;
    case 'bye': link.why = (event.data as { reason: string }).reason; break;
    default: break;
  }
}

export const stream = new Stream({
  event: received,
  link(state, retryAt) {
    if (link.state !== state) link.state = state;
    link.retryAt = retryAt ?? 0;
    if (state === 'replaced' || state === 'elsewhere' || state === 'stopped' || state === 'refused') {
      // Nothing can be answered from here any more, so nothing may go on calling.
      for (const close of notices.values()) close();
      notices.clear();
      desk.offers = {};
      alert.stopFlash();
    }
  },
}, () => (isAgent() ? '/agent' : '/supervisor'));
addEventListener('online', () => stream.hurry());
document.addEventListener('visibilitychange', () => { if (!document.hidden) stream.hurry(); });

/** Everything forgotten: for signing out. */
export function forgetDesk(): void {
  Object.assign(desk, emptyDesk());
  for (const id of [...ui.order]) closeWindow(id);
  alert.stopFlash();
}

export const openChats = (): OpenChat[] => ui.order.map((id) => desk.chats[id]).filter((c) => c !== undefined);
export const unreadTotal = (): number => Object.values(desk.chats).reduce((n, c) => n + unread(c), 0);
