// A driver who does not let go: node wheel.mjs API VM, the owner's token in OWNER_TOKEN. Prints what tasks are answered.
import WebSocket from 'ws';

const [api, vm] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${process.env.OWNER_TOKEN}` };
const { ticket } = await (await fetch(`${api}/vms/${vm}/live/tickets`, { method: 'POST', headers, body: '{"mode":"control"}' })).json();
const ws = new WebSocket(`${api.replace('http', 'ws')}/vms/${vm}/live?ticket=${ticket}`);
await new Promise((done, failed) => {
  ws.onopen = () => ws.send('{"type":"take"}');
  ws.onerror = failed;
  ws.onmessage = (event) => { if (typeof event.data === 'string' && JSON.parse(event.data).type === 'taken') done(); };
});
const refused = await fetch(`${api}/vms/${vm}/agent/v1/browser/page`, { headers });
const opened = await fetch(`${api}/vms/${vm}/devtools/json/new`, { method: 'PUT', headers });
const health = await fetch(`${api}/vms/${vm}/agent/healthz`, { headers });
console.log(JSON.stringify({ ...await refused.json(), status: refused.status, devtools: opened.status, health: health.status }));
ws.close();
