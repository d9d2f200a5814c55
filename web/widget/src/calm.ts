// Decides when the place in line is said aloud: at once when its meaning changes, otherwise at most every 30 seconds, and never
// twice the same words. Time is an argument.

const PAUSE_MS = 30_000;

export class Calm {
  #said = "";
  #meaning = "";
  #at = -Infinity;

  /**
   * What to do with the newest words: how many milliseconds to wait before saying them (0 is now), or null for nothing.
   * @param meaning changes when the visitor should hear of it at once
   */
  ask(words: string, meaning: string, now: number): number | null {
    if (words === "" || words === this.#said) return null;
    return meaning === this.#meaning ? Math.max(0, this.#at + PAUSE_MS - now) : 0;
  }

  /** The words were said. */
  spoke(words: string, meaning: string, now: number): void {
    this.#said = words;
    this.#meaning = meaning;
    this.#at = now;
  }
}
