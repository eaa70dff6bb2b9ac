// When was whom last seen? Numbers only, so no object grows: the Map does.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const lastSeen = new Map();

function see(id) {
  lastSeen.set(id, Math.floor(performance.now()));
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  const id = randomUUID();
  see(id);
  socket.on('error', () => {});
  socket.on('message', (data) => {
    see(id);
    socket.send(`seen: ${data}`);
  });
  socket.on('close', () => {
    if (isFixed) lastSeen.delete(id);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
