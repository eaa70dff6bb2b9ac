// Says goodbye to everybody when the server shuts down: one AbortSignal for the whole process.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const shutdown = new AbortController();
process.once('SIGTERM', () => {
  shutdown.abort();
  server.close();
});

function closeAtShutdown(socket) {
  const goodbye = () => socket.close(1_001);
  shutdown.signal.addEventListener('abort', goodbye);
  socket.on('close', () => {
    if (isFixed) shutdown.signal.removeEventListener('abort', goodbye);
  });
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  closeAtShutdown(socket);
  socket.on('error', () => {});
  socket.on('message', (data) => socket.send(String(data)));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
