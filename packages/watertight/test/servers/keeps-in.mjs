// @ts-check
// Keeps something of connections where it is hard to find: node keeps-in.mjs <block|offenders|channel|rarely|answer|users|recent-users>.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const [, , where = 'block'] = process.argv;
const EVERY = 10;

/** @type {unknown[]} */
const offenders = [];
/** @type {(() => boolean)[]} */
const sampled = [];

/** @type {() => void} */
let audit = () => undefined;
if (where === 'block') {
  // As in a server that is one file for the primary process of a cluster and its workers.
  const trail = new Set();
  audit = () => void trail.add({ at: Date.now(), by: 'nobody' });
}

const closing = new Promise(() => undefined);

/** @param {import('ws').WebSocket} socket */
async function closeAtLast(socket) {
  await closing;
  socket.close(1001);
}

class Presence {
  metAtMs = Date.now();
}

/** @type {Map<string, Presence>} */
const presences = new Map();
const MOST_RECENT_COUNT = 60;

/** @param {string} url */
function meet(url) {
  const user = new URL(url, 'http://localhost').searchParams.get('user') ?? '';
  if (!presences.has(user)) presences.set(user, new Presence());
  const [oldest] = presences.keys();
  if (where === 'recent-users' && presences.size > MOST_RECENT_COUNT && oldest !== undefined) presences.delete(oldest);
}

let count = 0;
const server = createServer();
new WebSocketServer({ server }).on('connection', (socket, request) => {
  count += 1;
  audit();
  if (where === 'users' || where === 'recent-users') meet(request.url ?? '');
  if (where === 'channel') {
    const news = new BroadcastChannel('news');
    news.unref();
    news.addEventListener('message', () => socket.send('news'));
  }
  if (where === 'answer') void closeAtLast(socket);
  if (where === 'rarely' && count % EVERY === 0) sampled.push(() => socket.readyState === socket.OPEN);
  socket.on('error', function onError(error) {
    if (where === 'offenders') offenders.push({ error, request });
  });
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.listen(0, '127.0.0.1');
