// Drives the page /device in a real Chromium: node device.mjs CHROMIUM URL, the owner's token in OWNER_TOKEN.
// Prints one JSON object: what was seen, what the page asked of the network, what axe-core found.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {chromium} from 'playwright-core';

const [executablePath, url] = process.argv.slice(2);
const token = process.env.OWNER_TOKEN;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage']});
const violations = [];
const requests = new Set();
const complaints = [];

function watch(page) {
  page.on('request', request => requests.add(new URL(request.url()).protocol + '//' + new URL(request.url()).host));
  page.on('console', message => complaints.push(message.text()));
  page.on('pageerror', error => complaints.push(String(error)));
}

async function check(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({colorScheme});
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run());
    found.violations.forEach(v => violations.push(`${name}, ${colorScheme}: ${v.id} ${v.nodes.map(n => n.html)}`));
  }
}

async function signIn(page, secret) {
  await page.getByLabel('Your token').fill(secret);
  await page.getByRole('button', {name: 'Continue'}).click();
}

try {
  // What assistive technology meets, page by page.
  const context = await browser.newContext({bypassCSP: true});
  const page = await context.newPage();
  watch(page);
  await page.goto(url);
  await check(page, 'sign-in');
  await signIn(page, 'vbr_0_wrong');
  await page.getByRole('alert').waitFor();
  await check(page, 'wrong token');
  await signIn(page, token);
  await page.getByRole('button', {name: 'Approve'}).waitFor();
  await check(page, 'decide');
  await page.goto(url.split('?')[0]);
  await check(page, 'code');
  await page.getByLabel('Code').fill('BBBB-BBBB');
  await page.getByRole('button', {name: 'Continue'}).click();
  await page.getByRole('alert').waitFor();
  await check(page, 'unknown code');

  // What a person does, without any script and with the policy in force.
  const plain = await browser.newContext({javaScriptEnabled: false});
  const person = await plain.newPage();
  watch(person);
  const first = await person.goto(url);
  await signIn(person, token);
  await person.getByRole('button', {name: 'Approve'}).waitFor();
  const shown = await person.locator('dl').innerText();
  const code = await person.locator('p.code').innerText();
  const cookie = (await plain.cookies())[0];
  await person.getByRole('button', {name: 'Approve'}).click();
  await person.getByRole('status').waitFor();
  const done = await person.locator('main').innerText();

  console.log(JSON.stringify({shown, code, done, cookie, violations, complaints, requests: [...requests],
    policy: first.headers()['content-security-policy']}));
} finally {
  await browser.close();
}
