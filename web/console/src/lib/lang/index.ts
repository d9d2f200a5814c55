// Which language the console speaks. To add one: copy en.ts, translate it, and list it here.
import { en, type Strings } from './en';

const languages: Record<string, Strings> = { en };
const wanted = typeof navigator === 'undefined' ? ['en'] : navigator.languages;
const found = wanted.map((l) => l.slice(0, 2).toLowerCase()).find((l) => languages[l] !== undefined) ?? 'en';

export const t: Strings = languages[found] ?? en;
/** For dates and figures: the person's own region, in the language that is shown. */
export const locale: string = wanted.find((l) => l.slice(0, 2).toLowerCase() === found) ?? found;
