// Whoever loses the connection has two seconds to come back.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const GRACE_MS = 2_000;
const sessions = new Map();
let sequence = 0;

class Session {
  constructor(id) {
    this.id = id;
    this.messages = [];
  }
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  sequence += 1;
  const session = new Session(sequence);
  sessions.set(session.id, session);
  socket.on('error', () => {});
  socket.on('message', (data) => {
    session.messages.push(String(data));
    socket.send(`session ${session.id}`);
  });
  socket.on('close', () => setTimeout(() => sessions.delete(session.id), GRACE_MS));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
