// @ts-check
// `node notices-silence.mjs never|late`: a peer that does not answer a ping is never given up, or is told goodbye and ended when no answer came for long.
import { WebSocketServer } from 'ws';

const PING_EVERY_MS = 300;
const GOODBYE_WITHIN_MS = 4_000;

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.on('connection', (socket) => {
  socket.on('error', () => undefined);
  socket.on('message', (data) => socket.send(data));
  if (process.argv[2] === 'late') endLate(socket);
});
server.on('listening', () => console.log('listening'));

/** @param {import('ws').WebSocket} socket */
function endLate(socket) {
  let isAlive = true;
  /** @type {NodeJS.Timeout | undefined} */
  let goodbye;
  socket.on('pong', () => (isAlive = true));
  const heartbeat = setInterval(() => {
    if (!isAlive) goodbye ??= setTimeout(() => socket.terminate(), GOODBYE_WITHIN_MS);
    isAlive = false;
    socket.ping();
  }, PING_EVERY_MS);
  socket.on('close', () => {
    clearInterval(heartbeat);
    clearTimeout(goodbye);
  });
}
