// Measures the console under load: 200 waiting, 50 agents, a change every 40 ms, for ten seconds, on the desk and
// on the floor. Prints frame times and the share of time spent in script, style and layout.
import { launch, open, scene } from './browser.mjs';

const SECONDS = 10;
const browser = await launch();
for (const [name, options] of [['desk', {}], ['floor', { user: 'sam', hash: '#/floor' }]]) {
  await scene('reset', { waiting: 200, agents: 50 });
  const page = await open(browser, { width: 1600, height: 1000, ...options });
  if (name === 'desk') for (const n of [3, 8]) await scene('chat', { n, script: [['v', 'Hello'], ['a', 'Good morning!']] });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const metrics = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]));
  const rows = await page.locator('[data-row]').count();
  await scene('churn', { per_s: 25 });
  await page.waitForTimeout(1000);
  const before = await metrics();
  const frames = await page.evaluate((ms) => new Promise((done) => {
    const times = [];
    const start = performance.now();
    let last = start;
    const frame = (now) => { times.push(now - last); last = now; if (now - start < ms) requestAnimationFrame(frame); else done(times.slice(1)); };
    requestAnimationFrame(frame);
  }), SECONDS * 1000);
  const after = await metrics();
  await scene('churn', { per_s: 0 });
  const share = (key) => `${(((after[key] - before[key]) / (after.Timestamp - before.Timestamp)) * 100).toFixed(1)} %`;
  frames.sort((a, b) => a - b);
  const at = (q) => `${frames[Math.floor(frames.length * q)].toFixed(1)} ms`;
  console.log(`${name}: ${rows} rows, ${frames.length} frames in ${SECONDS} s, median ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, worst ${frames.at(-1).toFixed(1)} ms; script ${share('ScriptDuration')}, style ${share('RecalcStyleDuration')}, layout ${share('LayoutDuration')}, all tasks ${share('TaskDuration')}; heap ${(after.JSHeapUsedSize / 1e6).toFixed(1)} MB`);
  await page.context().close();
}
await browser.close();
