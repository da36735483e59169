// An in-memory relay that does what the original gateway does with a task's events: it keeps the last 500 of each task
// and writes them to whoever follows. Nothing is on disk, nothing is acknowledged; a restart forgets everything.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const KEPT = 500;
const tasks = new Map();
const vibers = new Map();
let made = 0;

function emit(task, kind, more) {
  const event = { taskId: task.id, seq: ++task.seq, at: new Date().toISOString(), kind, ...more };
  task.events.push(event);
  if (task.events.length > KEPT) task.events.shift();
  for (const reader of task.readers) write(reader, event);
}

function write(reader, event) {
  reader.write(`id: ${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
}

function end(task, status) {
  task.status = status;
  for (const reader of task.readers) reader.end();
  task.readers.clear();
}

function received(viberId, text) {
  const frame = JSON.parse(text);
  const task = tasks.get(frame.taskId);
  switch (frame.type) {
    case 'connected': return;
    case 'task:started': return task && emit(task, 'started', { spaceId: frame.spaceId });
    case 'task:progress': return task && emit(task, 'progress', { event: frame.event });
    case 'task:completed':
      if (task) { emit(task, 'completed', { result: frame.result }); end(task, 'completed'); }
      return;
    case 'task:error':
      if (task) { emit(task, 'error', { error: frame.error }); end(task, 'error'); }
  }
}

const server = createServer((request, response) => {
  const path = request.url;
  if (request.method === 'POST' && path === '/api/v1/tasks') {
    let body = '';
    request.on('data', part => { body += part; });
    request.on('end', () => {
      const { goal, viberId } = JSON.parse(body);
      const task = { id: `task-${String(++made).padStart(31, '0')}`, goal, viberId, status: 'pending', seq: 0, events: [], readers: new Set() };
      tasks.set(task.id, task);
      vibers.get(viberId)?.send(JSON.stringify({ type: 'task:submit', taskId: task.id, goal }));
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: task.id, status: task.status }));
    });
    return;
  }
  const events = /^\/api\/v1\/tasks\/([^/]+)\/events$/.exec(path);
  const task = events && tasks.get(events[1]);
  if (!task) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  for (const event of task.events) write(response, event);
  task.readers.add(response);
  request.on('close', () => task.readers.delete(response));
});

const sockets = new WebSocketServer({ server, path: '/vibers/ws', perMessageDeflate: false });
sockets.on('connection', (socket, request) => {
  const viberId = request.headers['x-viber-id'];
  vibers.set(viberId, socket);
  socket.on('message', data => received(viberId, data.toString()));
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  console.log(JSON.stringify({ ready: true, api: `http://127.0.0.1:${port}/api/v1`, pid: process.pid }));
});
