// Listens to "end" of the TCP socket, which a reset connection never has.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const sessions = new Map();
let sequence = 0;

class Session {
  constructor(id) {
    this.id = id;
    this.messages = 0;
  }
}

function open(request) {
  sequence += 1;
  const id = sequence;
  const session = new Session(id);
  sessions.set(id, session);
  request.socket.once(isFixed ? 'close' : 'end', () => sessions.delete(id));
  return session;
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket, request) => {
  const session = open(request);
  socket.on('error', () => {});
  socket.on('message', () => {
    session.messages += 1;
    socket.send(`message ${session.messages} of session ${session.id}`);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
