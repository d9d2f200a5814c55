// Builds the widget into `dist`: the loader as one classic script, everything else as modules that are loaded when needed. The server
// serves `widget.js` at the root and all files under `/widget/`.
// File names carry no hashes: a page that was embedded years ago finds every file beside `widget.js`.
import { copyFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Takes the spaces out of the style sheets, which are written as text in scripts. */
const denseStyles = {
  name: "dense-styles",
  transform: (code, id) =>
    id.includes("/src/")
      ? code.replace(/(const css = `)([^`]*)`/, (_, start, css) => `${start}${css.replace(/\s+/g, " ").replace(/ ?([{};,]) ?/g, "$1").replace(/: /g, ":").replace(/;}/g, "}").trim()}\``)
      : undefined,
};

const common = {
  configFile: false,
  root: here("."),
  base: "./",
  publicDir: false,
  logLevel: "warn",
  plugins: [denseStyles],
};

await rm(here("dist"), { recursive: true, force: true });

await build({
  ...common,
  build: {
    target: "es2022",
    outDir: here("dist"),
    emptyOutDir: false,
    modulePreload: false,
    rolldownOptions: {
      input: { app: here("src/app.ts") },
      preserveEntrySignatures: "allow-extension",
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: (chunk) => (chunk.facadeModuleId?.includes("/lang/") ? "lang/[name].js" : "[name].js"),
      },
    },
  },
});

await build({
  ...common,
  build: {
    target: "es2022",
    outDir: here("dist"),
    emptyOutDir: false,
    modulePreload: false,
    rolldownOptions: { input: { page: here("src/page.ts") }, output: { entryFileNames: "[name].js" } },
  },
});

await build({
  ...common,
  build: {
    target: "es2022",
    outDir: here("dist"),
    emptyOutDir: false,
    lib: { entry: here("src/loader.ts"), formats: ["iife"], name: "anteroomLoader", fileName: () => "widget.js" },
  },
});

await copyFile(here("src/chat.html"), here("dist/chat.html"));
