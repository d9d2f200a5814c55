// The small pure parts: SSE parsing, back-off, canned replies, formats.
import { describe, expect, it } from 'vitest';
import { filled, matching, shortcutAt } from './canned';
import { clock, exactSpan, initials, links, span } from './format';
import { SseReader } from './sse';
import { backoff } from './stream';
import type { Canned } from './types';

describe('SSE', () => {
  it('puts chunks together, skips comments, joins data lines', () => {
    const reader = new SseReader();
    expect(reader.push(': hello\n\nid: 1.4\nevent: me\nda')).toEqual([]);
    expect(reader.push('ta: {"id":\ndata: "x"}\n\n')).toEqual([{ id: '1.4', event: 'me', data: { id: 'x' } }]);
    expect(reader.push('event: bye\r\ndata: {}\r\n\r\n')).toEqual([{ id: '1.4', event: 'bye', data: {} }]);
  });
});

it('waits longer each time, within bounds', () => {
  expect(backoff(1, () => 0)).toBe(250);
  expect(backoff(1, () => 1)).toBe(500);
  expect(backoff(20, () => 1)).toBe(20_000);
});

describe('canned replies', () => {
  const reply = (shortcut: string, more: Partial<Canned> = {}): Canned => ({ id: shortcut, shortcut, title: '', text: '', mine: false, ...more });
  it('opens on a slash at the start of a word only', () => {
    expect(shortcutAt('/hi', 3)).toEqual({ from: 0, typed: 'hi' });
    expect(shortcutAt('well /', 6)).toEqual({ from: 5, typed: '' });
    expect(shortcutAt('http://x', 8)).toBeNull();
    expect(shortcutAt('/hi there', 9)).toBeNull();
  });
  it('ranks exact before prefix before inside, and keeps other workgroups out', () => {
    const all = [reply('hold'), reply('hi'), reply('thanks-hi'), reply('hi-secret', { workgroup: 'other' })];
    expect(matching(all, 'hi', 'w', 'en').map((r) => r.shortcut)).toEqual(['hi', 'thanks-hi']);
  });
  it('prefers the visitor’s language', () => {
    const all = [reply('hi', { id: 'en', locale: 'en' }), reply('hi', { id: 'nl', locale: 'nl' })];
    expect(matching(all, 'hi', 'w', 'nl-BE')[0]?.id).toBe('nl');
  });
  it('fills names in', () => expect(filled('Hi {visitor}, {agent} here', { visitor: 'Jo', agent: 'Anna' })).toBe('Hi Jo, Anna here'));
});

describe('formats', () => {
  it('runs clocks and names spans', () => {
    expect(clock(7_900)).toBe('0:07');
    expect(clock(3_729_000)).toBe('1:02:09');
    expect(clock(-5)).toBe('0:00');
    expect(span(null)).toBe('–');
    expect(span(75)).toBe('75 s');
    expect(span(240)).toBe('4 min');
  });
  it('makes initials', () => {
    expect(initials('Anna de Vries')).toBe('AV');
    expect(initials('bert')).toBe('BE');
    expect(initials('')).toBe('?');
  });
  it('finds links and leaves the full stop outside', () => {
    expect(links('see https://a.example/x. ok')).toEqual([{ text: 'see ' }, { text: 'https://a.example/x', href: 'https://a.example/x' }, { text: '. ok' }]);
    expect(links('javascript:alert(1)')).toEqual([{ text: 'javascript:alert(1)' }]);
  });
});

it('says a time that was set to the second', () => {
  expect([75, 90, 120, 450].map(exactSpan)).toEqual(['75 s', '1 min 30 s', '2 min', '7 min 30 s']);
});
