// A browser from the pool `web`, driven by stock Puppeteer. Wants `npm install puppeteer-core`; see docs/browsers.md.
import puppeteer from 'puppeteer-core';

const { VIPER_API: api = 'http://127.0.0.1:7777/api/v1', VIPER_TOKEN: token } = process.env;
const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };

async function ask(method, path, body) {
  const answer = await fetch(new URL(path, api), { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${(await answer.json()).detail}`);
  return answer.json();
}

const session = await ask('POST', '/api/v1/pools/web/acquire', { patience_s: 60 });
try {
  const version = await ask('GET', `${session.devtools}/json/version`);
  const browser = await puppeteer.connect({
    browserWSEndpoint: version.webSocketDebuggerUrl,
    headers: { Authorization: headers.Authorization },
  });
  const [page] = await browser.pages();
  await page.goto(process.argv[2] ?? 'https://example.com');
  console.log(await page.title());
  await page.screenshot({ path: 'puppeteer.png' });
  await browser.disconnect();
} finally {
  await ask('POST', '/api/v1/pools/web/release', { id: session.id });
}
