// Makes elements. Text goes in as text nodes only; there is no way to put HTML in.

type Child = Node | string | number | null | undefined | false;
type Attributes = Record<string, unknown>;

/** An element with attributes (functions become listeners, false and null are left out) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  append(element, ...children);
  return element;
}

export function append(parent: Node, ...children: Child[]): void {
  for (const child of children) {
    if (child instanceof Node) parent.appendChild(child);
    else if (child !== null && child !== undefined && child !== false && child !== "") parent.appendChild(document.createTextNode(String(child)));
  }
}

/** Sets text only when it changed, so that nothing is announced or drawn twice. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

const paths = {
  close: "M6 6l12 12M18 6L6 18",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5a2.2 2.2 0 0 0 4 0",
  mute: "M6 16V11a6 6 0 0 1 9-5.2M18 11v5l1.5 2H8M10 20.5a2.2 2.2 0 0 0 4 0M4 4l16 16",
  leave: "M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M10 8l-4 4 4 4M6 12h9",
  send: "M5 12l14-7-5 14-3-6z",
  clip: "M19 11.5l-7.2 7.2a4.6 4.6 0 0 1-6.5-6.5l7.6-7.6a3 3 0 0 1 4.3 4.3l-7.5 7.5a1.5 1.5 0 0 1-2.1-2.1l6.6-6.6",
  pencil: "M5 19l1-4L16 5l3 3L9 18z",
  file: "M7 3.5h7l4 4v13H7zM14 3.5v4h4M10 13.5l2.5 2.5 2.5-2.5M12.5 10v6",
  down: "M6 10l6 6 6-6",
  star: "M12 3.8l2.5 5.2 5.7.8-4.1 4 1 5.7L12 16.8 6.9 19.5l1-5.7-4.1-4 5.7-.8z",
};

export function icon(name: keyof typeof paths): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", paths[name]);
  svg.appendChild(path);
  return svg;
}

/** A button that shows an icon and says what it does. */
export function iconButton(name: keyof typeof paths, label: string, onclick: (event: Event) => void, attributes: Attributes = {}): HTMLButtonElement {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}
