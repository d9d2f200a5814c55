// Takes the pictures of the README into docs/images from the real server with a desk full of people; those that need a day's
// figures are taken by screenshots-day.mjs. Run by hand: `npm run screenshots [name …]` after `cargo xtask web` and `cargo build -p anteroom`.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { agents, canned, queue, workgroup } from "./harness/desks.mjs";
import { Server } from "./harness/server.mjs";
import { launch, Stage } from "./harness/stage.mjs";
import { until } from "./harness/until.mjs";

const DIR = fileURLToPath(new URL("../../docs/images", import.meta.url));
const TEAM = ["anna", "bert", "chloe", "david", "elena", "farid", "grace", "hugo", "sam", "ada"];
const NAMES = ["Mira", "Omar", "Noor", "Pia", "Ruben", "Fenna", "Tariq", "Ulla", "Vera", "Wim", "Xenia", "Yara", "Zoë", "Lars", "Jip", "Kees", "Ines", "Bram", "Cleo", "Dirk"];
const QUESTIONS = [
  "Where can I hand in a book that is too late?", "My account says that I owe € 4.50, but I paid on Monday.", "Is the reading room open on Sunday?",
  "Can I renew my passport without an appointment?", "I moved to another street. Whom do I tell?", "The parking permit on the site does not match my car.",
  "Do you have the new atlas of the town?", "How do I reset my password?", "",
];

const desk = agents(TEAM.slice(0, 1), 4) + agents(TEAM.slice(1), 3)
  + workgroup("support",
    queue("general", TEAM.slice(0, 5), { more: "target_wait_s = 60\noffer_timeout_s = 60" })
    + queue("accounts", ["anna", "chloe", "sam"], { more: "target_wait_s = 45\noffer_timeout_s = 60", rollover: [{ after_s: 90, to: "support/general" }] })
    + queue("complaints", ["grace", "sam"], { more: "target_wait_s = 120", rollover: [{ after_s: 120, to: "support/general" }, { after_s: 300, to: "library/loans", keep: false }] }),
    { more: 'wrap_up_s = 0' }).replace('[workgroup.hours]', RULES())
  + workgroup("library", queue("loans", ["elena", "farid", "grace"], { more: 'dispatch = "ring-all"\ntarget_wait_s = 30', rollover: [{ after_s: 75, to: "support/general" }] }) + queue("research", ["hugo"], { more: 'dispatch = "pull"\ntarget_wait_s = 300' }))
  + canned;

function RULES() {
  return `[[workgroup.rule]]
when = [{ field = "question", contains = "account" }]
queue = "accounts"

[[workgroup.rule]]
when = [{ field = "question", contains = "permit" }]
queue = "complaints"

[workgroup.hours]`;
}

const accounts = Object.fromEntries(TEAM.map((name) => [name, name === "sam" ? "supervisor" : name === "ada" ? "administrator" : "agent"]));
const PHONE = { viewport: { width: 390, height: 760 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

const stage = new Stage(await Server.open({ desk, accounts }));
await mkdir(DIR, { recursive: true });
const shoot = async (page, name) => {
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(DIR, `${name}.png`), animations: "disabled" });
  console.log(name);
};
/** People who wait, each with a stream held open, as a browser holds it. */
const crowd = async (workgroup, from, count) => {
  for (let n = from; n < from + count; n += 1) {
    const { token } = await stage.server.visit(workgroup, { name: NAMES[n % NAMES.length], question: QUESTIONS[(n * 7) % QUESTIONS.length] });
    await hold(token);
  }
};
/** Opens a stream, and reads it from then on without being waited for. */
async function hold(token) {
  const answer = await fetch(`${stage.server.origin}/api/v1/visits/me/events`, { headers: { Authorization: `Bearer ${token}` } });
  const reader = answer.body.getReader();
  await reader.read();
  // It ends when the server stops: the pictures are taken by then.
  const drain = async () => { while (!(await reader.read()).done); };
  drain().catch(() => {});
}
/** Accepts whoever is offered, `count` times. */
const take = async (agent, count) => {
  for (let n = 0; n < count; n += 1) {
    const chats = await agent.page.locator(".tab").count();
    await agent.page.getByRole("button", { name: /^Accept/ }).first().click();
    await until("the chat is there", async () => (await agent.page.locator(".tab").count()) > chats);
  }
};

try {
  // Some chats are talked and ended, so that the desk knows how long one takes.
  const chloe = await stage.agent("chloe");
  for (const name of ["Jip", "Kees", "Ines"]) {
    const { token } = await stage.server.visit("support", { name, question: "Just a moment." });
    await hold(token);
    const short = await chloe.accept(name);
    await short.write("There you are.");
    await short.end("praise");
    await short.putAway();
  }
  await crowd("support", 0, 6);
  await take(chloe, 3);

  const anna = await stage.agent("anna", { viewport: { width: 1440, height: 860 } });
  await take(anna, 2);
  await anna.page.keyboard.press("Alt+1");
  await anna.page.keyboard.press("Alt+Shift+2");
  const sofie = await stage.visitor("Sofie", { ...PHONE });
  await sofie.join("My library card does not open the door.");
  const elena = await stage.agent("elena");
  await until("Sofie is helped", async () => {
    for (const agent of [anna, elena]) {
      const accept = agent.offer("Sofie").getByRole("button", { name: /^Accept/ });
      if (await accept.isVisible()) await accept.click();
      else if (agent === elena && (await agent.page.getByRole("button", { name: /^Accept/ }).count()) > 0) await take(elena, 1);
    }
    return (await sofie.page.getByText(/You are talking to/).count()) > 0;
  });
  const helped = (await sofie.page.getByText(/You are talking to/).first().textContent()).includes("Anna") ? anna : elena;
  const chat = await helped.chat("Sofie");
  await chat.write("Good afternoon Sofie, this is the town desk.");
  await chat.write("Which door do you mean?");
  await sofie.write("The one of the reading room, at the back.");
  await chat.write("That one needs a new card since Monday. You can fetch it here: https://town.example/cards");
  await sofie.write("Thank you, I will come by!");
  await chat.pane.getByText("Thank you, I will come by!").waitFor();
  await chat.composer.pressSequentially("You are");
  await sofie.page.getByText(/is writing/).waitFor();
  await shoot(sofie.page, "widget-chat");

  const dark = await stage.visitor("Vera", { ...PHONE, colorScheme: "dark" });
  await dark.page.getByLabel("Your name").waitFor();
  await shoot(dark.page, "widget-form-dark");

  const pane = anna.page.getByRole("article").first();
  for (const text of ["Good day, let me look that up for you.", "You can hand it in at any branch; the fine stops on that day."]) {
    await pane.getByRole("textbox").fill(text);
    await pane.getByRole("textbox").press("Enter");
    await pane.getByText(text).waitFor();
  }
  await crowd("support", 6, 5);
  await anna.page.getByRole("button", { name: /^Accept/ }).first().waitFor();
  await until("the line is there", async () => (await anna.line()).length >= 5);
  await shoot(anna.page, "console-agent");

  // The floor with some two hundred waiting.
  for (const name of ["bert", "david", "farid", "grace"]) await stage.agent(name, { show: name === "david" ? "Away" : "Available" });
  await crowd("support", 11, 150);
  await crowd("library", 20, 45);
  const sam = await stage.agent("sam", { show: null, hash: "#/floor", viewport: { width: 1440, height: 900 } });
  await sam.page.getByRole("button", { name: /^Enter: / }).nth(3).waitFor();
  await until("the floor is full", async () => (await sam.page.getByRole("region", { name: "Waiting line" }).getByRole("listitem").count()) > 150);
  await shoot(sam.page, "console-floor");
  await sam.page.emulateMedia({ colorScheme: "dark" });
  await shoot(sam.page, "console-floor-dark");

  const ada = await stage.agent("ada", { show: null, hash: "#/admin/workgroups/support/rollover", viewport: { width: 1440, height: 860 } });
  await ada.page.getByRole("img").first().waitFor();
  await shoot(ada.page, "console-rollover");
} catch (error) {
  await stage.pictures("screenshots");
  throw error;
} finally {
  await stage.close();
  await (await launch()).close();
}
