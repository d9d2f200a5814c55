// What a visitor wrote and has not sent is not lost: half a form, half a message to a closed desk, words of a visit that is over;
// and what was heard once is not read out again.
import assert from "node:assert/strict";
import { agents, plain, queue, workgroup } from "../harness/desks.mjs";
import { scenario } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

const people = { anna: "agent" };
const day = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][(new Date().getUTCDay() + 2) % 7];
const shut = workgroup("shut", queue("letters", ["anna"]), { hours: `weekly = { ${day} = ["09:00-17:00"] }` });

scenario("half a form and half a left message outlive a reload, in their tab alone", { desk: plain() + shut, accounts: people }, async (stage) => {
  const mira = await stage.visitor("Mira");
  const { page } = mira;
  const field = (label) => page.getByLabel(label);
  await field("Your name").fill("Mira");
  await field("Your question").fill("Where is\nmy book?");
  await page.reload();
  await until("the form is as it was", async () => (await field("Your name").inputValue()) === "Mira" && (await field("Your question").inputValue()) === "Where is\nmy book?");
  await page.goto(`${stage.server.origin}/chat/shut`);
  await field("Your e-mail address").fill("mira@library.example");
  await field("Your message").fill("Please write.");
  await page.reload();
  await until("the message is as it was", async () => (await field("Your message").inputValue()) === "Please write." && (await field("Your e-mail address").inputValue()) === "mira@library.example");
  await field("Your name").fill("Mira");
  await page.getByRole("button", { name: "Send message" }).click();
  await page.getByText("Thank you. Your message has reached us.").waitFor();
  await page.reload();
  await field("Your message").waitFor();
  assert.equal(await field("Your message").inputValue(), "", "what was sent does not come back");

  await page.goto(mira.url);
  const other = await stage.tab(mira);
  await other.page.getByLabel("Your name").waitFor();
  assert.equal(await other.page.getByLabel("Your name").inputValue(), "", "names stay in their tab");
  await until("the form is still there", async () => (await field("Your question").inputValue()) === "Where is\nmy book?");
  await page.getByRole("button", { name: "Start chat" }).click();
  await mira.place(1);
  await mira.leave();
  await page.getByRole("button", { name: "Start a new chat" }).click();
  await field("Your question").waitFor();
  assert.equal(await field("Your question").inputValue(), "", "the next chat begins with an empty form");
});

/** What `join` sends is the form's; the desk without a form has none. */
const bare = workgroup("support", queue("general", ["anna"]), { form: false });

for (const [kind, desk] of [["with a form", plain()], ["without a form", agents(["anna"]) + bare]]) {
  scenario(`words that an expired visit did not take are the draft of the next, ${kind}`, { desk, accounts: people }, async (stage) => {
    const mira = await stage.visitor("Mira");
    const { page } = mira;
    const start = page.getByRole("button", { name: "Start chat" });
    await start.waitFor();
    const name = page.getByLabel("Your name");
    const asked = await name.isVisible();
    if (asked) await name.fill("Mira");
    await start.click();
    await mira.place(1);
    await mira.composer.fill("half a sentence");
    // As after a month: the browser remembers a visit that the server does not know.
    await page.evaluate(() => {
      const key = (part) => Object.keys(localStorage).find((each) => each.startsWith("anteroom/") && each.endsWith(part));
      const visit = JSON.parse(localStorage.getItem(key("/visit")));
      localStorage.setItem(key("/visit"), JSON.stringify({ ...visit, token: "no-such-visit" }));
      localStorage.setItem(key("/visit").replace(/visit$/, "outbox"), JSON.stringify([{ id: "one", text: "not yet sent", at: new Date().toISOString(), state: "queued" }]));
    });
    await page.reload();
    await page.getByText("Your earlier visit is over").waitFor();
    if (asked) {
      await name.fill("Mira");
      await start.click();
    }
    const words = asked ? mira.composer : page.getByLabel("How can we help you?");
    await until("the words are there", async () => (await words.inputValue()) === "not yet sent\nhalf a sentence");
  });
}

scenario("after a reload only what is new is said aloud", { desk: plain(), accounts: people }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  const aloud = () => mira.page.locator("[aria-live=polite]").textContent();
  const old = ["The first.", "The second.", "The third."];
  for (const text of old) await chat.write(text);
  await mira.reads(...old);
  await until("they are said aloud", async () => (await aloud()).includes("The third."));
  await mira.reload();
  await mira.reads(...old);
  await chat.write("The fourth.");
  await until("the new one is said aloud", async () => (await aloud()).includes("The fourth."));
  const said = await aloud();
  for (const text of old) assert.ok(!said.includes(text), `said again: ${said}`);
  assert.equal(said.split("The fourth.").length, 2, `said once: ${said}`);
});
