// Which fields the settings have: key, kind and bounds. Their words are in the language file, under the same keys.
// Defaults are what the server takes when a key is left out.

export type Kind = 'text' | 'long' | 'number' | 'flag' | 'choice' | 'list' | 'colour' | 'expression';
export interface Spec { key: string; kind: Kind; standard?: string | number | boolean; min?: number; max?: number; unit?: string; options?: readonly string[]; required?: boolean; optional?: boolean; pattern?: string }

const seconds = (key: string, standard: number, max = 86_400): Spec => ({ key, kind: 'number', standard, min: 0, max, unit: 's' });
const count = (key: string, standard: number, min = 0, max = 100_000): Spec => ({ key, kind: 'number', standard, min, max });
const flag = (key: string, standard = false): Spec => ({ key, kind: 'flag', standard });
const NAME = '[a-z0-9_\\-]{1,40}';

export const nameField: Spec = { key: 'name', kind: 'text', required: true, pattern: NAME };

export const general: Spec[] = [
  nameField, { key: 'title', kind: 'text' }, { key: 'description', kind: 'long' }, { key: 'zone', kind: 'text', standard: 'UTC' },
  { key: 'away_reasons', kind: 'list' }, { key: 'tags', kind: 'list' },
];
export const timing: Spec[] = [
  { key: 'agent_lost', kind: 'choice', options: ['return', 'keep'], standard: 'return' }, { key: 'closing', kind: 'choice', options: ['serve', 'end'], standard: 'serve' },
  seconds('agent_grace_s', 60), seconds('visitor_grace_s', 120), seconds('visitor_absence_s', 300), seconds('invitation_timeout_s', 60), count('invitations_max', 3, 1, 20),
  seconds('wrap_up_s', 0), seconds('transfer_timeout_s', 60), seconds('idle_close_s', 1800), count('waiting_max', 1000, 1),
];
export const callback: Spec[] = [flag('enabled'), seconds('confirm_timeout_s', 180), count('attempts_max', 3, 1, 20), seconds('retry_after_s', 600), seconds('expires_after_s', 86_400, 604_800), count('open_max', 100, 1)];
export const look: Spec[] = [{ key: 'accent', kind: 'colour', optional: true }, { key: 'title', kind: 'text', optional: true }, { key: 'greeting', kind: 'long', optional: true }, { key: 'position', kind: 'choice', options: ['right', 'left'], standard: 'right' }];
export const widget: Spec[] = [{ key: 'origins', kind: 'list' }, flag('leave_message', true), flag('rating', true), { key: 'privacy_note', kind: 'long', optional: true }];
export const files: Spec[] = [flag('enabled', true), { key: 'size_max_kb', kind: 'number', standard: 10_240, min: 1, max: 1_048_576, unit: 'kB' }, { key: 'types', kind: 'list' }];
export const transcript: Spec[] = [flag('download', true), flag('mail')];
const days = (key: string, standard: number): Spec => ({ key, kind: 'number', standard, min: 0, max: 3650, unit: 'd' });
export const retention: Spec[] = [days('transcripts_days', 90), days('addresses_days', 7), days('files_days', 30)];

export const queue: Spec[] = [
  nameField, { key: 'title', kind: 'text' },
  { key: 'dispatch', kind: 'choice', options: ['offer', 'ring-all', 'pull', 'staffed-room'], standard: 'offer' }, { key: 'choice', kind: 'choice', options: ['longest-idle', 'least-busy', 'round-robin', 'best-skill'], standard: 'longest-idle' },
  seconds('target_wait_s', 60), seconds('offer_timeout_s', 30, 3600), seconds('rejection_memory_s', 120), seconds('ageing_s', 600), count('waiting_max', 1000, 1),
  { key: 'skills', kind: 'expression' }, { key: 'counted', kind: 'choice', options: ['asked', 'answered'], standard: 'asked' },
  flag('last_agent_first'), flag('offer_to_away'), flag('urgent_to_dnd'),
];
export const formField: Spec[] = [{ key: 'name', kind: 'text', required: true, pattern: '[a-z0-9_]{1,40}' }, { key: 'label', kind: 'text' }, { key: 'kind', kind: 'choice', options: ['text', 'multiline', 'email', 'choice', 'checkbox'], standard: 'text' }, flag('required'), count('length_max', 200, 1, 4000)];
export const agent: Spec[] = [nameField, { key: 'title', kind: 'text' }, count('chats_max', 3, 1, 50)];
export const reply: Spec[] = [{ key: 'shortcut', kind: 'text', required: true }, { key: 'title', kind: 'text' }, { key: 'text', kind: 'long', required: true }, { key: 'locale', kind: 'text', optional: true }];
