// Reads a Server-Sent Events body piece by piece (WHATWG HTML, section 9.2.6). Knows nothing of what the events mean.
import type { StreamEvent } from "./wire.ts";

const PIECE_MAX = 2_000_000;

export class SseReader {
  #rest = "";
  #id = "";
  #name = "";
  #data: string[] = [];

  /** Takes the next piece of text and gives the events that it completes. Data that is not JSON is dropped. */
  feed(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    this.#rest += text;
    if (this.#rest.length > PIECE_MAX) throw new Error("a line of the event stream is too long");
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") this.#dispatch(events);
      else this.#field(line);
    }
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#name = value;
    else if (name === "id") this.#id = value;
  }

  #dispatch(events: StreamEvent[]): void {
    if (this.#data.length > 0) {
      try {
        events.push({ id: this.#id || undefined, event: this.#name || "message", data: JSON.parse(this.#data.join("\n")) });
      } catch {
        // Not for us.
      }
    }
    this.#name = "";
    this.#data = [];
  }
}
