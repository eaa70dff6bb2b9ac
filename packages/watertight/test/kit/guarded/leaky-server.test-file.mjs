// @ts-check
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { expectNoLeaks } from 'watertight/node-test';
import { WebSocketServer } from 'ws';

class Session {
  /** @param {import('ws').WebSocket} socket */
  constructor(socket) {
    this.socket = socket;
  }

  toString() {
    return `session of ${this.socket.protocol}`;
  }
}

void test('keeps a session of every connection', async () => {
  /** @type {Set<Session>} */
  const sessions = new Set();
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  // What is kept is told by the function that made it: one that begins on the line of the mistake.
  sockets.on('connection', (socket) => void sessions.add(new Session(socket)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    await expectNoLeaks(server);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
