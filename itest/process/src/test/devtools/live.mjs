// The live view of a VM's browser in a real Chromium: node live.mjs CHROMIUM API VM FOLDER, tokens in OWNER_TOKEN and
// VIEWER_TOKEN. Prints one JSON object: what was seen, and the figures.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import WebSocket from 'ws';

const [executablePath, api, vm, folder] = process.argv.slice(2);
const { OWNER_TOKEN: owner, VIEWER_TOKEN: viewer } = process.env;
const origin = new URL(api).origin;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const seen = {};
const complaints = [];
const PATIENCE = 300_000;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
async function call(path, body, token = owner) {
  const answer = await fetch(`${api}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json().catch(() => null), at: performance.now() };
}
const agent = (path, body) => call(`/vms/${vm}/agent/v1/${path}`, body);
const page64 = (html) => `data:text/html;base64,${Buffer.from(html).toString('base64')}`;
async function show(html) {
  const answer = await agent('browser/navigate', { url: page64(html) });
  if (answer.status !== 200) throw new Error(`navigate answered ${JSON.stringify(answer)}`);
}
async function ticket(mode, token = owner) {
  const answer = await call(`/vms/${vm}/live/tickets`, { mode }, token);
  if (answer.status !== 201) throw new Error(`tickets answered ${JSON.stringify(answer)}`);
  return answer.body.ticket;
}

/** A viewer without a page: what it was told, and the frames. */
async function socket(mode, { token = owner, delay = -1 } = {}) {
  const ws = new WebSocket(`${api.replace('http', 'ws')}/vms/${vm}/live?mode=${mode}${delay >= 0 ? '&ack=true' : ''}&ticket=${await ticket(mode, token)}`);
  ws.binaryType = 'arraybuffer';
  const told = [];
  const frames = [];
  const waiting = [];
  ws.onmessage = (event) => {
    if (typeof event.data !== 'string') {
      const meta = frames.at(-1);
      meta.length = event.data.byteLength;
      if (delay >= 0) setTimeout(() => ws.send(JSON.stringify({ type: 'ack', seq: meta.seq })), delay);
      return;
    }
    const message = JSON.parse(event.data);
    (message.type === 'frame' ? frames : told).push(message);
    for (const one of [...waiting]) if (one.test(message)) { waiting.splice(waiting.indexOf(one), 1); one.done(message); }
  };
  await new Promise((done, failed) => { ws.onopen = done; ws.onerror = () => failed(new Error('the socket did not open')); });
  return {
    told,
    frames,
    send: (message) => ws.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: (test, past = false) => new Promise((done, failed) => {
      const there = past && [...told, ...frames].find(test);
      if (there) { done(there); return; }
      const late = setTimeout(() => failed(new Error(`not told in time: ${test}; told: ${JSON.stringify(told.slice(-5))}; ${frames.length} frames, the last: ${JSON.stringify(frames.slice(-2))}`)), PATIENCE);
      // A timer that is left keeps the process from its end.
      waiting.push({ test, done: (message) => { clearTimeout(late); done(message); } });
    }),
    async error(message) {
      const answer = this.next((m) => m.type === 'error');
      this.send(message);
      return (await answer).detail;
    },
    close: () => ws.close(),
  };
}

/** What an upgrade is answered with. */
const upgrade = (query, headers = {}) => new Promise((done, failed) => {
  const asked = request(`${api}/vms/${vm}/live${query}`, {
    headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Version': '13', ...headers },
  });
  asked.on('response', (answer) => { answer.resume(); done(answer.statusCode); });
  asked.on('upgrade', (answer, wire) => { wire.destroy(); done(answer.statusCode); });
  asked.on('error', failed);
  asked.end();
});

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
function watch(page) {
  page.on('console', (message) => { if (!message.text().startsWith('Canvas2D: Multiple readback')) complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => { const from = new URL(request.url()); if (!['data:', 'blob:'].includes(from.protocol) && from.host !== new URL(api).host) complaints.push(`asked ${from}`); });
}
/** Waits until the picture has this colour at its corner; returns when, by the page's own clock. */
const color = (page, rgb, timeout = PATIENCE) => page.waitForFunction(([r, g, b]) => {
  const [x, y, z] = document.getElementById('screen').getContext('2d').getImageData(5, 5, 1, 1).data;
  return Math.abs(x - r) + Math.abs(y - g) + Math.abs(z - b) < 40 && performance.now();
}, rgb, { polling: 'raf', timeout }).then((handle) => handle.jsonValue());
const RED = [200, 0, 0], GREEN = [0, 160, 0], BLUE = [0, 0, 200], GREY = [90, 90, 90];
const css = (rgb) => `rgb(${rgb})`;
const FORM = `<title>Form</title><body style="margin:0;background:${css(GREEN)}">
  <input id=t style="position:absolute;left:100px;top:100px;width:240px;height:40px">
  <button id=b style="position:absolute;left:100px;top:200px;width:240px;height:60px"
    onclick="window.clicks = (window.clicks ?? 0) + 1; document.body.style.background = clicks % 2 ? '${css(BLUE)}' : '${css(GREEN)}'">press</button>`;

try {
  await show(`<title>Red</title><body style="margin:0;background:${css(RED)}">`);

  // A person signs in at the page; another comes by a ticket in the address, for watching.
  const patient = async (options) => {
    const made = await browser.newContext(options);
    made.setDefaultTimeout(PATIENCE);
    return made;
  };
  const context = await patient({ viewport: { width: 1100, height: 800 } });
  const driver = await context.newPage();
  watch(driver);
  await driver.goto(`${origin}/api/v1/vms/${vm}/live`);
  seen.redirected = driver.url();
  await driver.getByLabel('Token').fill(owner);
  await driver.getByLabel('I may want to take over').check();
  await driver.getByRole('button', { name: 'Watch' }).click();
  await color(driver, RED);
  const watcher = await (await patient()).newPage();
  watch(watcher);
  const watchTicket = await ticket('view', viewer);
  await watcher.goto(`${origin}/live/${vm}#ticket=${watchTicket}`);
  await color(watcher, RED);
  seen.addressWithoutTicket = watcher.url();
  seen.usedTicket = await upgrade(`?ticket=${watchTicket}`);
  seen.noTicket = await upgrade('');
  seen.byHeader = await upgrade('?mode=control', { Authorization: `Bearer ${owner}` });
  seen.controlByViewer = await upgrade('?mode=control', { Authorization: `Bearer ${viewer}` });
  seen.badMode = await upgrade('?mode=fly', { Authorization: `Bearer ${owner}` });
  seen.viewerControl = (await call(`/vms/${vm}/live/tickets`, { mode: 'control' }, viewer)).status;
  seen.watcherHasWheel = await watcher.getByRole('button', { name: 'Take over' }).isVisible();

  // A navigation is seen by both.
  await show(FORM);
  await Promise.all([color(driver, GREEN), color(watcher, GREEN)]);
  await driver.getByRole('img', { name: 'The page Form', exact: true }).waitFor();

  // A person takes over; a task waits.
  await driver.getByRole('button', { name: 'Take over' }).click();
  await driver.getByText('You drive').waitFor();
  await watcher.getByText('drives').waitFor();
  seen.driverTold = await watcher.locator('#driver').textContent();
  let answered = false;
  const task = agent('script/evaluate', { expression: 'document.getElementById("t").value + ":" + window.clicks' });
  task.then(() => { answered = true; });

  const canvas = driver.locator('#screen');
  const at = async (x, y) => {
    const [box, width, pageWidth] = [await canvas.boundingBox(), await canvas.evaluate((c) => c.width), 800];
    const scale = box.width / pageWidth;
    seen.canvas = `${width} px, shown at ${Math.round(box.width)}`;
    return [box.x + x * scale, box.y + y * scale];
  };
  const latencies = [];
  for (let i = 0; i < 10; i++) {
    const change = color(driver, i % 2 ? GREEN : BLUE);
    await driver.mouse.move(...await at(220, 230));
    await driver.evaluate(() => {
      globalThis.down = new Promise((done) => {
        document.getElementById('screen').addEventListener('pointerdown', () => done(performance.now()), { once: true });
      });
    });
    await driver.mouse.down();
    await driver.mouse.up();
    latencies.push(Math.round(await change - await driver.evaluate(() => globalThis.down)));
  }
  seen.latencies = latencies;
  await driver.mouse.click(...await at(220, 120));
  await driver.keyboard.type('Hello 7');
  await driver.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', ' pästed');
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await driver.keyboard.press('End');
  await driver.keyboard.type('X');
  await driver.keyboard.press('Backspace');
  const typing = performance.now();
  await driver.waitForFunction(() => {
    const { data } = document.getElementById('screen').getContext('2d').getImageData(104, 108, 232, 24);
    let dark = 0;
    for (let i = 0; i < data.length; i += 4) dark += data[i] + data[i + 1] + data[i + 2] < 250;
    return dark > 120;
  }, undefined, { polling: 'raf', timeout: PATIENCE });
  seen.typedMs = Math.round(performance.now() - typing);
  await sleep(1000);
  seen.answeredWhileDriven = answered;

  // Only one drives; others are told who.
  const other = await socket('control');
  const before = await other.next((m) => m.type === 'driver', true);
  seen.othersSee = `${typeof before.by} ${before.you}`;
  seen.takenAlready = await other.error({ type: 'take' });
  seen.notTheDriver = await other.error({ type: 'reload' });
  seen.badMessages = [];
  for (const bad of ['{', '[]', { type: 'fly' }, { type: 'mouse', action: 'move', x: 'a', y: 1 }, { type: 'navigate', url: 'file:///etc/passwd' }]) {
    seen.badMessages.push(await other.error(bad));
  }
  const watching = await socket('view', { token: viewer });
  seen.watcherTakes = await watching.error({ type: 'take' });
  watching.close();

  await driver.screenshot({ path: `${folder}/live-driving.png` });
  await driver.evaluate(() => document.activeElement.blur());
  const handedBack = performance.now();
  await driver.getByRole('button', { name: 'Hand back' }).click();
  const late = await task;
  seen.task = { status: late.status, result: late.body.result, ms: Math.round(late.at - handedBack) };

  // Whoever loses the connection while driving has some time to come back; then the task goes on.
  const taken = other.next((m) => m.type === 'taken');
  other.send({ type: 'take' });
  const { grace_ms: grace, key } = await taken;
  const own = await fetch(`${api}/vms/${vm}/agent/v1/browser/page`, { headers: { Authorization: `Bearer ${owner}`, 'Viber-Wheel': key } });
  seen.ownCall = own.status;
  const left = performance.now();
  const waits = agent('browser/page');
  other.close();
  seen.afterLeaving = { status: (await waits).status, grace, ms: Math.round((await waits).at - left) };

  // Two viewers of one stream, one of them slow; the page moves all the time.
  await show(`<body style="margin:0;background:${css(GREY)}"><canvas id=c width=800 height=560></canvas><script>
    const pen = c.getContext('2d'); let n = 0;
    setInterval(() => { n++; for (let i = 0; i < 40; i++) { pen.fillStyle = 'hsl(' + (n * 7 + i * 9) % 360 + ' 80% 50%)'; pen.fillRect(i * 20, (n * 3 + i * 13) % 560, 18, 60); } pen.fillStyle = '#000'; pen.fillText('picture ' + n, 300, 300); }, 40);
  </script>`);
  const fast = await socket('view', { delay: 0 });
  const slow = await socket('view', { delay: 8000 });
  await fast.next((m) => m.type === 'frame', true);
  await slow.next((m) => m.type === 'frame', true);
  const [from, fastFrom, slowFrom] = [performance.now(), fast.frames.length, slow.frames.length];
  // Ten seconds, and more where the guest draws less than one picture in one.
  do await sleep(1000);
  while (performance.now() - from < 10_000 || (fast.frames.length - fastFrom < 12 && performance.now() - from < PATIENCE));
  const seconds = (performance.now() - from) / 1000;
  const [quick, late2] = [fast.frames.slice(fastFrom), slow.frames.slice(slowFrom)];
  const mine = [...slow.frames];
  await sleep(1000); // what came to the slow one first comes to the other, too
  const numbers = new Set(fast.frames.map((f) => f.seq));
  const bandwidth = (frames) => Math.round(frames.reduce((sum, f) => sum + f.bytes, 0) / seconds);
  seen.two = {
    fast: quick.length, slow: late2.length, shared: mine.filter((f) => numbers.has(f.seq)).length, ofSlow: mine.length,
    fps: +(quick.length / seconds).toFixed(1), fastBytesPerSecond: bandwidth(quick), slowBytesPerSecond: bandwidth(late2),
    frameBytes: Math.round(quick.reduce((sum, f) => sum + f.bytes, 0) / quick.length), size: `${quick.at(-1).width}x${quick.at(-1).height}`,
    lag: slow.frames.length ? fast.frames.at(-1).seq - slow.frames.at(-1).seq : -1,
  };
  fast.close();
  slow.close();
  // Where even the fastest cannot keep up, less is sent, and more again when it can.
  await driver.goto('about:blank');
  await watcher.goto('about:blank');
  const crawling = await socket('view', { delay: 700 });
  const less = await crawling.next((m) => m.type === 'frame' && m.level >= 3);
  const well = await socket('view', { delay: 0 });
  const more = await well.next((m) => m.type === 'frame' && m.level < less.level);
  crawling.close();
  seen.levels = { down: less.level, up: more.level };
  await show('<title>Still</title>still'); // what moves takes a processor from all that follows

  // Tabs: a new one is followed, and the one that the agent is told to make active.
  const first = (await agent('tabs')).body.tabs.find((tab) => tab.active).id;
  const opened = (await agent('tabs', { url: page64('<title>Second</title>two') })).body.id;
  await well.next((m) => m.type === 'frame' && m.tab === opened, true);
  const back = well.next((m) => m.type === 'frame' && m.tab === first);
  await agent(`tabs/${first}/activate`, {});
  await back;
  const chooser = await socket('control');
  await chooser.next((m) => m.type === 'tabs' && m.tabs.length >= 2, true);
  const chosen = well.next((m) => m.type === 'frame' && m.tab === opened);
  chooser.send({ type: 'tab', id: opened });
  await chosen;
  seen.agentFollows = (await agent('tabs')).body.tabs.find((tab) => tab.active).id === opened;
  seen.noSuchTab = await chooser.error({ type: 'tab', id: 'none' });

  // What happens to Chrome and to the VM is told, and the picture comes back by the same socket.
  const own2 = await chromium.connectOverCDP(`${api}/vms/${vm}/devtools`, { headers: { Authorization: `Bearer ${owner}` } });
  const away = well.next((m) => m.type === 'state' && m.state === 'away');
  const died = performance.now();
  (await own2.newBrowserCDPSession()).send('Browser.crash').catch(() => {});
  await away;
  await well.next((m) => m.type === 'frame');
  seen.chromeHealedMs = Math.round(performance.now() - died);
  const ending = well.next((m) => m.type === 'state' && m.state === 'away');
  const restarted = performance.now();
  const restart = call(`/vms/${vm}/restart`, {});
  await ending;
  await well.next((m) => m.type === 'frame');
  seen.restart = (await restart).status;
  seen.vmBackMs = Math.round(performance.now() - restarted);
  seen.states = well.told.filter((m) => m.type === 'state').map((m) => `${m.state}: ${m.detail}`);
  well.close();
  chooser.close();

  // The page, for those who do not see it, in both colours.
  seen.violations = [];
  const check = await (await patient({ bypassCSP: true })).newPage();
  for (const what of ['sign-in', 'watching']) {
    await check.goto('about:blank');
    await check.goto(`${origin}/live/${vm}${what === 'watching' ? `#ticket=${await ticket('control')}` : ''}`);
    await check.locator(what === 'watching' ? '#state.live' : '#state.closed').waitFor();
    for (const colorScheme of ['light', 'dark']) {
      await check.emulateMedia({ colorScheme });
      await check.screenshot({ path: `${folder}/live-${what}-${colorScheme}.png` });
      await check.evaluate(axe);
      (await check.evaluate(() => globalThis.axe.run())).violations.forEach((v) => seen.violations.push(`${what}, ${colorScheme}: ${v.id} ${v.nodes.map((n) => n.html)}`));
    }
  }
  seen.complaints = complaints;
  console.log(JSON.stringify(seen));
} catch (e) {
  console.log(JSON.stringify({ ...seen, complaints }));
  throw e;
} finally {
  await browser.close();
}
