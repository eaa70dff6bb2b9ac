// The broadcast and the heartbeat of the ws readme.
import http from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';

const HEARTBEAT_MS = 5_000;
const server = http.createServer();
const wss = new WebSocketServer({ server });
wss.on('connection', (socket) => {
  socket.isAlive = true;
  socket.on('error', () => {});
  socket.on('pong', () => {
    socket.isAlive = true;
  });
  socket.on('message', (data) => {
    for (const other of wss.clients) if (other.readyState === WebSocket.OPEN) other.send(String(data));
  });
});
const heartbeat = setInterval(() => {
  for (const socket of wss.clients) {
    if (!socket.isAlive) {
      socket.terminate();
      continue;
    }
    socket.isAlive = false;
    socket.ping();
  }
}, HEARTBEAT_MS);
wss.on('close', () => clearInterval(heartbeat));
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
