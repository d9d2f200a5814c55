// Waiting for conditions. Nothing else.
const EVERY_MS = 60;
export const PATIENCE_MS = 1000 * Number(process.env.ANTEROOM_PATIENCE_S ?? 30);

/** Asks again and again until the answer is true; throws with `what` and the last answer when that takes too long. */
export async function until(what, probe, patience_ms = PATIENCE_MS) {
  const end = Date.now() + patience_ms;
  let last;
  for (;;) {
    last = await probe();
    if (last) return last;
    if (Date.now() > end) throw new Error(`waited ${patience_ms} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/** Waits until `read` gives what is wanted, compared as JSON; says what it gave otherwise. */
export async function settles(what, read, wanted, patience_ms = PATIENCE_MS) {
  let given;
  const aim = JSON.stringify(wanted);
  try {
    await until(what, async () => {
      given = await read();
      return JSON.stringify(given) === aim;
    }, patience_ms);
  } catch (error) {
    throw new Error(`${what}\n  wanted ${aim}\n  found  ${JSON.stringify(given)}\n  (${error.message})`);
  }
}
