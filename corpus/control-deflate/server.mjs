// Compresses. RSS climbs and stays high; the heap does not, and neither does what the process holds.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const page = JSON.stringify(Array.from({ length: 400 }, (_, row) => ({ row, text: `entry number ${row}` })));
const server = http.createServer();
new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } }).on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', () => socket.send(page));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
