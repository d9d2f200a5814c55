// Goes through the screens of the console, takes a picture of each into LOOK_DIR and asks axe-core about each.
// Needs the make-believe server running (npm run fake). `node testing/look.mjs [name-part …]`; exit code 1 on findings.
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BASE, launch, open, scene } from './browser.mjs';
import { screens } from './screens.mjs';

const dir = process.env.LOOK_DIR ?? join(tmpdir(), 'console-look');
await mkdir(dir, { recursive: true });
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wanted = process.argv.slice(2);
const browser = await launch();
let bad = 0;
for (const [name, options, play] of screens) {
  if (wanted.length > 0 && !wanted.some((w) => name.includes(w))) continue;
  await scene('reset', options.desk ?? {});
  const page = await open(browser, options);
  try {
    await play(page, scene);
    await page.waitForTimeout(350);
  } catch (error) { console.log(`✗ ${name}: ${error}`); bad++; }
  await page.screenshot({ path: join(dir, `${name}.png`) });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  for (const v of violations) { bad++; console.log(`✗ ${name}: ${v.id}: ${v.help}\n    ${v.nodes.slice(0, 4).map((n) => `${n.html.slice(0, 160)} ${n.any[0]?.message ?? ''}`).join('\n    ')}`); }
  for (const trouble of page.troubles) { bad++; console.log(`✗ ${name}: ${trouble}`); }
  if (wide > 0) { bad++; console.log(`✗ ${name}: ${wide} px wider than the window`); }
  console.log(`${name}: ${violations.length} axe violations`);
  await page.context().close();
}
await browser.close();
console.log(`${bad} findings; pictures in ${dir}, from ${BASE}`);
process.exitCode = bad > 0 ? 1 : 0;
