// Makes any accent colour readable: which text stands on it, and a shade of it that can be read on the panel. Pure arithmetic,
// WCAG 2.2 relative luminance and contrast (1.4.3, 1.4.11).

type Rgb = [number, number, number];

export const ACCENT = "#2f6f62";
const SURFACE = { light: [255, 255, 255] as Rgb, dark: [27, 31, 30] as Rgb };

/** Reads `#rgb` or `#rrggbb`. */
export function parse(text: string | null | undefined): Rgb | null {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text?.trim() ?? "")?.[1];
  if (!hex) return null;
  const full = hex.length === 3 ? hex.replace(/./g, "$&$&") : hex;
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16)) as Rgb;
}

const luminance = (rgb: Rgb): number => {
  const [r, g, b] = rgb.map((part) => (part <= 10.3 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4)) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

export function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const mix = (a: Rgb, b: Rgb, share: number): Rgb => a.map((part, at) => Math.round(part + (b[at]! - part) * share)) as Rgb;
const text = (rgb: Rgb): string => `rgb(${rgb.join(" ")})`;

/** The accent moved towards black or white until it reads on the surface. */
function readable(accent: Rgb, surface: Rgb, towards: Rgb): Rgb {
  for (let share = 0; share < 1; share += 0.06) {
    const shade = mix(accent, towards, share);
    if (contrast(shade, surface) >= 4.6) return shade;
  }
  return towards;
}

/** The colours that depend on the accent, as custom properties. */
export function palette(accent: string | null | undefined): Record<string, string> {
  const base = parse(accent) ?? parse(ACCENT)!;
  const on: Rgb = contrast(base, [255, 255, 255]) >= 4.5 ? [255, 255, 255] : [0, 0, 0];
  return {
    "--accent": text(base),
    "--on-accent": text(on),
    "--ink-light": text(readable(base, SURFACE.light, [0, 0, 0])),
    "--ink-dark": text(readable(base, SURFACE.dark, [255, 255, 255])),
  };
}
