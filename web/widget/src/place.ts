// What the loader (or the plain page) hands to the app, and what it gets back. Types only: the loader must stay small.

export interface Place {
  /** The custom element, or the plain page's host. */
  host: HTMLElement;
  root: ShadowRoot;
  workgroup: string;
  /** Address of the server, ending in a slash. */
  server: string;
  locale: string | null;
  /** `float`: a panel above somebody's page. `page`: the whole window. */
  embed: "float" | "page";
  /** What opened the panel; gets the focus back. */
  launcher: HTMLElement | null;
  /** How many messages came while the panel was closed. */
  unread(count: number): void;
  /** The panel was opened or closed. */
  shown(open: boolean): void;
}

export interface Handle {
  open(): void;
  close(): void;
  /** Lets go of connections, timers and listeners. */
  stop(): void;
}
