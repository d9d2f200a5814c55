// Things to be sent one after the other, each again and again as long as only the connection fails. Knows nothing of chats.

export interface TurnEdges {
  /** Sends once; throws when that fails. */
  send(): Promise<void>;
  /** Whether it is still wanted: not discarded, not arrived by another way. */
  wanted(): boolean;
  /** Whether a failure will pass by itself. */
  passing(error: unknown): boolean;
  failed(error: unknown): void;
  /** The pause before attempt `n` (from 2). */
  pause(n: number): Promise<void>;
}

const lines = new Map<string, Promise<void>>();

async function turn(edges: TurnEdges): Promise<void> {
  for (let n = 2; edges.wanted(); n++) {
    try {
      await edges.send();
      return;
    } catch (error) {
      if (!edges.passing(error)) { edges.failed(error); return; }
    }
    await edges.pause(n);
  }
}

/** Puts something at the end of a line. The promise is kept when it was sent, failed for good, or is not wanted any more. */
export function inTurn(line: string, edges: TurnEdges): Promise<void> {
  const mine = (lines.get(line) ?? Promise.resolve()).then(() => turn(edges));
  lines.set(line, mine);
  return mine.finally(() => { if (lines.get(line) === mine) lines.delete(line); });
}
