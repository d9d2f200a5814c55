// What a visitor sees and does in the widget, by roles and names as a person would find them.
import { settles, until } from "./until.mjs";

export class VisitorPage {
  constructor(name, page, url) {
    this.name = name;
    this.page = page;
    this.url = url;
  }

  get composer() {
    return this.page.getByPlaceholder(/^(Write a message|You can already write your question)$/);
  }

  /** Opens the panel of an embedded widget. */
  async open() {
    await this.page.getByRole("button", { name: "Chat with us" }).click();
    return this;
  }

  /** Fills in the form and goes into the line. */
  async join(question = "") {
    await this.page.getByLabel("Your name").fill(this.name);
    if (question) await this.page.getByLabel("Your question").fill(question);
    await this.page.getByRole("button", { name: "Start chat" }).click();
    await this.composer.waitFor();
    return this;
  }

  /** Waits for a place in line, as a number from 1. */
  async place(number) {
    const text = number === 1 ? "You are next" : `You are number ${number} in line`;
    await this.page.getByRole("heading", { name: text }).waitFor();
  }

  /** Waits until the visitor is talking with somebody. */
  async talksWith(title) {
    await this.page.getByText(`You are talking to ${title}`, { exact: true }).first().waitFor();
  }

  async write(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** Every word that is shown, in order, those on their way among them. */
  words() {
    return this.page.locator(".bubble:not(.attachment)").allTextContents();
  }

  /** Waits until exactly these words are shown, all of them stored. */
  async reads(...wanted) {
    await settles(`${this.name} reads`, () => this.words(), wanted);
    await until(`${this.name}'s words have arrived`, async () => (await this.page.locator(".pending").count()) === 0);
  }

  async reload() {
    await this.page.reload();
    await this.composer.waitFor();
  }

  /** Ends the chat or leaves the line, and says yes when asked. */
  async leave() {
    await this.page.getByRole("button", { name: /^(End chat|Leave the line)$/ }).click();
    await this.page.getByRole("alertdialog").getByRole("button", { name: /^(End chat|Leave the line)$/ }).click();
  }

  async ended(text = /^(The chat was ended by our side\.|You ended the chat\.|The chat has ended)$/) {
    await this.page.getByRole("heading", { name: text }).waitFor();
  }

  offline(off) {
    return this.page.context().setOffline(off);
  }

  close() {
    return this.page.context().close();
  }
}
