// axe-core on every screen of the console: signing in, the agent's desk and its dialogs, the floor, the archive, the settings.
import { Look } from "../harness/axe.mjs";
import { agents, canned, queue, workgroup } from "../harness/desks.mjs";
import { scenario } from "../harness/stage.mjs";

const desk = agents(["anna", "bert", "sam", "ada"])
  + workgroup("support", queue("general", ["anna", "bert"], { rollover: [{ after_s: 600, to: "support/second" }] }) + queue("second", ["sam"], { more: 'dispatch = "pull"' })) + canned;
const people = { anna: "agent", bert: "agent", sam: "supervisor", ada: "administrator" };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Closes the dialog or menu on top. */
async function shut(page) {
  await page.keyboard.press("Escape");
  await page.locator("dialog[open], .menu").first().waitFor({ state: "hidden" });
}

async function signingIn(stage, look, as, options) {
  const page = await (await stage.context(options)).newPage();
  stage.pages.push([as, page]);
  await page.goto(`${stage.server.origin}/console/`);
  await page.getByLabel("Name", { exact: true }).fill("anna");
  await look.at(page, `${as} sign in`);
  await page.getByLabel("Password", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").filter({ hasText: "wrong" }).waitFor();
  await look.at(page, `${as} wrong password`);
  await page.context().close();
}

/** An agent's shift, looked at from step to step. */
async function shift(stage, look, as, options) {
  const anna = await stage.agent("anna", { show: null, ...options });
  const { page } = anna;
  const at = (screen) => look.at(page, `${as} ${screen}`);
  await page.getByText("Nobody is waiting").waitFor();
  await at("desk, nobody waiting");
  await anna.availability.click();
  await page.getByRole("menu").waitFor();
  await at("availability menu");
  await page.getByRole("menuitem", { name: "My queues and limit" }).click();
  await page.getByRole("dialog").waitFor();
  await at("queues and limit");
  await shut(page);
  const mira = await (await stage.visitor("Mira")).join("Where is my book?");
  const noor = await (await stage.visitor("Noor")).join();
  await anna.waits("Mira", "Noor");
  await at("waiting lines");
  await anna.show("Available");
  await anna.offer("Mira").waitFor();
  await at("offer");
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  await anna.offer("Noor").waitFor();
  await at("chat and offer");
  await anna.accept("Noor");
  await page.keyboard.press("Alt+1");
  await chat.write("Good day, see https://library.example.");
  await mira.write("Thank you!");
  await chat.reads("Good day, see https://library.example.", "Thank you!");
  await mira.composer.pressSequentially("And");
  await at("two chats");
  await chat.composer.fill("/");
  await page.getByRole("option").first().waitFor();
  await at("canned replies by typing");
  await chat.composer.fill("");
  await chat.composer.press("ArrowUp");
  await chat.pane.getByText("Correcting your message").waitFor();
  await at("correcting");
  await chat.composer.press("Escape");
  await chat.pane.getByRole("button", { name: "Note", exact: true }).click();
  await chat.pane.getByPlaceholder("Write a note for the desk").fill("A note");
  await at("note");
  await chat.pane.getByRole("button", { name: "Add note" }).click();
  await chat.pane.getByRole("button", { name: "Transfer or bring in" }).click();
  await page.getByRole("dialog", { name: "Transfer Mira" }).waitFor();
  await at("transfer");
  await shut(page);
  await chat.pane.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menu").waitFor();
  await at("menu of a chat");
  await page.getByRole("menuitem", { name: "Transcript" }).click();
  await page.getByRole("dialog").getByText("Thank you!").waitFor();
  await at("transcript");
  await shut(page);
  await chat.pane.getByRole("button", { name: "End", exact: true }).click();
  await page.getByRole("dialog", { name: "End the chat with Mira?" }).waitFor();
  await at("ending");
  await page.getByRole("dialog").getByRole("button", { name: "End", exact: true }).click();
  await chat.pane.getByText(/^This chat has ended/).first().waitFor();
  await at("ended");
  for (const item of ["Canned replies", "Change password", "Keyboard shortcuts"]) {
    await page.getByRole("button", { name: "You and your settings" }).click();
    await page.getByRole("menu").waitFor();
    if (item === "Canned replies") await at("own menu");
    await page.getByRole("menuitem", { name: item }).click();
    await page.getByRole("dialog").waitFor();
    await at(item.toLowerCase());
    await shut(page);
  }
  const other = await stage.agent("anna", { show: null, ...options });
  await other.page.getByText("at work in another browser").waitFor();
  await look.at(other.page, `${as} at work in another browser`);
  await other.takeOver();
  await page.getByText("which has taken over").waitFor();
  await at("replaced by another window");
  await other.close();
  await anna.close();
  for (const visitor of [mira, noor]) await visitor.close();
}

scenario("axe: signing in and an agent's shift, light", { desk, accounts: people }, async (stage) => {
  const look = new Look();
  await signingIn(stage, look, "light", {});
  await shift(stage, look, "light", {});
  look.done();
});

scenario("axe: signing in and an agent's shift, dark", { desk, accounts: people }, async (stage) => {
  const look = new Look();
  await signingIn(stage, look, "dark", { colorScheme: "dark" });
  await shift(stage, look, "dark", { colorScheme: "dark" });
  look.done();
});

scenario("axe: signing in and an agent's desk on a phone", { desk, accounts: people }, async (stage) => {
  const look = new Look();
  await signingIn(stage, look, "phone", PHONE);
  const anna = await stage.agent("anna", { show: null, ...PHONE });
  await look.at(anna.page, "phone lines");
  await anna.show("Available");
  const mira = await (await stage.visitor("Mira")).join("Where is my book?");
  await anna.offer("Mira").waitFor();
  await look.at(anna.page, "phone offer");
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  await chat.write("Good day.");
  await chat.reads("Good day.");
  await look.at(anna.page, "phone chat");
  await anna.page.getByRole("button", { name: "Visitor", exact: true }).click();
  await anna.page.getByText("Earlier chats").waitFor();
  await look.at(anna.page, "phone visitor");
  look.done();
});

/** The supervisor's screens. */
async function floor(stage, look, as, options) {
  const { page } = await stage.agent("sam", { show: null, hash: "#/floor", ...options });
  const at = (screen) => look.at(page, `${as} ${screen}`);
  await page.getByRole("region", { name: "Waiting line" }).getByRole("button", { name: /^Pia/ }).waitFor();
  await page.getByRole("region", { name: "Running chats" }).waitFor();
  await at("floor");
  await page.getByRole("region", { name: "Waiting line" }).getByRole("button", { name: /^Pia/ }).click();
  await page.getByRole("dialog", { name: "Pia" }).waitFor();
  await at("request");
  await page.getByRole("dialog").getByRole("button", { name: "End request" }).click();
  await at("request, asked whether to end it");
  await shut(page);
  await page.getByRole("region", { name: "Agents" }).getByRole("button", { name: /Anna/ }).click();
  await page.getByRole("dialog", { name: "Anna" }).waitFor();
  await at("agent");
  await shut(page);
  await page.getByRole("link", { name: "Today" }).click();
  await page.getByRole("heading", { name: "Today by quarter of an hour" }).waitFor();
  await page.locator(".u-wrap").first().waitFor();
  await at("today's plots");
  await page.getByRole("button", { name: "Table" }).first().click();
  await page.getByRole("table").first().waitFor();
  await at("today's table");
  await page.getByRole("link", { name: "Report" }).click();
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await page.getByRole("table").first().waitFor();
  await at("report");
  await page.getByRole("link", { name: "Left messages" }).click();
  await page.getByText("Please write to me.").waitFor();
  await at("left messages");
  await page.goto(`${stage.server.origin}/console/#/archive`);
  await page.getByPlaceholder("Search words").waitFor();
  await at("archive");
  await page.getByPlaceholder("Search words").fill("wombat");
  await page.keyboard.press("Enter");
  await page.getByText(/1 chat found/).waitFor();
  await at("archive, found");
  await page.getByRole("button", { name: /Otto/ }).first().click();
  await page.getByRole("dialog").getByText(/wombat/).first().waitFor();
  await at("archived chat");
  await page.context().close();
}

scenario("axe: the floor and the archive, light and dark", { desk, accounts: people }, async (stage) => {
  const anna = await stage.agent("anna");
  const otto = await (await stage.visitor("Otto")).join();
  const chat = await anna.accept("Otto");
  await otto.talksWith("Anna");
  await otto.write("Do you have books about wombats? One wombat will do.");
  await chat.reads("Do you have books about wombats? One wombat will do.");
  await chat.end("praise");
  const mira = await (await stage.visitor("Mira")).join();
  await anna.accept("Mira");
  await mira.talksWith("Anna");
  await anna.show("Away");
  const pia = await (await stage.visitor("Pia")).join("Is it my turn?");
  await pia.place(1);
  await stage.server.api("POST", "/workgroups/support/messages", { name: "Rob", email: "rob@example.org", text: "Please write to me.", locale: "en" });
  const look = new Look();
  await floor(stage, look, "light", {});
  await floor(stage, look, "dark", { colorScheme: "dark" });
  look.done();
});

const PAGES = [
  "workgroups", "workgroups/support", "workgroups/support/hours", "workgroups/support/form", "workgroups/support/rules", "workgroups/support/queues/general",
  "workgroups/support/rollover", "workgroups/support/look", "workgroups/support/keeping", "agents", "skills", "canned", "accounts", "keys", "webhooks", "blocks", "audit", "erase", "status",
];

async function settings(stage, look, as, options) {
  const { page } = await stage.agent("ada", { show: null, hash: "#/admin", ...options });
  const at = (screen) => look.at(page, `${as} ${screen}`);
  for (const path of PAGES) {
    await page.goto(`${stage.server.origin}/console/#/admin/${path}`);
    await page.locator(".page h1").waitFor();
    await page.getByText("Loading …").first().waitFor({ state: "hidden" });
    await at(`settings ${path}`);
  }
  await page.goto(`${stage.server.origin}/console/#/admin/workgroups/support/rollover`);
  await page.getByRole("region", { name: "Second" }).getByRole("button", { name: "Add a step" }).click();
  await page.getByRole("list", { name: "Findings" }).first().waitFor();
  await page.getByRole("button", { name: /changes?$/i }).click();
  await at("settings, changes and findings");
  await page.getByRole("button", { name: "Discard" }).click();
  await page.goto(`${stage.server.origin}/console/#/admin/accounts`);
  await page.getByRole("button", { name: "New account" }).click();
  await page.getByRole("dialog").waitFor();
  await at("new account");
  await shut(page);
  for (const [path, button] of [["webhooks", "Webhook"], ["blocks", "Block"]]) {
    await page.goto(`${stage.server.origin}/console/#/admin/${path}`);
    await page.getByRole("button", { name: button, exact: true }).click();
    await page.getByRole("dialog", { name: button }).waitFor();
    await at(`new ${button.toLowerCase()}`);
    await shut(page);
  }
  await page.goto(`${stage.server.origin}/console/#/admin/keys`);
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByRole("dialog").waitFor();
  await at("new key");
  await page.getByRole("dialog").locator(".input").first().fill("A program");
  await page.getByRole("dialog").locator(".btn.main").click();
  await page.locator(".secret").waitFor();
  await at("key, shown once");
  await page.context().close();
}

scenario("axe: the settings, light and dark", { desk, accounts: people }, async (stage) => {
  const look = new Look();
  await settings(stage, look, "light", {});
  await settings(stage, look, "dark", { colorScheme: "dark" });
  look.done();
});
