// What calls an agent who looks elsewhere: a sound, a desktop notification, the title of the page.
import { prefs } from './prefs.svelte';
import { t } from './lang';

let audio: AudioContext | null = null;

function note(context: AudioContext, hertz: number, at: number, length: number, volume: number): void {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = 'sine';
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(volume, at + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + length);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + length + 0.05);
}

/** `offer` is a rising chord, `message` one soft note, `waiting` two low ones. */
export function sound(kind: 'offer' | 'message' | 'waiting'): void {
  if (!prefs.sound) return;
  try {
    audio ??= new AudioContext();
    if (audio.state === 'suspended') void audio.resume();
    const now = audio.currentTime;
    if (kind === 'offer') [523.25, 659.25, 783.99].forEach((f, i) => audio && note(audio, f, now + i * 0.13, 0.5, 0.16));
    else if (kind === 'message') note(audio, 880, now, 0.22, 0.08);
    else [392, 330].forEach((f, i) => audio && note(audio, f, now + i * 0.16, 0.3, 0.08));
  } catch { /* no audio device: the other signals remain */ }
}

export const mayNotify = (): 'unsupported' | NotificationPermission => ('Notification' in window ? Notification.permission : 'unsupported');
export async function askToNotify(): Promise<NotificationPermission | 'unsupported'> {
  return 'Notification' in window ? Notification.requestPermission() : 'unsupported';
}

/** A desktop notification, only while the page is not looked at. It says who, never what was written. */
export function notify(title: string, body: string, tag: string): (() => void) | null {
  if (mayNotify() !== 'granted' || document.hasFocus()) return null;
  try {
    const shown = new Notification(title, { body, tag, icon: '/console/icon.svg' });
    shown.onclick = () => { window.focus(); shown.close(); };
    return () => shown.close();
  } catch {
    return null; // Some phones allow notifications from service workers only.
  }
}

let flashing = 0;
let unreadTotal = 0;
const plain = (): string => (unreadTotal > 0 ? `(${unreadTotal}) ` : '') + t.product;

export function titleCount(unread: number): void {
  unreadTotal = unread;
  if (flashing === 0) document.title = plain();
}
/** The title changes each second between the call and the name until `stopFlash`. */
export function flash(text: string): void {
  clearInterval(flashing);
  let on = true;
  document.title = text;
  flashing = window.setInterval(() => { on = !on; document.title = on ? text : plain(); }, 1000);
}
export function stopFlash(): void {
  clearInterval(flashing);
  flashing = 0;
  document.title = plain();
}
