// Which screen is shown, from the part of the address after `#`. No screen is built here.

function parts(): string[] {
  return location.hash.replace(/^#\/?/, '').split('/').filter((p) => p !== '').map(decodeURIComponent);
}

export const route = $state({ parts: parts() });
addEventListener('hashchange', () => { route.parts = parts(); });

export const href = (...path: string[]): string => `#/${path.map(encodeURIComponent).join('/')}`;
export function go(...path: string[]): void { location.hash = href(...path); }
