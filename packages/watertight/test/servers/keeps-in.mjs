// @ts-check
// Keeps something of connections where it is hard to find: node keeps-in.mjs <block|offenders|channel|rarely|answer>.
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

let count = 0;
const server = createServer();
new WebSocketServer({ server }).on('connection', (socket, request) => {
  count += 1;
  audit();
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
