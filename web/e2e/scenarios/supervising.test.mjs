// Supervisors: the live floor without being an agent, entering a chat all the same, and what is done by hand.
import assert from "node:assert/strict";
import { Look } from "../harness/axe.mjs";
import { agents, plain, queue, workgroup } from "../harness/desks.mjs";
import { scenario } from "../harness/stage.mjs";
import { settles, until } from "../harness/until.mjs";

const desk = agents(["anna", "bert"]) + workgroup("support", queue("general", ["anna"]) + queue("second", ["bert"]));
const people = { anna: "agent", bert: "agent", sam: "supervisor", ada: "administrator" };

scenario("a supervisor who is no agent sees the floor live, and becomes one to enter a chat", { desk, accounts: people }, async (stage) => {
  const look = new Look();
  const sam = await stage.agent("sam", { show: null, hash: "#/floor" });
  const line = sam.page.getByRole("region", { name: "Waiting line" });
  const running = sam.page.getByRole("region", { name: "Running chats" });
  await line.getByText("Nobody is waiting").waitFor();
  const mira = await (await stage.visitor("Mira")).join("Where is my book?");
  await line.getByRole("button", { name: /^Mira/ }).waitFor();
  const noor = await (await stage.visitor("Noor")).join();
  await noor.place(2);

  // By hand: a priority, then the head of the line.
  await line.getByRole("button", { name: /^Noor/ }).click();
  const request = sam.page.getByRole("dialog", { name: "Noor" });
  await request.getByRole("spinbutton", { name: "Priority" }).fill("9");
  await request.getByRole("button", { name: "Set", exact: true }).click();
  await noor.place(1);
  await sam.page.keyboard.press("Escape");
  await line.getByText("P9").waitFor();
  await sam.page.getByRole("button", { name: "To the head: Mira" }).click();
  await mira.place(1);

  const anna = await stage.agent("anna");
  const chat = await anna.accept("Mira");
  await running.getByText("Mira").waitFor();
  await sam.page.getByRole("region", { name: "Agents" }).getByText("Available").first().waitFor();
  await chat.write("Hello Mira.");
  await look.at(sam.page, "the floor of a supervisor who is no agent");
  await running.getByRole("button", { name: "Read: Mira" }).click();
  await sam.page.getByRole("dialog").getByText("Hello Mira.").waitFor();
  await sam.page.keyboard.press("Escape");

  await running.getByRole("button", { name: "Enter: Mira" }).click();
  const asked = sam.page.getByRole("dialog", { name: "Enter the chat with Mira" });
  await asked.getByText("an agent without a line").waitFor();
  await look.at(sam.page, "asked whether to become an agent");
  await asked.getByRole("button", { name: "Become an agent and enter" }).click();
  const inside = await sam.chat("Mira");
  await inside.reads("Hello Mira.");
  await inside.write("Sam here, I help too.");
  await mira.reads("Hello Mira.", "Sam here, I help too.");
  await anna.page.getByText("Also here: sam").waitFor();
  await look.at(sam.page, "a supervisor in a chat");
  await inside.pane.getByRole("button", { name: "Leave", exact: true }).click();
  await inside.pane.waitFor({ state: "hidden" });
  await chat.write("He has left again.");
  await mira.reads("Hello Mira.", "Sam here, I help too.", "He has left again.");

  await sam.go("Floor");
  await chat.end();
  await running.getByText("Mira").waitFor({ state: "hidden" });
  await sam.go("Archive");
  await sam.page.getByPlaceholder("Search words").fill("left again");
  await sam.page.keyboard.press("Enter");
  await sam.page.getByText(/1 chat found/).waitFor();
  look.done();
});

scenario("one agent, one session: a second browser is told, takes over, and the first one rests", { desk: plain(), accounts: people }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await chat.write("Hello.");
  const other = await stage.agent("anna", { show: null });
  await other.page.getByText("at work in another browser").waitFor();
  await chat.write("Still here.");
  await mira.reads("Hello.", "Still here.");
  await other.takeOver();
  await anna.page.getByText("which has taken over").waitFor();
  const there = await other.chat("Mira");
  await there.reads("Hello.", "Still here.");
  await there.write("From the other browser.");
  await mira.write("Good.");
  await there.reads("Hello.", "Still here.", "From the other browser.", "Good.");
  assert.deepEqual(await chat.words(), ["Hello.", "Still here."], "the first browser is told nothing any more");
  await anna.takeOver();
  await other.page.getByText("which has taken over").waitFor();
  await chat.reads("Hello.", "Still here.", "From the other browser.", "Good.");
});

/** WebSockets that some proxy does not let through. */
const noSockets = () => {
  window.WebSocket = class {
    static OPEN = 1;
    readyState = 3;
    constructor() { window.socketsTried = (window.socketsTried ?? 0) + 1; setTimeout(() => this.onclose?.({ code: 1006 }), 0); }
    send() {}
    close() {}
  };
};

scenario("without WebSockets the console works over Server-Sent Events", { desk: plain(), accounts: people }, async (stage) => {
  const anna = await stage.agent("anna", { script: noSockets });
  assert.ok((await anna.page.evaluate(() => window.socketsTried)) >= 2);
  const mira = await (await stage.visitor("Mira")).join("Where is my book?");
  const chat = await anna.accept("Mira");
  await chat.write("Good day.");
  await mira.write("Hello!");
  await chat.reads("Good day.", "Hello!");
  await chat.composer.pressSequentially("Let me see");
  await mira.page.getByText("Anna is writing…").waitFor();
  await anna.reload();
  await (await anna.chat("Mira")).reads("Good day.", "Hello!");
  const sam = await stage.agent("sam", { show: null, hash: "#/floor", script: noSockets });
  await sam.page.getByRole("region", { name: "Running chats" }).getByText("Mira").waitFor();
});

scenario("what an agent has not sent yet outlives a reload and a session that ends", { desk: plain(), accounts: people }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  await anna.accept("Mira");
  const noor = await (await stage.visitor("Noor")).join();
  await anna.accept("Noor");
  const [withMira, withNoor] = [await anna.chat("Mira"), await anna.chat("Noor")];
  await withMira.composer.fill("half of an answer");
  await withNoor.pane.getByRole("button", { name: "Note", exact: true }).click();
  await withNoor.pane.getByPlaceholder("Write a note for the desk").fill("half of a note");
  // The network swallows what is sent.
  await anna.page.route("**/messages", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await withNoor.pane.getByRole("button", { name: "Note", exact: true }).click();
  await withNoor.write("on its way");
  await withNoor.pane.locator(".message.pending").waitFor();
  await anna.page.unroute("**/messages");
  await anna.reload();
  await noor.reads("on its way");
  await withNoor.reads("on its way");
  const kept = (chat) => settles("the draft is kept", () => chat.composer.inputValue(), "half of an answer");
  await kept(withMira);
  await withNoor.pane.getByRole("button", { name: "Note", exact: true }).click();
  await settles("the note is kept", () => withNoor.pane.getByPlaceholder("Write a note for the desk").inputValue(), "half of a note");

  await anna.page.context().clearCookies();
  // Going to the other chat asks for the visitor's history, which is refused.
  await withMira.pane.getByRole("button", { name: "More", exact: true }).click();
  await anna.page.getByText("Your session has ended").first().waitFor();
  await anna.page.getByLabel("Name", { exact: true }).fill("anna");
  await anna.page.getByLabel("Password", { exact: true }).fill(stage.server.passwords.anna);
  await anna.page.getByRole("button", { name: "Sign in" }).click();
  await kept(withMira);
  await withMira.composer.press("Enter");
  await mira.reads("half of an answer");
  await anna.reload();
  await withMira.reads("half of an answer");
  assert.equal(await withMira.composer.inputValue(), "", "what was sent is a draft no longer");
});

/** Goes on typing until the other side sees it. */
const seen = (what, composer, sign) => until(what, async () => {
  await composer.pressSequentially(".");
  return sign.first().isVisible();
});

scenario("typing on right after a message is seen by the other side", { desk: plain(), accounts: people }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  // Words take a while, typing is told at once.
  const slowly = async (route) => { await new Promise((resolve) => setTimeout(resolve, 700)); await route.continue(); };
  await anna.page.route("**/messages", slowly);
  await mira.page.route("**/messages", slowly);
  await chat.composer.fill("First.");
  await chat.composer.press("Enter");
  await chat.composer.pressSequentially("And then");
  await mira.reads("First.");
  await seen("the visitor sees it", chat.composer, mira.page.getByText("Anna is writing…"));
  await mira.composer.fill("Thanks.");
  await mira.composer.press("Enter");
  await mira.composer.pressSequentially("One more");
  await chat.reads("First.", "Thanks.");
  await seen("the agent sees it", mira.composer, anna.page.getByText("Mira is typing").or(anna.page.getByLabel("Mira is typing")));
});
