// Takes the widget through its states in Chromium against the stand-in, saves pictures (never committed), and runs axe on each.
// With forced colours the browser chooses them, which computed styles do not tell, so axe does not look at contrast there.
// `npm run build` in the folder above first. CHROMIUM names the browser, LOOK_DIR where the pictures go.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { start } from "./fake-server.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const dir = process.env.LOOK_DIR ?? join(tmpdir(), "widget-look");
const only = process.argv[2];
mkdirSync(dir, { recursive: true });

const LONG = "Dr. Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh von und zu Ludwigshafen am Rhein";
const SIZES = { phone: { width: 375, height: 740 }, desk: { width: 1280, height: 800 }, zoom: { width: 320, height: 240 } };
const fill = async (page) => {
  await page.getByLabel("Your name").fill("Mira");
  await page.getByLabel("What is it about?").selectOption("loans");
  await page.getByRole("button", { name: "Start chat" }).click();
  await page.getByPlaceholder("You can already write").waitFor();
};
const chat = async (page, fake) => {
  await fill(page);
  fake.control({ do: "accept" });
  await page.getByPlaceholder("Write a message").waitFor();
  fake.control({ do: "say", text: ["Good afternoon Mira, this is Anna.", "What may I do for you?"] });
  const write = page.getByPlaceholder("Write a message");
  await write.fill("I would like to extend a loan: https://library.example/loans?id=12 (the red book).");
  await write.press("Enter");
  await write.fill("And is the reading room open on Sunday?");
  await write.press("Enter");
  await page.getByText("And is the reading").first().waitFor();
  fake.control({ do: "read" });
  fake.control({ do: "file" });
  fake.control({ do: "say", text: "Here are the hours. مرحبا بك في المكتبة" });
};

const scenes = {
  launcher: { closed: true, run: async () => {} },
  form: { run: async () => {} },
  errors: { run: async (page) => { await page.getByLabel("Your name").fill("nobody"); await page.getByLabel("What is it about?").selectOption("loans"); await page.getByRole("button", { name: "Start chat" }).click(); await page.getByText("real name").waitFor(); } },
  empty: { run: async (page) => { await page.getByRole("button", { name: "Start chat" }).click(); } },
  start: { before: (fake) => fake.control({ do: "workgroup", set: { form: null, staffed: false, look: { accent: "#ffd23f", title: "Support" } } }), run: async () => {} },
  closed: { before: (fake) => fake.control({ do: "workgroup", set: { open: false, doors: "closed", opens_at: new Date(Date.now() + 40 * 3600_000).toISOString() } }), run: async () => {} },
  waiting: { run: async (page, fake) => { await fill(page); await page.getByPlaceholder("You can already").fill("Hello, I already have a question."); await page.keyboard.press("Enter"); fake.control({ do: "position", ahead: 4, estimate: { low_s: 185, expected_s: 240, high_s: 350 } }); } },
  unknown: { run: async (page, fake) => { await fill(page); fake.control({ do: "position", ahead: 0 }); } },
  chat: { run: async (page, fake) => { await chat(page, fake); fake.control({ do: "typing", state: "composing" }); } },
  bright: { before: (fake) => fake.control({ do: "workgroup", set: { look: { accent: "#ffd23f", title: "Support" } } }), run: chat },
  long: { before: (fake) => fake.control({ do: "workgroup", set: { look: { title: `Welcome at ${LONG}` } } }), run: async (page, fake) => { await fill(page); fake.control({ do: "accept", title: LONG }); fake.control({ do: "say", title: LONG, text: `https://example.org/${"averylongaddress".repeat(12)}` }); fake.control({ do: "typing", state: "composing" }); fake.control({ do: "file", name: `${"very-long-name-".repeat(8)}.pdf` }); } },
  many: { run: async (page, fake) => { await fill(page); fake.control({ do: "accept" }); fake.control({ do: "many", count: 320 }); fake.control({ do: "restart" }); await page.getByText("Message 320 of many").first().waitFor({ timeout: 15_000 }); } },
  editing: { run: async (page, fake) => { await chat(page, fake); await page.getByPlaceholder("Write a message").press("ArrowUp"); } },
  leaving: { run: async (page, fake) => { await chat(page, fake); await page.getByRole("button", { name: "End chat" }).click(); } },
  offline: { run: async (page, fake) => { await chat(page, fake); fake.control({ do: "down", down: true }); await page.getByPlaceholder("Write a message").fill("Are you still there?"); await page.keyboard.press("Enter"); await page.getByText("No connection").first().waitFor({ timeout: 15_000 }); } },
  ended: { run: async (page, fake) => { await chat(page, fake); fake.control({ do: "end" }); await page.getByText("How was it?").waitFor(); } },
  page: { page: true, run: async () => {} },
  pagechat: { page: true, run: chat },
  rating: { run: async (page, fake) => { await chat(page, fake); fake.control({ do: "end" }); await page.getByLabel("4 stars of 5").check(); } },
};
const settings = process.env.LOOK_SETTINGS ? JSON.parse(process.env.LOOK_SETTINGS) : [["desk", "light", ""], ["desk", "dark", ""], ["phone", "light", ""], ["phone", "dark", ""], ["desk", "light", "rtl"], ["zoom", "light", ""], ["desk", "dark", "", "forced"]];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
let found = 0;
for (const [name, scene] of Object.entries(scenes)) {
  if (only && !only.split(",").includes(name)) continue;
  for (const [size, scheme, rtl, forced] of settings) found += await shoot(name, scene, size, scheme, rtl, forced);
}
await browser.close();
console.log(`${found} findings`);
process.exit(found ? 1 : 0);

async function shoot(name, scene, size, scheme, rtl, forced) {
  const fake = await start();
  const context = await browser.newContext({ viewport: SIZES[size], colorScheme: scheme, bypassCSP: false, locale: "en-GB", forcedColors: forced ? "active" : "none", reducedMotion: forced ? "reduce" : "no-preference" });
  const page = await context.newPage();
  const label = [name, size, scheme, rtl, forced].filter(Boolean).join("-");
  let findings = 0;
  page.on("console", (message) => { if (message.type() === "error" && !/ERR_CONNECTION|ERR_EMPTY|WebSocket|422|409|favicon/.test(message.text())) { findings += 1; console.log(label, "console:", message.text()); } });
  page.on("pageerror", (error) => { findings += 1; console.log(label, "error:", error.message); });
  try {
    scene.before?.(fake);
    await page.goto(`http://127.0.0.1:${fake.port}/${scene.page ? "chat/support" : "host"}${rtl ? "?rtl=1" : ""}`);
    if (scene.page) await page.locator(".door").first().waitFor();
    else await page.getByRole("button", { name: "Chat with us" }).waitFor();
    if (!scene.closed && !scene.page) {
      await page.getByRole("button", { name: "Chat with us" }).click();
      await page.locator(".door, .scroll").first().waitFor();
    }
    await scene.run(page, fake);
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(dir, `${label}.png`) });
    const { violations } = await (await context.newCDPSession(page), page.evaluate(`${axe}; axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]${forced ? ', rules: { "color-contrast": { enabled: false } }' : ""} })`));
    for (const one of violations) {
      findings += 1;
      console.log(label, "axe:", one.id, one.help, one.nodes.slice(0, 2).map((node) => `${node.target.join(" ")} ${node.failureSummary?.split("\n").slice(1, 2).join("")}`).join(" | "));
    }
  } catch (error) {
    findings += 1;
    console.log(label, "failed:", error.message.split("\n").slice(0, 3).join(" "));
    await page.screenshot({ path: join(dir, `${label}-failed.png`) }).catch(() => {});
  }
  await context.close();
  fake.close();
  return findings;
}
