// Sessions expire three seconds after they were last used, each by its own timer.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { WebSocketServer } from 'ws';

const LIVES_FOR_MS = 3_000;

class SessionStore {
  #entries = new Map();

  set(id, session) {
    clearTimeout(this.#entries.get(id)?.expiry);
    const expiry = setTimeout(() => this.#entries.delete(id), LIVES_FOR_MS);
    expiry.unref();
    this.#entries.set(id, { session, expiry });
  }
}

const store = new SessionStore();
const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  const id = randomUUID();
  const session = { id, views: 0, since: new Date() };
  store.set(id, session);
  socket.on('error', () => {});
  socket.on('message', () => {
    session.views += 1;
    store.set(id, session);
    socket.send(`view ${session.views}`);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
