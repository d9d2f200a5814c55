// Server-Sent Events from text chunks to events. Pure: no network, no clock.
import type { StreamEvent } from './types';

/** Collects chunks; each call of `push` gives the events that are complete by then. Comments are skipped. */
export class SseReader {
  #rest = '';
  #id = '';

  push(chunk: string): StreamEvent[] {
    const blocks = (this.#rest + chunk).replace(/\r\n?/g, '\n').split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.map((block) => this.#block(block)).filter((event) => event !== null);
  }

  #block(block: string): StreamEvent | null {
    let name = 'message';
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'id') this.#id = value;
      else if (field === 'event') name = value;
      else if (field === 'data') data.push(value);
    }
    if (data.length === 0) return null;
    return { id: this.#id, event: name, data: JSON.parse(data.join('\n')) };
  }
}
