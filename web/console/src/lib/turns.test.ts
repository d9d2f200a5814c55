// Sending in turn: order, patience with the connection, no patience with a no.
import { expect, it } from 'vitest';
import { inTurn, type TurnEdges } from './turns';

function edges(sent: string[], word: string, failures: unknown[], over: Partial<TurnEdges> = {}): TurnEdges {
  return {
    send: () => { const failure = failures.shift(); return failure === undefined ? (sent.push(word), Promise.resolve()) : Promise.reject(failure); },
    wanted: () => true, passing: (error) => error === 'network', failed: (error) => { sent.push(`${word} failed: ${String(error)}`); }, pause: () => Promise.resolve(), ...over,
  };
}

it('keeps the order of a line, however often the first one has to be tried', async () => {
  const sent: string[] = [];
  await Promise.all([inTurn('a', edges(sent, 'one', ['network', 'network'])), inTurn('a', edges(sent, 'two', []))]);
  expect(sent).toEqual(['one', 'two']);
});

it('gives up on a no, and goes on with the next', async () => {
  const sent: string[] = [];
  await Promise.all([inTurn('b', edges(sent, 'one', ['forbidden'])), inTurn('b', edges(sent, 'two', []))]);
  expect(sent).toEqual(['one failed: forbidden', 'two']);
});

it('stops trying what is not wanted any more', async () => {
  const sent: string[] = [];
  let tries = 0;
  await inTurn('c', edges(sent, 'one', ['network', 'network', 'network'], { wanted: () => tries++ < 2 }));
  expect(sent).toEqual([]);
});
