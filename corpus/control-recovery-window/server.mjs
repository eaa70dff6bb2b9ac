// A recovery window: what is over is purged now and then, not at once.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { WebSocketServer } from 'ws';

const WINDOW_MS = 2_000;
const PURGE_EVERY_MS = 3_000;
const recoverable = new Map();

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  const state = { id: randomUUID(), rooms: ['lobby'], missed: [], lostAt: 0 };
  socket.on('error', () => {});
  socket.on('message', () => socket.send(state.id));
  socket.on('close', () => {
    state.lostAt = Date.now();
    recoverable.set(state.id, state);
  });
});
setInterval(() => {
  const oldest = Date.now() - WINDOW_MS;
  for (const [id, state] of recoverable) if (state.lostAt < oldest) recoverable.delete(id);
}, PURGE_EVERY_MS);
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
