// What this browser remembers of a person's taste: theme, sound, notifications, columns. Nothing personal.

export type Theme = 'auto' | 'light' | 'dark';
interface Prefs { theme: Theme; sound: boolean; panel: boolean; enterSends: boolean; singleKeys: boolean }

const KEY = 'anteroom.console';
const standard: Prefs = { theme: 'auto', sound: true, panel: true, enterSends: true, singleKeys: true };

function load(): Prefs {
  try {
    return { ...standard, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Prefs>) };
  } catch {
    return { ...standard };
  }
}

export const prefs = $state(load());

const dark = matchMedia('(prefers-color-scheme: dark)');

export function showTheme(): void {
  const effective = prefs.theme === 'auto' ? (dark.matches ? 'dark' : 'light') : prefs.theme;
  document.documentElement.dataset['theme'] = effective;
}
dark.addEventListener('change', showTheme);

export function setPref<K extends keyof Prefs>(key: K, value: Prefs[K]): void {
  prefs[key] = value;
  showTheme();
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs));
  } catch { /* storage may be forbidden; then the choice lasts as long as the page */ }
}
