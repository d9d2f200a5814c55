// Asks axe-core about a screen. A violation is an error that says where.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Violations on the page as it stands, as lines of text. */
export async function violations(page, screen) {
  await page.evaluate(() => Promise.all(document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity).map((one) => one.finished.catch(() => {}))));
  await page.evaluate(`window.axe ?? (() => { ${source} })()`);
  const found = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules }), RULES);
  return found.violations.map((one) => `${screen}: ${one.id}: ${one.help}\n    ${one.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.html.slice(0, 140)} ${node.failureSummary?.split("\n")[1]?.trim() ?? ""}`).join("\n    ")}`);
}

/** Collects over many screens, so that one run tells everything. */
export class Look {
  screens = [];
  found = [];

  async at(page, screen) {
    this.screens.push(screen);
    this.found.push(...await violations(page, screen));
  }

  done() {
    console.log(`    axe: ${this.screens.length} screens: ${this.screens.join(", ")}`);
    if (this.found.length > 0) throw new Error(`axe found:\n  ${this.found.join("\n  ")}`);
  }
}
