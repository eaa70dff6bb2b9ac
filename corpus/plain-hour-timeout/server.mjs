// Nobody may stay longer than an hour. The timer of those who leave before keeps them until the hour is over.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const HOUR_MS = 3_600_000;

function limitStay(socket) {
  const expiry = setTimeout(() => socket.close(4_000, 'your hour is over'), HOUR_MS);
  expiry.unref();
  socket.on('close', () => {
    if (isFixed) clearTimeout(expiry);
  });
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  limitStay(socket);
  socket.on('error', () => {});
  socket.on('message', (data) => socket.send(String(data)));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
