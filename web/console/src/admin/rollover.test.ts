// The drawing of rollover: times add up, unknown targets and circles are seen.
import { expect, it } from 'vitest';
import { circles, lanes } from './rollover';
import type { DeskWorkgroup } from './wire';

const group: DeskWorkgroup = {
  name: 'w', queue: [
    { name: 'a', rollover: [{ after_s: 75, to: 'w/b' }, { after_s: 60, to: 'x/none', keep: false }, { after_s: 5, to: 'w/a' }] },
    { name: 'b', rollover: [{ after_s: 10, to: 'w/a' }] }, { name: 'c', rollover: [{ after_s: 10, to: 'w/a' }] },
  ],
};
it('adds up the times of the steps', () => {
  const [a] = lanes(group, new Set(['w/a', 'w/b', 'w/c']));
  expect(a?.steps.map((s) => [s.at_s, s.keep, s.known, s.back])).toEqual([[75, true, true, false], [135, false, false, false], [140, true, true, true]]);
});
it('finds circles, not those that only lead into one', () => expect([...circles([group])].sort()).toEqual(['w/a', 'w/b']));
