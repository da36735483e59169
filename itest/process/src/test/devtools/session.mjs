// Stock Playwright in one session for as long as stdin lasts: evaluates each line in its page and prints the answer.
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const browser = await chromium.connectOverCDP(process.argv[2]);
let connections = 1;
browser.on('disconnected', () => { connections -= 1; });
const page = await (browser.contexts()[0] ?? await browser.newContext()).newPage();
await page.evaluate('globalThis.lines = 0');
console.log(JSON.stringify({ ready: true, pid: process.pid }));
for await (const line of createInterface({ input: process.stdin })) {
  // The page counts: an answer from another page, or another session, would begin anew.
  const [answer, lines] = await page.evaluate(`[${line}, ++lines]`);
  console.log(JSON.stringify({ answer, lines, connections }));
}
await page.close();
await browser.close();
