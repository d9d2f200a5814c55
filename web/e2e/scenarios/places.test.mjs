// Where the widget stands and how it is used: on a foreign page with a strict policy or a hostile style, right to left, in the dark, in Dutch, by
// keyboard alone; and the console by keyboard alone.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { plain } from "../harness/desks.mjs";
import { freePort } from "../harness/server.mjs";
import { scenario } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

const people = { anna: "agent", bert: "agent" };

/** What a page may say of all its elements, twice: as it is usual, and so that nothing else counts. */
const HOSTILE = ["", " !important"].map((force) => `body * { ${Object.entries({
  "text-transform": "uppercase", "word-spacing": "1em", "letter-spacing": ".3em", "text-indent": "3em", "text-align": "right", "line-height": "3", "white-space": "pre",
  font: "italic 900 30px cursive", color: "red", cursor: "wait", visibility: "hidden", "pointer-events": "none", opacity: ".1", filter: "blur(5px)", transform: "scale(.5)",
  display: "block", margin: "9px", padding: "9px", border: "9px solid red", "--text": "red", "--bg": "red", "--ink": "red",
}).map(([name, value]) => `${name}: ${value}${force}`).join("; ")} }`).join("\n");

/** A site of somebody else: two pages with the one line, and nothing allowed but the chat; one with a style that goes everywhere; one from right to left. */
async function site(server, port) {
  const foreign = createServer((request, response) => {
    const hostile = request.url === "/hostile";
    const csp = `default-src 'none'; script-src ${server.origin}; connect-src ${server.origin} ${server.origin.replace("http", "ws")}; base-uri 'none'; form-action 'none'${hostile ? "; style-src 'unsafe-inline'" : ""}`;
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": csp });
    response.end(`<!doctype html><html lang="en"><title>Another site</title>${hostile ? `<style>${HOSTILE}</style>` : ""}<h1>${request.url}</h1><a href="/second">Second page</a>
      <script async src="${server.origin}/widget.js" data-workgroup="support"${request.url === "/rtl" ? ' data-dir="rtl"' : ""}></script></html>`);
  });
  foreign.listen(port, "127.0.0.1");
  await once(foreign, "listening");
  return foreign;
}

const port = await freePort();
const embedded = plain({ group: { origins: [`http://127.0.0.1:${port}`] } });

scenario("embedded in a foreign page by one line, under a strict policy", { desk: embedded, accounts: people }, async (stage) => {
  const foreign = await site(stage.server, port);
  try {
    const anna = await stage.agent("anna");
    const asked = [];
    const mira = await stage.visitor("Mira", {
      url: `http://127.0.0.1:${port}/`, opened: (page) => page.on("request", (request) => asked.push(new URL(request.url()).pathname)),
    });
    const parts = () => asked.filter((path) => !["/", "/favicon.ico"].includes(path));
    await mira.page.getByRole("button", { name: "Chat with us" }).waitFor();
    await mira.page.waitForLoadState("networkidle");
    assert.deepEqual(parts(), ["/widget.js"], "nothing but the launcher is loaded before it is needed");
    await mira.open();
    await mira.page.getByLabel("Your name").waitFor();
    assert.ok(parts().includes("/widget/door.js") && parts().includes("/widget/lang/en.js"), `the form is loaded: ${parts()}`);
    assert.ok(!parts().some((path) => /talk|finish|lang\/(?!en)|\/visits/.test(path)), `and nothing that comes later: ${parts()}`);
    await mira.join();
    await anna.accept("Mira");
    const chat = await anna.chat("Mira");
    await mira.talksWith("Anna");
    await chat.write("Where are you?");
    await mira.reads("Where are you?");
    await mira.page.getByRole("link", { name: "Second page" }).click();
    await mira.page.getByRole("heading", { name: "/second" }).waitFor();
    await mira.reads("Where are you?");
    await mira.write("On the second page.");
    await chat.reads("Where are you?", "On the second page.");
    await mira.page.keyboard.press("Escape");
    await chat.write("Still there?");
    await mira.page.getByRole("button", { name: "Chat with us (1)" }).click();
    await mira.reads("Where are you?", "On the second page.", "Still there?");
  } finally {
    foreign.close();
    foreign.closeAllConnections();
  }
});

/** How the launcher and the panel with its form are drawn, element by element. */
const drawn = () => {
  const { shadowRoot } = document.querySelector("anteroom-chat");
  const one = (node) => {
    const style = getComputedStyle(node);
    return Object.fromEntries([...style].filter((name) => !name.startsWith("--")).map((name) => [name, style.getPropertyValue(name)]));
  };
  return Object.fromEntries([".launcher", ".launcher svg", ".panel", ".title", ".greeting", "label", "input", "textarea", ".main"].map((name) => [name, one(shadowRoot.querySelector(name))]));
};

scenario("a page whose style goes everywhere changes nothing of the widget", { desk: embedded, accounts: {} }, async (stage) => {
  const foreign = await site(stage.server, port);
  try {
    const seen = {};
    for (const path of ["second", "hostile"]) {
      const mira = await stage.visitor("Mira", { url: `http://127.0.0.1:${port}/${path}` });
      const launcher = mira.page.getByRole("button", { name: "Chat with us" });
      await mira.open();
      await mira.page.getByLabel("Your name").fill("Mira");
      await mira.page.getByLabel("Your question").focus();
      await mira.page.mouse.move(0, 0);
      await until("all stands still", () => mira.page.evaluate(() => document.querySelector("anteroom-chat").shadowRoot.getAnimations().length === 0));
      seen[path] = await mira.page.evaluate(drawn);
      const hide = (hidden) => mira.page.evaluate((value) => { document.querySelector("anteroom-chat").hidden = value; }, hidden);
      await hide(true);
      await launcher.waitFor({ state: "hidden" });
      await hide(false);
      await launcher.waitFor();
      await mira.close();
    }
    for (const [name, style] of Object.entries(seen.second)) {
      const changed = Object.keys(style).filter((property) => style[property] !== seen.hostile[name][property]).map((property) => `${property}: ${style[property]} became ${seen.hostile[name][property]}`);
      assert.deepEqual(changed, [], name);
    }
  } finally {
    foreign.close();
    foreign.closeAllConnections();
  }
});

scenario("from right to left everything stands the other way round", { desk: embedded, accounts: people }, async (stage) => {
  const foreign = await site(stage.server, port);
  try {
    const mira = await stage.visitor("Mira", { url: `http://127.0.0.1:${port}/rtl` });
    const middle = async (what) => {
      const box = await what.boundingBox();
      return box.x + box.width / 2;
    };
    const { page } = mira;
    const launcher = page.getByRole("button", { name: "Chat with us" });
    assert.ok((await middle(launcher)) < 100, "the launcher is at the left");
    await mira.open();
    const panel = page.getByRole("dialog");
    await page.getByLabel("Your name").waitFor();
    assert.equal(await panel.evaluate((node) => getComputedStyle(node).direction), "rtl");
    assert.equal((await panel.boundingBox()).x, 20, "the panel is at the left");
    const close = page.getByRole("button", { name: "Close chat" });
    assert.ok((await middle(close)) < (await middle(page.getByRole("heading", { name: "Support desk" }))), "its head is the other way round");
    await mira.join();
    await mira.write("Mine");
    await mira.reads("Mine");
    assert.ok((await middle(page.locator(".bubble"))) < (await middle(panel)), "what is one's own stands at the left");
  } finally {
    foreign.close();
    foreign.closeAllConnections();
  }
});

scenario("a page of a site that is not named cannot use the workgroup", { desk: embedded, accounts: {} }, async (stage) => {
  const other = await freePort();
  const foreign = await site(stage.server, other);
  try {
    const mira = await stage.visitor("Mira", { url: `http://127.0.0.1:${other}/` });
    await mira.open();
    await mira.page.getByRole("button", { name: "Try again" }).waitFor();
    stage.troubles = stage.troubles.filter((text) => !/blocked by CORS policy/.test(text));
  } finally {
    foreign.close();
    foreign.closeAllConnections();
  }
});

scenario("in the dark, in Dutch; and in English for who speaks what it does not", { desk: plain(), accounts: people }, async (stage) => {
  const url = `${stage.server.origin}/chat/support?locale=nl`;
  const mira = await stage.visitor("Mira", { url, colorScheme: "dark" });
  await mira.page.getByLabel("Uw naam").fill("Mira");
  const ink = await mira.page.getByLabel("Uw naam").evaluate((node) => getComputedStyle(node).color);
  assert.ok(ink.match(/\d+/g).slice(0, 3).every((part) => Number(part) > 128), `light words on dark: ${ink}`);
  const dir = await stage.visitor("Tariq", { url: `${stage.server.origin}/chat/support?locale=ar` });
  await dir.page.getByLabel("Your name").waitFor();
  const way = (node) => `${getComputedStyle(node).direction} ${node.lang}`;
  assert.equal(await dir.page.getByRole("main").evaluate(way), "ltr en", "English words are laid out as English");
  await dir.join();
  await dir.place(1);
});

/** Presses Tab until what has the focus fits. */
async function tabTo(page, what, fits) {
  for (let n = 0; n < 60; n += 1) {
    const name = await page.evaluate(() => {
      let node = document.activeElement;
      while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
      if (!node) return "";
      const labels = [...(node.labels ?? [])].map((label) => label.textContent).join(" ");
      return (node.getAttribute("aria-label") || labels || node.placeholder || node.textContent || "").trim();
    });
    if (fits.test(name)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not get to ${what}`);
}

scenario("by keyboard alone: an agent and a visitor", { desk: plain(), accounts: people }, async (stage) => {
  const context = await stage.context();
  const desk = await context.newPage();
  stage.pages.push(["anna", desk]);
  await desk.goto(`${stage.server.origin}/console/`);
  await desk.getByLabel("Name", { exact: true }).waitFor();
  await tabTo(desk, "the name", /^Name/);
  await desk.keyboard.type("anna");
  await tabTo(desk, "the password", /^Password/);
  await desk.keyboard.type(stage.server.passwords.anna);
  await desk.keyboard.press("Enter");
  await desk.getByRole("navigation", { name: "Places" }).first().waitFor();
  await desk.getByRole("button", { name: /^Availability:/ }).waitFor();
  await desk.keyboard.press("Alt+s");
  await desk.getByRole("menu").waitFor();
  await desk.keyboard.press("Home");
  await desk.keyboard.press("Enter");
  await desk.getByRole("button", { name: /^Availability: ?Available/ }).waitFor();

  const visit = await (await stage.context()).newPage();
  stage.pages.push(["mira", visit]);
  await visit.goto(`${stage.server.origin}/chat/support`);
  await visit.getByLabel("Your name").waitFor();
  await tabTo(visit, "the name", /^Your name/);
  await visit.keyboard.type("Mira");
  await tabTo(visit, "the question", /^Your question/);
  await visit.keyboard.type("May I?");
  await tabTo(visit, "the start", /^Start chat/);
  await visit.keyboard.press("Enter");

  await desk.getByRole("group", { name: "New visitor: Mira" }).waitFor();
  await desk.keyboard.press("Alt+a");
  await desk.getByRole("article", { name: "Chat with Mira" }).waitFor();
  await until("the composer has the focus by itself", () =>
    desk.getByRole("textbox", { name: "Message to Mira" }).evaluate((node) => node === document.activeElement));
  await desk.keyboard.type("/hi");
  await desk.getByRole("option", { name: /Greeting/ }).waitFor();
  await desk.keyboard.press("Enter");
  await until("the reply is put in", async () => (await desk.getByRole("textbox", { name: "Message to Mira" }).inputValue()).startsWith("Hello, thank you"));
  await desk.keyboard.press("Enter");
  await visit.getByText("Hello, thank you for waiting.").first().waitFor();
  await tabTo(visit, "the composer", /^Write a message/);
  await visit.keyboard.type("Thank you.");
  await visit.keyboard.press("Enter");
  await desk.getByRole("article").getByText("Thank you.", { exact: true }).waitFor();
  await desk.keyboard.press("Alt+e");
  await desk.getByRole("dialog", { name: "End the chat with Mira?" }).waitFor();
  await desk.keyboard.press("Enter");
  await visit.getByRole("heading", { name: "The chat was ended by our side." }).waitFor();
  await tabTo(visit, "the stars", /stars? of 5/);
  await visit.keyboard.press("ArrowRight");
  await tabTo(visit, "the rating", /^Send rating/);
  await visit.keyboard.press("Enter");
  await visit.getByText("Thank you for your rating.").waitFor();
});
