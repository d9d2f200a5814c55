// The screens to be looked at: name, how the page is opened, and what is played before the picture is taken.
const phone = { width: 390, height: 844, phone: true };
const talk = [['a', 'Hello, this is Anna. How can I help?'], ['v', 'I brought everything back on Monday.'], ['v', 'But https://library.example/account/loans still shows two books.'], ['a', 'Let me look that up for you.'], ['a', 'I can see the return of “The Wall”. The other one was not scanned.'], ['v', 'Oh. What now?']];
async function chats(page, scene) {
  await scene('chat', { n: 12, script: talk, note: 'Second time this week: the return slot in the hall misses scans.' });
  await scene('chat', { n: 3, script: talk.slice(0, 3), lost: true });
  await scene('chat', { n: 8, script: [['a', 'Good morning!'], ['o', 'Bert here, I join you.']], typing: true });
  await page.waitForTimeout(300);
}
async function offered(page, scene) { await scene('offer', { seconds: 25 }); await page.locator('.offer').waitFor({ state: 'visible' }); }
const front = (page) => page.locator('.pane.front');
const key = (page, keys) => page.keyboard.press(keys);

export const screens = [
  ['sign-in', { user: null }, async () => {}],
  ['sign-in-dark-phone', { user: null, theme: 'dark', ...phone }, async () => {}],
  ['desk-empty', { desk: { waiting: 0 } }, async () => {}],
  ['desk-lines', {}, async () => {}],
  ['desk-chats', {}, chats],
  ['desk-chats-dark', { theme: 'dark' }, chats],
  ['desk-wide', { width: 1920, height: 1080 }, chats],
  ['desk-offer', {}, async (page, scene) => { await chats(page, scene); await offered(page, scene); }],
  ['desk-offer-dark', { theme: 'dark' }, offered],
  ['desk-transfer-offer', {}, async (page, scene) => { await scene('offer', { kind: 'transfer' }); await page.locator('.offer').waitFor({ state: 'visible' }); }],
  ['desk-canned', {}, async (page, scene) => { await chats(page, scene); await front(page).locator('textarea').fill('/h'); }],
  ['desk-note', {}, async (page, scene) => { await chats(page, scene); await key(page, 'Alt+n'); }],
  ['desk-transfer', {}, async (page, scene) => { await chats(page, scene); await key(page, 'Alt+t'); await page.locator('.target').nth(1).click(); }],
  ['desk-close', {}, async (page, scene) => { await chats(page, scene); await key(page, 'Alt+e'); }],
  ['desk-ended', {}, async (page, scene) => { await chats(page, scene); await scene('end'); await key(page, 'Alt+1'); }],
  ['desk-menu', {}, async (page) => { await key(page, 'Alt+s'); }],
  ['desk-queues', {}, async (page) => { await key(page, 'Alt+s'); await page.getByRole('menuitem', { name: 'My queues' }).click(); }],
  ['desk-keys', {}, async (page) => { await page.locator('main').focus(); await key(page, '?'); }],
  ['desk-replies', {}, async (page) => { await page.getByRole('button', { name: 'You and your settings' }).click(); await page.getByRole('menuitem', { name: 'Canned replies' }).click(); }],
  ['desk-transcript', {}, async (page, scene) => { await chats(page, scene); await page.locator('aside li button').first().click(); }],
  ['desk-request', { user: 'sam' }, async (page) => { await page.locator('[data-row]').first().click(); }],
  ['desk-200', { desk: { waiting: 200, agents: 50 } }, chats],
  ['desk-replaced', {}, async (page, scene) => { await scene('bye', { reason: 'replaced' }); }],
  ['phone-lines', { ...phone }, async () => {}],
  ['phone-offer', { ...phone }, offered],
  ['phone-chat', { ...phone }, chats],
  ['phone-chat-dark', { ...phone, theme: 'dark' }, chats],
  ['phone-visitor', { ...phone }, async (page, scene) => { await chats(page, scene); await page.getByRole('button', { name: 'Visitor', exact: true }).click(); }],
  ['archive', { hash: '#/archive' }, async (page) => { await page.getByPlaceholder('Search words').fill('loan'); await key(page, 'Enter'); await page.locator('.archive li').first().waitFor(); }],
  ['archive-phone', { hash: '#/archive', ...phone }, async (page) => { await page.getByPlaceholder('Search words').fill('loan'); await key(page, 'Enter'); await page.locator('.archive li').first().waitFor(); }],
  ['floor', { user: 'sam', hash: '#/floor' }, async () => {}],
  ['floor-dark', { user: 'sam', hash: '#/floor', theme: 'dark', desk: { waiting: 40, agents: 20 } }, async () => {}],
  ['floor-200', { user: 'sam', hash: '#/floor', desk: { waiting: 200, agents: 50 }, height: 1000, width: 1600 }, async (page) => { await page.getByRole('button', { name: 'Support · General' }).click(); }],
  ['floor-phone', { user: 'sam', hash: '#/floor', ...phone }, async () => {}],
  ['floor-agent', { user: 'sam', hash: '#/floor' }, async (page) => { await page.locator('section[aria-label=Agents] li button').first().click(); }],
  ['floor-today', { user: 'sam', hash: '#/floor/today', height: 1000 }, async (page) => { await page.locator('.u-wrap').first().waitFor(); }],
  ['floor-today-dark', { user: 'sam', hash: '#/floor/today', height: 1000, theme: 'dark' }, async (page) => { await page.locator('.u-wrap').first().waitFor(); await page.getByRole('button', { name: 'Table' }).nth(1).click(); }],
  ['floor-report', { user: 'sam', hash: '#/floor/report' }, async (page) => { await page.getByRole('button', { name: 'Show' }).click(); await page.locator('tbody tr').first().waitFor(); }],
  ['floor-left', { user: 'sam', hash: '#/floor/left' }, async (page) => { await page.locator('article').first().waitFor(); }],
  ...['workgroups', 'workgroups/support', 'workgroups/support/hours', 'workgroups/support/form', 'workgroups/support/rules', 'workgroups/support/queues', 'workgroups/support/rollover', 'workgroups/support/look', 'workgroups/support/keeping', 'agents', 'skills', 'canned', 'accounts', 'keys', 'webhooks', 'blocks', 'audit', 'erase', 'status']
    .map((page) => [`admin-${page.replaceAll('/', '-')}`, { user: 'ada', hash: `#/admin/${page}`, height: 900 }, async (p) => { await p.locator('.page h1').waitFor(); }]),
  ['admin-change', { user: 'ada', hash: '#/admin/workgroups/support/queues/loans', height: 900 }, async (page) => { await page.getByLabel('Target wait').fill('75'); await key(page, 'Tab'); await page.waitForTimeout(1000); await page.locator('section.bar .btn.plain').click(); }],
  ['admin-agent', { user: 'ada', hash: '#/admin/agents', theme: 'dark' }, async (page) => { await page.locator('.head').first().click(); }],
  ['admin-key', { user: 'ada', hash: '#/admin/keys' }, async (page) => { await page.getByRole('button', { name: 'New key' }).click(); await page.locator('dialog .input').first().fill('Test'); }],
  ['admin-key-once', { user: 'ada', hash: '#/admin/keys' }, async (page) => { await page.getByRole('button', { name: 'New key' }).click(); await page.locator('dialog .input').first().fill('Test'); await page.locator('dialog .btn.main').click(); await page.locator('.secret').waitFor(); }],
  ['admin-account-menu', { user: 'ada', hash: '#/admin/accounts' }, async (page) => { await page.getByRole('button', { name: 'Actions: anna' }).click(); }],
  ['admin-deliveries', { user: 'ada', hash: '#/admin/webhooks' }, async (page) => { await page.getByRole('button', { name: 'Deliveries' }).click(); await page.locator('dialog').waitFor(); }],
  ['admin-rollover-dark', { user: 'ada', hash: '#/admin/workgroups/support/rollover', theme: 'dark', height: 900 }, async () => {}],
  ['admin-phone', { user: 'ada', hash: '#/admin/workgroups/support/hours', ...phone }, async () => {}],
  ['admin-phone-queue', { user: 'ada', hash: '#/admin/workgroups/support/queues', ...phone }, async () => {}],
];
