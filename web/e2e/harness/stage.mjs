// A scenario: a server of its own, browsers that come and go, pictures and the server's last words when it fails.
import { mkdir } from "node:fs/promises";
import { after, test } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { AgentPage } from "./agent.mjs";
import { Server } from "./server.mjs";
import { PATIENCE_MS } from "./until.mjs";
import { VisitorPage } from "./visitor.mjs";

const LIMIT_MS = 240_000;
const CLOSE_MS = 10_000;
const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
];
const PICTURES = process.env.ANTEROOM_PICTURES ?? join(tmpdir(), "anteroom-e2e-failures");
/** What a browser may complain about when a network or a server goes away, or when the server says no on purpose. */
const EXPECTED = /ERR_CONNECTION|ERR_EMPTY|ERR_INTERNET|ERR_NETWORK|ERR_INCOMPLETE|WebSocket|Failed to load resource|favicon/;

let browser;

/** The browser of this process; closed when its tests are over. */
export async function launch() {
  browser ??= chromium.launch({ executablePath: process.env.ANTEROOM_CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
  return browser;
}
after(async () => {
  const closed = (await browser)?.close();
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
});

export class Stage {
  pages = [];
  troubles = [];

  constructor(server) {
    this.server = server;
  }

  /** A context of its own: another person at another machine. `script` runs in each page before anything else. */
  async context({ script, ...options } = {}) {
    const context = await (await launch()).newContext({
      viewport: { width: 1280, height: 800 }, locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce", ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    if (script) await context.addInitScript(script);
    context.on("page", (page) => {
      page.on("pageerror", (error) => this.troubles.push(`${page.url()}: ${error.stack ?? error}`));
      page.on("console", (message) => {
        const text = message.text();
        if (/Content Security Policy|violates the following/.test(text) || (message.type() === "error" && !EXPECTED.test(text))) this.troubles.push(`${page.url()}: ${text}`);
      });
    });
    return context;
  }

  /** A visitor at a page of the widget, not yet in line; `opened` gets the page before it goes anywhere. */
  async visitor(name, { url = `${this.server.origin}/chat/support`, opened = () => {}, ...options } = {}) {
    const context = await this.context(options);
    const page = await context.newPage();
    this.pages.push([name, page]);
    const visitor = new VisitorPage(name, page, url);
    opened(page);
    await page.goto(url);
    return visitor;
  }

  /** A second tab of the same visitor. */
  async tab(visitor) {
    const page = await visitor.page.context().newPage();
    this.pages.push([`${visitor.name}-tab`, page]);
    await page.goto(visitor.url);
    return new VisitorPage(visitor.name, page, visitor.url);
  }

  /** Somebody signed in to the console; `show` is the availability to choose, or null to leave it. */
  async agent(name, { show = "Available", hash = "", ...options } = {}) {
    const context = await this.context(options);
    const page = await context.newPage();
    this.pages.push([name, page]);
    const agent = new AgentPage(name, page, this.server);
    await agent.signIn(hash);
    if (show) await agent.show(show);
    return agent;
  }

  async pictures(title) {
    await mkdir(PICTURES, { recursive: true });
    for (const [name, page] of this.pages) {
      if (page.isClosed()) continue;
      const path = join(PICTURES, `${title.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)}-${name}.png`);
      await page.screenshot({ path, timeout: 10_000 }).then(() => console.error(`    picture: ${path}`), () => {});
    }
  }

  async close() {
    for (const context of (await launch()).contexts()) if (this.pages.some(([, page]) => page.context() === context)) await context.close().catch(() => {});
    await this.server.close();
  }
}

/** Declares a scenario. `setting` is what `Server.open` takes. */
export function scenario(title, setting, play) {
  test(title, { timeout: LIMIT_MS }, async () => {
    const stage = new Stage(await Server.open(setting));
    try {
      await play(stage);
      if (stage.troubles.length > 0) throw new Error(`the pages complained:\n  ${stage.troubles.join("\n  ")}`);
    } catch (error) {
      await stage.pictures(title);
      const also = stage.troubles.length > 0 ? `\npages complained:\n  ${stage.troubles.join("\n  ")}` : "";
      console.error(`    server's last words:\n${await stage.server.tail()}${also}`);
      throw error;
    } finally {
      await stage.close();
    }
  });
}
