// The shapes of the visitor's side of the HTTP API, as they come over the wire. No behaviour here.

export interface Estimate { low_s: number; expected_s: number; high_s: number }

export interface Field {
  name: string;
  label: string;
  kind: "text" | "multiline" | "email" | "choice" | "checkbox";
  required?: boolean;
  length_max?: number;
  options?: { value: string; label: string }[];
}

export interface Look { accent?: string; title?: string; greeting?: string; position?: "right" | "left"; strings?: Record<string, string> }

export interface Workgroup {
  name: string;
  title: string;
  description?: string;
  open: boolean;
  doors: "open" | "last_call" | "closed";
  opens_at?: string | null;
  form?: { fields: Field[] } | null;
  estimate?: Estimate | null;
  waiting: number;
  staffed: boolean;
  leave_message?: boolean;
  callback?: boolean;
  files?: { enabled: boolean; size_max: number; types: string[] };
  rating?: boolean;
  transcript?: { download: boolean; mail: boolean };
  look?: Look;
  privacy_note?: string | null;
}

export interface Message {
  number: number;
  id?: string | null;
  at: string;
  from: { kind: "visitor" | "agent" | "desk"; id?: string; title?: string; self?: boolean };
  kind: "text" | "file" | "event";
  text?: string | null;
  corrected?: { at: string } | null;
  file?: { id: string; name: string; size: number; type: string; url?: string } | null;
  event?: { what: string; who?: Message["from"] | null } | null;
}

export interface Agent { id: string; title: string; part?: string }

/** The state of a visit, without its messages. */
export interface Visit {
  visit: string;
  workgroup: string;
  state: "waiting" | "invited" | "chatting" | "ended";
  since?: string;
  position?: { ahead: number; len: number } | null;
  estimate?: Estimate | null;
  /** Told when somebody is free, instead of waiting. */
  callback?: { state: "waiting" | "scheduled" | "confirming"; due?: string; confirm_until?: string } | null;
  agents?: Agent[];
  chat?: { id: string; opened_at?: string } | null;
  ended?: { how: string; by: "visitor" | "agent" | "desk"; at: string } | null;
  rated?: boolean;
  read?: { visitor?: number; agent?: number };
  typing?: string[];
}

export interface Snapshot extends Visit { messages?: Message[]; first_number?: number }

export interface Opened { visit: string; token: string; visitor?: string; snapshot?: Snapshot }

export interface StreamEvent { id?: string; event: string; data: unknown }

export interface FieldProblem { field: string; problem: string }
