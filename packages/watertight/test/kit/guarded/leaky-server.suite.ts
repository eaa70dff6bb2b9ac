import { once } from 'node:events';
import { createServer } from 'node:http';
import { expectNoLeaks } from 'watertight/vitest';
import { test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';

class Session {
  readonly socket: WebSocket;

  constructor(socket: WebSocket) {
    this.socket = socket;
  }
}

test('[TK16] keeps a session of every connection', async () => {
  const sessions = new Set<Session>();
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
