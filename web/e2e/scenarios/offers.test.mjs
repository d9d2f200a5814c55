// Offers: they expire, are rejected, roll over to another queue, ring everybody, and are transferred.
import { agents, plain, queue, workgroup } from "../harness/desks.mjs";
import { scenario } from "../harness/stage.mjs";

const both = { anna: "agent", bert: "agent" };

scenario("an offer that nobody answers expires and goes to the next agent", { desk: plain({ more: "offer_timeout_s = 4" }), accounts: both }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  await anna.offer("Mira").waitFor();
  const bert = await stage.agent("bert");
  await bert.offer("Mira").waitFor();
  await anna.offer("Mira").waitFor({ state: "hidden" });
  await mira.place(1);
  await bert.accept("Mira");
  await mira.talksWith("Bert");
});

scenario("an offer that is rejected goes to the next agent, and does not come back at once", { desk: plain(), accounts: both }, async (stage) => {
  const anna = await stage.agent("anna");
  const bert = await stage.agent("bert", { show: null });
  const mira = await (await stage.visitor("Mira")).join();
  await anna.offer("Mira").waitFor();
  await anna.reject("Mira");
  await mira.place(1);
  await anna.waits("Mira");
  await bert.show("Available");
  await bert.accept("Mira");
  await mira.talksWith("Bert");
  await anna.waits();
});

const rolling = agents(["anna", "bert"]) + workgroup("support",
  queue("first", ["anna"], { rollover: [{ after_s: 4, to: "support/second" }] }) + queue("second", ["bert"]));

scenario("a request that nobody takes rolls over to another queue", { desk: rolling, accounts: both }, async (stage) => {
  const bert = await stage.agent("bert");
  const anna = await stage.agent("anna", { show: null });
  const mira = await (await stage.visitor("Mira")).join();
  await mira.place(1);
  await anna.waits("Mira");
  const chat = await bert.accept("Mira");
  await mira.talksWith("Bert");
  await chat.write("I take over from the first queue.");
  await mira.reads("I take over from the first queue.");
});

scenario("ring all: everybody is offered it, the first wins, the others are told", { desk: plain({ more: 'dispatch = "ring-all"' }), accounts: both }, async (stage) => {
  const anna = await stage.agent("anna");
  const bert = await stage.agent("bert");
  const mira = await (await stage.visitor("Mira")).join();
  await anna.offer("Mira").waitFor();
  await bert.offer("Mira").waitFor();
  await bert.accept("Mira");
  await mira.talksWith("Bert");
  await anna.offer("Mira").waitFor({ state: "hidden" });
  await anna.page.getByText(/Bert took it|Somebody else took it/).first().waitFor();
});

scenario("a visitor is transferred to another agent, who reads what was said", { desk: plain(), accounts: both }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await chat.write("One moment, Bert knows this.");
  await mira.reads("One moment, Bert knows this.");
  const bert = await stage.agent("bert");
  await chat.pane.getByRole("button", { name: "Transfer or bring in" }).click();
  const dialog = anna.page.getByRole("dialog", { name: "Transfer Mira" });
  await dialog.getByText("Bert", { exact: true }).click();
  await dialog.getByLabel("Note for the other agent").fill("About a lost book");
  await dialog.getByRole("button", { name: "Hand over", exact: true }).last().click();
  await bert.offer("Mira", "Transfer to you").getByText("About a lost book").waitFor();
  await mira.talksWith("Anna");
  const taken = await bert.accept("Mira", "Transfer to you");
  await mira.talksWith("Bert");
  await taken.reads("One moment, Bert knows this.");
  await mira.write("Thank you, Bert.");
  await taken.reads("One moment, Bert knows this.", "Thank you, Bert.");
  await mira.reads("One moment, Bert knows this.", "Thank you, Bert.");
});

scenario("agents take from the line themselves where the queue says so", { desk: plain({ more: 'dispatch = "pull"' }), accounts: both }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const noor = await (await stage.visitor("Noor")).join();
  await noor.place(2);
  await anna.waits("Mira", "Noor");
  await anna.page.getByRole("button", { name: "Take Noor" }).click();
  await noor.talksWith("Anna");
  await anna.page.getByRole("button", { name: "Take next" }).click();
  await mira.talksWith("Anna");
  await anna.waits();
});
