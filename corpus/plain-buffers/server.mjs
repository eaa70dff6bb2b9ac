// "For support": the last frame of every connection is kept, outside the heap.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const KEPT_BYTES = 16_384;
const lastFrames = new Map();
let sequence = 0;

function keep(id, data) {
  const copy = Buffer.alloc(KEPT_BYTES);
  data.copy(copy);
  lastFrames.set(id, copy);
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  sequence += 1;
  const id = sequence;
  socket.on('error', () => {});
  socket.on('message', (data) => {
    keep(id, data);
    socket.send('kept');
  });
  socket.on('close', () => {
    if (isFixed) lastFrames.delete(id);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
