// The end of a chat and what is around it: files, tags, rating, transcript, notes, and messages left at a closed door.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { agents, plain } from "../harness/desks.mjs";
import { scenario } from "../harness/stage.mjs";

const people = { anna: "agent", bert: "agent", sam: "supervisor" };
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

scenario("files go both ways and can be fetched", { desk: plain(), accounts: people }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  await mira.page.getByRole("button", { name: "Send a file" }).waitFor();
  await mira.page.locator("input[type=file]").setInputFiles({ name: "receipt.png", mimeType: "image/png", buffer: PNG });
  const link = mira.page.getByRole("button", { name: /^Download receipt\.png/ });
  await link.waitFor();
  const got = chat.pane.getByRole("button", { name: /receipt\.png/ });
  await got.waitFor();
  assert.deepEqual(await downloaded(anna.page, () => got.click()), PNG);
  await chat.pane.locator("input[type=file]").setInputFiles({ name: "terms.txt", mimeType: "text/plain", buffer: Buffer.from("The terms.") });
  const terms = mira.page.getByRole("button", { name: /^Download terms\.txt/ });
  await terms.waitFor();
  assert.equal(String(await downloaded(mira.page, () => terms.click())), "The terms.");
});

/** The bytes that the browser saves, in this tab or a new one. */
async function downloaded(page, press) {
  const saved = new Promise((resolve) => {
    page.on("download", resolve);
    page.context().on("page", (other) => other.on("download", resolve));
  });
  await press();
  return readFile(await (await saved).path());
}

scenario("close with tags, rate, keep a transcript; the supervisor finds it in the archive", { desk: plain() + agents(["sam"]), accounts: people }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  await mira.write("Where is the quokka exhibition?");
  await chat.reads("Where is the quokka exhibition?");
  await chat.pane.getByRole("button", { name: "Note", exact: true }).click();
  await chat.pane.getByPlaceholder("Write a note for the desk").fill("Asks about exhibitions");
  await chat.pane.getByRole("button", { name: "Add note" }).click();
  await anna.page.getByText("Asks about exhibitions").first().waitFor();
  await chat.end("praise");
  await mira.ended("The chat was ended by our side.");
  assert.ok(!(await mira.page.content()).includes("Asks about exhibitions"), "the visitor does not see the note");
  await mira.page.getByLabel("5 stars of 5").check({ force: true });
  await mira.page.getByLabel("Would you like to add something?").fill("Very kind.");
  await mira.page.getByRole("button", { name: "Send rating" }).click();
  await mira.page.getByText("Thank you for your rating.").waitFor();
  const saved = mira.page.waitForEvent("download");
  await mira.page.getByRole("button", { name: "Download" }).click();
  const text = await readFile(await (await saved).path(), "utf8");
  assert.ok(text.includes("Where is the quokka exhibition?") && !text.includes("Asks about exhibitions"));
  await chat.putAway();

  const sam = await stage.agent("sam", { show: null });
  await sam.go("Archive");
  await sam.page.getByPlaceholder("Search words").fill("quokka");
  await sam.page.keyboard.press("Enter");
  await sam.page.getByRole("button", { name: /Mira/ }).first().click();
  const dialog = sam.page.getByRole("dialog", { name: /Mira/ });
  await dialog.getByText("Where is the quokka exhibition?").waitFor();
  await mira.page.getByRole("button", { name: "Start a new chat" }).click();
  await mira.join();
  await anna.offer("Mira").getByText("1 earlier chat").waitFor();
});

/** Open on one day of the week, which is not today. */
const day = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][(new Date().getUTCDay() + 2) % 7];
const shut = plain({ group: { hours: `weekly = { ${day} = ["09:00-17:00"] }` } }) + agents(["sam"]);

scenario("closed: the truth is told, a message is left, and the supervisor sees it", { desk: shut, accounts: people }, async (stage) => {
  const mira = await stage.visitor("Mira");
  await mira.page.getByText("We are closed").waitFor();
  await mira.page.getByLabel("Your name").fill("Mira");
  await mira.page.getByLabel("Your e-mail address").fill("mira@library.example");
  await mira.page.getByLabel("Your message").fill("Please write to me about my fine.");
  await mira.page.getByRole("button", { name: "Send message" }).click();
  await mira.page.getByText("Thank you. Your message has reached us.").waitFor();
  const sam = await stage.agent("sam", { show: null });
  await sam.go("Floor");
  await sam.page.getByRole("link", { name: "Left messages" }).click();
  const left = sam.page.getByRole("article").filter({ hasText: "Please write to me about my fine." });
  await left.getByRole("link", { name: "mira@library.example" }).waitFor();
  await left.getByRole("button", { name: "Mark as done" }).click();
  await left.getByText("sam", { exact: true }).waitFor();
  await sam.reload();
  await left.getByText("sam", { exact: true }).waitFor();
});

scenario("the visitor ends the chat, or leaves the line", { desk: plain(), accounts: people }, async (stage) => {
  const anna = await stage.agent("anna", { show: null });
  const mira = await (await stage.visitor("Mira")).join();
  const noor = await (await stage.visitor("Noor")).join();
  await noor.place(2);
  await anna.waits("Mira", "Noor");
  await mira.leave();
  await mira.ended("You left the line.");
  await noor.place(1);
  await anna.waits("Noor");
  await anna.show("Available");
  const chat = await anna.accept("Noor");
  await noor.talksWith("Anna");
  await noor.leave();
  await noor.ended("You ended the chat.");
  await chat.pane.getByText("This chat has ended: the visitor left.").waitFor();
});
