// Make-believe answers for the administrator's pages. Not part of the product.
import { id, now } from './fake-desk.mjs';

export const declaration = {
  skills: { english: 'English', dutch: 'Dutch', loans: 'Loans and returns', payments: 'Payments' },
  agent: [{ name: 'anna', title: 'Anna de Boer', chats_max: 3, skills: { english: 20, loans: 2 } }, { name: 'bert', title: 'Bert', chats_max: 2, skills: { english: 5, dutch: 20 } }, { name: 'chris', title: 'Christiaan van den Heuvel-Rijnbeek', skills: { payments: 10 } }],
  workgroup: [
    {
      name: 'support', title: 'Support', description: 'Questions about loans, accounts and payments', zone: 'Europe/Amsterdam', agent_lost: 'return', closing: 'serve', agent_grace_s: 60, visitor_grace_s: 120, wrap_up_s: 30, waiting_max: 500, away_reasons: ['break', 'lunch', 'meeting'], tags: ['loans', 'account', 'payment', 'complaint', 'solved'],
      hours: { weekly: { mon: ['09:00-17:00'], tue: ['09:00-17:00'], wed: ['09:00-12:30', '13:30-17:00'], thu: ['09:00-20:00'], fri: ['09:00-17:00'] }, holidays: [{ date: '2026-12-25', name: 'Christmas', open: [] }, { date: '2026-12-31', name: 'New Year’s Eve', open: ['09:00-15:00'] }], last_call_s: 600 },
      form: { field: [{ name: 'topic', label: 'Topic', kind: 'choice', required: true, options: [{ value: 'loans', label: 'Loans' }, { value: 'payments', label: 'Payments' }] }, { name: 'card', label: 'Card number', labels: { nl: 'Pasnummer' }, kind: 'text', required: false, length_max: 12 }] },
      rule: [{ when: [{ field: 'topic', is: ['loans'] }], queue: 'loans', priority: 1, skills: 'loans>0' }, { when: [{ field: 'card', answered: true }], priority: 2 }],
      look: { accent: '#2d6a4f', greeting: 'Hello! How can we help?', position: 'right' }, widget: { origins: ['https://library.example'], leave_message: true, files: { enabled: true, size_max_kb: 5000, types: ['image/png', 'image/jpeg', 'application/pdf'] }, rating: true, transcript: { download: true, mail: false } }, retention: { transcripts_days: 90, addresses_days: 7, files_days: 30 },
      queue: [
        { name: 'general', title: 'General', dispatch: 'offer', choice: 'longest-idle', offer_timeout_s: 30, target_wait_s: 60, skills: 'english>=1', relax: [{ after_s: 60, skills: '' }], members: ['anna', { agent: 'bert', priority: 7, capacity: 2, skills: { loans: 5 } }], rollover: [{ after_s: 75, to: 'support/loans', keep: true, skip_if_nobody: true }, { after_s: 240, to: 'night/night', keep: false }] },
        { name: 'loans', title: 'Loans', dispatch: 'ring-all', offer_timeout_s: 20, target_wait_s: 120, members: ['anna', 'chris'], rollover: [{ after_s: 180, to: 'support/general' }] },
        { name: 'pickup', title: 'Questions by mail', dispatch: 'pull', members: ['anna'] },
      ],
    },
    { name: 'night', title: 'Night line', zone: 'Europe/Amsterdam', hours: { always: true }, queue: [{ name: 'night', title: 'Night line', dispatch: 'offer', members: ['bert'] }] },
  ],
  canned: [{ shortcut: 'hi', title: 'Greeting', text: 'Hello {visitor}, this is {agent}.' }],
};
const findings = [{ at: 'workgroup.support.queue.loans.rollover[0].to', message: 'rolls back to a queue that rolls over to it: general → loans → general', severity: 'error' }, { at: 'workgroup.night.queue.night', message: 'has a single member: nobody covers an absence', severity: 'warning' }];
let version = 4;
let desk = declaration;
const accounts = [{ name: 'anna', title: 'Anna de Boer', role: 'agent', disabled: false, created_at: now(-9e8), agent: 'anna' }, { name: 'sam', title: 'Sam Supervisor', role: 'supervisor', disabled: false }, { name: 'ada', title: 'Ada Lovelace', role: 'administrator', disabled: false }, { name: 'old', title: 'Old Account', role: 'agent', disabled: true }];
const keys = [{ id: 'k1', title: 'Website status box', scopes: ['reports'], created_at: now(-8e8), used_at: now(-60_000), expires_at: null }];
const hooks = [{ id: 'w1', url: 'https://hooks.example/anteroom', events: ['request.ended', 'message.left'], created_at: now(-7e8), paused: false }];
const blocks = [{ id: 'b1', request: '91', reason: 'advertising', by: 'anna', at: now(-3e6), until: now(8e7) }];
function changesTo(next) {
  const out = [];
  for (const w of next.workgroup ?? []) { const before = desk.workgroup.find((x) => x.name === w.name); if (!before) out.push(`add workgroup ${w.name}`); else if (JSON.stringify(before) !== JSON.stringify(w)) out.push(`change workgroup ${w.name}`); }
  for (const w of desk.workgroup) if (!next.workgroup?.some((x) => x.name === w.name)) out.push(`remove workgroup ${w.name}`);
  if (JSON.stringify(next.agent) !== JSON.stringify(desk.agent)) out.push('change agents');
  if (JSON.stringify(next.skills) !== JSON.stringify(desk.skills)) out.push('change skills');
  if (JSON.stringify(next.canned) !== JSON.stringify(desk.canned)) out.push('change canned replies');
  return out;
}
const lists = { accounts: ['accounts', accounts, 'name'], keys: ['keys', keys, 'id'], webhooks: ['webhooks', hooks, 'id'], blocks: ['blocks', blocks, 'id'] };
/** An answer [status, body], or null where nothing is known of the path. */
export function admin(method, parts, body) {
  const [what, key, deed] = parts;
  if (what === 'desk') {
    if (method === 'GET') return [200, { desk, version, findings }];
    if (method === 'POST') return [200, { changes: changesTo(body.desk), findings }];
    if (body.version !== version) return [409, { code: 'version_conflict', title: 'Somebody else changed the desk' }];
    const changes = changesTo(body.desk);
    desk = body.desk;
    version++;
    return [200, { changes, findings, version }];
  }
  if (what in lists) {
    const [name, list, field] = lists[what];
    if (method === 'GET' && key === undefined) return [200, { [name]: list, ...(what === 'webhooks' ? { events: ['request.queued', 'request.ended', 'chat.opened', 'message.left', 'agent.lost'] } : {}) }];
    if (method === 'GET' && deed === 'deliveries') return [200, { deliveries: [{ id: 'd1', created_at: now(-5000), event: 'request.ended', note: 'HTTP 503', attempts: 3, due_at: now(60_000), state: 'due' }, { id: 'd2', created_at: now(-500_000), event: 'message.left', note: 'HTTP 200', attempts: 1, state: 'delivered' }] }];
    if (method === 'POST' && key === undefined) { const item = { [field]: id('x'), created_at: now(), at: now(), ...body }; list.push(item); return [201, what === 'keys' ? { ...item, token: 'k_' + 'Zq3xT8'.repeat(8) } : what === 'accounts' ? { ...item, password: 'plum-tiger-canvas-41' } : what === 'webhooks' ? { ...item, secret: 'whsec_' + 'ab12'.repeat(8) } : item]; }
    if (deed === 'password') return [200, { password: 'amber-river-stone-88' }];
    if (deed === 'test') return [202, {}];
    const at = list.findIndex((x) => x[field] === key);
    if (at < 0) return [404, { code: 'not_found', title: 'not found' }];
    if (method === 'DELETE') { list.splice(at, 1); return [204]; }
    Object.assign(list[at], body);
    return [200, list[at]];
  }
  if (what === 'erase') return [200, { erased: { chats: 3, messages: 41, files: 2 } }];
  if (what === 'audit') return [200, { entries: Array.from({ length: 30 }, (_, n) => ({ at: now(-n * 4_000_000), who: n % 3 ? 'ada' : 'sam', what: ['desk.apply', 'account.add', 'request.move', 'key.add', 'session.start'][n % 5], on: ['support', 'bert', 'r0012', 'k1', 'ada'][n % 5], detail: n % 5 === 0 ? 'change workgroup support' : '' })), next: 'x' }];
  if (what === 'status') return [200, { version: '0.1.0', uptime_s: 500_000, storage: { backend: 'sqlite', bytes: 48_200_000, outbox: 0 }, sessions: { staff: 9, visits: 31 }, invariants: { checks: 1_204_331, breaches: 0 } }];
  return null;
}
