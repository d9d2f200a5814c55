// A make-believe server: serves dist/ under /console/ with the strict policy, and the staff side of the API from
// fake-desk.mjs. `node testing/fake.mjs [--port N] [--waiting N] [--agents N]`; POST /fake/<deed> plays scenes.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { WebSocketServer } from 'ws';
import { admin } from './fake-admin.mjs';
import { emit, gone, lineChange, makeDesk, now, offer, openChat, rand, say, snapshot, waiting } from './fake-desk.mjs';

const arg = (name, standard) => { const at = process.argv.indexOf(`--${name}`); return at < 0 ? standard : Number(process.argv[at + 1]); };
const port = arg('port', 8099);
let desk = makeDesk({ waitingCount: arg('waiting', 9), agentCount: arg('agents', 8) });
const people = { anna: { name: 'anna', title: 'Anna de Boer', role: 'agent', agent: 'a0' }, sam: { name: 'sam', title: 'Sam Supervisor', role: 'supervisor', agent: 'a0' }, ada: { name: 'ada', title: 'Ada Lovelace', role: 'administrator', agent: 'a0' } };
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const who = (req) => people[/anteroom=(\w+)/.exec(req.headers.cookie ?? '')?.[1]];

async function asset(path, res) {
  const file = path === '' || !extname(path) ? 'index.html' : path;
  try {
    const body = await readFile(new URL(`../dist/${file}`, import.meta.url));
    res.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY }).end(body);
  } catch { res.writeHead(404).end(); }
}
function answer(res, status, body, headers = {}) {
  res.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json', ...headers }).end(status === 204 ? undefined : JSON.stringify(body ?? {}));
}
async function bodyOf(req) {
  let text = '';
  for await (const chunk of req) text += chunk;
  try { return JSON.parse(text || '{}'); } catch { return {}; }
}
const find = (chat) => desk.chats.find((c) => c.chat === chat);
const allWaiting = () => Object.values(desk.lines).flat();

const reply = ['Thank you!', 'Yes, that is the one.', 'I see. And what about the fee? I was charged 2,50 on Monday although I had brought everything back on time, as far as I remember.', 'https://library.example/account shows it too.'];
function visitorAnswers(chat) {
  setTimeout(() => emit(desk, 'read', { chat: chat.chat, by: 'visitor', number: chat.messages.at(-1).number }), 400);
  setTimeout(() => { chat.typing = ['visitor']; emit(desk, 'typing', { chat: chat.chat, who: 'visitor', state: 'composing' }); }, 900);
  setTimeout(() => { chat.typing = []; say(desk, chat, { kind: 'visitor', title: chat.visitor.title }, reply[chat.messages.length % reply.length]); }, 2600);
}
function chatDeed(method, [chatId, what, key], body) {
  const chat = find(chatId);
  if (!chat && what !== 'transcript') return [404, { code: 'not_found' }];
  const bare = `${method} ${what}`;
  const deeds = {
    'POST messages': () => { const m = say(desk, chat, { kind: 'agent', id: 'a0', title: desk.me.title, self: true }, body.text, body.id); visitorAnswers(chat); return [201, { number: m.number, at: m.at }]; },
    'PUT messages': () => { emit(desk, 'correction', { chat: chatId, number: Number(key), text: body.text, at: now() }); return [200, {}]; },
    'GET messages': () => [200, { messages: [] }],
    'POST typing': () => [204], 'POST read': () => [204],
    'POST files': () => [201, say(desk, chat, { kind: 'agent', id: 'a0', title: desk.me.title, self: true }, undefined, null, { kind: 'file', file: { id: 'f1', name: 'annual-report-of-the-library-2026-final.pdf', size: 1_482_311, type: 'application/pdf' } })],
    'POST close': () => { endChat(chat, 'agent'); desk.me.wrap_up_until = now(30_000); emit(desk, 'me', desk.me); return [204]; },
    'POST leave': () => { emit(desk, 'chat_gone', { chat: chatId }); return [204]; },
    'POST transfer': () => { chat.transfer = { target: body.to.agent ? desk.agents.find((a) => a.id === body.to.agent).title : (body.to.queue ?? body.to.workgroup), kind: body.kind, by: 'a0', deadline: now(60_000) }; const { messages: _, ...rest } = chat; emit(desk, 'chat', rest); return [200, {}]; },
    'DELETE transfer': () => { chat.transfer = null; const { messages: _, ...rest } = chat; emit(desk, 'chat', rest); return [204]; },
    'POST notes': () => { const note = { at: now(), by: desk.me.title, text: body.text }; chat.notes.push(note); emit(desk, 'note', { chat: chatId, note }); return [201, note]; },
    'PUT tags': () => { chat.tags = body.tags; emit(desk, 'tags', { chat: chatId, tags: body.tags }); return [200, {}]; },
    'POST enter': () => [200, {}], 'POST block': () => [201, {}],
  };
  return deeds[bare]?.() ?? null;
}
function endChat(chat, by) {
  desk.chats = desk.chats.filter((c) => c !== chat);
  desk.me.chats = Math.max(0, desk.me.chats - 1);
  emit(desk, 'chat_gone', { chat: chat.chat, ended: { how: 'closed', by, at: now() } });
}
function agent(method, parts, body, url) {
  const [what, a, b, c] = parts;
  if (what === 'availability') { Object.assign(desk.me, { show: body.show, reason: body.reason ?? null, show_since: now() }, body.chats_max ? { chats_max: body.chats_max } : {}); emit(desk, 'me', desk.me); return [200, desk.me]; }
  if (what === 'wrap-up') { desk.me.wrap_up_until = null; emit(desk, 'me', desk.me); return [204]; }
  if (what === 'sign-out') return [204];
  if (what === 'queues' && c === 'take') { const w = desk.lines[`${a}/${b}`][0]; return [200, { chat: openChat(desk, w).chat }]; }
  if (what === 'queues' && c === 'staff') return [200, { room: 'room1' }];
  if (what === 'queues') { desk.me.queues.find((q) => q.queue === `${a}/${b}`).opted_in = body.opted_in; emit(desk, 'me', desk.me); return [204]; }
  if (what === 'rooms') return [204];
  if (what === 'offers') { const o = gone(desk, a, b === 'accept' ? 'accepted' : 'rejected'); if (!o) return [410, { code: 'offer_gone' }]; return b === 'accept' ? [200, { chat: openChat(desk, o.waiting).chat }] : [204]; }
  if (what === 'requests') { const w = allWaiting().find((x) => x.request === a); return w ? [200, { chat: openChat(desk, w).chat }] : [404, { code: 'not_found' }]; }
  if (what === 'chats') return chatDeed(method, [a, b, c], body);
  if (what === 'canned') { if (method === 'POST') desk.canned.push({ id: `c${desk.canned.length + 9}`, ...body }); if (method === 'PUT') Object.assign(desk.canned.find((x) => x.id === a), body); if (method === 'DELETE') desk.canned = desk.canned.filter((x) => x.id !== a); if (method !== 'GET') emit(desk, 'canned', desk.canned); return [200, { canned: desk.canned }]; }
  if (what === 'visitors') return [200, { chats: [{ chat: 'old1', workgroup: 'support', queue: 'support/loans', at: now(-9e8), waited_s: 40, duration_s: 412, agents: ['Bert'], ending: 'closed', tags: ['loans', 'solved'], rating: 5 }, { chat: 'old2', workgroup: 'support', queue: 'support/general', at: now(-19e8), waited_s: 140, duration_s: 60, agents: [], ending: 'departed', tags: [], rating: null }] }];
  if (what === 'archive' && a === undefined && url.searchParams.get('q') === '') return [200, { hits: desk.agents.slice(1, 9).map((g, n) => ({ chat: `x${n}`, workgroup: 'support', queue: 'general', at: now(-n * 77_000 - 20_000), waited_s: 9, visitor_title: waiting(n + 60, 'x').visitor.title, agents: [g.title], tags: [], snippet: '' })) }];
  if (what === 'archive' && a === undefined) return [200, { hits: Array.from({ length: 12 }, (_, n) => ({ chat: `old${n}`, at: now(-n * 8e7), visitor_title: waiting(n, 'x').visitor.title, snippet: `… that my ⟦${url.searchParams.get('q') || 'loan'}⟧ was renewed but the system still says overdue …`, workgroup: 'support', agents: ['Bert'] })), next: 'p2' }];
  if (what === 'archive') return [200, { chat: a, at: now(-9e8), answers: [{ label: 'Topic', value: 'Loans' }], messages: [{ number: 1, at: now(-9e8), from: { kind: 'visitor', title: 'Mila' }, kind: 'text', text: 'My loan was renewed twice?' }, { number: 2, at: now(-9e8), from: { kind: 'agent', title: 'Bert' }, kind: 'text', text: 'Let me see … yes, done.' }, { number: 3, at: now(-9e8), from: { kind: 'desk' }, kind: 'event', event: { what: 'ended' } }], notes: [{ at: now(-9e8), by: 'Bert', text: 'Was very friendly.' }], tags: ['loans'] }];
  return null;
}
function supervisor(method, parts, body) {
  const [what, a, b] = parts;
  if (what === 'reports') {
    if (a === 'range') return [200, { rows: desk.queues.map((q) => ({ what: q.id, ...q.today, longest_wait_s: 341.5, mean_length_s: 288.2, rated: 12, mean_stars: 4.4 })) }];
    const from = new Date(); from.setHours(8, 0, 0, 0);
    const steps = 32;
    const wave = (k, m) => Array.from({ length: steps }, (_, n) => Math.max(0, Math.round(m * (Math.sin((n + k) / 4) + 1.1 + rand()))));
    return [200, { from: from.toISOString(), to: now(), step_s: 900, queues: Object.fromEntries(desk.queues.map((q, k) => [q.id, { arrived: wave(k, 5), answered: wave(k, 4), abandoned: wave(k + 3, 1), mean_wait_s: wave(k, 30) }])) }];
  }
  if (what === 'messages') { if (b === 'done') { desk.left.find((m) => m.id === a).done = 'sam'; return [204]; } return [200, { messages: desk.left }]; }
  if (what === 'requests') {
    const w = allWaiting().find((x) => x.request === a);
    if (!w) return [404, { code: 'not_found' }];
    const line = desk.lines[w.queue];
    if (b === 'head') { line.splice(line.indexOf(w), 1); line.unshift(w); lineChange(desk, w.queue, [], []); }
    if (b === 'priority') { w.priority = body.priority; lineChange(desk, w.queue, [w], []); }
    if (b === 'end' || b === 'assign') { line.splice(line.indexOf(w), 1); lineChange(desk, w.queue, [], [a]); }
    if (b === 'move') { const from = w.queue; line.splice(line.indexOf(w), 1); w.queue = body.queue; desk.lines[body.queue].push(w); lineChange(desk, body.queue, [w], []); lineChange(desk, from, [], [a]); }
    return [204];
  }
  if (what === 'agents') { const x = desk.agents.find((g) => g.id === a); Object.assign(x, b === 'sign-out' ? { signed_in: false, show: 'offline' } : { show: body.show, reason: body.reason ?? null, show_since: now() }); emit(desk, 'agent', x); return [204]; }
  return null;
}
/** Scenes for tests: offers, words from visitors, bursts of changes, breaking the connection. */
function scene(parts, body) {
  const [what] = parts;
  if (what === 'reset') { const clients = desk.clients; clearInterval(churn); desk = makeDesk({ waitingCount: body.waiting ?? 9, agentCount: body.agents ?? 8 }); for (const c of clients) c({ event: 'bye', data: { reason: 'stopping', retry_after_s: 0 } }); }
  if (what === 'offer') offer(desk, body);
  if (what === 'chat') { const w = waiting(body.n ?? 12, 'support/general', body.words ? { first_words: body.words } : {}); desk.lines[w.queue].unshift(w); const chat = openChat(desk, w); for (const [from, text] of body.script ?? []) say(desk, chat, from === 'v' ? { kind: 'visitor', title: w.visitor.title } : { kind: 'agent', id: from === 'o' ? 'a2' : 'a0', title: from === 'o' ? desk.agents[2].title : desk.me.title, self: from === 'a' }, text); if (body.lost) { chat.visitor.connected = false; const { messages: _, ...rest } = chat; emit(desk, 'chat', rest); } if (body.typing) emit(desk, 'typing', { chat: chat.chat, who: 'visitor', state: 'composing' }); if (body.note) { const note = { at: now(), by: 'Bert', text: body.note }; chat.notes.push(note); emit(desk, 'note', { chat: chat.chat, note }); } return { chat: chat.chat }; }
  if (what === 'end') endChat(desk.chats[0], 'visitor');
  if (what === 'bye') for (const c of desk.clients) c({ event: 'bye', data: { reason: body.reason, retry_after_s: 1 } });
  if (what === 'churn') { clearInterval(churn); if (body.per_s) churn = setInterval(step, 1000 / body.per_s); }
  return {};
}
let churn = 0;
function step() {
  const queues = ['support/general', 'support/loans', 'support/pickup', 'reading/room'];
  const q = queues[Math.floor(rand() * 4)];
  const line = desk.lines[q];
  const out = line.shift();
  const w = waiting(Math.floor(rand() * 5000), q, { joined_at: now() });
  line.push(w);
  lineChange(desk, q, [w], out ? [out.request] : []);
  const a = desk.agents[1 + Math.floor(rand() * (desk.agents.length - 1))];
  a.chats = Math.floor(rand() * 4);
  emit(desk, 'agent', a);
}

const server = createServer(async (req, res) => {
  const url = new URL(req.url, 'http://x');
  if (url.pathname.startsWith('/console')) { await asset(url.pathname.replace(/^\/console\/?/, ''), res); return; }
  const body = await bodyOf(req);
  if (url.pathname.startsWith('/fake/')) { answer(res, 200, scene(url.pathname.split('/').slice(2), body)); return; }
  const parts = url.pathname.replace('/api/v1/', '').split('/').map(decodeURIComponent);
  if (parts[0] === 'session') {
    if (req.method === 'POST' && parts[1] === undefined) { const p = people[body.username]; if (!p || body.password !== body.username) { answer(res, 401, { code: 'unauthorized', title: 'Wrong' }); return; } answer(res, 200, { account: p, csrf: 'c' }, { 'set-cookie': `anteroom=${p.name}; Path=/; HttpOnly` }); return; }
    if (req.method === 'DELETE') { answer(res, 204, null, { 'set-cookie': 'anteroom=; Path=/; Max-Age=0' }); return; }
  }
  const me = who(req);
  if (!me) { answer(res, 401, { code: 'unauthorized', title: 'Sign in' }); return; }
  if (parts[0] === 'session') { answer(res, 200, { account: me, csrf: 'c' }); return; }
  if (req.method !== 'GET' && req.headers['x-csrf-token'] !== 'c') { answer(res, 403, { code: 'csrf' }); return; }
  const [edge, ...rest] = parts;
  const found = edge === 'agent' ? agent(req.method, rest, body, url) : edge === 'supervisor' ? supervisor(req.method, rest, body) : edge === 'admin' ? admin(req.method, rest, body) : null;
  if (found === null) answer(res, 404, { code: 'not_found', title: `no ${req.method} ${url.pathname}` }); else answer(res, ...found);
});
const sockets = new WebSocketServer({ server, path: '/api/v1/agent/socket', handleProtocols: () => 'anteroom.v1' });
sockets.on('connection', (socket, req) => {
  const last = new URL(req.url, 'http://x').searchParams.get('last');
  const at = desk.buffer.findIndex((p) => p.id === last);
  const send = (packet) => { socket.send(JSON.stringify(packet)); if (packet.event === 'bye') { desk.clients.delete(send); setTimeout(() => socket.close(), 20); } };
  if (last && at >= 0) for (const packet of desk.buffer.slice(at + 1)) send(packet);
  else send({ id: `e1.${desk.seq}`, event: 'snapshot', data: snapshot(desk) });
  desk.clients.add(send);
  socket.on('close', () => desk.clients.delete(send));
});
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/console/ · anna/anna, sam/sam, ada/ada`));
