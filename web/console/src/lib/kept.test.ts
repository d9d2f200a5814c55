// What outlives a reload, and whose it is.
import { beforeEach, describe, expect, it, vi } from 'vitest';

const stored = new Map<string, string>();
vi.stubGlobal('sessionStorage', { getItem: (key: string) => stored.get(key) ?? null, setItem: (key: string, value: string) => { stored.set(key, value); }, removeItem: (key: string) => { stored.delete(key); } });
/** The module as a page that was loaded again has it. */
async function reload(): Promise<typeof import('./kept')> { vi.resetModules(); return import('./kept'); }
beforeEach(() => stored.clear());

describe('kept words', () => {
  it('outlive a reload, note and answer apart', async () => {
    const before = await reload();
    before.belongTo('anna');
    before.keepDraft('c1', 'half');
    before.keepDraft('c1', 'for the desk', true);
    before.keepUnsent({ chat: 'c1', id: 'm1', text: 'on its way' });
    before.keepUnsent({ chat: 'c1', id: 'm1', text: 'twice' });
    const after = await reload();
    after.belongTo('anna');
    expect([after.draftOf('c1'), after.draftOf('c1', true)]).toEqual(['half', 'for the desk']);
    expect(after.unsentWords()).toEqual([{ chat: 'c1', id: 'm1', text: 'on its way' }]);
    expect(after.keptChats()).toEqual(['c1']);
    after.dropUnsent('m1');
    after.forgetChat('c1');
    expect((await reload()).keptChats()).toEqual([]);
  });
  it('are nobody else\u2019s, and go with signing out', async () => {
    const anna = await reload();
    anna.belongTo('anna');
    anna.keepDraft('c1', 'half');
    const bert = await reload();
    bert.belongTo('bert');
    expect(bert.draftOf('c1')).toBe('');
    bert.keepDraft('c2', 'mine');
    bert.forgetWords();
    expect([...stored.keys()]).toEqual([]);
  });
  it('are kept in memory where the browser forbids storing, and nonsense is nothing', async () => {
    stored.set('anteroom.words', '{"drafts":');
    const kept = await reload();
    kept.belongTo('anna');
    kept.keepDraft('c1', 'half');
    expect(kept.draftOf('c1')).toBe('half');
  });
});
