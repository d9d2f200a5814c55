// An agent's day: a room that one waits in, a second agent, a pause after a chat, canned replies by typing, blocking; and
// calls that reach who looks elsewhere.
import assert from "node:assert/strict";
import { Look } from "../harness/axe.mjs";
import { plain } from "../harness/desks.mjs";
import { scenario } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

const people = { anna: "agent", bert: "agent", ada: "administrator" };

scenario("a staffed room: who waits in it gets the head of the line at once, then pauses", { desk: plain({ more: 'dispatch = "staffed-room"', group: { more: "wrap_up_s = 300" } }), accounts: people }, async (stage) => {
  const look = new Look();
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  await mira.place(1);
  await anna.page.getByRole("button", { name: "Staff", exact: true }).click();
  const chat = await anna.chat("Mira");
  await mira.talksWith("Anna");
  assert.equal(await anna.offer("Mira").count(), 0, "nothing is offered, the room is theirs");
  await anna.page.getByRole("button", { name: "Staff", exact: true }).click();
  await anna.page.getByRole("button", { name: "Staffing" }).waitFor();
  await look.at(anna.page, "waiting in a room");
  await anna.page.getByRole("button", { name: "Staffing" }).click();
  await anna.page.getByRole("button", { name: "Staff", exact: true }).waitFor();
  await chat.end("loan");
  await anna.page.getByRole("group", { name: "Wrap-up" }).waitFor();
  await look.at(anna.page, "the pause after a chat");
  await anna.page.getByRole("button", { name: "Ready now" }).click();
  await anna.page.getByRole("group", { name: "Wrap-up" }).waitFor({ state: "hidden" });
  look.done();
});

scenario("nothing is offered in the pause after a chat, until one is ready", { desk: plain({ group: { more: "wrap_up_s = 300" } }), accounts: people }, async (stage) => {
  const anna = await stage.agent("anna");
  await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await chat.end();
  const noor = await (await stage.visitor("Noor")).join();
  await noor.place(1);
  await anna.waits("Noor");
  assert.equal(await anna.offer("Noor").count(), 0);
  await anna.page.getByRole("button", { name: "Ready now" }).click();
  await anna.accept("Noor");
  await noor.talksWith("Anna");
});

scenario("a second agent is brought in, talks along and leaves", { desk: plain(), accounts: people }, async (stage) => {
  const look = new Look();
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  const bert = await stage.agent("bert");
  await chat.pane.getByRole("button", { name: "Transfer or bring in" }).click();
  const dialog = anna.page.getByRole("dialog", { name: "Transfer Mira" });
  await dialog.getByRole("button", { name: "Bring in" }).first().click();
  await dialog.getByText("Bert", { exact: true }).click();
  await dialog.getByLabel("Note for the other agent").fill("You know the maps");
  await dialog.getByRole("button", { name: "Bring in" }).last().click();
  await chat.pane.getByText("Asking Bert to join").waitFor();
  await bert.offer("Mira", "You are asked to join").getByText("You know the maps").waitFor();
  await look.at(bert.page, "asked to join");
  const joined = await bert.accept("Mira", "You are asked to join");
  await chat.pane.getByText("Also here: Bert").waitFor();
  await joined.write("Bert here.");
  await chat.write("Bert knows the maps.");
  await mira.reads("Bert here.", "Bert knows the maps.");
  await look.at(anna.page, "two agents in a chat");
  await joined.pane.getByRole("button", { name: "Leave", exact: true }).click();
  await joined.pane.waitFor({ state: "hidden" });
  await chat.write("Only me again.");
  await mira.reads("Bert here.", "Bert knows the maps.", "Only me again.");
  look.done();
});

scenario("a canned reply by typing, and a visitor who is blocked and let in again", { desk: plain(), accounts: people }, async (stage) => {
  const look = new Look();
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  await chat.composer.pressSequentially("/h");
  await anna.page.getByRole("option", { name: /Greeting/ }).waitFor();
  await chat.composer.pressSequentially("i");
  await chat.composer.press("Enter");
  await until("the reply stands there", async () => (await chat.composer.inputValue()) === "Hello, thank you for waiting.");
  await chat.composer.press("Enter");
  await mira.reads("Hello, thank you for waiting.");
  await chat.pane.getByRole("button", { name: "More", exact: true }).click();
  await anna.page.getByRole("menuitem", { name: /^Block this visitor/ }).click();
  await anna.page.getByText("Blocked for 24 hours.").waitFor();
  await chat.end();
  await mira.ended();
  await mira.page.getByRole("button", { name: "Start a new chat" }).click();
  await mira.page.getByLabel("Your name").fill("Mira");
  await mira.page.getByRole("button", { name: "Start chat" }).click();
  await mira.page.getByText("This chat is not available to you.").waitFor();

  const ada = await stage.agent("ada", { show: null, hash: "#/admin/blocks" });
  const lift = ada.page.getByRole("button", { name: "Lift" });
  await lift.first().waitFor();
  await look.at(ada.page, "who is blocked");
  while ((await lift.count()) > 0) {
    const left = await lift.count();
    await lift.first().click();
    await until("it is lifted", async () => (await lift.count()) < left);
  }
  await mira.join();
  await anna.offer("Mira").getByText("1 earlier chat").waitFor();
  look.done();
});

/** Counts what the page does to be heard and seen by somebody who looks elsewhere. */
const listen = () => {
  window.called = { shown: [], closed: [], notes: 0, titles: [] };
  document.hasFocus = () => false;
  const Real = window.Notification;
  window.Notification = class extends Real {
    constructor(title, options) { super(title, options); this.what = title; window.called.shown.push({ title, ...options }); }
    close() { window.called.closed.push(this.what); super.close(); }
  };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { window.called.notes += 1; return start.apply(this, when); };
  new MutationObserver(() => window.called.titles.push(document.title)).observe(document, { subtree: true, childList: true, characterData: true });
};

scenario("who looks elsewhere is called: by a notification, a sound and the title", { desk: plain(), accounts: people }, async (stage) => {
  const anna = await stage.agent("anna", { script: listen, permissions: ["notifications"] });
  const called = () => anna.page.evaluate(() => window.called);
  const mira = await (await stage.visitor("Mira")).join("Something very private");
  await anna.offer("Mira").waitFor();
  await until("the offer is shown and heard", async () => { const it = await called(); return it.shown.length === 1 && it.notes >= 3; });
  const [offer] = (await called()).shown;
  assert.equal(offer.title, "New visitor");
  assert.match(offer.body, /^Mira · Support desk/);
  assert.ok((await called()).titles.includes("★ New visitor"));
  const chat = await anna.accept("Mira");
  await until("the notification is taken away", async () => (await called()).closed.includes("New visitor"));
  const before = (await called()).notes;
  await mira.write("My secret is 1234.");
  await chat.reads("My secret is 1234.");
  await until("the message is shown and heard", async () => { const it = await called(); return it.shown.length === 2 && it.notes > before; });
  assert.equal((await called()).shown[1].title, "Mira wrote");
  assert.ok(!JSON.stringify((await called()).shown).match(/private|1234/), "a notification says who, never what");

  await anna.page.getByRole("button", { name: "You and your settings" }).click();
  await anna.page.getByRole("menuitem", { name: "Sounds off" }).click();
  const quiet = (await called()).notes;
  await mira.write("Are you there?");
  await until("it is shown", async () => (await called()).shown.length === 3);
  assert.equal((await called()).notes, quiet, "no sound where sounds are off");
});
