// How rollover is drawn: for each queue a lane, in it the steps with the time at which each is reached. Pure.
import type { DeskWorkgroup } from './wire';

export interface Step { to: string; after_s: number; at_s: number; keep: boolean; skip: boolean; known: boolean; back: boolean }
export interface Lane { id: string; title: string; steps: Step[] }

/** One lane for each queue of the workgroup. `back` marks a step to a queue that already had the request. */
export function lanes(workgroup: DeskWorkgroup, known: Set<string>): Lane[] {
  return (workgroup.queue ?? []).map((queue) => {
    const id = `${workgroup.name}/${queue.name}`;
    const seen = new Set([id]);
    let at_s = 0;
    const steps = (queue.rollover ?? []).map((r) => {
      at_s += r.after_s;
      const step = { to: r.to, after_s: r.after_s, at_s, keep: r.keep ?? true, skip: r.skip_if_nobody ?? true, known: known.has(r.to), back: seen.has(r.to) };
      seen.add(r.to);
      return step;
    });
    return { id, title: queue.title || queue.name, steps };
  });
}

/** Queues in a circle of first steps, such as a → b → a; the checker of the server has the last word. */
export function circles(workgroups: DeskWorkgroup[]): Set<string> {
  const next = new Map<string, string[]>();
  for (const w of workgroups) for (const q of w.queue ?? []) next.set(`${w.name}/${q.name}`, (q.rollover ?? []).map((r) => r.to));
  const inCircle = new Set<string>();
  for (const start of next.keys()) {
    const open = [...(next.get(start) ?? [])];
    const seen = new Set<string>();
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (id === start) { inCircle.add(start); break; }
      if (seen.has(id)) continue;
      seen.add(id);
      open.push(...(next.get(id) ?? []));
    }
  }
  return inCircle;
}
