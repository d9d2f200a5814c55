// The desk's declaration as `/admin/desk` speaks it, as far as the settings need to know. Keys that are not listed
// pass through untouched.

export interface Condition { field?: string; is?: string[]; contains?: string; answered?: boolean; asks?: string }
export interface Rule { when: Condition[]; queue?: string; priority?: number; skills?: string }
export interface Rollover { after_s: number; to: string; keep?: boolean; skip_if_nobody?: boolean }
export interface MemberTable { agent: string; priority?: number; capacity?: number; skills?: Record<string, number> }
export type Member = string | MemberTable;
export interface FormField { name: string; label?: string; labels?: Record<string, string>; kind?: string; options?: { value: string; label?: string; labels?: Record<string, string> }[] }
export interface Hours { always?: boolean; weekly?: Record<string, string[]>; holidays?: { date: string; name?: string; open?: string[] }[]; last_call_s?: number }
export interface DeskQueue { name: string; title?: string; dispatch?: string; skills?: string; relax?: { after_s: number; skills: string }[]; members?: Member[]; rollover?: Rollover[] }
export interface DeskWorkgroup {
  name: string; title?: string; hours?: Hours; form?: { field?: FormField[] }; rule?: Rule[]; callback?: object; look?: { titles?: Record<string, string>; greetings?: Record<string, string>; strings?: Record<string, string> };
  widget?: { files?: object; transcript?: object }; retention?: object; queue?: DeskQueue[];
}
export interface DeskAgent { name: string; title?: string; chats_max?: number; skills?: Record<string, number> }
export interface DeskCanned { shortcut: string; title?: string; text: string; workgroup?: string; locale?: string }
export interface Declaration { skills?: Record<string, string>; agent?: DeskAgent[]; workgroup?: DeskWorkgroup[]; canned?: DeskCanned[] }

/** A list from a body that may be the list or an object around it. */
export function listOf<T>(body: unknown, key: string): T[] {
  if (Array.isArray(body)) return body as T[];
  const inside = (body as Record<string, unknown> | null)?.[key];
  return Array.isArray(inside) ? (inside as T[]) : [];
}
/** A change or finding as a sentence, whatever form the server gives it. */
export function sentence(change: unknown): string {
  if (typeof change === 'string') return change;
  if (change === null || typeof change !== 'object') return String(change);
  const c = change as Record<string, unknown>;
  const first = ['text', 'message', 'sentence', 'line'].map((k) => c[k]).find((x) => typeof x === 'string');
  const where = typeof c['at'] === 'string' ? c['at'] : '';
  return [where, (first as string | undefined) ?? Object.entries(c).filter(([k]) => k !== 'at').map(([, v]) => (typeof v === 'string' ? v : JSON.stringify(v))).join(' ')].filter((x) => x !== '').join(': ');
}
