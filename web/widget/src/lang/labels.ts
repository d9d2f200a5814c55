// The launcher's label in every language, and with it the list of languages. To add one: a file beside this one with the keys
// of `en.ts`, and a line here. Small, because the loader carries it.
export const labels: Record<string, string> = {
  en: "Chat with us",
  nl: "Chat met ons",
  de: "Chatten Sie mit uns",
  fr: "Discutez avec nous",
  es: "Chatee con nosotros",
};

const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/i;

/** The language to use for a wish such as `nl-BE`: exact, else without the region, else English. */
export function choose(locale: string | null | undefined): string {
  const wish = (locale ?? "").toLowerCase().replace("_", "-");
  return [wish, wish.split("-")[0]!].find((name) => Object.hasOwn(labels, name)) ?? "en";
}

/** The writing direction of a language. */
export const direction = (locale: string): "rtl" | "ltr" => (RIGHT_TO_LEFT.test(locale) ? "rtl" : "ltr");
