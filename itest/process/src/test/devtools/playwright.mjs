// Stock Playwright, by a URL alone: prints what it saw.
import { chromium } from 'playwright-core';

const browser = await chromium.connectOverCDP(process.argv[2]);
const context = browser.contexts()[0] ?? await browser.newContext();
const page = await context.newPage();
await page.setContent('<title>one</title><button onclick="this.textContent = String(20 + 22)">what?</button>');
await page.click('button');
console.log(JSON.stringify({ title: await page.title(), answer: await page.textContent('button'), version: browser.version() }));
await page.close();
await browser.close();
