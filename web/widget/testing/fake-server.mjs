// A stand-in for the visitor side of the HTTP API, for developing and testing the widget: serves the built files, answers as the
// contract says, and can be told over /fake to fail, drop, restart or let an agent act. Keeps everything in memory; never for use.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";

const dist = new URL("../dist/", import.meta.url);
const PROBLEMS = { not_found: 404, unauthorized: 401, form_required: 422, already_queued: 409, wrong_state: 409, queue_closed: 503, stopping: 503, too_large: 413, unsupported_media_type: 415, bad_request: 400, rate_limited: 429, internal: 500 };
const BUFFER = 500;

export const defaults = () => ({
  name: "support", title: "Support", open: true, doors: "open", opens_at: null, waiting: 2, staffed: true, leave_message: true, rating: true,
  form: { fields: [
    { name: "name", label: "Your name", kind: "text", required: true, length_max: 60 },
    { name: "email", label: "E-mail address", kind: "email", required: false, length_max: 254 },
    { name: "topic", label: "What is it about?", kind: "choice", required: true, options: [{ value: "loans", label: "Loans" }, { value: "other", label: "Something else" }] },
    { name: "question", label: "Your question", kind: "multiline", required: false, length_max: 1000 },
    { name: "agree", label: "You may keep this conversation for training", kind: "checkbox", required: false },
  ] },
  estimate: { low_s: 170, expected_s: 240, high_s: 350 },
  files: { enabled: true, size_max: 1_000_000, types: ["image/png", "image/jpeg", "application/pdf", "text/plain"] },
  transcript: { download: true, mail: true },
  look: { accent: "#2f6f62", title: "Ask the library", greeting: "Hello! A librarian is happy to help you.", position: "right" },
  privacy_note: "We keep conversations for 90 days.",
});

/** Starts the stand-in; `control` is what /fake does, callable in the same process too. */
export async function start(port = 0) {
  const world = { workgroup: defaults(), visits: new Map(), keys: new Map(), visitors: new Map(), epoch: 1, failing: 0, sockets: true, down: false, left: [], ratings: [], slow_ms: 0 };
  const server = createServer((request, response) => void answer(world, request, response).catch((error) => problem(response, "internal", { detail: String(error) })));
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "anteroom.v1" });
  server.on("upgrade", (request, socket, head) => upgrade(world, sockets, request, socket, head));
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { world, control: (order) => control(world, order), port: server.address().port, close: () => (control(world, { do: "drop" }), server.closeAllConnections(), server.close()) };
}

const now = () => new Date().toISOString();
const latest = (world) => [...world.visits.values()].at(-1);

function emit(world, visit, event, data) {
  visit.seq += 1;
  const entry = { id: `${world.epoch}.${visit.seq}`, event, data };
  visit.buffer.push(entry);
  if (visit.buffer.length > BUFFER) visit.buffer.shift();
  for (const stream of visit.streams) stream.send(entry);
}

const state = (visit) => {
  const { token, key, buffer, streams, seq, messages, files, timer, ...rest } = visit;
  return rest;
};
const snapshot = (visit) => ({ ...state(visit), messages: visit.messages.slice(-200), first_number: visit.messages.at(-200)?.number ?? visit.messages[0]?.number ?? 1 });

function say(world, visit, from, more) {
  const message = { number: visit.messages.length + 1, id: more.id ?? randomUUID(), at: more.at ?? now(), from, kind: "text", ...more };
  visit.messages.push(message);
  emit(world, visit, "message", message);
  return message;
}

const agent = { id: "a1", title: "Anna" };
const fromAgent = { kind: "agent", ...agent };

/** What /fake understands. */
function control(world, order) {
  const visit = latest(world);
  switch (order.do) {
    case "workgroup": Object.assign(world.workgroup, order.set); break;
    case "position": Object.assign(visit, { position: { ahead: order.ahead, len: order.ahead + 3 }, estimate: order.estimate ?? null }); emit(world, visit, "position", { ahead: order.ahead, len: order.ahead + 3, estimate: visit.estimate }); break;
    case "invite": Object.assign(visit, { state: "invited" }); emit(world, visit, "state", state(visit)); break;
    case "accept":
      Object.assign(visit, { state: "chatting", agents: [{ ...agent, title: order.title ?? agent.title, part: "holder" }], chat: { id: visit.visit, opened_at: now() }, position: null });
      emit(world, visit, "state", state(visit));
      say(world, visit, { kind: "desk" }, { kind: "event", event: { what: "entered", who: { ...fromAgent, title: order.title ?? agent.title } } });
      break;
    case "say": for (const text of [order.text].flat()) say(world, visit, { ...fromAgent, title: order.title ?? agent.title }, { text }); break;
    case "many":
      for (let n = 0; n < order.count; n += 1) {
        const at = new Date(Date.now() - (order.count - n) * 20_000).toISOString();
        visit.messages.push({ number: visit.messages.length + 1, id: randomUUID(), at, from: n % 3 ? fromAgent : { kind: "visitor", self: true }, kind: "text", text: `Message ${n + 1} of many. ${"Words and words. ".repeat(n % 5)}` });
      }
      break;
    case "file": say(world, visit, fromAgent, { kind: "file", file: { id: "f1", name: order.name ?? "opening hours.pdf", size: 231_400, type: "application/pdf", url: "/files/f1?ticket=x" } }); break;
    case "typing": visit.typing = order.state === "composing" ? [agent.id] : []; emit(world, visit, "typing", { agent: agent.id, state: order.state }); break;
    case "read": visit.read.agent = visit.messages.length; emit(world, visit, "read", { by: "agent", number: visit.messages.length }); break;
    case "correct": { const message = visit.messages.findLast((one) => one.from.kind === "agent" && one.text); message.text = order.text; message.corrected = { at: now() }; emit(world, visit, "correction", { number: message.number, text: order.text, at: now() }); break; }
    case "end": finish(world, visit, "agent", "closed"); break;
    case "drop": for (const one of world.visits.values()) for (const stream of [...one.streams]) stream.drop(); break;
    case "restart": world.epoch += 1; for (const one of world.visits.values()) { one.buffer = []; one.seq = 0; for (const stream of [...one.streams]) { stream.send({ id: undefined, event: "bye", data: { reason: "stopping", retry_after_s: order.retry_after_s ?? 1 } }); stream.drop(); } } break;
    case "down": world.down = order.down; if (order.down) control(world, { do: "drop" }); break;
    case "sockets": world.sockets = order.on; break;
    case "fail": world.failing = order.times; break;
    case "slow": world.slow_ms = order.ms; break;
    case "forget": world.visits.clear(); break;
    default: throw new Error(`unknown order ${order.do}`);
  }
}

function finish(world, visit, by, how) {
  Object.assign(visit, { state: "ended", ended: { how, by, at: now() }, typing: [] });
  say(world, visit, { kind: "desk" }, { kind: "event", event: { what: "ended" } });
  emit(world, visit, "state", state(visit));
}

function problem(response, code, more = {}) {
  response.writeHead(PROBLEMS[code] ?? 400, { "content-type": "application/problem+json" });
  response.end(JSON.stringify({ type: `/problems/${code}`, title: code, status: PROBLEMS[code], code, detail: code, request_id: randomUUID(), ...more }));
}

function reply(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? "" : JSON.stringify(body));
}

async function text(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

async function answer(world, request, response) {
  const url = new URL(request.url, "http://fake");
  response.setHeader("access-control-allow-origin", "*");
  if (world.down && !url.pathname.startsWith("/fake")) { request.socket.destroy(); return; }
  if (request.method === "OPTIONS") {
    response.writeHead(204, { "access-control-allow-headers": "authorization, content-type", "access-control-allow-methods": "GET, POST, PUT, DELETE", "access-control-max-age": "600" });
    response.end();
    return;
  }
  if (url.pathname === "/fake") { control(world, JSON.parse(await text(request))); reply(response, 200, {}); return; }
  if (!url.pathname.startsWith("/api/v1/")) { await asset(world, url, response); return; }
  if (world.slow_ms) await new Promise((resolve) => setTimeout(resolve, world.slow_ms));
  if (world.failing > 0 && request.method !== "GET") { world.failing -= 1; problem(response, "internal"); return; }
  const path = url.pathname.slice("/api/v1/".length).split("/");
  if (path[0] === "workgroups") await workgroup(world, request, response, path);
  else if (path[0] === "visits" && path.length === 1) await open(world, request, response);
  else await visitor(world, request, response, path.slice(2), url);
}

async function workgroup(world, request, response, path) {
  if (path[1] !== world.workgroup.name) { problem(response, "not_found"); return; }
  if (path[2] === "messages") { world.left.push(JSON.parse(await text(request))); reply(response, 201, { id: randomUUID() }); return; }
  reply(response, 200, world.workgroup);
}

async function open(world, request, response) {
  const body = JSON.parse(await text(request));
  if (!world.workgroup.open) { problem(response, "queue_closed", { opens_at: world.workgroup.opens_at }); return; }
  const fields = (world.workgroup.form?.fields ?? []).filter((field) => field.required && !body.answers[field.name]).map((field) => ({ field: field.name, problem: "required" }));
  if (String(body.answers.name ?? "").toLowerCase() === "nobody") fields.push({ field: "name", problem: "Please give a real name." });
  if (fields.length > 0) { problem(response, "form_required", { fields }); return; }
  let visit = world.keys.get(body.key);
  if (!visit) {
    visit = { visit: randomUUID(), workgroup: world.workgroup.name, state: "waiting", since: now(), position: { ahead: 2, len: 3 }, estimate: world.workgroup.estimate, agents: [], read: { visitor: 0, agent: 0 }, typing: [], rated: false,
      token: `v_${randomUUID()}${randomUUID()}`, buffer: [], streams: new Set(), seq: 0, messages: [], files: new Map() };
    world.keys.set(body.key, visit);
    world.visits.set(visit.token, visit);
  }
  reply(response, 201, { visit: visit.visit, token: visit.token, visitor: body.returning ?? `r_${randomUUID()}`, snapshot: snapshot(visit) });
}

async function visitor(world, request, response, path, url) {
  const visit = world.visits.get(request.headers.authorization?.replace("Bearer ", ""));
  if (!visit) { problem(response, "unauthorized"); return; }
  const [what, which] = path;
  if (request.method === "GET") { read(world, visit, response, what, url); return; }
  if (what === "files") { await upload(world, visit, request, response); return; }
  const body = JSON.parse((await text(request)).toString() || "{}");
  switch (what) {
    case "messages":
      if (request.method === "PUT") {
        const message = visit.messages.find((one) => one.number === Number(which));
        Object.assign(message, { text: body.text, corrected: { at: now() } });
        emit(world, visit, "correction", { number: message.number, text: body.text, at: now() });
        reply(response, 200, { number: message.number, at: now() });
      } else if (visit.state === "ended") problem(response, "wrong_state");
      else {
        const known = visit.messages.find((one) => one.id === body.id);
        const message = known ?? say(world, visit, { kind: "visitor", self: true }, { id: body.id, text: body.text });
        reply(response, known ? 200 : 201, { number: message.number, at: message.at });
      }
      return;
    case "read": visit.read.visitor = body.number; break;
    case "leave": finish(world, visit, "visitor", "closed"); break;
    case "rating": visit.rated = true; world.ratings.push(body); break;
    default: break;
  }
  reply(response, 200, {});
}

function read(world, visit, response, what, url) {
  if (what === undefined) reply(response, 200, snapshot(visit));
  else if (what === "events") {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const beat = setInterval(() => response.write(": \n\n"), 20_000);
    const stream = { send: (event) => response.write(`${event.id ? `id: ${event.id}\n` : ""}event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`), drop: () => response.destroy() };
    response.on("close", () => { clearInterval(beat); visit.streams.delete(stream); });
    attach(world, visit, stream, url);
  } else if (what === "messages") {
    const before = Number(url.searchParams.get("before"));
    reply(response, 200, { messages: visit.messages.filter((one) => one.number < before).slice(-Number(url.searchParams.get("limit") ?? 50)) });
  } else if (what === "files") reply(response, 200, { url: "/files/f1?ticket=x" });
  else if (what === "transcript") { response.writeHead(200, { "content-type": "text/html" }); response.end("<!doctype html><title>Transcript</title>"); }
  else problem(response, "not_found");
}

function attach(world, visit, stream, url) {
  visit.streams.add(stream);
  const last = url.searchParams.get("last");
  const at = visit.buffer.findIndex((event) => event.id === last);
  if (at >= 0) for (const event of visit.buffer.slice(at + 1)) stream.send(event);
  else stream.send({ id: `${world.epoch}.${visit.seq}`, event: "snapshot", data: snapshot(visit) });
}

async function upload(world, visit, request, response) {
  const body = await text(request);
  const name = /filename="([^"]*)"/.exec(body.toString("latin1"))?.[1] ?? "file";
  const id = /name="id"\r\n\r\n([^\r]*)/.exec(body.toString("latin1"))?.[1];
  if (body.length > world.workgroup.files.size_max + 1000) { problem(response, "too_large"); return; }
  reply(response, 201, say(world, visit, { kind: "visitor", self: true }, { id, kind: "file", file: { id: randomUUID(), name, size: body.length, type: "text/plain", url: "/files/f1?ticket=x" } }));
}

function upgrade(world, sockets, request, socket, head) {
  const url = new URL(request.url, "http://fake");
  const token = /bearer\.([\w-]+)/.exec(request.headers["sec-websocket-protocol"] ?? "")?.[1];
  const visit = world.visits.get(token);
  if (!world.sockets || world.down || !visit || !url.pathname.endsWith("/visits/me/socket")) { socket.destroy(); return; }
  sockets.handleUpgrade(request, socket, head, (ws) => {
    const stream = { send: (event) => ws.send(JSON.stringify(event)), drop: () => ws.terminate() };
    ws.on("close", () => visit.streams.delete(stream));
    ws.on("message", (data) => {
      const frame = JSON.parse(data);
      if (frame.read) visit.read.visitor = frame.read.number;
      if (frame.typing) visit.visitor_typing = frame.typing.state;
    });
    attach(world, visit, stream, url);
  });
}

const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'";

async function asset(world, url, response) {
  if (url.pathname.startsWith("/files/")) { response.writeHead(200, { "content-type": "text/plain", "content-disposition": "attachment" }); response.end("file"); return; }
  if (url.pathname === "/favicon.ico") { response.writeHead(204); response.end(); return; }
  const name = url.pathname.startsWith("/chat/") ? "chat.html" : url.pathname.replace(/^\/(widget\/)?/, "");
  if (name === "" || name === "host") {
    const from = url.searchParams.get("from") ?? "";
    response.writeHead(200, { "content-type": "text/html", "content-security-policy": from ? `default-src 'none'; script-src ${from}; connect-src ${from} ${from.replace("http", "ws")}` : CSP });
    response.end(`<!doctype html><html lang="${url.searchParams.get("lang") ?? "en"}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A library</title><main><h1>A library</h1><p>Words of the site itself.</p><p><a href="/host?two">Another page</a></p></main><script async src="${from}/widget.js" data-workgroup="support"${url.searchParams.get("rtl") ? ' data-dir="rtl"' : ""}></script>`);
    return;
  }
  try {
    const body = await readFile(fileURLToPath(new URL(name, dist)));
    response.writeHead(200, { "content-type": name.endsWith(".html") ? "text/html" : "text/javascript; charset=utf-8", "cache-control": "no-cache", "content-security-policy": CSP });
    response.end(body);
  } catch {
    problem(response, "not_found");
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { port } = await start(Number(process.env.PORT ?? 7800));
  console.log(`http://127.0.0.1:${port}/ (a page), http://127.0.0.1:${port}/chat/support (the plain page)`);
}
