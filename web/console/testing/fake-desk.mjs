// A make-believe desk for looking at the console: people, lines, chats. Follows the contract of the staff side,
// decides nothing properly, stores nothing. Not part of the product.

const FIRST = ['Mila', 'Noor', 'Jan', 'Sofia', 'Emre', 'Lotte', 'Ravi', 'Chloé', 'Björn', 'Yara', 'Tomás', 'Ines', 'Kofi', 'Ana', 'Pieter', 'Zoë', 'Hui', 'Omar', 'Greta', 'Luca'];
const LAST = ['de Vries', 'Jansen', 'Bakker', 'Özdemir', 'Santos', 'Müller', 'van den Heuvel-Rijnbeek', 'Okafor', 'Lindqvist', 'Rossi', 'Chen', 'Dubois'];
const WORDS = ['My loan was renewed but the system still says overdue, and now I cannot reserve anything. Can you look?', 'How do I get a card?', 'Hello, I cannot log in since yesterday', 'Is the reading room open on Saturday?', 'I paid twice for the same invoice (2026-1182).', 'Where can I find the printer in the north wing?', '', 'Can I bring my dog?', 'The e-book reader says licence expired'];
export const now = (ms = 0) => new Date(Date.now() + ms).toISOString();
let counter = 0;
export const id = (p) => `${p}${(++counter).toString(36).padStart(4, '0')}`;
const pick = (list, n) => list[n % list.length];
let seed = 7;
export const rand = () => ((seed = (seed * 16807) % 2147483647) / 2147483647);

export function visitor(n) {
  const title = n % 23 === 5 ? 'Wolfeschlegelsteinhausenbergerdorff-van den Nieuwenhuizen, Maximiliaan' : `${pick(FIRST, n * 7)} ${pick(LAST, n * 5)}`;
  return { id: `v${n}`, title, returning: n % 4 === 0, locale: pick(['en', 'nl', 'de', 'tr'], n) };
}
export function waiting(n, queue, more = {}) {
  const words = pick(WORDS, n);
  return {
    request: id('r'), queue, visitor: visitor(n), priority: n % 17 === 3 ? 8 : 5, joined_at: now(-Math.floor(rand() * 420_000) - 4000), state: n % 19 === 7 ? 'held' : n % 11 === 4 ? 'offered' : 'waiting',
    level: n % 9 === 2 ? 1 : 0, answers: [{ label: 'Topic', value: pick(['Loans', 'Accounts', 'Reading room', 'Payments'], n) }, { label: 'Card number', value: String(20_000_000 + n * 7919) }], first_words: words,
    page: { url: 'https://library.example/account/loans', title: 'Your loans' }, medium: n % 29 === 11 ? 'callback' : 'chat', may_take: false, ...more,
  };
}
const agentOf = (n, title) => ({ id: `a${n}`, name: `agent${n}`, title: title ?? `${pick(FIRST, n * 3 + 1)} ${pick(LAST, n + 2)}`, signed_in: n % 8 !== 6, show: n % 8 === 6 ? 'offline' : pick(['available', 'available', 'chat', 'away', 'dnd', 'available', 'xa'], n), reason: n % 7 === 3 ? 'lunch' : null, show_since: now(-Math.floor(rand() * 5_000_000)), lost: n % 21 === 9, chats: n % 4, chats_max: 3, wrap_up_until: null, queues: [{ queue: 'support/general', opted_in: true }, { queue: 'support/loans', opted_in: n % 3 !== 0 }] });

export function makeDesk({ waitingCount = 9, agentCount = 8 } = {}) {
  const desk = { agents: [], queues: [], lines: {}, offers: [], chats: [], canned: [], left: [], seq: 0, clients: new Set(), buffer: [] };
  const queue = (qid, title, dispatch, target) => { desk.queues.push({ id: qid, workgroup: qid.split('/')[0], title, dispatch, waiting: 0, oldest_at: null, longest_s: 0, staffed: 6, free_slots: 4, target_wait_s: target, doors: qid.startsWith('reading') ? 'last_call' : 'open', today: { arrived: 120 + title.length * 7, answered: 101 + title.length * 6, abandoned: 9, within_target: 88, mean_wait_s: 47 } }); desk.lines[qid] = []; };
  queue('support/general', 'General', 'offer', 60);
  queue('support/loans', 'Loans', 'ring-all', 120);
  queue('support/pickup', 'Questions by mail and callback', 'pull', 600);
  queue('reading/room', 'Reading room', 'staffed-room', 90);
  queue('night/night', 'Night line', 'offer', null);
  desk.workgroups = [
    { name: 'support', title: 'Support', doors: 'open', opens_at: null, reasons: ['break', 'lunch', 'meeting'], tags: ['loans', 'account', 'payment', 'complaint', 'solved', 'needs follow-up'], wrap_up_s: 30 },
    { name: 'reading', title: 'Reading room', doors: 'last_call', reasons: ['break'], tags: [], wrap_up_s: 0 },
    { name: 'night', title: 'Night line', doors: 'open', reasons: [], tags: [], wrap_up_s: 0 },
  ];
  for (let n = 1; n <= agentCount; n++) desk.agents.push(agentOf(n));
  desk.me = { ...agentOf(0, 'Anna de Boer'), id: 'a0', name: 'anna', signed_in: true, show: 'available', reason: null, chats: 0, lost: false, queues: desk.queues.map((q) => ({ queue: q.id, opted_in: true })) };
  desk.agents.unshift(desk.me);
  const share = ['support/general', 'support/general', 'support/loans', 'support/pickup', 'reading/room'];
  for (let n = 0; n < waitingCount; n++) { const q = share[n % 5]; desk.lines[q].push(waiting(n, q, { may_take: q === 'support/pickup' })); }
  for (const line of Object.values(desk.lines)) line.sort((a, b) => a.joined_at.localeCompare(b.joined_at));
  desk.canned = [
    { id: 'c1', shortcut: 'hi', title: 'Greeting', text: 'Hello {visitor}, this is {agent}. How can I help?', mine: false }, { id: 'c2', shortcut: 'hold', title: 'One moment', text: 'One moment please, I am looking it up.', mine: false },
    { id: 'c3', shortcut: 'hours', title: 'Opening hours', text: 'We are open from Monday to Friday, 9:00 to 17:00, and on Saturday from 10:00 to 14:00.', mine: false }, { id: 'c4', shortcut: 'bye', title: 'Goodbye', text: 'Thank you for your time. Have a good day!', mine: true },
    { id: 'c5', shortcut: 'hallo', title: 'Begroeting', text: 'Hallo {visitor}, waarmee kan ik helpen?', locale: 'nl', workgroup: 'support', mine: false },
  ];
  desk.left = [{ id: 'l1', at: now(-9_000_000), workgroup: 'support', name: 'Greta Rossi', email: 'greta@example.org', text: 'You were closed when I came by. When is the renewal desk open?', page: 'https://library.example/renew' }, { id: 'l2', at: now(-90_000_000), workgroup: 'reading', name: 'Kofi', email: 'kofi@example.org', text: 'Found a scarf in the reading room.', done: 'sam' }];
  refreshQueues(desk);
  return desk;
}
export function refreshQueues(desk) {
  for (const q of desk.queues) { const line = desk.lines[q.id]; q.waiting = line.length; q.oldest_at = line[0]?.joined_at ?? null; }
}
export function emit(desk, event, data) {
  const packet = { id: `e1.${++desk.seq}`, event, data };
  desk.buffer.push(packet);
  if (desk.buffer.length > 2000) desk.buffer.shift();
  for (const send of desk.clients) send(packet);
}
export function lineChange(desk, queue, upsert, remove) {
  refreshQueues(desk);
  emit(desk, 'line', { queue, upsert, remove, order: desk.lines[queue].slice(0, 200).map((w) => w.request), total: desk.lines[queue].length });
  emit(desk, 'queue', desk.queues.find((q) => q.id === queue));
}
export const snapshot = (desk) => ({ me: desk.me, agents: desk.agents, workgroups: desk.workgroups, queues: desk.queues, lines: Object.fromEntries(Object.entries(desk.lines).map(([k, v]) => [k, v.slice(0, 200)])), offers: desk.offers, chats: desk.chats, canned: desk.canned, settings: {} });

export function offer(desk, { seconds = 30, kind = 'request', n = 40 + desk.seq } = {}) {
  const line = desk.lines['support/general'];
  const w = line[0] ?? waiting(n, 'support/general');
  w.state = 'offered';
  if (!line.includes(w)) line.unshift(w);
  lineChange(desk, 'support/general', [w], []);
  const o = { offer: id('o'), request: w.request, queue: w.queue, kind, made_at: now(), deadline: now(seconds * 1000), waiting: w, earlier: w.visitor.returning ? 3 : 0, last_agent: null, ...(kind === 'request' ? {} : { from: { agent: 'a2', title: desk.agents[2].title }, note: 'Asks about a payment that was taken twice; I have the invoice open.' }) };
  desk.offers.push(o);
  emit(desk, 'offer', o);
  o.timer = setTimeout(() => gone(desk, o.offer, 'expired'), seconds * 1000);
  Object.defineProperty(o, 'timer', { enumerable: false });
  return o;
}
export function gone(desk, offerId, reason) {
  const o = desk.offers.find((x) => x.offer === offerId);
  if (!o) return null;
  clearTimeout(o.timer);
  desk.offers = desk.offers.filter((x) => x !== o);
  if (reason !== 'accepted') { o.waiting.state = 'waiting'; lineChange(desk, o.queue, [o.waiting], []); }
  emit(desk, 'offer_gone', { offer: offerId, reason });
  return o;
}
export function openChat(desk, w, part = 'holder') {
  desk.lines[w.queue] = desk.lines[w.queue].filter((x) => x !== w);
  lineChange(desk, w.queue, [], [w.request]);
  const said = w.first_words ? [{ number: 1, id: null, at: now(-3000), from: { kind: 'visitor', title: w.visitor.title }, kind: 'text', text: w.first_words }] : [];
  const chat = { chat: w.request, room_state: 'chatting', queue: w.queue, opened_at: now(), visitor: { id: w.visitor.id, title: w.visitor.title, connected: true, locale: w.visitor.locale, page: w.page, address_hint: '10.0.*' }, answers: w.answers, part, agents: [{ id: 'a0', title: desk.me.title, part }], transfer: null, messages: said, first_number: 1, read: { visitor: 0, me: 0 }, typing: [], tags: [], notes: [] };
  desk.chats.push(chat);
  emit(desk, 'chat', chat);
  desk.me.chats++;
  emit(desk, 'me', desk.me);
  return chat;
}
export function say(desk, chat, from, text, clientId = null, more = {}) {
  const number = (chat.messages.at(-1)?.number ?? 0) + 1;
  const message = { number, id: clientId, at: now(), from, kind: 'text', text, ...more };
  chat.messages.push(message);
  emit(desk, 'message', { chat: chat.chat, ...message });
  return message;
}
