// A browser from the pool `web`, driven by stock Playwright. Wants `npm install playwright-core`; see docs/browsers.md.
import { chromium } from 'playwright-core';

const { VIPER_API: api = 'http://127.0.0.1:7777/api/v1', VIPER_TOKEN: token } = process.env;
const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };

async function post(path, body) {
  const answer = await fetch(api + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${(await answer.json()).detail}`);
  return answer.json();
}

const session = await post('/pools/web/acquire', { patience_s: 60 });
try {
  const browser = await chromium.connectOverCDP(new URL(session.devtools, api).href, {
    headers: { Authorization: headers.Authorization },
  });
  const page = browser.contexts()[0].pages()[0];
  await page.goto(process.argv[2] ?? 'https://example.com');
  console.log(await page.title());
  await page.screenshot({ path: 'playwright.png' });
  await browser.close(); // the connection; the browser ends with its session
} finally {
  await post('/pools/web/release', { id: session.id });
}
