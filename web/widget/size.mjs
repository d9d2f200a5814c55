// Measures what a visitor downloads with one language, and fails above the limit. Run after the build.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 30_000;
const dist = new URL("dist/", import.meta.url);
if (!existsSync(new URL("widget.js", dist))) {
  console.error("size: dist/widget.js is missing; run `npm run build` first");
  process.exit(1);
}
const measure = (path) => gzipSync(readFileSync(new URL(path, dist)), { level: 9 }).length;
const modules = (dir) => readdirSync(new URL(dir, dist)).filter((name) => name.endsWith(".js"));

const parts = modules(".").filter((name) => name !== "page.js").map((name) => [name, measure(name)]);
const languages = modules("lang/").map((name) => [`lang/${name}`, measure(`lang/${name}`)]);
const largest = languages.reduce((a, b) => (b[1] > a[1] ? b : a));
parts.push(largest);

const total = parts.reduce((sum, [, bytes]) => sum + bytes, 0);
for (const [name, bytes] of parts) console.log(`${String(bytes).padStart(7)} B  ${name}`);
console.log(`${String(total).padStart(7)} B  in all, gzipped, with the largest of ${languages.length} languages; the limit is ${LIMIT} B`);
if (total > LIMIT) {
  console.error("size: the widget is too large");
  process.exit(1);
}
