// Administrators: workgroup, queue, skills, hours and members are changed with the checker's findings; keys; erasing somebody;
// and all of it stands in the audit log.
import assert from "node:assert/strict";
import { Look } from "../harness/axe.mjs";
import { agents, canned, queue, workgroup } from "../harness/desks.mjs";
import { scenario } from "../harness/stage.mjs";
import { settles, until } from "../harness/until.mjs";

const desk = agents(["anna", "bert"]) + workgroup("support", queue("general", ["anna"]) + queue("second", ["bert"])) + canned;
const people = { anna: "agent", bert: "agent", ada: "administrator" };

scenario("workgroup, queue, skills, hours and rollover are changed, with the checker's findings", { desk, accounts: people }, async (stage) => {
  const look = new Look();
  const ada = await stage.agent("ada", { show: null, hash: "#/admin/skills" });
  const { page } = ada;
  const go = async (path) => { await page.goto(`${stage.server.origin}/console/#/admin/${path}`); await page.locator(".page h1").waitFor(); };
  const fill = async (field, text) => { await field.fill(text); await field.press("Tab"); };
  const apply = page.getByRole("button", { name: "Apply", exact: true });
  const findings = page.getByRole("list", { name: "Findings" });

  await page.getByRole("button", { name: "New skill" }).click();
  await fill(page.getByLabel("Name", { exact: true }).last(), "frisian");
  await fill(page.getByLabel("Title", { exact: true }).last(), "Frisian");
  await go("workgroups/support");
  await fill(page.getByLabel("Title", { exact: true }).first(), "Help desk of the town");

  await go("workgroups/support/queues/general");
  await fill(page.getByLabel("Title", { exact: true }).first(), "Everything");
  const skills = page.getByLabel(/^Skills asked for/).first();
  await fill(skills, "frisian>>1");
  await findings.first().getByText("Fault:").first().waitFor();
  assert.ok(await apply.isDisabled(), "what has faults cannot be applied");
  await look.at(page, "a queue with a finding");
  await fill(skills, "frisian>=1");
  // Nobody has it: a warning, which does not hold anybody up.
  await until("the fault is gone", async () => !(await apply.isDisabled()));

  await go("workgroups/support/hours");
  await page.getByRole("button", { name: "By the week" }).click();
  await fill(page.getByLabel(/^Monday: /).first(), "8:30");
  await settles("the time is understood", () => page.getByLabel(/^Monday: /).first().inputValue(), "08:30");
  await look.at(page, "hours by week");

  await go("workgroups/support/rollover");
  const step = async (from, to) => {
    const region = page.getByRole("region", { name: from });
    await region.getByRole("button", { name: "Add a step" }).click();
    await region.getByRole("combobox").selectOption(to);
  };
  await step("Everything", "support/second");
  await step("Second", "support/general");
  await findings.getByText(/rolls over in a ring/).first().waitFor();
  await page.getByRole("region", { name: "Second" }).getByRole("button", { name: "Delete step 1" }).click();
  await until("it can be applied", async () => !(await apply.isDisabled()));
  await page.getByRole("button", { name: /changes?$/i }).click();
  await page.getByText(/frisian/i).first().waitFor();
  await look.at(page, "changes to be applied");
  await apply.click();
  await apply.waitFor({ state: "hidden" });

  const { desk: now } = await stage.server.api("GET", "/admin/desk", undefined, await stage.server.session("ada"));
  const group = now.workgroup.find((it) => it.name === "support");
  assert.equal(group.title, "Help desk of the town");
  assert.equal(now.skills.frisian, "Frisian");
  assert.deepEqual(group.hours.weekly.mon, ["08:30-17:00"]);
  const general = group.queue.find((it) => it.name === "general");
  assert.equal(general.title, "Everything");
  assert.match(general.skills, /frisian/);
  assert.deepEqual(general.rollover.map((it) => it.to), ["support/second"]);
  await go("audit");
  await page.getByRole("cell", { name: "desk.declared" }).first().waitFor();
  await look.at(page, "the audit log");
  look.done();
});

scenario("a key for a program works until it is removed, on record", { desk, accounts: people }, async (stage) => {
  const ada = await stage.agent("ada", { show: null, hash: "#/admin/keys" });
  const { page } = ada;
  await page.getByRole("button", { name: "New key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Title").fill("Weekly report");
  await dialog.getByRole("button", { name: "Add" }).click();
  const secret = page.locator(".secret");
  await secret.waitFor();
  const token = (await secret.evaluate((node) => node.value ?? node.textContent)).trim();
  const report = () => fetch(`${stage.server.origin}/api/v1/supervisor/reports/today`, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal((await report()).status, 200);
  const others = await fetch(`${stage.server.origin}/api/v1/supervisor/chats`, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(others.status, 403, "only what its scope says");
  await page.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("button", { name: "Delete Weekly report" }).click();
  await until("the key is gone", async () => (await report()).status === 401);
  await page.goto(`${stage.server.origin}/console/#/admin/audit`);
  await page.getByRole("cell", { name: "key.created" }).first().waitFor();
  await page.getByRole("cell", { name: "key.removed" }).first().waitFor();
});

scenario("somebody is found by name and erased, after being asked", { desk, accounts: people }, async (stage) => {
  const look = new Look();
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira Vermeer")).join();
  const chat = await anna.accept("Mira Vermeer");
  await mira.talksWith("Anna");
  await mira.write("My number is 06-11223344.");
  await chat.reads("My number is 06-11223344.");
  await chat.end();

  const ada = await stage.agent("ada", { show: null, hash: "#/admin/erase" });
  const { page } = ada;
  await page.getByLabel("Name of the visitor").fill("vermeer");
  await page.getByRole("button", { name: "Find" }).click();
  const row = page.getByRole("list", { name: "Chats found" }).getByRole("listitem");
  await row.getByText("Mira Vermeer").waitFor();
  await look.at(page, "whom to erase");
  await row.getByRole("button", { name: "Read: Mira Vermeer" }).click();
  await page.getByRole("dialog").getByText("06-11223344").waitFor();
  await page.keyboard.press("Escape");
  await row.getByRole("button", { name: "Erase person: Mira Vermeer" }).click();
  const dialog = page.getByRole("dialog", { name: "Erase everything of Mira Vermeer" });
  await dialog.getByText("1 chat, with what was said in it").waitFor();
  await look.at(page, "what is erased");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await row.getByText("Mira Vermeer").waitFor();
  await row.getByRole("button", { name: "Erase person: Mira Vermeer" }).click();
  await dialog.getByRole("button", { name: "Erase for ever" }).click();
  await page.getByText(/^Erased: 1 chats, /).waitFor();
  for (const [label, text] of [["Name of the visitor", "vermeer"], ["Words that were said", "11223344"]]) {
    await page.getByLabel("Name of the visitor").fill("");
    await page.getByLabel(label).fill(text);
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByText("No such chat.").waitFor();
  }
  await page.goto(`${stage.server.origin}/console/#/admin/audit`);
  await page.getByRole("cell", { name: "person.erased" }).first().waitFor();
  look.done();
});
