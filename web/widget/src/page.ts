// The plain page at /chat/{workgroup}: the same app, filling the window. The workgroup is the last part of the path.
// The bundler must not take the app into this file: the loader uses the same one.
const here: string = import.meta.url;
const { mount } = (await import(/* @vite-ignore */ new URL("app.js", here).href)) as typeof import("./app.ts");
const [, base = "/", workgroup = ""] = /^(.*\/)chat\/([^/]+)\/?$/.exec(location.pathname) ?? [];
const wish = new URLSearchParams(location.search).get("locale");

const sheet = new CSSStyleSheet();
sheet.replaceSync("html{color-scheme:light dark;background:#eef1f0}body{margin:0}@media(prefers-color-scheme:dark){html{background:#121514}}");
document.adoptedStyleSheets = [sheet];

const host = document.createElement("div");
const root = host.attachShadow({ mode: "open" });
document.body.append(host);

const page = await mount({
  host,
  root,
  workgroup: decodeURIComponent(workgroup),
  server: new URL(base, location.origin).href,
  locale: wish ?? navigator.language,
  embed: "page",
  launcher: null,
  unread: () => {},
  shown: () => {},
});
document.documentElement.lang = root.querySelector<HTMLElement>("[lang]")?.lang ?? "en";
page.open();

export {};
