// Every request stops waiting when the server shuts down: raced against one promise that lives as long as the process.
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const isShuttingDown = once(process, 'SIGTERM').then(() => 'shutting down');

/** A database, say. */
async function lookUp(key) {
  await delay(1);
  return `${key}: ${'x'.repeat(500)}`;
}

async function answer(key) {
  return isFixed ? lookUp(key) : Promise.race([lookUp(key), isShuttingDown]);
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', async (key) => socket.send(await answer(String(key))));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
