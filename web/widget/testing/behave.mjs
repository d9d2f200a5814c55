// What the widget survives, in Chromium against the stand-in: reload, another page, lost network, a restarted server, a second
// tab, an expired visit; and what the keyboard does. Fails with a list. `npm run build` in the folder above first.
import { chromium } from "playwright-core";
import { start } from "./fake-server.mjs";

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
const only = process.argv[2];
const failures = [];

const check = (what, good) => {
  if (!good) throw new Error(what);
};
const until = async (what, probe) => {
  for (let n = 0; n < 150; n += 1) {
    if (await probe()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(what);
};
const launcher = (page) => page.getByRole("button", { name: "Chat with us" });
const open = async (page, fake, path = "host") => {
  await page.goto(`http://127.0.0.1:${fake.port}/${path}`);
  await launcher(page).click();
};
const begin = async (page, fake) => {
  await open(page, fake);
  await page.getByLabel("Your name").fill("Mira");
  await page.getByLabel("What is it about?").selectOption("loans");
  await page.getByRole("button", { name: "Start chat" }).click();
  await page.getByPlaceholder("You can already write").waitFor();
};
const chat = async (page, fake) => {
  await begin(page, fake);
  fake.control({ do: "accept" });
  await page.getByPlaceholder("Write a message").waitFor();
};
const write = async (page, text) => {
  await page.getByPlaceholder("Write a message").fill(text);
  await page.keyboard.press("Enter");
};
const bubbles = (page) => page.locator(".bubble").allTextContents();
const visit = (fake) => [...fake.world.visits.values()].at(-1);
const said = (fake) => visit(fake).messages.filter((one) => one.kind === "text").map((one) => one.text);

const tests = {
  async "nothing but the loader is fetched before it is used"(page, fake) {
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`http://127.0.0.1:${fake.port}/host`);
    await launcher(page).waitFor();
    await page.waitForTimeout(400);
    check(`fetched ${asked}`, asked.every((path) => ["/host", "/widget.js", "/favicon.ico"].includes(path)));
    await launcher(page).click();
    await page.locator(".door").waitFor();
    check(`fetched ${asked}`, !asked.some((path) => /talk|finish|nl\.js/.test(path)) && asked.includes("/widget/lang/en.js"));
  },
  async "a reload and another page keep place and words"(page, fake) {
    await begin(page, fake);
    await page.getByPlaceholder("You can already write").fill("half a sentence");
    fake.control({ do: "position", ahead: 1, estimate: { low_s: 60, expected_s: 90, high_s: 170 } });
    await page.reload();
    await page.getByText("You are number 2 in line").first().waitFor();
    check("draft", (await page.getByPlaceholder("You can already write").inputValue()) === "half a sentence");
    await page.getByRole("link", { name: "Another page" }).click({ force: true });
    await page.getByText("You are number 2 in line").first().waitFor();
    check("one visit", fake.world.visits.size === 1);
  },
  async "words written while waiting arrive at once, in order"(page, fake) {
    await begin(page, fake);
    for (const text of ["one", "two", "three"]) {
      await page.getByPlaceholder("You can already write").fill(text);
      await page.keyboard.press("Enter");
    }
    await until(`arrived: ${said(fake)}`, () => said(fake).join() === "one,two,three");
  },
  async "a lost network keeps what is written and sends it once"(page, fake) {
    await chat(page, fake);
    fake.control({ do: "down", down: true });
    await write(page, "first");
    await write(page, "second");
    await page.getByText("No connection").first().waitFor();
    check("pending shown", (await page.getByText("Sending…").count()) === 2);
    await page.reload().catch(() => {});
    fake.control({ do: "down", down: false });
    await until("back", () => page.goto(`http://127.0.0.1:${fake.port}/host`).then(() => true, () => false));
    await until("sent", () => said(fake).join() === "first,second");
    fake.control({ do: "say", text: "I am still here" });
    await until("shown once", async () => (await bubbles(page)).join() === "first,second,I am still here");
  },
  async "an answer that got lost does not double the message"(page, fake) {
    await chat(page, fake);
    fake.control({ do: "fail", times: 3 });
    await write(page, "only once");
    await until("arrived", () => said(fake).join() === "only once");
    await until("shown once", async () => (await bubbles(page)).join() === "only once" && (await page.getByText("Sending…").count()) === 0);
  },
  async "a dropped connection resumes without loss or double"(page, fake) {
    await chat(page, fake);
    fake.control({ do: "say", text: ["a", "b"] });
    await until("a,b", async () => (await bubbles(page)).join() === "a,b");
    fake.control({ do: "drop" });
    fake.control({ do: "say", text: ["c", "d"] });
    await until("a,b,c,d", async () => (await bubbles(page)).join() === "a,b,c,d");
  },
  async "a restarted server is found again, with a snapshot"(page, fake) {
    await chat(page, fake);
    fake.control({ do: "say", text: ["a"] });
    fake.control({ do: "restart", retry_after_s: 1 });
    visit(fake).messages.push({ ...visit(fake).messages.at(-1), number: visit(fake).messages.length + 1, id: "x", text: "b" });
    await until("a,b", async () => (await bubbles(page)).join() === "a,b");
    check("no history is announced", !(await page.locator("[aria-live=polite]").textContent()).includes("Anna: a Anna: a"));
  },
  async "without WebSocket it goes by Server-Sent Events"(page, fake) {
    fake.control({ do: "sockets", on: false });
    await begin(page, fake);
    fake.control({ do: "position", ahead: 7 });
    await page.getByText("You are number 8 in line").first().waitFor();
    fake.control({ do: "accept" });
    await write(page, "by another way");
    await until("arrived", () => said(fake).join() === "by another way");
  },
  async "a second tab shows the same visit, draft and end"(page, fake, context) {
    await chat(page, fake);
    const other = await context.newPage();
    await other.goto(`http://127.0.0.1:${fake.port}/host`);
    await other.getByPlaceholder("Write a message").waitFor();
    await write(page, "from the first");
    await until("shown in both", async () => (await bubbles(other)).join() === "from the first");
    await other.getByPlaceholder("Write a message").fill("from the second");
    await page.getByRole("button", { name: "Turn sound off" }).focus();
    await until("draft in both", async () => (await page.getByPlaceholder("Write a message").inputValue()) === "from the second");
    await other.keyboard.press("Enter");
    await until("both said", async () => (await bubbles(page)).join() === "from the first,from the second" && said(fake).length === 2);
    await page.getByRole("button", { name: "End chat" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "End chat" }).click();
    await other.getByText("How was it?").waitFor();
    await page.getByRole("button", { name: "Start a new chat" }).click();
    await page.getByLabel("Your name").waitFor();
    await other.getByLabel("Your name").waitFor();
  },
  async "a visit that the server forgot makes a clean start"(page, fake) {
    await chat(page, fake);
    fake.control({ do: "forget" });
    await page.reload();
    await page.getByText("Your earlier visit is over").waitFor();
    await page.getByLabel("Your name").waitFor();
  },
  async "the keyboard does it all: open, write, correct, leave"(page, fake) {
    await page.goto(`http://127.0.0.1:${fake.port}/host`);
    await launcher(page).focus();
    await page.keyboard.press("Enter");
    await until("focus in the form", () => page.evaluate(() => document.querySelector("anteroom-chat").shadowRoot.activeElement?.name === "name"));
    await page.keyboard.press("Escape");
    await until("focus back", () => page.evaluate(() => document.querySelector("anteroom-chat").shadowRoot.activeElement?.className === "launcher"));
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await chat(page, fake);
    await write(page, "I mend");
    await page.getByRole("button", { name: "Edit message" }).waitFor();
    await page.keyboard.press("ArrowUp");
    await page.getByText("You are editing").waitFor();
    await page.keyboard.press("End");
    await page.keyboard.type("ed it");
    await page.keyboard.press("Enter");
    await until("corrected", () => said(fake).join() === "I mended it");
    await page.getByText("edited").waitFor();
    check("composer is empty", (await page.getByPlaceholder("Write a message").inputValue()) === "");
  },
  async "reading is told, by the visitor and by the agent; typing too"(page, fake) {
    await chat(page, fake);
    await write(page, "hello");
    fake.control({ do: "say", text: "good day" });
    await until("read by the visitor", () => visit(fake).read.visitor === visit(fake).messages.length);
    fake.control({ do: "read" });
    await page.getByText("· Read").waitFor();
    await page.getByPlaceholder("Write a message").pressSequentially("hm");
    await until("typing", () => visit(fake).visitor_typing === "composing");
    await until("paused", () => visit(fake).visitor_typing === "paused");
    fake.control({ do: "typing", state: "composing" });
    await page.getByText("Anna is writing…").waitFor();
    fake.control({ do: "typing", state: "paused" });
    await until("no longer", async () => !(await page.getByText("Anna is writing…").isVisible()));
  },
  async "files: limits before, progress, links after"(page, fake) {
    await chat(page, fake);
    await page.locator("input[type=file]").setInputFiles([{ name: "big.png", mimeType: "image/png", buffer: Buffer.alloc(1_200_000) }, { name: "bad.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") }, { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("notes") }]);
    await page.getByText("“big.png” is too large. Files may be up to 1 MB.").first().waitFor();
    await page.getByText("“bad.exe” is of a kind").first().waitFor();
    await page.getByRole("button", { name: /Download notes.txt/ }).waitFor();
    check("one arrived", visit(fake).messages.filter((one) => one.kind === "file").length === 1);
    const download = page.waitForEvent("download").catch(() => page.context().waitForEvent("page"));
    await page.getByRole("button", { name: /Download notes.txt/ }).click();
    await download;
  },
  async "the end: rating, copy, again"(page, fake) {
    await chat(page, fake);
    await write(page, "bye");
    fake.control({ do: "end" });
    await page.getByLabel("5 stars of 5").check();
    await page.getByLabel("Would you like to add something?").fill("kind");
    await page.getByRole("button", { name: "Send rating" }).click();
    await page.getByText("Thank you for your rating.").waitFor();
    check("rated", JSON.stringify(fake.world.ratings) === '[{"stars":5,"comment":"kind"}]');
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    check("copy", (await download).suggestedFilename().startsWith("chat-"));
    await page.getByRole("button", { name: "Send by e-mail" }).click();
    await page.getByLabel("Your e-mail address").fill("mira@library.example");
    await page.getByRole("button", { name: "Send by e-mail" }).click();
    await page.getByText("on its way to mira@").waitFor();
    await page.reload();
    await page.getByText("The chat was ended by our side.").first().waitFor();
    check("not asked twice", !(await page.getByText("How was it?").isVisible()));
    await page.getByRole("button", { name: "Start a new chat" }).click();
    await page.getByLabel("Your name").waitFor();
  },
  async "closing the panel keeps what stands in the form"(page, fake) {
    await open(page, fake);
    await page.getByLabel("Your name").fill("Mira");
    await page.keyboard.press("Escape");
    await launcher(page).click();
    check("kept", (await page.getByLabel("Your name").inputValue()) === "Mira");
  },
  async "an old end does not come back"(page, fake) {
    await chat(page, fake);
    fake.control({ do: "end" });
    await page.getByText("How was it?").waitFor();
    visit(fake).ended.at = new Date(Date.now() - 25 * 3_600_000).toISOString();
    await page.reload();
    await page.getByLabel("Your name").waitFor();
  },
  async "closed: the truth, and a message can be left"(page, fake) {
    fake.control({ do: "workgroup", set: { open: false, doors: "closed", opens_at: new Date(Date.now() + 86_400_000).toISOString() } });
    await open(page, fake);
    await page.getByText("We are back").waitFor();
    await page.getByRole("button", { name: "Send message" }).click();
    check("three errors", (await page.getByText("Please fill this in.").count()) === 3);
    await page.getByLabel("Your name").fill("Mira");
    await page.getByLabel("Your e-mail address").fill("mira@library.example");
    await page.getByLabel("Your message").fill("Please write.");
    await page.getByRole("button", { name: "Send message" }).click();
    await page.getByText("Thank you. Your message has reached us.").waitFor();
    check("left", fake.world.left[0]?.text === "Please write.");
  },
  async "closing between form and start tells when it opens"(page, fake) {
    await open(page, fake);
    await page.getByLabel("Your name").fill("Mira");
    await page.getByLabel("What is it about?").selectOption("loans");
    fake.control({ do: "workgroup", set: { open: false, doors: "closed" } });
    await page.getByRole("button", { name: "Start chat" }).click();
    await page.getByText("We are closed").waitFor();
  },
  async "the closed launcher counts what came, and the title tells"(page, fake) {
    await chat(page, fake);
    await page.keyboard.press("Escape");
    fake.control({ do: "say", text: ["a", "b"] });
    await page.getByRole("button", { name: "Chat with us (2)" }).waitFor();
    await page.getByRole("button", { name: "Chat with us (2)" }).click();
    await until("calm again", async () => (await page.getByRole("button", { name: "Chat with us", exact: true }).count()) === 1);
  },
  async "words are never HTML"(page, fake) {
    await chat(page, fake);
    const evil = '<img src=x onerror="window.hit=1"> <a href="javascript:window.hit=1">x</a> https://a.example/"onmouseover="x';
    fake.control({ do: "say", text: evil, title: "<b>Anna</b>" });
    await until("shown as text", async () => (await bubbles(page)).join() === evil);
    check("no element came of it", (await page.locator(".bubble img, .bubble b, .who b").count()) === 0 && !(await page.evaluate(() => window.hit)));
    check("links are safe", (await page.locator(".bubble a").evaluateAll((all) => all.every((a) => a.protocol === "https:" && a.rel === "noopener noreferrer"))));
  },
  async "earlier messages load while scrolling up"(page, fake) {
    await chat(page, fake);
    fake.control({ do: "many", count: 400 });
    await page.reload();
    await page.getByText("Message 400 of many").first().waitFor();
    check("200 at first", (await page.locator(".message").count()) === 200);
    const scroll = page.locator(".scroll");
    for (let n = 0; n < 12; n += 1) {
      await scroll.evaluate((element) => (element.scrollTop = 0));
      await page.waitForTimeout(150);
    }
    await until("all of them", async () => (await page.locator(".message").count()) === 400);
    const started = Date.now();
    fake.control({ do: "say", text: "and one more" });
    await page.getByText("1 new message").first().waitFor();
    check("it is quick", Date.now() - started < 1500);
    await page.locator(".jump").click();
    await until("at the end", () => scroll.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight < 5));
  },
  async "it works on another site with a strict policy"(page, fake) {
    const site = await start();
    await page.goto(`http://localhost:${site.port}/host?from=http://127.0.0.1:${fake.port}`);
    await launcher(page).click();
    await page.getByLabel("Your name").fill("Mira");
    await page.getByLabel("What is it about?").selectOption("loans");
    await page.getByRole("button", { name: "Start chat" }).click();
    await page.getByPlaceholder("You can already write").waitFor();
    fake.control({ do: "accept" });
    await write(page, "from elsewhere");
    await until("arrived", () => said(fake).join() === "from elsewhere");
    site.close();
  },
  async "on a phone the focus stays in the sheet, on a desk it does not"(page, fake) {
    const inside = () => page.evaluate(() => document.activeElement?.localName === "anteroom-chat");
    for (const [width, modal] of [[375, true], [1280, false]]) {
      await page.setViewportSize({ width, height: 740 });
      await open(page, fake);
      await page.getByLabel("Your name").waitFor();
      check("modal", (await page.getByRole("dialog").getAttribute("aria-modal")) === (modal ? "true" : null));
      const stayed = [];
      for (let n = 0; n < 12; n += 1) {
        await page.keyboard.press("Tab");
        stayed.push(await inside());
      }
      check(`at ${width}: ${stayed}`, stayed.every(Boolean) === modal);
      await page.keyboard.press("Escape");
    }
  },
  async "the programming surface works"(page, fake) {
    await page.goto(`http://127.0.0.1:${fake.port}/host`);
    await launcher(page).waitFor();
    await page.evaluate(() => {
      window.heard = [];
      for (const name of ["open", "message", "ended"]) addEventListener(`anteroom:${name}`, (event) => window.heard.push(event.type));
      window.anteroom.open();
    });
    await page.getByLabel("Your name").waitFor();
    await page.evaluate(() => window.anteroom.close());
    await until("closed", async () => !(await page.getByLabel("Your name").isVisible()));
    await page.evaluate(() => document.querySelector("anteroom-chat").setAttribute("open", ""));
    await page.getByLabel("Your name").fill("Mira");
    await page.getByLabel("What is it about?").selectOption("loans");
    await page.getByRole("button", { name: "Start chat" }).click();
    await page.getByPlaceholder("You can already write").waitFor();
    fake.control({ do: "accept" });
    fake.control({ do: "say", text: "hello" });
    fake.control({ do: "end" });
    await until("events", async () => (await page.evaluate(() => window.heard.join())) === "anteroom:open,anteroom:open,anteroom:message,anteroom:ended");
  },
};

for (const [name, test] of Object.entries(tests)) {
  if (only && !name.includes(only)) continue;
  const fake = await start();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", acceptDownloads: true });
  const page = await context.newPage();
  page.on("pageerror", (error) => failures.push(`${name}: ${error.message}`));
  page.setDefaultTimeout(15_000);
  try {
    await test(page, fake, context);
    console.log(`ok    ${name}`);
  } catch (error) {
    failures.push(name);
    console.log(`FAIL  ${name}: ${error.message.split("\n").slice(0, 4).join(" ")}`);
    if (process.env.LOOK_DIR) await page.screenshot({ path: `${process.env.LOOK_DIR}/failed.png` });
  }
  await context.close();
  fake.close();
}
await browser.close();
console.log(failures.length ? `${failures.length} failures` : "all well");
process.exit(failures.length ? 1 : 0);
