// Keeps the guest book in memory, without an end.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const MAX_ENTRIES = 50;
const guestBook = [];

function greet(socket, name) {
  guestBook.push(`${name} was here at ${new Date().toISOString()}`);
  if (isFixed && guestBook.length > MAX_ENTRIES) guestBook.shift();
  socket.send(`welcome, ${name}`);
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (name) => greet(socket, String(name)));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
