// Where the widget stands and how it is used: on a foreign page with a strict policy, right to left, in the dark, in Dutch, by
// keyboard alone; and the console by keyboard alone.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { plain } from "../harness/desks.mjs";
import { freePort } from "../harness/server.mjs";
import { scenario } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

const people = { anna: "agent", bert: "agent" };

/** A site of somebody else: two pages with the one line, and nothing allowed but the chat. */
async function site(server, port) {
  const foreign = createServer((request, response) => {
    const csp = `default-src 'none'; script-src ${server.origin}; connect-src ${server.origin} ${server.origin.replace("http", "ws")}; base-uri 'none'; form-action 'none'`;
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": csp });
    response.end(`<!doctype html><html lang="en"><title>Another site</title><h1>${request.url}</h1><a href="/second">Second page</a>
      <script async src="${server.origin}/widget.js" data-workgroup="support"></script></html>`);
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
    const mira = await stage.visitor("Mira", { url: `http://127.0.0.1:${port}/` });
    await mira.open();
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

scenario("right to left, in the dark, in Dutch", { desk: plain(), accounts: people }, async (stage) => {
  const url = `${stage.server.origin}/chat/support?locale=nl`;
  const mira = await stage.visitor("Mira", { url, colorScheme: "dark" });
  await mira.page.getByLabel("Uw naam").fill("Mira");
  const ink = await mira.page.getByLabel("Uw naam").evaluate((node) => getComputedStyle(node).color);
  assert.ok(ink.match(/\d+/g).slice(0, 3).every((part) => Number(part) > 128), `light words on dark: ${ink}`);
  const dir = await stage.visitor("Tariq", { url: `${stage.server.origin}/chat/support?locale=ar` });
  await dir.page.getByLabel("Your name").waitFor();
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
