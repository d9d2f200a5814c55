// The main job: visitors wait, agents are offered them, and they talk. Reloads, second tabs and networks that fail in between.
import assert from "node:assert/strict";
import { violations } from "../harness/axe.mjs";
import { plain } from "../harness/desks.mjs";
import { scenario } from "../harness/stage.mjs";
import { until } from "../harness/until.mjs";

const both = { anna: "agent", bert: "agent" };

scenario("two visitors, two agents, one queue: they meet and talk, through reloads on both sides", { desk: plain({ chats_max: 1 }), accounts: both }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join("Where is my book?");
  await anna.offer("Mira").getByText("Where is my book?").first().waitFor();
  const withMira = await anna.accept("Mira");
  await mira.talksWith("Anna");

  const bert = await stage.agent("bert", { show: null });
  const noor = await (await stage.visitor("Noor")).join();
  await noor.place(1);
  await bert.waits("Noor");
  await bert.show("Available");
  const withNoor = await bert.accept("Noor");
  await noor.talksWith("Bert");

  await withMira.write("Good day Mira.");
  await mira.reads("Good day Mira.");
  await mira.write("Hello Anna!");
  await withMira.reads("Good day Mira.", "Hello Anna!");
  await withNoor.write("Hello Noor.");
  await noor.reads("Hello Noor.");

  await mira.composer.pressSequentially("I am typ");
  await anna.page.getByText("Mira is typing").or(anna.page.getByLabel("Mira is typing")).first().waitFor();
  await withMira.composer.pressSequentially("So am I");
  await mira.page.getByText("Anna is writing…").waitFor();

  await mira.reload();
  await mira.reads("Good day Mira.", "Hello Anna!");
  await until("the half-written words are kept", async () => (await mira.composer.inputValue()) === "I am typ");
  await anna.reload();
  const again = await anna.chat("Mira");
  await again.reads("Good day Mira.", "Hello Anna!");
  await again.write("I am back.");
  await mira.write("So am I.");
  await again.reads("Good day Mira.", "Hello Anna!", "I am back.", "So am I.");
  await mira.reads("Good day Mira.", "Hello Anna!", "I am back.", "So am I.");
  await noor.reads("Hello Noor.");
});

scenario("a second tab of a visitor shows the same talk, once, and its end", { desk: plain(), accounts: both }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  await chat.write("One");
  await mira.reads("One");
  const other = await stage.tab(mira);
  await other.reads("One");
  await other.write("from the second tab");
  await mira.write("from the first tab");
  const all = ["One", "from the second tab", "from the first tab"];
  await chat.reads(...all);
  await mira.reads(...all);
  await other.reads(...all);
  await other.leave();
  await mira.ended();
  await other.ended();
});

scenario("a lost network: what is written is kept and sent once", { desk: plain(), accounts: both }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  await mira.write("before");
  await chat.reads("before");
  await mira.offline(true);
  await mira.write("written in the tunnel");
  await mira.page.getByText("No connection").first().waitFor();
  await chat.write("are you there?");
  await chat.reads("before", "are you there?");
  await mira.offline(false);
  await mira.reads("before", "are you there?", "written in the tunnel");
  await chat.reads("before", "are you there?", "written in the tunnel");
  await anna.page.context().setOffline(true);
  await chat.write("now I was away");
  await chat.write("for a moment");
  await mira.write("hello?");
  await anna.page.context().setOffline(false);
  await until("both have everything", async () => {
    const seen = [(await chat.words()).slice(3).sort().join(), (await mira.words()).slice(3).sort().join()];
    return seen.every((words) => words === "for a moment,hello?,now I was away");
  });
});

scenario("words written while waiting are stored at once, seen in the line and in the offer, and read first", { desk: plain({ group: { form: false } }), accounts: both }, async (stage) => {
  const anna = await stage.agent("anna", { show: null });
  const ina = await stage.visitor("Ina");
  await ina.page.getByLabel("How can we help you?").fill("My first question");
  await ina.page.getByRole("button", { name: "Start chat" }).click();
  await ina.place(1);
  await ina.reads("My first question");
  const line = anna.page.getByRole("region", { name: "Waiting", exact: true });
  await line.getByText("My first question").first().waitFor();
  await ina.write("and a second one");
  await line.getByText("and a second one").first().waitFor();
  await stage.server.kill();
  await stage.server.start();
  await ina.reload();
  await ina.reads("My first question", "and a second one");
  await ina.write("still here");
  await ina.reads("My first question", "and a second one", "still here");
  await anna.show("Available");
  const offer = anna.page.getByRole("group", { name: /^New visitor:/ });
  await offer.getByText("My first question").first().waitFor();
  await offer.getByText("still here").first().waitFor();
  await ina.write("are you there?");
  await offer.getByText("are you there?").first().waitFor();
  await offer.getByRole("button", { name: /^Accept/ }).click();
  await ina.talksWith("Anna");
  const said = "My first question,and a second one,still here,are you there?";
  await until("the agent reads them", async () => (await anna.page.getByRole("article").locator(".bubble").allTextContents()).map((text) => text.trim()).join() === said);
  await ina.reads(...said.split(","));
});

scenario("who rather goes on reading is told when somebody is free: not now, then now", { desk: plain({ group: { callback: { confirm_timeout_s: 60, retry_after_s: 5, attempts_max: 3 } } }), accounts: both }, async (stage) => {
  const look = async ({ page }, screen) => {
    for (const colorScheme of ["dark", "light"]) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page, `${screen}, ${colorScheme}`), []);
    }
  };
  const anna = await stage.agent("anna", { show: null });
  const mira = await (await stage.visitor("Mira")).join("Where is my book?");
  await mira.place(1);
  await mira.page.getByRole("button", { name: "Tell me when someone is free" }).click();
  await mira.page.getByRole("heading", { name: "We will tell you when someone is free" }).waitFor();
  await mira.page.getByRole("button", { name: "Wait in line instead" }).click();
  await mira.place(1);
  await mira.page.getByRole("button", { name: "Tell me when someone is free" }).click();
  await mira.page.getByRole("heading", { name: "We will tell you when someone is free" }).waitFor();
  await look(mira, "to be told");
  await anna.page.getByRole("region", { name: "Waiting", exact: true }).getByText("Callback").first().waitFor();
  await look(anna, "a callback in line");
  await anna.show("Available");
  await mira.page.getByRole("heading", { name: "Someone is free for you" }).waitFor();
  await look(mira, "someone is free");
  await until("the seconds run", async () => Number(await mira.page.locator(".ring").textContent()) < 59);
  await mira.page.getByRole("button", { name: "Not now" }).click();
  await mira.page.getByText("Next try at").first().waitFor();
  await look(mira, "next try");
  await mira.page.getByRole("heading", { name: "Someone is free for you" }).waitFor();
  await mira.page.getByRole("button", { name: "Start now" }).click();
  await anna.offer("Mira").getByText("Callback").first().waitFor();
  await look(anna, "a callback offered");
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  await chat.write("Good day Mira.");
  await mira.reads("Good day Mira.");
});
