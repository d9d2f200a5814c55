// The wire shapes of the staff side of the HTTP API, version 1. Types, and the one number that they lean on.

export type Show = 'chat' | 'available' | 'away' | 'xa' | 'dnd' | 'offline';
export type Role = 'agent' | 'supervisor' | 'administrator';
/** The priority of a request that no rule made more or less urgent. */
export const NORMAL = 5;
export type Doors = 'open' | 'last_call' | 'closed';
export type Dispatch = 'offer' | 'ring-all' | 'pull' | 'staffed-room';

export interface Account { name: string; title: string; role: Role; agent: string | boolean | null }
export interface SignedIn { account: Account; csrf: string }

export interface Agent {
  id: string; name: string; title: string; signed_in: boolean; show: Show; reason?: string | null; show_since?: string | null;
  lost: boolean; chats: number; chats_max: number; wrap_up_until?: string | null; queues: { queue: string; opted_in: boolean }[];
  /** Rooms in which the agent waits for a visitor. */
  rooms?: { room: string; queue: string }[];
}
export interface Workgroup {
  name: string; title: string; doors: Doors; opens_at?: string | null; reasons: string[]; tags: string[]; wrap_up_s: number;
  /** Lines that a chat can be handed to, those included that the reader does not see. */
  transfer_targets?: { queue: string; title: string }[];
}
export interface Today { arrived: number; answered: number; abandoned: number; within_target: number; mean_wait_s: number | null }
export interface Queue {
  id: string; workgroup: string; title: string; dispatch: Dispatch; waiting: number; oldest_at?: string | null; longest_s?: number | null;
  staffed: number; free_slots: number; target_wait_s: number | null; doors: Doors; today: Today;
}
export interface Answer { label: string; value: string }
export interface Page { url?: string | null; title?: string | null; referrer?: string | null }
export interface Waiting {
  request: string; queue: string; visitor: { id: string; title: string; returning: boolean; locale?: string | null };
  priority: number; joined_at: string; state: 'waiting' | 'offered' | 'held' | 'confirming'; level?: number; answers: Answer[];
  first_words?: string | null; last_words?: string | null; skills?: string | null; page?: Page | string | null; medium: 'chat' | 'callback'; may_take: boolean;
}
export interface Offer {
  offer: string; request: string; queue: string; kind: 'request' | 'transfer' | 'conference'; made_at: string; deadline: string;
  from?: { agent?: string; title: string } | null; note?: string | null; waiting: Waiting; earlier: number; last_agent?: string | null;
}
export interface MessageFile { id: string; name: string; size: number; type: string; url?: string | null }
export interface From { kind: 'visitor' | 'agent' | 'desk'; id?: string; title?: string; self?: boolean }
export interface Message {
  number: number; id?: string | null; at: string; from: From;
  kind: 'text' | 'file' | 'event'; text?: string | null; corrected?: { at: string } | null; file?: MessageFile | null;
  event?: { what: string; who?: From | string | null } | null;
  /** Only in the console: a message that the server has not acknowledged yet, or refused. */
  pending?: boolean; failed?: string;
}
export interface Note { at: string; by: string; text: string }
export interface ChatEnd { how: string; by?: string | null; at: string }
export interface Chat {
  chat: string; room_state: 'invited' | 'chatting' | 'ended'; queue: string; opened_at: string;
  visitor: { id: string; title: string; connected: boolean; locale?: string | null; page?: Page | string | null; address_hint?: string | null };
  answers: Answer[]; part: 'holder' | 'second' | 'supervisor'; agents: { id: string; title: string; part: string }[];
  transfer?: { target: string; kind: string; by?: string; deadline?: string | null } | null;
  messages?: Message[]; first_number?: number; read?: { visitor: number; me: number }; typing?: string[]; tags?: string[]; notes?: Note[];
  ended?: ChatEnd | null;
}
export interface Canned { id: string; shortcut: string; title: string; text: string; workgroup?: string | null; locale?: string | null; mine: boolean; declared?: boolean }
export interface Line { waiting: Waiting[]; total: number }
/** A chat that is going on, as supervisors see it. */
export interface Running {
  chat: string; state: 'invited' | 'chatting'; queue: string; visitor: { id: string; title: string; connected: boolean };
  joined_at: string; opened_at: string; agents: { id: string; title: string; part: string }[]; transfer?: { target: string; kind: string } | null;
}
export interface Snapshot {
  /** Not there for those who only watch. */
  me?: Agent; agents: Agent[]; workgroups: Workgroup[]; queues: Queue[]; lines: Record<string, Waiting[] | { waiting: Waiting[]; total: number }>;
  offers: Offer[]; chats: Chat[]; canned: Canned[]; running?: Running[]; settings?: Record<string, unknown>;
}
export interface StreamEvent { id?: string; event: string; data: unknown }

export interface PastChat {
  chat: string; workgroup: string; queue: string; at: string; waited_s?: number | null; duration_s?: number | null;
  messages?: number; agents: (string | { title: string })[]; ending?: string | null; tags?: string[]; rating?: number | { stars: number } | null;
}
export interface Hit { chat: string; at: string; visitor_id?: string; messages?: number; visitor_title: string; snippet: string; number?: number; workgroup?: string; queue?: string; agents?: (string | { title: string })[] }
export interface Transcript { chat: string; at?: string; messages: Message[]; notes?: Note[]; answers?: Answer[]; tags?: string[]; visitor?: { id?: string; title?: string } }
export interface LeftMessage { id: string; at: string; workgroup: string; name?: string; email?: string; text: string; page?: string | null; /** Who dealt with it. */ done?: string }
export interface TodayReport {
  from: string; to: string; step_s: number;
  queues: Record<string, { arrived: number[]; answered: number[]; abandoned: number[]; mean_wait_s: (number | null)[] }>;
}
export interface Finding { at: string; message: string; severity: 'error' | 'warning' | string }
