// A driver who does not let go: node wheel.mjs API VM, the owner's token in OWNER_TOKEN. Prints what tasks are answered.
import { chromium } from 'playwright-core';
import WebSocket from 'ws';

const [api, vm] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${process.env.OWNER_TOKEN}` };
// A session that is open already stands still; it goes on afterwards.
const session = await chromium.connectOverCDP(`${api}/vms/${vm}/devtools`, { headers });
const page = await (session.contexts()[0] ?? await session.newContext()).newPage();
const { ticket } = await (await fetch(`${api}/vms/${vm}/live/tickets`, { method: 'POST', headers, body: '{"mode":"control"}' })).json();
const ws = new WebSocket(`${api.replace('http', 'ws')}/vms/${vm}/live?ticket=${ticket}`);
await new Promise((done, failed) => {
  ws.onopen = () => ws.send('{"type":"take"}');
  ws.onerror = failed;
  ws.onmessage = (event) => { if (typeof event.data === 'string' && JSON.parse(event.data).type === 'taken') done(); };
});
let held = true;
const evaluated = page.evaluate('6 * 7').finally(() => { held = false; });
const refused = await fetch(`${api}/vms/${vm}/agent/v1/browser/page`, { headers });
const opened = await fetch(`${api}/vms/${vm}/devtools/json/new`, { method: 'PUT', headers });
const health = await fetch(`${api}/vms/${vm}/agent/healthz`, { headers });
const heldFor = held;
ws.send('{"type":"release"}');
const answer = await evaluated;
console.log(JSON.stringify({ ...await refused.json(), held: heldFor, answer, status: refused.status, devtools: opened.status, health: health.status }));
ws.close();
await page.close();
await session.close();
