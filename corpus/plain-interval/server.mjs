// A clock for everybody: an interval per connection, which outlives it.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';

function startClock(socket) {
  const ticking = setInterval(() => {
    if (socket.readyState === socket.OPEN) socket.send(new Date().toISOString());
  }, 5_000);
  socket.on('close', () => {
    if (isFixed) clearInterval(ticking);
  });
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  startClock(socket);
  socket.on('error', () => {});
  socket.on('message', (data) => socket.send(String(data)));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
