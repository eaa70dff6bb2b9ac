// Sessions in a dictionary without a prototype: nothing on it tells a class.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const sessions = Object.create(null);
let sequence = 0;

function open(request) {
  sequence += 1;
  const key = `session-${sequence}`;
  const session = Object.create(null);
  session.since = Date.now();
  session.agent = request.headers['user-agent'] ?? 'unknown';
  sessions[key] = session;
  return key;
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket, request) => {
  const key = open(request);
  socket.on('error', () => {});
  socket.on('message', () => socket.send(key));
  socket.on('close', () => {
    if (isFixed) delete sessions[key];
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
