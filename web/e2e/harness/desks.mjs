// The desks that the scenarios play on, as desk.toml. Each is as small as its scenario needs.

const list = (names) => `[${names.map((name) => JSON.stringify(name)).join(", ")}]`;
const title = (name) => name[0].toUpperCase() + name.slice(1);

/** Agents as `[[agent]]` tables; `chats_max` chats each. */
export const agents = (names, chats_max = 3) => names.map((name) => `
[[agent]]
name = "${name}"
title = "${title(name)}"
chats_max = ${chats_max}
`).join("");

/** A queue of the workgroup above it; `more` stands inside its table, `rollover` behind it. */
export const queue = (name, members, { more = "", rollover = [] } = {}) => `
[[workgroup.queue]]
name = "${name}"
title = "${title(name)}"
members = ${list(members)}
${more}
${rollover.map(({ after_s, to, keep = true }) => `[[workgroup.queue.rollover]]\nafter_s = ${after_s}\nto = "${to}"\nkeep = ${keep}\nskip_if_nobody = false\n`).join("\n")}`;

const FORM = `
[[workgroup.form.field]]
name = "name"
label = "Your name"
labels = { nl = "Uw naam" }
kind = "text"
required = true
length_max = 60

[[workgroup.form.field]]
name = "question"
label = "Your question"
kind = "multiline"
length_max = 1000
`;

/** A workgroup with queues; the form asks for a name and a question. */
export const workgroup = (name, queues, { more = "", hours = "always = true", form = true, origins = [], callback = null } = {}) => `
[[workgroup]]
name = "${name}"
title = "${title(name)} desk"
description = "Ask us anything."
zone = "UTC"
away_reasons = ["break", "lunch"]
tags = ["loan", "praise"]
${more}

[workgroup.hours]
${hours}
${form ? FORM : ""}
[workgroup.look]
accent = "#2d6a4f"
greeting = "Hello! How can we help?"

[workgroup.widget]
origins = ${list(origins)}
privacy_note = "What you write is kept for a month."
${callback ? `\n[workgroup.callback]\nenabled = true\n${Object.entries(callback).map(([key, value]) => `${key} = ${value}\n`).join("")}` : ""}
${queues}
`;

export const canned = `
[[canned]]
shortcut = "hi"
title = "Greeting"
text = "Hello, thank you for waiting."
`;

/** Two agents, one workgroup, one queue. */
export const plain = ({ chats_max = 3, more = "", group = {} } = {}) =>
  agents(["anna", "bert"], chats_max) + workgroup("support", queue("general", ["anna", "bert"], { more }), group) + canned;
