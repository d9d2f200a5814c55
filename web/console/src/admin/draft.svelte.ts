// The working copy of the desk's declaration: what has been changed here, what the server says to it, applying it.
import { api, Problem } from '../lib/api';
import { t } from '../lib/lang';
import { toast, words } from '../lib/toast.svelte';
import type { Finding } from '../lib/types';
import { sentence, type Declaration, type DeskQueue, type DeskWorkgroup } from './wire';

interface Draft { desk: Declaration | null; version: unknown; findings: Finding[]; changes: string[]; checking: boolean; trouble: string; conflict: boolean }
export const draft = $state<Draft>({ desk: null, version: null, findings: [], changes: [], checking: false, trouble: '', conflict: false });
let base = $state('');
let timer = 0;
let asked = 0;
const CHECK_AFTER_MS = 500;

export const dirty = (): boolean => draft.desk !== null && JSON.stringify(draft.desk) !== base;

/** The tables that the pages write into, where they were left out. Empty ones mean the same as none. */
function whole(desk: Declaration): Declaration {
  desk.skills ??= {};
  desk.agent ??= [];
  desk.workgroup ??= [];
  desk.canned ??= [];
  for (const w of desk.workgroup) wholeGroup(w);
  return desk;
}
export function wholeGroup(w: DeskWorkgroup): DeskWorkgroup {
  w.hours ??= {};
  w.form ??= {};
  w.form.field ??= [];
  w.rule ??= [];
  w.callback ??= {};
  w.look ??= {};
  w.widget ??= {};
  w.widget.files ??= {};
  w.widget.transcript ??= {};
  w.retention ??= {};
  w.queue ??= [];
  return w;
}
export async function load(): Promise<void> {
  try {
    const body = await api.get<{ desk: Declaration; version: unknown; findings?: Finding[] }>('/admin/desk');
    draft.desk = whole(body.desk);
    base = JSON.stringify(draft.desk);
    draft.version = body.version;
    draft.findings = body.findings ?? [];
    draft.changes = [];
    draft.trouble = '';
    draft.conflict = false;
  } catch (error) {
    draft.trouble = words(error);
  }
}
export function discard(): void {
  if (draft.desk === null) return;
  draft.desk = JSON.parse(base) as Declaration;
  draft.changes = [];
  if (draft.conflict) void load();
}

/** Asks the server, a moment after the last change, what the working copy would change and what is wrong with it. */
export function checkSoon(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void check(), CHECK_AFTER_MS);
}
async function check(): Promise<void> {
  if (draft.desk === null) return;
  const turn = ++asked;
  draft.checking = true;
  try {
    const answer = await api.post<{ changes?: unknown[]; findings?: Finding[] }>('/admin/desk/check', { desk: draft.desk });
    if (turn !== asked) return;
    draft.changes = (answer.changes ?? []).map(sentence);
    draft.findings = answer.findings ?? [];
    draft.trouble = '';
  } catch (error) {
    if (turn !== asked) return;
    if (error instanceof Problem && error.findings.length > 0) draft.findings = error.findings;
    else draft.trouble = words(error);
  }
  draft.checking = false;
}
export async function apply(): Promise<void> {
  if (draft.desk === null) return;
  try {
    await api.put('/admin/desk', { desk: draft.desk, version: draft.version });
    toast(t.admin.applied, 'good');
    await load();
  } catch (error) {
    if (error instanceof Problem && error.code === 'version_conflict') draft.conflict = true;
    if (error instanceof Problem && error.findings.length > 0) draft.findings = error.findings;
    draft.trouble = words(error);
  }
}

export const isFault = (finding: Finding): boolean => finding.severity !== 'warning' && finding.severity !== 'note' && finding.severity !== 'info';
const tokens = (at: string): string => at.toLowerCase().split(/[^a-z0-9_-]+/).filter((x) => x !== '').join('/');
/** Findings exactly at this place. */
export const findingsAt = (at: string): Finding[] => { const here = tokens(at); return draft.findings.filter((f) => tokens(f.at) === here); };
/** Findings at this place or inside it. */
export const findingsWithin = (at: string): Finding[] => { const here = tokens(at); return draft.findings.filter((f) => tokens(f.at) === here || tokens(f.at).startsWith(`${here}/`)); };

export const workgroup = (name: string | undefined): DeskWorkgroup | undefined => draft.desk?.workgroup?.find((w) => w.name === name);
export const queueIds = (): { id: string; title: string }[] => (draft.desk?.workgroup ?? []).flatMap((w) => (w.queue ?? []).map((q) => ({ id: `${w.name}/${q.name}`, title: `${w.title || w.name} · ${q.title || q.name}` })));
export const titleOfQueue = (id: string): string => queueIds().find((q) => q.id === id)?.title ?? id;
/** A name that is not taken yet. */
export function freeName(wanted: string, taken: string[]): string {
  let name = wanted;
  for (let n = 2; taken.includes(name); n++) name = `${wanted}-${n}`;
  return name;
}
export function move<T>(list: T[], at: number, by: number): void {
  const item = list[at];
  if (item === undefined || at + by < 0 || at + by >= list.length) return;
  list.splice(at, 1);
  list.splice(at + by, 0, item);
}
/** Another name for a queue is followed wherever it is the target of a rollover or a rule. */
export function renameQueue(group: DeskWorkgroup, queue: DeskQueue, name: string): void {
  const from = `${group.name}/${queue.name}`;
  for (const w of draft.desk?.workgroup ?? []) for (const q of w.queue ?? []) for (const r of q.rollover ?? []) if (r.to === from) r.to = `${group.name}/${name}`;
  for (const rule of group.rule ?? []) if (rule.queue === queue.name) rule.queue = name;
  queue.name = name;
}
