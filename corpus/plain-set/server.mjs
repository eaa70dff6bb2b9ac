// Counts visitors by remembering every one of them.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const visitors = new Set();
let sequence = 0;

function admit(socket) {
  sequence += 1;
  const id = `visitor-${sequence}`;
  visitors.add(id);
  socket.on('close', () => {
    if (isFixed) visitors.delete(id);
  });
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  admit(socket);
  socket.on('error', () => {});
  socket.on('message', () => socket.send(`you are one of ${visitors.size}`));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
