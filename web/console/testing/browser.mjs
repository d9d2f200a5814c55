// A headless browser for looking at the console, and the scenes of the make-believe server. Not part of the product.
import { chromium } from 'playwright-core';

export const BASE = process.env.CONSOLE_URL ?? 'http://127.0.0.1:8099';
export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
export const scene = (what, body = {}) => fetch(`${BASE}/fake/${what}`, { method: 'POST', body: JSON.stringify(body) }).then((r) => r.json());

/** A signed-in page. Troubles (errors, refused by the policy) are collected in `page.troubles`. */
export async function open(browser, { user = 'anna', width = 1280, height = 800, theme = 'light', hash = '', phone = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, hasTouch: phone, isMobile: phone, deviceScaleFactor: phone ? 2 : 1 });
  const page = await context.newPage();
  page.troubles = [];
  page.on('pageerror', (e) => page.troubles.push(String(e.stack ?? e)));
  page.on('console', (m) => { if ((m.type() === 'error' && !m.text().includes('401')) || /Content Security/.test(m.text())) page.troubles.push(m.text()); });
  await page.goto(`${BASE}/console/${hash}`);
  if (user !== null) {
    await page.getByLabel('Name', { exact: true }).fill(user);
    await page.getByLabel('Password', { exact: true }).fill(user);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.shell').waitFor();
    await page.waitForTimeout(500);
  }
  return page;
}
