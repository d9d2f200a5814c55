// Short messages at the edge of the screen, and the one way in which a failed call becomes words.
import { Problem } from './api';
import { t } from './lang';

export interface Toast { id: number; text: string; kind: 'info' | 'bad' | 'good' }
export const toasts = $state<Toast[]>([]);
let next = 1;

export function toast(text: string, kind: Toast['kind'] = 'info', ms = kind === 'bad' ? 9000 : 4500): void {
  const id = next++;
  toasts.push({ id, text, kind });
  if (toasts.length > 4) toasts.shift();
  setTimeout(() => dismiss(id), ms);
}
export function dismiss(id: number): void {
  const at = toasts.findIndex((x) => x.id === id);
  if (at >= 0) toasts.splice(at, 1);
}

/** What went wrong, in words for the person who did it. */
export function words(error: unknown): string {
  if (!(error instanceof Problem)) return error instanceof Error ? error.message : t.problem.unknown;
  const known = (t.problem.codes as Record<string, string>)[error.code];
  if (error.code === 'rate_limited' && error.retry_after_s !== null) return t.problem.retry(error.retry_after_s);
  const detail = error.message !== error.code && !error.message.startsWith('HTTP ') ? error.message : '';
  const fields = error.fields.map((f) => `${f.field}: ${f.problem}`).join('; ');
  return [known ?? (detail || t.problem.unknown), known !== undefined && detail !== known ? detail : '', fields].filter((x) => x !== '').join(' ');
}

/** Runs a call; on failure says why and gives undefined. */
export async function attempt<T>(work: () => Promise<T>, done?: string): Promise<T | undefined> {
  try {
    const result = await work();
    if (done !== undefined) toast(done, 'good');
    return result;
  } catch (error) {
    toast(words(error), 'bad');
    return undefined;
  }
}
