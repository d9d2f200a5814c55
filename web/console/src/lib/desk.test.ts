// The desk's reducer against scripted events: what a resumed, doubled or out-of-order stream must not break.
import { describe, expect, it } from 'vitest';
import { apply, emptyDesk, peopleWaiting, standing, unread, type DeskState } from './desk';
import type { Chat, Message, Snapshot, Waiting } from './types';

const me = { id: 'a1', name: 'anna', title: 'Anna', signed_in: true, show: 'available' as const, lost: false, chats: 0, chats_max: 3, queues: [] };
const waiting = (request: string, queue = 'w/q'): Waiting => ({
  request, queue, visitor: { id: `v${request}`, title: request, returning: false }, priority: 0, joined_at: '2026-01-01T00:00:00.000Z',
  state: 'waiting', answers: [], medium: 'chat', may_take: false,
});
const said = (number: number, kind: 'visitor' | 'agent' = 'visitor', id?: string): Message => ({
  number, id: id ?? null, at: '2026-01-01T00:00:00.000Z', from: { kind, self: kind === 'agent', id: kind === 'agent' ? 'a1' : 'v' }, kind: 'text', text: `m${number}`,
});
const chat = (messages?: Message[]): Chat => ({
  chat: 'c1', room_state: 'chatting', queue: 'w/q', opened_at: '2026-01-01T00:00:00.000Z', visitor: { id: 'v', title: 'V', connected: true },
  answers: [], part: 'holder', agents: [], read: { visitor: 0, me: 0 }, ...(messages ? { messages } : {}),
});
function start(chats: Chat[] = []): DeskState {
  const desk = emptyDesk();
  const snapshot: Snapshot = { me, agents: [me], workgroups: [], queues: [], lines: { 'w/q': [waiting('1'), waiting('2')] }, offers: [], chats, canned: [] };
  apply(desk, { event: 'snapshot', data: snapshot });
  return desk;
}
const ids = (desk: DeskState): number[] => desk.chats['c1']?.messages.map((m) => m.number) ?? [];

describe('lines', () => {
  it('keeps order over upserts and removals, and takes a given order', () => {
    const desk = start();
    apply(desk, { event: 'line', data: { queue: 'w/q', upsert: [waiting('3')], remove: ['1'], total: 2 } });
    expect(desk.lines['w/q']?.order).toEqual(['2', '3']);
    expect(desk.waiting[standing('w/q', '1')]).toBeUndefined();
    apply(desk, { event: 'line', data: { queue: 'w/q', upsert: [], remove: [], order: ['3', '2'], total: 240 } });
    expect(desk.lines['w/q']).toEqual({ order: ['3', '2'], total: 240 });
  });
  it('keeps one who stands in several lines apart in each, and counts them once', () => {
    const desk = start();
    apply(desk, { event: 'line', data: { queue: 'w/r', upsert: [{ ...waiting('1', 'w/r'), may_take: true }], remove: [], total: 1 } });
    expect(desk.waiting[standing('w/q', '1')]?.may_take).toBe(false);
    expect(peopleWaiting(desk, ['w/q', 'w/r'])).toBe(2);
    apply(desk, { event: 'line', data: { queue: 'w/q', upsert: [], remove: ['1'], total: 1 } });
    expect(desk.waiting[standing('w/q', '1')]).toBeUndefined();
    expect(desk.waiting[standing('w/r', '1')]?.queue).toBe('w/r');
    expect(desk.lines['w/r']?.order).toEqual(['1']);
    expect(desk.lines['w/q']?.order).toEqual(['2']);
  });
  it('changes one who waits in place', () => {
    const desk = start();
    apply(desk, { event: 'line', data: { queue: 'w/q', upsert: [{ ...waiting('1'), state: 'held' }], remove: [], total: 2 } });
    expect(desk.lines['w/q']?.order).toEqual(['1', '2']);
    expect(desk.waiting[standing('w/q', '1')]?.state).toBe('held');
  });
});

describe('chats', () => {
  it('shows nothing twice and everything in the order of numbers', () => {
    const desk = start([chat([said(1), said(2)])]);
    for (const n of [2, 4, 3, 4]) apply(desk, { event: 'message', data: { chat: 'c1', ...said(n) } });
    expect(ids(desk)).toEqual([1, 2, 3, 4]);
  });
  it('replaces an own message that waited for its number', () => {
    const desk = start([chat([said(1)])]);
    desk.chats['c1']?.messages.push({ ...said(0, 'agent', 'uuid'), pending: true });
    apply(desk, { event: 'message', data: { chat: 'c1', ...said(2) } });
    apply(desk, { event: 'message', data: { chat: 'c1', ...said(3, 'agent', 'uuid') } });
    expect(ids(desk)).toEqual([1, 2, 3]);
    expect(desk.chats['c1']?.messages.some((m) => m.pending)).toBe(false);
  });
  it('keeps messages when a chat event brings none, and unsent ones over a snapshot', () => {
    const desk = start([chat([said(1)])]);
    apply(desk, { event: 'chat', data: { ...chat(), room_state: 'chatting' } });
    expect(ids(desk)).toEqual([1]);
    desk.chats['c1']?.messages.push({ ...said(0, 'agent', 'u2'), pending: true });
    const snapshot: Snapshot = { me, agents: [], workgroups: [], queues: [], lines: {}, offers: [], chats: [chat([said(1), said(2)])], canned: [] };
    apply(desk, { event: 'snapshot', data: snapshot });
    expect(desk.chats['c1']?.messages.map((m) => m.text)).toEqual(['m1', 'm2', 'm0']);
  });
  it('counts unread words of the visitor only, and an answer reads what came before', () => {
    const desk = start([chat([said(1), said(2)])]);
    const open = desk.chats['c1'];
    if (!open) throw new Error('no chat');
    expect(unread(open)).toBe(2);
    apply(desk, { event: 'read', data: { chat: 'c1', by: 'a1', number: 1 } });
    expect(unread(open)).toBe(1);
    apply(desk, { event: 'message', data: { chat: 'c1', ...said(3, 'agent', 'x') } });
    expect(unread(open)).toBe(0);
  });
  it('keeps an ended chat to be looked at, and drops one that was given away', () => {
    const desk = start([chat([said(1)])]);
    apply(desk, { event: 'chat_gone', data: { chat: 'c1', ended: { how: 'closed', by: 'visitor', at: '2026-01-01T00:00:00.000Z' } } });
    expect(desk.chats['c1']?.gone).toBe(true);
    const other = start([chat([])]);
    apply(other, { event: 'chat_gone', data: { chat: 'c1' } });
    expect(other.chats['c1']).toBeUndefined();
  });
  it('takes corrections, typing, notes and tags', () => {
    const desk = start([chat([said(1)])]);
    apply(desk, { event: 'correction', data: { chat: 'c1', number: 1, text: 'new', at: '2026-01-01T00:00:01.000Z' } });
    apply(desk, { event: 'typing', data: { chat: 'c1', who: 'visitor', state: 'composing' } });
    expect(desk.chats['c1']?.typing).toEqual(['visitor']);
    apply(desk, { event: 'message', data: { chat: 'c1', ...said(2) } });
    apply(desk, { event: 'note', data: { chat: 'c1', note: { at: '', by: 'Anna', text: 'n' } } });
    apply(desk, { event: 'tags', data: { chat: 'c1', tags: ['t'] } });
    const open = desk.chats['c1'];
    expect(open?.messages[0]?.text).toBe('new');
    expect(open?.typing).toEqual([]);
    expect(open?.notes.length).toBe(1);
    expect(open?.tags).toEqual(['t']);
  });
});

it('ignores events it does not know and chats it does not have', () => {
  const desk = start();
  apply(desk, { event: 'weather', data: {} });
  apply(desk, { event: 'message', data: { chat: 'nowhere', ...said(1) } });
  expect(Object.keys(desk.chats)).toEqual([]);
});

describe('running chats', () => {
  const running = (id: string, state: 'invited' | 'chatting' = 'chatting') => ({ chat: id, state, queue: 'w/q', visitor: { id: 'v', title: id, connected: true }, joined_at: '2026-01-01T00:00:00.000Z', opened_at: '2026-01-01T00:01:00.000Z', agents: [] });
  it('come with the whole, change one by one, and go', () => {
    const desk = emptyDesk();
    apply(desk, { event: 'snapshot', data: { agents: [me], workgroups: [], queues: [], lines: {}, offers: [], chats: [], canned: [], running: [running('c1', 'invited')] } satisfies Snapshot });
    expect(desk.me).toBeNull();
    apply(desk, { event: 'running', data: running('c2') });
    apply(desk, { event: 'running', data: running('c1') });
    expect(Object.values(desk.running).map((r) => [r.chat, r.state])).toEqual([['c1', 'chatting'], ['c2', 'chatting']]);
    apply(desk, { event: 'running_gone', data: { chat: 'c1' } });
    apply(desk, { event: 'running_gone', data: { chat: 'never there' } });
    expect(Object.keys(desk.running)).toEqual(['c2']);
  });
});
