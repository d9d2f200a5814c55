// The console with two hundred waiting and fifty agents: it is told changes and draws changes, at a pace that leaves time to work.
import assert from "node:assert/strict";
import { agents, queue, workgroup } from "../harness/desks.mjs";
import { scenario } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

const TEAM = Array.from({ length: 50 }, (_, n) => `agent${n}`);
const WAITING = 200;
const TOGETHER = 20;
const ROUNDS = 40;
/** Elements drawn anew or moved for one change that is told: rows of people and agents. All rows would be some 3,500. */
const ELEMENTS_PER_EVENT_MAX = 80;
/** Generous, for machines that do other things too: how long the page may not answer at a stretch, and from a click to what it shows. */
const LONG_TASK_MAX_MS = 2_000;
const CLICK_MAX_MS = 2_000;
const desk = agents(["anna", ...TEAM])
  + workgroup("support", queue("general", ["anna", ...TEAM.slice(0, 25)], { more: "target_wait_s = 60" }) + queue("second", TEAM.slice(25), { more: "target_wait_s = 30" }), { form: false });

/** Counts what is told, what is drawn, and what keeps the page busy. */
const count = () => {
  window.counted = { events: {}, nodes: 0, attributes: 0, long: [], bytes: 0 };
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(...where) {
      super(...where);
      this.addEventListener("message", ({ data }) => {
        const { event } = JSON.parse(data);
        window.counted.events[event] = (window.counted.events[event] ?? 0) + 1;
        window.counted.bytes += data.length;
      });
    }
  };
  // Elements only: clocks change their text each second whatever is told.
  const size = (node) => (node instanceof Element ? 1 + node.querySelectorAll("*").length : 0);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") for (const node of [...change.addedNodes, ...change.removedNodes]) window.counted.nodes += size(node);
      else if (change.type === "attributes") window.counted.attributes += 1;
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  new PerformanceObserver((list) => { for (const task of list.getEntries()) window.counted.long.push(Math.round(task.duration)); }).observe({ type: "longtask" });
};
const reset = () => { Object.assign(window.counted, { events: {}, nodes: 0, attributes: 0, long: [], bytes: 0 }); };

async function hold(server, path, headers) {
  const answer = await fetch(`${server.origin}/api/v1${path}`, { headers });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  const reader = answer.body.getReader();
  await reader.read();
  const drain = async () => { while (!(await reader.read()).done); };
  drain().catch(() => {});
}

const told = (it) => Object.values(it.events).reduce((sum, n) => sum + n, 0);

const measured = async (name, page) => {
  const read = () => page.evaluate(() => window.counted);
  // Changes are told together, a while after they were made.
  await until(`${name} was told enough to measure`, async () => told(await read()) > ROUNDS / 4);
  const it = await read();
  const events = told(it);
  const per = it.nodes / Math.max(1, events);
  console.log(`    ${name}: ${events} events (${Object.entries(it.events).map(([event, n]) => `${event} ${n}`).join(", ")}), ${Math.round(it.bytes / 1024)} kB; ${per.toFixed(1)} elements drawn per event, ${it.attributes} attributes; long tasks ${it.long.length}, longest ${Math.max(0, ...it.long)} ms`);
  assert.equal(it.events.snapshot ?? 0, 0, `${name} is told changes, never the whole`);
  assert.ok(per <= ELEMENTS_PER_EVENT_MAX, `${name} draws ${per.toFixed(1)} elements for each event`);
  assert.ok(Math.max(0, ...it.long) <= LONG_TASK_MAX_MS, `${name} does not answer for ${Math.max(...it.long)} ms`);
  return it;
};

scenario("two hundred waiting and fifty agents: changes are told and drawn, not lists", { desk, accounts: { anna: "agent", sam: "supervisor", ada: "administrator" } }, async (stage) => {
  const { server } = stage;
  const admin = await server.session("ada");
  const keys = await Promise.all(TEAM.map(async (agent) => ({ Authorization: `Bearer ${(await server.api("POST", "/admin/keys", { title: agent, scopes: ["agent"], agent }, admin)).token}` })));
  await Promise.all(keys.map((key) => hold(server, "/agent/events", key)));
  const visitors = [];
  const come = async () => {
    const { token } = await server.visit("support", {});
    const headers = { Authorization: `Bearer ${token}` };
    await hold(server, "/visits/me/events", headers);
    visitors.push(headers);
  };
  for (let n = 0; n < WAITING; n += TOGETHER) await Promise.all(Array.from({ length: TOGETHER }, come));
  const sam = await stage.agent("sam", { show: null, hash: "#/floor", script: count });
  const anna = await stage.agent("anna", { show: null, script: count });
  const rows = sam.page.getByRole("region", { name: "Waiting line" }).locator("[data-row]");
  await until("the floor is full", async () => (await rows.count()) === WAITING);
  await until("the desk is full", async () => (await anna.line()).length === WAITING);
  // What the first drawing took is not counted.
  for (const { page } of [sam, anna]) await page.evaluate(reset);
  for (let n = 0; n < ROUNDS; n += 1) {
    await server.api("POST", "/visits/me/leave", undefined, visitors[n * 3]);
    await come();
    await server.api("PUT", "/agent/availability", { show: n % 2 ? "dnd" : "xa" }, keys[n % keys.length]);
  }
  await until("the floor is as it was", async () => (await rows.count()) === WAITING);
  await measured("floor", sam.page);
  await measured("desk", anna.page);
  // A click is answered while changes come.
  await rows.nth(100).scrollIntoViewIfNeeded();
  const took = await rows.nth(100).evaluate((row) => new Promise((resolve) => {
    const started = performance.now();
    const drawn = () => (document.querySelector("dialog[open]") ? requestAnimationFrame(() => resolve(performance.now() - started)) : requestAnimationFrame(drawn));
    row.click();
    drawn();
  }));
  await sam.page.getByRole("dialog").waitFor();
  console.log(`    a request opened after ${Math.round(took)} ms`);
  assert.ok(took <= CLICK_MAX_MS, `a request opened only after ${Math.round(took)} ms`);
});
