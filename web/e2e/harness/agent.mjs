// What agents, supervisors and administrators see and do in the console, by roles and names as a person would find them.
import { settles, until } from "./until.mjs";

export class AgentPage {
  constructor(name, page, server) {
    this.name = name;
    this.page = page;
    this.server = server;
  }

  async signIn(hash = "") {
    const { page, server, name } = this;
    await page.goto(`${server.origin}/console/${hash}`);
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("Password", { exact: true }).fill(server.passwords[name]);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("navigation", { name: "Places" }).first().waitFor();
  }

  get availability() {
    return this.page.getByRole("button", { name: /^Availability:/ });
  }

  /** Chooses an availability by its words in the menu. */
  async show(words) {
    await this.availability.click();
    await this.page.getByRole("menuitemradio", { name: new RegExp(`^${words}(?! for)`) }).click();
    await until(`${this.name} is ${words}`, async () => (await this.availability.textContent()).includes(words));
  }

  /** The card of an offer. */
  offer(visitor, kind = "New visitor") {
    return this.page.getByRole("group", { name: `${kind}: ${visitor}` });
  }

  async accept(visitor, kind = "New visitor") {
    await this.offer(visitor, kind).getByRole("button", { name: /^Accept/ }).click();
    return this.chat(visitor);
  }

  async reject(visitor) {
    await this.offer(visitor).getByRole("button", { name: /^Reject/ }).click();
    await this.offer(visitor).waitFor({ state: "hidden" });
  }

  /** The pane of a chat, once it is there. */
  async chat(visitor) {
    const pane = this.page.getByRole("article", { name: `Chat with ${visitor}` });
    await pane.waitFor();
    return new Chat(this, visitor, pane);
  }

  /** Who waits in a queue, in the order shown. */
  line() {
    return this.page.getByRole("region", { name: "Waiting", exact: true }).locator("[data-row] .who").allTextContents();
  }

  async waits(...wanted) {
    await settles(`${this.name} sees waiting`, () => this.line(), wanted);
  }

  async go(place) {
    await this.page.getByRole("navigation", { name: "Places" }).first().getByRole("link", { name: place }).click();
  }

  async reload() {
    await this.page.reload();
    await this.page.getByRole("navigation", { name: "Places" }).first().waitFor();
  }

  /** Goes on here with what another browser of the same agent did. */
  async takeOver() {
    await this.page.getByRole("button", { name: "Use this window" }).click();
    await this.page.getByRole("button", { name: "Use this window" }).waitFor({ state: "hidden" });
  }

  close() {
    return this.page.context().close();
  }
}

/** One chat of an agent. */
export class Chat {
  constructor(agent, visitor, pane) {
    this.agent = agent;
    this.visitor = visitor;
    this.pane = pane;
  }

  get composer() {
    return this.pane.getByRole("textbox", { name: `Message to ${this.visitor}` });
  }

  async write(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  words() {
    return this.pane.locator(".bubble").filter({ hasNot: this.agent.page.locator(".file") }).allTextContents().then((all) => all.map((text) => text.trim()));
  }

  /** Waits until exactly these words are shown, all of them stored. */
  async reads(...wanted) {
    await settles(`${this.agent.name} reads with ${this.visitor}`, () => this.words(), wanted);
    await until("the agent's words have arrived", async () => (await this.pane.locator(".message.pending").count()) === 0);
  }

  async end(...tags) {
    await this.pane.getByRole("button", { name: "End", exact: true }).click();
    const dialog = this.agent.page.getByRole("dialog", { name: `End the chat with ${this.visitor}?` });
    for (const tag of tags) {
      const button = dialog.getByRole("button", { name: tag, exact: true });
      await button.click();
      await until(`the tag ${tag} is set`, async () => (await button.getAttribute("aria-pressed")) === "true");
    }
    await dialog.getByRole("button", { name: "End", exact: true }).click();
    await this.pane.getByText(/^This chat has ended/).first().waitFor();
  }

  async putAway() {
    await this.pane.getByRole("button", { name: "Put away" }).click();
    await this.pane.waitFor({ state: "hidden" });
  }
}
