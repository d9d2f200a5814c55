// The real server as a child process: a data directory and a port of its own, started, killed and started again. Knows nothing
// of browsers.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const STOP_MS = 15_000;

/** The program under test. */
export function binary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  const path = process.env.ANTEROOM_BIN ?? join(target, "debug/anteroom");
  if (!existsSync(path)) throw new Error(`${path} is missing: cargo xtask web && cargo build -p anteroom`);
  return path;
}

/** A port of loopback that is free now. */
export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

export class Server {
  #child = null;

  constructor(dir, port) {
    this.dir = dir;
    this.port = port;
    this.origin = `http://127.0.0.1:${port}`;
    this.log = join(dir, "server.log");
    this.passwords = {};
  }

  /** Makes a server with a desk and accounts (`{ name: role }`), and starts it. */
  static async open({ desk, accounts = {}, environment = {} }) {
    const dir = await mkdtemp(join(tmpdir(), "anteroom-e2e-"));
    const server = new Server(dir, await freePort());
    await writeFile(join(dir, "anteroom.toml"), [
      `public_url = "${server.origin}"`,
      "[http]",
      `listen = "127.0.0.1:${server.port}"`,
      "shutdown_timeout_s = 3",
      "[xmpp]",
      "enabled = false",
      "[limits]",
      "requests_per_minute = 100000",
      "visits_per_minute = 10000",
      "visits_per_address = 10000",
      "login_failures = 100",
      "",
    ].join("\n"));
    await writeFile(join(dir, "desk.toml"), desk);
    for (const [name, role] of Object.entries(accounts)) await server.account(name, role);
    await server.start(environment);
    const part = await fetch(`${server.origin}/widget/app.js`);
    if (!part.ok) throw new Error("this binary has no web parts in it: cargo xtask web && cargo build -p anteroom");
    return server;
  }

  #arguments() {
    return ["--config", join(this.dir, "anteroom.toml"), "--data", join(this.dir, "data")];
  }

  /** Makes an account with a password that is known here. */
  async account(name, role) {
    const password = `${name}-knows-the-way`;
    const child = spawn(binary(), ["account", "add", name, "--role", role, "--password-stdin", ...this.#arguments()], { stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    child.stdout.on("data", (bytes) => { said += bytes; });
    child.stderr.on("data", (bytes) => { said += bytes; });
    child.stdin.end(`${password}\n`);
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`the account ${name} could not be made (${code}): ${said}`);
    this.passwords[name] = password;
  }

  /** Starts the process and waits until it is ready. `environment` is added to this process's own. */
  async start(environment = {}) {
    const desk = this.started ? [] : ["--desk", join(this.dir, "desk.toml")];
    this.started = true;
    const child = spawn(binary(), ["serve", ...this.#arguments(), ...desk], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
    this.#child = child;
    let said = "";
    const hear = (bytes) => {
      said = (said + bytes).slice(-4000);
      void appendFile(this.log, bytes).catch(() => {});
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    await until("the server is ready", async () => {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${said}`);
      const answer = await fetch(`${this.origin}/readyz`).catch(() => null);
      return answer?.ok;
    }, 60_000);
  }

  /** Takes the process away at once, as a power cut would. */
  async kill() {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** Asks the process to stop, and insists after a while. */
  async stop() {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const gone = once(child, "exit");
    const insist = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    child.kill("SIGTERM");
    await gone;
    clearTimeout(insist);
  }

  /** Stops and forgets everything. */
  async close() {
    await this.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** The last lines of the log. */
  async tail() {
    const text = await readFile(this.log, "utf8").catch(() => "");
    return text.split("\n").slice(-40).join("\n");
  }

  /** Asks the API; throws with the problem when it says no. */
  async api(method, path, body, headers = {}) {
    const answer = await fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  }

  /** Signs in as an account; gives the headers of what is asked from then on. */
  async session(name) {
    const answer = await fetch(`${this.origin}/api/v1/session`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ username: name, password: this.passwords[name] }),
    });
    if (!answer.ok) throw new Error(`${name} could not sign in: ${answer.status}`);
    return { Cookie: answer.headers.get("set-cookie").split(";")[0], "X-CSRF-Token": (await answer.json()).csrf };
  }

  /** Opens a visit without a browser. */
  visit(workgroup, answers) {
    return this.api("POST", "/visits", { workgroup, locale: "en", answers, key: crypto.randomUUID() });
  }
}
