// The visit as this client knows it: a pure function over the server's events. No DOM, no clock, no network.
import type { Message, Snapshot, StreamEvent, Visit } from "./wire.ts";

export interface Session {
  visit: Visit | null;
  /** Sorted by number, each number once. */
  messages: Message[];
  /** Agents who are writing. */
  typing: string[];
  /** Id of the last event seen, for resuming. */
  last: string | null;
  /** Whether there may be earlier messages than the first one here. */
  more: boolean;
}

/** What the outside should do because of an event. */
export type Effect =
  | { do: "arrived"; message: Message }
  | { do: "corrected"; message: Message }
  | { do: "phase"; from: Visit["state"] | null; to: Visit["state"] }
  | { do: "place" }
  | { do: "bye"; reason: string; retry_after_s: number };

export const empty: Session = { visit: null, messages: [], typing: [], last: null, more: false };

/** Puts messages into the list by number; the newer version of a number wins. */
export function merge(list: Message[], added: Message[]): Message[] {
  const tail = list.at(-1)?.number ?? 0;
  if (added.length === 1 && added[0]!.number > tail) return [...list, added[0]!];
  const byNumber = new Map(list.map((message) => [message.number, message]));
  for (const message of added) byNumber.set(message.number, message);
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

/** Whether the visitor said it. */
export const mine = (message: Message): boolean => message.from.kind === "visitor";

const phase = (from: Visit | null, to: Visit): Effect[] =>
  from?.state === to.state ? [] : [{ do: "phase", from: from?.state ?? null, to: to.state }];

const ascending = (messages: Message[] | undefined): Message[] => merge([], messages ?? []);

/** Replaces everything by a snapshot; only earlier messages that were loaded before and join on are kept. */
function fromSnapshot(session: Session, { messages, first_number: _, ...visit }: Snapshot, id: string | null): [Session, Effect[]] {
  const fresh = ascending(messages);
  const first = fresh[0]?.number ?? 0;
  const same = session.visit?.visit === visit.visit;
  const known = same ? (session.messages.at(-1)?.number ?? 0) : 0;
  const earlier = same && known >= first - 1 ? session.messages.filter((message) => message.number < first) : [];
  const all = [...earlier, ...fresh];
  const effects: Effect[] = phase(same ? session.visit : null, visit);
  if (same) for (const message of fresh) if (message.number > known && !mine(message)) effects.push({ do: "arrived", message });
  const more = (all[0]?.number ?? 1) > 1 && (earlier.length === 0 || session.more);
  return [{ visit, messages: all, typing: visit.typing ?? [], last: id, more }, [...effects, { do: "place" }]];
}

function onMessage(session: Session, message: Message): [Session, Effect[]] {
  const known = session.messages.some((other) => other.number === message.number);
  const typing = session.typing.filter((agent) => agent !== message.from.id);
  const effects: Effect[] = known || mine(message) ? [] : [{ do: "arrived", message }];
  return [{ ...session, typing, messages: merge(session.messages, [message]) }, effects];
}

function onCorrection(session: Session, change: { number: number; text: string; at: string }): [Session, Effect[]] {
  const old = session.messages.find((message) => message.number === change.number);
  if (!old) return [session, []];
  const message: Message = { ...old, text: change.text, corrected: { at: change.at } };
  return [{ ...session, messages: merge(session.messages, [message]) }, mine(message) ? [] : [{ do: "corrected", message }]];
}

function onRead(session: Session, change: { by: string; number: number }): Session {
  if (!session.visit) return session;
  const by = change.by === "visitor" ? "visitor" : "agent";
  const read = { ...session.visit.read, [by]: Math.max(session.visit.read?.[by] ?? 0, change.number) };
  return { ...session, visit: { ...session.visit, read } };
}

function onTyping(session: Session, change: { agent: string; state: string }): Session {
  const others = session.typing.filter((agent) => agent !== change.agent);
  return { ...session, typing: change.state === "composing" ? [...others, change.agent] : others };
}

function onState(session: Session, visit: Visit): [Session, Effect[]] {
  const next: Visit = { ...visit, read: visit.read ?? session.visit?.read, rated: visit.rated ?? session.visit?.rated };
  const inside = new Set((visit.agents ?? []).map((agent) => agent.id));
  const typing = visit.typing ?? session.typing.filter((agent) => inside.has(agent));
  return [{ ...session, visit: next, typing: visit.state === "ended" ? [] : typing }, [...phase(session.visit, next), { do: "place" }]];
}

/** The session after an event of the stream, and what follows from it. Unknown events change nothing. */
export function reduce(before: Session, event: StreamEvent): [Session, Effect[]] {
  const id = event.id ?? before.last;
  const session = { ...before, last: id };
  switch (event.event) {
    case "snapshot":
      return fromSnapshot(session, event.data as Snapshot, id);
    case "state":
      return onState(session, event.data as Visit);
    case "position": {
      const { ahead, len, estimate } = event.data as { ahead: number; len: number; estimate: Visit["estimate"] };
      if (!session.visit) return [session, []];
      return [{ ...session, visit: { ...session.visit, position: { ahead, len }, estimate } }, [{ do: "place" }]];
    }
    case "message":
      return onMessage(session, event.data as Message);
    case "correction":
      return onCorrection(session, event.data as { number: number; text: string; at: string });
    case "typing":
      return [onTyping(session, event.data as { agent: string; state: string }), []];
    case "read":
      return [onRead(session, event.data as { by: string; number: number }), []];
    case "bye": {
      const { reason, retry_after_s } = (event.data ?? {}) as { reason?: string; retry_after_s?: number };
      return [session, [{ do: "bye", reason: reason ?? "", retry_after_s: retry_after_s ?? 0 }]];
    }
    default:
      return [session, []];
  }
}

/** Adds earlier messages that were asked for; nothing asked for and got means that there are no more. */
export function prepend(session: Session, earlier: Message[]): Session {
  const messages = merge(session.messages, earlier.filter((message) => !session.messages.some((m) => m.number === message.number)));
  return { ...session, messages, more: earlier.length > 0 && (messages[0]?.number ?? 1) > 1 };
}
