// Takes the pictures that need a day's figures into docs/images, the plots and the honest word on the wait: drives the real server through a day whose clock runs fast (libfaketime),
// then starts it again with the right time. Run by hand: `npm run screenshots:day` after `cargo xtask web`,
// `cargo build -p anteroom` and, on Debian, `apt install faketime`.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { agents, queue, workgroup } from "./harness/desks.mjs";
import { Server } from "./harness/server.mjs";
import { launch, Stage } from "./harness/stage.mjs";

const DIR = fileURLToPath(new URL("../../docs/images", import.meta.url));
const LIBRARY = ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"].find(existsSync);
if (!LIBRARY) throw new Error("libfaketime is missing: apt install faketime");
const SPEED = 30;
const MINUTE_MS = 60_000 / SPEED;
/** Hours of the day that are driven, until now. */
const HOURS = Math.min(5, new Date().getUTCHours() - 1);
const TEAM = ["anna", "bert", "chloe", "david", "elena"];
/** How many come in an hour, by the hour since the doors opened, and by the line they choose. */
const ARRIVALS = { general: [9, 16, 26, 30, 18, 22, 28], accounts: [5, 9, 12, 10, 14, 9, 8], loans: [3, 6, 8, 13, 9, 7, 10] };
const START = new Date(Math.floor(Date.now() / 60_000) * 60_000 - HOURS * 3_600_000);

const desk = agents([...TEAM, "sam"], 3)
  + workgroup("support", queue("general", TEAM, { more: 'dispatch = "pull"' }) + queue("accounts", TEAM, { more: 'dispatch = "pull"' }), { form: false })
  + workgroup("library", queue("loans", TEAM, { more: 'dispatch = "pull"' }), { form: false });
const stamp = (time) => time.toISOString().slice(0, 19).replace("T", " ");
const clock = (how) => ({ LD_PRELOAD: LIBRARY, FAKETIME: how, TZ: "UTC" });
// Before the doors open the clock goes at its usual pace: signing in takes its time.
const server = await Server.open({
  desk, accounts: { sam: "supervisor", ada: "administrator" }, environment: clock(`@${stamp(new Date(START.getTime() - 3_600_000))}`),
});
const stage = new Stage(server);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// The same day whenever it is driven.
let seed = 20_261;
const random = () => { seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31; return seed / 2 ** 31; };

/** A fast clock has short deadlines: what fails is tried again. */
async function again(work) {
  for (let n = 0; ; n += 1) {
    try {
      return await work();
    } catch (error) {
      if (n === 5 || !/fetch failed|: 408/.test(error.message)) throw error;
      await sleep(200);
    }
  }
}

async function hold(path, headers) {
  const answer = await again(() => fetch(`${server.origin}/api/v1${path}`, { headers }));
  const reader = answer.body.getReader();
  await reader.read();
  const drain = async () => { while (!(await reader.read()).done); };
  drain().catch(() => {});
  return () => reader.cancel().catch(() => {});
}

async function visitor(line) {
  const [group, name] = line === "loans" ? ["library", "loans"] : ["support", line];
  const opening = { workgroup: group, queue: name, locale: "en", answers: {}, key: crypto.randomUUID() };
  const { token } = await again(() => server.api("POST", "/visits", opening));
  const headers = { Authorization: `Bearer ${token}` };
  const away = await hold("/visits/me/events", headers);
  // Who has waited long enough gives up.
  await sleep((4 + random() * 14) * MINUTE_MS);
  const look = () => again(() => server.api("GET", "/visits/me", undefined, headers));
  const visit = await look();
  if (visit.state === "waiting") await server.api("POST", "/visits/me/leave", undefined, headers);
  else while ((await look()).state !== "ended") await sleep(MINUTE_MS);
  away();
}

let open = true;
async function agent(key, at) {
  const headers = { Authorization: `Bearer ${key}` };
  await hold("/agent/events", headers);
  await again(() => server.api("PUT", "/agent/availability", { show: "available" }, headers));
  const lines = ["support/general", "support/accounts", "library/loans"];
  for (let n = at; open; n += 1) {
    // Lunch is short of hands.
    const hour = (Date.now() - began) / MINUTE_MS / 60;
    if (at < 2 && hour > 3 && hour < 4) { await sleep(5 * MINUTE_MS); continue; }
    const taken = await server.api("POST", `/agent/queues/${lines[n % lines.length]}/take`, undefined, headers).catch(() => null);
    if (taken) {
      await sleep((3 + random() * 7) * MINUTE_MS);
      await server.api("POST", `/agent/chats/${taken.chat}/close`, undefined, headers).catch(() => null);
    } else await sleep(MINUTE_MS / 2);
  }
}

/** A visitor behind others on a phone, while everybody is busy: the house knows by now how long it takes. */
async function waiting(keys) {
  for (const key of keys) {
    const headers = { Authorization: `Bearer ${key}` };
    await hold("/agent/events", headers);
    await server.api("PUT", "/agent/availability", { show: "available" }, headers);
    for (let n = 0; n < 3; n += 1) {
      await wait();
      await server.api("POST", "/agent/queues/support/general/take", undefined, headers);
    }
  }
  for (let n = 0; n < 4; n += 1) await wait();
  for (const [name, colorScheme] of [["widget-waiting", "light"], ["widget-waiting-dark", "dark"]]) {
    const mira = await stage.visitor("Mira", { viewport: { width: 390, height: 760 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme });
    await mira.page.getByLabel("How can we help you?").fill("Is the reading room open on Sunday?");
    await mira.page.getByRole("button", { name: "Start chat" }).click();
    await mira.page.getByRole("heading", { name: /^You are number/ }).waitFor();
    await mira.page.getByText(/min/).first().waitFor();
    await mira.page.screenshot({ path: join(process.env.ANTEROOM_PICTURES ?? DIR, `${name}.png`), animations: "disabled" });
    console.log(name);
    await mira.leave();
    await mira.close();
  }
}
async function wait() {
  const { token } = await server.api("POST", "/visits", { workgroup: "support", queue: "general", locale: "en", answers: {}, key: crypto.randomUUID() });
  await hold("/visits/me/events", { Authorization: `Bearer ${token}` });
}

let began = Date.now();
try {
  const admin = await server.session("ada");
  const keys = [];
  for (const name of TEAM) keys.push((await server.api("POST", "/admin/keys", { title: name, scopes: ["agent"], agent: name }, admin)).token);
  await server.stop();
  await server.start(clock(`@${stamp(START)} x${SPEED}`));
  began = Date.now();
  const helpers = keys.map((key, n) => agent(key, n).catch((error) => console.error(error.message)));
  const people = [];
  for (let minute = 0; minute < HOURS * 60; minute += 1) {
    for (const [line, hours] of Object.entries(ARRIVALS)) {
      if (random() < (hours[Math.floor(minute / 60)] ?? 10) / 60) people.push(visitor(line).catch((error) => console.error(error.message)));
    }
    await sleep(Math.max(0, began + (minute + 1) * MINUTE_MS - Date.now()));
  }
  await Promise.race([Promise.all(people), sleep(30 * MINUTE_MS)]);
  open = false;
  await Promise.race([Promise.all(helpers), sleep(15 * MINUTE_MS)]);
  await server.stop();
  await server.start();
  for (const [name, options] of [["console-today", {}], ["console-today-dark", { colorScheme: "dark" }], ["console-today-phone", { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }]]) {
    const sam = await stage.agent("sam", { show: null, hash: "#/floor/today", viewport: { width: 1440, height: 900 }, ...options });
    await sam.page.locator(".u-wrap").nth(2).waitFor();
    await sam.page.mouse.move(0, 0);
    await sam.page.screenshot({ path: join(process.env.ANTEROOM_PICTURES ?? DIR, `${name}.png`), animations: "disabled" });
    console.log(name);
    await sam.close();
  }
  // After the plots: who comes for this picture would stand in them.
  await waiting(keys);
} finally {
  open = false;
  await stage.close();
  await (await launch()).close();
}
