// axe-core on every screen of the widget: light, dark, right to left, on a phone, as a plain page and embedded.
import { once } from "node:events";
import { createServer } from "node:http";
import { Look } from "../harness/axe.mjs";
import { agents, plain, queue, workgroup } from "../harness/desks.mjs";
import { freePort } from "../harness/server.mjs";
import { scenario } from "../harness/stage.mjs";

const people = { anna: "agent" };
const PHONE = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true };

/** All of one visit, looked at from step to step. */
async function visit(stage, look, as, options, begin = async () => {}) {
  const agent = await stage.agent("anna", { show: "Away" });
  const mira = await stage.visitor("Mira", options);
  const { page } = mira;
  const at = (screen) => look.at(page, `${as} ${screen}`);
  await begin(mira, at);
  await page.getByRole("button", { name: "Start chat" }).waitFor();
  await at("form");
  await page.getByRole("button", { name: "Start chat" }).click();
  await page.getByText("Please fill this in.").first().waitFor();
  await at("form with errors");
  await mira.join("May I ask?");
  await mira.place(1);
  await at("waiting");
  await mira.write("Something more.");
  await page.getByText("Something more.", { exact: true }).first().waitFor();
  await at("waiting with words");
  await agent.show("Available");
  const chat = await agent.accept("Mira");
  await mira.talksWith("Anna");
  await chat.write("Good day, see https://library.example/hours for the hours.");
  await page.getByText("Good day, see").first().waitFor();
  await chat.composer.pressSequentially("and");
  await page.getByText("Anna is writing…").waitFor();
  await page.locator("input[type=file]").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("notes") });
  await page.getByRole("button", { name: /^Download notes\.txt/ }).waitFor();
  await at("chatting");
  await mira.composer.press("ArrowUp");
  await page.getByText("You are editing your message").waitFor();
  await at("editing");
  await mira.composer.press("Escape");
  await page.getByRole("button", { name: "End chat" }).click();
  await page.getByRole("alertdialog").waitFor();
  await at("asked whether to end");
  await page.getByRole("alertdialog").getByRole("button", { name: "Stay" }).click();
  await mira.offline(true);
  await mira.write("In the tunnel.");
  await page.getByText("No connection").first().waitFor();
  await at("no connection");
  await mira.offline(false);
  await page.getByText("No connection").first().waitFor({ state: "hidden" });
  await mira.leave();
  await mira.ended();
  await at("ended");
  await page.getByLabel("4 stars of 5").check({ force: true });
  await at("rating");
  await page.getByRole("button", { name: "Send rating" }).click();
  await page.getByText("Thank you for your rating.").waitFor();
  await at("rated");
  await agent.close();
  await mira.close();
}

scenario("axe: the plain page, light, dark and on a phone", { desk: plain(), accounts: people }, async (stage) => {
  const look = new Look();
  await visit(stage, look, "page light", {});
  await visit(stage, look, "page dark", { colorScheme: "dark" });
  await visit(stage, look, "page phone", PHONE);
  look.done();
});

const port = await freePort();

scenario("axe: embedded, left to right, right to left and dark", { desk: plain({ group: { origins: [`http://127.0.0.1:${port}`] } }), accounts: people }, async (stage) => {
  const site = createServer((request, response) => {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    response.end(`<!doctype html><html lang="en"><title>A site</title><main><h1>A site</h1></main>
      <script async src="${stage.server.origin}/widget.js" data-workgroup="support"${request.url === "/rtl" ? ' data-dir="rtl"' : ""}></script></html>`);
  }).listen(port, "127.0.0.1");
  await once(site, "listening");
  const begin = async (mira, at) => {
    await mira.page.getByRole("button", { name: "Chat with us" }).waitFor();
    await at("launcher");
    await mira.open();
  };
  try {
    const look = new Look();
    await visit(stage, look, "embedded", { url: `http://127.0.0.1:${port}/` }, begin);
    await visit(stage, look, "embedded rtl dark", { url: `http://127.0.0.1:${port}/rtl`, colorScheme: "dark" }, begin);
    look.done();
  } finally {
    site.close();
    site.closeAllConnections();
  }
});

const day = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][(new Date().getUTCDay() + 2) % 7];
const shut = agents(["anna"]) + workgroup("support", queue("general", ["anna"]), { hours: `weekly = { ${day} = ["09:00-17:00"] }` })
  + workgroup("open", queue("everything", ["anna"]), { form: false });

scenario("axe: closed, without a form, and nowhere", { desk: shut, accounts: {} }, async (stage) => {
  const look = new Look();
  for (const colorScheme of ["light", "dark"]) {
    const mira = await stage.visitor("Mira", { colorScheme });
    await mira.page.getByText("We are closed").waitFor();
    await look.at(mira.page, `closed ${colorScheme}`);
    await mira.page.getByRole("button", { name: "Send message" }).click();
    await mira.page.getByText("Please fill this in.").first().waitFor();
    await look.at(mira.page, `closed with errors ${colorScheme}`);
    await mira.page.getByLabel("Your name").fill("Mira");
    await mira.page.getByLabel("Your e-mail address").fill("mira@library.example");
    await mira.page.getByLabel("Your message").fill("Please write.");
    await mira.page.getByRole("button", { name: "Send message" }).click();
    await mira.page.getByText("Thank you. Your message has reached us.").waitFor();
    await look.at(mira.page, `message left ${colorScheme}`);
    const ina = await stage.visitor("Ina", { colorScheme, url: `${stage.server.origin}/chat/open` });
    await ina.page.getByLabel("How can we help you?").waitFor();
    await look.at(ina.page, `without a form ${colorScheme}`);
  }
  const nobody = await stage.visitor("Nobody", { url: `${stage.server.origin}/chat/nowhere` });
  await nobody.page.getByText("This chat does not exist.").first().waitFor();
  await look.at(nobody.page, "no such workgroup");
  look.done();
});
