// Supervisors and administrators: entering a chat, moving a request, changing the desk with the checker's findings.
import assert from "node:assert/strict";
import { agents, plain, queue, workgroup } from "../harness/desks.mjs";
import { scenario } from "../harness/stage.mjs";

const desk = agents(["anna", "bert", "sam", "ada"]) + workgroup("support", queue("general", ["anna"]) + queue("second", ["bert"]));
const people = { anna: "agent", bert: "agent", sam: "supervisor", ada: "administrator" };

scenario("a supervisor enters a chat and moves a request", { desk, accounts: people }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await chat.write("Hello Mira.");
  await mira.reads("Hello Mira.");
  const sam = await stage.agent("sam", { show: null });
  await sam.go("Floor");
  await sam.page.getByRole("button", { name: "Enter: Mira" }).click();
  const inside = await sam.chat("Mira");
  await inside.reads("Hello Mira.");
  await inside.write("Sam here, I help too.");
  await mira.reads("Hello Mira.", "Sam here, I help too.");
  await chat.reads("Hello Mira.", "Sam here, I help too.");

  await anna.show("Away");
  const noor = await (await stage.visitor("Noor")).join();
  await noor.place(1);
  const bert = await stage.agent("bert");
  await bert.waits();
  await sam.go("Floor");
  await sam.page.getByRole("region", { name: "Waiting line" }).getByRole("button", { name: /^Noor/ }).click();
  const dialog = sam.page.getByRole("dialog", { name: "Noor" });
  await dialog.getByLabel("Move to …").selectOption({ label: "Support desk · Second · 0 waiting" });
  await dialog.getByRole("button", { name: "Move", exact: true }).click();
  await bert.accept("Noor");
  await noor.talksWith("Bert");
});

scenario("a supervisor puts somebody at the head, sends an agent on a break, and ends a request", { desk: plain() + agents(["sam"]), accounts: people }, async (stage) => {
  const mira = await (await stage.visitor("Mira")).join();
  await mira.place(1);
  const noor = await (await stage.visitor("Noor")).join();
  await noor.place(2);
  const sam = await stage.agent("sam", { show: null, hash: "#/floor" });
  await sam.page.getByRole("button", { name: "To the head: Noor" }).click();
  await noor.place(1);
  await mira.place(2);
  const anna = await stage.agent("anna");
  await anna.offer("Noor").waitFor();
  await sam.page.getByRole("region", { name: "Agents" }).getByRole("button", { name: /Anna/ }).click();
  const dialog = sam.page.getByRole("dialog", { name: "Anna" });
  await dialog.getByRole("button", { name: /lunch/i }).click();
  await anna.page.getByRole("button", { name: /Availability:.*lunch/i }).waitFor();
  await dialog.getByRole("button", { name: "Close" }).first().click();
  await sam.page.getByRole("region", { name: "Waiting line" }).getByRole("button", { name: /^Mira/ }).click();
  const request = sam.page.getByRole("dialog", { name: "Mira" });
  await request.getByRole("button", { name: "End request" }).click();
  await request.getByRole("button", { name: "End it" }).click();
  await mira.page.getByRole("button", { name: "Start a new chat" }).waitFor();
});

scenario("an administrator changes the desk and is told what would not work", { desk, accounts: people }, async (stage) => {
  const ada = await stage.agent("ada", { show: null, hash: "#/admin/workgroups/support/rollover" });
  const { page } = ada;
  const general = page.getByRole("region", { name: "General" });
  await general.getByRole("button", { name: "Add a step" }).click();
  await page.getByRole("region", { name: "Second" }).getByRole("button", { name: "Add a step" }).click();
  await page.getByRole("list", { name: "Findings" }).first().waitFor();
  await page.getByRole("region", { name: "Second" }).getByRole("button", { name: "Delete step 1" }).click();
  await general.getByLabel("After").fill("90");
  await general.getByLabel("After").press("Tab");
  const apply = page.getByRole("button", { name: "Apply" });
  await apply.click();
  await apply.waitFor({ state: "hidden" });
  await page.reload();
  await general.getByLabel("After").waitFor();
  assert.equal(await general.getByLabel("After").inputValue(), "90");

  await page.goto(`${stage.server.origin}/console/#/admin/workgroups/support/look`);
  await page.getByLabel(/^Greeting/).first().fill("Welcome to the new desk.");
  await page.getByLabel(/^Greeting/).first().press("Tab");
  await apply.click();
  await apply.waitFor({ state: "hidden" });
  const mira = await stage.visitor("Mira");
  await mira.page.getByText("Welcome to the new desk.").waitFor();
});

scenario("an administrator makes an account, and its owner signs in", { desk, accounts: { ada: "administrator" } }, async (stage) => {
  const ada = await stage.agent("ada", { show: null, hash: "#/admin/accounts" });
  const { page } = ada;
  await page.getByRole("button", { name: "New account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("anna");
  await dialog.locator(".btn.main").click();
  const secret = page.locator(".secret");
  await secret.waitFor();
  stage.server.passwords.anna = (await secret.evaluate((node) => node.value ?? node.textContent)).trim();
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  await anna.accept("Mira");
  await mira.talksWith("Anna");
});
